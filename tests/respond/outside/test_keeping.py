"""One machine outside, kept round by round; it loses, refuses and lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ringfence.model.decision import LIMIT, NARROW
from ringfence.model.measure import Measure
from ringfence.model.outside import FAILS, LEFT_OUT, STANDS, WAITS, Entry, OutsideError
from ringfence.respond.outside.keeping import MAX_A_ROUND, MAX_AGAIN, Keeping, Outside, carries
from tests.respond.nft.measures import NOW, measure

HIM, HER, FRIEND = "203.0.113.7", "203.0.113.8", "198.51.100.20"


class Router:
    """A list in memory."""

    name = "router"
    marks = True

    def __init__(self, *entries: Entry, room: int = 1000) -> None:
        self.list = list(entries)
        self.room = room
        self.pushed: list[str] = []
        self.withdrawn: list[str] = []
        self.refuses: set[str] = set()
        self.swallows: set[str] = set()
        self.breaks_after = -1  # pushes
        self.down = ""
        self.says = ""

    def standing(self) -> list[Entry]:
        self._answer()
        return list(self.list)

    def push(self, measures: Sequence[Measure], now: datetime) -> dict[str, str]:
        assert now.tzinfo
        for one in measures:
            self._answer()
            if len(self.pushed) == self.breaks_after:
                self.breaks_after = -1
                raise OutsideError("router: no answer within 10 s")
            self.pushed.append(one.address)
            if one.address not in self.refuses | self.swallows:
                self.list.append(Entry(one.address, one.id, one.until, ours=True))
        return {one.id: "no such list" for one in measures if one.address in self.refuses}

    def withdraw(self, entries: Sequence[Entry]) -> None:
        self._answer()
        self.withdrawn += [one.address for one in entries]
        self.list = [one for one in self.list if one not in entries]

    def doubt(self) -> str:
        return self.says

    def close(self) -> None:
        pass

    def _answer(self) -> None:
        if self.down:
            raise OutsideError(self.down)


def nobody(_: str) -> str | None:
    return None


def kept(
    keeping: Keeping,
    *measures: Measure,
    now: datetime = NOW,
    settled: bool = True,
    unwanted: frozenset[str] = frozenset(),
    friends: Mapping[str, str] | None = None,
) -> dict[str, tuple[str, str]]:
    """State and sentence by address, after one round."""
    wanted = {one.address: one for one in measures}
    objection = (friends or {}).get
    state = keeping.round(wanted, unwanted, objection, now, settled=settled)
    return {one.address: (one.state, one.says) for one in state.carried}


def ours(address: str, identifier: str = "0123abcd", until: datetime | None = None) -> Entry:
    end = until or NOW + timedelta(hours=1)
    return Entry(address, identifier, f"{end:%Y-%m-%dT%H:%M:%SZ}", ours=True, key=address)


def test_a_measure_is_pushed_once_and_stands() -> None:
    router: Outside = Router()
    keeping = Keeping(router)
    assert kept(keeping, measure(HIM)) == {HIM: (STANDS, "")}
    assert kept(keeping, measure(HIM)) == {HIM: (STANDS, "")}
    assert isinstance(router, Router)
    assert router.pushed == [HIM]
    assert keeping.state.seen_at == "2026-11-25T03:12:00Z"


def test_what_is_no_longer_wanted_is_taken_away_and_entries_of_others_stay() -> None:
    theirs = Entry(FRIEND, key="x")
    router = Router(ours(HIM), theirs)
    kept(Keeping(router))
    assert router.list == [theirs]
    assert router.withdrawn == [HIM]


def test_before_anybody_said_what_should_stand_nothing_valid_is_taken_away() -> None:
    over = ours(HER, until=NOW - timedelta(seconds=1))
    router = Router(ours(HIM), over)
    kept(Keeping(router), settled=False)
    assert router.list == [ours(HIM)]
    kept(Keeping(router), settled=False, unwanted=frozenset({HIM}))
    assert router.list == []


def test_an_address_that_others_listed_is_not_listed_again_nor_taken_away() -> None:
    theirs = Entry(HIM, key="x")
    router = Router(theirs)
    keeping = Keeping(router)
    assert kept(keeping, measure(HIM)) == {HIM: (STANDS, "on its list already, and not by us")}
    kept(keeping)
    assert (router.list, router.pushed, router.withdrawn) == ([theirs], [], [])
    assert keeping.state.others == (theirs,)


def test_a_friend_is_never_pushed_and_taken_away_where_he_stands() -> None:
    router = Router(ours(FRIEND))
    keeping = Keeping(router)
    found = kept(
        keeping, measure(FRIEND), friends={FRIEND: "it is on the allow list"}, settled=False
    )
    assert found == {FRIEND: (LEFT_OUT, "it is on the allow list")}
    assert (router.list, router.pushed) == ([], [])


@pytest.mark.parametrize(("one", "why"), [
    (measure(HIM, NARROW, (5060,)), "never ports"), (measure(HIM, LIMIT), "never ports or rates"),
    (measure(HIM, lasts=timedelta(minutes=1)), "shorter than 5 minutes"),
    (measure("192.168.1.5"), "private"), (measure("fc00::/64"), "private"),
    (measure(HIM, lasts=timedelta(hours=-1)), "it is over"),
])  # fmt: skip
def test_ports_rates_moments_and_private_addresses_stay_here(one: Measure, why: str) -> None:
    router = Router()
    (found,) = kept(Keeping(router), one).values()
    assert found[0] == LEFT_OUT
    assert why in found[1]
    assert router.pushed == []


def test_a_long_measure_is_carried_to_its_last_minute() -> None:
    assert carries(measure(HIM), NOW + timedelta(minutes=59)) == ""
    router = Router()
    last = NOW + timedelta(minutes=59, seconds=30)
    assert kept(Keeping(router), measure(HIM), now=last) == {HIM: (WAITS, "")}
    assert router.pushed == []


def test_another_end_replaces_the_entry_and_counts_as_no_loss() -> None:
    router, keeping = Router(ours(HIM)), None
    keeping = Keeping(router)
    for hours in range(2, 9):
        longer = measure(HIM, lasts=timedelta(hours=hours), identifier=f"{hours:08x}")
        assert kept(keeping, longer) == {HIM: (STANDS, "")}
    assert [one.until for one in router.list] == ["2026-11-25T11:12:00Z"]
    assert len(router.withdrawn) == 7


def test_clocks_that_differ_by_seconds_replace_nothing() -> None:
    router = Router(ours(HIM, until=NOW + timedelta(minutes=59)))
    assert kept(Keeping(router), measure(HIM)) == {HIM: (STANDS, "")}
    assert router.pushed == []


def test_a_router_that_was_restarted_gets_its_list_again() -> None:
    router = Router()
    keeping = Keeping(router)
    kept(keeping, measure(HIM))
    router.list = []
    assert kept(keeping, measure(HIM)) == {HIM: (STANDS, "")}


def test_somebody_who_takes_it_out_again_and_again_has_his_way() -> None:
    router = Router()
    keeping = Keeping(router)
    for _ in range(MAX_AGAIN + 2):
        kept(keeping, measure(HIM))
        router.list = []
    found = kept(keeping, measure(HIM))
    assert found[HIM] == (
        LEFT_OUT,
        f"somebody took it out {MAX_AGAIN + 1} times: it is left to him",
    )
    assert len(router.pushed) == MAX_AGAIN + 1
    later = measure(HIM, identifier="11112222")
    assert kept(keeping, later)[HIM][0] == STANDS  # another measure is another matter


def test_a_refusal_is_said_and_tried_again() -> None:
    router = Router()
    router.refuses = {HIM}
    keeping = Keeping(router)
    found = kept(keeping, measure(HIM), measure(HER, identifier="11112222"))
    assert found == {HIM: (FAILS, "no such list"), HER: (STANDS, "")}
    router.refuses = set()
    assert kept(keeping, measure(HIM))[HIM] == (STANDS, "")


def test_a_yes_that_changed_nothing_is_found_out() -> None:
    router = Router()
    router.swallows = {HIM}
    found = kept(Keeping(router), measure(HIM))
    assert found == {HIM: (FAILS, "it said yes, but its list does not have it")}


def test_a_round_that_breaks_off_half_done_is_finished_by_the_next() -> None:
    router = Router()
    router.breaks_after = 1
    keeping = Keeping(router)
    both = (measure(HIM), measure(HER, identifier="11112222"))
    found = kept(keeping, *both)
    assert set(found.values()) == {(FAILS, "router: no answer within 10 s")}
    assert keeping.state.trouble == "router: no answer within 10 s"
    assert keeping.state.seen_at == ""
    assert kept(keeping, *both) == {HIM: (STANDS, ""), HER: (STANDS, "")}
    assert sorted(router.pushed) == [HIM, HER]
    assert keeping.state.trouble == ""


def test_a_machine_that_is_down_is_no_loss_of_entries() -> None:
    router = Router()
    keeping = Keeping(router)
    kept(keeping, measure(HIM))
    router.down = "router: no route to host"
    for _ in range(10):
        assert kept(keeping, measure(HIM)) == {HIM: (FAILS, "router: no route to host")}
    router.down = ""
    assert kept(keeping, measure(HIM)) == {HIM: (STANDS, "")}
    assert router.pushed == [HIM]


def test_an_entry_that_cannot_be_taken_away_is_said() -> None:
    class Stubborn(Router):
        def withdraw(self, entries: Sequence[Entry]) -> None:
            pass

    keeping = Keeping(Stubborn(ours(HIM)))
    kept(keeping)
    assert keeping.state.trouble == "1 address could not be taken off its list"


def test_a_flood_of_blocks_is_bounded_and_the_newest_go_first() -> None:
    many = [
        replace(
            measure(f"203.0.113.{n}", identifier=f"{n:08x}"), since=f"2026-11-25T03:{n % 60:02}:00Z"
        )
        for n in range(1, 60)
    ]
    router = Router(room=55)
    found = kept(Keeping(router), *many)
    assert len(router.pushed) == MAX_A_ROUND
    assert router.pushed[0] == "203.0.113.59"
    states = [state for state, _ in found.values()]
    assert (states.count(STANDS), states.count(WAITS), states.count(LEFT_OUT)) == (50, 5, 4)
    assert found["203.0.113.1"] == (LEFT_OUT, "there is room for 55, and newer ones go before")


def test_a_list_that_nothing_drops_is_doubted() -> None:
    router = Router()
    router.says = "no rule drops the list"
    keeping = Keeping(router)
    kept(keeping)
    assert keeping.state.doubt == ""  # nothing of ours stands there
    kept(keeping, measure(HIM))
    assert keeping.state.doubt == "no rule drops the list"
