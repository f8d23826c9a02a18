"""RouterOS: a list, and rules that drop new flows of all others."""

from __future__ import annotations

import re

from ringfence.remote.forms.mikrotik import mikrotik_files
from tests.remote.forms.plans import plan


def test_list_and_rules_for_both_families() -> None:
    script, undo = mikrotik_files(plan())
    lines = [line for line in script.text.splitlines() if not line.startswith("#")]
    assert all(
        re.match(r"/(ip|ipv6) firewall (filter|address-list) (add|remove) ", x) for x in lines
    )
    assert any("address=203.0.113.0/24 " in line for line in lines)
    assert any("/ipv6" in line and "address=2001:db8::/48 " in line for line in lines)
    drops = [line for line in lines if "action=drop" in line]
    assert len(drops) == 4
    assert all(
        "connection-state=new" in d and "src-address-list=!ringfence-lockdown" in d for d in drops
    )
    assert "dst-port=5060,10000-20000" in drops[0]
    assert len([x for x in undo.text.splitlines() if " remove " in x]) == 4


def test_router_without_ipv6_is_told_nothing_of_it() -> None:
    assert all("/ipv6" not in file.text for file in mikrotik_files(plan(six=False)))
