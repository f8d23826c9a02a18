"""`wire/connections.TcpMessages`: segments of many connections to messages.

The octets are a script: each segment takes five (key and flags, what it carries,
sequence, time). Invariant: nothing is raised; what it says that directions hold
back is what they hold, within its bound; it follows no direction that the table
of streams does not; nothing is held after the end.
"""

from __future__ import annotations

from fuzz.decoders.stream import UPGRADE, frame
from fuzz.harness import hold
from fuzz.messages import request
from fuzz.packets import hep3
from ringfence.wire import connections
from ringfence.wire.connections import Carried, TcpMessages

TOKENS = (b"\x20\0\0\0\0", b"\0\1\0\0\0", b"\0\2\0\0\0", b"\x40\0\0\0\0", b"\0\5\0\0\0")

# Bounds small enough for scripts of some hundred octets to reach them.
BOUNDS = {
    connections: {
        "MAX_HELD": 3000,
        "MAX_WINDOWS": 2,
    }
}
_STEP = 5
_FLAGS = (0x10, 0x02, 0x11, 0x14)
_LONG = request(b"MESSAGE", body=b"a" * 300)
_TEXT = request(b"OPTIONS")
_CARRIED = (
    b"", _TEXT, _LONG[:300], _LONG[300:], _TEXT.replace(b"Length: 0", b"Length: 900"),
    b"junk\r\n" * 9,
    UPGRADE, frame(_TEXT), b"\x82\x7e\x01", frame(b"\xf2H-.\xceL+Q(\xc9\xcf\0", 0xC1), hep3(_TEXT),
    b"HEP3\x01\x00", b"\x16\x03\x01\x00\x05", b"\r\n\r\n", b"INVITE sip:a SIP/2.0\r\nVia: x\r\n",
    b"\x00",
)  # fmt: skip


def check(octets: bytes) -> object:
    """Play the script."""
    messages, time_ns = TcpMessages(), 0
    seen: list[Carried] = []
    follow: dict[int, int] = {}
    for at in range(0, len(octets) - _STEP + 1, _STEP):
        ends, what, high, low, wait = octets[at : at + _STEP]
        time_ns += wait * 200_000_000
        port = ends & 7
        payload = _CARRIED[what % len(_CARRIED)]
        flags = _FLAGS[ends >> 5 & 3]
        sequence = follow.get(port, 0) + ((high << 8 | low) if ends & 0x80 else 0)
        follow[port] = (sequence + len(payload) + (flags & 3 > 0)) & 0xFFFFFFFF
        key = (b"\xcb\0\x71\7", b"\xc0\0\2\1", 40000 + port, 5060)
        seen += messages.segment(key, sequence & 0xFFFFFFFF, flags, payload, time_ns)
        _check_accounts(messages)
    seen += messages.finish()
    hold(messages.octets_held == 0, "something is held after the end")
    hold(all(one.found.octets for one in seen), "an empty message")
    return seen


def _check_accounts(messages: TcpMessages) -> None:
    directions = messages._messages  # noqa: SLF001  the account is checked against the purse
    held = sum(one.octets_held for one in directions.values())
    hold(messages.octets_held == held, "the account is not straight")
    hold(held <= connections.MAX_HELD, "more is held than may be")
    hold(
        sum(one.has_window for one in directions.values()) <= connections.MAX_WINDOWS,
        "too many windows",
    )
    followed = set(messages.streams._streams)  # noqa: SLF001  same
    hold(set(directions) <= followed, "it follows what nobody follows")


def seeds() -> list[bytes]:
    """Every kind of traffic, in order; holes; many connections that begin and never end."""
    return [
        b"\x20\0\0\0\0" + b"\0\1\0\0\0" * 3 + b"\x40\0\0\0\0",
        b"\0\2\0\0\0" + b"\0\3\0\0\0" + b"\0\4\0\0\0" + b"\0\1\0\0\xff",
        b"\0\6\0\0\0" + b"\0\7\0\0\0" + b"\0\x09\0\0\0" + b"\0\x08\0\0\0" + b"\0\7\0\0\0",
        b"\0\x0a\0\0\0" + b"\0\x0b\0\0\0" + b"\0\x0a\0\0\0",
        b"\0\5\0\0\0" + b"\0\x0c\0\0\0" + b"\1\x0c\0\0\0" + b"\1\1\0\0\0",
        b"".join(bytes((n & 7, 14, 0, 0, n)) + bytes((n & 7, 2, 0, 0, 0)) for n in range(30)),
        b"\x80\1\1\0\0" + b"\x80\1\1\0\0" + b"\0\1\0\0\0" + b"\x60\0\0\0\0",
        b"".join(bytes((n & 7, 6, 0, 0, 0)) + bytes((n & 7, 9, 0, 0, 0)) for n in range(8)),
    ]
