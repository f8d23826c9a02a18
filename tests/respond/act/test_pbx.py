"""What a phone system is told, and whether it did it."""

from __future__ import annotations

import pytest

from ringfence.model.acting import ActError, OpenCall
from ringfence.respond.act.pbx import MAX_ROUNDS, Pbx, end_calls, lock, unlock


class House:
    """A phone system in memory."""

    name = "house"

    def __init__(self, *calls: str) -> None:
        self.open = list(calls)
        self.locked: set[str] = set()
        self.ended: list[str] = []
        self.dials_again = 0
        self.deaf = False

    def calls(self, account: str) -> list[OpenCall]:
        return [OpenCall(key, f"{account} to {key}") for key in self.open]

    def end(self, call: OpenCall) -> None:
        self.ended.append(call.key)
        if not self.deaf and call.key in self.open:
            self.open.remove(call.key)
        if self.dials_again:
            self.dials_again -= 1
            self.open.append(f"again{self.dials_again}")

    def lock_says(self, account: str) -> str:
        if account == "boss":
            raise ActError("house: boss runs it")
        return "no calls"

    def is_locked(self, account: str) -> bool:
        return account in self.locked

    def lock(self, account: str) -> None:
        if not self.deaf:
            self.locked.add(account)

    def unlock(self, account: str) -> None:
        if not self.deaf:
            self.locked.discard(account)

    def close(self) -> None:
        pass


def no_wait(_: float) -> None:
    pass


def test_calls_are_ended_each_once() -> None:
    house = House("a", "b")
    pbx: Pbx = house
    assert end_calls(pbx, "101", no_wait).says == "2 calls of 101 ended"
    assert house.ended == ["a", "b"]
    assert end_calls(pbx, "101", no_wait).says == "101 has no calls"


def test_who_dials_again_at_once_is_hung_up_on_again() -> None:
    house = House("a")
    house.dials_again = 1
    assert end_calls(house, "101", no_wait).says == "2 calls of 101 ended"


def test_who_dials_on_and_on_is_told_and_it_ends() -> None:
    house = House("a")
    house.dials_again = 100
    done = end_calls(house, "101", no_wait)
    assert (done.ok, done.says) == (False, "1 call of 101 would not end: lock the account")
    assert len(house.ended) == MAX_ROUNDS


def test_a_yes_that_did_nothing_is_found_out() -> None:
    house = House("a")
    house.deaf = True
    assert not end_calls(house, "101", no_wait).ok
    with pytest.raises(ActError, match="it said yes, but 101 is not locked"):
        lock(house, "101")
    house.locked = {"101"}
    with pytest.raises(ActError, match="still locked"):
        unlock(house, "101")


def test_a_lock_says_its_undo_and_is_done_once() -> None:
    house = House()
    done = lock(house, "101")
    assert (done.says, done.undo) == ("101 is locked: no calls", "ringfence act unlock 101")
    assert lock(house, "101").says == "101 is locked already"
    assert "no longer locked" in unlock(house, "101").says
    assert unlock(house, "101").says == "101 is not locked"


def test_who_runs_it_is_not_locked_out() -> None:
    house = House()
    with pytest.raises(ActError, match="boss runs it"):
        lock(house, "boss")
    assert house.locked == set()
