"""What a phone system shows to whoever asks: the questions, how answers are read, what they mean.

How it works: `questions` are an OPTIONS and a REGISTER for an extension that does not exist and
one for an extension that does, both without credentials and without Contact, so that even a
server that lets in anybody registers nothing (RFC 3261 §10.2). No INVITE is ever sent: no phone
rings. `flow/probing.py` sends them, and `weigh` judges what came back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ringfence.audit import certificate as certificates
from ringfence.audit import exposures as rules
from ringfence.audit.certificate import Certificate
from ringfence.audit.exposure import MANAGERS, PAGES, is_md5, weigh_header
from ringfence.audit.exposures import Rule, broken
from ringfence.model.message import Message
from ringfence.model.pbx import Place
from ringfence.model.weakness import Severity, Weakness
from ringfence.wire.errors import WireError
from ringfence.wire.message import parse_message

# Everything that one probe sends, handshakes included, and how long all of it may take.
MAX_PACKETS = 30
MAX_SECONDS = 10.0

# What answers 401 or 407 asks for a password; these say that there is no such user.
CHALLENGES = frozenset({401, 407})
NOBODY = frozenset({404, 410, 604})

# Ports beside SIP, the most telling first: each is connected to, and nothing is asked there.
PORTS = (5038, 8021, 8088, 80, 443, 8089)

# A certificate that ends within these days is worth a word.
SOON_DAYS = 14

_MAX_ANSWER = 16 * 1024
_NO_FILE = "ringfence-asks.cfg"  # a file that nobody has


class Vantage(StrEnum):
    """From where it was asked: how much an open port tells about strangers."""

    ITSELF = "this machine"
    INSIDE = "a private network"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and the branch by which its answer is known."""

    octets: bytes
    branch: str
    about: str  # "options", "invented", "known"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered to one question."""

    status: int
    server: str = ""
    realm: str = ""
    algorithms: tuple[str, ...] = ()  # of all challenges, as spelled; "" where none is named
    others: tuple[str, ...] = ()  # names of its headers, in their order

    @property
    def form(self) -> tuple[object, ...]:
        """All by which a scanner could tell two answers apart."""
        return (self.status, self.realm, self.algorithms, self.others)


@dataclass(frozen=True, slots=True)
class Tls:
    """What the TLS port showed."""

    version: str  # "TLSv1.3"
    der: bytes


@dataclass(frozen=True, slots=True)
class Probed:
    """All that one probe saw. None or empty: it did not answer, or was not asked."""

    host: str  # as the owner named it
    address: str
    vantage: Vantage
    transport: str = ""  # over which SIP answered: "udp", "tcp", "tls"
    options: Reply | None = None
    invented: Reply | None = None
    known: Reply | None = None
    tls: Tls | None = None
    tls_open: bool | None = None
    open_ports: tuple[int, ...] = ()
    tftp: bool = False
    packets: int = 0
    not_checked: tuple[str, ...] = ()


def questions(
    host: str, transport: str, here: tuple[str, int], tokens: tuple[str, ...], known: str = ""
) -> list[Asked]:
    """What SIP is asked, in order. `here`: our address; `tokens`: four that nobody can guess.

    The last token is the extension that does not exist.
    """
    server = f"[{host}]" if ":" in host else host
    asked = [
        _ask("OPTIONS", "options", "", server, transport, here, tokens[0]),
        _ask("REGISTER", "invented", tokens[3], server, transport, here, tokens[1]),
    ]
    if known:
        asked.append(_ask("REGISTER", "known", known, server, transport, here, tokens[2]))
    return asked


def _ask(
    method: str,
    about: str,
    user: str,
    server: str,
    transport: str,
    here: tuple[str, int],
    token: str,
) -> Asked:
    address, port = here
    by = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    branch = f"z9hG4bK{token}"
    of = f"<sip:{user}@{server}>" if user else f"<sip:{server}>"
    lines = (
        f"{method} sip:{server} SIP/2.0",
        f"Via: SIP/2.0/{transport.upper()} {by};rport;branch={branch}",
        "Max-Forwards: 70",
        f"From: {of};tag={token[:8]}",
        f"To: {of}",
        f"Call-ID: {token}",
        f"CSeq: 1 {method}",
        "User-Agent: ringfence, asked by the owner",
        "Content-Length: 0",
    )
    return Asked("\r\n".join((*lines, "", "")).encode(), branch, about)


def tftp_question() -> bytes:
    """A read request for a file that is not there (RFC 1350 §5)."""
    return b"\x00\x01" + _NO_FILE.encode() + b"\x00octet\x00"


def is_tftp(octets: bytes) -> bool:
    """Whether TFTP answered: data, an error or an option acknowledgement."""
    return len(octets) >= 4 and octets[:2] in {b"\x00\x03", b"\x00\x05", b"\x00\x06"}


def read_reply(octets: bytes, asked: list[Asked]) -> tuple[Asked, Reply] | None:
    """The question that is answered, and how; None for anything else, as for 100 Trying."""
    try:
        message = parse_message(octets[:_MAX_ANSWER])
    except WireError:
        return None
    branch = (message.vias[0].branch or b"").decode("latin-1") if message.vias else ""
    question = next((one for one in asked if one.branch == branch), None)
    if question is None or message.status is None or message.status < 200:
        return None
    return question, _reply(message, message.status)


def _reply(message: Message, status: int) -> Reply:
    challenges = message.challenges
    return Reply(
        status,
        _text(message.user_agent),
        _text(challenges[0].realm) if challenges else "",
        tuple(_text(challenge.algorithm) for challenge in challenges),
        tuple(_text(header.key) for header in message.headers_in_order),
    )


def _text(octets: bytes | None) -> str:
    return (octets or b"")[:256].decode("utf-8", "replace")


def weigh(probed: Probed, now: datetime) -> list[Weakness]:
    """What was seen that should not be."""
    place = Place(f"sip:{probed.host}", name=probed.address)
    found = _of_sip(probed, place, now)
    found += _of_tls(probed, place, now)
    found += (_open(port, probed.vantage, place) for port in probed.open_ports)
    if probed.tftp:
        found.append(_seen(rules.TFTP, probed.vantage, place, "port 69"))
    return found


def _of_sip(probed: Probed, place: Place, now: datetime) -> list[Weakness]:
    replies = [r for r in (probed.options, probed.invented, probed.known) if r is not None]
    found: list[Weakness] = []
    if replies and probed.vantage is Vantage.OUTSIDE:
        found.append(broken(rules.OPEN_TO_ALL, place))
    header = next((r.server for r in replies if r.server), "")
    found += weigh_header(header, place, now.date())
    if (detail := _tells(probed.invented, probed.known)) is not None:
        found.append(broken(rules.TELLS_UNKNOWN, place, detail=detail))
    if any(r is not None and 200 <= r.status < 300 for r in (probed.invented, probed.known)):
        found.append(broken(rules.BLIND_REGISTRATION, place, detail="a REGISTER without one"))
    offered = [a for r in (probed.invented, probed.known) if r is not None for a in r.algorithms]
    if any(is_md5(algorithm) for algorithm in offered):
        alone = all(is_md5(algorithm) for algorithm in offered)
        found.append(broken(rules.MD5 if alone else rules.MD5_TOO, place))
    if replies and probed.tls_open is False:
        found.append(broken(rules.NO_TLS, place, detail="nothing answers at its TLS port"))
    return found


def _tells(invented: Reply | None, known: Reply | None) -> str | None:
    """How its answers for users differ; None where they do not, as far as can be seen."""
    if invented is None:
        return None
    if known is not None:
        if invented.form == known.form:
            return None
        if invented.status == known.status:
            return f"both with {known.status}, but of other headers"
        return f"{invented.status} for one that is invented, {known.status} for one that exists"
    if invented.status in NOBODY:
        return f"{invented.status} for one that is invented"
    return None


def unsure(probed: Probed) -> tuple[str, ...]:
    """What this probe could not tell, and why."""
    says = list(probed.not_checked)
    if probed.options is None and probed.invented is None and probed.known is None:
        says.append(f"{probed.host}: SIP answered nothing, which is well if that was meant")
    elif probed.invented is None:
        says.append(f"{probed.host}: a REGISTER for an invented extension was not answered")
    elif probed.known is None and probed.invented.status not in NOBODY:
        says.append(
            f"{probed.host}: whether answers differ for extensions that exist was not compared: "
            "name one"
        )
    if probed.vantage is Vantage.ITSELF:
        says.append(
            f"{probed.host}: asked from this machine itself, which no firewall holds up; "
            "ask from outside too"
        )
    return tuple(says)


def _of_tls(probed: Probed, place: Place, now: datetime) -> list[Weakness]:
    if probed.tls is None:
        return []
    found: list[Weakness] = []
    if probed.tls.version in {"SSLv3", "TLSv1", "TLSv1.1"}:
        found.append(broken(rules.TLS_OLD, place, detail=probed.tls.version))
    try:
        seen = certificates.read_certificate(probed.tls.der)
    except ValueError:
        return [*found, broken(rules.CERTIFICATE_WEAK, place, detail="it cannot be read")]
    return found + weigh_certificate(seen, probed.host, place, now)


def weigh_certificate(seen: Certificate, host: str, place: Place, now: datetime) -> list[Weakness]:
    """What is wrong with it, for phones that ask for `host`."""
    found: list[Weakness] = []
    left = certificates.days_left(seen, now)
    if seen.ends <= now:
        found.append(broken(rules.CERTIFICATE_ENDED, place, detail=f"on {seen.ends.date()}"))
    elif left < SOON_DAYS:
        found.append(broken(rules.CERTIFICATE_ENDING, place, detail=f"on {seen.ends.date()}"))
    if not seen.is_for(host):
        named = ", ".join(seen.names[:3]) or "no name"
        found.append(broken(rules.CERTIFICATE_NAME, place, detail=f"{named}, not {host}"))
    if seen.own:
        found.append(broken(rules.CERTIFICATE_OWN, place))
    if seen.is_weak:
        strength = f"{seen.key} {seen.bits or ''}".strip()
        detail = f"{strength}, {seen.hashed_by or 'no hash'}"
        found.append(broken(rules.CERTIFICATE_WEAK, place, detail=detail))
    return found


def _open(port: int, vantage: Vantage, place: Place) -> Weakness:
    rule = rules.WEB if port in PAGES else rules.MANAGER
    named = MANAGERS.get(port, PAGES.get(port, ""))
    return _seen(rule, vantage, place, f"port {port}, {named}" if named else f"port {port}")


def _seen(rule: Rule, vantage: Vantage, place: Place, detail: str) -> Weakness:
    """An open port: what it tells about strangers depends on where we stand."""
    most = {Vantage.ITSELF: Severity.LOW, Vantage.INSIDE: Severity.MEDIUM}
    severity = min(rule.severity, most.get(vantage, rule.severity))
    return broken(rule, place, detail=f"{detail}, seen from {vantage}", severity=severity)
