from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.wire import fragments
from ringfence.wire.fragments import Datagram, DatagramKey, FragmentTable

ATTACKER = bytes([203, 0, 113, 7])
PBX = bytes([192, 0, 2, 1])
UDP = 17
SECOND = 1_000_000_000


def key(ident: int = 1) -> DatagramKey:
    return (ATTACKER, PBX, ident, UDP)


def pieces(payload: bytes, size: int) -> list[tuple[int, bool, bytes]]:
    starts = range(0, len(payload), size)
    return [(at, at + size < len(payload), payload[at : at + size]) for at in starts]


def add_all(table: FragmentTable, parts: list[tuple[int, bool, bytes]]) -> list[Datagram]:
    out: list[Datagram] = []
    for offset, more, octets in parts:
        out += table.add(key(), offset, more, octets, 0)
    return out


PAYLOAD = bytes(range(256)) * 3


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_fragments_in_any_order(order: tuple[int, ...]) -> None:
    parts = pieces(PAYLOAD, 256)
    table = FragmentTable()
    [whole] = add_all(table, [parts[i] for i in order])
    assert whole == Datagram(key(), PAYLOAD, UDP, False, 3, True, 0)
    assert table.unfinished == 0
    assert table.octets == 0


def test_atomic_fragment_is_a_datagram_of_its_own() -> None:
    table = FragmentTable()
    table.add(key(), 0, True, PAYLOAD[:256], 0)
    [alone] = table.add(key(), 0, False, b"alone", 0)
    assert alone.payload == b"alone"
    assert table.unfinished == 1


def test_duplicates_change_nothing() -> None:
    parts = pieces(PAYLOAD, 256)
    [whole] = add_all(FragmentTable(), [parts[0], parts[0], parts[1], parts[1], parts[2]])
    assert whole.payload == PAYLOAD
    assert not whole.overlapped


OVERLAPS = {
    "the second fragment rewrites the end of the first": [
        (0, True, b"A" * 16),
        (8, True, b"B" * 16),
        (24, False, b"C" * 8),
    ],
    "the first fragment comes late and rewrites the second": [
        (8, True, b"B" * 16),
        (0, True, b"A" * 16),
        (24, False, b"C" * 8),
    ],
    "a small fragment inside a large one": [
        (0, True, b"A" * 24),
        (8, True, b"B" * 8),
        (24, False, b"C" * 8),
    ],
    "a large fragment around a small one": [
        (8, True, b"B" * 8),
        (0, True, b"A" * 24),
        (24, False, b"C" * 8),
    ],
}
FIRST_WINS = {
    "the second fragment rewrites the end of the first": b"A" * 16 + b"B" * 8 + b"C" * 8,
    "the first fragment comes late and rewrites the second": b"A" * 8 + b"B" * 16 + b"C" * 8,
    "a small fragment inside a large one": b"A" * 24 + b"C" * 8,
    "a large fragment around a small one": b"A" * 8 + b"B" * 8 + b"A" * 8 + b"C" * 8,
}


@pytest.mark.parametrize("lie", OVERLAPS)
def test_overlap_first_wins_and_is_flagged(lie: str) -> None:
    [whole] = add_all(FragmentTable(), OVERLAPS[lie])
    assert whole.payload == FIRST_WINS[lie]
    assert whole.overlapped


def test_overlap_that_agrees_is_not_flagged() -> None:
    parts = [(0, True, PAYLOAD[:32]), (16, True, PAYLOAD[16:48]), (48, False, PAYLOAD[48:60])]
    [whole] = add_all(FragmentTable(), parts)
    assert whole.payload == PAYLOAD[:60]
    assert not whole.overlapped


def test_two_last_fragments_disagree_on_the_end() -> None:
    parts = [(16, False, b"end"), (24, False, b"later"), (0, True, b"x" * 16)]
    [whole] = add_all(FragmentTable(), parts)
    assert whole.payload == b"x" * 16 + b"end"
    assert whole.overlapped


def test_last_fragment_ends_before_octets_that_came_earlier() -> None:
    parts = [(0, True, b"a" * 16), (16, True, b"b" * 16), (16, False, b"bbbb")]
    [whole] = add_all(FragmentTable(), parts)
    assert whole.payload == b"a" * 16 + b"bbbb"
    assert whole.overlapped


def test_middle_fragment_whose_length_is_no_multiple_of_eight() -> None:
    table = FragmentTable()
    assert not add_all(table, [(0, True, b"a" * 13), (13, False, b"b")])
    assert table.unfinished == 1


def test_ping_of_death_is_refused_and_stays_refused() -> None:
    table = FragmentTable()
    assert not add_all(table, [(65_528, False, b"x" * 8), (0, True, b"y" * 65_528)])
    assert table.too_large == 1
    assert table.octets == 0


def test_missing_fragment_expires_and_first_part_is_handed_out() -> None:
    table = FragmentTable()
    table.add(key(1), 0, True, b"INVITE s", 0)
    table.add(key(2), 8, False, b"nothing before", 0)
    assert not table.add(key(3), 0, True, b"later...", fragments.MAX_AGE_NS)
    [partial] = table.add(key(3), 16, True, b"later...", fragments.MAX_AGE_NS + 1)
    assert (partial.payload, partial.complete, partial.key) == (b"INVITE s", False, key(1))
    assert table.expired == 2
    assert table.unfinished == 1


def test_capture_filter_lost_all_but_first_fragments() -> None:
    table = FragmentTable()
    for ident in range(3):
        table.add(key(ident), 0, True, b"x" * 8, ident)
    assert [one.time_ns for one in table.finish()] == [0, 1, 2]
    assert table.unfinished == 0


def test_flood_of_first_fragments_is_bounded() -> None:
    table = FragmentTable()
    out: list[Datagram] = []
    for ident in range(fragments.MAX_DATAGRAMS + 10):
        out += table.add(key(ident), 0, True, b"x" * 8, 0)
    assert table.unfinished == fragments.MAX_DATAGRAMS
    assert table.evicted == 10
    assert [one.key[2] for one in out] == list(range(10))


def test_flood_of_large_fragments_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "MAX_OCTETS", 10_000)
    table = FragmentTable()
    for ident in range(100):
        table.add(key(ident), 8, True, b"x" * 1000, 0)
        assert table.octets <= 10_000
    assert table.evicted == 90


def test_tiny_fragment_flood_is_refused_and_stays_refused() -> None:
    table = FragmentTable()
    for at in range(fragments.MAX_PIECES + 100):
        table.add(key(), 16 * at % 65_520, True, b"x" * 8, 0)
    assert table.too_many_pieces == 1
    assert table.octets == 0
    assert table.unfinished == 1


def test_refused_datagram_may_be_sent_again_later() -> None:
    table = FragmentTable()
    table.add(key(), 65_528, False, b"x" * 80, 0)
    late = fragments.MAX_AGE_NS + 1
    table.add(key(), 0, True, b"x" * 8, late)
    [whole] = table.add(key(), 8, False, b"y", late)
    assert whole.payload == b"x" * 8 + b"y"


@given(st.binary(min_size=17, max_size=400), st.randoms(use_true_random=False), st.data())
def test_shuffled_duplicated_and_overlapping_pieces_make_the_same(
    payload: bytes, rng: random.Random, data: st.DataObject
) -> None:
    parts = pieces(payload, 8)
    for _ in range(data.draw(st.integers(0, 6))):
        at = rng.randrange(0, len(payload), 8)
        end = min(len(payload), at + 8 * rng.randint(1, 9))
        parts.append((at, end < len(payload), payload[at:end]))
    rng.shuffle(parts)
    table = FragmentTable()
    out = add_all(table, parts)
    assert out
    assert out[0].payload == payload
    assert not any(one.overlapped for one in out)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.integers(0, 8191).map(lambda n: n * 8),
            st.booleans(),
            st.binary(max_size=64),
            st.integers(0, 100).map(lambda s: s * SECOND),
        ),
        max_size=60,
    )
)
def test_anything_leaves_the_accounts_straight(
    parts: list[tuple[int, int, bool, bytes, int]],
) -> None:
    table = FragmentTable()
    for ident, offset, more, octets, time_ns in parts:
        for one in table.add(key(ident), offset, more, octets, time_ns):
            assert len(one.payload) <= fragments.MAX_DATAGRAM
        assert table.octets == sum(growing.octets for growing in table._growing.values())
    table.finish()
    assert table.octets == 0
