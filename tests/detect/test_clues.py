"""Each clue has three conversations: one that matches, one that almost does, a busy office."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from ringfence.detect.clues import RULES
from ringfence.detect.verdict import ATTACKER, SUSPECT
from ringfence.model.incident import KINDS
from tests.conversations.script import FOLDER, Scene, read_scenes
from tests.conversations.trial import complaints, try_scene

SECTIONS = ("matches", "almost", "innocent")
NAMES = [rule.name for rule in RULES]
# What is wrong today, and why. This list may only shrink.
WRONG: dict[tuple[str, str], str] = {}


@dataclass(frozen=True, slots=True)
class Case:
    rule: str
    section: str


@cache
def _scenes(rule: str) -> dict[str, Scene]:
    path = FOLDER / "clues" / f"{rule}.txt"
    return read_scenes(path.read_text()) if path.is_file() else {}


def _cases() -> list[object]:
    return [
        pytest.param(
            Case(name, section),
            id=f"{name}-{section}",
            marks=[pytest.mark.xfail(reason=WRONG[name, section])]
            if (name, section) in WRONG
            else [],
        )
        for name in NAMES
        for section in SECTIONS
    ]


@pytest.mark.parametrize("case", _cases())
def test_clue(case: Case, tmp_path: Path) -> None:
    scene = _scenes(case.rule).get(case.section)
    assert scene is not None, f"clues/{case.rule}.txt has no section {case.section}"
    investigation = try_scene(scene, tmp_path)
    if case.section == "innocent":
        accused = [v for v in investigation.verdicts if v.verdict in (ATTACKER, SUSPECT)]
        assert [f"{v.deeds.address} {v.weight_db} dB {v.clues}" for v in accused] == []
    assert complaints(scene, investigation) == []


@pytest.mark.parametrize("rule", NAMES)
def test_cases_are_about_their_rule(rule: str) -> None:
    """A matching case bears the clue, an almost matching one lacks it, the office is near it."""
    scenes = _scenes(rule)
    assert set(scenes) == set(SECTIONS)
    assert any(rule in expected.bears for expected in scenes["matches"].expected)
    assert any(rule in expected.lacks for expected in scenes["almost"].expected)
    assert not any(rule in expected.bears for expected in scenes["almost"].expected)
    assert scenes["innocent"].expected


def test_no_case_has_lost_its_rule() -> None:
    assert {path.stem for path in (FOLDER / "clues").glob("*.txt")} - set(NAMES) == set()


def test_names_are_one_word_each_and_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert [name for name in NAMES if not re.fullmatch(r"[a-z][a-z_]+", name)] == []


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rule_says_where_it_is_from_and_who_else_could_show_it(rule: object) -> None:
    assert rule.origin  # type: ignore[attr-defined]
    assert rule.kind in {"", *KINDS}  # type: ignore[attr-defined]
    against = rule.name in NAMES[NAMES.index("registered") :]  # type: ignore[attr-defined]
    assert bool(rule.innocent) != against, "a clue against somebody names who else could show it"  # type: ignore[attr-defined]
