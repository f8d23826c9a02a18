"""FreeSWITCH's log: what sofia_reg.c writes about those who register and call.

How it works: the address stands last on the line, behind everything that a stranger
wrote, and the line is read from both ends. `SIP auth challenge` is the first step
of every login and no failure. A user that does not exist is told in two lines; they
are one request.
"""

from __future__ import annotations

import re

from ringfence.model.event import CHALLENGED, NO_ACCOUNT, NOT_ALLOWED, REFUSED, Event
from ringfence.model.heard import Reading
from ringfence.wire.log_place import read_address, read_text
from ringfence.wire.log_reader import LogReader, after_syslog
from ringfence.wire.log_time import LogClock

NO_ADDRESS = "no IP address where it should be"
NOT_AS_USUAL = "a line of sofia_reg.c about a login that does not look as usual"

# Two lines about one request are written at once.
_AT_ONCE_NS = 1_000_000_000
_NEEDLE = b"sofia"
_START = re.compile(
    rb"(?:[0-9a-f-]{36} )?(?:((?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,9}) )?(?:\d{1,3}\.\d\d% )?"
    rb"\[(WARN|WARNING|NOTICE|ERR)\](?: \[SOFIA\])? \[?(sofia_reg|sofia)\.c:\d{1,6}\]? "
)
_AUTH = re.compile(
    rb"SIP auth (failure|challenge) \((REGISTER|INVITE)\) on sofia profile '[^']{0,80}' "
    rb"for \[(.*)\] from ip (\S{1,64})\Z",
    re.DOTALL,
)
_NO_USER = re.compile(rb"Can't find user \[(.*)\] from (\S{1,64})\Z", re.DOTALL)
_REJECTED = re.compile(rb'IP (\S{1,64}) Rejected by (?:register )?acl(?: "[^"]{0,80}")?\.?\Z')
# What begins so is about a login; where it cannot be read, the format has changed.
_ABOUT_LOGINS = (b"SIP auth ", b"Can't find user ")


class FreeswitchLog(LogReader):
    """One log of FreeSWITCH. Needs `log-auth-failures` in the SIP profile."""

    origin = "freeswitch.log"
    daemon = b"freeswitch"

    def __init__(self, clock: LogClock | None = None) -> None:
        super().__init__(clock)
        self._unknown: Event | None = None

    def read_line(self, line: bytes) -> Reading:
        """One line."""
        if _NEEDLE not in line:
            return None
        stamp, rest = after_syslog(line, self.daemon)
        start = _START.match(rest)
        if start is None:
            return None
        text = rest[start.end() :].rstrip()
        time_ns = self.clock.read(start[1] or stamp)
        reading = _read(text, time_ns)
        if isinstance(reading, Event) and self._is_told(reading):
            return None
        return reading

    def _is_told(self, event: Event) -> bool:
        """The refusal of a user of whom it was just said that there is none."""
        before, self._unknown = self._unknown, event if event.kind == NO_ACCOUNT else None
        return (
            before is not None
            and event.kind == REFUSED
            and (before.source, before.account) == (event.source, event.account)
            and 0 <= event.time_ns - before.time_ns < _AT_ONCE_NS
        )


def _read(text: bytes, time_ns: int) -> Reading:
    if found := _AUTH.match(text):
        kind = REFUSED if found[1] == b"failure" else CHALLENGED
        return _event(kind, found[4], time_ns, found[3], found[2].decode())
    if found := _NO_USER.match(text):
        return _event(NO_ACCOUNT, found[2], time_ns, found[1])
    if found := _REJECTED.match(text):
        return _event(NOT_ALLOWED, found[1], time_ns)
    return NOT_AS_USUAL if text.startswith(_ABOUT_LOGINS) else None


def _event(
    kind: str, address: bytes, time_ns: int, account: bytes = b"", method: str = ""
) -> Reading:
    source = read_address(address)
    if not source:
        return NO_ADDRESS
    # user@host; a user may hold an "@", a host does not.
    user = account.rpartition(b"@")[0] or account
    return Event(
        kind, "freeswitch.log", source, time_ns=time_ns, method=method, account=read_text(user)
    )
