"""Whether cases can be kept: the store, who may write it, and room on the disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ringfence.flow.machine import Machine
from ringfence.model.finding import FAIL, OK, WARN, Finding

_GUARD = "ringfence"
# A case of a flood is some 100 MiB; a guard that cannot write loses evidence, not blocks.
_SCARCE, _NONE = 2 << 30, 200 << 20


def check_store(machine: Machine, store: str, *, is_installed: bool) -> Iterator[Finding]:
    """A file's folder; a server's address is for the guard to try."""
    if "://" in store:
        yield Finding("store", OK, "the store is a database server",
                      "ringfence case list tries it")  # fmt: skip
        return
    folder = store.rpartition("/")[0]
    yield _writable(machine, store, folder, is_installed)
    free = machine.free_octets(folder)
    if free is not None:
        yield _room(free, folder)


def _writable(machine: Machine, store: str, folder: str, is_installed: bool) -> Finding:
    if not machine.has(folder):
        if not is_installed:
            return Finding("store", OK, f"{store} is made with the first case")
        return Finding("store", FAIL, f"{folder} is not there", "sudo ringfence install")
    if not is_installed:
        if os.access(machine.path(store if machine.has(store) else folder), os.W_OK):
            return Finding("store", OK, f"{store} can be written")
        return Finding("store", FAIL, f"{store} cannot be written", "check its owner and mode")
    for name in (folder, store, f"{store}-wal", f"{store}-shm"):
        status, user = machine.status(name), machine.user(_GUARD)
        if status and (status.st_uid != user or not status.st_mode & stat.S_IWUSR):
            return Finding("store", FAIL, f"{name} does not belong to the guard",
                           f"sudo chown {_GUARD}: {name}")  # fmt: skip
    return Finding("store", OK, f"{store} belongs to the guard")


def _room(free: int, folder: str) -> Finding:
    says = f"{free / (1 << 30):,.1f} GiB are free below {folder}"
    if free < _NONE:
        return Finding("disk", FAIL, says, "make room: evidence of the next attack has none")
    if free < _SCARCE:
        return Finding("disk", WARN, says, "make room before the next flood does not find any")
    return Finding("disk", OK, says)
