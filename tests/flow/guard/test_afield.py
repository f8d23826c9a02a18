"""Beyond this machine: what routers get, and what is done about an account that was taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from ringfence.flow.acting import Acting
from ringfence.flow.firewall import InForce
from ringfence.flow.guard.afield import SETTLE_S, Afield
from ringfence.flow.outside import Outsiders
from ringfence.model.acting import Done, Ready
from ringfence.model.measure import Effect, Measure
from ringfence.model.outside import OutsideState
from tests.flow.guard.agent import EVE, TWO


def measure(address: str, action: str = "block") -> Measure:
    return Measure(address, action, address, "guessing", "guard", "", "2026-11-26T13:00:00Z")


class Machines:
    """Machines that note what they are told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[str]]] = []
        self.trouble = ""

    def start(self) -> None:
        self.told.append(("start", []))

    def close(self) -> None:
        self.told.append(("close", []))

    def apply(self, measures: Iterable[Measure], now: datetime) -> None:  # noqa: ARG002
        self.told.append(("apply", [one.address for one in measures]))

    def settle(self, measures: Iterable[Measure], now: datetime) -> None:  # noqa: ARG002
        self.told.append(("settle", [one.address for one in measures]))

    def withdraw(self, addresses: Iterable[str], now: datetime) -> None:  # noqa: ARG002
        self.told.append(("withdraw", list(addresses)))

    def standing(self) -> list[OutsideState]:
        return [OutsideState("mikrotik", trouble=self.trouble), OutsideState("3cx")]


class PhoneSystems:
    """Phone systems that note whose account was taken."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def taken(self, accounts: Iterable[str], now: datetime) -> list[Done]:  # noqa: ARG002
        self.told += accounts
        return [Done("asterisk", "2 calls ended"), Done("3cx", "refused", ok=False)]

    def ready(self, accounts: Iterable[str]) -> list[Ready]:
        return [Ready("end", f"ringfence act end-calls {one}") for one in accounts]

    def close(self) -> None:
        self.told.append("closed")


def afield(machines: Machines | None, phones: PhoneSystems | None, said: list[object]) -> Afield:
    return Afield(
        cast("Outsiders | None", machines), cast("Acting | None", phones), said.append, said.append
    )


def test_blocks_go_to_other_machines_and_limits_stay_here() -> None:
    machines = Machines()
    far = afield(machines, None, [])
    far.start()
    far.acted([measure(EVE), measure(TWO, "limit")])
    far.acted([measure(TWO, "limit")])
    far.released([])
    far.released([EVE])
    far.close()
    assert machines.told == [
        ("start", []), ("apply", [EVE]), ("withdraw", [EVE]), ("close", []),
    ]  # fmt: skip


def test_the_whole_truth_is_told_once_a_minute() -> None:
    machines = Machines()
    far = afield(machines, None, [])
    in_force = [InForce(measure(EVE), None, Effect("unknown", ""))]
    for now_s in (0.0, 1.0, SETTLE_S - 1, SETTLE_S):
        far.settle(in_force, now_s)
    far.close()
    assert machines.told[:-1] == [("settle", [EVE]), ("settle", [EVE])]


def test_machine_that_cannot_be_reached_is_told() -> None:
    machines = Machines()
    far = afield(machines, None, [])
    assert far.wrong == []
    machines.trouble = "no answer"
    assert far.wrong == ["mikrotik: no answer"]
    far.close()


def test_account_that_was_taken_is_acted_upon_and_what_failed_is_told() -> None:
    phones, said = PhoneSystems(), list[object]()
    far = afield(None, phones, said)
    far.taken(["201", "201"])
    far.taken([])
    assert far.ready(["201"]) == ("ringfence act end-calls 201",)
    far.close()
    assert phones.told == ["201", "closed"]
    assert said[0] == Done("asterisk", "2 calls ended")
    assert "3cx: refused" in said


def test_without_other_machines_nothing_is_done() -> None:
    far = afield(None, None, [])
    far.start()
    far.acted([measure(EVE)])
    far.released([EVE])
    far.settle([], 0.0)
    far.taken(["201"])
    assert (far.ready(["201"]), far.wrong) == ((), [])
    far.close()
