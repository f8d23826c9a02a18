"""Letters handed to the owner's own mail server: submission, RFC 6409, over TLS.

How it works: smtplib speaks, one command and one reply at a time. What it leaves open is
closed here: a reply is bounded in octets, lines and time (also one that drips), nothing
that came before TLS counts after it, and an answer that repeats the password is shown
without it. Every way to fail ends in one PostError.
"""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from time import monotonic

from ringfence.model.domain import ascii_domain, smtp_mailbox
from ringfence.model.post import CheckedServer, PostError, Refusal, Sent
from ringfence.model.settings import MailServer
from ringfence.model.text import shown

TIMEOUT_S = 30.0
# Whoever looks for viruses before he answers takes minutes; RFC 5321 4.5.3.2.6 asks for ten.
LAST_ANSWER = 10  # times as long as for any other
# A letter with evidence over a slow line: 128 kbit/s.
SLOWEST_OCTETS_S = 16_000
MAX_RECEIVERS = 50
# RFC 5321 4.5.3.1.5: 512 octets a line; a proud EHLO has two dozen of them.
MAX_REPLY = 16_384
MAX_REPLY_LINES = 100
# RFC 5321 4.5.3.1.6, without CRLF.
MAX_LINE = 998
# How we greet: no name or address of a machine of the owner goes into a letter's Received.
_HELLO = "[127.0.0.1]"
_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_MAX_SHOWN = 300
_LOGIN_FIRST = 530  # RFC 4954 6
_TOO_BIG = (523, 552)


def send(
    octets: bytes,
    sender: str,
    receivers: Sequence[str],
    server: MailServer,
    *,
    timeout_s: float = TIMEOUT_S,
    in_the_clear: bool = False,
) -> Sent:
    """Hand a letter to the server. Raises PostError, also where it takes it for nobody.

    Some receivers may be refused and the others served: look at `refused`. Without TLS
    nothing leaves this machine, unless `in_the_clear` says so.
    """
    letter = _as_lines(octets)
    source = _mailbox(sender, "the sender, mail.sender or victim.email")
    targets = tuple(dict.fromkeys(_mailbox(one, "a receiver") for one in receivers))
    if not 0 < len(targets) <= MAX_RECEIVERS:
        raise PostError(
            f"a letter goes to one mailbox at least and {MAX_RECEIVERS} at most, "
            f"not to {len(targets)}"
        )
    with _line_to(server, timeout_s, in_the_clear=in_the_clear) as line:
        options = _options(line, letter, (source, *targets))
        line.step = "naming the sender"
        line.demand(line.mail(source, options), 250, _advice_for_sender(server))
        accepted, refused = _name_receivers(line, targets)
        if not accepted:
            raise _nobody(line, refused, server)
        says = _hand_over(line, letter)
        return Sent(line.place, line.secured, accepted, refused, says)


def check(
    server: MailServer, *, timeout_s: float = TIMEOUT_S, in_the_clear: bool = False
) -> CheckedServer:
    """Connect, secure, log in, and go without having sent anything. Raises PostError."""
    with _line_to(server, timeout_s, in_the_clear=in_the_clear) as line:
        line.step = "asking whether it is there (NOOP)"
        line.demand(line.noop(), 250)
        return CheckedServer(
            line.place, line.secured, line.certificate_until(), bool(server.user), line.max_octets
        )


class _Line(smtplib.SMTP):
    """smtplib's conversation with a server whose replies are bounded in size and time."""

    def __init__(
        self, host: str, port: int, timeout_s: float, context: ssl.SSLContext | None = None
    ) -> None:
        self.place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.step = "its greeting"
        self.secrets: tuple[str, ...] = ()
        self.answer_s = timeout_s
        self._pending = b""
        # With a context, SMTP_SSL is next in line.
        tls = {} if context is None else {"context": context}
        super().__init__(host, port, local_hostname=_HELLO, timeout=timeout_s, **tls)  # type: ignore[arg-type]

    @property
    def secured(self) -> str:
        return (self.sock.version() or "") if isinstance(self.sock, ssl.SSLSocket) else ""

    @property
    def max_octets(self) -> int:
        """The biggest letter that it takes (RFC 1870); 0 where it does not say."""
        said = self.esmtp_features.get("size", "")
        return int(said) if said.isascii() and said.isdigit() else 0

    def certificate_until(self) -> str:
        peer = self.sock.getpeercert() if isinstance(self.sock, ssl.SSLSocket) else None
        if not peer:
            return ""
        until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(peer["notAfter"])), UTC)
        return until.strftime("%Y-%m-%dT%H:%M:%SZ")

    def is_loopback(self) -> bool:
        peer = str(self._connected().getpeername()[0])
        address = ip_address(peer.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return bool((mapped or address).is_loopback)

    def hello(self) -> None:
        self.step = "its answer to EHLO"
        self.demand(self.ehlo(), 250)

    def send(self, s: object) -> None:
        """As smtplib's, but the reason stays when it fails, and a big letter has more time."""
        octets = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)  # type: ignore[call-overload]
        connection = self._connected()
        connection.settimeout(self.answer_s + len(octets) / SLOWEST_OCTETS_S)
        connection.sendall(octets)

    def getreply(self) -> tuple[int, bytes]:
        """The next reply, whole, within its bounds."""
        over_at = monotonic() + self.answer_s
        lines: list[bytes] = []
        room = MAX_REPLY
        while True:
            try:
                line = self._read_line(over_at, room)
            except (OSError, smtplib.SMTPException):
                self.close()
                raise
            room -= len(line)
            if not re.match(rb"[2-5][0-9]{2}(?:[ -]|\r?\n)", line):
                raise self.fault(
                    f"does not speak SMTP: {self.visible(line)!r} is {self.step}; "
                    "see mail.server and mail.port"
                )
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)
            if len(lines) == MAX_REPLY_LINES:
                raise self.fault(f"answers without end: {self.step}")

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        reply = super().docmd(cmd, args)
        if cmd.upper() == "STARTTLS" and self._pending:
            # Whoever sits between could have put it there, to count as said within TLS.
            raise self.fault("said more than was asked before TLS: somebody may sit between")
        return reply

    def demand(self, reply: tuple[int, bytes], code: int, advice: str = "") -> str:
        """What it says with this code; any other is an error."""
        if reply[0] != code:
            raise self.refusal(reply, advice)
        return self.visible(reply[1])

    def refusal(self, reply: tuple[int, bytes], advice: str = "") -> PostError:
        later = reply[0] < 500
        if later:
            advice = "it asks to come again: try once more in half an hour"
        elif reply[0] == _LOGIN_FIRST:
            advice = "it wants to know who you are: write mail.user and mail.password"
        elif reply[0] in _TOO_BIG:
            advice = "the letter is too big for it: send it without the attachments"
        said = f"{reply[0]} {self.visible(reply[1])}".strip()
        return self.fault(f"{said} ({self.step})" + (f"; {advice}" if advice else ""), later=later)

    def fault(self, says: str, *, later: bool = False, maybe_sent: bool = False) -> PostError:
        """An error that names the server; the line is cut."""
        self.close()
        return PostError(f"mail server {self.place}: {says}", later=later, maybe_sent=maybe_sent)

    def visible(self, octets: bytes) -> str:
        """Words of the server: one line, nothing that steers a terminal, no password."""
        text = " / ".join(octets.decode("utf-8", "replace").split("\n"))
        for secret in self.secrets:
            text = text.replace(secret, "...")
        return shown(text.strip())[:_MAX_SHOWN]

    def leave(self) -> None:
        """QUIT, where there is still somebody to say it to; nothing depends on the answer."""
        self.answer_s = min(self.answer_s, 5)
        if self.sock is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException, PostError):
                self.docmd("QUIT")
        self.close()

    def _connected(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("it closed the connection")
        return self.sock

    def _read_line(self, over_at: float, room: int) -> bytes:
        while b"\n" not in self._pending:
            if len(self._pending) >= room:
                raise self.fault(f"answers without end: {self.step}")
            connection = self._connected()
            left = over_at - monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
            octets = connection.recv(4096)
            if not octets:
                raise smtplib.SMTPServerDisconnected("it closed the connection")
            self._pending += octets
        line, _, self._pending = self._pending.partition(b"\n")
        return line + b"\n"


class _TlsLine(_Line, smtplib.SMTP_SSL):
    """The same with TLS at once."""


@contextlib.contextmanager
def _line_to(server: MailServer, timeout_s: float, *, in_the_clear: bool) -> Iterator[_Line]:
    """A line to the server: secured, logged in; closed at the end. Failures are PostErrors."""
    host, port = _place(server)
    if server.user and server.security == "none":
        raise PostError('mail.user: no password goes without TLS; mail.security = "starttls"')
    context = None if server.security == "none" else _trust(server)
    line = None
    try:
        line = _connect(host, port, timeout_s, server, context)
        if context is None and not in_the_clear and not line.is_loopback():
            raise line.fault(
                "is on another machine, and the letter would go there in the clear: write "
                'mail.security = "starttls" or "tls"'
            )
        line.hello()
        if server.security == "starttls":
            _start_tls(line, context)
        if server.user:
            _log_in(line, server)
        yield line
    except (OSError, smtplib.SMTPException) as error:
        raise _told(error, line, f"{host}:{port}", server, timeout_s) from error
    finally:
        if line is not None:
            line.leave()


def _connect(
    host: str, port: int, timeout_s: float, server: MailServer, context: ssl.SSLContext | None
) -> _Line:
    if server.security == "tls":
        return _TlsLine(host, port, timeout_s, context)
    return _Line(host, port, timeout_s)


def _start_tls(line: _Line, context: ssl.SSLContext | None) -> None:
    if not line.has_extn("starttls"):
        raise line.fault(
            "offers no STARTTLS, and nothing is sent in the clear; "
            'perhaps mail.security = "tls" (port 465)'
        )
    line.step = "its answer to STARTTLS"
    line.starttls(context=context)
    line.hello()


def _log_in(line: _Line, server: MailServer) -> None:
    """Once, with one method: three attempts at a wrong password may lock the account."""
    plain = _base64(f"\0{server.user}\0{server.password}")
    password = _base64(server.password)
    line.secrets = tuple(word for word in (plain, password, server.password) if word)
    line.step = "logging in"
    ways = line.esmtp_features.get("auth", "").upper().split()
    if not server.password:
        raise line.fault(
            "mail.user has no password: write RINGFENCE_MAIL_PASSWORD or mail.password_file"
        )
    if "PLAIN" in ways:
        reply = line.docmd("AUTH", f"PLAIN {plain}")
    elif "LOGIN" in ways:
        reply = line.docmd("AUTH", "LOGIN")
        for word in (_base64(server.user), password):
            if reply[0] == 334:
                reply = line.docmd(word)
    else:
        offers = line.visible(" ".join(ways).encode()) or "no login at all"
        raise line.fault(
            f"offers {offers}, and PLAIN or LOGIN is needed; ask for an app password, "
            "or leave mail.user empty"
        )
    line.demand(
        reply,
        235,
        "mail.user or mail.password is wrong; where the account has a second factor it "
        "wants an app password",
    )


def _options(line: _Line, letter: bytes, mailboxes: Sequence[str]) -> list[str]:
    """What is said with MAIL FROM; raises where the server cannot do what the letter needs."""
    if 0 < line.max_octets < len(letter):
        raise line.fault(
            f"takes letters of {line.max_octets:,} octets, and this one has {len(letter):,}: "
            "send it without the attachments"
        )
    options = [f"SIZE={len(letter)}"] if line.has_extn("size") else []
    if not letter.isascii():
        if not line.has_extn("8bitmime"):
            raise line.fault("takes no letters beyond ASCII (8BITMIME), and this is one")
        options.append("BODY=8BITMIME")
    headers = letter.partition(b"\r\n\r\n")[0]
    if not all(mailbox.isascii() for mailbox in mailboxes) or not headers.isascii():
        if not line.has_extn("smtputf8"):
            raise line.fault("takes no mailboxes beyond ASCII (SMTPUTF8), and this letter has some")
        options.append("SMTPUTF8")
    return options


def _name_receivers(
    line: _Line, targets: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Refusal, ...]]:
    accepted, refused = [], []
    line.step = "naming the receivers"
    for target in targets:
        code, words = line.rcpt(target)
        if code in (250, 251):  # RFC 5321 3.4: 251 will be forwarded
            accepted.append(target)
        elif code == 421:
            raise line.refusal((code, words))
        else:
            says = f"{code} {line.visible(words)}".strip()
            refused.append(Refusal(target, says, later=code < 500))
    return tuple(accepted), tuple(refused)


def _nobody(line: _Line, refused: Sequence[Refusal], server: MailServer) -> PostError:
    told = "; ".join(f"{shown(one.mailbox)}: {one.says}" for one in refused[:5])
    more = f"; and {len(refused) - 5} more" if len(refused) > 5 else ""
    if later := all(one.later for one in refused):
        advice = "it asks to come again: try once more in half an hour"
    elif server.user:
        advice = "look whether the mailbox is right, and whether your account may write to it"
    else:
        advice = "where it does not relay for strangers, write mail.user and mail.password"
    return line.fault(f"took it for nobody: {told}{more}; {advice}", later=later)


def _hand_over(line: _Line, letter: bytes) -> str:
    """DATA and the letter; the answer is what the server says about it."""
    line.step = "its answer to DATA"
    line.demand(line.docmd("DATA"), 354)
    line.step = "handing over the letter"
    line.send(re.sub(rb"(?m)^\.", b"..", letter) + b".\r\n")
    line.answer_s *= LAST_ANSWER
    try:
        reply = line.getreply()
    except (OSError, smtplib.SMTPException, PostError) as error:
        raise line.fault(
            "was handed the whole letter and did not say whether it took it; it may have "
            "arrived: ask before you send it again",
            maybe_sent=True,
        ) from error
    return line.demand(reply, 250, "it does not want this letter: read why, and ask its operator")


def _advice_for_sender(server: MailServer) -> str:
    if server.user:
        return "mail.sender has to be a mailbox that your account may write from"
    return "where it wants a login, write mail.user and mail.password"


def _told(
    error: Exception, line: _Line | None, place: str, server: MailServer, timeout_s: float
) -> PostError:
    """What went wrong below SMTP, and what to do."""
    says, later = _explained(error, line, server, timeout_s)
    return PostError(f"mail server {place}: {says}", later=later)


def _explained(
    error: Exception, line: _Line | None, server: MailServer, timeout_s: float
) -> tuple[str, bool]:
    step = line.step if line is not None else "connecting, and its greeting"
    if isinstance(error, ssl.SSLError):
        return _no_tls(error), False
    if isinstance(error, socket.gaierror):
        return f"its name is not found ({_reason(error)}); see mail.server, and DNS", False
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there; see mail.server, mail.port and mail.security", False
    if isinstance(error, TimeoutError):
        hint = "" if line is not None else _silence(server)
        return f"no answer within {timeout_s:g} s ({step}){hint}", True
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        later = error.smtp_code < 500
        advice = "try once more in half an hour" if later else "it does not want to talk to you"
        return f"{error.smtp_code} {shown(text)[:_MAX_SHOWN]} ({step}); {advice}", later
    return f"the connection broke ({step}: {_reason(error)}); try once more", True


def _silence(server: MailServer) -> str:
    if server.security == "starttls":
        return '; a port for TLS at once is silent, too: mail.security = "tls" for port 465'
    return "; a firewall may hold it up: many networks let only port 587 or 465 out"


def _no_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{_certificate(error)}; nothing was sent"
    return f'no TLS with it ({_reason(error)}); port 465 is "tls", 587 "starttls"'


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    why = shown(error.verify_message)[:_MAX_SHOWN]
    if "mismatch" in why or "not valid for" in why:
        return f"its certificate is for another name ({why}); mail.server is the name it bears"
    if "expired" in why or "not yet valid" in why:
        return f"its certificate does not hold now ({why}); look at its date and at your clock"
    return (
        f"its certificate is not known ({why}); where it is your own, "
        "mail.authority_file names its root"
    )


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return shown(str(text))[:_MAX_SHOWN]


def _trust(server: MailServer) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=server.authority_file or None)
    except (OSError, ValueError) as error:
        raise PostError(
            f"mail.authority_file {shown(server.authority_file)}: {_reason(error)}; "
            "it is a file of root certificates (PEM)"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _place(server: MailServer) -> tuple[str, int]:
    if server.security not in _PORTS:
        raise PostError(f"mail.security {shown(server.security)!r}: write tls, starttls or none")
    if not server.server:
        raise PostError("no mail server is named: write mail.server in the settings")
    with contextlib.suppress(ValueError):
        return str(ip_address(server.server)), server.port or _PORTS[server.security]
    host = ascii_domain(server.server)
    if host is None:
        raise PostError(f"mail.server {shown(server.server[:100])!r}: not the name of a machine")
    return host, server.port or _PORTS[server.security]


def _as_lines(octets: bytes) -> bytes:
    """The letter with CRLF at each line's end, or PostError where SMTP cannot carry it."""
    letter = re.sub(rb"\r\n|\r|\n", b"\r\n", octets)
    if not letter.endswith(b"\r\n"):
        letter += b"\r\n"
    if b"\0" in letter or max(map(len, letter.split(b"\r\n"))) > MAX_LINE:
        raise PostError(f"the letter holds NUL or a line of more than {MAX_LINE} octets")
    return letter


def _mailbox(text: str, whose: str) -> str:
    mailbox = smtp_mailbox(text)
    if mailbox is None:
        raise PostError(f"{shown(text[:100])!r} is no mailbox ({whose})")
    return mailbox


def _base64(text: str) -> str:
    # The environment's octets that are no UTF-8 go as they are.
    return base64.b64encode(text.encode(errors="surrogateescape")).decode()
