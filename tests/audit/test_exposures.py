"""The table of rules, and its page."""

from __future__ import annotations

import re
from pathlib import Path

from ringfence.audit.exposures import GUESTS, RULES, broken
from ringfence.model.pbx import Place
from ringfence.model.weakness import Severity


def test_every_rule_is_on_the_page_with_its_severity(root: Path) -> None:
    page = (root / "docs/audit.md").read_text()
    section = page.partition("## What is open")[2].partition("\n## ")[0]
    listed = dict(re.findall(r"^\| `([\w-]+)` \| (\w+) \|", section, re.MULTILINE))
    assert listed == {rule.name: rule.severity.name.lower() for rule in RULES}


def test_rules_have_names_of_their_own_and_whole_sentences() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert [r.name for r in RULES if not (r.says.endswith(".") and r.do.endswith("."))] == []


def test_the_first_extension_is_met_and_the_others_by_the_same() -> None:
    found = broken(GUESTS, Place("pjsip.conf", 4), extensions=("200", "201", "202"))
    assert (found.extension, found.others) == ("200", ("201", "202"))
    assert found.severity is Severity.CRITICAL


def test_what_a_stranger_wrote_is_escaped() -> None:
    found = broken(GUESTS, Place("x"), detail="ev\x1b[2Jil")
    assert "\x1b" not in found.says
    assert found.says.endswith(r"(ev\x1b[2Jil).")
