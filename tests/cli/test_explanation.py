from __future__ import annotations

import dataclasses
import io
import re
from ipaddress import ip_address
from pathlib import Path

import pytest
from rich.console import Console

from ringfence import flow
from ringfence.cli.explanation import show_explanation
from ringfence.detect.clues import RULES
from ringfence.detect.verdict import WeighedClue, conclude
from ringfence.flow import Verdict

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found() -> flow.Investigation:
    return flow.investigate([str(ROOT / "examples/attack.pcap")])


def verdict_on(found: flow.Investigation, address: str) -> Verdict:
    """The verdict on a source of the example."""
    verdict = found.verdict_on(ip_address(address))
    assert verdict is not None
    return verdict


def with_clues(verdict: Verdict, *clues: tuple[str, float]) -> Verdict:
    """The verdict as these clues (name, decibans) alone would make it."""
    weighed = tuple(WeighedClue(rule, "scan", weight, f"it did {rule}") for rule, weight in clues)
    return conclude(dataclasses.replace(verdict, clues=weighed, prior_db=-10.0))


def explained(verdict: Verdict, width: int = 80) -> list[str]:
    """The lines that a person sees."""
    out = io.StringIO()
    show_explanation(verdict, Console(file=out, width=width, highlight=False))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_sum_is_the_sum_of_what_is_shown(found: flow.Investigation) -> None:
    verdict = verdict_on(found, "203.0.113.66")
    first_words = [line.split()[0] for line in explained(verdict, 200)[3:-1]]
    *addends, total = (float(word) for word in first_words)
    assert len(addends) == len(verdict.clues) + 1
    assert sum(addends) == pytest.approx(total, abs=0.05 * len(addends))


def test_the_strongest_clue_stands_first_after_the_prior(found: flow.Investigation) -> None:
    lines = explained(verdict_on(found, "203.0.113.66"))
    assert "prior" in lines[3]
    assert "sipvicious_tag" in lines[4]


def test_messages_are_named_as_wireshark_counts_them(found: flow.Investigation) -> None:
    verdict = verdict_on(found, "203.0.113.66")
    (clue,) = (clue for clue in verdict.clues if clue.rule == "sipvicious_tag")
    assert f"(#{clue.places[0][1]}, " in "\n".join(explained(verdict, 200))


def test_messages_of_a_second_file_name_it(found: flow.Investigation) -> None:
    clue = WeighedClue("scan", "scan", 40.0, "it scans", ((0, 7, 1), (1, 9, 2)))
    verdict = dataclasses.replace(verdict_on(found, "203.0.113.66"), clues=(clue,))
    assert any("it scans (#7, file 2 #9)" in line for line in explained(verdict))


@pytest.mark.parametrize(
    ("clues", "said"),
    [
        (
            [("tag", 45.0)],
            "Without tag it would not be attacker (from +30 dB).",
        ),
        (
            [("tag", 45.0), ("name", 41.0)],
            (
                "No single clue decides: without any one of them it stays attacker. "
                "It would fall without tag and name together."
            ),
        ),
        (
            [("tag", 45.0), ("name", 41.0), ("sweep", 40.0), ("shape", 8.0)],
            (
                "No single clue decides: without any one of them it stays attacker. "
                "It would fall without tag, name and sweep together."
            ),
        ),
        (
            [("tag", 25.0), ("phone", -14.0)],
            "It would take 9.0 dB more to be suspect. Without phone it would be accused.",
        ),
        (
            [("tag", 25.0), ("name", 20.0)],
            "Without tag or name it would not be attacker (from +30 dB).",
        ),
        ([("tag", 22.0)], "Without tag it would not be suspect (from +10 dB)."),
        ([("tag", 12.5)], "It would take 7.5 dB more to be suspect."),
    ],
)
def test_what_would_have_changed_it(
    found: flow.Investigation, clues: list[tuple[str, float]], said: str
) -> None:
    verdict = with_clues(verdict_on(found, "203.0.113.66"), *clues)
    assert explained(verdict, 200)[-1] == said


def test_a_user_in_trouble_is_told_apart(found: flow.Investigation) -> None:
    lines = explained(verdict_on(found, "192.0.2.50"))
    assert lines[0].startswith("192.0.2.50: user_in_trouble (-")
    assert "one_account_only" in "\n".join(lines)
    assert lines[-1].endswith("dB more to be suspect.")


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"tcp": 1}, "proven: its messages came over a TCP connection"),
        ({"dialogs": 1}, "proven: it repeated a tag"),
        ({"echoed": 1}, "proven: it answered a challenge"),
        ({}, "not proven: anybody can write it"),
    ],
)
def test_how_the_address_is_proven(
    found: flow.Investigation, counts: dict[str, int], words: str
) -> None:
    from ringfence.detect import _fields as fields

    verdict = verdict_on(found, "203.0.113.66")
    row = list(verdict.deeds.counts.row)
    for name in ("tcp", "dialogs", "echoed"):
        row[getattr(fields, name.upper())] = counts.get(name, 0)
    deeds = dataclasses.replace(verdict.deeds, counts=type(verdict.deeds.counts)(row))
    lines = explained(dataclasses.replace(verdict, deeds=deeds), 200)
    assert lines[1].startswith(f"Address {words}")


def test_no_line_is_wider_than_the_terminal(found: flow.Investigation) -> None:
    for verdict in found.verdicts:
        assert [line for line in explained(verdict) if len(line) > 80] == []


def test_what_a_stranger_wrote_is_escaped(found: flow.Investigation) -> None:
    clue = WeighedClue("tool_agent", "", 22.0, "it calls itself '\x1b[2J\u202e[red]x[/]'")
    verdict = dataclasses.replace(verdict_on(found, "203.0.113.66"), clues=(clue,))
    text = "\n".join(explained(verdict, 200))
    assert r"it calls itself '\x1b[2J\u202e[red]x[/]'" in text


def test_every_clue_that_may_be_shown_is_explained_in_the_documentation() -> None:
    page = (ROOT / "docs/detection.md").read_text()
    linked = (ROOT / "src/ringfence/detect/links.py").read_text()
    names = {rule.name for rule in RULES} | set(re.findall(r'WeighedClue\(\s*"(\w+)"', linked))
    assert {"known", "taken_account", "sipvicious_tag"} <= names
    assert [name for name in sorted(names) if f"| `{name}` |" not in page] == []
