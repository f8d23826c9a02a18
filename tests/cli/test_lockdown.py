"""`ringfence lockdown`: what a person reads before, while and after the ports are closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.cli.lockdown import lines, status_lines
from ringfence.flow.lockdown import LockdownState, Status
from ringfence.model.lockdown import (
    CutOff,
    Plan,
    Ports,
    Standing,
    TurnedAway,
)
from tests.cli.scene import ringfence
from tests.flow.lockdowns import Inside
from tests.flow.test_lockdown import plan
from tests.flow.test_lockdown_sources import LOG
from tests.respond.block.wire import Wire, needs


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("RINGFENCE_STORE", str(tmp_path / "cases.db"))
    for name in ("RINGFENCE_SETTINGS", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)


def test_plan_names_those_who_would_be_cut_off_and_says_so_with_its_status(tmp_path: Path) -> None:
    log = tmp_path / "security"
    log.write_text(
        LOG.format(account="201", address="198.51.100.9")
        + "".join(LOG.format(account="202", address=f"203.0.113.{n}") for n in range(1, 6))
    )
    answer = ringfence("lockdown", "plan", log, "--trunk", "192.0.2.77", "--days", "365")
    assert answer.status == 1
    assert "192.0.2.77" in answer.out
    assert "198.51.100.9                 201: let in 1 time" in answer.out
    assert "WOULD BE CUT OFF, of the last 365 days: 5" in answer.out
    assert "202 at 203.0.113.1" in answer.out
    assert "ringfence remote add" in answer.out


def test_plan_is_kept_printed_and_written_for_routers(tmp_path: Path) -> None:
    out, forms = tmp_path / "plan.json", tmp_path / "forms"
    answer = ringfence(
        "lockdown", "plan", "--trunk", "192.0.2.77", "--no-store", "--out", out, "--forms", forms
    )
    assert answer.status == 0
    assert f"{forms}/mikrotik.rsc" in answer.out
    kept = ringfence("lockdown", "plan", out, "--json")
    assert json.loads(kept.out)["admitted"][0]["network"] == "192.0.2.77"
    assert kept.out == out.read_text()
    refused = ringfence("lockdown", "plan", out, "--trunk", "192.0.2.78")
    assert (refused.status, "applied as it is" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["plan", "--days", "0"], "1 to 365"),
        (["plan", "--trunk", "$(x)"], "no carrier's name"),
        (["plan", "--admit", "0.0.0.0/0"], "half the Internet"),
        (["plan", "none.pcap"], "none.pcap"),
        (["apply", "--confirm-within", "never"], "like 120s or 5m"),
        (["apply", "--no-store"], "name your carrier"),
        (["confirm"], "there is no plan on trial"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words: list[str], says: str) -> None:
    answer = ringfence("lockdown", *words)
    assert answer.status == 2
    assert says in answer.err
    assert len(answer.err.splitlines()) == 1


def test_names_of_strangers_do_nothing_to_the_terminal() -> None:
    lost = CutOff("203.0.113.9", ("\x1b[2J",), "\x07", "2026-11-26T09:00:00Z", 1, "w", "d")
    made = Plan("2026-11-26T12:00:00Z", Ports(), (), (lost,), troubles=("\x1b]0;x",))
    assert "\x1b" not in "".join(lines(made))
    assert "\x07" not in "".join(lines(made))


def test_status_says_what_stands_and_who_is_turned_away() -> None:
    made = plan()
    standing = Standing(
        is_there=True, is_kept=True, kept="0123abcd", doors=("203.0.113.9",),
        turned_away=(TurnedAway("203.0.113.66", 9), TurnedAway("203.0.113.67", 1)),
    )  # fmt: skip
    said = "\n".join(
        status_lines(Status(standing, made, made, True, {"203.0.113.67": "201 (Ann)"}))
    )
    assert "closed, and confirmed" in said
    assert "a door is open for 203.0.113.9" in said
    assert "TURNED AWAY, AND LET IN BEFORE: 203.0.113.67 201 (Ann)" in said
    assert "turned away within a day: 2 addresses, 10 packets" in said
    broken = "\n".join(status_lines(Status(standing, made, made, is_whole=False)))
    assert "NOT WHOLE" in broken


@needs("nft")
def test_closed_confirmed_and_opened_by_command(tmp_path: Path) -> None:
    with Wire() as wire:
        inside = Inside(wire, tmp_path)
        out = inside.said(
            "apply", "--trunk", "198.51.100.1", "--no-store", "--confirm-within", "1m"
        )
        assert "Then: ringfence lockdown confirm" in out
        status = json.loads(inside.said("status", "--json", status=1))
        assert (status["is_whole"], status["is_kept"]) == (True, False)
        assert 0 < status["trial_left_s"] <= 60
        inside.said("confirm")
        assert inside.said("refresh") == ""
        assert json.loads(inside.said("status", "--json"))["is_kept"]
        inside.said("off")
        assert "open to everybody" in inside.said("status", status=1)
        assert inside.said("off") == "nothing was closed\n"
        assert [one["event"] for one in LockdownState(inside.state).journal()] == [
            "trial", "confirmed", "off", "off",
        ]  # fmt: skip
        inside.kill_all()
