"""Attacks on the decoders' time: inputs that would be dear where work is not linear.

Each attack has a size n that stands for 1; `prepare(n)` builds the input and
returns what is to be counted. To add one, write it below its decoder.
"""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar
from unittest import mock

from fuzz import packets
from fuzz.decoders.stream import UPGRADE, frame
from fuzz.messages import request
from ringfence.cases.reply import read_reply
from ringfence.detect.sipvicious import read_tag
from ringfence.detect.watch import Watch
from ringfence.evidence.redaction.message import MessageRedactor
from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import KEY_OCTETS, Pseudonyms
from ringfence.model.text import shown
from ringfence.sources import packed
from ringfence.wire._batch import Batch
from ringfence.wire._packet import packet
from ringfence.wire._parts import parts
from ringfence.wire._sip import message
from ringfence.wire.asterisk_events import AsteriskEvents, Messages
from ringfence.wire.asterisk_log import AsteriskLog
from ringfence.wire.connections import TcpMessages
from ringfence.wire.decoder import Decoder
from ringfence.wire.errors import WireError
from ringfence.wire.esl import Packets
from ringfence.wire.fragments import FragmentTable
from ringfence.wire.freeswitch_log import FreeswitchLog
from ringfence.wire.hep import decode_hep
from ringfence.wire.kamailio_log import KamailioLog
from ringfence.wire.message import parse_message
from ringfence.wire.stream import MessageStream
from ringfence.wire.table import MessageTable
from ringfence.wire.tcp import SYN, TcpStreams
from ringfence.wire.threecx_events import ThreecxEvents

Run = Callable[[], int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Attack:
    """How large "1" is, and how to build the input for a size."""

    size: int
    prepare: Callable[[int], Run]


# -- one message: kernel, finer columns, full parse -----------------------------------


def _head(line: bytes) -> bytes:
    return (
        b"INVITE sip:100@192.0.2.1 SIP/2.0\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n" + line + b"\r\n\r\n"
    )


_MESSAGES: dict[str, Callable[[int], bytes]] = {
    "many headers": lambda n: _head(b"\r\n".join([b"X: y"] * n)),
    "many headers of one letter": lambda n: _head(b"\r\n".join([b"v:"] * n)),
    "many folds": lambda n: _head(b"From: a" + b"\r\n b" * n),
    "folds of an unknown header": lambda n: _head(b"X: a" + b"\r\n\t" * n),
    "lines without a colon": lambda n: _head(b"\r\n".join([b"no colon"] * n)),
    "bare line feeds": lambda n: _head(b"\n".join([b"X: y"] * n)),
    "no newline": lambda n: b"INVITE sip:" + b"a" * 8 * n,
    "no newline in a header": lambda n: b"OPTIONS sip:a SIP/2.0\r\nFrom: " + b"a" * 8 * n,
    "a long name": lambda n: _head(b"X" * 8 * n + b": y"),
    "blanks before a colon": lambda n: _head(b"From" + b" " * 8 * n + b": <sip:a@b>"),
    "blanks in a value": lambda n: _head(b"From: " + b" " * 8 * n + b"<sip:a@b>" + b"\t" * 8 * n),
    "open brackets": lambda n: _head(b"From: " + b"<" * 8 * n),
    "brackets and commas": lambda n: _head(b"Contact: " + b"<sip:a@b>," * n),
    "open brackets in a list": lambda n: _head(b"Contact: " + b"<," * 4 * n),
    "quotes not closed": lambda n: _head(b'From: "' + b"a" * 8 * n),
    "quote, backslashes": lambda n: _head(b'From: "' + b"\\" * 8 * n),
    "many quotes": lambda n: _head(b"From: " + b'"a" ' * 2 * n + b"<sip:a@b>"),
    "semicolons": lambda n: _head(b"From: <sip:a@b>" + b";" * 8 * n),
    "parameters": lambda n: _head(b"From: <sip:a@b>" + b";tag" * 2 * n),
    "colons in a URI": lambda n: _head(b"To: <sip:" + b":" * 8 * n + b"@b>"),
    "at signs in a URI": lambda n: _head(b"To: <sip:" + b"@" * 8 * n + b">"),
    "escapes in a URI": lambda n: _head(b"To: <sip:" + b"%41" * 2 * n + b"@b>"),
    "headers in a URI": lambda n: _head(b"To: <sip:a@b?" + b"a=b&" * 2 * n + b">"),
    "Vias in one header": lambda n: _head(b"Via: " + b"SIP/2.0/UDP a;branch=b," * n),
    "Vias in many headers": lambda n: _head(b"\r\n".join([b"Via: SIP/2.0/UDP a;branch=b"] * n)),
    "parameters of a Via": lambda n: _head(b"Via: SIP/2.0/UDP a" + b";branch" * n),
    "commas in credentials": lambda n: _head(b"Authorization: Digest " + b"," * 8 * n),
    "names in credentials": lambda n: _head(b"Authorization: Digest " + b"nonce=a," * n),
    "equals in credentials": lambda n: _head(b"Authorization: Digest " + b"a=" * 4 * n),
    "open quotes in credentials": lambda n: _head(b"Authorization: Digest " + b'a="' * 3 * n),
    "many challenges": lambda n: _head(b"\r\n".join([b'WWW-Authenticate: Digest realm="a"'] * n)),
    "digits": lambda n: _head(b"Content-Length: " + b"9" * 8 * n + b"\r\nExpires: " + b"0" * 8 * n),
    "many lengths": lambda n: _head(b"\r\n".join([b"Content-Length: 0"] * n)),
    "NUL octets": lambda n: _head(b"Subject: " + b"\0" * 8 * n),
    "broken UTF-8": lambda n: _head(b"Subject: " + b"\xc3" * 8 * n),
    "SDP lines": lambda n: (
        _head(b"Content-Type: application/sdp") + b"v=0\r\n" + b"c=IN IP4 a\r\n" * n
    ),
    "SDP media": lambda n: (
        _head(b"Content-Type: application/sdp") + b"v=0\r\n" + b"m=audio 1 a 0\r\n" * n
    ),
    "SDP without an end": lambda n: (
        _head(b"Content-Type: application/sdp") + b"v=0\r\n" + b"c" * 8 * n
    ),
    "parts of a body": lambda n: (
        _head(b"Content-Type: multipart/mixed;boundary=a")
        + b"--a\r\nContent-Type: multipart/mixed;boundary=a\r\n\r\n" * n
    ),
    "accepted types": lambda n: _head(b"Accept: " + b"a/b," * 2 * n),
}


_PEOPLE = People(frozenset(), frozenset(), accounts=frozenset((b"aaaaaaaay", b"1001")))


def _kernel(octets: bytes) -> Run:
    batch = Batch(bytearray(octets), 2)

    def run() -> int:
        if message(batch, 0, len(octets)):
            parts(batch, 0, 1)
        return 0

    return run


def _full(octets: bytes) -> Run:
    def run() -> int:
        try:
            read = parse_message(octets)
        except WireError:
            return 0
        return len(read.to_bytes()) - len(octets)

    return run


def _redacted(octets: bytes) -> Run:
    def run() -> int:
        redactor = MessageRedactor(_PEOPLE, Pseudonyms(bytes(KEY_OCTETS)))
        return len(redactor.redact(octets, by_accused=True)) - len(octets)

    return run


# -- packets ---------------------------------------------------------------------------


def _nested(n: int, protocol: int, between: bytes) -> bytes:
    """An IPv4 packet in another, n times."""
    payload = b""
    for _ in range(n):
        payload = packets.ipv4(between + payload, protocol)
    return payload


_PACKETS: dict[str, Callable[[int], bytes]] = {
    "VLAN in VLAN": lambda n: packets.ethernet(b"", 0x0800, *[0x8100] * n),
    "IP in IP": lambda n: packets.ethernet(_nested(n, packets.IPV4, b"")),
    "GRE in GRE": lambda n: packets.ethernet(_nested(n, packets.GRE, b"\0\0\x08\0")),
    "labels of MPLS": lambda n: packets.ethernet(b"\0\0\x10\x40" * n, 0x8847),
    "headers of IPv6": lambda n: packets.ethernet(packets.ipv6(b"\0\0" + bytes(6) * n, 0), 0x86DD),
    "chunks of SCTP": lambda n: packets.ethernet(
        packets.ipv4(bytes(12) + b"\0\3\0\x14" + b"\0\0\0\x04" * n, packets.SCTP)
    ),
    "chunks of HEP": lambda n: packets.ethernet(
        packets.ipv4(packets.udp(b"HEP3" + (6 + 6 * n).to_bytes(2, "big") + b"\0\0\0\1\0\6" * n))
    ),
    "extensions of GTP": lambda n: packets.ethernet(
        packets.ipv4(packets.udp(b"\x34\xff" + bytes(9) + b"\1" + b"\1\0\0\1" * n, 9, 2152))
    ),
}


def _packet(octets: bytes) -> Run:
    batch = Batch(bytearray(octets), 2)

    def run() -> int:
        packet(batch, 0, len(octets), 1)
        return 0

    return run


# -- captures --------------------------------------------------------------------------

_FRAME = packets.ethernet(packets.ipv4(packets.udp(b"\0" * 8)))
_START = packets.section() + packets.interface()
_CAPTURES: dict[str, Callable[[int], bytes]] = {
    "tiny records": lambda n: packets.pcap([b""] * n),
    "zeros after the header": lambda n: packets.pcap([]) + bytes(16 * n),
    "damage everywhere": lambda n: (
        packets.pcap([]) + (b"\xff" * 16 + packets.pcap([_FRAME] * 5)[24:]) * (n // 8)
    ),
    "records that nearly make sense": lambda n: (
        packets.pcap([]) + b"\xff" * 16 + (1_700_000_000).to_bytes(4, "little") * 4 * n
    ),
    "records inside records": lambda n: packets.pcap([]) + b"\xff" * 16 + b"\x0e\0\0\0" * 4 * n,
    "tiny blocks": lambda n: _START + packets.block(0x0BAD, b"") * n,
    "tiny sections": lambda n: packets.section() * n,
    "many interfaces": lambda n: packets.section() + packets.interface() * n,
    "simple packets": lambda n: _START + packets.simple(_FRAME) * n,
    "blocks damaged everywhere": lambda n: (
        _START + (b"\0" * 12 + packets.enhanced(_FRAME, 9)) * (n // 4)
    ),
    "blocks that nearly make sense": lambda n: _START + b"\0" * 12 + b"\6\0\0\0\x20\0\0\0" * 2 * n,
    "SYN flood": lambda n: packets.pcap(
        packets.ethernet(packets.ipv4(packets.tcp(b"", 9, 2, 1024 + k % 60000), packets.TCP))
        for k in range(n)
    ),
    "first fragments": lambda n: packets.pcap(
        packets.ethernet(packets.ipv4(bytes(16), ident=k & 0xFFFF, fragment=0x2000))
        for k in range(n)
    ),
}


def _decoder(octets: bytes, piece: int) -> Run:
    def run() -> int:
        decoder = Decoder()
        for at in range(0, len(octets), piece):
            part = octets[at : at + piece]
            decoder.room()[: len(part)] = part
            for table in decoder.decode(len(part)):
                table.fill_parts()
        for table in decoder.decode(0, last=True):
            table.fill_parts()
        return 0

    return run


# -- streams ---------------------------------------------------------------------------

_OPTIONS = request(b"OPTIONS")
_STREAMS: dict[str, Callable[[int], bytes]] = {
    "blank lines": lambda n: b"\r\n" * 4 * n,
    "a head without end": lambda n: b"INVITE sip:x SIP/2.0\r\n" + b"X: y\r\n" * n,
    "a line without end": lambda n: _OPTIONS + b"x" * 8 * n,
    "start lines that nothing follows": lambda n: _OPTIONS + b"x\r\n" + b"BYE x SIP/2.0\r\n" * n,
    "small messages": lambda n: b"BYE sip:x SIP/2.0\r\nl:0\r\n\r\n" * n,
    "lengths that lie": lambda n: b"BYE sip:x SIP/2.0\r\nl:99999\r\n\r\n" * n,
    "HEP3 again and again": lambda n: b"HEP3\0\1" * n,
    "small frames": lambda n: UPGRADE + frame(b"x") * n,
    "frames of one message": lambda n: UPGRADE + frame(b"x", 1) + frame(b"x", 0) * n,
    "empty frames": lambda n: UPGRADE + b"\x89\0" * 2 * n,
    "upgrades": lambda n: b"GET / HTTP/1.1\r\n" + b"upgrade: web\r\n" * n + b"\r\n",
    "responses of HTTP": lambda n: b"HTTP/1.1 200 OK\r\n\r\n" * n,
}


def _stream(octets: bytes, piece: int) -> Run:
    def run() -> int:
        stream = MessageStream()
        for at in range(0, len(octets), piece):
            stream.feed(octets[at : at + piece])
        stream.cut()
        return stream.octets_searched

    return run


# -- segments and fragments ------------------------------------------------------------

_KEY = (b"\xcb\0\x71\7", b"\xc0\0\2\1", 40000, 5060)
_SEGMENTS: dict[str, Callable[[int], Iterable[int]]] = {
    "tiny segments reversed": lambda n: range(4 * n, 0, -4),
    "every second segment": lambda n: range(4, 8 * n, 8),
    "one segment again and again": lambda n: [8] * n,
    "overlapping segments": lambda n: range(n, 0, -1),
    "a far segment and a near one": lambda n: [
        k * 4 if k % 2 else (k + 9) << 24 & 0xFFFFFFFF for k in range(n)
    ],
}


def _tcp(positions: Iterable[int]) -> Run:
    def run() -> int:
        streams = TcpStreams()
        streams.segment(_KEY, 0, SYN, b"", 0)
        for position in positions:
            streams.segment(_KEY, position + 1, 0x10, b"abcd", 0, acknowledged=1)
        streams.finish()
        return streams.octets_compared

    return run


def _connections(n: int) -> Run:
    def run() -> int:
        messages = TcpMessages()
        for k in range(n):
            key = (k.to_bytes(4, "big"), *_KEY[1:])
            messages.segment(key, 0, SYN, b"", k)
            messages.segment(key, 1, 0x10, b"INVITE sip:x SIP/2.0\r\nX: ", k)
            messages.segment(key, 90, 0x10, b"y", k)
        messages.finish()
        return 0

    return run


_FRAGMENTS: dict[str, Callable[[int], Iterable[tuple[int, int, bool]]]] = {
    "tiny fragments reversed": lambda n: ((0, 8 * k, True) for k in range(n, 0, -1)),
    "overlapping fragments": lambda n: ((0, 8 * (k // 2), True) for k in range(n)),
    "last fragments": lambda n: ((0, 8 * k, False) for k in range(n, 0, -1)),
    "fragments of many datagrams": lambda n: ((k, 8, True) for k in range(n)),
    "fragments beyond the end": lambda n: ((k % 9, 65528, True) for k in range(n)),
}


def _fragments(script: Iterable[tuple[int, int, bool]]) -> Run:
    def run() -> int:
        table = FragmentTable()
        for number, offset, more in script:
            table.add((*_KEY[:2], number, 17), offset, more, bytes(16), number)
        table.finish()
        return 0

    return run


# -- packed files: octets that go through the libraries are counted -------------------


class Unpacker(Protocol):
    """What gzip and xz have in common."""

    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, given: bytes, limit: int, /) -> bytes: ...


class _Counted:
    """In place of a library's unpacker: counts octets that go in, and that are copied behind."""

    octets = 0

    def __init__(self, unpacker: Unpacker) -> None:
        self._unpacker = unpacker

    def decompress(self, given: bytes, limit: int) -> bytes:
        out: bytes = self._unpacker.decompress(given, limit)
        _Counted.octets += len(given) + len(self._unpacker.unused_data)
        return out

    def __getattr__(self, name: str) -> object:
        return getattr(self._unpacker, name)


def _packed(kind: type[packed.Gzip | packed.Xz], member: bytes) -> Callable[[int], Run]:
    def prepare(n: int) -> Run:
        def run() -> int:
            _Counted.octets = 0
            gzips, xzs = zlib.decompressobj, lzma.LZMADecompressor
            with (
                mock.patch.object(zlib, "decompressobj", lambda **how: _Counted(gzips(**how))),
                mock.patch.object(lzma, "LZMADecompressor", lambda *f, **m: _Counted(xzs(*f, **m))),
            ):
                for _ in kind().unpack(member * n):
                    pass
            return _Counted.octets

        return run

    return prepare


# -- what is made of it ----------------------------------------------------------------


def _watched(changed: Callable[[int], tuple[bytes, int]], max_sources: int) -> Callable[[int], Run]:
    """Messages one by one; `changed` gives the message and the sender of number k."""

    def prepare(n: int) -> Run:
        buffer = bytearray(4096)
        batch = Batch(buffer, 1)

        def run() -> int:
            watch = Watch(1, max_sources)
            for k in range(n):
                octets, sender = changed(k)
                buffer[: len(octets)] = octets
                batch.n = 0
                batch.source_port = 5060
                batch.source_low, batch.destination_low = (
                    0xFFFF_0000_0000 | sender,
                    0xFFFF_C000_0201,
                )
                message(batch, 0, len(octets))
                watch.take(MessageTable(batch, buffer), 0)
            watch.sources()
            return 0

        return run

    return prepare


_WATCHED = {
    "many sources": _watched(lambda k: (_OPTIONS.replace(b"1@203", b"%d@203" % k), 9 + k), 16),
    "many accounts": _watched(lambda k: (request(b"REGISTER").replace(b"100@", b"%d@" % k), 9), 64),
    "many agents": _watched(lambda k: (_OPTIONS.replace(b"friendly", b"%d" % k), 9), 64),
    "many numbers": _watched(lambda k: (request(uri=b"sip:%d@192.0.2.1" % k), 9), 64),
}


def _group(
    decoder: str, size: int, inputs: dict[str, Callable[[int], T]], start: Callable[[T], Run]
) -> dict[str, Attack]:
    """One decoder under many inputs."""
    return {
        f"{decoder}: {name}": Attack(size, partial(_prepare, build, start))
        for name, build in inputs.items()
    }


def _prepare(build: Callable[[int], T], start: Callable[[T], Run], n: int) -> Run:
    return start(build(n))


_MAIL = b"From: a@b.example\r\nSubject: x\r\n"
_HTML = _MAIL + b"Content-Type: text/html\r\n\r\n"


def _reply(octets: bytes) -> object:
    return read_reply(octets, "2026-10-05T08:00:00Z")


def _counting(call: Callable[[bytes], object], octets: Callable[[int], bytes]) -> Attack:
    def prepare(n: int) -> Run:
        given = octets(n)

        def run() -> int:
            call(given)
            return 0

        return run

    return Attack(1000, prepare)


_NOTICE = b"[2026-11-23 09:34:16] NOTICE[1] res_pjsip/pjsip_distributor.c: "

_SMALL = {
    "hep: tiny chunks": _counting(
        lambda octets: decode_hep(octets, whole=True),
        lambda n: (
            b"HEP3"
            + min(65535, 18 + 6 * n).to_bytes(2, "big")
            + b"\0\0\0\1\0\6" * n
            + packets.hep_chunk(15, b"x")
        ),
    ),
    "mail: headers": _counting(_reply, lambda n: _MAIL + b"X: y\r\n" * n),
    "mail: folded lines": _counting(_reply, lambda n: _MAIL + b" y\r\n" * n),
    "mail: encoded words": _counting(_reply, lambda n: _MAIL + b" =?utf-8?q?a?=" * n),
    "mail: tags that never end": _counting(_reply, lambda n: _HTML + b"<script><p" * n),
    "mail: Message-IDs": _counting(_reply, lambda n: _MAIL + b"\r\n" + b"<a@b>" * n),
    "mail: words that deny": _counting(_reply, lambda n: _MAIL + b"\r\n" + b"n't was " * n),
    "text: control characters": _counting(
        lambda octets: shown(octets.decode()), lambda n: b"\x1b" * n
    ),
    "asterisk_log: places": _counting(
        AsteriskLog().read_line, lambda n: _NOTICE + b"Request from '" + b"' failed for '1" * n
    ),
    "asterisk_log: Call-IDs": _counting(
        AsteriskLog().read_line,
        lambda n: _NOTICE + b"Request from '' failed for '1' (callid: " + b") - " * n,
    ),
    "asterisk_log: extensions": _counting(
        AsteriskLog().read_line, lambda n: _NOTICE + b"Call from '" + b"' (1) to extension '" * n
    ),
    "asterisk_log: registrations": _counting(
        AsteriskLog().read_line, lambda n: _NOTICE + b"Registration from '" + b"' failed for '1" * n
    ),
    "freeswitch_log: users": _counting(
        FreeswitchLog().read_line,
        lambda n: (
            b"[WARNING] sofia_reg.c:1 SIP auth failure (INVITE) on sofia profile '' for ["
            + b"] from ip 1" * n
            + b" "
        ),
    ),
    "kamailio_log: senders": _counting(
        KamailioLog().read_line,
        lambda n: (
            b"Nov 23 09:34:16 x kamailio: ALERT: <script>: ALERT: pike blocking X from "
            + b" (IP:1)" * n
            + b" "
        ),
    ),
    "asterisk_events: messages": _counting(
        lambda octets: AsteriskEvents().read_messages(Messages().feed(octets)),
        lambda n: b"Event: InvalidPassword\r\n\r\n" * n,
    ),
    "esl: packets": _counting(Packets().feed, lambda n: b"Content-Length: 0\n\n" * n),
    "threecx_events: values": _counting(
        ThreecxEvents().read_line,
        lambda n: b'{"Message":"blocked","Params":[' + b'"1",' * n + b'"1"]}',
    ),
    "sipvicious: a long tag": _counting(read_tag, lambda n: b"3130" * n + b"0131"),
}

ATTACKS: dict[str, Attack] = {
    **_group("sip", 150, _MESSAGES, _kernel),
    **_group("message", 300, _MESSAGES, _full),
    **_group("redaction", 100, _MESSAGES, _redacted),
    **_group("packet", 100, _PACKETS, _packet),
    **_group("capture", 200, _CAPTURES, partial(_decoder, piece=1 << 18)),
    **_group("capture in pieces", 60, _CAPTURES, partial(_decoder, piece=7)),
    **_group("stream", 150, _STREAMS, partial(_stream, piece=3)),
    **_group("tcp", 250, _SEGMENTS, _tcp),
    **_group("fragments", 250, _FRAGMENTS, _fragments),
    "connections: begun, never ended": Attack(200, _connections),
    **{f"watch: {name}": Attack(150, prepare) for name, prepare in _WATCHED.items()},
    "packed: gzip members": Attack(2000, _packed(packed.Gzip, gzip.compress(b"", mtime=0))),
    "packed: xz streams": Attack(2000, _packed(packed.Xz, lzma.compress(b""))),
    **_SMALL,
}
