"""How soon attacks of the lab are met, and that an innocent who is hit is a failure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lab.labelled import labelled_set
from lab.rehearse import hits, main, meetings
from ringfence.flow.rehearsal import Rehearsal, Rehearsed, rehearse
from ringfence.model.decision import BLOCK, Decision

if TYPE_CHECKING:
    import pytest


def test_each_attack_of_the_examples_is_met(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--ours", str(root / "examples")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-1].endswith("0 innocents hit")
    assert [line for line in told if line.endswith("nothing")] == []


def test_tool_is_met_at_once(root: Path) -> None:
    (one,) = (
        o for o in labelled_set([root / "examples"], None) if o.name == "examples/enumeration"
    )
    (met,) = meetings(one, rehearse([str(one.capture)]))
    assert met.first is not None
    assert met.first.messages <= 2
    assert 0 <= met.seconds < 1


def test_innocent_who_is_hit_is_named(root: Path) -> None:
    (one,) = (o for o in labelled_set([root / "examples"], None) if o.name == "examples/bad_pin")
    innocent = next(s for s in one.sources if s.role == "innocent")
    block = Decision(BLOCK, innocent.address, "a mistake", 1)
    found = Rehearsal((Rehearsed(block, 0, "ordinary"),), 1, 1)
    assert hits(one, found) == [(innocent.address, BLOCK)]


def test_nothing_labelled_is_said(tmp_path: Path) -> None:
    assert main(["--ours", str(tmp_path)]) == 2


def test_addresses_that_are_labelled_alike_are_one_row(root: Path) -> None:
    labelled = labelled_set([root / "examples"], None)
    (one,) = (o for o in labelled if o.name == "examples/guessing_spread")
    (met,) = meetings(one, rehearse([str(one.capture)]))
    assert (met.addresses, met.untouched < 5) == (len(one.attackers), True)
    assert met.line().startswith("examples/guessing_spread     50 x one of fifty that guess")
