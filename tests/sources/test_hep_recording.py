"""HEP recorded: what came stands in the file as it came, but for our key."""

from __future__ import annotations

import socket
import stat
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest

from fuzz.messages import request
from fuzz.packets import hep3, hep_chunk
from ringfence.model.recording import HepRecording, Recorded, RecordingError
from ringfence.sources.capture_file import CaptureFile
from ringfence.sources.hep_recording import record_hep

SIP = request(b"REGISTER")


def sender(kind: int, *packets: bytes) -> Callable[[str], None]:
    """Sends as soon as the port is open; what it is told is where."""

    def send(where: str) -> None:
        address, _, port = where.rpartition(":")
        with socket.socket(type=kind) as agent:
            agent.connect((address, int(port)))
            for packet in packets:
                agent.sendall(packet)

    return send


def record(out: Path, started: Callable[[str], None], **more: object) -> Recorded:
    wanted = HepRecording("127.0.0.1:0", 0.5, str(out), **more)  # type: ignore[arg-type]
    return record_hep(wanted, started)


def messages(path: Path) -> list[tuple[str, bytes]]:
    return [
        (str(ip_address(table.address(row, "source"))), table.message(row))
        for table in CaptureFile(str(path)).tables()
        for row in table.rows()
    ]


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_what_came_is_read_like_any_capture(tmp_path: Path, kind: int) -> None:
    out = tmp_path / "hep.pcapng"
    recorded = record(out, sender(kind, hep3(SIP), hep3(SIP)))
    assert messages(out) == [("203.0.113.7", SIP)] * 2
    assert recorded == Recorded((str(out),), out.stat().st_size, 2, 0, "time")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_key_is_not_recorded(tmp_path: Path) -> None:
    out = tmp_path / "hep.pcapng"
    chunks = hep_chunk(14, b"of the lab") + hep3(SIP)[6:]
    keyed = b"HEP3" + (6 + len(chunks)).to_bytes(2, "big") + chunks
    recorded = record(out, sender(socket.SOCK_DGRAM, keyed, hep3(SIP)), key="of the lab")
    assert messages(out) == [("203.0.113.7", SIP)]
    assert b"of the lab" not in out.read_bytes()
    assert recorded.complaint == "not taken: 1 no authentication key"


def test_a_full_file_ends_it(tmp_path: Path) -> None:
    out = tmp_path / "hep.pcapng"
    recorded = record(out, sender(socket.SOCK_DGRAM, *[hep3(SIP)] * 20), max_octets=4000)
    assert recorded.ended == "size"
    assert 4000 <= out.stat().st_size < 5000


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "hep.pcapng"
    out.write_bytes(b"evidence")
    with pytest.raises(RecordingError, match="is there already"):
        record(out, sender(socket.SOCK_DGRAM))
    assert out.read_bytes() == b"evidence"
    record(out, sender(socket.SOCK_DGRAM, hep3(SIP)), force=True)
    assert messages(out) == [("203.0.113.7", SIP)]


@pytest.mark.parametrize("wrong", [
    {"where": "0.0.0.0:9060"},
    {"where": "x"},
    {"where": "pbx.example:9060"},
    {"where": "123456"},
    {"where": "127.0.0.1:0", "senders": ("192.0.2.1/8",)},
    {"where": "192.0.2.77:9060", "senders": ("192.0.2.0/24",)},
])  # fmt: skip
def test_what_cannot_be_heard_leaves_no_file(tmp_path: Path, wrong: dict[str, object]) -> None:
    out = tmp_path / "hep.pcapng"
    with pytest.raises(RecordingError):
        record_hep(HepRecording(seconds=0.1, out=str(out), **wrong))  # type: ignore[arg-type]
    assert not out.exists()


def test_a_file_is_not_written_over_for_a_port_that_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "hep.pcapng"
    out.write_bytes(b"evidence")
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(RecordingError, match="already in use"):
            record_hep(HepRecording(where, 0.1, str(out), force=True))
    assert out.read_bytes() == b"evidence"


def test_disk_that_is_full_is_said() -> None:
    with pytest.raises(RecordingError, match="/dev/full: No space left"):
        record(Path("/dev/full"), sender(socket.SOCK_DGRAM, *[hep3(SIP)] * 30), force=True)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        record(tmp_path / "no" / "hep.pcapng", sender(socket.SOCK_DGRAM))
