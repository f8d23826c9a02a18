"""`wire/stream.MessageStream`: runs of one direction to whole messages.

Invariant: nothing is raised; the same octets give the same messages and verdict
whether they come whole, in pieces or octet by octet; what is held back stays
within its bound and is gone after `cut`; the octets searched stay within a
multiple of those that came. With gaps between runs all but the sameness holds.
"""

from __future__ import annotations

from collections.abc import Iterable

from fuzz.harness import hold, pieces
from fuzz.messages import request, samples
from fuzz.packets import hep3
from ringfence.wire.stream import MAX_BODY, MAX_HEAD, Found, MessageStream

TOKENS = (
    b"\r\n\r\n", b"Content-Length: ", b"\nl:", b"INVITE sip:a SIP/2.0\r\n", b"SIP/2.0 200 OK\r\n",
    b"HEP3\x00\x10", b"\x81\x05", b"\x82\xfe", b"\x01\x03", b"\x80\x03", b"\x16\x03\x01",
    b"GET / HTTP/1.1\r\n", b"Upgrade: websocket\r\n", b"Sec-WebSocket-Protocol: sip\r\n",
    b"HTTP/1.1 101 \r\n", b"PROXY TCP4 ", b"\r\n\r\n\x00\r\nQUIT\n", b"\xff\xfe",
)  # fmt: skip
UPGRADE = (
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Protocol: sip\r\n\r\n"
)
_GAP = b"\xff\xfe"


def check(octets: bytes) -> object:
    """Whole, in pieces, and cut at the mark FF FE, where octets are missing."""
    whole = _read([octets], gaps=False)
    hold(_read(pieces(octets), gaps=False) == whole, "pieces give other messages")
    _read(octets.split(_GAP), gaps=True)
    return whole


def quick(octets: bytes) -> object:
    """Whole, and with gaps."""
    _read(octets.split(_GAP), gaps=True)
    return _read([octets], gaps=False)


def _read(runs: Iterable[bytes], *, gaps: bool) -> tuple[list[Found], str]:
    stream = MessageStream()
    found: list[Found] = []
    came = 0
    for number, run in enumerate(runs):
        found += stream.feed(run, after_gap=gaps and number > 0)
        came += len(run)
        hold(stream.octets_held <= MAX_HEAD + MAX_BODY + len(run), "holds back too much")
        hold(stream.octets_searched <= 8 * came + 10_000, "searches the same octets again")
    found += stream.cut()
    hold(stream.octets_held == 0, "holds octets after the end")
    hold(all(one.octets for one in found), "an empty message")
    hold(sum(one.kind == "sip" for one in found) <= came, "messages out of nothing")
    return found, stream.verdict


def frame(payload: bytes, first: int = 0x82, mask: bytes = b"") -> bytes:
    """A WebSocket frame."""
    masked = 0x80 if mask else 0
    size = len(payload)
    head = (
        bytes((first, masked | size))
        if size < 126
        else bytes((first, masked | 126, size >> 8, size & 255))
    )
    body = bytes(octet ^ mask[n % 4] for n, octet in enumerate(payload)) if mask else payload
    return head + mask + body


def seeds() -> list[bytes]:
    """Messages glued, keep-alives, lengths that lie, junk, WebSocket, HEP, PROXY, TLS."""
    options = request(b"OPTIONS")
    short = b"BYE sip:a SIP/2.0\r\ni: 1\r\nl: 3\r\n\r\nabc"
    return [
        short + b"\r\n\r\n" + short,
        options + samples()[8],
        b"junk\r\n" + short + b"more junk" + short,
        short.replace(b"l: 3", b"l: 70000") + short,
        short.replace(b"l: 3", b"l: 1") + b"xx" + short,
        short + _GAP + short[9:] + short,
        UPGRADE + frame(short) + frame(short[:9], 1) + frame(short[9:], 0x80) + frame(b"", 0x89),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
        + frame(short, 0x81, b"abcd"),
        frame(short) + frame(b"\r\n\r\n"),
        hep3(short) + b"HEP3\x00\x05" + hep3(short),
        b"PROXY TCP4 203.0.113.7 192.0.2.1 1 2\r\n" + short,
        b"\x16\x03\x01\x00\x05hello",
        b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n" + short,
        short[:30],
    ]
