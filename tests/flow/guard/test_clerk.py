"""Cases of the guard: what was kept is on the disk at the verdict, and is investigated once."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

import pytest

from ringfence.evidence.rolling import SECOND, RollingBuffer
from ringfence.flow.casebook import Casebook
from ringfence.flow.guard import clerk as clerks
from ringfence.flow.guard.clerk import CAPTURES, Clerk, Filed
from ringfence.sources.capture_file import CaptureFile
from ringfence.wire.decoder import Decoder
from ringfence.wire.records import PacketKeeper, packets_of
from tests.conversations.script import read_scene
from tests.flow.guard.agent import CAST, EVE, GUESSES, TWO, Pause, wanted
from tests.respond.block.wire import needs
from tests.wire_cases.reading import tables

NOW = 1000 * SECOND


class Desk:
    """A clerk, and what he keeps."""

    def __init__(self, folder: Path) -> None:
        self.asked = wanted(folder)
        self.buffer = RollingBuffer(1, 1024 * 1024, 60, 1)
        self.trouble: list[str] = []
        self.captures = folder / "cases" / CAPTURES

    def clerk(self) -> Clerk:
        return Clerk(self.asked, self.buffer, self.trouble.append)

    def hear(self, scene: str = GUESSES, now_ns: int = NOW) -> None:
        decoder = Decoder(64)
        for table in tables(decoder, read_scene(CAST + scene).capture()):
            self.buffer.take(decoder, table, now_ns)

    def names(self) -> list[str]:
        found = self.captures.glob("*") if self.captures.is_dir() else ()
        return sorted(path.name.rpartition("-")[2] for path in found)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        Pause().wait()


@contextmanager
def small_disk(at: Path, octets: int) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={octets}", "none", str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def has_filed(clerk: Clerk, filed: list[Filed]) -> bool:
    filed += clerk.results()
    return bool(filed)


def test_verdict_becomes_a_case_with_what_came_before_it(desk: Desk) -> None:
    desk.hear()
    clerk = desk.clerk()
    clerk.verdict("k", EVE, NOW, loud=False)
    until(lambda: desk.names() == ["before.pcapng"], 10)
    desk.hear("eve REGISTER 201 > 401\n", NOW + SECOND // 2)
    clerk.tick(NOW + SECOND // 2)  # too early
    clerk.tick(NOW + SECOND)
    filed: list[Filed] = []
    until(lambda: has_filed(clerk, filed))
    clerk.close(60)
    assert {"after.pcapng", "before.pcapng"} < set(desk.names())
    assert filed[0].addresses == (EVE,)
    assert (Path(filed[0].folder) / "report.html").is_file()
    with Casebook(desk.asked.store) as book:
        assert [case.id for case in book.cases()] == [filed[0].case_id]
    assert desk.trouble == [""]


def test_guard_that_was_killed_leaves_the_next_one_its_case(desk: Desk) -> None:
    desk.hear()
    killed = desk.clerk()
    killed.verdict("k", EVE, NOW, loud=False)
    until(lambda: desk.names() == ["before.pcapng"], 10)
    following = desk.clerk()
    assert following.recover() == 1
    filed: list[Filed] = []
    until(lambda: has_filed(following, filed))
    assert filed[0].addresses == (EVE,)
    assert following.recover() == 0
    following.close(10)


def test_case_of_packets_that_came_after_the_verdict_only_is_recovered_as_well(desk: Desk) -> None:
    killed = desk.clerk()
    killed.verdict("k", EVE, NOW, loud=False)
    desk.hear(now_ns=NOW + SECOND // 2)
    killed._command = ("false",)  # what was begun when it was killed
    killed.tick(NOW + SECOND)
    until(lambda: "try `ringfence investigate" in desk.trouble[-1] if desk.trouble else False, 10)
    assert desk.names() == ["after.pcapng"]
    following = desk.clerk()
    assert following.recover() == 1
    filed: list[Filed] = []
    until(lambda: has_filed(following, filed))
    assert filed[0].addresses == (EVE,)
    following.close(10)


def test_verdicts_of_one_minute_are_one_case_and_of_one_attack_seldom_another(desk: Desk) -> None:
    desk.hear()
    clerk = desk.clerk()
    clerk.verdict("k", EVE, NOW, loud=False)
    clerk.verdict("other", TWO, NOW + 1, loud=False)
    clerk.tick(NOW + SECOND)
    clerk.verdict("k", EVE, NOW + 2 * SECOND, loud=False)
    assert clerk.left_out == 1
    clerk.verdict("k", EVE, NOW + 3 * SECOND, loud=True)  # he got in
    assert clerk.left_out == 1
    clerk.close(60)
    assert sum(name.endswith("json") for name in desk.names()) <= 2


def test_attack_that_made_no_case_may_make_one_at_its_next_verdict(desk: Desk) -> None:
    """He was slowed down, and only suspect by what was kept; a minute later he is blocked."""
    desk.hear("eve REGISTER 201 > 401 auth=1 401\n")
    clerk = desk.clerk()
    clerk.verdict("k", EVE, NOW, loud=False)
    clerk.tick(NOW + SECOND)
    filed: list[Filed] = []
    until(lambda: has_filed(clerk, filed))
    assert filed.pop().case_id == ""
    desk.hear(now_ns=NOW + 2 * SECOND)
    clerk.verdict("k", EVE, NOW + 3 * SECOND, loud=False)
    assert clerk.left_out == 0
    clerk.tick(NOW + 4 * SECOND)
    until(lambda: has_filed(clerk, filed))
    assert filed[0].addresses == (EVE,)
    clerk.verdict("k", EVE, NOW + 5 * SECOND, loud=False)
    assert clerk.left_out == 1
    clerk.close(60)


def test_who_knocks_in_vain_after_his_block_is_no_less_of_an_attacker(desk: Desk) -> None:
    """What he does in vain makes his guesses look slow, and would take him below the threshold."""
    desk.hear("eve REGISTER 201 every=0.3 times=14 > 401 auth=1 401\n")
    clerk = desk.clerk()
    clerk.verdict("k", EVE, NOW, loud=False)
    desk.hear("at 0:10\neve REGISTER 201 every=0.3 times=300 > \n", NOW + SECOND // 2)
    clerk.tick(NOW + SECOND)
    filed: list[Filed] = []
    until(lambda: has_filed(clerk, filed))
    assert filed[0].addresses == (EVE,)
    assert len([name for name in desk.names() if name.endswith("pcapng")]) == 2
    clerk.close(60)


def test_crowd_of_attacks_makes_no_crowd_of_cases(desk: Desk) -> None:
    clerk = desk.clerk()
    for number in range(40):
        now_ns = NOW + number * 2 * SECOND
        clerk.verdict(f"k{number}", EVE, now_ns, loud=False)
        clerk.tick(now_ns + SECOND)
    assert clerk.left_out == 40 - clerks.MAX_AN_HOUR
    clerk.close(60)


def test_of_a_busy_line_only_what_the_accused_sent_and_got_is_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hear("ann REGISTER 202 times=20 > 401 auth 200\n" + GUESSES)
    whole = len(desk.buffer.cut((), NOW))
    monkeypatch.setattr(clerks, "MAX_WHOLE", whole - 1)
    clerk = desk.clerk()
    clerk.servers = (ip_address("192.0.2.10"),)
    clerk.verdict("k", EVE, NOW, loud=False)
    clerk.close(60)
    (before,) = desk.captures.glob("*-before.pcapng")
    parties = {str(ip_address(packet[26:30])) for packet in _octets(before)}
    assert parties == {EVE, "192.0.2.10"}
    (filed,) = clerk.results()
    assert filed.addresses == (EVE,)


def _octets(path: Path) -> list[bytes]:
    """Packets of a pcapng file, as Ethernet frames."""
    capture = CaptureFile(str(path))
    capture.decoder.keeper = PacketKeeper()
    return [
        record.octets
        for table in capture.tables()
        for records in packets_of(capture.decoder, table, range(len(table)))
        for record in records or ()
    ]


def test_full_disk_is_told_and_ends_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    desk.hear()
    clerk = desk.clerk()
    clerk.verdict("k", EVE, NOW, loud=False)
    until(lambda: bool(desk.trouble), 10)
    assert "1 MB are free" in desk.trouble[0]
    assert "make room" in desk.trouble[0]
    assert clerk.is_alive
    clerk.close(10)
    assert desk.names() == []


def test_full_disk_is_told_before_it_is_needed_and_no_longer_when_it_is_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerks, "_ROOM_EVERY_S", 0.0)
    free = [1_000_000]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free[0]))
    clerk = desk.clerk()
    clerk.tick(NOW)
    until(lambda: any("make room" in said for said in desk.trouble), 10)
    free[0] = 2 * clerks.LEAST_FREE
    clerk.tick(NOW)
    until(lambda: desk.trouble[-1] == "", 10)
    clerk.close(10)


@needs("mount", "umount")
def test_disk_that_fills_while_it_is_written_leaves_no_half_capture(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system of twenty kilobytes: what is free is asked before, and others write as well."""
    monkeypatch.setattr(clerks, "LEAST_FREE", 0)
    desk.captures.parent.mkdir()
    with small_disk(desk.captures.parent, octets=20_480):
        desk.hear("eve REGISTER 201 every=0.01 times=100 > 401\n")
        clerk = desk.clerk()
        clerk.verdict("k", EVE, NOW, loud=False)
        until(lambda: bool(desk.trouble), 10)
        assert "No space left on device" in desk.trouble[0]
        clerk.tick(NOW + SECOND)
        clerk.close(60)
        assert desk.names() == []


def test_investigation_that_fails_keeps_the_packets_and_says_what_to_do(desk: Desk) -> None:
    desk.hear()
    clerk = Clerk(desk.asked, desk.buffer, desk.trouble.append, ("false",))
    clerk.verdict("k", EVE, NOW, loud=False)
    clerk.close(30)
    assert "try `ringfence investigate" in desk.trouble[-1]
    assert "before.pcapng" in desk.names()


def test_nobody_accused_is_no_case(desk: Desk) -> None:
    desk.hear("ann REGISTER 202 > 401 auth 200\n")
    clerk = desk.clerk()
    clerk.verdict("k", EVE, NOW, loud=False)
    clerk.close(60)
    (filed,) = clerk.results()
    assert (filed.case_id, filed.addresses, filed.folder) == ("", (), "")
    assert not list((Path(desk.asked.folder)).glob("ringfence-RF-*"))
