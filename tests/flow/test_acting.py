"""Accounts that were taken: what is ready, what is done without being asked, what never."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ringfence.flow.acting import MAX_ENDINGS, MAX_LOCKS, ActError, Acting, acting_of
from ringfence.model.acting import OpenCall
from ringfence.model.machines import Act, Asterisk, Freeswitch, Threecx
from ringfence.model.settings import Settings, SettingsError
from tests.respond.act.test_pbx import House, no_wait
from tests.respond.nft.measures import NOW


def acting(house: House, *automatic: str, never: tuple[str, ...] = ()) -> Acting:
    return Acting([house], automatic, never, no_wait)


def test_an_action_is_ready_as_a_sentence_and_a_command() -> None:
    ready = acting(House(), never=("100",)).ready(["101", "100", "101"])
    assert [one.command for one in ready] == [
        "ringfence act end-calls 101", "ringfence act lock 101", "ringfence act end-calls 100",
    ]  # fmt: skip
    assert ready[0].says == "end the calls of 101"


@pytest.mark.parametrize("name", ["101; reboot", "-rf", "", "a b", "x\n", "ü", "$(x)", "a" * 64])
def test_a_name_that_could_be_a_command_is_no_account(name: str) -> None:
    house = House("a")
    one = acting(house, "end-calls", "lock")
    assert one.ready([name]) == []
    assert one.taken([name], NOW) == []
    for do in (one.end_calls, one.lock, one.unlock, one.calls):
        with pytest.raises(ActError, match="no account"):
            do(name)
    assert (house.ended, house.locked) == ([], set())


def test_nothing_is_done_that_the_owner_did_not_name() -> None:
    house = House("a")
    assert acting(house).taken(["101"], NOW) == []
    assert acting(house, "end-calls").taken(["101"], NOW)[0].says == "1 call of 101 ended"
    assert house.locked == set()
    assert "101 is locked" in acting(house, "lock").taken(["101"], NOW)[0].says


def test_accounts_that_are_never_touched_are_not_even_locked_by_hand() -> None:
    house = House("a")
    one = acting(house, "end-calls", "lock", never=("101",))
    assert one.taken(["101"], NOW) == []
    with pytest.raises(ActError, match="never locked"):
        one.lock("101")
    with pytest.raises(ActError, match="never locked"):
        one.lock_says("101")
    assert one.end_calls("101")[0].says == "1 call of 101 ended"


def test_who_takes_all_accounts_has_not_all_of_them_switched_off() -> None:
    house = House()
    one = acting(house, "lock")
    one.taken([str(number) for number in range(100, 150)], NOW)
    assert len(house.locked) == MAX_LOCKS
    one.taken(["160"], NOW + timedelta(hours=25))
    assert "160" in house.locked


def test_endings_are_paced() -> None:
    house = House()
    one = acting(house, "end-calls")
    assert len(one.taken(["101"], NOW)) == 1
    assert one.taken(["101"], NOW + timedelta(seconds=1)) == []
    assert len(one.taken(["101"], NOW + timedelta(seconds=11))) == 1
    many = [str(number) for number in range(200, 300)]
    assert len(one.taken(many, NOW + timedelta(seconds=12))) == MAX_ENDINGS - 2


def test_one_phone_system_that_fails_does_not_hold_up_the_others() -> None:
    class Down(House):
        name = "down"

        def calls(self, account: str) -> list[OpenCall]:
            raise ActError(f"down: no answer about {account}")

        def lock_says(self, account: str) -> str:
            raise ActError(f"down: no extension {account}")

    house = House("a")
    one = Acting([Down(), house], wait=no_wait)
    done = one.end_calls("101")
    assert [(d.where, d.ok) for d in done] == [("down", False), ("house", True)]
    assert [d.ok for d in one.lock("101")] == [False, True]
    assert [d.ok for d in one.lock_says("101")] == [False, True]
    one.close()


def test_the_settings_name_the_phone_systems() -> None:
    found = acting_of(Settings(
        asterisk=Asterisk(user="u", secret="s3cret"), freeswitch=Freeswitch(password="s3cret"),
        threecx=Threecx("https://pbx.example", "id", "s3cret"),
    ))  # fmt: skip
    assert found is not None
    assert [pbx.name for pbx in found._pbxs] == [
        "Asterisk at 127.0.0.1", "FreeSWITCH at 127.0.0.1", "3CX at pbx.example",
    ]  # fmt: skip
    found.close()
    assert acting_of(Settings()) is None


@pytest.mark.parametrize(("settings", "says"), [
    (Settings(asterisk=Asterisk(user="u")), "asterisk.secret"),
    (Settings(asterisk=Asterisk(user="u", secret="a b")), "asterisk: .*visible"),
    (Settings(threecx=Threecx("https://pbx.example", "id")), "threecx.secret"),
    (Settings(act=Act(automatic=("lock",))), "act.automatic: needs"),
])  # fmt: skip
def test_half_a_phone_system_is_an_error(settings: Settings, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        acting_of(settings)
