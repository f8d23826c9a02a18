"""The lines for FortiOS: config, edit, set, next, end, by the tables of its CLI reference."""

from __future__ import annotations

import re
import shlex
from ipaddress import ip_address

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.fortigate import fortigate_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY

# Table: what may be set in it.
TABLES = {
    "firewall schedule onetime": {"start", "end"},
    "firewall address": {"subnet", "comment"},
    "firewall address6": {"ip6", "comment"},
    "firewall addrgrp": {"member"},
    "firewall addrgrp6": {"member"},
    "firewall policy": {
        "name", "srcintf", "dstintf", "srcaddr", "srcaddr6", "dstaddr", "dstaddr6", "action",
        "schedule", "service", "match-vip", "logtraffic",
    },
}  # fmt: skip
# Longest name in each table.
NAMES = {"firewall schedule onetime": 31, "firewall policy": 35}

Entry = tuple[str, str, dict[str, list[str]]]


def entries(text: str) -> list[Entry]:
    """Every entry as (table, name, settings); "delete" stands for one that goes."""
    found: list[Entry] = []
    table = name = ""
    settings: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        verb, *words = shlex.split(line)
        if verb == "config":
            assert not table
            table = " ".join(words)
            assert table in TABLES
        elif verb == "edit":
            assert table
            assert not name
            (name,), settings = words, {}
            assert len(name) <= NAMES.get(table, 79)
        elif verb == "set":
            assert name, line
            assert words[0] in TABLES[table], line
            assert words[1:], line
            settings[words[0]] = words[1:]
        elif verb == "next":
            found.append((table, name, settings))
            name = ""
        elif verb == "delete":
            found.append((table, words[0], {"delete": []}))
        else:
            assert (verb, words, name) == ("end", [], ""), line
            table = ""
    assert not table
    return found


def in_table(found: list[Entry], table: str) -> dict[str, dict[str, list[str]]]:
    return {name: settings for t, name, settings in found if t == f"firewall {table}"}


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_fortios_knows_every_line(made: BlockPlan) -> None:
    for file in fortigate_files(made)[:2]:
        entries(file.text)


def test_every_address_is_in_a_group_that_a_policy_denies() -> None:
    found = entries(fortigate_files(MANY)[0].text)
    for six, field in (("", "subnet"), ("6", "ip6")):
        addresses = in_table(found, f"address{six}")
        groups = in_table(found, f"addrgrp{six}")
        assert len(addresses) == 5000
        assert [m for g in groups.values() for m in g["member"]] == list(addresses)
        assert max(len(g["member"]) for g in groups.values()) <= 500
        values = [settings[field] for settings in addresses.values()]
        assert all(ip_address(value[0].removesuffix("/128")) for value in values)
    policies = [s for t, _, s in found if t == "firewall policy"]
    assert [p.get("srcaddr", p.get("srcaddr6")) for p in policies] == [
        list(in_table(found, "addrgrp")), list(in_table(found, "addrgrp6")),
    ]  # fmt: skip
    assert {p["action"][0] for p in policies} == {"deny"}


def test_the_policy_ends_with_its_schedule() -> None:
    found = entries(fortigate_files(EXAMPLE)[0].text)
    ((name, schedule),) = in_table(found, "schedule onetime").items()
    assert schedule["end"] == ["03:12", "2026/12/02"]
    assert all(s["schedule"] == [name] for t, _, s in found if t == "firewall policy")


def test_the_undo_deletes_groups_before_addresses_and_all_of_them() -> None:
    made = [e for e in entries(fortigate_files(EXAMPLE)[0].text) if e[0] != "firewall policy"]
    undone = entries(fortigate_files(EXAMPLE)[1].text)
    assert {e[:2] for e in undone} == {e[:2] for e in made}
    tables = [e[0].rstrip("6") for e in undone]
    assert tables.index("firewall addrgrp") < tables.index("firewall address")


def test_the_feed_holds_addresses_and_nothing_else() -> None:
    feed = fortigate_files(EXAMPLE)[2].text
    assert feed == "203.0.113.66\n2001:db8::66\n"
    assert fortigate_files(EMPTY)[2].text == ""


def test_names_fit_for_the_longest_case_number() -> None:
    from tests.respond.accused import block, plan

    longest = plan(block("2001:db8:1111:2222:3333:4444:5555:6666"), case_id="R" * 24)
    assert entries(fortigate_files(longest)[0].text)
    assert re.search(r'edit "RF-R{24}"', fortigate_files(longest)[0].text)
