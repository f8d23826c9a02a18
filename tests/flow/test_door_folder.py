"""The door's files: nobody else reads them, and the token is in none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow.door_folder import MAX_JOURNAL, DoorFolder
from ringfence.model.door import DoorError, HostName, Invite, State


def test_all_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = DoorFolder(tmp_path / "door")
    with folder.held():
        secret = folder.secret()
        folder.keep(State())
        folder.note("opened", name="Anna")
    assert len(secret) == 32
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {one.name: one.stat().st_mode & 0o777 for one in folder.path.iterdir()} == {
        "secret": 0o600, "lock": 0o600, "state.json": 0o600, "journal.jsonl": 0o600,
    }  # fmt: skip


def test_the_secret_stays_and_no_two_are_the_same(tmp_path: Path) -> None:
    one, other = DoorFolder(tmp_path / "a"), DoorFolder(tmp_path / "b")
    with one.held(), other.held():
        assert one.secret() == one.secret() != other.secret()


def test_a_secret_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    folder = DoorFolder(tmp_path)
    (tmp_path / "secret").write_bytes(bytes(32))
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(DoorError, match="read by others"):
        folder.secret()


@pytest.mark.parametrize("octets", [b"", b"x" * 31, b"x" * 33])
def test_a_secret_of_another_length_is_damaged(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "secret").write_bytes(octets)
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(DoorError, match="damaged"):
        DoorFolder(tmp_path).secret()


def test_a_link_laid_in_place_of_the_secret_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(bytes(32))
    (tmp_path / "elsewhere").chmod(0o600)
    (tmp_path / "secret").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DoorError):
        DoorFolder(tmp_path).secret()


def test_the_state_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = DoorFolder(tmp_path)
    state = State((Invite("00", "Anna", "201", 60, 1, 9.0),), (), (HostName("a.example", "B"),))
    folder.keep(state)
    assert folder.state() == state


def test_a_damaged_state_is_said_and_not_taken_for_none(tmp_path: Path) -> None:
    folder = DoorFolder(tmp_path)
    folder.keep(State())
    (tmp_path / "state.json").write_bytes(b'{"invites": 1}')
    with pytest.raises(DoorError, match="damaged"):
        folder.state()


def test_the_journal_does_not_fill_the_disk(tmp_path: Path) -> None:
    folder = DoorFolder(tmp_path)
    folder.note("first")
    with folder.journal.open("ab") as file:
        file.truncate(MAX_JOURNAL)
    folder.note("second")
    folder.note("third")
    assert folder.journal.read_text().count("\n") == 1
    assert (tmp_path / "journal.jsonl.1").exists()
