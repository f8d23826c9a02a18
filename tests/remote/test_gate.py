"""Tried, kept, taken away; and a trial that ends when nobody is left to end it."""

from __future__ import annotations

import time

import pytest

from ringfence.model.lockdown import LockdownError, Ports, TurnedAway
from ringfence.remote.gate import Gate
from ringfence.respond.nft.program import Program
from tests.remote.closings import CARRIER, STRANGER, USER, closing, heard
from tests.respond.block.wire import Wire, needs

NEXT = "fedcba98"


def shorten(wire: Wire, seconds: int) -> None:
    """What is left of the trial's time, as if the rest had passed."""
    at = "element inet ringfence_lockdown trial_on"
    time = f"timeout {seconds}s"
    wire.run("nft", f"delete {at} {{ tcp, udp }}; add {at} {{ tcp {time}, udp {time} }}")


def wait_until_over(gate: Gate) -> None:
    ends = time.monotonic() + 10
    while gate.standing().trial_left_s:
        assert time.monotonic() < ends, "the kernel does not end the trial"


@needs("nft")
def test_trial_that_nobody_confirms_is_ended_by_the_kernel_alone(wire: Wire, gate: Gate) -> None:
    gate.begin(closing(CARRIER), None, 60)
    assert heard(wire, [CARRIER, STRANGER]) == [CARRIER]
    found = gate.standing()
    assert (found.trial, found.is_kept, 50 < found.trial_left_s <= 60) == ("0123abcd", False, True)
    shorten(wire, 1)
    wait_until_over(gate)
    assert sorted(heard(wire, [CARRIER, STRANGER])) == sorted([CARRIER, STRANGER])
    assert (gate.standing().is_there, gate.standing().trial) == (True, "")


@needs("nft")
def test_what_is_confirmed_in_time_stays(wire: Wire, gate: Gate) -> None:
    plan = closing(CARRIER)
    gate.begin(plan, None, 60)
    shorten(wire, 2)
    gate.confirm(plan)
    found = gate.standing()
    assert (found.is_kept, found.kept, found.trial_left_s) == (True, "0123abcd", 0)
    listed = wire.run("nft", "list", "set", "inet", "ringfence_lockdown", "kept_on")
    assert "expires" not in listed
    assert heard(wire, [CARRIER, STRANGER]) == [CARRIER]


@needs("nft")
def test_confirming_too_late_closes_nothing(wire: Wire, gate: Gate) -> None:
    plan = closing(CARRIER)
    gate.begin(plan, None, 60)
    shorten(wire, 1)
    wait_until_over(gate)
    with pytest.raises(LockdownError, match="its time is over"):
        gate.confirm(plan)
    assert STRANGER in heard(wire, [CARRIER, STRANGER])


class _Late(Gate):
    """The time is over between the look and the transaction."""

    def _check_trial(self, trial: object) -> None:
        if not hasattr(self, "looked"):
            self.looked = True
            return
        super()._check_trial(trial)  # type: ignore[arg-type]


@needs("nft")
def test_time_that_ends_within_the_confirmation_closes_nothing(wire: Wire, gate: Gate) -> None:
    plan = closing(CARRIER)
    gate.begin(plan, None, 60)
    shorten(wire, 1)
    wait_until_over(gate)
    late = _Late(gate._nft)
    with pytest.raises(LockdownError, match="its time is over"):
        late.confirm(plan)
    assert STRANGER in heard(wire, [CARRIER, STRANGER])


@needs("nft")
def test_plan_that_is_tried_over_a_kept_one_falls_back_to_it(wire: Wire, gate: Gate) -> None:
    """The mistake of the second plan must not open what the first one closed."""
    first, second = closing(CARRIER), closing(USER, identifier=NEXT, ports=Ports(udp=(5070,)))
    gate.keep(first)
    gate.begin(second, first, 60)
    assert heard(wire, [CARRIER, USER, STRANGER], port=5070) == [USER]
    assert sorted(heard(wire, [CARRIER, USER, STRANGER])) == sorted([CARRIER, USER, STRANGER])
    shorten(wire, 1)
    wait_until_over(gate)
    assert heard(wire, [CARRIER, USER, STRANGER]) == [CARRIER]
    assert (gate.standing().kept, gate.standing().trial) == ("0123abcd", "")
    with pytest.raises(LockdownError, match="its time is over"):
        gate.confirm(second)
    assert heard(wire, [CARRIER, USER, STRANGER]) == [CARRIER]


@needs("nft")
def test_another_plan_that_is_on_trial_is_not_confirmed(wire: Wire, gate: Gate) -> None:
    gate.begin(closing(CARRIER, identifier=NEXT), None, 60)
    with pytest.raises(LockdownError, match="another plan"):
        gate.confirm(closing(CARRIER))
    assert not gate.standing().is_kept


@needs("nft")
def test_new_plan_leaves_open_doors_open_for_what_is_left_of_their_time(
    wire: Wire, gate: Gate
) -> None:
    gate.keep(closing(CARRIER))
    add = ("nft", "add", "element", "inet", "ringfence_lockdown", "door4")
    wire.run(*add, f"{{ {STRANGER} timeout 1h expires 10m }}")
    plan = closing(USER, identifier=NEXT)
    gate.begin(plan, closing(CARRIER), 60)
    assert sorted(heard(wire, [CARRIER, USER, STRANGER])) == sorted([USER, STRANGER])
    gate.confirm(plan)
    listed = wire.run("nft", "list", "set", "inet", "ringfence_lockdown", "door4")
    assert "expires 9m" in listed or "expires 10m" in listed
    assert sorted(heard(wire, [CARRIER, USER, STRANGER])) == sorted([USER, STRANGER])


@needs("nft")
def test_who_is_admitted_changes_without_a_new_table(wire: Wire, gate: Gate) -> None:
    from ipaddress import ip_network

    gate.keep(closing(CARRIER))
    gate.admit([ip_network(USER), ip_network("192.0.2.0/24"), ip_network("192.0.2.1/32")])
    assert heard(wire, [CARRIER, USER]) == [USER]
    gate.admit([])
    assert heard(wire, [CARRIER, USER]) == []


@needs("nft")
def test_those_who_are_turned_away_are_counted_by_address(wire: Wire, gate: Gate) -> None:
    gate.keep(closing(CARRIER))
    heard(wire, [STRANGER, STRANGER, USER, CARRIER])
    assert gate.standing().turned_away == (TurnedAway(STRANGER, 2), TurnedAway(USER, 1))


@needs("nft")
def test_rule_that_somebody_took_away_is_noticed(wire: Wire, gate: Gate) -> None:
    plan = closing(CARRIER)
    assert gate.is_whole_with(None, None)
    gate.keep(plan)
    assert gate.is_whole_with(None, plan)
    wire.run("nft", "flush", "chain", "inet", "ringfence_lockdown", "input")
    assert not gate.is_whole_with(None, plan)
    gate.remove()
    assert not gate.is_whole_with(None, plan)
    assert not gate.standing().is_there
    gate.remove()  # twice is once


@pytest.mark.parametrize("seconds", [0, 9, 3601])
def test_trial_of_no_time_or_a_day_is_refused(seconds: int) -> None:
    with pytest.raises(LockdownError, match="from 10 to"):
        Gate(Program(("no-such-nft",))).begin(closing(CARRIER), None, seconds)
