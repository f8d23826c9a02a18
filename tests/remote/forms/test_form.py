"""What all forms share."""

from __future__ import annotations

from ringfence.model.lockdown import Ports
from ringfence.remote.forms.form import admitted, heading, tcp_ports, udp_ports
from tests.remote.forms.plans import plan


def test_our_own_server_and_private_networks_are_among_the_admitted() -> None:
    """Else a router would drop the calls that the phone system itself begins."""
    found = [str(one) for one in admitted(plan())]
    assert "192.0.2.10/32" in found
    assert "192.168.0.0/16" in found
    assert "127.0.0.0/8" not in found
    assert [str(one) for one in admitted(plan(), home=False)] == [
        "192.0.2.10/32", "198.51.100.9/32", "203.0.113.0/24", "2001:db8::/48",
    ]  # fmt: skip


def test_ports_are_those_of_the_plan() -> None:
    closed = plan(Ports(tunnel=(5090,)))
    assert (udp_ports(closed), tcp_ports(closed)) == (
        ["5060", "5090", "10000-20000"], ["5060", "5061", "5090"],
    )  # fmt: skip
    assert udp_ports(plan(Ports(media=(0, 0)))) == ["5060"]


def test_heading_is_all_comments() -> None:
    assert all(line.startswith("! ") for line in heading(plan(), "x", ["a", "b"], "!"))
