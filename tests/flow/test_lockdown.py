"""The lockdown whole, in a namespace with the real nft: above all, how it opens by itself."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ringfence.flow.lockdown import (
    Lockdown,
    LockdownError,
    LockdownState,
    Wish,
    make,
    plan_in,
    ports_of,
    write_forms,
)
from ringfence.flow.machine import Machine
from ringfence.model.lockdown import OPERATOR, CutOff, Plan, Ports
from ringfence.model.settings import GuardSettings, LockdownSettings, Settings
from ringfence.remote.plan import encode
from tests.flow.lockdowns import Inside, until
from tests.remote.closings import CARRIER, STRANGER, USER, heard
from tests.respond.block.wire import Wire, needs

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BOTH = sorted([CARRIER, STRANGER])


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    with Wire() as wire:
        yield Inside(wire, tmp_path)


@pytest.fixture
def lockdown(inside: Inside, tmp_path: Path) -> Lockdown:
    """In this process, with the kernel of the namespace; names lead to the carrier."""
    return Lockdown(
        inside.gate, LockdownState(inside.state), Machine(tmp_path),
        lambda name, kind: [CARRIER] if (name, kind) == ("sip.example", "A") else [],
        lambda: NOW, lambda _: None, lambda *_: ("process",),
    )  # fmt: skip


def plan(*trunks: str, now: datetime = NOW) -> Plan:
    ask = {("sip.example", "A"): [CARRIER]}
    return make(
        Wish(trunks=trunks or (CARRIER,), with_store=False), Settings(), now=now, environment={},
        ask=lambda name, kind: ask.get((name, kind), []), root=Path("/nowhere"),
    )  # fmt: skip


# ---- a trial that nobody confirms ------------------------------------------------------


@needs("nft")
def test_killing_everything_in_between_locks_nobody_out(inside: Inside) -> None:
    """No process, no terminal, no timer is left: the kernel opens the ports by itself."""
    out = inside.said("apply", "--trunk", CARRIER, "--no-store", "--confirm-within", "10s")
    assert "CLOSED ON TRIAL for 10 s" in out
    assert inside.kill_all() >= 1, "who tidies up was there, and is killed as well"
    assert heard(inside.wire, [CARRIER, STRANGER]) == [CARRIER]
    assert inside.processes() == []
    until(lambda: not inside.gate.standing().trial_left_s)
    assert sorted(heard(inside.wire, [CARRIER, STRANGER])) == BOTH
    assert not (inside.state / "confirmed.json").exists()


@needs("nft")
def test_terminal_that_is_lost_leaves_one_who_tidies_up(inside: Inside) -> None:
    process = inside.start("apply", "--trunk", CARRIER, "--no-store", "--confirm-within", "10s")
    until(lambda: inside.gate.standing().trial_left_s > 0)
    assert process.wait(60) == 0
    # What a terminal that goes away sends to all of its session.
    with suppress(ProcessLookupError):  # none is left: who tidies up is of another
        os.killpg(process.pid, signal.SIGHUP)
    assert len(inside.processes()) == 1
    until(lambda: not inside.processes())
    assert not inside.gate.standing().is_there, "nothing of ours is left"
    events = [one["event"] for one in LockdownState(inside.state).journal()]
    assert events == ["trial", "rolled back"]
    assert not (inside.state / "trial.json").exists()
    process.communicate()


@needs("nft")
def test_command_that_dies_while_it_applies_has_closed_nothing_for_good(inside: Inside) -> None:
    process = inside.start("apply", "--trunk", CARRIER, "--no-store", "--confirm-within", "10s")
    until(lambda: inside.gate.standing().is_there)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    inside.kill_all()
    until(lambda: not inside.gate.standing().trial_left_s)
    assert sorted(heard(inside.wire, [CARRIER, STRANGER])) == BOTH


@needs("nft")
def test_confirmed_plan_holds_after_all_processes_are_gone_and_comes_back(inside: Inside) -> None:
    inside.said("apply", "--trunk", CARRIER, "--no-store", "--confirm-within", "5m")
    assert "opens by itself" in inside.said("status", status=1)
    assert inside.said("confirm").startswith("confirmed: 1 address")
    inside.kill_all()
    assert heard(inside.wire, [CARRIER, STRANGER]) == [CARRIER]
    assert "closed, and confirmed" in inside.said("status")
    # The machine starts again: its rules are gone, its files are not.
    inside.wire.run("nft", "flush", "ruleset")
    assert "not in force: ringfence lockdown load" in inside.said("status", status=1)
    assert sorted(heard(inside.wire, [CARRIER, STRANGER])) == BOTH
    assert inside.said("load") == "closed, as it was confirmed\n"
    assert heard(inside.wire, [CARRIER, STRANGER]) == [CARRIER]
    # So does the file alone, where ringfence cannot run.
    inside.wire.run("nft", "flush", "ruleset")
    inside.wire.run("nft", "-f", str(inside.state / "lockdown.nft"))
    assert heard(inside.wire, [CARRIER, STRANGER]) == [CARRIER]
    assert inside.said("off") == "the ports are open to everybody\n"
    assert sorted(heard(inside.wire, [CARRIER, STRANGER])) == BOTH
    assert inside.said("load") == "nothing was confirmed\n"


@needs("nft")
def test_too_late_to_confirm_is_said_and_changes_nothing(
    lockdown: Lockdown, inside: Inside
) -> None:
    made = plan()
    lockdown.apply(made, 60)
    at = "element inet ringfence_lockdown trial_on { tcp, udp }"
    inside.wire.run("nft", "delete", *at.split())
    with pytest.raises(LockdownError, match="its time is over"):
        lockdown.confirm()
    assert lockdown.state.plan("confirmed.json") is None
    assert sorted(heard(inside.wire, [CARRIER, STRANGER])) == BOTH


@needs("nft")
def test_second_plan_that_nobody_confirms_leaves_the_first(
    lockdown: Lockdown, inside: Inside
) -> None:
    lockdown.apply(plan(), 60)
    lockdown.confirm()
    second = plan(USER, now=NOW + timedelta(hours=1))
    lockdown.apply(second, 60)
    assert heard(inside.wire, [CARRIER, USER]) == [USER]
    at = "element inet ringfence_lockdown trial_on { tcp, udp }"
    inside.wire.run("nft", "delete", *at.split())
    assert heard(inside.wire, [CARRIER, USER]) == [CARRIER]
    standing = lockdown.status().standing
    trial = json.loads(lockdown.state.folder.joinpath("journal.jsonl").read_text().splitlines()[-1])
    assert (standing.is_kept, standing.trial) == (True, "")
    assert lockdown.settle(trial["plan"])
    assert heard(inside.wire, [CARRIER, USER]) == [CARRIER]
    assert not lockdown.settle(trial["plan"]), "there is nothing left to tidy up"


@needs("nft")
def test_trial_that_goes_on_or_was_confirmed_is_not_tidied_up(
    lockdown: Lockdown, inside: Inside
) -> None:
    lockdown.apply(plan(), 60)
    first = lockdown.status().standing.trial
    assert not lockdown.settle(first)
    lockdown.confirm()
    assert not lockdown.settle(first)
    assert heard(inside.wire, [CARRIER, STRANGER]) == [CARRIER]


@needs("nft")
def test_dying_between_the_kernel_and_the_file_is_mended_by_confirming_again(
    lockdown: Lockdown, inside: Inside
) -> None:
    lockdown.apply(plan(), 60)
    trial = lockdown.state.plan("trial.json")
    assert trial is not None
    inside.gate.confirm(lockdown._closing(trial))
    assert lockdown.state.plan("confirmed.json") is None
    lockdown.confirm()
    assert lockdown.state.plan("confirmed.json") == trial


# ---- names, other programs, who is turned away -------------------------------------------


@needs("nft")
def test_carrier_that_moves_is_admitted_at_both_addresses_for_a_day(
    lockdown: Lockdown, inside: Inside
) -> None:
    lockdown.apply(plan("sip.example"), 60)
    lockdown.confirm()
    assert lockdown.refresh() == ([], [], [])
    lockdown._ask = lambda name, kind: [USER] if (name, kind) == ("sip.example", "A") else []
    assert lockdown.refresh() == ([f"{USER}/32"], [], [])
    assert sorted(heard(inside.wire, [CARRIER, USER, STRANGER])) == sorted([CARRIER, USER])
    lockdown._now = lambda: NOW + timedelta(days=2)
    assert lockdown.refresh() == ([], [f"{CARRIER}/32"], [])
    assert heard(inside.wire, [CARRIER, USER]) == [USER]
    assert lockdown.status().is_whole
    assert USER in (inside.state / "lockdown.nft").read_text()


@needs("nft")
def test_rules_that_another_program_flushed_are_put_back_and_open_ones_are_not(
    lockdown: Lockdown, inside: Inside
) -> None:
    lockdown.apply(plan(), 60)
    lockdown.confirm()
    inside.wire.run("nft", "flush", "chain", "inet", "ringfence_lockdown", "input")
    assert not lockdown.status().is_whole
    lockdown.refresh()
    assert heard(inside.wire, [CARRIER, STRANGER]) == [CARRIER]
    inside.wire.run("nft", "flush", "ruleset")
    lockdown.refresh()
    assert heard(inside.wire, [CARRIER, STRANGER]) == [CARRIER]
    lockdown.off()
    lockdown.refresh()
    assert sorted(heard(inside.wire, [CARRIER, STRANGER])) == BOTH


@needs("nft")
def test_opening_while_names_are_looked_up_is_not_undone(
    lockdown: Lockdown, inside: Inside
) -> None:
    """A name server may take its time; who says `off` meanwhile means it."""
    lockdown.apply(plan("sip.example"), 60)
    lockdown.confirm()

    def ask(name: str, kind: str) -> list[str]:
        lockdown.off()
        return [USER]

    lockdown._ask = ask
    assert lockdown.refresh() == ([], [], [])
    assert not inside.gate.standing().is_there
    assert lockdown.state.plan("confirmed.json") is None


@needs("nft")
def test_rules_of_a_trial_that_is_over_are_no_damage(lockdown: Lockdown, inside: Inside) -> None:
    lockdown.apply(plan(), 60)
    lockdown.confirm()
    lockdown.apply(plan(USER, now=NOW + timedelta(hours=1)), 60)
    at = "element inet ringfence_lockdown trial_on { tcp, udp }"
    inside.wire.run("nft", "delete", *at.split())
    found = lockdown.status()
    assert (found.is_whole, found.standing.is_kept) == (True, True)


@needs("nft")
def test_user_who_is_turned_away_is_told_by_name(lockdown: Lockdown, inside: Inside) -> None:
    made = plan()
    lost = CutOff(USER, ("201",), "Ann Example", "2026-11-26T09:00:00Z", 3, "old", "--admit")
    lockdown.apply(replace(made, cut_off=(lost,)), 60)
    heard(inside.wire, [USER, STRANGER])
    assert lockdown.status().turned_users == {USER: "201 (Ann Example)"}


@needs("nft")
def test_guard_blocks_whom_the_lockdown_admits(lockdown: Lockdown, inside: Inside) -> None:
    """And what the lockdown drops did not arrive, as the guard counts it."""
    from ringfence.respond.nft.firewall import Nftables
    from ringfence.respond.nft.program import Program
    from tests.respond.nft.measures import NOW as THEN
    from tests.respond.nft.measures import measure

    wire = inside.wire
    lockdown.apply(plan(f"{CARRIER}", USER), 60)
    guard = Nftables(Program(("ip", "netns", "exec", f"{wire.prefix}in", "nft")), lambda _: True)
    guard.apply([measure(USER)], THEN)
    assert heard(wire, [CARRIER, USER, STRANGER]) == [CARRIER]
    (one,) = guard.held()
    assert (one.address, one.dropped, one.passed) == (USER, 1, 0)
    lockdown.off()
    assert sorted(heard(wire, [CARRIER, USER, STRANGER])) == BOTH
    assert guard.held(), "the guard's tables are not ours to take away"


# ---- planned ------------------------------------------------------------------------------


def test_plan_without_a_carrier_is_not_applied(tmp_path: Path) -> None:
    made = make(Wish(with_store=False), Settings(), environment={}, root=tmp_path, now=NOW)
    with pytest.raises(LockdownError, match="name your carrier"):
        Lockdown(state=LockdownState(tmp_path)).apply(made, 60)


def test_own_session_is_admitted_and_its_port_never_closed(tmp_path: Path) -> None:
    environment = {"SSH_CONNECTION": "198.51.100.200 50000 192.0.2.10 5061"}
    made = make(
        Wish(trunks=(CARRIER,), with_store=False), Settings(), environment=environment,
        root=tmp_path, now=NOW,
    )  # fmt: skip
    assert [(one.network, one.kind) for one in made.admitted if one.kind == OPERATOR] == [
        ("198.51.100.200", OPERATOR)
    ]


def test_ssh_on_a_port_of_sip_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.200 50000 192.0.2.10 5061")
    with pytest.raises(LockdownError, match="port 5061 is where SSH answers"):
        Lockdown(state=LockdownState(tmp_path)).apply(plan(), 60)


def test_settings_name_carriers_users_and_ports() -> None:
    settings = Settings(
        guard=GuardSettings(ports=(5080,), trunks=("203.0.113.5",), known=("198.51.100.7",)),
        lockdown=LockdownSettings(trunks=("203.0.113.0/28",), users=("198.51.100.64/27",)),
    )
    made = make(Wish(admit=("192.0.2.99=Ann",), with_store=False), settings, environment={},
                root=Path("/nowhere"), now=NOW)  # fmt: skip
    assert {one.network: one.name for one in made.admitted} == {
        "203.0.113.0/28": "203.0.113.0/28", "203.0.113.5": "203.0.113.5",
        "192.0.2.99": "Ann", "198.51.100.64/27": "named", "198.51.100.7": "named",
    }  # fmt: skip
    assert made.ports == Ports(udp=(5060, 5080), tcp=(5060, 5061, 5080))
    narrow = LockdownSettings(udp=(5070,), tcp=(5071,), media="open", tunnel=(5090,))
    assert ports_of(Settings(lockdown=narrow)) == Ports((5070,), (5071,), (0, 0), (5090,))


@pytest.mark.parametrize("wish", [Wish(trunks=("$(x)",)), Wish(admit=("office.example",))])
def test_what_is_no_address_is_refused_before_anything_is_read(wish: Wish) -> None:
    with pytest.raises(LockdownError):
        make(replace(wish, with_store=False), Settings(), environment={}, now=NOW)


def test_plan_is_found_in_the_file_that_holds_one(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    made = plan()
    path.write_bytes(encode(made))
    assert plan_in(str(path)) == made
    path.write_text('{"schema": "other"}')
    assert plan_in(str(path)) is None
    assert plan_in(str(tmp_path)) is None


def test_forms_are_written_into_a_folder(tmp_path: Path) -> None:
    names = [name for name, _ in write_forms(plan(), str(tmp_path / "forms"))]
    assert sorted(names) == sorted(path.name for path in (tmp_path / "forms").iterdir())
