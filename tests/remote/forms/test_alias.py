"""OPNsense and pfSense: addresses, and what to do with them."""

from __future__ import annotations

from ipaddress import ip_network

from ringfence.remote.forms.alias import alias_files
from tests.remote.forms.plans import plan


def test_alias_holds_networks_and_comments_only() -> None:
    (file,) = alias_files(plan())
    rows = [line for line in file.text.splitlines() if line and not line.startswith("#")]
    assert [str(ip_network(row)) for row in rows] == [
        "192.0.2.10/32", "198.51.100.9/32", "203.0.113.0/24", "2001:db8::/48",
    ]  # fmt: skip
    assert "UDP 5060, 10000-20000; TCP 5060, 5061" in file.text
