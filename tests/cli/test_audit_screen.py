"""The first screen of an audit: how many can be entered, which first."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ringfence.cli.audit_screen import show_audit
from ringfence.model.pbx import Place
from ringfence.model.secret import Kind
from ringfence.model.weakness import Audit, Severity, Weakness
from tests.audits import audit, hostile, night, weakness


def screen(found: Audit, width: int = 80, *, everything: bool = False) -> list[str]:
    """Its lines."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False)
    show_audit(found, console, everything=everything)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_first_line_is_how_many_can_be_entered() -> None:
    assert screen(night())[0] == "2 of 250 extensions can be entered today."


def test_the_guessed_one_is_the_first_to_change() -> None:
    lines = screen(night())
    at = next(n for n, line in enumerate(lines) if line.startswith("Change first"))
    assert lines[at + 1].split()[:3] == ["240", "GUESSED", "password"]
    assert lines[at + 2].startswith("201")
    assert "(1 of 2)" in lines[at + 2]
    assert "1. Change GUESSED now" in "\n".join(lines)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_big_audit_fits_one_screen(width: int) -> None:
    ones = [weakness(str(n), severity=Severity(1 + n % 4), tried=True) for n in range(500)]
    settings = [weakness("", f"s{n}", kind=None, says="x" * 300) for n in range(20)]
    found = Audit((*ones, *settings), ("s",), 5000, 1, 1, 1, tuple("no" * 90 for _ in range(30)))
    lines = screen(found, width)
    assert len(lines) <= 23
    assert max(map(len, lines)) <= width
    assert any("495" in line for line in lines)


def test_all_lists_every_weakness_with_what_to_do() -> None:
    text = " ".join(" ".join(screen(night(), 120, everything=True)).split())
    assert text.count("Set a new one") == 6
    assert "Set allowguest=no" in text


def test_nothing_weak_is_said() -> None:
    assert screen(audit())[:2] == ["Nothing weak was found.", "No rule is broken."]


@pytest.mark.parametrize("everything", [False, True])
def test_a_strangers_name_moves_no_cursor_and_is_no_markup(everything: bool) -> None:
    text = "\n".join(screen(hostile(), 200, everything=everything))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text
    assert r"\x1b[2J" in text


def test_the_sentence_does_not_say_again_what_stands_before_it() -> None:
    place = Place("extensions.csv", 2)
    says = "The PIN of extension 200 is its own number."
    one = Weakness("is-number", Severity.CRITICAL, says, "Change it.", place, "200", Kind.PIN)
    lines = screen(Audit((one,), ("extensions.csv",), 1, 1, 0))
    assert any(line.endswith("It is its own number.") for line in lines)
