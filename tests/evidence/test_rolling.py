"""The minute before the verdict: what was put comes out, floods push out themselves."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.cut import Cut
from ringfence.evidence.rolling import MAX_HELD, MIN_OCTETS, SECOND, RollingBuffer, words
from ringfence.wire.decoder import Decoder
from ringfence.wire.records import PacketKeeper, Record
from tests.search.scene import fed
from tests.wire_cases.compile import packets_of
from tests.wire_cases.files import NANOSECONDS, Pcap
from tests.wire_cases.reading import decode

if TYPE_CHECKING:
    from numpy.typing import NDArray

OURS, PHONE, ATTACKER = "192.0.2.1", "198.51.100.20", "203.0.113.7"
SEED = 0x5EED


@dataclass(frozen=True)
class Sent:
    """One packet as it was put."""

    at_s: float
    source: str
    octets: bytes
    target: str = OURS
    dialog: int = 0

    @property
    def at_ns(self) -> int:
        return round(self.at_s * SECOND)


def filled(*packets: Sent, size: int = 1 << 20) -> RollingBuffer:
    buffer = RollingBuffer(SEED, size)
    buffer.name_ours([OURS])
    put_all(buffer, *packets)
    return buffer


def put_all(buffer: RollingBuffer, *packets: Sent) -> None:
    for number, one in enumerate(packets):
        record = Record(number, 7 + number, 1, one.octets, len(one.octets))
        buffer.put(record, words(one.source), words(one.target), one.at_ns, one.dialog)


def octets_of(cut: Cut) -> list[bytes]:
    stream = io.BytesIO()
    cut.write_to(stream.write, "ringfence 1")
    ends = np.cumsum(cut.lengths).tolist()
    return [cut.octets[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def test_cut_has_the_minute_before_and_after_and_both_directions() -> None:
    buffer = filled(
        Sent(10, ATTACKER, b"too early"),
        Sent(41, ATTACKER, b"before"),
        Sent(42, OURS, b"answer", ATTACKER),
        Sent(43, PHONE, b"somebody else"),
        Sent(100, ATTACKER, b"verdict"),
        Sent(160, ATTACKER, b"after"),
        Sent(161, ATTACKER, b"too late"),
    )
    cut = buffer.cut([ATTACKER], 100 * SECOND)
    assert octets_of(cut) == [b"before", b"answer", b"verdict", b"after"]
    assert octets_of(buffer.cut([ATTACKER], 100 * SECOND, 1, 0)) == [b"verdict"]
    assert octets_of(buffer.cut([], 100 * SECOND, 58, 0)) == [
        b"answer", b"somebody else", b"verdict",
    ]  # fmt: skip
    assert (cut.thinned, cut.thinned_in_all) == (0, 0)


def test_both_families_of_addresses_are_found() -> None:
    buffer = filled(Sent(1, "2001:db8::7", b"six"), Sent(2, "::ffff:203.0.113.7", b"four"))
    assert octets_of(buffer.cut(["2001:db8::7"], SECOND)) == [b"six"]
    assert octets_of(buffer.cut([ATTACKER], SECOND)) == [b"four"]


def test_a_flood_does_not_cost_the_quiet_attacker_his_history() -> None:
    """The guess that succeeded came a minute ago; since then somebody makes noise."""
    quiet = [Sent(n, ATTACKER, b"guess %d" % n, dialog=n) for n in range(10)]
    noise = [Sent(10 + n / 200, "203.0.113.66", b"x" * 700, dialog=1000 + n) for n in range(8000)]
    buffer = filled(*quiet, *noise)
    assert octets_of(buffer.cut([ATTACKER], 45 * SECOND)) == [one.octets for one in quiet]
    loud = buffer.cut(["203.0.113.66"], 45 * SECOND)
    assert 0 < loud.thinned <= loud.thinned_in_all == buffer.filled().thinned
    assert "Left out: " in loud.describe()


def test_what_was_thinned_long_ago_is_not_told_of_a_case_of_today() -> None:
    noise = [Sent(n / 200, ATTACKER, b"x" * 700, dialog=n) for n in range(8000)]
    buffer = filled(*noise)
    assert buffer.cut([ATTACKER], 40 * SECOND).thinned > 1000
    later = [Sent(1000 + n / 10, ATTACKER, b"x" * 700, dialog=n) for n in range(3000)]
    put_all(buffer, *later)
    cut = buffer.cut([ATTACKER], 1300 * SECOND)
    assert (cut.thinned, cut.thinned_in_all) == (0, 0)
    assert len(cut) == 600
    assert "Nothing was left out" in cut.describe()


def test_answers_of_our_server_are_no_flood_of_our_server() -> None:
    """It answers everybody: as one party it would be the loudest, and lose what it said."""
    quiet = [
        Sent(n, source, octets, target, 1)
        for n, (source, octets, target) in enumerate(
            [(PHONE, b"REGISTER", OURS), (OURS, b"401", PHONE)] * 3
        )
    ]
    noise = [
        Sent(6 + n / 500, source, octets, target, n)
        for n in range(4000)
        for source, octets, target in [(ATTACKER, b"x" * 600, OURS), (OURS, b"y" * 600, ATTACKER)]
    ]
    buffer = filled(*quiet, *noise)
    assert octets_of(buffer.cut([PHONE], 14 * SECOND)) == [one.octets for one in quiet]


def test_who_is_held_is_kept_until_the_cut_although_it_is_old() -> None:
    guesses = [Sent(n, ATTACKER, b"guess %d" % n) for n in range(60)]
    buffer = filled(*guesses)
    assert buffer.hold(ATTACKER, 60 * SECOND)
    noise = [Sent(60 + n / 100, f"198.51.100.{n % 250}", b"x" * 900, dialog=n) for n in range(6000)]
    put_all(buffer, *noise)
    assert octets_of(buffer.cut([ATTACKER], 60 * SECOND)) == [one.octets for one in guesses]
    buffer.release([ATTACKER])
    put_all(buffer, *(Sent(130 + n / 100, PHONE, b"x" * 900, dialog=n) for n in range(3000)))
    assert octets_of(buffer.cut([ATTACKER], 60 * SECOND)) == []


def test_who_is_held_and_floods_leaves_half_of_the_room_to_others() -> None:
    buffer = filled()
    buffer.hold(ATTACKER, SECOND)
    put_all(
        buffer,
        *(Sent(1 + n / 400, ATTACKER, b"x" * 800, dialog=n) for n in range(4000)),
        *(Sent(11 + n / 400, f"198.51.100.{n % 250}", b"y" * 800, dialog=n) for n in range(4000)),
    )
    mine = sum(map(len, octets_of(buffer.cut([ATTACKER], SECOND))))
    everybody = sum(map(len, octets_of(buffer.cut([], SECOND))))
    assert 0.3 < mine / everybody < 0.7  # half of what stays, before the next come


def test_what_is_held_is_bounded_and_forgotten_when_nobody_comes_for_it() -> None:
    buffer = filled()
    assert all(buffer.hold(str(ip_address(0xCB007100 + n)), SECOND) for n in range(MAX_HELD))
    assert not buffer.hold("198.51.100.1", SECOND)
    assert buffer.hold("203.0.113.0", SECOND)  # is held already
    put_all(buffer, *(Sent(400 + n / 1000, PHONE, b"x" * 900) for n in range(2000)))
    assert buffer.filled().held == 0


def test_time_that_a_packet_claims_throws_nobody_out() -> None:
    """HEP carries a time: one that lies far ahead would make everything old."""
    buffer = filled(Sent(1, ATTACKER, b"guess"))
    liar = Record(1, 1 << 63, 1, b"x" * 900, 900)
    for n in range(3000):
        buffer.put(liar, words("203.0.113.66"), words(OURS), 2 * SECOND, n)
    assert octets_of(buffer.cut([ATTACKER], 2 * SECOND)) == [b"guess"]


def test_clock_that_goes_back_loses_nothing() -> None:
    buffer = filled(Sent(100, ATTACKER, b"one"), Sent(40, ATTACKER, b"two"))
    assert octets_of(buffer.cut([ATTACKER], 100 * SECOND, 1, 1)) == [b"one", b"two"]


def test_packet_larger_than_any_signalling_is_counted_only() -> None:
    buffer = filled(Sent(1, ATTACKER, b"x" * 70_000), Sent(2, ATTACKER, b"y"))
    assert octets_of(buffer.cut([], SECOND)) == [b"y"]
    assert buffer.filled().too_large == 1


@pytest.mark.parametrize("size", [0, MIN_OCTETS - 1, 1 << 40])
def test_size_that_makes_no_sense_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="a buffer of"):
        RollingBuffer(SEED, size)


SIDES = st.sampled_from([ATTACKER, PHONE, "203.0.113.66", "2001:db8::7"])


@given(
    st.lists(st.tuples(SIDES, st.integers(0, 4000), st.integers(0, 3000), st.booleans())),
    st.integers(0, 90_000),
    SIDES,
)
def test_what_is_cut_is_what_was_put_unless_it_was_thinned(
    script: list[tuple[str, int, int, bool]], at_ms: int, wanted: str
) -> None:
    """A small buffer that is tidied often, against a list."""
    now_ms, packets = 0, []
    for n, (who, pause_ms, length, answer) in enumerate(script):
        now_ms += pause_ms
        octets = n.to_bytes(4, "big") + bytes(length)
        source, target = (OURS, who) if answer else (who, OURS)
        packets.append(Sent(now_ms / 1000, source, octets, target, n))
    at_ms = min(at_ms, now_ms)
    buffer = filled(*packets, size=MIN_OCTETS)
    alive_ms = now_ms - 60_000
    cut = buffer.cut([wanted], at_ms * SECOND // 1000)
    due = [
        one.octets
        for one in packets
        if wanted in (one.source, one.target)
        and max(at_ms - 60_000, alive_ms) <= round(one.at_s * 1000) <= at_ms + 60_000
    ]
    found = octets_of(cut)
    places = [int.from_bytes(octets[:4]) for octets in found]
    assert places == sorted(places)
    assert all(octets == packets[n].octets for n, octets in zip(places, found, strict=True))
    missing = set(due) - set(found)
    assert not missing or len(missing) <= buffer.filled().thinned
    if not buffer.filled().thinned:
        assert [octets for octets in found if octets in due] == due


def spans(rng: np.random.Generator, n: int, forged: bool = True) -> dict[str, NDArray[np.generic]]:
    source = rng.integers(0, 2**32, n).astype(np.uint64) if forged else np.full(n, 7, np.uint64)
    high, low = words(OURS)
    return {
        "time": np.ones(n, np.uint64), "number": np.arange(n, dtype=np.uint64),
        "dialog": rng.integers(0, 2**63, n).astype(np.uint64),
        "source_high": np.zeros(n, np.uint64), "source_low": source + np.uint64(0xFFFF << 32),
        "destination_high": np.full(n, high, np.uint64),
        "destination_low": np.full(n, low, np.uint64),
        "original": np.full(n, 500, np.uint32), "link": np.ones(n, np.uint16),
    }  # fmt: skip


def test_a_million_forged_sources_stay_below_the_bound_and_cost_no_guess() -> None:
    size, n = 8 * 1024 * 1024, 1000
    block = memoryview(bytes(500 * n))
    columns = spans(np.random.default_rng(1), n)
    source = np.arange(n, dtype=np.uint64) + np.uint64(0xFFFF << 32)
    guesses = [Sent(0.5 + k / 10, ATTACKER, b"guess %d" % k, dialog=k) for k in range(5)]
    tracemalloc.start()
    buffer = RollingBuffer(SEED, size)
    buffer.name_ours([OURS])
    put_all(buffer, *guesses)
    for k in range(1000):
        columns["source_low"] = source + np.uint64(k * n)
        now_ns = SECOND + k * 10_000_000
        buffer.put_spans(block, [500 * i for i in range(n)], [500] * n, columns, now_ns)
        if k == 100:  # tidied a dozen times: all that it ever needs; tracing is slow
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert size / 2 < peak < size
    assert len(buffer.cut([ATTACKER], 2 * SECOND)) == 5
    filled = buffer.filled()
    assert filled.thinned + filled.packets == 1_000_005


@pytest.mark.parametrize("forged", [True, False])
def test_many_at_once_are_the_same_as_one_by_one(forged: bool) -> None:
    rng = np.random.default_rng(2)
    n = 700
    lengths = rng.integers(1, 2500, n).tolist()
    lengths[3] = 69_000  # too large
    starts = np.cumsum([0, *lengths])[:-1].tolist()
    block = rng.integers(0, 255, sum(lengths)).astype(np.uint8).tobytes()
    columns = spans(rng, n, forged)
    many, single = RollingBuffer(SEED, 1 << 19), RollingBuffer(SEED, 1 << 19)
    many.put_spans(memoryview(block), starts, lengths, columns, SECOND)
    for i in range(n):
        record = Record(i, 1, 1, block[starts[i] : starts[i] + lengths[i]], 500)
        source = int(columns["source_high"][i]), int(columns["source_low"][i])
        single.put(record, source, words(OURS), SECOND, int(columns["dialog"][i]))
    assert many.filled() == single.filled()
    assert octets_of(many.cut([], SECOND)) == octets_of(single.cut([], SECOND))


SPLIT = """
packet 1.000000007
eth
ip4 203.0.113.7 > 192.0.2.1 id=1 split=80,160
udp 5071 > 5060
sip OPTIONS one
packet 2
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 5071 > 5060 split=100
sip OPTIONS two
packet 3
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 5071 > 5060
sip OPTIONS three
sip OPTIONS four
packet 4
eth
ip4 198.51.100.20 > 192.0.2.1
udp 5060 > 5060
sip OPTIONS five
"""


WHOLE = """
packet 5
eth
ip4 198.51.100.21 > 192.0.2.1
udp 5060 > 5060
sip OPTIONS six
"""


class OneByOne:
    """A decoder that does not know how to find many packets at once."""

    def __init__(self, decoder: Decoder) -> None:
        self.keeper, self.record_at = decoder.keeper, decoder.record_at


@pytest.mark.parametrize("rows", [1, 2, 64])
@pytest.mark.parametrize("capture", ["attack", "nat_office", "SPLIT"])
def test_many_at_once_keep_what_one_by_one_keep(root: Path, capture: str, rows: int) -> None:
    if capture == "SPLIT":  # fragments and segments between whole ones
        octets = Pcap(NANOSECONDS).file(packets_of(SPLIT + WHOLE + SPLIT))
    else:
        octets = (root / f"examples/{capture}.pcap").read_bytes()
    kept = []
    for many in (True, False):
        buffer, decoder = filled(size=1 << 24), Decoder(rows)
        decoder.keeper = PacketKeeper()
        for _, holder, table in fed(octets, decoder):
            buffer.take(holder if many else OneByOne(holder), table, 5 * SECOND)
        kept.append((octets_of(buffer.cut([], 5 * SECOND)), buffer.filled(), buffer._rows.tolist()))
    assert kept[0] == kept[1]
    assert len(kept[0][0]) >= 15


@pytest.mark.parametrize("rows", [1, 64])
def test_packets_of_decoded_messages_are_kept_with_fragments_and_segments(rows: int) -> None:
    packets = packets_of(SPLIT)
    decoder = Decoder(rows)
    decoder.keeper = PacketKeeper()
    buffer = filled()
    for _, holder, table in fed(Pcap(NANOSECONDS).file(packets), decoder):
        buffer.take(holder, table, 5 * SECOND)
    stream = io.BytesIO()
    cut = buffer.cut([ATTACKER], 5 * SECOND)
    cut.write_to(stream.write, "ringfence 1")
    assert octets_of(cut) == [packet.octets for packet in packets[:-1]]
    assert cut.times.tolist() == [packet.time_ns for packet in packets[:-1]]
    assert len(decode(stream.getvalue()).texts) == 4
