"""The list for 3CX: bodies with the fields of its XAPI, and a page for people."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.threecx import threecx_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY

# Pbx.Blocklist of 3CX's OpenAPI description, without Id and AddedBy.
FIELDS = {"IPAddrMask": str, "BlockType": str, "Description": str, "ExpiresAt": str}


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_each_body_has_the_fields_of_the_interface(made: BlockPlan) -> None:
    bodies = json.loads(threecx_files(made)[0].text)
    assert len(bodies) == sum(not b.ports for b in made.blocks)
    for body in bodies:
        assert {name: type(value) for name, value in body.items()} == FIELDS
        assert body["BlockType"] in ("Block", "Allow")
        assert datetime.fromisoformat(body["ExpiresAt"]).tzinfo is not None
        assert body["Description"] == "Ringfence RF-20261125-7f3a2c"


def test_single_hosts_are_blocked_until_the_end_of_the_plan() -> None:
    first, second = json.loads(threecx_files(EXAMPLE)[0].text)
    assert first["IPAddrMask"] == "203.0.113.66/32"
    assert second["IPAddrMask"] == "2001:db8::66/128"
    assert first["ExpiresAt"] == "2026-12-02T03:12:00Z"


def test_the_page_names_both_ways_the_undo_and_who_is_missing() -> None:
    page = threecx_files(EXAMPLE)[1].text
    for wanted in ("By hand:", "By program", "BulkIpsDelete", "203.0.113.66/32  Block  until"):
        assert wanted in page
    assert "only ports may be blocked: 198.51.100.9" in page.replace("\n#          ", " ")


def test_nothing_to_block_is_an_empty_list() -> None:
    assert json.loads(threecx_files(EMPTY)[0].text) == []
    assert "Nothing to block" in threecx_files(EMPTY)[1].text
