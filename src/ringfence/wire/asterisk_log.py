r"""Asterisk's log: security events, and the notices of chan_sip and PJSIP.

How it works: Asterisk writes strangers' text between quotes and escapes nothing
(res_security_log.c says so itself), so structure decides. A security line begins
as only Asterisk begins it; the addresses are the last that stand behind
`",LocalAddress="`, since a Call-ID may hold a false pair and stands before it. A
notice that offers two places for the address is not believed.

A name may hold a line break (%0a is decoded), and what follows it then looks like a
line of its own. Two things give that away. The end of the broken record, which
Asterisk writes, stands on a line that does not begin as it should: everything back
to the last line that began well is then taken for one record, and dropped. And all
security events of one Asterisk are written by one thread, whose number no stranger
knows: behind a line of chan_sip one of another thread is believed only when more has
been read since than one record can hold. (PJSIP cuts names at 36 octets: too short
for a line.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ringfence.model.event import (
    ACCEPTED,
    CHALLENGED,
    NO_ACCOUNT,
    NOT_ALLOWED,
    ODD,
    REFUSED,
    Event,
)
from ringfence.model.heard import Reading
from ringfence.wire.log_place import (
    read_address,
    read_place,
    read_place_with_port,
    read_port,
    read_text,
    read_user,
)
from ringfence.wire.log_reader import LogReader, after_syslog
from ringfence.wire.log_time import LogClock

# logger.c cuts a record at BUFSIZ, the line break included, so that the next one is glued on.
MAX_RECORD = 8192
KINDS = {
    b"FailedACL": NOT_ALLOWED,
    b"InvalidAccountID": NO_ACCOUNT,
    b"RequestNotSupported": ODD,
    b"RequestNotAllowed": NOT_ALLOWED,
    b"AuthMethodNotAllowed": ODD,
    b"RequestBadFormat": ODD,
    b"SuccessfulAuth": ACCEPTED,
    b"UnexpectedAddress": ODD,
    b"ChallengeResponseFailed": REFUSED,
    b"InvalidPassword": REFUSED,
    b"ChallengeSent": CHALLENGED,
    b"InvalidTransport": ODD,
}
# About the machine, not about who asked.
UNRELATED = {b"SessionLimit", b"MemoryLimit", b"LoadAverageLimit"}
# What Asterisk writes for an endpoint that does not exist.
UNKNOWN = "<unknown>"

CUT = "a line as long as Asterisk cuts them: two records may be one"
BROKEN = "a security event that is not whole"
SPLIT = "a line break inside a record: somebody wrote lines of his own"
ANOTHER = "a security event of another thread: after a restart, or forged"
TWICE = "two places for the address: somebody wrote one of them"
UNKNOWN_WORDS = "a security event of a kind that is not known"
NO_ADDRESS = "no IP address where it should be"

_START = re.compile(
    rb"(?:\[([^\]]{1,40})\] )?(NOTICE|WARNING|SECURITY) ?\[(\d{1,10})\](?:\[C-[0-9a-f]{1,8}\])?:? "
    rb"([^:]{1,80}):(?:\d{1,6})?(?:(?: in)? [\w<>.]{1,80}:)? {1,2}(?=\S)"
)
_SECURITY = re.compile(
    rb'SecurityEvent="(\w{1,40})",EventTV="([\w:.+-]{1,40})",Severity="\w{1,20}",'
    rb'Service="(\w{1,20})",EventVersion="\d{1,3}",AccountID="'
)
_LOCAL = b'",LocalAddress="IPV'
_TAIL = re.compile(
    rb'",LocalAddress="IPV[46]/\w{1,8}/([\w.:\[\]%-]{1,64})/(\d{1,5})",'
    rb'RemoteAddress="IPV[46]/(\w{1,8})/([\w.:\[\]%-]{1,64})/(\d{1,5})"(?=(,\w.*)?\Z)',
    re.DOTALL,
)
_NONCE = re.compile(rb',(?:Received)?Challenge="([^"]{1,128})"')
_PASSWORD = b',UsingPassword="1"'
_TRANSPORTS = {b"UDP": "udp", b"TCP": "tcp", b"TLS": "tls", b"WS": "ws", b"WSS": "wss"}
_OLD_TIME = re.compile(rb"(\d{9,11})-(\d{1,6})\Z")

_REASONS = {
    b"Wrong password": REFUSED,
    b"Username/auth name mismatch": REFUSED,
    b"No matching peer found": NO_ACCOUNT,
    b"Not a local domain": NOT_ALLOWED,
    b"Device does not match ACL": NOT_ALLOWED,
    b"Peer is not supposed to register": NOT_ALLOWED,
    b"ACL error (permit/deny)": NOT_ALLOWED,
    b"No matching endpoint found": NO_ACCOUNT,
    b"Not match Endpoint ACL": NOT_ALLOWED,
    b"Not match Endpoint Contact ACL": NOT_ALLOWED,
    b"Failed to authenticate": REFUSED,
    b"Error to authenticate": ODD,
}
_WHY = b"|".join(re.escape(reason) for reason in _REASONS)
_REGISTRATION = re.compile(
    rb"(Registration) from '(.*)' failed for '([^']{1,80})'()() - (" + _WHY + rb")\Z", re.DOTALL
)
_REQUEST = re.compile(
    rb"Request (?:'([^']{0,80})' )?from '(.*)' failed for '([^']{1,80})'( \(callid: (.*)\)) - ("
    + _WHY
    + rb")(?: after \d+ tries in [\d.]+ ms)?\s*\Z",
    re.DOTALL,
)
_FAILED_FOR = b"' failed for '"
_CALL = re.compile(
    rb"(?:Call from '(?P<name>.*?)' |.{0,80}?: Call )"
    rb"\((?:(?P<over>[A-Z]{2,4}):)?(?P<place>[^()]{1,80})\) "
    rb"to extension '(?P<number>.*)' rejected because extension not found in context '[^']*'\.?\Z",
    re.DOTALL,
)
_TO_EXTENSION = re.compile(rb"\((?:[A-Z]{2,4}:)?[\w.:\[\]%-]{1,80}\) to extension '")
_REJECTING = re.compile(rb'(?:\A|: )"Rejecting unknown SIP connection from ([^"\s]{1,80})"\Z')
_HACKING = re.compile(rb"hacking attempt detected '([^']{1,80})'\Z")
_MANAGER = re.compile(
    rb"([\w.:\[\]]{1,64}) (?:failed to authenticate as|"
    rb"tried to authenticate with nonexistent user) '"
)
_IAX = re.compile(
    rb"Host ([\w.:\[\]]{1,64}) failed (?:to authenticate as|MD5 authentication for) '"
)
_NO_PEER = re.compile(rb"No registration for peer '.*' \(from ([\w.:\[\]]{1,64})\)\Z", re.DOTALL)
_SIP_FILES = (b"chan_sip.c", b"pjsip_distributor.c", b"res_pjsip_session.c")


class AsteriskLog(LogReader):
    """One log of Asterisk: security, messages, full, or the lines of syslog."""

    origin = "asterisk.log"
    daemon = b"asterisk"

    def __init__(self, clock: LogClock | None = None) -> None:
        super().__init__(clock)
        self.security_events = 0  # none of many lines: Asterisk was not told to write them
        self._thread = b""
        self._since = MAX_RECORD  # octets read since the last line of the known thread
        self._long_names = False  # chan_sip wrote that line

    def read(self, lines: Iterable[bytes]) -> list[Event]:
        """The events of these lines, without those that turn out to be one stranger's name."""
        events: list[Event] = []
        kept = 0  # events before the last line of the known thread
        before: Event | None = None
        for line in lines:
            self._lines += 1
            reading, thread, service = self._look_at(line)
            self._since += len(line) + 1
            if thread:
                reading = self._of_thread(thread, service, reading)
                if reading is not ANOTHER:
                    kept = len(events)
            elif _LOCAL in line and _ends_a_record(line):
                reading = SPLIT
            elif reading is None:
                reading = self._repeated(line)
            if reading in (ANOTHER, SPLIT):
                self._withdraw(events, kept)
            if isinstance(reading, Event) and self._twice(before, reading, thread):
                self._ours += 1
                self._understood += 1
                continue
            self._account(reading, events)
            before = reading if isinstance(reading, Event) else None
        return events

    def idle(self) -> None:
        """A record is written at once: after a pause another thread is another Asterisk."""
        self._since = MAX_RECORD

    def read_line(self, line: bytes) -> Reading:
        """One line, looked at alone."""
        return self._look_at(line)[0]

    def _look_at(self, line: bytes) -> tuple[Reading, bytes, bytes]:
        """What a line says; of one that begins as a security event, its thread and service."""
        if not (b"SECURITY" in line or b"NOTICE" in line or b"WARNING" in line):
            return None, b"", b""
        # What logger.c itself writes begins so; the rest may have come through syslogd.
        stamp, rest = (b"", line) if line[:1] == b"[" else after_syslog(line, self.daemon)
        start = _START.match(rest)
        if start is None:
            return None, b"", b""
        if len(line) >= MAX_RECORD - 1:
            return CUT, b"", b""
        if start[2] != b"SECURITY":
            time_ns = self.clock.read(start[1] or stamp)
            return _read_notice(start[4], rest[start.end() :], time_ns), b"", b""
        head = _SECURITY.match(rest, start.end())
        if head is None:
            return BROKEN, b"", b""
        return read_security(rest, head, self.clock), start[3], head[3]

    def _of_thread(self, thread: bytes, service: bytes, reading: Reading) -> Reading:
        """The reading, or ANOTHER: a thread that is not known, inside what one record may hold."""
        if thread != self._thread and self._long_names and self._since < MAX_RECORD:
            return ANOTHER
        self._thread = thread
        self._long_names = service == b"SIP"
        self._since = 0
        if isinstance(reading, Event):
            self.security_events += 1
        return reading

    def _withdraw(self, events: list[Event], kept: int) -> None:
        if withdrawn := len(events) - kept:
            self._understood -= withdrawn
            self._reasons[SPLIT] += withdrawn
            del events[kept:]

    def _twice(self, before: Event | None, event: Event, thread: bytes) -> bool:
        """The same request once more: what fail2ban counts as a second attempt."""
        if not thread:
            # The security event says the same, with a zone, a transport and a port.
            return bool(self.security_events) and event.kind != ODD and not event.number
        # Of a request for no endpoint Asterisk says that, and then what it did about it.
        return (
            before is not None
            and not event.account
            and before.kind == NO_ACCOUNT
            and before.call_id == event.call_id
            and (before.source, before.port) == (event.source, event.port)
        )


def read_security(line: bytes, head: re.Match[bytes], clock: LogClock) -> Reading:
    """What res_security_log wrote, from its head to the end of the line."""
    # The last one: a Call-ID that holds such a pair stands before it.
    found = line.rfind(_LOCAL)
    tail = _TAIL.match(line, found) if found >= 0 else None
    if tail is None or tail.start() < head.end():
        return BROKEN
    kind = KINDS.get(head[1])
    if kind is None:
        return None if head[1] in UNRELATED else UNKNOWN_WORDS
    if kind == ACCEPTED and _PASSWORD not in line[tail.end() :]:
        return None  # nobody was asked: an address that is let in, or no credentials at all
    if head[3] not in (b"SIP", b"PJSIP") and kind in (ACCEPTED, CHALLENGED):
        return None  # the manager interface at its daily work
    source = read_address(tail[4])
    if not source:
        return NO_ADDRESS
    account, _, call_id = line[head.end() : tail.start()].partition(b'",SessionID="')
    nonce = _NONCE.search(line, tail.end()) if kind == REFUSED else None
    return Event(
        kind, "asterisk.security", source, read_port(tail[5]), transport_of(tail[3]),
        read_event_time(head[2], clock), "", account_of(account), read_address(tail[1]),
        read_port(tail[2]), read_text(call_id),
        claimed_nonce=read_text(nonce[1]) if nonce else "",
    )  # fmt: skip


def read_event_time(text: bytes, clock: LogClock) -> int:
    """EventTV: ISO 8601 with its zone, or seconds and microseconds (before Asterisk 12)."""
    if b"T" not in text and (old := _OLD_TIME.match(text)):
        return int(old[1]) * 1_000_000_000 + int(old[2]) * 1000
    return clock.read(text)


def account_of(octets: bytes) -> str:
    """The account as it was named; "" for the endpoint that stands for none."""
    text = read_text(octets)
    return "" if text == UNKNOWN else text


def transport_of(octets: bytes) -> str:
    return _TRANSPORTS.get(octets, "")


def _ends_a_record(line: bytes) -> bool:
    return bool(_TAIL.match(line, line.rfind(_LOCAL)))


def _read_notice(file: bytes, text: bytes, time_ns: int) -> Reading:
    if file.startswith(b"Ext. "):
        found = _REJECTING.search(text)
        number = read_text(file[5:].partition(b":")[0])
        return _notice(NOT_ALLOWED, found[1], time_ns, number=number) if found else None
    if file.endswith(_SIP_FILES):
        return _read_sip(text, time_ns)
    if file not in (b"manager.c", b"chan_iax2.c"):
        return None
    if found := _MANAGER.match(text) or _IAX.match(text):
        return _notice(REFUSED, found[1], time_ns)
    found = _NO_PEER.match(text)
    return _notice(NO_ACCOUNT, found[1], time_ns) if found else None


def _read_sip(text: bytes, time_ns: int) -> Reading:
    # Two places that could be the address are looked for first: patterns with two texts of
    # strangers in them take a time that grows with the square of such places.
    if text.startswith(b"Request "):
        if text.count(_FAILED_FOR) > 1:
            return TWICE
        found = _REQUEST.match(text)
        return _read_failure(found, time_ns) if found else None
    if text.startswith(b"Registration "):
        # Behind the address nothing of a stranger stands: the last one is true.
        found = _REGISTRATION.match(text)
        return _read_failure(found, time_ns) if found else None
    if places := _TO_EXTENSION.findall(text):
        return TWICE if len(places) > 1 else _read_call(text, time_ns)
    found = _HACKING.match(text)
    return _notice(ODD, found[1], time_ns) if found else None


def _read_failure(found: re.Match[bytes], time_ns: int) -> Reading:
    """A registration or a request that failed."""
    registration = found[1] == b"Registration"
    method = b"REGISTER" if registration else found[1] or b""
    # The distributor always writes a port, older ones behind IPv6 without brackets.
    read = read_place if registration else read_place_with_port
    return _notice(
        _REASONS[found[6]], found[3], time_ns, method=read_text(method),
        account=read_user(found[2]), call_id=read_text(found[5]), read=read,
    )  # fmt: skip


def _read_call(text: bytes, time_ns: int) -> Reading:
    """A call to nowhere: names stand before the address, what was dialled behind it."""
    found = _CALL.match(text)
    if found is None:
        return None
    return _notice(
        NOT_ALLOWED, found["place"], time_ns, method="INVITE",
        number=read_text(found["number"]), transport=transport_of(found["over"] or b""),
    )  # fmt: skip


def _notice(
    kind: str,
    place: bytes,
    time_ns: int,
    *,
    method: str = "",
    account: str = "",
    number: str = "",
    call_id: str = "",
    transport: str = "",
    read: Callable[[bytes], tuple[str, int]] = read_place,
) -> Reading:
    # res_pjsip_session writes [192.0.2.1]:5060 for IPv4, too.
    source, port = read(place)
    if not source:
        return NO_ADDRESS
    return Event(
        kind, "asterisk.log", source, port, transport, time_ns, method, account,
        call_id=call_id, number=number,
    )  # fmt: skip
