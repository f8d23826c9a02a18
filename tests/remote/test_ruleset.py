"""The table of the lockdown in the real kernel: who gets through, and who may answer."""

from __future__ import annotations

import socket
from ipaddress import ip_network

import pytest

from lab.namespaces import ip
from ringfence.model.lockdown import LockdownError, Ports
from ringfence.remote import ruleset
from ringfence.remote.gate import Gate
from tests.remote.closings import (
    CARRIER,
    SIX,
    STRANGER,
    USER,
    closing,
    connects,
    heard,
)
from tests.respond.block.wire import FRIENDS, HERE, Wire, needs

EVERYBODY = [CARRIER, USER, STRANGER, SIX, FRIENDS[1]]


@needs("nft")
def test_only_those_who_are_admitted_reach_the_ports_of_sip_and_of_media(
    wire: Wire, gate: Gate
) -> None:
    assert sorted(heard(wire, EVERYBODY)) == sorted(EVERYBODY)
    gate.keep(closing(CARRIER, "198.51.100.8/29", f"{FRIENDS[1]}/128"))
    admitted = sorted([CARRIER, USER, FRIENDS[1]])
    assert sorted(heard(wire, EVERYBODY)) == admitted
    assert sorted(heard(wire, EVERYBODY, port=10002)) == admitted
    assert sorted(heard(wire, EVERYBODY, port=20001)) == sorted(EVERYBODY), "it is no port of ours"
    for port in (5060, 5061):
        assert [one for one in EVERYBODY if connects(wire, one, port)] == [
            CARRIER, USER, FRIENDS[1],
        ]  # fmt: skip
    assert connects(wire, STRANGER, 22)
    assert connects(wire, SIX, 443)


@needs("nft")
def test_datagram_in_fragments_does_not_pass_a_closed_port(wire: Wire, gate: Gate) -> None:
    senders = [CARRIER, STRANGER, SIX, FRIENDS[1]]
    gate.keep(closing(CARRIER, FRIENDS[1]))
    large = b"REGISTER" + bytes(4000)
    assert sorted(heard(wire, senders, octets=large)) == sorted([CARRIER, FRIENDS[1]])


@needs("nft")
def test_connection_that_is_open_is_not_cut_and_a_new_one_is_refused(
    wire: Wire, gate: Gate
) -> None:
    with (
        wire._socket("in", socket.AF_INET, HERE[0], 5061, socket.SOCK_STREAM) as server,
        wire._socket("out", socket.AF_INET, STRANGER, 0, socket.SOCK_STREAM) as theirs,
    ):
        server.listen()
        theirs.connect((HERE[0], 5061))
        ours, _ = server.accept()
        gate.keep(closing(CARRIER))
        with ours:
            theirs.settimeout(5)
            ours.settimeout(5)
            theirs.sendall(b"REGISTER")
            assert ours.recv(64) == b"REGISTER"
            ours.sendall(b"SIP/2.0 200 OK")
            assert theirs.recv(64) == b"SIP/2.0 200 OK"
    assert not connects(wire, STRANGER, 5060)


@needs("nft")
@pytest.mark.parametrize(
    ("octets", "lets_in"),
    [
        (b"OPTIONS sip:201@203.0.113.66 SIP/2.0\r\n", True),
        (b"SIP/2.0 401 Unauthorized\r\n", False),
        (b"\r\n", False),
    ],
    ids=["request", "answer", "keep-alive"],
)
def test_whom_the_phone_system_asks_may_answer_and_whom_it_only_answered_may_not(
    wire: Wire, gate: Gate, octets: bytes, lets_in: bool
) -> None:
    """A refusal sent again and again must not open the port to a guesser."""
    gate.keep(closing(CARRIER))
    for source, here in ((STRANGER, HERE[0]), (SIX, HERE[1])):
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        with wire._socket("in", family, here, 5060) as ours:
            ours.sendto(octets, (source, 40000))
    assert sorted(heard(wire, [STRANGER, SIX])) == (sorted([STRANGER, SIX]) if lets_in else [])
    assert heard(wire, [USER]) == []


@needs("nft")
def test_media_come_back_from_where_media_are_sent_to(wire: Wire, gate: Gate) -> None:
    gate.keep(closing(CARRIER))
    assert heard(wire, [STRANGER, USER], port=10004) == []
    with wire._socket("in", socket.AF_INET, HERE[0], 10002) as ours:
        ours.sendto(b"\x80" + bytes(171), (STRANGER, 31000))
    assert heard(wire, [STRANGER, USER], port=10004) == [STRANGER]
    assert heard(wire, [STRANGER]) == [], "its SIP does not"


@needs("nft")
def test_private_network_and_machine_itself_always_pass(wire: Wire, gate: Gate) -> None:
    wire.run("ip", "route", "add", "10.9.9.9/32", "dev", "eth0")
    outside = f"{wire.prefix}out"
    ip("-n", outside, "addr", "add", "10.9.9.9/32", "dev", "eth0")
    gate.keep(closing(CARRIER))
    assert heard(wire, ["10.9.9.9", STRANGER]) == ["10.9.9.9"]
    with (
        wire._socket("in", socket.AF_INET, HERE[0], 5060) as ours,
        wire._socket("in", socket.AF_INET, HERE[0], 40001) as local,
    ):
        ours.settimeout(5)
        local.sendto(b"OPTIONS", (HERE[0], 5060))
        assert ours.recv(16) == b"OPTIONS"


@needs("nft")
def test_door_that_is_open_for_a_time_lets_one_address_in(wire: Wire, gate: Gate) -> None:
    gate.keep(closing(CARRIER))
    table = ("inet", "ringfence_lockdown")
    wire.run("nft", "add", "element", *table, "door4", f"{{ {STRANGER} timeout 1h }}")
    wire.run("nft", "add", "element", *table, "door6", f"{{ {SIX} timeout 1h }}")
    assert sorted(heard(wire, [STRANGER, USER, SIX])) == sorted([STRANGER, SIX])
    assert gate.standing().doors == (STRANGER, SIX)


@needs("nft")
def test_media_left_open_are_open_to_everybody(wire: Wire, gate: Gate) -> None:
    gate.keep(closing(CARRIER, ports=Ports(media=(0, 0), tunnel=(5090,))))
    assert heard(wire, [STRANGER], port=10002) == [STRANGER]
    assert heard(wire, [STRANGER, CARRIER], port=5090) == [CARRIER]
    assert not connects(wire, STRANGER, 5090)


def test_port_of_ssh_is_never_closed() -> None:
    with pytest.raises(LockdownError, match="port 5061 is where SSH answers"):
        ruleset.Closing("0" * 8, Ports(), (), ssh_ports=(22, 5061))


def test_networks_that_overlap_are_one_and_private_ones_are_not_named() -> None:
    networks = [ip_network(n) for n in ("192.0.2.0/24", "192.0.2.7/32", "10.0.0.0/24", "::1/128")]
    assert [str(n) for n in ruleset.collapsed(networks, 4)] == ["192.0.2.0/24"]
    assert ruleset.collapsed(networks, 6) == []


def test_more_networks_than_a_person_can_read_are_refused() -> None:
    with pytest.raises(LockdownError, match="4,097 networks"):
        closing(*(f"192.0.{n >> 8}.{n & 255}" for n in range(4097)))


@needs("nft")
def test_phone_system_behind_this_machine_is_closed_as_well(wire: Wire, gate: Gate) -> None:
    """In a container, or a virtual machine: its packets are forwarded."""
    inner = f"{wire.prefix}box"
    ip("netns", "add", inner)
    ip("link", "add", "veth", "netns", f"{wire.prefix}in", "type", "veth",
       "peer", "name", "eth0", "netns", inner)  # fmt: skip
    wire.run("ip", "addr", "add", "192.0.2.129/25", "dev", "veth")
    wire.run("ip", "link", "set", "veth", "up")
    ip("-n", inner, "addr", "add", "192.0.2.130/25", "dev", "eth0")
    ip("-n", inner, "link", "set", "eth0", "up")
    ip("-n", inner, "route", "add", "default", "via", "192.0.2.129")
    wire.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    ip("-n", f"{wire.prefix}out", "route", "replace", "192.0.2.130/32", "via", HERE[0], "dev",
       "eth0", "onlink")  # fmt: skip
    gate.keep(closing(CARRIER))

    def arrives(source: str) -> bool:
        with (
            wire._socket("box", socket.AF_INET, "192.0.2.130", 5060) as ours,
            wire._socket("out", socket.AF_INET, source, 40000) as theirs,
        ):
            ours.settimeout(0.5)
            theirs.sendto(b"REGISTER", ("192.0.2.130", 5060))
            try:
                return ours.recv(64) == b"REGISTER"
            except TimeoutError:
                return False

    assert [one for one in (CARRIER, USER, STRANGER) if arrives(one)] == [CARRIER]
    with wire._socket("box", socket.AF_INET, "192.0.2.130", 5060) as ours:
        ours.sendto(b"OPTIONS sip:201@x SIP/2.0\r\n", (STRANGER, 40000))
    assert [one for one in (USER, STRANGER) if arrives(one)] == [STRANGER], "it was asked"
