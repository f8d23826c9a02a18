"""The page of the folder: everybody who is accused stands on it, with the reason."""

from __future__ import annotations

from ringfence.model.measure import Withheld
from ringfence.respond.block.nftables import nftables_files
from ringfence.respond.block.readme import readme_file
from tests.respond.accused import EMPTY, EXAMPLE, MANY, block, plan


def test_who_is_blocked_and_who_is_not_and_why() -> None:
    text = readme_file(EXAMPLE, nftables_files(EXAMPLE)).text
    assert "| 198.51.100.9 | 40000, 40001 | 2026-12-02T03:12:00Z | scan, +50 dB |" in text
    assert "| 203.0.113.7 | its address may be forged: limit its rate instead |" in text
    assert "| `nftables.nft` |" in text
    assert "/128" in text


def test_a_sentence_is_not_cut() -> None:
    reason = "a word " * 25 + "and the end"
    text = readme_file(plan(withheld=(Withheld("203.0.113.7", reason),)), ()).text
    assert f"| 203.0.113.7 | {reason} |" in text


def test_a_reason_of_a_stranger_makes_no_link_no_row_and_no_html() -> None:
    evil = "x | y |\n# [z](javascript:1) <b> `id` $(id)"
    made = plan(block("203.0.113.66", reason=evil), withheld=(Withheld(evil, evil),))
    text = readme_file(made, ()).text
    assert "javascript:1" not in text or "](" not in text
    assert "<" not in text
    assert "`id`" not in text
    assert "$(" not in text
    assert "| (no address) | x y z (javascript:1) b id (id) |" in text


def test_ten_thousand_are_cut_and_said_and_nothing_is_said_as_well() -> None:
    text = readme_file(MANY, ()).text
    assert "and 9800 more" in text
    assert len(text) < 30_000
    assert "Nothing to block" in readme_file(EMPTY, ()).text
