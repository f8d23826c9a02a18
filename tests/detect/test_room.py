"""Room for more sources: who stays, and that everything which points to a row follows it."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.detect import _fields as f
from ringfence.detect._tally import Tally
from ringfence.detect.room import grow, keep_rows, most_telling

FLOOD = 4_000


def tally_of(rows: list[dict[str, int]], sources: int = 0) -> Tally:
    """A tally that holds these sources, each with an address of its own."""
    t = Tally(8, sources or len(rows))
    t.n = len(rows)
    for i, row in enumerate(rows):
        put(t, i, "address_low", 0xFFFF_0000_0000 + i)
        for name, value in row.items():
            put(t, i, name, value)
    t.reindex()
    return t


def put(t: Tally, i: int, name: str, value: int) -> None:
    t.rows[i * f.ROW_WIDTH + getattr(f, name.upper())] = value


def got(t: Tally, i: int, name: str) -> int:
    return int(t.rows[i * f.ROW_WIDTH + getattr(f, name.upper())])


def indexed(t: Tally) -> list[int]:
    return sorted(i for i in t.index if i)


# ------------------------------------------------------------ who stays


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param({"refused": 1}, id="a guess was refused"),
        pytest.param({"not_found": 1}, id="a name was missing"),
        pytest.param({"answered": 1}, id="a call was answered"),
        pytest.param({"accepted": 1}, id="a password was right"),
        pytest.param({"echoed": 1}, id="it answered a challenge"),
        pytest.param({"dialogs": 1}, id="it answered in a dialog"),
        pytest.param({"served": 1}, id="it was asked: our server"),
        pytest.param({"worth": 1}, id="it is worth a look"),
    ],
)
@pytest.mark.parametrize("place", [0, FLOOD // 2, FLOOD])
def test_flood_of_silent_senders_pushes_out_nobody_who_tells(
    deed: dict[str, int], place: int
) -> None:
    """However much each of the invented senders sends."""
    rows = [{"messages": 1_000} for _ in range(FLOOD)]
    rows.insert(place, {"messages": 1, **deed})
    kept = most_telling(tally_of(rows))
    assert place in kept
    assert len(kept) == (FLOOD + 1) // 2


def test_guesser_stays_against_those_worth_a_look() -> None:
    """To look odd is cheap: nine answers weigh more."""
    rows = [{"messages": 9, "worth": 64} for _ in range(100)]
    rows.insert(0, {"messages": 9, "refused": 9})
    assert 0 in most_telling(tally_of(rows))


def test_among_silent_senders_those_who_sent_most_stay() -> None:
    rows = [{"messages": n} for n in (5, 1, 9, 2)]
    assert most_telling(tally_of(rows)).tolist() == [0, 2]


@pytest.mark.parametrize(("sources", "kept"), [(1, 0), (2, 1), (3, 1), (10, 5)])
def test_half_is_shed(sources: int, kept: int) -> None:
    assert len(most_telling(tally_of([{}] * sources))) == kept


def test_those_kept_stay_in_their_order() -> None:
    rows = [{"refused": n} for n in (9, 1, 7, 0, 8, 2)]
    assert most_telling(tally_of(rows)).tolist() == [0, 2, 4]


# ------------------------------------------------------------ shedding


def test_rows_of_those_kept_move_whole() -> None:
    t = tally_of([{"messages": n, "refused": 10 * n} for n in range(6)])
    moved = keep_rows(t, np.array([1, 4, 5]))
    assert (t.n, t.sources) == (3, 6)
    assert [got(t, i, "refused") for i in range(6)] == [10, 40, 50, 0, 0, 0]
    assert moved[:6].tolist() == [-1, 0, -1, -1, 1, 2]


def test_rows_that_are_free_again_are_empty() -> None:
    """A newcomer must not inherit the deeds of somebody who was shed."""
    t = tally_of([{"messages": 9, "refused": 9, "worth": 9}] * 6)
    keep_rows(t, np.array([0, 5]))
    assert set(t.rows[2 * f.ROW_WIDTH :]) == {0}


def test_index_finds_those_kept_and_nobody_else() -> None:
    t = tally_of([{}] * 50)
    keep_rows(t, np.arange(0, 50, 2))
    assert indexed(t) == list(range(1, 26))


def test_server_reference_follows_its_row() -> None:
    t = tally_of([{}, {}, {"server": 4}, {"served": 2}, {"server": 4}])
    keep_rows(t, np.array([2, 3, 4]))
    assert [got(t, i, "server") for i in range(3)] == [2, 0, 2]


def test_server_that_was_shed_is_forgotten() -> None:
    """Rather than another source taken for it."""
    t = tally_of([{"served": 1}, {"server": 1}, {"server": 2}])
    keep_rows(t, np.array([1, 2]))
    assert [got(t, i, "server") for i in range(2)] == [0, 1]


def test_open_transaction_follows_its_row() -> None:
    t = tally_of([{}] * 4)
    t.transactions[6], t.transactions[7] = 0xABCD, (3 << 20) | 5
    keep_rows(t, np.array([1, 3]))
    assert (t.transactions[6], t.transactions[7]) == (0xABCD, (1 << 20) | 5)


def test_transaction_of_a_source_that_was_shed_is_closed() -> None:
    """Its late answer must not be counted for the one who has the row now."""
    t = tally_of([{}] * 4)
    t.transactions[6], t.transactions[7] = 0xABCD, (2 << 20) | 5
    keep_rows(t, np.array([1, 3]))
    assert (t.transactions[6], t.transactions[7]) == (0, 0)


PAIR = 0xABCD << 32


def test_distinct_things_follow_the_row_of_their_source() -> None:
    t = tally_of([{}] * 4)
    t.pairs[6], t.pair_count = PAIR | (3 << 4) | 1, 1
    t.echoes[6] = PAIR | (3 << 4) | 2
    keep_rows(t, np.array([1, 3]))
    assert (t.pairs[6], t.pair_count) == (PAIR | (1 << 4) | 1, 1)
    assert t.echoes[6] == PAIR | (1 << 4) | 2


def test_distinct_things_of_a_source_that_was_shed_make_room() -> None:
    """Else a flood of addresses would fill the set for ever, and counts stand still."""
    t = tally_of([{}] * 4)
    t.pairs[6], t.pairs[7], t.pair_count = PAIR | (2 << 4) | 1, PAIR | (3 << 4) | 1, 2
    t.pairs[9], t.pair_count = PAIR | (2 << 4) | 1, 3
    t.echoes[6] = PAIR | (2 << 4) | 2
    keep_rows(t, np.array([1, 3]))
    assert t.pair_count == 1
    assert t.pairs[6] == 8, "no entry, but what lies behind it must still be found"
    assert (t.pairs[9], t.echoes[6]) == (0, 0)


# ------------------------------------------------------------ growth


def test_growth_loses_nothing() -> None:
    t = tally_of([{"messages": n + 1, "server": 1} for n in range(4)])
    t.transactions[0], t.transactions[1] = 0xABCD, (3 << 20) | 1
    before = bytes(t.rows)
    grow(t, 16)
    assert (t.n, t.sources) == (4, 16)
    assert bytes(t.rows)[: len(before)] == before
    assert (t.transactions[0], t.transactions[1]) == (0xABCD, (3 << 20) | 1)


def test_growth_makes_empty_rows_and_a_wider_index() -> None:
    t = tally_of([{"messages": 1}] * 4)
    grow(t, 16)
    assert len(t.rows) == 16 * f.ROW_WIDTH
    assert set(t.rows[4 * f.ROW_WIDTH :]) == {0}
    assert len(t.index) == 4 * 16
    assert indexed(t) == [1, 2, 3, 4]
