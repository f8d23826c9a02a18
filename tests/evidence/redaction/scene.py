"""An attack on an office with secrets in every place, over any carrier."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import Pseudonyms
from ringfence.evidence.redaction.slice import Redacted, redact_slice
from ringfence.wire.decoder import Decoder
from ringfence.wire.pcapng_writer import PcapngWriter
from ringfence.wire.records import PacketKeeper
from ringfence.wire.table import MessageTable
from tests.evidence.redaction.planted import Planter
from tests.wire_cases.compile import Packet, packets_of
from tests.wire_cases.reading import tables

KEY = bytes(range(32))
ATTACKER, SERVER = "203.0.113.66", "192.0.2.10"

# The messages stand in attack.txt: under `== name sender`.
_TEXTS = re.split(
    r"^== (\w+) (\w+)\n", (Path(__file__).parent / "attack.txt").read_text(), flags=re.MULTILINE
)
MESSAGES = {
    name: (sender, text)
    for name, sender, text in zip(_TEXTS[1::3], _TEXTS[2::3], _TEXTS[3::3], strict=True)
}
ATTACKS = {name: text for name, (sender, text) in MESSAGES.items() if sender == "attacker"}


def svmap(value: bytes) -> bytes:
    """The From tag with which svmap marks an address."""
    return (ip_address(value.decode()).packed.hex() + "13c4").encode().hex().encode() + b"01323334"


def messages(planter: Planter) -> Iterator[tuple[bytes, str]]:
    """Every message with who sent it: user, attacker, server."""
    from tests.evidence.redaction.planted import SPELLINGS

    SPELLINGS["svmap"] = svmap
    for sender, text in MESSAGES.values():
        yield planter.fill(text), sender


def people(planter: Planter) -> People:
    """Whom the user's message names."""
    secrets = planter.secrets
    domain = secrets["host:domain"]
    return People(
        frozenset((ip_address(ATTACKER).packed,)),
        frozenset((ip_address(SERVER).packed,)),
        accounts=frozenset((secrets["word:account"].lower(),)),
        names=frozenset((secrets["word:name"].lower(),)),
        hosts=frozenset((domain, b".".join(domain.rsplit(b".", 2)[-2:]))),
        addresses=frozenset((ip_address(secrets["user:phone"].decode()).packed,)),
    )


def capture_of(packets: list[Packet]) -> bytes:
    """Packets of any link types as one pcapng."""
    writer = PcapngWriter("a test")
    return writer.start() + b"".join(
        writer.packet(p.link, "if", p.time_ns, p.octets, p.original) for p in packets
    )


def read(octets: bytes) -> Iterator[tuple[int, Decoder, MessageTable]]:
    """Tables of a capture, packets kept, as `flow.read_messages` gives them."""
    decoder = Decoder(64)
    decoder.keeper = PacketKeeper()
    for table in tables(decoder, octets):
        yield 0, decoder, table


def redact(capture: bytes, who: People, key: bytes = KEY) -> tuple[bytes, Redacted]:
    """The redacted slice of a capture."""
    stream = io.BytesIO()
    counts = redact_slice(read(capture), who, Pseudonyms(key), stream, "a test")
    return stream.getvalue(), counts


def rows(capture: bytes) -> list[tuple[int, ...]]:
    """What must not change: method, status, transport, ports, lengths, time."""
    names = ("method", "status", "transport", "source_port", "destination_port",
             "text_length", "head_length", "header_count", "cseq_number", "time")  # fmt: skip
    return [
        tuple(table.number(row, name) for name in names)
        for _, _, table in read(capture)
        for row in table.rows()
    ]


def texts(capture: bytes) -> list[bytes]:
    """The capture's octets, and every message as it is put together."""
    found = [capture]
    for _, _, table in read(capture):
        found += [table.message(row) for row in table.rows()]
    return found


def carried(text: str, payload: bytes) -> list[Packet]:
    """Packets of a wire case's layers around this payload."""
    lines = f"packet 1791158400.5\n{text}\n= {payload.hex()}\nexpect\n"
    return packets_of(lines)
