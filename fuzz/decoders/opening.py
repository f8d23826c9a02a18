"""`wire/opening` and `wire/framing`: what a stream starts with, where a message starts.

Invariant: nothing is raised; an answer given for the first octets of a stream
stays the same when more come ("need more" may become any answer); sizes and
places lie inside the octets; a Content-Length is never negative.
"""

from __future__ import annotations

from fuzz.harness import hold
from fuzz.messages import samples
from fuzz.packets import hep3
from ringfence.wire import framing
from ringfence.wire.opening import MAX_PROXY_BLOCK, proxy_header_size, recognise_opening

TOKENS = (
    b"PROXY TCP4 ", b"\r\n\r\n\x00\r\nQUIT\n", b"HEP3", b"\x16\x03\x01", b"\x81\x85", b"\xc1\x7e",
    b"INVITE sip:", b" SIP/2.0\r\n", b"SIP/2.0 200 OK\r\n", b"\nContent-Length: ", b"\nl:",
)  # fmt: skip


def check(octets: bytes) -> object:
    """Each prefix, and the whole."""
    octets = octets[:600]
    answers = (proxy_header_size(octets), recognise_opening(octets))
    for ask, answer in zip((proxy_header_size, recognise_opening), answers, strict=True):
        earlier = None
        for size in _prefixes(len(octets)):
            now = ask(octets[:size])
            hold(earlier is None or now == earlier, "an answer changes when more comes")
            earlier = now
        hold(earlier is None or answer == earlier, "an answer changes when more comes")
    size = answers[0] or 0
    hold(0 <= size <= max(len(octets), MAX_PROXY_BLOCK), "a header longer than the stream")
    line = octets[: octets.find(b"\n") + 1]
    start = framing.find_start(line)
    hold(-1 <= start < max(1, len(line)), "a start outside the line")
    length = framing.content_length(octets)
    hold(length is None or length >= 0, "a negative length")
    return (*answers, start, length, framing.is_start_line(line), framing.is_header_line(octets, 0),
            framing.may_become_start_line(octets))  # fmt: skip


def _prefixes(size: int) -> list[int]:
    return [*range(min(size, 120)), *range(120, size, 37)]


def seeds() -> list[bytes]:
    """Each protocol that may open a stream."""
    block = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12)
    return [
        *samples()[:1],
        b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 5060\r\nOPTIONS sip:a SIP/2.0\r\n",
        block + b"OPTIONS sip:a SIP/2.0\r\n",
        b"\x16\x03\x01\x02\x00",
        hep3(b"OPTIONS sip:a SIP/2.0\r\n\r\n"),
        b"\x81\x99OPTIONS sip:a SIP/2.0\r\n",
        b"\xc1\x10\x00\x01\x00\xff\xffOPT" + bytes(12),
        b"junk in front of INVITE sip:100@192.0.2.1 SIP/2.0\r\nl: 12\r\n",
        b"xSIP/2.0 200 OK\r\nContent-Length\t:\r\n 12345678901\r\n",
        b"BYE <sip:a b> SIP/3.0 \r\nVia : x",
    ]
