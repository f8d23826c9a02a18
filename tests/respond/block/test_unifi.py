"""The groups for UniFi: the fields of its controller, and a page for people."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.unifi import unifi_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY

FAMILIES = {"address-group": 4, "ipv6-address-group": 6}


@pytest.mark.parametrize("made", [EXAMPLE, MANY])
def test_each_group_holds_addresses_of_its_family(made: BlockPlan) -> None:
    groups = json.loads(unifi_files(made)[0].text)
    assert [g["group_type"] for g in groups] == list(FAMILIES)
    for group in groups:
        assert set(group) == {"name", "group_type", "group_members"}
        versions = {ip_address(member).version for member in group["group_members"]}
        assert versions == {FAMILIES[group["group_type"]]}


def test_the_page_says_what_unifi_cannot_do() -> None:
    page = unifi_files(EXAMPLE)[1].text
    assert "NOT by itself" in page
    assert "imports no file" in page
    assert [n for n in page.splitlines() if n and n[0] != "#"] == ["203.0.113.66", "2001:db8::66"]


def test_nothing_to_block_makes_no_group() -> None:
    assert json.loads(unifi_files(EMPTY)[0].text) == []
