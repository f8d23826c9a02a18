"""The script for RouterOS: by the grammar of its manual, for the few commands that we use."""

from __future__ import annotations

import re
from ipaddress import ip_address

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.mikrotik import mikrotik_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY, block, plan

NAME = r"ringfence-RF-20261125-7f3a2c"
# help.mikrotik.com: menu, then add or remove, then property=value; text in quotes.
_ENTRY = re.compile(
    rf"/(ip|ipv6) firewall address-list add list=({NAME}(?:-\d+)?) address=([0-9a-f.:]+)(/128)?"
    rf' timeout=(\d+)d(\d\d):(\d\d):(\d\d) comment="{NAME}"'
)
_RULE = re.compile(
    rf"/(ip|ipv6) firewall raw add chain=prerouting action=drop src-address-list=({NAME}(?:-\d+)?)"
    rf'(?: protocol=(?:udp|tcp) src-port=([\d,]+))? comment="{NAME}"'
)
_REMOVE = re.compile(
    rf'/(ip|ipv6) firewall (raw|address-list) remove \[find where comment="{NAME}"\]'
)


def commands(text: str) -> list[str]:
    found = [n for n in text.splitlines() if n and not n.startswith("#")]
    for line in found:
        assert _ENTRY.fullmatch(line) or _RULE.fullmatch(line) or _REMOVE.fullmatch(line), line
    return found


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_both_scripts_are_routeros(made: BlockPlan) -> None:
    for file in mikrotik_files(made):
        assert commands(file.text)


def test_each_address_is_in_the_list_of_its_family_with_a_timeout() -> None:
    entries = [m for n in commands(mikrotik_files(MANY)[0].text) if (m := _ENTRY.fullmatch(n))]
    assert len(entries) == 10_000
    for entry in entries:
        assert (ip_address(entry[3]).version == 4) is (entry[1] == "ip")
        assert (entry[4] is not None) is (entry[1] == "ipv6")
        assert entry.group(5, 6, 7, 8) == ("7", "00", "00", "00")


def test_every_list_has_its_rule_and_an_office_only_by_port() -> None:
    lines = commands(mikrotik_files(EXAMPLE)[0].text)
    lists = {(m[1], m[2]) for n in lines if (m := _ENTRY.fullmatch(n))}
    rules = [m for n in lines if (m := _RULE.fullmatch(n))]
    assert {(m[1], m[2]) for m in rules} == lists
    assert [m[3] for m in rules] == [None, None, "40000,40001", "40000,40001"]


def test_importing_twice_is_importing_once() -> None:
    lines = commands(mikrotik_files(EXAMPLE)[0].text)
    removed = [bool(_REMOVE.fullmatch(n)) for n in lines]
    assert removed == sorted(removed, reverse=True)
    undo = commands(mikrotik_files(EXAMPLE)[1].text)
    assert undo == [n for n in lines if _REMOVE.fullmatch(n)]


def test_a_router_without_ipv6_is_not_asked_for_it() -> None:
    text = mikrotik_files(plan(block("203.0.113.66")))[0].text
    assert [n for n in commands(text) if n.startswith("/ipv6")] == []


@pytest.mark.parametrize(
    ("until", "time"),
    [
        ("2026-11-25T03:12:01Z", "0d00:00:01"),
        ("2026-11-26T04:13:05Z", "1d01:01:05"),
        ("2027-11-25T03:12:00Z", "365d00:00:00"),
    ],
)
def test_time_is_written_as_routeros_reads_it(until: str, time: str) -> None:
    assert f" timeout={time} " in mikrotik_files(plan(block("203.0.113.66", until=until)))[0].text
