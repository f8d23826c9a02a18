"""The warden between its guards: killed, replaced, hostile, silent; and a firewall that fails."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import create_engine, text

from ringfence.flow import warden_frames as frames
from ringfence.flow.casebook import Casebook
from ringfence.flow.firewall import Firewall, new_measure
from ringfence.flow.remote_firewall import RemoteFirewall
from ringfence.flow.warden_socket import listening
from ringfence.model.case import CaseError, StoreError
from ringfence.model.measure import FirewallError, MeasureError
from ringfence.respond.nft import program
from ringfence.respond.nft.firewall import Nftables
from ringfence.respond.nft.program import Program
from tests.flow.walls import Recorder, served

HOUR = timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "firewall.sock"


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def wall(path: Path, lines: list[str]) -> Iterator[Recorder]:
    wall = Recorder()
    with listening(path) as listener, served(listener, wall, lines):
        yield wall


def connected(path: Path) -> socket.socket:
    asking = socket.socket(socket.AF_UNIX)
    asking.settimeout(10)
    asking.connect(str(path))
    return asking


def heard(asking: socket.socket) -> frames.Answer:
    whole = frames.Frames()
    while not (found := whole.take(asking.recv(65_536))):
        pass
    return frames.answer_of(found[0])


def events(lines: list[str]) -> list[str]:
    return [json.loads(line)["event"] for line in lines]


def test_newer_guard_replaces_one_that_hangs(path: Path, wall: Recorder, lines: list[str]) -> None:
    with connected(path) as older, connected(path) as newer:
        newer.sendall(frames.frame(frames.Slowed()))
        assert bytes(heard(newer).value) == b'{"strangers":7}'
        assert older.recv(1) == b""
    assert events(lines)[:3] == ["guard_connected", "guard_replaced", "guard_connected"]


def test_half_a_question_keeps_nobody_waiting(path: Path, wall: Recorder) -> None:
    with connected(path) as older:
        older.sendall(frames.frame(frames.Slowed())[:-1])
        with connected(path) as newer:
            newer.sendall(frames.frame(frames.Slowed()))
            assert heard(newer).trouble is None
    assert wall.asked == [("slowed",)]


@pytest.mark.parametrize(
    "octets",
    [b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x00", b"\x00\x00\x00\x09[[[[[[[[[",
     b'\x00\x00\x00\x0f{"do":"remove"}'],
)  # fmt: skip
def test_what_is_no_question_is_answered_so(path: Path, wall: Recorder, octets: bytes) -> None:
    with connected(path) as asking:
        asking.sendall(octets)
        trouble = heard(asking).trouble
        assert trouble is not None
        assert (trouble.kind, trouble.text[:14]) == ("MeasureError", "not understood")
        asking.sendall(frames.frame(frames.Slowed()))
        assert heard(asking).trouble is None


def test_who_would_fill_our_memory_is_left(path: Path, wall: Recorder, lines: list[str]) -> None:
    with connected(path) as asking:
        asking.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert asking.recv(1) == b""
    with RemoteFirewall(path) as guard:
        assert guard.slowed() == {"strangers": 7}
    assert "guard_dropped" in events(lines)


def test_guard_that_takes_no_answer_is_left(path: Path, wall: Recorder, lines: list[str]) -> None:
    with connected(path) as asking, connected(path) as next_one:
        asking.close()
        next_one.sendall(frames.frame(frames.Slowed()) * 3)
        next_one.shutdown(socket.SHUT_RD)
        with RemoteFirewall(path) as guard:
            assert guard.slowed() == {"strangers": 7}
    assert len(wall.asked) == 4  # what was asked is done all the same


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FirewallError("the sets are full"), FirewallError),
        (StoreError("the disk is full"), StoreError),
        (MeasureError("no"), MeasureError),
        (CaseError("no such case"), CaseError),
        (ZeroDivisionError("a fault of ours"), FirewallError),
        (KeyError("x"), FirewallError),
    ],
)
def test_question_that_fails_ends_nothing(
    path: Path, wall: Recorder, error: Exception, kind: type[Exception]
) -> None:
    with RemoteFirewall(path) as guard:
        wall.error = error
        with pytest.raises(kind) as raised:
            guard.restore()
        assert str(error.args[0]) in str(raised.value)
        wall.error = None
        assert guard.restore() == []


def test_connection_that_was_handed_over_is_served_to_its_end(lines: list[str]) -> None:
    ours, theirs = socket.socketpair()
    wall = Recorder()
    with ours, theirs, served(theirs, wall, lines):
        ours.settimeout(10)
        ours.sendall(frames.frame(frames.Slowed()))
        assert heard(ours).trouble is None
        ours.close()
    assert events(lines) == ["guard_connected", "guard_gone"]


def test_warden_that_is_told_to_end_finishes_what_it_does(path: Path) -> None:
    wall = Recorder()
    wall.gate = Event()
    with listening(path) as listener, connected(path) as asking:
        with served(listener, wall):
            asking.sendall(frames.frame(frames.Slowed()))
            wall.gate.set()
            assert heard(asking).trouble is None
        assert asking.recv(1) == b""


# ------------------------------------------------- nft itself


@pytest.fixture
def nft(tmp_path: Path) -> Path:
    """A program that stands where nft does."""
    return tmp_path / "nft"


def write(nft: Path, script: str) -> None:
    nft.write_text(f"#!/bin/sh\n{script}\n")
    nft.chmod(nft.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def guard(nft: Path, path: Path, tmp_path: Path) -> Iterator[RemoteFirewall]:
    with Casebook(str(tmp_path / "cases.db")) as book:
        wall = Firewall(book, Nftables(Program((str(nft),)), lambda _: True), {}, tmp_path)
        with listening(path) as listener, served(listener, wall), RemoteFirewall(path) as guard:
            yield guard


_REFUSES = "echo 'Error: Could not process rule: Operation not permitted' >&2; exit 1"
_WORKS = """
case "$*" in *list*) echo 'Error: No such file or directory' >&2; exit 1;; esac
cat >> "$(dirname "$0")/loaded"
"""


@pytest.mark.parametrize(
    ("script", "says"),
    [(None, "sudo apt install nftables"), (_REFUSES, "needs root"), ("kill -9 $$", "no reason")],
)
def test_nft_that_fails_is_said_and_tried_again(
    nft: Path, guard: RemoteFirewall, tmp_path: Path, script: str | None, says: str
) -> None:
    if script is not None:
        write(nft, script)
    made = new_measure("203.0.113.66", "x", HOUR, datetime.now(UTC))
    for _ in range(2):
        with pytest.raises(FirewallError, match=says):
            guard.apply([made])
    write(nft, _WORKS)
    done, withheld = guard.apply([made])
    assert ([one.id for one in done], withheld) == ([made.id], [])
    assert made.id in (tmp_path / "loaded").read_text()


def test_nft_that_hangs_is_given_up_and_tried_again(
    nft: Path, guard: RemoteFirewall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "TIMEOUT_S", 0.2)
    write(nft, "exec sleep 60")
    made = new_measure("203.0.113.66", "x", HOUR, datetime.now(UTC))
    with pytest.raises(FirewallError, match="nft did not answer"):
        guard.apply([made])
    write(nft, _WORKS)
    assert guard.apply([made])[1] == []


_FULL = """
CREATE TRIGGER full BEFORE INSERT ON measures
BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END
"""


def test_block_that_the_store_has_no_room_for_is_in_force_and_kept_later(
    nft: Path, guard: RemoteFirewall, tmp_path: Path
) -> None:
    write(nft, _WORKS)
    guard.stand()
    store = tmp_path / "cases.db"
    made = new_measure("203.0.113.66", "x", HOUR, datetime.now(UTC))
    engine = create_engine(f"sqlite:///{store}")
    with engine.connect() as other:  # what a full disk does: nothing can be written
        other.execute(text(_FULL))
        other.commit()
        with pytest.raises(StoreError, match="the disk is full"):
            guard.apply([made])
        assert made.id in (tmp_path / "loaded").read_text()
        other.execute(text("DROP TRIGGER full"))
        other.commit()
    engine.dispose()
    assert guard.apply([made])[1] == []
    assert [one.measure.id for one in guard.look()] == [made.id]
