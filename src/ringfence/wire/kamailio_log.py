r"""Kamailio's log: the line that we recommend, and those of the default configuration.

How it works: Kamailio logs what its configuration says, so there is one line that is
safe (docs/guard.md has it): our word first, then values that Kamailio's own socket
saw, then what a stranger wrote, escaped by Kamailio so that it holds no blank. Any
other line of that log may end in a stranger's text, and that text may look like our
line: so `mark`, a word that the owner chose and no stranger sees, stands in it.

Debian's default puts Call-ID and CSeq before `<script>: ` (log_prefix). So the last
`<script>: ` is looked for, and other lines are read from their end. A folded Call-ID
breaks the line in two; the second half begins with a blank, and is believed only
with the mark. (syslogd writes such breaks as #012.)
"""

from __future__ import annotations

import re

from ringfence.model.event import EVENT_KINDS, NOT_ALLOWED, ODD, REFUSED, Event
from ringfence.model.heard import Reading
from ringfence.wire.log_place import (
    read_address,
    read_escaped,
    read_place,
    read_place_with_port,
    read_port,
    read_text,
    read_user,
)
from ringfence.wire.log_reader import LogReader, after_syslog
from ringfence.wire.log_time import LogClock

BROKEN = "our own line, but not as docs/guard.md has it"
NO_ADDRESS = "no IP address where it should be"

_SCRIPT = b"<script>: "
_OWN = b"ringfence/"
_STARTS = re.compile(rb"[A-Z]{4,8}: ")
_LINE = re.compile(
    rb"ringfence/(?P<mark>\S{0,64}) kind=(?P<kind>\w{1,16}) src=(?P<source>\S{1,64}) "
    rb"port=(?P<port>\d{1,5}) proto=(?P<over>\w{1,8}) dst=(?P<server>\S{1,64}) "
    rb"dport=(?P<server_port>\d{1,5}) method=(?P<method>\S{1,32}) user=(?P<user>\S*) "
    rb"number=(?P<number>\S*) callid=(?P<call_id>\S*) ua=(?P<agent>\S*)\Z"
)
_PIKE = re.compile(rb"ALERT: pike blocking (\S{1,32}) from (.*) \(IP:(\S{1,80})\)\Z", re.DOTALL)
_MALFORMED = re.compile(rb"Malformed SIP request from (\S{1,80})\Z")
_BLOCKING = re.compile(rb"Blocking traffic from (\S{1,64})\Z")
# `xlog("Auth failed: $rm from $fu (IP:$si:$sp)\n")` and its like, as guides for fail2ban have it.
_AUTH = re.compile(
    rb"(?i)(?:auth\w* fail\w*|failed auth\w*)\W{1,3}(\w{1,32}) (?:from|of) (.*) "
    rb"\(IP:(\S{1,80})\)\Z",
    re.DOTALL,
)
_NULL = b"<null>"


class KamailioLog(LogReader):
    """One log of Kamailio, or its lines in a syslog."""

    origin = "kamailio.log"
    daemon = b"kamailio"

    def __init__(self, clock: LogClock | None = None, mark: str = "") -> None:
        super().__init__(clock)
        self._mark = mark.encode()

    def read_line(self, line: bytes) -> Reading:
        """One line."""
        at = line.rfind(_SCRIPT)
        if at < 0:
            return None
        text = line[at + len(_SCRIPT) :].rstrip()
        stamp, rest = after_syslog(line, self.daemon)
        begins = bool(stamp) and bool(_STARTS.match(rest))
        time_ns = self.clock.read(stamp)
        if text.startswith(_OWN):
            # With the mark it is ours wherever it stands: who folds his Call-ID does not hide.
            return self._read_own(text, time_ns) if self._mark or begins else BROKEN
        return _read_usual(text, time_ns) if begins else None

    def _read_own(self, text: bytes, time_ns: int) -> Reading:
        found = _LINE.match(text)
        if found is None or found["mark"] != self._mark:
            return BROKEN
        kind = found["kind"].decode("ascii", "replace")
        source, server = read_address(found["source"]), read_address(found["server"])
        if kind not in EVENT_KINDS or not source:
            return BROKEN
        return Event(
            kind, self.origin, source, read_port(found["port"]),
            found["over"].decode("ascii", "replace").lower(), time_ns,
            read_text(found["method"]), _unescaped(found["user"]), server,
            read_port(found["server_port"]), _unescaped(found["call_id"]),
            _unescaped(found["number"]), _unescaped(found["agent"]),
        )  # fmt: skip


def _read_usual(text: bytes, time_ns: int) -> Reading:
    if found := _PIKE.match(text):
        return _event(NOT_ALLOWED, found[3], time_ns, found[1], found[2])
    if found := _AUTH.match(text):
        return _event(REFUSED, found[3], time_ns, found[1], found[2])
    if found := _MALFORMED.match(text):
        return _event(ODD, found[1], time_ns)
    if found := _BLOCKING.match(text):
        return _event(NOT_ALLOWED, found[1], time_ns)
    return None


def _event(
    kind: str, place: bytes, time_ns: int, method: bytes = b"", sender: bytes = b""
) -> Reading:
    # $si:$sp is the end of the line; an IPv6 address stands there without brackets.
    source, number = read_place_with_port(place) if b":" in place else read_place(place)
    if not source:
        return NO_ADDRESS
    return Event(
        kind, "kamailio.log", source, number, time_ns=time_ns,
        method=read_text(method), account=read_user(sender),
    )  # fmt: skip


def _unescaped(octets: bytes) -> str:
    """What `{s.escape.param}` made safe, as it was; "" where Kamailio had no value."""
    return "" if octets == _NULL else read_escaped(octets)
