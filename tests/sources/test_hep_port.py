"""The HEP port on loopback: agents that are right, agents that lie, and who is no agent."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from fuzz.messages import request
from fuzz.packets import hep1, hep3, hep_chunk
from ringfence.sources import hep_port
from ringfence.sources.hep_port import (
    DAMAGED,
    NO_HEP,
    NO_KEY,
    NO_MESSAGE,
    NOT_ALLOWED,
    SILENT,
    SLOW,
    TOO_MANY,
    UNNAMED,
    WRONG_KEY,
    HepFigures,
    HepPort,
    HepPortError,
    HepSettings,
)
from ringfence.wire.feed import FROM_HEP
from ringfence.wire.table import MessageTable

SIP = request(b"REGISTER")
ANY = (("127.0.0.1", 0),)
PATIENCE_S = 5.0


def settings(**more: object) -> HepSettings:
    return HepSettings(**{"addresses": ANY, **more})  # type: ignore[arg-type]


def keyed(payload: bytes, key: bytes) -> bytes:
    packet = hep3(payload)
    chunks = hep_chunk(14, key) + packet[6:]
    return b"HEP3" + (6 + len(chunks)).to_bytes(2, "big") + chunks


@contextmanager
def agent(port: HepPort, kind: str) -> Iterator[socket.socket]:
    """A sender: connected to the port by TCP, or with UDP."""
    _, address, number = next(one for one in port.listening if one[0] == kind)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as one:
        one.settimeout(PATIENCE_S)
        one.connect((address, number))
        yield one


def heard(port: HepPort, enough: int, until: str = "") -> list[bytes]:
    """Messages until there are enough, or until something was refused for this reason."""
    found: list[bytes] = []
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for table in port.poll(0.05):
            assert all(table.number(row, "interface") == FROM_HEP for row in table.rows())
            found += [table.message(row) for row in table.rows()]
        if len(found) >= enough and (not until or port.figures.refused.get(until)):
            return found
    raise AssertionError(f"{len(found)} of {enough} messages; {port.figures}")


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_what_an_agent_saw_is_a_row_with_the_addresses_that_it_names(kind: str) -> None:
    with HepPort(settings()) as port, agent(port, kind) as sender:
        sender.sendall(hep3(SIP))
        deadline = time.monotonic() + PATIENCE_S
        sources: list[str] = []
        while not sources and time.monotonic() < deadline:
            sources += [str(ip_address(table.address(0, "source"))) for table in port.poll(0.05)]
        assert sources == ["203.0.113.7"]
        assert (port.figures.packets, port.figures.messages) == (1, 1)


def test_versions_one_and_two_come_by_udp() -> None:
    with HepPort(settings()) as port, agent(port, "udp") as sender:
        for packet in (hep1(SIP), hep1(SIP, 1), hep3(SIP)):
            sender.send(packet)
        assert heard(port, 3) == [SIP] * 3


def test_a_connection_carries_packets_in_any_pieces() -> None:
    octets = hep3(SIP) * 40
    with HepPort(settings()) as port, agent(port, "tcp") as sender:
        found = []
        for at in range(0, len(octets), 700):
            sender.sendall(octets[at : at + 700])
            found += [table.message(row) for table in port.poll(0) for row in table.rows()]
        found += heard(port, 40 - len(found))
        assert found == [SIP] * 40


def test_ipv6_is_heard() -> None:
    try:
        with HepPort(settings(addresses=(("::1", 0),))) as port, agent(port, "udp") as sender:
            sender.send(hep3(SIP))
            assert heard(port, 1) == [SIP]
    except HepPortError as error:
        pytest.skip(f"no IPv6 here: {error}")


def test_nothing_comes_and_nobody_waits_longer_than_he_wants() -> None:
    with HepPort(settings()) as port:
        began = time.monotonic()
        assert list(port.poll(0.02)) == []
        assert time.monotonic() - began < 1.0


def test_descriptor_is_readable_when_something_came() -> None:
    import select

    with HepPort(settings()) as port, agent(port, "udp") as sender:
        assert select.select([port.fileno()], [], [], 0)[0] == []
        sender.send(hep3(SIP))
        assert select.select([port.fileno()], [], [], PATIENCE_S)[0] == [port.fileno()]


# -- who may send --------------------------------------------------------------------------


@pytest.mark.parametrize(("packet", "reason"), [
    (keyed(SIP, b"guess"), WRONG_KEY),
    (keyed(SIP, b""), WRONG_KEY),
    (keyed(SIP, b"secret and more"), WRONG_KEY),
    (hep3(SIP), NO_KEY),
    (hep1(SIP), NO_KEY),
    (b"junk", NO_KEY),
])  # fmt: skip
def test_without_the_key_nobody_is_believed(packet: bytes, reason: str) -> None:
    with HepPort(settings(key=b"secret")) as port, agent(port, "udp") as sender:
        sender.send(packet)
        sender.send(keyed(SIP, b"secret"))
        assert heard(port, 1, reason) == [SIP]
        assert port.figures.refused[reason] == 1


def test_key_is_not_shown() -> None:
    assert "secret" not in repr(settings(key=b"secret"))


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_sender_that_is_not_listed_is_refused(kind: str) -> None:
    others = settings(senders=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")))
    with HepPort(others) as port, agent(port, kind) as sender:
        sender.sendall(hep3(SIP))
        assert heard(port, 0, NOT_ALLOWED) == []
        assert port.figures.connections == 0


def test_sender_that_is_listed_is_heard() -> None:
    ours = settings(senders=(ip_network("127.0.0.0/8"),))
    with HepPort(ours) as port, agent(port, "udp") as sender:
        sender.send(hep3(SIP))
        assert heard(port, 1) == [SIP]


@pytest.mark.parametrize("wrong", [
    {"addresses": (("0.0.0.0", 9060),)},  # noqa: S104  refused
    {"addresses": (("::", 9060),)},
    {"addresses": (("192.0.2.1", 9060),)},
    {"addresses": (("pbx.example", 9060),)},
    {"addresses": (("127.0.0.1", 70_000),)},
    {"udp": False, "tcp": False},
])  # fmt: skip
def test_a_port_that_anybody_could_write_to_is_not_opened(wrong: dict[str, object]) -> None:
    with pytest.raises(HepPortError):
        HepPort(settings(**wrong))


def test_a_port_that_is_taken_is_said() -> None:
    with HepPort(settings()) as port:
        taken = (port.listening[0][1:],)
        with pytest.raises(HepPortError, match=r"udp 127\.0\.0\.1:\d+: Address already in use"):
            HepPort(settings(addresses=taken)).__enter__()


# -- who lies ------------------------------------------------------------------------------


@pytest.mark.parametrize(("packet", "reason"), [
    (b"", NO_HEP),
    (b"GET / HTTP/1.1\r\n\r\n", NO_HEP),
    (SIP, NO_HEP),
    (b"HEP3\xff\xff" + hep3(SIP)[6:], NO_HEP),
    (hep3(SIP)[:50], NO_HEP),
    (hep3(bytes(40), 16), NO_HEP),
    (hep3(b"not SIP"), NO_MESSAGE),
    (hep3(hep3(SIP)), NO_MESSAGE),
    (b"HEP3" + struct.pack(">H", 12 + len(SIP)) + hep_chunk(15, SIP), UNNAMED),
])  # fmt: skip
def test_a_datagram_that_lies_is_counted_and_the_next_is_heard(packet: bytes, reason: str) -> None:
    with HepPort(settings()) as port, agent(port, "udp") as sender:
        sender.send(packet)
        sender.send(hep3(SIP))
        assert heard(port, 1) == [SIP]
        assert port.figures.refused.get(reason, 0) >= 1


def test_a_connection_that_makes_no_sense_is_ended() -> None:
    with HepPort(settings()) as port, agent(port, "tcp") as sender:
        sender.sendall(hep3(SIP) + b"junk" + hep3(SIP))
        assert heard(port, 1, DAMAGED) == [SIP]
        assert port.figures.connections == 0
        assert sender.recv(1) == b""


def test_a_connection_with_a_key_finds_its_place_again() -> None:
    with HepPort(settings(key=b"secret")) as port, agent(port, "tcp") as sender:
        good = keyed(SIP, b"secret")
        sender.sendall(good + b"junk" + hep3(SIP) + good)
        assert heard(port, 2) == [SIP, SIP]
        assert port.figures.skipped == 4
        assert port.figures.refused[NO_KEY] == 1


def test_who_never_ends_his_packet_is_ended() -> None:
    with HepPort(settings(begun_s=0.0)) as port, agent(port, "tcp") as sender:
        sender.sendall(hep3(SIP)[:-1])
        assert heard(port, 0, SLOW) == []
        assert sender.recv(1) == b""


def test_who_says_nothing_for_long_is_ended() -> None:
    with HepPort(settings(idle_s=0.0)) as port, agent(port, "tcp") as sender:
        assert heard(port, 0, SILENT) == []
        assert sender.recv(1) == b""


def test_one_connection_too_many_takes_the_place_of_the_one_that_was_silent_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hep_port, "MAX_CONNECTIONS", 2)
    with HepPort(settings()) as port, agent(port, "tcp") as first:
        first.sendall(hep3(SIP))
        assert heard(port, 1)
        with agent(port, "tcp") as silent:
            list(port.poll(0.5))
            first.sendall(hep3(SIP))
            assert heard(port, 1)
            with agent(port, "tcp") as newcomer:
                assert heard(port, 0, TOO_MANY) == []
                newcomer.sendall(hep3(SIP))
                assert heard(port, 1) == [SIP]
                assert silent.recv(1) == b""
                assert port.figures.connections == 2


def test_a_burst_beyond_the_kernels_room_is_shown_as_lost() -> None:
    with HepPort(settings(burst_octets=4096)) as port, agent(port, "udp") as sender:
        for _ in range(500):
            sender.send(hep3(SIP))
        found = heard(port, 1)
        figures = port.figures
        assert figures.lost > 0
        assert figures.lost + len(found) == 500


def test_a_burst_of_thousands_is_heard_in_full() -> None:
    """More than a table holds, and more than one look takes."""
    with HepPort(settings()) as port, agent(port, "udp") as sender:
        found = 0
        for _ in range(50):
            for _ in range(100):
                sender.send(hep3(SIP))
            found += sum(len(table) for table in port.poll(0))
        found += len(heard(port, 5000 - found))
        assert found == 5000
        assert port.figures == HepFigures(5000, 5000, {}, 0, 0, 0, 5000, port.figures.skew_ns)


# -- a real agent --------------------------------------------------------------------------

# Kamailio's siptrace: what it receives and what it answers goes to the collector.
_KAMAILIO = """
debug=0
log_stderror=yes
fork=yes
children=1
disable_tcp=no
tcp_children=1
listen=udp:127.0.0.1:{sip}
listen=tcp:127.0.0.1:{sip}
mpath="{modules}"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "siptrace.so"
modparam("siptrace", "duplicate_uri", "sip:127.0.0.1:{hep}")
modparam("siptrace", "hep_mode_on", 1)
modparam("siptrace", "hep_version", 3)
modparam("siptrace", "hep_capture_id", 7)
modparam("siptrace", "trace_to_database", 0)
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_mode", 1)
{auth}
request_route {{ sl_send_reply("404", "Not Found"); exit; }}
"""


@contextmanager
def kamailio(folder: Path, sip: int, hep: int, auth: str) -> Iterator[None]:
    modules = list(Path("/usr/lib").glob("*/kamailio/modules/siptrace.so"))
    program = shutil.which("kamailio")
    if program is None or not modules:
        pytest.skip("kamailio with its siptrace is not installed: apt-get install kamailio")
    config = folder / "kamailio.cfg"
    config.write_text(_KAMAILIO.format(sip=sip, hep=hep, auth=auth, modules=modules[0].parent))
    command = [program, "-f", str(config), "-DD", "-E", "-w", str(folder), "-Y", str(folder)]
    with (folder / "said.txt").open("wb") as said:
        server = subprocess.Popen(
            [*command, "-m", "64", "-M", "8"], stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _ends(table: MessageTable, row: int) -> tuple[int, int, int]:
    number = partial(table.number, row)
    return number("source_port"), number("destination_port"), number("status")


@pytest.mark.parametrize("key", [b"", b"of the lab"], ids=["no key", "a key"])
def test_a_real_kamailio_tells_who_asked_and_what_was_answered(tmp_path: Path, key: bytes) -> None:
    auth = f'modparam("siptrace", "auth_key", "{key.decode()}")' if key else ""
    with HepPort(settings(key=key)) as port, socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(0.2)
        mine, sip = phone.getsockname()[1], free_port()
        with kamailio(tmp_path, sip, port.listening[0][2], auth):
            ask = (
                f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{mine};"
                "branch=z9hG4bK-a1;rport\r\nFrom: <sip:100@127.0.0.1>;tag=x\r\n"
                "To: <sip:100@127.0.0.1>\r\nCall-ID: one@phone\r\nCSeq: 1 REGISTER\r\n"
                "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
            ).encode()
            seen: list[tuple[int, int, int]] = []
            deadline = time.monotonic() + 2 * PATIENCE_S
            while len({status for _, _, status in seen}) < 2 and time.monotonic() < deadline:
                with suppress(OSError):  # it has not come up yet
                    phone.sendto(ask, ("127.0.0.1", sip))
                    phone.recv(4096)
                for table in port.poll(0.2):
                    seen += map(partial(_ends, table), table.rows())
        assert (mine, sip, 0) in seen, (tmp_path / "said.txt").read_text()
        assert (sip, mine, 404) in seen, seen
        assert port.figures.refused == {}
        assert abs(port.figures.skew_ns) < 2 * 10**9
