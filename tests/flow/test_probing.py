"""The owner's own phone system asked as a stranger would: a real Kamailio, and doors of our own."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.audit.probe import MAX_PACKETS, MAX_SECONDS, Vantage, weigh
from ringfence.flow import probing
from ringfence.flow.probing import Doors, ProbeError, look, probe, probe_fully
from ringfence.model.weakness import Weakness
from tests.audit.certificates import made
from tests.flow.kamailio import HOST, free_port, kamailio

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PACKET_OUTGOING = 4


@pytest.fixture(autouse=True)
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback answers at once: who says nothing by then says nothing."""
    monkeypatch.setattr(probing, "CONNECT_S", 0.3)


def closed(**ports: int) -> Doors:
    """Doors where nothing listens but what is named."""
    none = Doors(free_port(), free_port(socket.SOCK_STREAM), free_port(), ())
    return replace(none, **ports)  # type: ignore[arg-type]


def rules(found: list[Weakness]) -> set[str]:
    return {weakness.rule for weakness in found}


# ---- a real Kamailio ---------------------------------------------------------------------


@pytest.mark.parametrize("transports", [("udp", "tcp"), ("tcp",)])
def test_one_that_is_set_up_well_tells_nothing(tmp_path: Path, transports: tuple[str, ...]) -> None:
    with kamailio(tmp_path, "BARE", "SHA", transports=transports) as port:
        probed = look(HOST, mine=False, known="200", doors=closed(sip=port))
    assert probed.transport == transports[0]
    assert probed.invented is not None
    assert probed.known is not None
    assert (probed.invented.status, probed.known.status) == (401, 401)
    assert probed.invented.algorithms == ("SHA-256",)
    assert rules(weigh(probed, NOW)) == {"no-tls"}


def test_one_that_tells_who_exists_is_found(tmp_path: Path) -> None:
    with kamailio(tmp_path, "LEAKY") as port:
        found, unsure = probe_fully(f"{HOST}:{port}", known="200")
    assert {"tells-unknown-users", "digest-md5", "server-outdated"} <= rules(found)
    (tells,) = (w for w in found if w.rule == "tells-unknown-users")
    assert "404 for one that is invented, 401 for one that exists" in tells.says
    assert any("this machine itself" in says for says in unsure)


def test_it_is_found_without_a_known_extension_too(tmp_path: Path) -> None:
    with kamailio(tmp_path, "LEAKY") as port:
        assert "tells-unknown-users" in rules(probe(f"{HOST}:{port}"))


def test_one_that_registers_anybody_is_found(tmp_path: Path) -> None:
    with kamailio(tmp_path, "BLIND") as port:
        assert "blind-registration" in rules(probe(f"{HOST}:{port}"))


# ---- other doors ---------------------------------------------------------------------------


@contextmanager
def listening() -> Iterator[int]:
    """An open port where nobody speaks."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def served(server: socket.socket, answer: object) -> Iterator[int]:
    """`answer(server)` in a thread until the block ends."""
    assert callable(answer)
    server.settimeout(0.05)
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                answer(server)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        over.set()
        thread.join()
        server.close()


@contextmanager
def tls_server(folder: Path, *, speaks: bool = True) -> Iterator[int]:
    """A TLS port with the certificate of `folder`; it answers SIP with 200, or is silent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(folder / "server.pem")

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.settimeout(2)
            with context.wrap_socket(connection, server_side=True) as secure:
                asked = secure.recv(65536)
                if speaks:
                    for head in asked.split(b"\r\n\r\n")[:-1]:
                        secure.sendall(_ok(head))
                secure.recv(1)

    with served(socket.create_server((HOST, 0)), answer) as port:
        yield port


def _ok(head: bytes) -> bytes:
    kept = [
        line for line in head.split(b"\r\n") if line[:4] in {b"Via:", b"From", b"To: ", b"CSeq"}
    ]
    return b"\r\n".join((b"SIP/2.0 200 OK", *kept, b"Content-Length: 0", b"", b""))


@contextmanager
def udp_server(reply: bytes | None, host: str = HOST) -> Iterator[int]:
    """A UDP port that answers everything alike; None: SIP with 200."""

    def answer(server: socket.socket) -> None:
        octets, sender = server.recvfrom(65536)
        server.sendto(_ok(octets.split(b"\r\n\r\n")[0]) if reply is None else reply, sender)

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.bind((host, 0))
    with served(server, answer) as port:
        yield port


@pytest.mark.parametrize(
    ("names", "days", "bits", "wrong"),
    [
        (("pbx", HOST), 300, 0, {"certificate-of-its-own"}),
        (("pbx", HOST), -1, 0, {"certificate-of-its-own", "certificate-ended"}),
        (("pbx", "pbx.example.com"), 300, 0, {"certificate-of-its-own", "certificate-name"}),
        (("pbx", HOST), 300, 1024, {"certificate-of-its-own", "certificate-weak"}),
    ],
)
def test_a_certificate_is_looked_at(
    tmp_path: Path, names: tuple[str, ...], days: int, bits: int, wrong: set[str]
) -> None:
    made(*names, days=days, bits=bits, folder=tmp_path)
    with tls_server(tmp_path) as port:
        probed = look(HOST, mine=False, doors=closed(tls=port))
    assert probed.tls_open
    assert (probed.transport, probed.options is not None) == ("tls", True)
    assert {r for r in rules(weigh(probed, NOW)) if r.startswith("cert")} == wrong


def test_a_tls_port_that_shakes_no_hands_is_said() -> None:
    with listening() as port:
        probed = look(HOST, mine=False, doors=closed(tls=port))
    assert (probed.tls_open, probed.tls) == (True, None)
    assert any("no handshake" in says for says in probed.not_checked)


def test_open_ports_are_told_from_closed_ones() -> None:
    with listening() as first, listening() as second:
        others = (first, free_port(socket.SOCK_STREAM), second)
        probed = look(HOST, mine=False, doors=closed(others=others))  # type: ignore[arg-type]
    assert probed.open_ports == (first, second)


def test_tftp_is_found() -> None:
    with udp_server(b"\0\5\0\1no such file\0") as port:
        assert look(HOST, mine=False, doors=closed(tftp=port)).tftp
    assert not look(HOST, mine=False, doors=closed()).tftp


def test_ipv6_is_asked_alike() -> None:
    try:
        server = udp_server(None, "::1")
        port = server.__enter__()
    except OSError:
        pytest.skip("no IPv6 here")
    with ExitStack() as until_the_end:
        until_the_end.push(server)
        probed = look(f"[::1]:{port}", mine=False, doors=closed(sip=port))
    assert (probed.address, probed.vantage) == ("::1", Vantage.ITSELF)
    assert probed.options is not None


def test_answers_that_are_not_ours_are_not_believed() -> None:
    junk = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKother\r\n\r\n"
    with udp_server(junk) as port:
        probed = look(HOST, mine=False, doors=closed(sip=port))
    assert (probed.options, probed.invented) == (None, None)


# ---- limits -----------------------------------------------------------------------------------


def sent_to(tap: socket.socket, ports: set[int]) -> int:
    """Packets that left for one of these ports, of what the tap has seen."""
    tap.setblocking(False)
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            frame, (_, _, way, *_) = tap.recvfrom(65536)
            header = 14 + (frame[14] & 15) * 4
            if (
                way == PACKET_OUTGOING
                and int.from_bytes(frame[header + 2 : header + 4], "big") in ports
            ):
                count += 1
    return count


@pytest.mark.parametrize("everything_open", [True, False])
def test_thirty_packets_are_the_most(tmp_path: Path, everything_open: bool) -> None:
    """Counted on the wire: with every door open, and with all that is silent asked again."""
    try:
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    except PermissionError:
        pytest.skip("counting packets takes CAP_NET_RAW")
    made("pbx", HOST, folder=tmp_path)
    with tap, ExitStack() as open_:
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        tap.bind(("lo", 0))
        sip = open_.enter_context(udp_server(None if everything_open else b"?"))
        tls = open_.enter_context(tls_server(tmp_path, speaks=everything_open))
        tftp = open_.enter_context(udp_server(b"\0\5\0\1"))
        others = tuple(open_.enter_context(listening()) for _ in range(6))
        probed = look(HOST, mine=False, known="200", doors=Doors(sip, tls, tftp, others))
        sent = sent_to(tap, {sip, tls, tftp, *others})
    assert 10 < sent <= MAX_PACKETS
    assert sent <= probed.packets <= MAX_PACKETS
    if everything_open:
        assert probed.open_ports == others
        assert probed.tftp
    else:
        assert any("limit of 30 packets" in says for says in probed.not_checked)


ASK = """
import time
from pathlib import Path
from ringfence.flow.probing import look
began = time.monotonic()
probed = look("198.51.100.9", mine=True, known="200")
sent = int(Path("/sys/class/net/nobody/statistics/tx_packets").read_text())
print(time.monotonic() - began, sent, probed.vantage.name, probed.tls_open, probed.open_ports)
"""


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def wire_to_nowhere() -> Iterator[str]:
    """A network whose one wire ends in nobody's hands: what is sent to .9 is lost."""
    world = f"rfprobe{os.getpid()}"
    _run("ip", "netns", "add", world)
    try:
        within = ("ip", "-n", world)
        _run(*within, "link", "add", "nobody", "type", "veth", "peer", "name", "nowhere")
        _run(*within, "address", "add", "198.51.100.7/24", "dev", "nobody")
        _run(*within, "link", "set", "nobody", "up")
        _run(*within, "link", "set", "nowhere", "up")
        there = ("198.51.100.9", "lladdr", "02:00:00:00:00:09")
        _run(*within, "neighbour", "add", *there, "dev", "nobody", "nud", "permanent")
        yield world
    finally:
        _run("ip", "netns", "delete", world)


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
def test_a_host_without_a_way_is_said() -> None:
    with wire_to_nowhere() as world:
        code = "from ringfence.flow.probing import probe; probe('10.9.9.9')"
        done = subprocess.run(
            ["ip", "netns", "exec", world, sys.executable, "-c", code],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert "ProbeError: 10.9.9.9 (10.9.9.9) cannot be reached from here" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
def test_a_host_that_drops_everything_is_left_in_time() -> None:
    """In a network of its own, whose only wire leads nowhere; packets are counted on it."""
    with wire_to_nowhere() as world:
        counted = "/sys/class/net/nobody/statistics/tx_packets"
        already = int(_run("ip", "netns", "exec", world, "cat", counted))  # the kernel's greetings
        said = _run("ip", "netns", "exec", world, sys.executable, "-c", ASK)
    took, sent, *rest = said.split(maxsplit=2)
    assert float(took) < MAX_SECONDS + 0.5
    assert 6 < int(sent) - already <= MAX_PACKETS
    assert rest == ["OUTSIDE False ()\n"]


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its clock is past the end after the first question: nothing more is asked."""
    monkeypatch.setattr(probing, "MAX_SECONDS", 0.0)
    probed = look(HOST, mine=False, doors=closed())
    assert probed.packets == 0
    assert any("limit of 0 seconds" in says for says in probed.not_checked)


# ---- whom we may ask ------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["203.0.113.9", "2001:db8::9", "[2001:db8::9]:5080", "100.64.0.1"])
def test_nobody_else_is_asked_without_a_word(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing._Sip, "over_udp", _must_not)
    with pytest.raises(ProbeError, match="--mine"):
        probe(host)


def _must_not(_: object) -> None:
    raise AssertionError("it was asked")


@pytest.mark.parametrize("host", ["224.0.0.1", "::", "255.255.255.255", "ff02::1"])
def test_crowds_are_never_asked(host: str) -> None:
    with pytest.raises(ProbeError, match="single machine"):
        probe(host, mine=True)


@pytest.mark.parametrize(
    "host",
    ["", "a b", "pbx;rm", "pbx:0", "pbx:70000", "pbx:x", "a\x00b", "x" * 300, "fe80::1%lo"],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ProbeError):
        probe(host, mine=True)


@pytest.mark.parametrize("known", ["200\r\nX: y", "a@b", "<sip:x>", " ", "ö"])
def test_a_known_extension_is_a_name(known: str) -> None:
    with pytest.raises(ProbeError, match="letters, digits"):
        probe(HOST, known=known)


@pytest.mark.parametrize(
    ("address", "vantage"),
    [
        ("127.0.0.1", Vantage.ITSELF),
        ("127.8.8.8", Vantage.ITSELF),
        ("10.255.3.7", Vantage.INSIDE),
        ("fd12::7", Vantage.INSIDE),
    ],
)
def test_inside_needs_no_word(address: str, vantage: Vantage) -> None:
    assert probing._admitted(address, ip_address(address), mine=False) is vantage


def test_with_a_word_it_is_asked_from_outside() -> None:
    assert probing._admitted("x", ip_address("203.0.113.9"), mine=True) is Vantage.OUTSIDE
