"""The plain list: one address a line, and a heading that can be skipped."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.plain import plain_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_every_line_is_an_address_a_comment_or_empty(made: BlockPlan) -> None:
    (file,) = plain_files(made)
    lines = [n for n in file.text.splitlines() if n and not n.startswith("#")]
    assert {ip_address(n) for n in lines} == {
        ip_address(b.address) for b in made.blocks if not b.ports
    }


def test_an_office_is_left_out_and_named() -> None:
    (file,) = plain_files(EXAMPLE)
    assert "\n198.51.100.9\n" not in file.text
    assert "198.51.100.9" in file.text


def test_what_cannot_expire_by_itself_says_so() -> None:
    assert "NOT by itself: meant until 2026-12-02T03:12:00Z" in plain_files(EXAMPLE)[0].text
