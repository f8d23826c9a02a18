"""The lists for Cisco IOS: by the grammar of its command reference, line by line.

The reader keeps the mode, as IOS does: an entry outside of a list is an error.
"""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_address

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.cisco import cisco_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY, block, plan

NAME = "RINGFENCE-RF-20261125-7f3a2c"
_ENTRY = re.compile(
    r" (?:sequence )?(\d+) (?:(deny) (ip|ipv6|udp|tcp) host (\S+)(?: eq (\d+))? any"
    rf" time-range {NAME}|(permit) (ip|ipv6) any any)"
)
# Which lines a mode knows, and to which mode they lead.
_MODES: dict[str, list[tuple[str, str]]] = {
    "exec": [(r"configure terminal", "config")],
    "config": [
        (rf"time-range {NAME}", "range"),
        (rf"ip access-list extended {NAME}-V4", "list"),
        (rf"ipv6 access-list {NAME}-V6", "list6"),
        (rf"no (?:ip access-list extended {NAME}-V4|ipv6 access-list {NAME}-V6)", "config"),
        (rf"no time-range {NAME}", "config"),
        (r"end", "exec"),
    ],
    "range": [
        (r" absolute end \d\d:\d\d \d{1,2} [A-Z][a-z]+ \d{4}", "range"),
        (r" exit", "config"),
    ],
    "list": [
        (r" remark [\w -]+", "list"),
        (r" \d+ (?:deny|permit) .*", "list"),
        (r" exit", "config"),
    ],
    "list6": [
        (r" remark [\w -]+", "list6"),
        (r" sequence \d+ (?:deny|permit) .*", "list6"),
        (r" exit", "config"),
    ],
}


def lines(text: str) -> list[str]:
    """The commands; checks that each is known in the mode that it is typed in."""
    mode, found = "exec", []
    for line in text.splitlines():
        if line.startswith("!"):
            continue
        leads = [to for known, to in _MODES[mode] if re.fullmatch(known, line)]
        assert leads, f"{mode}: {line!r}"
        mode = leads[0]
        found.append(line)
    assert mode == "exec"
    return found


def entries(text: str) -> list[re.Match[str]]:
    return [m for line in lines(text) if (m := _ENTRY.fullmatch(line))]


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_ios_knows_every_line_in_its_mode(made: BlockPlan) -> None:
    for file in cisco_files(made):
        lines(file.text)


@pytest.mark.parametrize("made", [EXAMPLE, MANY])
def test_each_list_ends_with_a_permit_for_everybody_else(made: BlockPlan) -> None:
    """Without it IOS drops what no line names: every call of the house."""
    written = lines(cisco_files(made)[0].text)
    last = [written[n - 1] for n, line in enumerate(written) if line == " exit" and n > 4]
    assert [re.sub(r"\d+", "N", n) for n in last] == [
        " N permit ip any any", " sequence N permit ipvN any any",
    ]  # fmt: skip


def test_numbers_rise_within_a_list() -> None:
    numbers = [int(m[1]) for m in entries(cisco_files(MANY)[0].text)]
    assert numbers == [*range(10, 50_020, 10)] * 2


def test_an_address_is_denied_whole_and_an_office_by_its_ports() -> None:
    denied = {(m[3], m[4], m[5]) for m in entries(cisco_files(EXAMPLE)[0].text) if m[2]}
    assert denied == {
        ("ip", "203.0.113.66", None),
        ("ipv6", "2001:db8::66", None),
        *((way, "198.51.100.9", port) for way in ("udp", "tcp") for port in ("40000", "40001")),
    }
    assert all(ip_address(address) for _, address, _ in denied)


def test_entries_end_by_the_routers_clock() -> None:
    (line,) = [n for n in lines(cisco_files(EXAMPLE)[0].text) if "absolute" in n]
    ends = datetime.strptime(line, " absolute end %H:%M %d %B %Y")  # noqa: DTZ007  it is UTC
    assert f"{ends:%Y-%m-%dT%H:%M:%SZ}" == EXAMPLE.blocks[0].until


def test_a_house_without_ipv6_gets_no_list_for_it() -> None:
    text = cisco_files(plan(block("203.0.113.66")))[0].text
    assert not [n for n in lines(text) if "ipv6" in n]


def test_the_heading_warns_of_the_list_that_is_there_already() -> None:
    text = cisco_files(EXAMPLE)[0].text
    assert "ONE LIST FOR EACH DIRECTION" in text
    assert f"ip access-group {NAME}-V4 in" in text
    assert f"no ip access-group {NAME}-V4 in" in cisco_files(EXAMPLE)[1].text


def test_nothing_to_block_types_nothing() -> None:
    assert lines(cisco_files(EMPTY)[0].text) == []
