"""What is heard, at one place: interfaces, agents, logs; real ones, on loopback."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.flow.guard.ears import Ears
from ringfence.model.event import Event
from ringfence.model.guard_status import OK
from ringfence.model.guarding import GuardError, Hears, HepWanted, ServiceWanted
from ringfence.wire.records import packets_of
from tests.flow.guard.agent import free_port, hears_log
from tests.flow.guard.agent import packets_of as hep_packets_of

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="listening takes CAP_NET_RAW")


@contextmanager
def hearing(wanted: Hears) -> Iterator[Ears]:
    with Ears(wanted, lambda _: None) as ears:
        yield ears


def messages(ears: Ears, enough: int) -> list[tuple[bytes, int, int]]:
    """First lines with the number of the input and of the octets of their packets."""
    found: list[tuple[bytes, int, int]] = []
    ends = time.monotonic() + 10
    while len(found) < enough:
        assert time.monotonic() < ends
        ears.wait(0.1)
        for piece in ears.pieces():
            rows = range(len(piece.table))
            for row, records in zip(rows, packets_of(piece.holder, piece.table, rows), strict=True):
                octets = sum(len(record.octets) for record in records or ())
                found.append((bytes(piece.table.message(row))[:8], piece.number, octets))
    return found


def test_what_agents_send_bears_the_time_it_came_and_keeps_its_packet() -> None:
    port = free_port()
    sent = hep_packets_of("eve OPTIONS 100 times=3 > 200\n")
    with hearing(Hears(hep=HepWanted("127.0.0.1", port))) as ears:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
            for packet in sent:
                agent.sendto(packet, ("127.0.0.1", port))
        found = messages(ears, 6)
        assert [octets for _, _, octets in found] == [28 + len(packet) for packet in sent]
        assert {number for _, number, _ in found} == {0}
        (status,) = ears.status()
        assert (status.name, status.state, status.understood) == (f"HEP 127.0.0.1:{port}", OK, 6)


@needs_root
def test_interface_is_heard_with_its_packets() -> None:
    with hearing(Hears(interfaces=("lo",))) as ears:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.bind(("127.0.0.1", 0))
            text = b"OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n"
            phone.sendto(text, ("127.0.0.1", 5060))
        found = messages(ears, 1)
        assert found[0] == (b"OPTIONS ", 0, 14 + 28 + len(text))
        assert ears.are_up
        assert ears.outages == 0
        assert ears.status()[0].name == "interface lo"


def test_who_wakes_it_after_its_end_writes_into_no_other_file(tmp_path: Path) -> None:
    """A second SIGTERM, or a thread that ends late, while the store is open under its number."""
    with hearing(Hears(hep=HepWanted("127.0.0.1", free_port()))) as ears:
        pass
    opened = [(tmp_path / f"{number}").open("wb", buffering=0) for number in range(8)]
    ears.wake()
    for stream in opened:
        stream.close()
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0] * 8


def test_log_is_followed_over_its_rotation(tmp_path: Path) -> None:
    log = tmp_path / "kamailio.log"
    log.touch()
    line = (
        "Nov 26 12:00:00 pbx kamailio[7]: WARNING: <script>: ringfence/w kind=refused "
        "src=203.0.113.{} port=5 proto=udp dst=192.0.2.10 dport=5060 method=REGISTER user=2 "
        "number=2 callid=c ua=Z\n"
    )
    with hearing(hears_log("kamailio", log, "w")) as ears:
        found: list[Event] = []
        for number in (1, 2):
            with log.open("a") as stream:
                stream.write(line.format(number))
            ends = time.monotonic() + 10
            while len(found) < number:
                assert time.monotonic() < ends
                ears.wait(0.1)
                found += ears.events()
            log.rename(tmp_path / f"kamailio.log.{number}")
            log.touch()
        assert [event.source for event in found] == ["203.0.113.1", "203.0.113.2"]


def test_whoever_has_something_wakes_the_guard() -> None:
    with hearing(Hears(hep=HepWanted("127.0.0.1", free_port()))) as ears:
        ears.wake()
        began = time.monotonic()
        ears.wait(10)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Hears(interfaces=("nowhere9",)), "there is no interface named nowhere9"),
        (Hears(services=(ServiceWanted("3cx", "http://pbx.example"),)), "over https:// only"),
        (Hears(services=(ServiceWanted("ami", "127.0.0.1", 5038, "a b", "s"),)), "visible ASCII"),
        (Hears(services=(ServiceWanted("freeswitch", "h", 1, "", "a b"),)), "visible ASCII"),
    ],
)
def test_what_cannot_be_heard_is_said(wanted: Hears, says: str) -> None:
    with pytest.raises(GuardError, match=says), hearing(wanted):
        pass


def test_port_that_is_taken_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        wanted = Hears(hep=HepWanted("127.0.0.1", taken.getsockname()[1]))
        with pytest.raises(GuardError, match="HEP cannot be heard"), hearing(wanted):
            pass
