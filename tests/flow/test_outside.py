"""Blocks carried outside, by threads that may hang, for whom the settings name."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook, StoreError
from ringfence.flow.outside import (
    CHECK_S,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    Friends,
    Outsiders,
    outsiders_of,
)
from ringfence.model.machines import Mikrotik, Opnsense, Pfsense, SshMachine, Threecx
from ringfence.model.measure import Allowed, Measure
from ringfence.model.outside import FAILS, LEFT_OUT, STANDS, Entry
from ringfence.model.settings import Settings, SettingsError
from ringfence.respond.outside.keeping import Objection
from ringfence.respond.outside.threecx import BY_ITSELF
from ringfence.store.measures import MeasureStore
from tests.mail_server import certificate_of
from tests.respond.nft.measures import NOW, measure
from tests.respond.outside.test_keeping import Router, nobody, ours

HIM, HER = "203.0.113.7", "203.0.113.8"


def nobody_is_kept() -> Objection:
    return nobody


def made(*routers: Router, friends: object = nobody_is_kept) -> Outsiders:
    return Outsiders(routers, friends, now=lambda: NOW)  # type: ignore[arg-type]


def rounds(outsiders: Outsiders) -> list[float]:
    """One round of each, here; when the next is due."""
    return [worker.round() for worker in outsiders._workers]


def addresses(router: Router) -> list[str]:
    return [one.address for one in router.list]


def test_what_is_applied_stands_everywhere_until_it_is_taken_back() -> None:
    one, other = Router(), Router()
    outsiders = made(one, other)
    outsiders.apply([measure(HIM)], NOW)
    outsiders.apply([measure(HER, identifier="11112222")], NOW)
    assert rounds(outsiders) == [CHECK_S, CHECK_S]
    assert sorted(addresses(one)) == sorted(addresses(other)) == [HIM, HER]
    assert [o.state for o in outsiders.carried(HIM)] == [STANDS, STANDS]
    outsiders.withdraw([HIM], NOW)
    rounds(outsiders)
    assert addresses(one) == addresses(other) == [HER]


def test_after_a_restart_nothing_is_lost_and_only_what_is_settled_is_tidied() -> None:
    router = Router(ours(HIM), ours(HER, "11112222"))
    outsiders = made(router)
    rounds(outsiders)
    assert addresses(router) == [HIM, HER]
    outsiders.settle([measure(HIM)], NOW)
    rounds(outsiders)
    assert addresses(router) == [HIM]
    assert router.pushed == []


def test_what_is_over_is_taken_away_from_lists_without_ends() -> None:
    class Endless(Router):
        marks = False

        def push(self, measures: Sequence[Measure], now: datetime) -> dict[str, str]:
            assert now == NOW
            self.list += [Entry(one.address, ours=True) for one in measures]
            return {}

    router = Endless()
    outsiders = made(router)
    outsiders.apply([measure(HIM), measure(HER, lasts=timedelta(hours=3))], NOW)
    rounds(outsiders)
    later = NOW + timedelta(hours=2)
    assert [one.address for one in outsiders.expire(later)] == [HIM]
    assert outsiders.expire(later) == []
    rounds(outsiders)
    assert addresses(router) == [HER]


def test_one_machine_that_hangs_does_not_hold_up_the_others_nor_the_guard() -> None:
    hangs, stands = threading.Event(), threading.Event()

    class Hanging(Router):
        def standing(self) -> list[Entry]:
            hangs.wait(10)
            return []

    class Quick(Router):
        def doubt(self) -> str:
            stands.set()
            return ""

    outsiders = made(Hanging(), Quick())
    outsiders.apply([measure(HIM)], NOW)
    outsiders.start()
    assert stands.wait(5)
    hangs.set()
    outsiders.close(5)
    assert not any(worker.is_alive() for worker in outsiders._workers)


def test_pauses_grow_while_it_fails_and_end_with_it() -> None:
    router = Router()
    router.down = "router: no answer within 10 s"
    outsiders = made(router)
    outsiders.apply([measure(HIM)], NOW)
    pauses = [rounds(outsiders)[0] for _ in range(9)]
    assert pauses[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert pauses[-1] == LONGEST_PAUSE_S
    (state,) = outsiders.standing()
    assert (state.trouble, state.carried[0].state) == (router.down, FAILS)
    router.down = ""
    assert rounds(outsiders) == [CHECK_S]


def test_where_friends_cannot_be_asked_nothing_is_sent() -> None:
    def broken() -> Objection:
        raise StoreError("the store is locked")

    router = Router()
    outsiders = made(router, friends=broken)
    outsiders.apply([measure(HIM)], NOW)
    rounds(outsiders)
    assert router.pushed == []
    assert "nothing is sent" in outsiders.standing()[0].trouble


def test_an_answer_that_nobody_foresaw_ends_no_thread() -> None:
    class Odd(Router):
        def standing(self) -> list[Entry]:
            raise KeyError("x")

    outsiders = made(Odd())
    assert rounds(outsiders) == [FIRST_PAUSE_S]
    assert "not expected (KeyError)" in outsiders.standing()[0].trouble


def test_a_friend_who_is_allowed_meanwhile_is_taken_off_again(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    friends = Friends(
        store, {"SSH_CONNECTION": "198.51.100.1 5 192.0.2.1 22"}, tmp_path, ["192.0.2.7"]
    )
    router = Router()
    outsiders = made(router, friends=friends)
    outsiders.apply([measure(HIM), measure("198.51.100.1"), measure("192.0.2.0/24")], NOW)
    rounds(outsiders)
    assert addresses(router) == [HIM]
    with Casebook(store) as book:
        MeasureStore(book.database).allow(Allowed("203.0.113.0/24", "carrier", "anna", "2026"))
    rounds(outsiders)
    assert addresses(router) == []
    says = {one.address: one.says for one in outsiders.standing()[0].carried}
    assert says["198.51.100.1"] == "your SSH session comes from it"
    assert says["192.0.2.0/24"] == "it is one of the machines that block for us"
    assert {one.state for one in outsiders.standing()[0].carried} == {LEFT_OUT}


def test_what_the_pbx_blocked_itself_is_told() -> None:
    by_itself = Entry(HER, by=BY_ITSELF)
    outsiders = made(Router(by_itself, Entry(HIM, by="Manual")))
    rounds(outsiders)
    assert outsiders.blocked_by_pbx() == [by_itself]


def test_a_look_asks_and_changes_nothing() -> None:
    router, down = Router(ours(HIM), Entry(HER)), Router()
    router.says, down.down = "no rule drops the list", "router: no route"
    state, trouble = made(router, down).look()
    assert [one.address for one in state.carried] == [HIM]
    assert (len(state.others), state.doubt) == (1, "no rule drops the list")
    assert trouble.trouble == "router: no route"
    assert (router.pushed, router.withdrawn) == ([], [])


def test_the_settings_name_the_machines(tmp_path: Path) -> None:
    root = str(certificate_of(tmp_path).root)
    settings = Settings(
        threecx=Threecx("https://pbx.example", "id", "s3cret", blocklist=True),
        mikrotik=Mikrotik("https://router.example", "u", "s3cret", authority_file=root),
        opnsense=Opnsense("https://fw.example", "k", "s3cret"),
        pfsense=Pfsense("https://pf.example", "s3cret"),
        ssh=SshMachine("a@ssh.example", block="b {address}", unblock="u {address}", list="l"),
    )
    outsiders = outsiders_of(settings, str(tmp_path / "cases.db"))
    assert outsiders is not None
    assert [one.name for one in outsiders.standing()] == [
        "3CX at pbx.example", "MikroTik at router.example", "OPNsense at fw.example",
        "pfSense at pf.example", "SSH to ssh.example",
    ]  # fmt: skip
    outsiders.close()
    assert outsiders_of(Settings()) is None
    assert outsiders_of(Settings(threecx=Threecx("https://pbx.example", "id", "s3cret"))) is None


@pytest.mark.parametrize(("settings", "says"), [
    (Settings(mikrotik=Mikrotik("https://r.example", "u")), "mikrotik.password: is missing"),
    (Settings(opnsense=Opnsense("https://r.example", "k")), "opnsense.secret"),
    (Settings(pfsense=Pfsense("https://r.example")), "pfsense.key"),
    (Settings(threecx=Threecx(blocklist=True)), "threecx.url"),
    (Settings(ssh=SshMachine("r.example", block="x")), "ssh.unblock"),
    (Settings(ssh=SshMachine("r.example", block="x", unblock="y", list="z")), "ssh: block"),
    (Settings(mikrotik=Mikrotik("https://r.example", "u", "p", authority_file="/no")),
     "mikrotik: /no"),
])  # fmt: skip
def test_half_a_machine_is_an_error(settings: Settings, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        outsiders_of(settings)
