from ipaddress import ip_interface, ip_network

import pytest

from lab.addresses import FORGED_NETWORK, HOSTS, LEGS, branch_phone, office_phone

DOCUMENTATION = [
    ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
EVERY = [address for host in HOSTS for address in host.addresses]


@pytest.mark.parametrize("address", [*EVERY, *(g for leg in LEGS for g in leg.gateways)])
def test_only_documentation_addresses_are_used(address: str) -> None:
    one = ip_interface(address).ip
    assert any(one in net for net in DOCUMENTATION if net.version == one.version)


def test_nobody_lives_at_two_places() -> None:
    assert len(EVERY) == len(set(EVERY))


def test_invented_senders_come_from_the_benchmark_network() -> None:
    assert ip_network(FORGED_NETWORK) == ip_network("198.18.0.0/15")


def test_branch_and_head_office_do_not_overlap() -> None:
    assert (office_phone(39), branch_phone(0)) == ("192.0.2.59", "192.0.2.130")
