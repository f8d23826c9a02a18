r"""Readable text to packets: a case lists layers, a line each, and what must come of them.

    # What this shows, and where it is from.
    packet 12.5
    eth
    vlan 200
    ip4 203.0.113.7 > 192.0.2.1
    udp 5071 > 5060
    | OPTIONS sip:100@192.0.2.1 SIP/2.0
    |
    expect
    udp 203.0.113.7:5071 > 192.0.2.1:5060 OPTIONS -

`| text` is a line of payload that ends in CRLF, `! text` one without an end in
which \r \n \t \\ \xHH stand for octets, `= 80 00` octets in hexadecimal, `sip
OPTIONS one` a whole message whose Call-ID is one@203.0.113.7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.wire_cases.layers import LINKS, Layer, Sequences, wrap

FOLDER = Path(__file__).parent
_ESCAPE = re.compile(rb"\\(r|n|t|\\|x[0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Packet:
    """One captured packet: octets as far as they were captured."""

    time_ns: int
    link: int
    octets: bytes
    original: int


@dataclass(frozen=True, slots=True)
class Case:
    """Packets, and the lines that the decoder must make of them."""

    name: str
    about: str
    packets: list[Packet]
    expected: list[str]


@dataclass(slots=True)
class _Draft:
    head: Layer
    layers: list[Layer] = field(default_factory=list)
    payload: bytes = b""


def cases(folder: str = "") -> list[Case]:
    """Every case of a folder, or of all folders."""
    paths = sorted((FOLDER / folder).rglob("*.txt"))
    return [read_case(path.read_text(), str(path.relative_to(FOLDER))) for path in paths]


def read_case(text: str, name: str = "case") -> Case:
    """The case that a text describes."""
    about: list[str] = []
    drafts: list[_Draft] = []
    described, _, expected = text.partition("\nexpect\n")
    for line in described.splitlines():
        if line.startswith("#"):
            about.append(line[1:].strip())
        elif line.startswith("packet"):
            drafts.append(_Draft(Layer.read(line)))
        elif line:
            _add(drafts[-1], line)
    packets = _packets(drafts)
    wanted = [line for line in expected.splitlines() if line and not line.startswith("#")]
    return Case(name, " ".join(about), packets, wanted)


def packets_of(text: str) -> list[Packet]:
    """The packets that a text describes."""
    return read_case(text).packets


def message(method: str, name: str) -> bytes:
    """A sound request; `name` is the first part of its Call-ID."""
    lines = (
        f"{method} sip:100@192.0.2.1 SIP/2.0",
        f"Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK{name}",
        "Max-Forwards: 70",
        "From: <sip:200@192.0.2.1>;tag=f1",
        "To: <sip:100@192.0.2.1>",
        f"Call-ID: {name}@203.0.113.7",
        f"CSeq: 1 {method}",
        "Content-Length: 0",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def _add(draft: _Draft, line: str) -> None:
    mark, text = line[0], line[2:]
    if mark == "|":
        draft.payload += text.encode() + b"\r\n"
    elif mark == "!":
        draft.payload += _ESCAPE.sub(_unescape, text.encode())
    elif mark == "=":
        draft.payload += bytes.fromhex(text)
    elif line.startswith("sip "):
        draft.payload += message(*line.split()[1:])
    else:
        draft.layers.append(Layer.read(line))


def _unescape(found: re.Match[bytes]) -> bytes:
    plain = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}
    return plain.get(found[1]) or bytes.fromhex(found[1][1:].decode())


def _packets(drafts: list[_Draft]) -> list[Packet]:
    sequences = Sequences()
    packets: list[Packet] = []
    for number, draft in enumerate(drafts, 1):
        head, outer = draft.head, draft.layers[0]
        time_ns = _nanoseconds(head.words[0]) if head.words else number * 1_000_000_000
        link = outer.number("link", LINKS[outer.name])
        frames = wrap(draft.layers, draft.payload, sequences)
        order = [int(at) for at in head.options.get("order", "").split(",") if at]
        for at in order or range(len(frames)):
            octets = frames[at]
            captured = head.number("cut", len(octets))
            packets.append(Packet(time_ns, link, octets[:captured], len(octets)))
    return packets


def _nanoseconds(text: str) -> int:
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 1_000_000_000 + int(fraction.ljust(9, "0"))
