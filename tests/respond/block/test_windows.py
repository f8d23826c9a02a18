"""The PowerShell scripts: a reader of the part of the language that they may use.

The grammar is a subset of Microsoft's "PowerShell Language Specification", chapter 15:
comments, single-quoted strings ('' is a quote), variables, parameters, arrays, blocks.
A double-quoted string, a backtick, `$(`, `&` or `;` is in none of it, and is refused.
Parameters are those that learn.microsoft.com lists for each cmdlet.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.windows import windows_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY, block, plan

_TOKEN = re.compile(
    r"""(?P<string>'(?:[^'\n]|'')*')
      | (?P<variable>\$[A-Za-z]\w*)
      | (?P<parameter>-[A-Z][A-Za-z]*(?::\$false)?)(?=[\s|]|$)
      | (?P<cast>\[datetime\]::Parse|\[switch\])
      | (?P<word>[A-Za-z][\w.-]*|\d+)
      | (?P<open>@?\(|\{) | (?P<close>\)|\}) | (?P<sign>[,|=])
      | (?P<space>\s+)""",
    re.VERBOSE,
)
PARAMETERS = {
    "New-NetFirewallRule": {
        "-Name", "-DisplayName", "-Group", "-Description", "-Direction", "-Action", "-Profile",
        "-RemoteAddress", "-Protocol", "-RemotePort",
    },
    "Remove-NetFirewallRule": {"-Group", "-ErrorAction"},
    "New-ScheduledTaskAction": {"-Execute", "-Argument"},
    "New-ScheduledTaskTrigger": {"-Once", "-At"},
    "Register-ScheduledTask": {
        "-TaskName", "-Action", "-Trigger", "-User", "-RunLevel", "-Force",
    },
    "Unregister-ScheduledTask": {"-TaskName", "-Confirm:$false", "-ErrorAction"},
    "Out-Null": set(),
    "param": set(),
    "if": set(),
}  # fmt: skip
WORDS = {
    "Inbound", "Block", "Any", "UDP", "TCP", "SilentlyContinue", "Highest", *PARAMETERS,
}  # fmt: skip


def read(line: str) -> list[tuple[str, str]]:
    """The tokens of one statement, spaces left out; fails at what is no token."""
    tokens, at = [], 0
    while at < len(line):
        found = _TOKEN.match(line, at)
        assert found, f"not PowerShell as we write it: {line[at:]!r}"
        tokens.append((found.lastgroup or "", found[0]))
        at = found.end()
    return [token for token in tokens if token[0] != "space"]


def statements(text: str) -> list[list[tuple[str, str]]]:
    """All statements; checks brackets, words, and the parameters of each command."""
    found, depth = [], 0
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        tokens = read(line)
        opened = [word for kind, word in tokens if kind in ("open", "close")]
        depth += sum(1 if word in ("(", "@(", "{") else -1 for word in opened)
        command = ""
        for kind, word in tokens:
            assert kind != "word" or word in WORDS, word
            if word in PARAMETERS:
                command = word
            assert kind != "parameter" or word in PARAMETERS[command], (command, word)
        found.append(tokens)
    assert depth == 0
    return found


def strings(tokens: list[tuple[str, str]], parameter: str) -> list[str]:
    """What stands behind a parameter: one string, or an array of them."""
    at = tokens.index(("parameter", parameter)) + 1
    if tokens[at][1] != "@(":
        return [tokens[at][1].strip("'")]
    end = tokens.index(("close", ")"), at)
    return [word.strip("'") for kind, word in tokens[at:end] if kind == "string"]


def rules(made: BlockPlan) -> list[list[tuple[str, str]]]:
    text = windows_files(made)[0].text
    return [s for s in statements(text) if s[0] == ("word", "New-NetFirewallRule")]


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_both_scripts_are_powershell(made: BlockPlan) -> None:
    for file in windows_files(made):
        assert statements(file.text)


@pytest.mark.parametrize("text", ['"$(id)"', "`n", "a; b", "& x", "'open", "$(id)", "iex 'x'"])
def test_the_reader_refuses_what_could_run_a_word(text: str) -> None:
    with pytest.raises(AssertionError):
        statements(text)


def test_inbound_traffic_of_all_addresses_is_blocked_and_one_by_its_ports() -> None:
    whole, udp, tcp = rules(EXAMPLE)
    assert strings(whole, "-RemoteAddress") == ["203.0.113.66", "2001:db8::66"]
    for rule in (whole, udp, tcp):
        assert strings(rule, "-Action") == ["Block"]
        assert strings(rule, "-Direction") == ["Inbound"]
        assert strings(rule, "-Group") == ["Ringfence RF-20261125-7f3a2c"]
    for rule, protocol in ((udp, "UDP"), (tcp, "TCP")):
        assert strings(rule, "-RemoteAddress") == ["198.51.100.9"]
        assert strings(rule, "-Protocol") == [protocol]
        assert strings(rule, "-RemotePort") == ["40000", "40001"]
    assert ("parameter", "-RemotePort") not in whole


def test_ten_thousand_addresses_stand_in_rules_of_bounded_length() -> None:
    found = [strings(rule, "-RemoteAddress") for rule in rules(MANY)]
    assert max(map(len, found)) == 500
    assert [a for part in found for a in part] == [
        str(a) for a in sorted((ip_address(b.address) for b in MANY.blocks), key=_order)
    ]
    assert len({tuple(strings(rule, "-Name")) for rule in rules(MANY)}) == len(found)


def test_rules_of_an_earlier_run_go_first_and_the_undo_takes_task_and_rules() -> None:
    script, undo = (file.text for file in windows_files(EXAMPLE))
    remove = "Remove-NetFirewallRule -Group 'Ringfence RF-20261125-7f3a2c'"
    assert script.index(remove) < script.index("New-NetFirewallRule")
    assert remove in undo
    assert "Unregister-ScheduledTask -TaskName 'Ringfence RF-20261125-7f3a2c'" in undo


def test_what_cannot_expire_by_itself_says_so() -> None:
    text = windows_files(EXAMPLE)[0].text
    assert "NOT by itself: meant until 2026-12-02T03:12:00Z" in text
    assert "-At ([datetime]::Parse('2026-12-02T03:12:00Z'))" in text


def test_nothing_to_block_makes_no_rule() -> None:
    assert rules(EMPTY) == []
    assert rules(plan(block("203.0.113.66"))) != []


def _order(address: object) -> tuple[int, int]:
    return (address.version, int(address))  # type: ignore[attr-defined,call-overload]
