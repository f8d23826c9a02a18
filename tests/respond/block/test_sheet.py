"""What all block lists share: checked addresses, and words that nothing obeys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ringfence.respond.block.sheet import PlanError, comment_of, heading, our_words, sheet_of
from tests.respond.accused import EMPTY, EXAMPLE, block, plan


def test_targets_are_in_order_and_parted_by_kind() -> None:
    sheet = sheet_of(plan(block("2001:db8::66"), block("203.0.113.66"), block("198.51.100.9", 7)))
    assert [str(t.address) for t in sheet.targets] == [
        "198.51.100.9", "203.0.113.66", "2001:db8::66",
    ]  # fmt: skip
    assert [str(t.address) for t in sheet.whole] == ["203.0.113.66", "2001:db8::66"]
    assert [t.ports for t in sheet.narrowed] == [(7,)]
    assert {t.seconds for t in sheet.targets} == {7 * 86_400}


@pytest.mark.parametrize(
    "case_id",
    ["", "RF 1", "RF;1", "RF\n1", "$(id)", "RF-`id`", "-RF", "RF--1", "RF_1", "Ä1", "R" * 25],
)
def test_a_case_number_that_is_a_command_is_refused(case_id: str) -> None:
    with pytest.raises(PlanError, match="case number"):
        sheet_of(plan(case_id=case_id))


@pytest.mark.parametrize("address", ["", "all", "203.0.113.66; id", "2001:db8::1%`id`", "0/0"])
def test_an_address_that_is_a_command_is_refused(address: str) -> None:
    with pytest.raises(PlanError, match="no address"):
        sheet_of(plan(block(address)))


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(PlanError, match="port"):
        sheet_of(plan(block("203.0.113.66", port)))


@pytest.mark.parametrize(
    "until", ["", "for ever", "2026-11-25T03:12:00Z", "2020-01-01T00:00:00Z", "2026-12-02T03:12:00"]
)
def test_a_block_without_an_end_is_refused(until: str) -> None:
    with pytest.raises(PlanError):
        sheet_of(plan(block("203.0.113.66", until=until)))


@given(some.text())
def test_words_hold_nothing_that_is_obeyed(text: str) -> None:
    words = our_words(text)
    assert not set(words) & set("\"'`$\\;|&<>{}[]!#%^*~?@\n\r\t\0")
    assert words.isascii()
    assert words == our_words(words)
    assert len(words) <= 400


def test_a_comment_ends_with_a_whole_clause() -> None:
    reason = ", ".join(
        ["password guessing", "+62 dB", "its address is proven: " + "it answered " * 9]
    )
    (target,) = sheet_of(plan(block("203.0.113.66", reason=reason))).targets
    assert comment_of(target) == "password guessing, +62 dB"
    (target,) = sheet_of(plan(block("203.0.113.66", reason="x" * 300))).targets
    assert len(comment_of(target)) == 120


def test_a_heading_says_why_until_when_and_how_to_undo() -> None:
    lines = heading(sheet_of(EXAMPLE), "x", apply="do it", undo="undo it", expires="then")
    assert all(line.startswith("#") for line in lines)
    text = "\n".join(lines)
    for wanted in ("RF-20261125-7f3a2c", "2026-11-25T03:12:00Z", "do it", "undo it", "then"):
        assert wanted in text
    assert "3 addresses, 1 of them by source port only" in text
    assert max(map(len, lines)) < 112


def test_a_heading_of_nothing_says_so() -> None:
    lines = heading(sheet_of(EMPTY), "x", apply="a", undo="u", expires="e", mark="!")
    assert "! Blocks:  nothing" in lines
    assert any("Nothing to block" in line for line in lines)
