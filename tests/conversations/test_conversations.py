"""Whole conversations in, verdicts out: attacks that must be found, innocents that must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.detect.verdict import ATTACKER, SUSPECT
from tests.conversations.script import FOLDER, read_scene
from tests.conversations.trial import complaints, try_scene


def _cases(folder: str) -> list[object]:
    paths = sorted((FOLDER / folder).glob("*.txt"))
    return [pytest.param(path, id=path.stem) for path in paths]


@pytest.mark.parametrize("path", _cases("attacks"))
def test_attack_is_found(path: Path, tmp_path: Path) -> None:
    scene = read_scene(path.read_text())
    assert complaints(scene, try_scene(scene, tmp_path)) == []


@pytest.mark.parametrize("path", _cases("innocents"))
def test_innocent_is_not_accused(path: Path, tmp_path: Path) -> None:
    scene = read_scene(path.read_text())
    investigation = try_scene(scene, tmp_path)
    accused = [v for v in investigation.verdicts if v.verdict in (ATTACKER, SUSPECT)]
    assert [f"{v.deeds.address} {v.verdict} {v.weight_db} dB" for v in accused] == []
    assert complaints(scene, investigation) == []


def test_every_conversation_says_what_it_shows() -> None:
    paths = [*FOLDER.glob("*/*.txt")]
    assert paths
    assert [path.name for path in paths if not path.read_text().startswith("# ")] == []
