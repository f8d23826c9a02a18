"""The store and the disk, as the doctor sees them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ringfence.flow.doctor.store import check_store
from ringfence.flow.machine import Machine
from tests.flow.machines import machine, said

STORE = "/var/lib/ringfence/cases.db"


class Full(Machine):
    """A machine whose disk has so much room."""

    free: int | None = None

    def free_octets(self, _: str) -> int | None:
        return self.free


def user(uid: int) -> dict[str, str]:
    return {"/etc/passwd": f"ringfence:x:{uid}:{uid}::/:/bin/false\n"}


def test_store_of_the_guard(tmp_path: Path) -> None:
    one = machine(tmp_path, {STORE: "", **user(os.getuid())})
    assert said(check_store(one, STORE, is_installed=True))[0] == (
        f"ok store: {STORE} belongs to the guard"
    )


def test_store_that_somebody_else_made(tmp_path: Path) -> None:
    """As root's `ringfence case list` would, before the guard ever ran."""
    one = machine(tmp_path, {STORE: "", **user(os.getuid() + 1)})
    found = next(check_store(one, STORE, is_installed=True))
    assert (found.state, found.do) == ("fail", "sudo chown ringfence: /var/lib/ringfence")


def test_log_beside_the_store_that_the_guard_cannot_write(tmp_path: Path) -> None:
    one = machine(tmp_path, {STORE: "", f"{STORE}-wal": "", **user(os.getuid())})
    (tmp_path / f"{STORE}-wal".lstrip("/")).chmod(0o400)
    assert said(check_store(one, STORE, is_installed=True))[0] == (
        f"fail store: {STORE}-wal does not belong to the guard"
    )


def test_folder_that_is_gone(tmp_path: Path) -> None:
    assert said(check_store(machine(tmp_path), STORE, is_installed=True))[0] == (
        "fail store: /var/lib/ringfence is not there"
    )


def test_store_of_a_user_is_made_with_the_first_case(tmp_path: Path) -> None:
    found = said(check_store(machine(tmp_path), "/home/me/cases.db", is_installed=False))
    assert found[0] == "ok store: /home/me/cases.db is made with the first case"
    one = machine(tmp_path, {"/home/me/cases.db": ""})
    assert said(check_store(one, "/home/me/cases.db", is_installed=False))[0] == (
        "ok store: /home/me/cases.db can be written"
    )


def test_store_that_is_a_server(tmp_path: Path) -> None:
    where = "postgresql+psycopg://me:secret@db/cases"
    found = said(check_store(machine(tmp_path), where, is_installed=True))
    assert found == ["ok store: the store is a database server"]


@pytest.mark.parametrize(
    ("free", "state"), [(100 << 30, "ok"), (1 << 30, "warn"), (100 << 20, "fail")]
)
def test_room_on_the_disk(tmp_path: Path, free: int, state: str) -> None:
    machine(tmp_path, {STORE: ""})
    full = Full(tmp_path)
    full.free = free
    assert list(check_store(full, STORE, is_installed=True))[-1].state == state
