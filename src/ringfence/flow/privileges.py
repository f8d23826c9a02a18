"""Rights that a process gives up for ever, so that whoever takes it over has none of them.

How it works: the capabilities that are not kept leave all sets of this process, and the
bounding set, from which programs that it starts could draw new ones; and no program that
it starts gains any (PR_SET_NO_NEW_PRIVS). Capabilities belong to threads, so this comes before
other threads do; it is looked at afterwards, and raises where one of them has more.
Source: capabilities(7), prctl(2), capset(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable
from pathlib import Path

CAP_DAC_READ_SEARCH = 2
CAP_NET_ADMIN = 12
CAP_NET_RAW = 13
# What listens to interfaces and reads logs needs.
LISTENING = (CAP_NET_RAW, CAP_DAC_READ_SEARCH)

_PR_CAPBSET_READ, _PR_CAPBSET_DROP = 23, 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_VERSION_3 = 0x20080522
_LAST_CAP = Path("/proc/sys/kernel/cap_last_cap")
_DEFAULT_LAST = 63
_SETS = ("CapInh", "CapPrm", "CapEff", "CapAmb")


class PrivilegeError(Exception):
    """Rights could not be given up: says which."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def drop_privileges(keep: Iterable[int] = LISTENING) -> None:
    """Keep these capabilities, of those that this process has, and no other. Raises PrivilegeError.

    Comes before other threads (numpy begins some when it is loaded): theirs cannot be taken.
    """
    kept = sum(1 << one for one in set(keep))
    libc = ctypes.CDLL(None, use_errno=True)
    _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1)
    _prctl(libc, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    for one in range(_last() + 1):
        if not kept >> one & 1 and libc.prctl(_PR_CAPBSET_READ, one, 0, 0, 0) == 1:
            # Who has no CAP_SETPCAP may not, and needs not: he gains nothing any more.
            _prctl(libc, _PR_CAPBSET_DROP, one, may_fail=errno.EPERM)
    had = held()["CapPrm"]
    low, high = kept & had & 0xFFFFFFFF, (kept & had) >> 32
    sets = (_Data * 2)(_Data(low, low, 0), _Data(high, high, 0))
    if libc.capset(ctypes.byref(_Header(_VERSION_3, 0)), sets):
        raise PrivilegeError(f"capset: {os.strerror(ctypes.get_errno())}")
    _check(kept)


def held(task: str = "self") -> dict[str, int]:
    """The sets of capabilities of a process or thread, by their names in /proc."""
    lines = Path(f"/proc/{task}/status").read_text(encoding="ascii", errors="replace").splitlines()
    words = dict(line.partition(":")[::2] for line in lines)
    return {name: int(words.get(name, "0"), 16) for name in _SETS}


def _check(kept: int) -> None:
    """Threads that were there before have more."""
    for task in Path("/proc/self/task").iterdir():
        try:
            sets = held(f"self/task/{task.name}")
        except OSError:  # it has ended
            continue
        if any(one & ~kept for one in sets.values()):
            raise PrivilegeError(
                f"thread {task.name} keeps rights of root: they are given up before threads begin"
            )


def _prctl(libc: ctypes.CDLL, what: int, value: int, may_fail: int = 0) -> None:
    if libc.prctl(what, value, 0, 0, 0) and ctypes.get_errno() != may_fail:
        raise PrivilegeError(f"prctl {what}, {value}: {os.strerror(ctypes.get_errno())}")


def _last() -> int:
    try:
        return int(_LAST_CAP.read_text())
    except (OSError, ValueError):
        return _DEFAULT_LAST
