"""`wire/kamailio_log.py`: any lines, and Kamailio's with any Call-ID before, any URI in them.

Invariant: any octets are events, reasons or nothing, and raise nothing; counts are
straight; whatever stands in a Call-ID (log_prefix) or a From of a line, nobody but
its sender is accused, unless the owner's word is in it.
"""

from __future__ import annotations

from fuzz.harness import hold
from fuzz.said import SENDER, hold_counts, hold_event
from ringfence.wire.kamailio_log import KamailioLog
from ringfence.wire.log_time import LogClock

TOKENS = (
    b"<script>: ", b"ringfence/W kind=refused src=198.51.100.1 port=1 proto=udp dst=192.0.2.10 ",
    b"dport=5060 method=REGISTER user=1 number= callid=x ua=y", b"ALERT: pike blocking REGISTER ",
    b"from sip:1@x (IP:198.51.100.1:5060)", b"Malformed SIP request from 198.51.100.1:1",
    b"Blocking traffic from 198.51.100.1", b"Auth failed: ", b"\n", b"{1 1 REGISTER ", b"} ",
    b"Nov 23 09:34:16 pbx kamailio[1]: ", b"WARNING: ", b"<null>", b"%0a", b"kind=accepted",
)  # fmt: skip

_MARK = "8f14e45f"
_SYSLOG = b"Nov 23 09:34:16 pbx /usr/sbin/kamailio[812]: ALERT: {1 1 REGISTER %s} <script>: "
_OWN = (
    b"ringfence/8f14e45f kind=refused src=203.0.113.66 port=5071 proto=udp dst=192.0.2.10 "
    b"dport=5060 method=REGISTER user=1 number=2 callid=x%40y ua=z"
)
_PIKE = b"ALERT: pike blocking REGISTER from %s (IP:203.0.113.66:5071)"


def check(octets: bytes) -> object:
    """As a log with and without a word of the owner's; then as a Call-ID and a From."""
    reader = KamailioLog(LogClock(10**18))
    events = reader.read(octets.split(b"\n"))
    for event in events:
        hold_event(event)
    hold_counts(reader.heard, events)
    if _MARK.encode() not in octets:
        # syslogd writes a line break as #012.
        flat = octets.replace(b"\n", b"#012")
        lines = [_SYSLOG % flat + _OWN, _SYSLOG % b"x" + _PIKE % flat]
        found = KamailioLog(mark=_MARK).read(lines)
        hold({event.source for event in found} == {SENDER}, "not its sender's")
    return (events, reader.heard)


def quick(octets: bytes) -> object:
    """Read once."""
    return KamailioLog().read(octets.split(b"\n"))


def seeds() -> list[bytes]:
    """Lines of each kind."""
    own = _OWN.replace(_MARK.encode(), b"").replace(b"203.0.113.66", b"198.51.100.1")
    return [
        _SYSLOG % b"x" + own,
        _SYSLOG % b"x" + _PIKE % b"sip:1@x",
        _SYSLOG % b"x" + b"Malformed SIP request from 2001:db8::1:5060",
        _SYSLOG % b"x" + b"Blocking traffic from 198.51.100.1",
        _SYSLOG % b"x" + b"Auth failed: REGISTER from sip:1@x (IP:198.51.100.1:5060)",
        b"x} <script>: " + own,
    ]
