"""What the guard kept goes the way of any capture: read, judged, sealed."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from ringfence import flow
from ringfence.evidence.cut import Cut
from ringfence.evidence.rolling import SECOND, RollingBuffer
from ringfence.flow.folder import write_folder
from ringfence.flow.prelude import save_cut
from ringfence.sources.capture_file import CaptureError

ATTACK = Path(__file__).resolve().parent.parent.parent / "examples/attack.pcap"


def kept(path: Path = ATTACK) -> RollingBuffer:
    """A capture as the guard would have seen it: each table at the time of its last message."""
    buffer = RollingBuffer(0x5EED)
    for _, decoder, table in flow.read_messages([str(path)], keep_packets=True):
        buffer.take(decoder, table, SECOND)
    return buffer


def test_case_made_live_is_that_of_the_file(tmp_path: Path) -> None:
    whole = flow.investigate([str(ATTACK)])
    attackers = [s.address for s in whole.incident.suspects]
    path = tmp_path / "kept/prelude.pcapng"
    written = save_cut(kept().cut(attackers, SECOND), path)
    assert written.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.stat().st_mode & 0o777 == 0o600
    found = flow.investigate([str(path)])
    assert found.incident.inputs[0].sha256 == written.sha256
    assert {(s.address, s.verdict, s.messages) for s in found.incident.suspects} == {
        (s.address, s.verdict, s.messages) for s in whole.incident.suspects
    }
    made = write_folder(found, [str(path)], flow.Owner(), "RF-1", tmp_path / "case")
    assert (Path(made.path) / "evidence/bag-0001/data/attackers.pcapng").stat().st_size > 1000


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "prelude.pcapng"
    save_cut(kept().cut([], SECOND), path)
    before = path.read_bytes()
    with pytest.raises(CaptureError, match="File exists"):
        save_cut(kept().cut(["192.0.2.99"], SECOND), path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_full_disk_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Cut, write: object, *_rest: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    cut = kept().cut([], SECOND)
    monkeypatch.setattr(Cut, "write_to", full)
    with pytest.raises(CaptureError, match=r"could not be kept: No space left .*; make room"):
        save_cut(cut, tmp_path / "prelude.pcapng")
    assert list(tmp_path.iterdir()) == []
