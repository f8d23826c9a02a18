"""`detect/_tally.tally`, with `watch.Watch` around it: messages of any source, counted.

The octets are messages with a mark (FF FE) between them; the octet behind the
mark chooses addresses, ports and transport. Invariant: nothing is raised; every
row is counted; never are there more sources than the bound; a message is picked
twice at most (for its source, and for the one that it answers); pairs stay within
their bound; every number of a source fits its column; as many calls are kept as their
sources say; two watches that had every other message each merge within the same bounds.
"""

from __future__ import annotations

from collections.abc import Iterator

from fuzz.harness import hold
from fuzz.messages import CREDENTIALS, SDP, SIPVICIOUS_TAG, request, response
from fuzz.rows import Desk
from ringfence.detect import _fields as fields
from ringfence.detect._tally import MAX_PAIRS, Tally, tally
from ringfence.detect.watch import Watch
from ringfence.wire._sip import message
from ringfence.wire.table import MessageTable

_MARK = b"\xff\xfe"
TOKENS = (
    _MARK + b"\x00", _MARK + b"\x81", b"REGISTER sip:a SIP/2.0\r\n", b"SIP/2.0 401 x\r\n",
    b"SIP/2.0 200 x\r\n", b"SIP/2.0 404 x\r\n", b"User-Agent: sipvicious\r\n", b"\r\n\r\n",
    b"Authorization: " + CREDENTIALS + b"\r\n", b";tag=" + SIPVICIOUS_TAG, b"CSeq: 1 INVITE\r\n",
)  # fmt: skip
# Sources of one table, few enough that a script of some messages fills it.
MAX_SOURCES = 6
# A fresh table now and then: what it holds must not hide a fault for ever.
_RUNS_A_TABLE = 512
# One in so many inputs goes through `check`, which makes tables of ten MiB.
SHARE = 256

_DESK = Desk(1)
_TIME_NS = 1_700_000_000_000_000_000


class _Kept:
    """The table that executions share: making one costs a thousand times a message."""

    tally = Tally(4, 64)  # more sources than there are addresses here
    runs = 0


def quick(octets: bytes) -> object:
    """Each message once, into a table that is kept from run to run."""
    _Kept.runs += 1
    if _Kept.runs % _RUNS_A_TABLE == 0:
        _Kept.tally = Tally(4, 64)
    for start, end in _messages(octets):
        _count(_Kept.tally, start, end)
    return None


def check(octets: bytes) -> object:
    """The same into fresh tables; the numbers of every source."""
    t, watch = Tally(4, 64), Watch(4, MAX_SOURCES)
    halves = Watch(4, MAX_SOURCES), Watch(4, MAX_SOURCES)
    for number, (start, end) in enumerate(_messages(octets)):
        _count(t, start, end)
        table = MessageTable(_DESK.batch, _DESK.octets)
        watch.take(table, 0)
        halves[number % 2].take(table, 0)
        hold(watch._tally.n <= MAX_SOURCES, "more sources than may be")  # noqa: SLF001
    halves[0].merge(halves[1])
    merged = halves[0]._tally  # noqa: SLF001
    hold(merged.n <= MAX_SOURCES and merged.pair_count <= MAX_PAIRS, "merged, and more than may be")
    hold(_kept(merged) == merged.calls.count, "a call is lost, or counted twice")
    halves[0].sources()
    watched = watch._tally  # noqa: SLF001  what was counted is compared
    hold(_kept(watched) == watched.calls.count, "a call is lost, or counted twice")
    sources = watch.sources()
    hold(len(sources.remarkable) + sources.unremarkable >= watched.n, "a source is lost")
    return (
        _numbers(t),
        t.unmatched,
        t.pair_count,
        _numbers(watched),
        watch.shed,
        sources.unremarkable,
    )


def _kept(t: Tally) -> int:
    return sum(t.rows[fields.CALLS_KEPT : t.n * fields.ROW_WIDTH : fields.ROW_WIDTH])


def _numbers(t: Tally) -> list[int]:
    return list(t.rows[: t.n * fields.ROW_WIDTH])


def _messages(octets: bytes) -> Iterator[tuple[int, int]]:
    """Each message of the script in turn, as the one row of the batch."""
    for number, part in enumerate(octets.split(_MARK)[:16]):
        start, end = _DESK.lay(part[1:])
        _place(part[:1], number)
        if message(_DESK.batch, start, end):
            yield start, end


def _count(t: Tally, start: int, end: int) -> None:
    before = t.n
    hold(tally(t, _DESK.batch, 0) == 1, "a row is not counted")
    hold(before <= t.n <= min(before + 2, t.sources), "sources out of nothing")
    hold(t.pick_count <= 2 and t.pair_count <= MAX_PAIRS, "more than there is room for")
    _DESK.check_row(0, start, end)
    t.pick_count = 0


def _place(chosen: bytes, number: int) -> None:
    """Addresses, ports and transport of the packet around the next message."""
    batch, choice = _DESK.batch, chosen[0] if chosen else 0
    batch.packets = number + 1
    batch.time = _TIME_NS + number * 1_000_000 * (choice & 3)
    here, there = 0xFFFF_C000_0201, 0xFFFF_CB00_7100 + (choice >> 2 & 15)
    to_us = choice & 0x80 == 0
    batch.source_high = batch.destination_high = 0
    batch.source_low, batch.destination_low = (there, here) if to_us else (here, there)
    batch.source_port, batch.destination_port = (5062, 5060) if to_us else (5060, 5062)
    batch.transport = 2 if choice & 0x40 else 1
    batch.ip_version = 4


def seeds() -> list[bytes]:
    """Refused and accepted credentials, scans, calls, tools, many sources."""
    register = request(b"REGISTER", b"Authorization: " + CREDENTIALS)
    asks = b'WWW-Authenticate: Digest realm="a", nonce="84a4cc6f3082121f"'
    challenged = response(b"401 Unauthorized", asks, method=b"REGISTER")
    accepted = response(b"200 OK", method=b"REGISTER")
    invite = request(body=SDP)
    answered = response(b"200 OK")
    bye, ack = request(b"BYE", b"To: <sip:a@b>;tag=as5f1c2b"), request(b"ACK")
    tool = request(b"OPTIONS").replace(b"z9hG4bK-3141592653", b"foo")

    def script(*steps: tuple[int, bytes]) -> bytes:
        return _MARK.join(bytes((choice,)) + octets for choice, octets in steps)

    return [
        script((0, request(b"REGISTER")), (0x80, challenged), (0, register), (0x80, challenged)),
        script(
            (0, register),
            (0x80, accepted),
            (0, register),
            (0x80, response(b"403 No", method=b"REGISTER")),
        ),
        script(
            (4, invite),
            (0x84, answered),
            (4, ack),
            (4, bye),
            (0x84, response(b"200 OK", method=b"BYE")),
        ),
        script(*((4 * n, tool) for n in range(12))),
        script((0x40, request(b"SUBSCRIBE")), (0xC0, response(b"404 Not Found")), (0, invite)),
        script(*((0, request(b"OPTIONS", uri=b"sip:%d@a" % n)) for n in range(8))),
    ]
