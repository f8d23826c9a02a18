"""Who was let in, by packets: phones, carriers that we register at, callers."""

from __future__ import annotations

from pathlib import Path

from ringfence.flow.investigation import read_messages
from ringfence.model.lockdown import CALLER, PEER, TRUNK, USER
from ringfence.remote import seen as module
from ringfence.remote.seen import MAX_ACCOUNTS, Sightings
from tests.conversations.script import read_scene

CAST = """
pbx 192.0.2.10
ann 198.51.100.9:30001
eve 203.0.113.66
carrier 203.0.113.5
peer 203.0.113.6
"""


def sightings(folder: Path, scene: str, ours: tuple[str, ...] = ("192.0.2.10",)) -> Sightings:
    path = folder / "scene.pcap"
    path.write_bytes(read_scene(CAST + scene).capture())
    found = Sightings(ours)
    for _, _, table in read_messages([str(path)]):
        found.take(table)
    return found


def roles(found: Sightings) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.address, one.role, one.accounts) for one in found.all()]


def test_phone_that_was_let_in_is_seen_and_one_that_was_refused_is_not(tmp_path: Path) -> None:
    found = sightings(
        tmp_path,
        "ann REGISTER 201 > 401 auth 200\neve REGISTER 202 > 401 auth 401\neve OPTIONS 1 > 200\n",
    )
    assert roles(found) == [("198.51.100.9", USER, ("201",))]
    (ann,) = found.all()
    assert ann.first[:10] == ann.last[:10] == "2026-10-05"
    assert ann.source == "capture"


def test_carrier_that_we_register_at_and_host_that_we_call_are_told_apart(tmp_path: Path) -> None:
    found = sightings(
        tmp_path,
        "pbx REGISTER trunk to=carrier > 401 auth 200\n"
        "pbx INVITE 5551234 to=peer > 180 200 bye=5\n",
    )
    assert [(a, r) for a, r, _ in roles(found)] == [
        ("203.0.113.5", TRUNK), ("203.0.113.6", PEER),
    ]  # fmt: skip


def test_call_that_was_put_through_names_a_caller(tmp_path: Path) -> None:
    found = sightings(tmp_path, "carrier INVITE 201 > 180 200 bye=5\n")
    assert [(a, r) for a, r, _ in roles(found)] == [("203.0.113.5", CALLER)]


def test_without_a_server_of_ours_nobody_is_seen(tmp_path: Path) -> None:
    assert roles(sightings(tmp_path, "ann REGISTER 201 > 401 auth 200\n", ours=())) == []


def test_accounts_and_addresses_are_bounded() -> None:
    found = Sightings()
    for number in range(MAX_ACCOUNTS + 9):
        found.note("192.0.2.1", USER, f"{number}", number + 1, "log")
    (one,) = found.all()
    assert (len(one.accounts), one.times) == (MAX_ACCOUNTS, MAX_ACCOUNTS + 9)
    for number in range(module.MAX_SEEN + 5):
        found.note(f"2001:db8::{number:x}", USER, "1", 1, "log")
    assert (len(found.all()), found.left_out) == (module.MAX_SEEN, 6)
