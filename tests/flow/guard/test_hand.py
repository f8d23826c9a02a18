"""What the guard does: all that waits in one transaction, and nothing is forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from ringfence.flow.firewall import Shape
from ringfence.flow.guard import hand as hands
from ringfence.flow.guard.hand import Acted, Hand, Looked
from ringfence.model.case import StoreError
from ringfence.model.decision import ALARM, BLOCK, LIMIT, RELEASE, Decision
from ringfence.model.measure import FirewallError
from tests.flow.guard.agent import EVE, TWO, Pause, Tables


class Held:
    """A hand, its wall, and what was wrong."""

    def __init__(self) -> None:
        self.wall, self.trouble = Tables(), [""]
        self.hand = Hand(self.wall, Shape(), self.trouble.append)
        self.results: list[Acted | Looked] = []

    def until(self, is_so: Callable[[], bool]) -> None:
        ends = time.monotonic() + 10
        while not is_so():
            assert time.monotonic() < ends, self.trouble
            self.hand.tick()
            self.results += self.hand.results()
            Pause().wait()


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.hand.close()


def decision(address: str = EVE, action: str = BLOCK, lasts_s: int = 60) -> Decision:
    return Decision(action, address, "guessing", time.time_ns(), lasts_s=lasts_s)


def test_decision_is_done_and_its_latency_told(held: Held) -> None:
    held.hand.do([decision()])
    held.until(lambda: bool(held.results))
    (acted,) = held.results
    assert isinstance(acted, Acted)
    assert [one.address for one in acted.done] == [EVE]
    assert 0 < acted.latencies_s[0] < 10
    assert held.wall.stood == [False]


def test_all_that_waits_is_one_transaction(held: Held) -> None:
    held.wall.error = FirewallError("busy")
    held.hand.do([decision(f"203.0.113.{n}") for n in range(50)])
    held.until(lambda: "busy" in held.trouble)
    held.hand.do([decision(f"203.0.113.{n}") for n in range(50, 60)])
    held.wall.error = None
    held.until(lambda: len(held.wall.blocked) == 60)
    assert max(map(len, held.wall.transactions)) >= 50
    assert held.trouble[-1] == ""


@pytest.mark.parametrize("error", [FirewallError("nft hangs"), StoreError("disk full")])
def test_what_could_not_be_done_is_done_later(held: Held, error: Exception) -> None:
    held.wall.error = error
    held.hand.do([decision()])
    held.until(lambda: str(error) in held.trouble)
    held.wall.error = None
    held.until(lambda: EVE in held.wall.blocked)


def test_last_word_about_an_address_counts(held: Held) -> None:
    held.hand.do([decision(), decision(action=RELEASE), decision(TWO, RELEASE), decision(TWO)])
    held.until(lambda: TWO in held.wall.blocked)
    assert EVE not in held.wall.blocked
    assert EVE in held.wall.released


def test_alarm_is_nothing_for_a_firewall(held: Held) -> None:
    held.hand.do([decision(action=ALARM)])
    held.hand.close()
    assert held.wall.transactions == []


def test_firewall_that_works_again_is_no_trouble_though_there_is_nothing_to_do(held: Held) -> None:
    """The warden was killed and came back between attacks: `/health` says so for ever."""
    held.hand.begin()
    held.wall.error = FirewallError("it does not run")
    held.hand.look({}, {})
    held.until(lambda: held.trouble[-1] == "it does not run")
    held.wall.error = None
    held.hand.look({}, {})
    held.until(lambda: held.trouble[-1] == "")
    assert held.wall.stood == [False, False], "what a warden that was killed knew of the tables"


def test_what_waits_is_done_as_soon_as_the_firewall_works_again(held: Held) -> None:
    """Each look that fails puts off what waits; a look that works must not leave it put off."""
    held.wall.error = FirewallError("busy")
    held.hand.do([decision()])
    held.until(lambda: "busy" in held.trouble)
    for _ in range(6):
        told = len(held.trouble)
        held.hand.look({}, {})
        held.until(lambda: len(held.trouble) > told)  # noqa: B023  it is called here only
    held.wall.error = None
    held.hand.look({}, {})
    held.until(lambda: EVE in held.wall.blocked)


def test_address_that_nobody_may_block_is_left_with_the_reason(held: Held) -> None:
    held.wall.refused = {EVE}
    held.hand.do([decision()])
    held.until(lambda: bool(held.results))
    (acted,) = held.results
    assert isinstance(acted, Acted)
    assert [(one.address, one.reason) for one in acted.withheld] == [(EVE, "the allow list has it")]
    assert acted.done == ()


def test_decision_that_makes_no_measure_keeps_no_other_from_being_done(held: Held) -> None:
    held.hand.do([decision("nowhere"), decision()])
    held.until(lambda: EVE in held.wall.blocked)


def test_flood_of_forged_addresses_is_bounded(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "MAX_WAITING", 10)
    held.wall.error = FirewallError("busy")
    held.hand.do([decision(f"203.0.113.{n}", LIMIT) for n in range(100)])
    held.hand.do([decision("198.51.100.1")])
    assert held.hand.left_out > 0
    held.until(lambda: "busy" in held.trouble)
    held.wall.error = None
    held.until(lambda: "198.51.100.1" in held.wall.blocked)


def test_look_that_is_under_way_is_not_asked_twice(held: Held) -> None:
    held.hand.do([decision()])
    held.until(lambda: EVE in held.wall.blocked)
    for _ in range(5):
        held.hand.look({}, {})
    held.until(lambda: any(isinstance(one, Looked) for one in held.results))
    looked = [one for one in held.results if isinstance(one, Looked)]
    assert len(looked) <= 2
    assert [one.measure.address for one in looked[-1].in_force] == [EVE]


def test_tables_of_an_interface_that_was_away_are_made_anew(held: Held) -> None:
    held.hand.begin()
    held.hand.stand_anew()
    held.until(lambda: held.wall.stood == [False, True])


def test_tables_that_could_not_be_made_anew_are_later(held: Held) -> None:
    held.hand.begin()
    held.wall.error = FirewallError("nft hangs")
    held.hand.stand_anew()
    held.until(lambda: "nft hangs" in held.trouble)
    held.wall.error = None
    held.until(lambda: held.wall.stood == [False, True])
