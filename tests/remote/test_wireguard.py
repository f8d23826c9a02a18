"""What both ends are told, and what is read of the tables of WireGuard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.remote import RemoteError, Traffic
from ringfence.remote.command import CommandError, Commands
from ringfence.remote.wireguard import Wireguard, server_settings, user_settings
from tests.model.test_remote import KEY, PEER, TUNNEL

PRIVATE, SHARED = "P" * 42 + "A=", "S" * 42 + "A="


class Told(Commands):
    """Answers by the words of a command; remembers them."""

    def __init__(self, answers: dict[str, str], refuses: str = "-", has: str = "") -> None:
        super().__init__()
        self.lines: list[str] = []
        self._answers, self._refuses, self._has = answers, refuses, has

    def run(self, *words: str, given: str = "") -> str:  # noqa: ARG002
        line = " ".join(words)
        self.lines.append(line)
        if line.startswith(self._refuses):
            raise CommandError("ip: Error: Unknown device type.")
        return next((told for part, told in self._answers.items() if part in line), "")

    def has(self, program: str) -> bool:
        return program == self._has


def test_the_server_hears_each_from_his_own_address_alone() -> None:
    gone = replace(PEER, name="ben", public_key="B" * 42 + "A=", revoked=PEER.made)
    site = replace(PEER, name="site", public_key="C" * 42 + "A=", lan="192.168.77.0/24")
    text = server_settings(TUNNEL, PRIVATE, {KEY: SHARED}, [PEER, gone, site])
    assert "AllowedIPs = 10.87.12.2/32, fd12:3456:789a::2/128\n" in text
    assert "::2/128, 192.168.77.0/24\n" in text
    assert gone.public_key not in text
    assert text.count(f"PresharedKey = {SHARED}") == 1
    hidden = server_settings(TUNNEL, PRIVATE, {}, [replace(site, nat=True)])
    assert "192.168.77.0" not in hidden


def test_a_user_reaches_the_phone_system_alone() -> None:
    text = user_settings(TUNNEL, PEER, PRIVATE, SHARED, KEY)
    assert "AllowedIPs = 10.87.12.1/32, fd12:3456:789a::1/128\n" in text
    assert "DNS" not in text
    assert f"PrivateKey = {PRIVATE}\n" in text


def test_traffic_is_read_and_no_private_key_is_asked_for() -> None:
    told = Told({"endpoints": f"{KEY}\t(none)\n", "latest-handshakes": f"{KEY}\t1700000000\n",
                 "transfer": f"{KEY}\t12\t34\nodd\n"})  # fmt: skip
    assert Wireguard(told, TUNNEL).traffic() == {KEY: Traffic("", 1_700_000_000, 12, 34)}
    assert not [line for line in told.lines if line.endswith(("dump", "private-key", "show"))]


def test_nonsense_in_the_tables_is_nothing() -> None:
    told = Told({"latest-handshakes": f"{KEY}\t-5\n", "transfer": f"{KEY}\tmany\n"})
    assert Wireguard(told, TUNNEL).traffic() == {KEY: Traffic()}


def test_without_an_interface_nobody_does_anything() -> None:
    told = Told({}, refuses="ip -o link")
    assert Wireguard(told, TUNNEL).traffic() == {}
    Wireguard(told, TUNNEL).down()
    assert not [line for line in told.lines if "link del" in line]


def test_neither_kernel_nor_program_says_what_to_install() -> None:
    with pytest.raises(RemoteError, match="apt install wireguard-go"):
        Wireguard(Told({}, refuses="ip "), TUNNEL).stand("", [])


def test_ways_to_sites_that_are_gone_are_taken_away() -> None:
    told = Told({"route show": '[{"dst": "10.87.12.0/24"}, {"dst": "192.168.77.0/24"}]'})
    Wireguard(told, TUNNEL).route(["192.168.88.0/24"])
    assert told.lines[1:] == [
        "ip route del 192.168.77.0/24 dev rf-remote",
        "ip route replace 192.168.88.0/24 dev rf-remote src 10.87.12.1",
    ]
