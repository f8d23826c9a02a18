"""The page of weights: every clue has its row, and the figures are counted as it says."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from lab.labelled import Labelled
from lab.labels import Source
from lab.weights import Share, estimate_db, formula, link_clues, main, observe, page
from ringfence.detect.clues import RULES
from tests.conversations.script import FOLDER, read_scene

NAMES = [rule.name for rule in RULES]
AGAIN = "run `python -m lab.weights`"


@pytest.fixture
def written(root: Path) -> str:
    return (root / "docs/weights.md").read_text()


def test_every_clue_has_its_row_and_its_section(written: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|", written, re.MULTILINE)
    assert rows == [*NAMES, *link_clues()], AGAIN
    assert re.findall(r"^### (\w+)$", written, re.MULTILINE) == rows, AGAIN


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_row_says_what_the_rule_says(written: str, rule: object) -> None:
    name, innocent, origin = rule.name, rule.innocent, rule.origin  # type: ignore[attr-defined]
    row = next(line for line in written.splitlines() if line.startswith(f"| `{name}` |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    kind = rule.kind.replace("_", " ") or "any"  # type: ignore[attr-defined]
    assert (cells[1], cells[6], cells[7]) == (kind, innocent, origin), AGAIN


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_page_shows_how_a_weight_is_reckoned(written: str, rule: object) -> None:
    reckoned = formula(rule)  # type: ignore[arg-type]
    assert reckoned
    section = written.partition(f"\n### {rule.name}\n")[2]  # type: ignore[attr-defined]
    assert f"Weight: `{reckoned}`" in section.partition("\n### ")[0], AGAIN


@pytest.mark.parametrize(
    ("bearers", "of", "expected"),
    [
        (Share(9, 0), Share(9, 99), 10 * math.log10(0.95 / 0.005)),
        (Share(0, 0), Share(9, 9), 0.0),
        (Share(0, 99), Share(9, 99), 10 * math.log10(0.05 / 0.995)),
    ],
)
def test_estimate_is_smoothed(bearers: Share, of: Share, expected: float) -> None:
    assert estimate_db(bearers, of) == pytest.approx(expected)


def _labelled(folder: Path, name: str, *sources: Source) -> Labelled:
    path = folder / f"{Path(name).stem}.pcap"
    path.write_bytes(read_scene((FOLDER / name).read_text()).capture())
    return Labelled(path.stem, path, sources, is_ours=True)


def test_fifty_machines_of_one_hand_are_one_attacker(tmp_path: Path) -> None:
    fifty = [
        Source(f"203.0.113.{n}", "attacker", "one of fifty", campaign="the fifty")
        for n in range(100, 150)
    ]
    observed = observe([_labelled(tmp_path, "attacks/guessing_spread.txt", *fifty)])
    assert observed.sources.hands == pytest.approx(1.0)
    assert observed.clues["spread_guessing"].bearers.hands == pytest.approx(1.0)


def test_each_innocent_counts_and_our_server_does_not(tmp_path: Path) -> None:
    observed = observe([_labelled(tmp_path, "innocents/busy_office.txt")])
    assert observed.sources == Share(0.0, 14.0)
    assert observed.clues["registered"].failed.innocents >= 1


def test_page_is_made_of_what_was_counted(tmp_path: Path) -> None:
    eve = Source("203.0.113.66", "attacker", "svwar")
    observed = observe([_labelled(tmp_path, "attacks/svwar_leaky.txt", eve)])
    row = next(line for line in page(observed) if line.startswith("| `sipvicious_tag` |"))
    assert "| +50 | 1 | 0 |" in row


def test_nothing_labelled_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--ours", str(tmp_path), "--out", str(tmp_path / "page.md")]) == 2
    assert "no labelled captures" in capsys.readouterr().err
    assert not (tmp_path / "page.md").exists()
