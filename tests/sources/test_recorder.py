"""Recording: real recorders on a loopback of their own, and recorders that misbehave."""

from __future__ import annotations

import os
import platform
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.namespaces import _enter, ip, remove_leftovers
from ringfence.flow import read_messages
from ringfence.model.recording import NoRecorderError, Recorded, Recording, RecordingError
from ringfence.sources.recorder import (
    Recorder,
    capture_filter,
    find_recorder,
    interfaces,
    record,
)

RECORDERS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            os.geteuid() != 0 or shutil.which(name) is None or shutil.which("ip") is None,
            reason=f"needs root, iproute2 and {name}: see packages.txt",
        ),
    )
    for name in ("dumpcap", "tcpdump")
]
HERE, HERE6 = "127.0.0.1", "::1"
# Long enough for the kernel to hand over what was sent, short enough for a test.
SECONDS = 1.2


def options(call: str, filling: int = 0) -> bytes:
    """A request; `filling` octets make it longer than a packet."""
    return (
        f"OPTIONS sip:100@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{call}\r\n"
        f"From: <sip:1@192.0.2.1>;tag=1\r\nTo: <sip:100@192.0.2.10>\r\nCall-ID: {call}\r\n"
        f"CSeq: 1 OPTIONS\r\nX-Filling: {'x' * filling}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def udp(octets: bytes, port: int = 5060, address: str = HERE) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.sendto(octets, (address, port))


def tcp(octets: bytes, port: int = 5060) -> None:
    with socket.create_server((HERE, port)) as server, socket.create_connection((HERE, port)) as c:
        accepted, _ = server.accept()
        with accepted:
            c.sendall(octets)
            assert accepted.recv(65_536)


@pytest.fixture
def loopback() -> Iterator[str]:
    """A namespace with nothing but its loopback, which has packets of usual length."""
    name = f"rfrecord{os.getpid()}"
    try:
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "mtu", "1500", "up")
        yield name
    finally:
        remove_leftovers(name)


def record_in(namespace: str, wanted: Recording, name: str, send: Callable[[], None]) -> Recorded:
    """Record there, and send once the recorder listens."""
    outcome: list[Recorded | BaseException] = []

    def work() -> None:
        try:
            with Path(f"/run/netns/{namespace}").open() as there:
                _enter(there)  # this thread, and the recorder that it starts
            outcome.append(record(wanted, Recorder(name, shutil.which(name) or name), send))
        except BaseException as error:  # noqa: BLE001  handed to the test
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    (found,) = outcome
    if isinstance(found, BaseException):
        raise found
    return found


def calls(files: tuple[str, ...]) -> list[str]:
    """Call-IDs of all messages in these files."""
    return sorted(
        bytes(table.text(row, "call_id")).decode()
        for _, _, table in read_messages(list(files))
        for row in range(len(table))
    )


@pytest.mark.parametrize("name", RECORDERS)
def test_signalling_is_recorded_whole_and_nothing_else(
    name: str, loopback: str, tmp_path: Path
) -> None:
    """By UDP, TCP, IPv6, in fragments; what is on other ports is nobody's business."""

    def send() -> None:
        udp(options("udp"))
        udp(options("udp6"), address=HERE6)
        tcp(options("tcp"))
        udp(options("fragments", 4000))
        udp(options("fragments6", 4000), address=HERE6)
        udp(options("elsewhere"), 5080)
        udp(b"\x80\x00" + bytes(170), 10_000)

    out = tmp_path / "a.pcapng"
    recorded = record_in(loopback, Recording("lo", SECONDS, str(out)), name, send)
    assert calls(recorded.files) == ["fragments", "fragments6", "tcp", "udp", "udp6"]
    assert recorded.files == (str(out),)
    assert (recorded.ended, recorded.lost, recorded.complaint) == ("time", 0, "")
    assert recorded.packets is not None
    assert recorded.packets >= 12
    assert recorded.octets == out.stat().st_size
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["a.pcapng"]
    assert bytes(170) not in out.read_bytes()


@pytest.mark.parametrize("name", RECORDERS)
def test_other_ports_and_media_are_recorded_when_asked_for(
    name: str, loopback: str, tmp_path: Path
) -> None:
    def send() -> None:
        udp(options("elsewhere"), 5080)
        udp(b"\x80\x00" + bytes(range(170)), 10_000)

    wanted = Recording("lo", SECONDS, str(tmp_path / "a.pcap"), ports=(5080,))
    recorded = record_in(loopback, wanted, name, send)
    assert calls(recorded.files) == ["elsewhere"]
    assert bytes(range(170)) not in (tmp_path / "a.pcap").read_bytes()
    wanted = Recording("lo", SECONDS, str(tmp_path / "b.pcap"), media=True)
    record_in(loopback, wanted, name, send)
    assert bytes(range(170)) in (tmp_path / "b.pcap").read_bytes()


@pytest.mark.parametrize("name", RECORDERS)
def test_a_flood_ends_the_recording_before_it_fills_the_disk(
    name: str, loopback: str, tmp_path: Path
) -> None:
    def send() -> None:
        for n in range(400):
            udp(options(f"c{n}", 1000))

    wanted = Recording("lo", 20.0, str(tmp_path / "a.pcap"), max_octets=100_000)
    recorded = record_in(loopback, wanted, name, send)
    assert recorded.ended == "size"
    assert recorded.octets >= 100_000


@pytest.mark.parametrize("name", RECORDERS)
def test_a_ring_keeps_the_latest_files_in_order(name: str, loopback: str, tmp_path: Path) -> None:
    def send() -> None:
        for n in range(3200):
            udp(options(f"c{n:04d}", 1000))

    out = tmp_path / "a.pcap"
    wanted = Recording("lo", SECONDS, str(out), ring=2, max_octets=1_000_000)
    recorded = record_in(loopback, wanted, name, send)
    assert recorded.files == (str(tmp_path / "a-001.pcap"), str(tmp_path / "a-002.pcap"))
    assert recorded.octets < 2_200_000
    first, second = (calls((file,)) for file in recorded.files)
    assert first[-1] < second[0]
    assert second[-1] == "c3199"
    modes = {stat.S_IMODE(Path(file).stat().st_mode) for file in recorded.files}
    assert modes == {0o600}


def start(namespace: str, name: str, *arguments: str) -> subprocess.Popen[str]:
    """The command itself in a namespace, once it listens."""
    process = subprocess.Popen(
        ["ip", "netns", "exec", namespace, sys.executable, "-c",
         # A shell that runs this in the background has control-C ignored.
         ("import signal, sys\n"
         "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
         "from ringfence.sources import recorder\n"
         f"recorder.find_recorder = lambda: recorder.Recorder({name!r}, {shutil.which(name)!r})\n"
         "from ringfence.cli.app import app\napp()"),
         "capture", "-i", "lo", "--no-investigate", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline().startswith("listening on lo")
    return process


def send_in(namespace: str, octets: bytes) -> None:
    code = (
        "import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "s.sendto(sys.stdin.buffer.read(), ('127.0.0.1', 5060))"
    )
    command = ["ip", "netns", "exec", namespace, sys.executable, "-c", code]
    subprocess.run(command, input=octets, check=True)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", RECORDERS)
def test_ctrl_c_ends_it_and_loses_nothing(
    name: str, sign: signal.Signals, loopback: str, tmp_path: Path
) -> None:
    out = tmp_path / "a.pcap"
    process = start(loopback, name, "--for", "60s", "--out", str(out))
    send_in(loopback, options("before"))
    process.send_signal(sign)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "you ended it" in said
    assert calls((str(out),)) == ["before"]
    assert [p.name for p in tmp_path.iterdir()] == ["a.pcap"]


@pytest.mark.parametrize("name", RECORDERS[1:])
def test_a_recorder_whose_master_was_killed_ends_as_well(
    name: str, loopback: str, tmp_path: Path
) -> None:
    process = start(loopback, name, "--for", "60s", "--out", str(tmp_path / "a.pcap"))
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    (child,) = [int(pid) for pid in children]
    watched = os.pidfd_open(child)
    process.kill()
    process.communicate()
    assert select.select([watched], [], [], 10.0)[0]
    os.close(watched)


# ------------------------------------------------------------ recorders that misbehave


def fake(tmp_path: Path, script: str) -> Recorder:
    """A tcpdump that answers `-d` with a program, and then does this; $out is its file."""
    path = tmp_path / "tcpdump"
    find_out = 'while [ $# -gt 1 ]; do [ "$1" = -w ] && out=$2; shift; done'
    path.write_text(f'#!/bin/sh\ncase "$*" in *" -d "*) exit 0 ;; esac\n{find_out}\n{script}\n')
    path.chmod(0o755)
    return Recorder("tcpdump", str(path))


def failed(recorder: Recorder, **how: object) -> str:
    folder = Path(recorder.path).parent / "out"
    folder.mkdir(exist_ok=True)
    wanted = Recording(**{"interface": "lo", "seconds": 5.0, "out": str(folder / "a.pcap")} | how)  # type: ignore[arg-type]
    with pytest.raises(RecordingError) as caught:
        record(wanted, recorder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_who_may_not_listen_is_told_what_to_do(tmp_path: Path) -> None:
    said = "tcpdump: lo: You don't have permission to perform this capture on that device"
    error = failed(fake(tmp_path, f'echo "{said}" >&2; exit 1'))
    for wanted in ("sudo", "setcap cap_net_raw,cap_net_admin=eip", "usermod -aG wireshark"):
        assert wanted in error
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", RECORDERS)
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_the_real_recorder_as_another_user_is_told_apart(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all"
    path.write_text(f'#!/bin/sh\nexec {nobody} {shutil.which(name)} "$@"\n')
    path.chmod(0o755)
    assert "you may not listen on lo" in failed(Recorder(name, str(path)))


def test_what_the_recorder_complains_of_is_said_and_made_safe(tmp_path: Path) -> None:
    error = failed(fake(tmp_path, r'printf "\033[2Jbroken\n" >&2; exit 1'))
    assert error == r"tcpdump on lo: \x1b[2Jbroken"


def test_a_recorder_that_is_silent_for_ever_is_ended(tmp_path: Path) -> None:
    ticks = iter(range(0, 1000, 6))
    recorder = fake(tmp_path, "exec sleep 60")
    (tmp_path / "out").mkdir()
    wanted = Recording("lo", 5.0, str(tmp_path / "out/a.pcap"))
    with pytest.raises(RecordingError, match="recorded nothing"):
        record(wanted, recorder, clock=lambda: next(ticks))


def test_packets_that_came_before_it_broke_are_kept_and_said(tmp_path: Path) -> None:
    script = 'echo "listening on lo" >&2; echo packets >"$out"; echo "disk full" >&2; exit 1'
    recorder = fake(tmp_path, script)
    recorded = record(Recording("lo", 5.0, str(tmp_path / "a.pcap")), recorder)
    assert (recorded.ended, recorded.complaint) == ("recorder", "disk full")
    assert (tmp_path / "a.pcap").read_text() == "packets\n"


LISTENS = 'echo "listening on lo" >&2; echo new >"$out"; '


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    out = tmp_path / "a.pcap"
    out.write_text("old")
    recorder = fake(tmp_path, LISTENS)
    assert "--force" in failed(recorder, out=str(out))
    assert out.read_text() == "old"
    record(Recording("lo", 5.0, str(out), force=True), recorder)
    assert out.read_text() == "new\n"


def test_a_file_that_came_in_between_is_not_written_over_either(tmp_path: Path) -> None:
    out = tmp_path / "out/a.pcap"
    error = failed(fake(tmp_path, f"{LISTENS} echo old >{out}"), out=str(out))
    assert out.read_text() == "old\n"
    kept = Path(error.rpartition(" ")[2])
    assert kept.read_text() == "new\n"


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    """Somebody else's folder: the name points at what the recorder's user may write."""
    precious = tmp_path / "precious"
    precious.write_text("old")
    out = tmp_path / "a.pcap"
    out.symlink_to(precious)
    recorder = fake(tmp_path, LISTENS)
    assert "--force" in failed(recorder, out=str(out))
    record(Recording("lo", 5.0, str(out), force=True), recorder)
    assert precious.read_text() == "old"


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"interface": "no-such-one"}, "no interface named no-such-one: there are lo"),
        ({"interface": "-w/etc/passwd"}, "no interface"),
        ({"interface": "lo\x1b[2J"}, r"\x1b[2J"),
        ({"seconds": 0.0}, "a day at most"),
        ({"seconds": float("nan")}, "a day at most"),
        ({"seconds": 86_401.0}, "a day at most"),
        ({"ports": (0,)}, "1 to 65535"),
        ({"ring": 1}, "a ring has 2"),
        ({"ring": 1001}, "a ring has 2"),
        ({"max_octets": 10}, "octets at least"),
        ({"ring": 2, "max_octets": 200_000}, "octets at least"),
        ({"out": "/nowhere/a.pcap"}, "/nowhere: No such file"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_starts(
    tmp_path: Path, how: dict[str, object], reason: str
) -> None:
    assert reason in failed(fake(tmp_path, "exit 9"), **how)


# ------------------------------------------------------------ finding one


def test_dumpcap_comes_before_tcpdump(tmp_path: Path) -> None:
    for name in ("tcpdump", "dumpcap"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert find_recorder(str(tmp_path)).name == name


def test_without_any_recorder_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoRecorderError):
        find_recorder(str(tmp_path))


def test_on_windows_it_is_said_how_to_do_it_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    with pytest.raises(NoRecorderError, match="Wireshark"):
        find_recorder()


def test_a_dumpcap_for_the_group_only_is_no_missing_one(tmp_path: Path) -> None:
    (tmp_path / "dumpcap").write_text("")
    (tmp_path / "dumpcap").chmod(0o640)  # nobody may run it, not even root
    with pytest.raises(RecordingError, match="usermod -aG wireshark"):
        find_recorder(str(tmp_path))


def test_interfaces_are_those_of_the_machine_and_any() -> None:
    assert "lo" in interfaces()
    assert interfaces()[-1] == "any"


@pytest.mark.parametrize("name", ["tcpdump", "dumpcap"])
@pytest.mark.parametrize("link", ["EN10MB", "RAW", "LINUX_SLL"])
@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="tcpdump compiles the filter")
def test_the_filter_is_one_that_libpcap_knows(name: str, link: str) -> None:
    del name  # both use libpcap
    for what in (
        capture_filter((5080,), vlan=link == "EN10MB"),
        capture_filter(media=True, vlan=False),
    ):
        subprocess.run(["tcpdump", "-y", link, "-d", what], check=True, capture_output=True)
