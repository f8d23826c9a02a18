"""Cisco IOS: permits before what is closed, and everything else after it."""

from __future__ import annotations

from ringfence.remote.forms.cisco import cisco_files
from tests.remote.forms.plans import plan


def test_order_of_the_entries_is_permit_deny_permit() -> None:
    file, undo = cisco_files(plan())
    rows = [line.split(None, 1) for line in file.text.splitlines() if line.startswith(" ")]
    entries = [row[1] for row in rows if len(row) > 1]
    four = entries[: entries.index("permit ip any any") + 1]
    assert four == [
        "permit ip host 192.0.2.10 any", "permit ip host 198.51.100.9 any",
        "permit ip 203.0.113.0 0.0.0.255 any", "permit tcp any any established",
        "deny udp any any eq 5060", "deny tcp any any eq 5060", "deny tcp any any eq 5061",
        "permit ip any any",
    ]  # fmt: skip
    assert " sequence 10 permit ipv6 2001:db8::/48 any" in file.text
    assert "10000" not in file.text, "a list without state cannot tell media from other answers"
    assert "reload in 5" in file.text
    assert "no ip access-list extended RINGFENCE-LOCKDOWN-V4" in undo.text
