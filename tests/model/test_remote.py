"""What may stand in a tunnel, a peer: everything else would end up in a rule or a command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.remote import Peer, RemoteError, Tunnel, is_host, is_key

KEY = "A" * 42 + "A="
TUNNEL = Tunnel("pbx.example.com", "10.87.12.0/24", "fd12:3456:789a::/64", 10_000, 20_000)
PEER = Peer("anna", KEY, "10.87.12.2", "fd12:3456:789a::2", "2026-03-01T00:00:00+00:00")


def test_the_phone_system_has_the_first_address() -> None:
    assert (TUNNEL.pbx, TUNNEL.pbx6) == ("10.87.12.1", "fd12:3456:789a::1")


@pytest.mark.parametrize(("host", "where"), [
    ("192.0.2.10", "192.0.2.10:51820"),
    ("2001:db8::10", "[2001:db8::10]:51820"),
    ("pbx.example.com", "pbx.example.com:51820"),
])  # fmt: skip
def test_an_endpoint_is_written_as_wireguard_reads_it(host: str, where: str) -> None:
    assert replace(TUNNEL, endpoint=host).where == where


@pytest.mark.parametrize("changed", [
    {"endpoint": "pbx;reboot"}, {"endpoint": "a\nPrivateKey = x"}, {"endpoint": ""},
    {"endpoint": "999.1.1.1"}, {"interface": 'x"; drop'}, {"interface": "a" * 16},
    {"port": 0}, {"sip_ports": ()}, {"sip_ports": (70_000,)}, {"rtp_first": 0},
    {"rtp_first": 20_000, "rtp_last": 10_000}, {"network": "10.87.12.5/24"},
    {"network": "10.87.12.0/30"}, {"network6": "fd00::/127"}, {"network": "fd00::/64"},
])  # fmt: skip
def test_no_tunnel_is_made_of_what_is_none(changed: dict[str, object]) -> None:
    with pytest.raises(RemoteError):
        replace(TUNNEL, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("changed", [
    {"name": "../x"}, {"name": "anna\n"}, {"extension": "201 }"}, {"public_key": "x"},
    {"public_key": KEY[:-2] + "B="}, {"address": "fd12::2"}, {"address6": "10.0.0.1"},
    {"lan": "192.168.77.1/24"}, {"address": "10.0.0.1; reboot"},
])  # fmt: skip
def test_no_peer_is_made_of_what_is_none(changed: dict[str, str]) -> None:
    with pytest.raises(RemoteError):
        replace(PEER, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "is_one"), [
    ("pbx.example.com", True), ("pbx", True), ("192.0.2.1", True), ("2001:db8::1", True),
    ("192.0.2", False), ("fe80::1%eth0", False), ("-x", False), ("a" * 254, False), ("a..b", False),
])  # fmt: skip
def test_hosts(text: str, is_one: bool) -> None:
    assert is_host(text) is is_one


def test_keys() -> None:
    assert is_key(KEY)
    assert not is_key(KEY + "\n")
