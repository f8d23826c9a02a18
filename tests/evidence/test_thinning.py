"""Who loses what when there is too much: floods against quiet phones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.thinning import FLOOR, drawn, fair, mixed

SEED = 0x5EED


def thinned(
    packets: list[tuple[int, int, int, bool]], room: int
) -> list[tuple[int, int, int, bool]]:
    """What stays of (party, octets, dialog, asks)."""
    party, size, dialog, asks = (np.array(column) for column in zip(*packets, strict=True))
    kept = fair(
        mixed(party.astype(np.uint64), party.astype(np.uint64), SEED),
        size.astype(np.int64),
        drawn(dialog.astype(np.uint64), SEED),
        asks.astype(np.bool_),
        room,
    )
    return [packet for packet, stays in zip(packets, kept.tolist(), strict=True) if stays]


def test_a_flood_loses_its_own_packets_and_the_quiet_phone_none() -> None:
    flood = [(1, 500, n, True) for n in range(5000)]
    phone = [(2, 500, 9000 + n // 4, n % 2 == 0) for n in range(12)]
    stays = thinned(flood + phone, 200_000)
    assert [p for p in stays if p[0] == 2] == phone
    assert sum(p[0] == 1 for p in stays) == (200_000 - 12 * 500) // 500


def test_two_floods_share_what_is_left_alike() -> None:
    packets = [(1, 500, n, True) for n in range(9000)] + [(2, 500, n, True) for n in range(900)]
    stays = thinned(packets, 300_000)
    shares = [sum(p[0] == party for p in stays) for party in (1, 2)]
    assert shares == [300, 300]


def test_of_a_flood_that_is_thinned_dialogs_stay_whole() -> None:
    """A request without its answer would look like a server that is silent."""
    packets = [(1, 500, dialog, way == 0) for dialog in range(2000) for way in (0, 1)]
    stays = thinned(packets, 100_000)
    counts = {p[2]: 0 for p in stays}
    for p in stays:
        counts[p[2]] += 1
    assert sum(count == 1 for count in counts.values()) <= 1  # the one at the edge
    assert len(counts) >= 100


def test_a_million_of_forged_sources_do_not_push_out_who_spoke_twice() -> None:
    forged = [(1000 + n, 400, n, True) for n in range(50_000)]
    phones = [(n, 400, n // 2, True) for n in range(100) for _ in (0, 1)]
    stays = thinned(forged + phones, 2_000_000)
    assert [p for p in stays if p[0] < 1000] == phones
    assert len(stays) == 5000


def test_answers_to_a_forged_source_are_no_second_message_of_it() -> None:
    forged = [(1000 + n // 2, 400, n // 2, n % 2 == 0) for n in range(50_000)]
    phone = [(1, 400, 1, True), (1, 400, 1, False), (1, 400, 1, True), (1, 400, 1, False)]
    stays = thinned(forged + phone, 400_000)
    assert [p for p in stays if p[0] == 1] == phone


def test_a_sample_thinned_again_is_a_sample_of_all_of_it() -> None:
    """What stays of the first half is as much as what stays of the second."""
    stays = thinned([(1, 100, n, True) for n in range(4000)], 200_000)
    stays = thinned(stays + [(1, 100, 4000 + n, True) for n in range(4000)], 100_000)
    early = sum(p[2] < 4000 for p in stays)
    assert 380 < early < 620
    assert len(stays) == 1000


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 3000), st.integers(0, 9), st.booleans()),
        min_size=1,
        max_size=60,
    ),
    st.integers(0, 120_000),
)
def test_never_more_than_the_room_and_no_needless_loss(
    packets: list[tuple[int, int, int, bool]], room: int
) -> None:
    stays = thinned(packets, room)
    octets = sum(p[1] for p in stays)
    assert octets <= room
    if sum(p[1] for p in packets) <= room:
        assert stays == packets
    else:
        assert octets > room - 3000  # the next packet had none


@given(st.integers(1, 40), st.integers(60_000, 400_000))
def test_who_is_below_the_floor_loses_nothing_while_another_is_above(n: int, room: int) -> None:
    quiet = [(2, 200, 1, True)] * n
    assert 200 * n <= FLOOR
    loud = [(1, 300, k, True) for k in range(2000)]
    assert [p for p in thinned(loud + quiet, room) if p[0] == 2] == quiet
