"""What the kernel hands over: the program runs in the kernel, on packets that are sent to it."""

from __future__ import annotations

import socket
import sys

import pytest

from fuzz.packets import SCTP, TCP, ethernet, ipv4, ipv6, sctp, tcp, udp
from ringfence.sources.packet_filter import MAX_PORTS, Step, assemble, attach, signalling
from tests.wire_cases.compile import message

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux has this filter")

SIP = message("OPTIONS", "one")
IPV6 = 0x86DD


def taken(packets: list[bytes], *ports: int, is_ethernet: bool = True) -> list[bytes]:
    """Which of the packets get through a socket with the filter."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        attach(ours, assemble(signalling(ports, ethernet=is_ethernet)))
        ours.setblocking(False)
        through = []
        for packet in packets:
            theirs.send(packet)
            try:
                through.append(ours.recv(65_535))
            except BlockingIOError:
                continue
        return through


OURS = {
    "to 5060": ipv4(udp(SIP)),
    "to 5061": ipv4(udp(SIP, 40000, 5061)),
    "from 5060": ipv4(udp(SIP, 5060, 40000)),
    "TCP": ipv4(tcp(SIP), TCP),
    "TCP without data": ipv4(tcp(b""), TCP),
    "SCTP": ipv4(sctp(SIP), SCTP),
    "IPv4 with options": b"\x47" + ipv4(b"\1" * 8 + udp(SIP))[1:],
    "first fragment": ipv4(udp(SIP)[:64], fragment=0x2000),
    "later fragment": ipv4(udp(SIP)[64:], fragment=8),
    "last possible fragment": ipv4(b"x", fragment=0x1FFF),
}
OURS_6 = {
    "to 5060": ipv6(udp(SIP)),
    "TCP": ipv6(tcp(SIP), TCP),
    "fragment": ipv6(b"\x11\0\0\1\0\0\0\7" + udp(SIP)[:64], 44),
    "port hidden behind destination options": ipv6(b"\x11\0\1\4\0\0\0\0" + udp(SIP), 60),
    "port hidden behind hop-by-hop options": ipv6(b"\x11\0\1\4\0\0\0\0" + udp(SIP), 0),
}
OTHERS = {
    "DNS": ipv4(udp(SIP, 40000, 53)),
    "media": ipv4(udp(b"\x80\0" + bytes(170), 40000, 49170)),
    "web": ipv4(tcp(SIP, source=443)[:2] + b"\1\xbb" + tcp(SIP)[4:], TCP),
    "ICMP": ipv4(bytes(64), 1),
    "ICMP that looks like a port": ipv4(b"\x13\xc4\x13\xc4" + bytes(64), 1),
    "IP in IP": ipv4(ipv4(udp(SIP)), 4),
    "cut before its ports": ipv4(udp(SIP))[:21],
    "cut in its address": ipv4(udp(SIP))[:15],
    "one octet": b"E",
}


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("tags", [(), (0x8100,), (0x88A8, 0x8100), (0x9100, 0x8100)])
def test_signalling_is_taken_whole(name: str, tags: tuple[int, ...]) -> None:
    frame = ethernet(OURS[name], 0x0800, *tags)
    assert taken([frame]) == [frame]


@pytest.mark.parametrize("name", OURS_6)
@pytest.mark.parametrize("tags", [(), (0x8100,), (0x88A8, 0x8100)])
def test_signalling_over_ipv6_is_taken_whole(name: str, tags: tuple[int, ...]) -> None:
    frame = ethernet(OURS_6[name], IPV6, *tags)
    assert taken([frame]) == [frame]


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("tags", [(), (0x8100,), (0x88A8, 0x8100)])
def test_others_are_left_to_the_kernel(name: str, tags: tuple[int, ...]) -> None:
    assert taken([ethernet(OTHERS[name], 0x0800, *tags)]) == []


def test_neighbours_that_say_hello_are_left() -> None:
    report = ipv6(b"\x3a\0\5\2\0\0\1\0" + bytes(28), 0)
    assert taken([ethernet(report, IPV6)]) == []


@pytest.mark.parametrize("packet", [b"", bytes(12), b"\xff" * 60, ethernet(b"", 0x0806)])
def test_what_is_no_ip_is_left(packet: bytes) -> None:
    assert taken([packet]) == []


def test_three_tags_are_no_network_of_ours() -> None:
    assert taken([ethernet(OURS["to 5060"], 0x0800, 0x8100, 0x8100, 0x8100)]) == []


def test_packets_without_a_link_header() -> None:
    wanted = [*OURS.values(), *OURS_6.values()]
    assert taken([*wanted, *OTHERS.values()], is_ethernet=False) == wanted


def test_ports_that_the_owner_names() -> None:
    frames = [ethernet(ipv4(udp(SIP, 40000, port))) for port in (5060, 5080, 9060, 5081)]
    assert taken(frames, 5080, 9060) == frames[:3]


def test_as_many_ports_as_may_be_named() -> None:
    ports = range(6000, 6000 + MAX_PORTS - 2)
    last = ethernet(ipv4(udp(SIP, 40000, ports[-1])))
    tagged = ethernet(ipv6(udp(SIP, ports[-1], 40000)), IPV6, 0x88A8, 0x8100)
    assert taken([last, tagged], *ports) == [last, tagged]


def test_ports_named_twice_count_once() -> None:
    assert signalling([5060, 5061, 5060]) == signalling()


@pytest.mark.parametrize("ports", [range(6000, 6000 + MAX_PORTS), [0], [65_536], [-1]])
def test_ports_that_cannot_be(ports: list[int]) -> None:
    with pytest.raises(ValueError, match="port"):
        signalling(ports)


def test_jump_that_is_too_far_is_refused() -> None:
    far = [Step(0x15, 1, then="end"), *[Step(0x30)] * 256, Step(0x06, label="end")]
    with pytest.raises(ValueError, match="too far"):
        assemble(far)
    assert len(assemble([far[0], *far[2:]])) == 8 * 257
