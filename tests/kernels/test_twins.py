"""Compiled equals interpreted: every slot, wide number and counter, or the same error."""

from __future__ import annotations

import array
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ringfence
from fuzz.decoders import ring
from ringfence.detect import _fields as fields
from tests.kernels.twins import LARGE, Value, World, load, rows_of, state
from tests.wire_cases.compile import cases, message
from tests.wire_cases.files import PCAPS, Pcapng

if os.environ.get("RINGFENCE_PURE") == "1" or not ringfence.compiled():
    pytest.skip("kernels are not compiled here", allow_module_level=True)

COMPILED, INTERPRETED = load()
BOTH = (COMPILED, INTERPRETED)
FILES = [Pcapng().file(case.packets) for case in cases()]
PACKETS = [packet for case in cases() for packet in case.packets]
LINKS = (0, 1, 9, 12, 14, 50, 101, 104, 108, 113, 228, 229, 276, 999)


def agree(read: Callable[[World], object]) -> object:
    """What both worlds say, checked to be the same; an error counts by its type."""
    compiled, interpreted = (_said(read, world) for world in BOTH)
    assert compiled not in ("TypeError", "AttributeError"), "this test asks in a wrong way"
    assert compiled == interpreted
    return compiled


def _said(read: Callable[[World], object], world: World) -> object:
    try:
        return read(world)
    except Exception as error:  # noqa: BLE001  whatever it is, both must raise it
        return type(error).__name__


# -- that this compares what it says -----------------------------------------------------------


def test_worlds_are_what_they_are_called() -> None:
    for name in ringfence._twin.KERNELS:
        leaf = name.rpartition(".")[2]
        assert str(COMPILED.modules[leaf].__file__).endswith(".so")
        assert str(INTERPRETED.modules[leaf].__file__).endswith(".py")
        assert sys.modules[name] is COMPILED.modules[leaf]


def test_a_difference_is_seen() -> None:
    seen = [world.decode(FILES[0]) for world in BOTH]
    assert seen[0] == seen[1]
    assert seen[0] != COMPILED.decode(FILES[1])
    names = set(state(COMPILED.new_batch(b"")))
    assert names == set(state(INTERPRETED.new_batch(b"")))
    assert names > {"counts", "media", "ignored", "help_start", "time", "notes"}


# -- captures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name.removesuffix(".txt"))
def test_wire_cases(case: object) -> None:
    packets = case.packets  # type: ignore[attr-defined]
    octets = Pcapng().file(packets)
    for step in (None, 1, 1000):
        agree(lambda world, step=step: world.decode(octets, step))  # type: ignore[misc]
    if len({packet.link for packet in packets}) == 1:
        for way in PCAPS.values():
            agree(lambda world, way=way: world.decode(way.file(packets)))  # type: ignore[misc]


def test_shared_captures(shared_data: Path) -> None:
    paths = sorted(path for path in (shared_data / "captures").rglob("*") if "cap" in path.suffix)
    assert len(paths) > 50
    for path in paths:
        octets = path.read_bytes()
        agree(lambda world, octets=octets: world.decode(octets))  # type: ignore[misc]
        agree(lambda world, octets=octets: world.tally(octets))  # type: ignore[misc]


# -- captures, changed -------------------------------------------------------------------------

_EDITS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=8)
        | st.sampled_from([b"\0", b"\xff", b"\r\n", b":", b"<", b'"']),
    ),
    min_size=1,
    max_size=6,
)


def edited(octets: bytes, edits: list[tuple[int, float, bytes]]) -> bytes:
    """Octets replaced, put in, taken out, cut off behind, said twice."""
    for kind, where, piece in edits:
        at = int(where * len(octets))
        if kind == 0:
            octets = octets[:at] + piece + octets[at + len(piece) :]
        elif kind == 1:
            octets = octets[:at] + piece + octets[at:]
        elif kind == 2:
            octets = octets[:at] + octets[at + len(piece) :]
        elif kind == 3:
            octets = octets[: max(at, 40)]
        else:
            octets = octets[:at] + octets[at : at + 300] + octets[at:]
    return octets


@settings(max_examples=300)
@given(st.sampled_from(FILES), _EDITS, st.sampled_from([None, 777]))
def test_changed_captures(
    octets: bytes, edits: list[tuple[int, float, bytes]], step: int | None
) -> None:
    changed = edited(octets, edits)
    agree(lambda world: world.decode(changed, step))


@settings(max_examples=500)
@given(st.sampled_from(PACKETS), _EDITS, st.sampled_from(LINKS), st.booleans())
def test_changed_packets(
    packet: object, edits: list[tuple[int, float, bytes]], link: int, own_link: bool
) -> None:
    octets = edited(packet.octets, edits)  # type: ignore[attr-defined]
    number = packet.link if own_link else link  # type: ignore[attr-defined]
    agree(lambda world: taken(world, octets, number))


@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from(LINKS))
def test_any_packet(octets: bytes, link: int) -> None:
    agree(lambda world: taken(world, octets, link))


def test_every_octet_of_a_packet_of_each_kind() -> None:
    """One packet of each case, each of its first octets changed in three ways."""
    dice = random.Random(5)  # noqa: S311  seeded on purpose
    for case in cases():
        packet = dice.choice(case.packets)
        for at in range(min(len(packet.octets), 90)):
            for octet in (0, 255, packet.octets[at] ^ (1 << dice.randrange(8))):
                changed = packet.octets[:at] + bytes([octet]) + packet.octets[at + 1 :]
                agree(lambda world, o=changed, link=packet.link: taken(world, o, link))  # type: ignore[misc]


def taken(world: World, octets: bytes, link: int) -> object:
    batch = world.lay(octets)
    stop = world._pcap.take(batch, 0, len(octets), len(octets), link)
    return stop, rows_of(batch), state(batch, LARGE)


# -- blocks of a ring --------------------------------------------------------------------------

_BLOCKS = [one for one in ring.seeds() if one]


@settings(max_examples=300)
@given(st.sampled_from(_BLOCKS), _EDITS)
def test_changed_blocks(block: bytes, edits: list[tuple[int, float, bytes]]) -> None:
    changed = edited(block[1:], edits)[:8192]
    agree(lambda world: live(world, changed, 113 if block[0] else 1))


def live(world: World, block: bytes, link: int) -> object:
    """Messages and packets of a block, and all that decoding it leaves."""
    memory = bytearray(8192 + world.live.ARENA_OCTETS)
    memory[: len(block)] = block
    decoder = world.live.LiveDecoder(memory, world.live.Shape(8192, 1), link, 3)
    taken = decoder.take(0)
    seen = [(rows_of(table.batch), [table.message(row) for row in table.rows()])
            for table in taken.tables()]  # fmt: skip
    packets = [(one.packet, one.time_ns, one.octets) for one in taken.records()]
    return seen, packets, state(decoder.batch), decoder.damaged


# -- messages ----------------------------------------------------------------------------------

_NAMES = st.sampled_from(
    [
        "Via",
        "v",
        "FROM",
        "f",
        "To",
        "t",
        "Call-ID",
        "i",
        "CSeq",
        "Contact",
        "m",
        "User-Agent",
        "Server",
        "Content-Length",
        "l",
        "Content-Type",
        "c",
        "Max-Forwards",
        "Expires",
        "Authorization",
        "Proxy-Authorization",
        "WWW-Authenticate",
        "Proxy-Authenticate",
        "X",
        "Vias",
        "aVeryLongNameOfThirtyLettersXX",
        "",
        "Via\0",
    ]
)
_TOKENS = st.sampled_from(
    [
        "sip:",
        "sips:",
        "tel:",
        "200",
        "@",
        "192.0.2.1",
        "[2001:db8::1]",
        "[",
        "]",
        ":",
        ";",
        ",",
        "=",
        "<",
        ">",
        '"',
        "\\",
        '\\"',
        "tag",
        "branch",
        "received",
        "rport",
        "z9hG4bK",
        "username",
        "realm",
        "nonce",
        "response",
        "uri",
        "algorithm",
        "nc",
        "qop",
        "auth",
        "auth-int",
        "SIP/2.0/UDP",
        "INVITE",
        "0",
        "1",
        "70",
        "4294967296",
        "99999999999",
        "-1",
        "/",
        "?",
        "f00d",
        "31323334350131",
        " ",
        "\t",
        "\r\n ",
        "\n",
        "\0",
        "\xff",
        "Digest ",
        "SIP / 2.0 / UDP ",
    ]
)
_VALUES = st.lists(_TOKENS, max_size=12).map("".join)
_STARTS = st.sampled_from(
    [
        "OPTIONS sip:100@192.0.2.1 SIP/2.0",
        "REGISTER sip:a SIP/2.0",
        "INVITE tel:+1 SIP/2.0",
        "INVITE\tsip:a\tSIP/2.0",
        "SUBSCRIBE sip:[::1] sip/2.0 ",
        "X  y  SIP/3.0",
        "\r\n\0INVITE sip:a SIP/2.0",
        "INVITE\0 sip:a SIP/2.0",
        "SIP/2.0 200 OK",
        "SIP/2.0 401 x",
        "SIP/2.0  99999999999",
        "GET / HTTP/1.1",
    ]
) | _VALUES.map(lambda value: f"INVITE {value} SIP/2.0")
_BODY_PARTS = [
    "v=0",
    "\r\n",
    "\n",
    "c=",
    "m=",
    "IN ",
    "IP4 ",
    "192.0.2.1",
    "/",
    "audio ",
    "70000",
    " ",
]
_BODIES = st.lists(st.sampled_from(_BODY_PARTS), max_size=12).map("".join) | st.just(
    "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\n"
)
_LINE_ENDS = st.sampled_from(["\r\n", "\r\n", "\r\n", "\n", "\r"])


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Text that has the shape of SIP, more or less."""
    end = draw(_LINE_ENDS)
    colons = st.sampled_from([":", " : ", ""])
    headers = draw(st.lists(st.tuples(_NAMES, colons, _VALUES), max_size=8))
    lines = [draw(_STARTS), *("".join(header) for header in headers)]
    return (end.join(lines) + end * 2 + draw(_BODIES)).encode("latin-1")


@settings(max_examples=800)
@given(messages())
def test_any_message(octets: bytes) -> None:
    agree(lambda world: read(world, octets))


@settings(max_examples=300)
@given(st.sampled_from(["REGISTER", "INVITE", "BYE"]), _EDITS)
def test_changed_message(method: str, edits: list[tuple[int, float, bytes]]) -> None:
    octets = edited(message(method, "one"), edits)
    agree(lambda world: read(world, octets))


def test_every_prefix_and_every_changed_octet_of_a_message() -> None:
    octets = message("REGISTER", "one")
    for at in range(len(octets)):
        agree(lambda world, at=at: read(world, octets[:at]))  # type: ignore[misc]
        for octet in (0, 10, 13, 32, 58, 255):
            changed = octets[:at] + bytes([octet]) + octets[at + 1 :]
            agree(lambda world, o=changed: read(world, o))  # type: ignore[misc]


def read(world: World, octets: bytes) -> object:
    """Row and finer columns of one message."""
    batch = world.lay(octets)
    batch.source_port = 5060
    found = world._sip.message(batch, 0, len(octets))
    before = rows_of(batch)
    world._parts.parts(batch, 0, batch.n)
    return found, before, rows_of(batch)


# -- sources -----------------------------------------------------------------------------------

_STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), messages()), min_size=1, max_size=60
)


@settings(max_examples=40)
@given(_STEPS, st.integers(2, 8))
def test_any_conversation_is_tallied_alike(
    steps: list[tuple[int, int, bytes]], sources: int
) -> None:
    agree(lambda world: tallied(world, steps, sources))


@settings(max_examples=60)
@given(_STEPS, st.integers(10, 20), st.lists(st.booleans(), min_size=1, max_size=40))
def test_any_two_tallies_are_joined_alike(
    steps: list[tuple[int, int, bytes]], sources: int, shares: list[bool]
) -> None:
    agree(lambda world: joined(world, steps, sources, shares))


def test_numbers_at_their_bounds_are_tallied_alike() -> None:
    """Where C would wrap: a CSeq of 2**31-1 once gave another transaction in C."""
    bounds = (0, 1, 2147483645, 2147483646, 2147483647, 2147483648, 4294967295, 4294967296, -1)
    starts = ("REGISTER sip:a SIP/2.0", "SIP/2.0 401 x", "INVITE sip:1@a SIP/2.0", "SIP/2.0 200 x")
    steps = [
        (
            at % 2,
            1 - at % 2,
            f"{start}\r\nf: <sip:{n}@a>;tag={n}\r\nCSeq: {n} REGISTER\r\nExpires: {n}\r\n"
            f'Authorization: Digest username="{n}", nonce="{n}", nc={n}\r\n\r\n'.encode(),
        )
        for n in bounds
        for at, start in enumerate(starts)
    ]
    agree(lambda world: tallied(world, steps, 8))
    for _, _, octets in steps:
        agree(lambda world, octets=octets: read(world, octets))  # type: ignore[misc]


def tallied(world: World, steps: list[tuple[int, int, bytes]], sources: int) -> object:
    tally = world._tally.Tally(1, sources)
    return counted(world, tally, steps), state(tally)


def joined(
    world: World, steps: list[tuple[int, int, bytes]], sources: int, shares: list[bool]
) -> object:
    """Messages shared out over two tallies, which are then one; and rows that move."""
    one, two = (world._tally.Tally(64, sources) for _ in range(2))
    parts: dict[bool, list[tuple[int, int, bytes]]] = {True: [], False: []}
    for i, step in enumerate(steps):
        parts[shares[i % len(shares)]].append(step)
    picks = [counted(world, one, parts[True]), counted(world, two, parts[False])]
    rows = range(0, two.n * fields.ROW_WIDTH, fields.ROW_WIDTH)
    addresses = [(two.rows[o], two.rows[o + 1]) for o in rows]
    if one.n + two.n > one.sources:
        return picks
    moved = array.array("q", [world._tally.find_source(one, *address) for address in addresses])
    join = world._join
    join.join_rows(one, two, moved)
    join.join_pairs(one, two, moved)
    join.join_echoes(one, two, moved)
    join.join_others(one, two, moved)
    places = [join.join_transactions(one, two, moved, 0, last) for last in (0, 1)]
    join.confirm_calls(one)
    after = state(one), list(one.picks)
    join.follow(one, array.array("q", [i if i % 3 else -1 for i in range(one.sources)]))
    return picks, places, after, state(one)


def counted(world: World, tally: Value, steps: list[tuple[int, int, bytes]]) -> list[Value]:
    picks = []
    for time, (source, destination, octets) in enumerate(steps):
        batch = world.lay(octets)
        batch.source_low, batch.destination_low, batch.time = source, destination, time * 10**9
        batch.source_port, batch.transport = 5060, 1 + source % 2
        world._sip.message(batch, 0, len(octets))
        world._tally.tally(tally, batch, 0)
        picks.append(list(tally.picks[: 4 * tally.pick_count]))
        tally.pick_count = 0
    return picks


# -- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "end"), [(0, 99), (-5, 10), (5, 3), (99, 100)])
def test_ranges_outside_of_the_buffer(start: int, end: int) -> None:
    octets = message("OPTIONS", "one")[:40]

    def outside(world: World) -> object:
        batch = world.new_batch(octets)
        return world._sip.message(batch, start, end), rows_of(batch)

    agree(outside)


def test_rows_that_are_not_there() -> None:
    def full(world: World) -> object:
        octets = message("OPTIONS", "one")
        batch = world.new_batch(octets)
        return [world._sip.message(batch, 0, len(octets)) for _ in range(2)]

    assert agree(full) == "IndexError"


# -- numbers -----------------------------------------------------------------------------------


@settings(max_examples=200)
@given(st.lists(st.integers(0, 2**64 - 1), min_size=5, max_size=5), st.binary(max_size=40))
def test_hashes(numbers: list[int], octets: bytes) -> None:
    def hashes(world: World) -> object:
        batch = world.lay(octets)
        (batch.source_high, batch.source_low, batch.destination_high, batch.destination_low) = (
            numbers[:4]
        )
        batch.source_port, batch.destination_port = numbers[4] % 65536, numbers[4] >> 48
        spans = [world._sip.span_hash(batch, at, len(octets)) for at in range(len(octets))]
        media = world._batch.media_hash(numbers[0], numbers[1], numbers[4] % 65536)
        return world._batch.stream_hash(batch), media, spans

    agree(hashes)


@settings(max_examples=300)
@given(
    st.integers(0, 2**64 - 1),
    st.sampled_from([*range(10), 12, 18, 0x80, 0x8A, 0xA0, 0xA1, 0xBF]),
    st.integers(-(2**63), 2**63 - 1),
)
def test_clocks(units: int, resolution: int, offset_s: int) -> None:
    """Any time stamp at any resolution, wrapped around as 64 bits do."""
    way = Pcapng("<", resolution, offset_s)
    interface, block = way.interface(1), _stamped(way, units)

    def walked(world: World) -> object:
        batch = world.lay(block)
        batch.interface_count = 0
        world.capture.read_interface(batch, interface, 0)
        at = world._pcap.walk_pcapng(batch, 0, len(block))
        return at, rows_of(batch), state(batch, LARGE)

    agree(walked)


def _stamped(way: Pcapng, units: int) -> bytes:
    frame = PACKETS[0].octets
    numbers = (0, units >> 32, units & 0xFFFFFFFF, len(frame), len(frame))
    head = b"".join(number.to_bytes(4, "little") for number in numbers)
    return way.block(6, head + frame + bytes(-len(frame) % 4))


# -- the whole ---------------------------------------------------------------------------------

WHOLE = (
    "lab/leaky.pcap",
    "initconf__sip-attacks__SIP-3700-unauthorized-401.pcap",
    "ntop__nDPI__pcap-sip.pcap",
)


@pytest.mark.parametrize("name", WHOLE)
def test_incident_is_the_same_to_the_octet(shared_data: Path, name: str) -> None:
    path = shared_data / "captures" / name
    if not path.is_file():
        pytest.skip(f"no {name} in the shared data")
    compiled, interpreted = (_investigate(path, pure) for pure in ("0", "1"))
    assert compiled == interpreted
    assert len(compiled) > 200


def _investigate(path: Path, pure: str) -> bytes:
    run = subprocess.run(
        [sys.executable, "-m", "ringfence", "investigate", "--json", "-", str(path)],
        env=os.environ | {"RINGFENCE_PURE": pure},
        capture_output=True,
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    return run.stdout
