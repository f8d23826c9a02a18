"""The table of rules: what is worse than what, and that people can read all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ringfence.audit.rules import RULES, advice, judged, severity_of
from ringfence.model.pbx import Extension
from ringfence.model.secret import Kind
from ringfence.model.weakness import Severity


def test_every_rule_is_in_the_page(root: Path) -> None:
    page = (root / "docs/audit.md").read_text()
    families = ("is", "reverses", "repeats", "holds", "part-of")
    told = [
        f"`{rule}`" in page
        or any(rule.startswith(f"{how}-") for how in families if f"`{how}-…`" in page)
        for rule in RULES
    ]
    assert all(told)


def test_an_id_weighs_less_than_a_password() -> None:
    assert severity_of("is-number", Kind.PASSWORD) is Severity.CRITICAL
    assert severity_of("is-number", Kind.AUTH_ID) is Severity.MEDIUM


def test_what_the_attacker_has_is_critical_whatever_it_is() -> None:
    assert severity_of("guessed", Kind.PIN) is Severity.CRITICAL


def test_a_trunk_is_no_extension(anna: Callable[..., Extension]) -> None:
    found = judged("weak", Kind.TRUNK, anna(), whose="trunk Carrier")
    assert found.extension == ""
    assert found.says == "The trunk password of trunk Carrier withstands too few guesses."


def test_advice_fits_the_kind() -> None:
    assert "digits" in advice(Kind.PIN)
    assert advice(Kind.PASSWORD, now=True).startswith("Change it now")
