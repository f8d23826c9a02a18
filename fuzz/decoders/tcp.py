"""`wire/tcp.TcpStreams`: segments to runs of octets in order.

The octets are a script; its first octet chooses which. Even: any segments, eight
octets each (key, sequence, flags, length, time, acknowledgement, cut). Odd: one
stream cut, shuffled, repeated and overlapping. Invariant: nothing is raised; the
account of what waits is straight and within its bounds; never are more octets
handed out than came in. A stream of which all segments come is handed out octet
for octet, without a gap, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterator

from fuzz.harness import hold
from ringfence.wire import tcp
from ringfence.wire.tcp import SYN, Run, StreamKey, TcpStreams

TOKENS = (
    b"\0\0\0\x02\0\0\0\0",
    b"\0\0\1\x10\x20\0\0\0",
    b"\0\xff\xff\x10\x10\0\0\0",
    b"\0\0\1\x04\0\0\0\0",
)

# Bounds small enough for scripts of some hundred octets to reach them.
BOUNDS = {
    tcp: {
        "MAX_STREAMS": 6,
        "MAX_IGNORED": 4,
        "MAX_WAITING_SEGMENTS": 16,
        "MAX_WAITING_OCTETS": 1024,
        "MAX_OCTETS": 2048,
    }
}
_STEP = 8
_SHUFFLED_SEGMENTS = 12


def check(octets: bytes) -> object:
    """Play the script."""
    if octets[:1] and octets[0] & 1:
        return _shuffled(octets[1:])
    return _any_segments(octets[1:])


def _any_segments(script: bytes) -> object:
    streams, taken, given = TcpStreams(), 0, 0
    seen: list[Run] = []
    time_ns = 0
    for at in range(0, len(script) - _STEP + 1, _STEP):
        ends, high, low, flags, size, wait, acknowledged, cut = script[at : at + _STEP]
        time_ns += wait * 100_000_000
        key = _key(ends)
        if ends & 0x40:
            streams.ignore(key)
        payload = bytes((low + n) & 0xFF for n in range(size))
        taken += len(payload)
        sequence = (high << 24 if high & 0x80 else high << 8) + low
        runs = streams.segment(
            key, sequence, flags, payload, time_ns, acknowledged=acknowledged * 16, cut=cut & 7
        )
        given += sum(len(run.octets) for run in runs)
        _check_accounts(streams, taken - given)
        seen += runs
    rest = streams.finish()
    given += sum(len(run.octets) for run in rest)
    hold(given <= taken, "octets out of nothing")
    hold(streams.octets_waiting == 0, "something waits after the end")
    return (seen, rest, streams.evicted, streams.holes, streams.strays, streams.overlaps_differing)


def _key(ends: int) -> StreamKey:
    here, there = b"\xcb\0\x71\7", b"\xc0\0\2\1"
    port = 40000 + (ends & 0x0F)
    return (here, there, port, 5060) if ends & 0x80 else (there, here, 5060, port)


def _check_accounts(streams: TcpStreams, kept: int) -> None:
    followed = streams._streams.values()  # noqa: SLF001  the account is checked against the purse
    waiting = sum(one.octets_waiting for one in followed)
    hold(streams.octets_waiting == waiting, "the account is not straight")
    hold(waiting <= tcp.MAX_OCTETS and waiting <= kept, "more waits than may")
    hold(len(streams) <= tcp.MAX_STREAMS, "more streams than may be followed")
    hold(all(len(one.starts) <= tcp.MAX_WAITING_SEGMENTS for one in followed), "too many wait")
    hold(all(len(one.recent) <= tcp.RECENT_OCTETS for one in followed), "remembers too much")


def _shuffled(script: bytes) -> object:
    """Bytes of the script say where to cut, what to repeat and in which order to send."""
    script = script[:400]
    octets = script * 2 or b"x"
    spans = sorted(_spans(script, len(octets)), key=lambda span: octets[span[0]])
    streams, key, start = TcpStreams(), _key(0), 0xFFFFFF00 + len(script)
    runs: list[Run] = list(streams.segment(key, start, SYN, b"", 0))
    for first, last in spans:
        sequence = (start + 1 + first) & 0xFFFFFFFF
        runs += streams.segment(key, sequence, 0x10, octets[first:last], 0)
    hold(b"".join(run.octets for run in runs) == octets, "not the octets that were sent")
    hold(not any(run.after_gap or run.overlap_differs for run in runs), "a gap where none was")
    hold(streams.octets_waiting == 0, "something waits")
    return None


def _spans(script: bytes, size: int) -> Iterator[tuple[int, int]]:
    cuts = sorted({octet * size // 256 for octet in script[:_SHUFFLED_SEGMENTS]} - {0})
    yield from zip([0, *cuts], [*cuts, size], strict=True)
    for first, length in zip(script[20:28:2], script[21:28:2], strict=False):
        start = first * size // 256
        yield start, min(size, start + length)


def seeds() -> list[bytes]:
    """A connection in order and not, a flood, resets, strays, holes; streams to shuffle."""
    syn, data = b"\0\0\x0f\x02\0\0\0\0", b"\0\0\x10\x10\x20\0\0\0"
    later, fin = b"\0\0\x50\x10\x20\0\0\0", b"\0\0\x30\x11\0\0\0\0"
    return [
        b"\0" + syn + data + fin,
        b"\0" + syn + later + data + b"\0\0\x30\x10\x20\0\0\0" + fin,
        b"\0" + syn + later + b"\x80\0\0\x10\0\0\x08\0",
        b"\0" + syn + data + b"\0\0\x10\x10\x28\0\0\0" + b"\0\0\x18\x10\x08\0\0\0",
        b"\0" + b"".join(bytes((n & 15, 0, n, 16, 9, n, 0, 0)) for n in range(40)),
        b"\0" + syn + b"".join(bytes((0, 1, n * 11 & 0xFF, 16, 9, 0, 0, 0)) for n in range(40)),
        b"\0"
        + syn
        + data
        + b"\0\xff\xff\x10\x10\0\0\0\0\xff\xff\x10\x10\0\0\0\0\xff\x0f\x10\x10\0\0\0",
        b"\0" + data + b"\x40\0\0\x10\x20\0\0\0" + syn + b"\0\0\x30\x04\0\0\0\7",
        b"\0" + syn + later + b"\1\0\0\x10\1\xff\0\0",
        b"\1" + bytes(range(200)),
        b"\1" + b"OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nVia: x\r\n\r\n" * 3,
        b"\1",
    ]
