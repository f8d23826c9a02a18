"""Starts a command as systemd would start a unit, as far as that takes no systemd.

usage: sheltered.py UNIT COMMAND...

What of UNIT is done: its capabilities and no others, not even root's; no new rights; no memory
that can be written and run (PR_SET_MDWE); its system calls and address families, as systemd's
own lists name them (libseccomp). Folders and their modes are left as they are.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_PR_SET_MDWE, _REFUSE = 65, 1
_ALLOW, _REFUSE_CALL, _EQUAL = 0x7FFF0000, 0x00050000, 4
Unit = dict[str, list[str]]


class _Argument(ctypes.Structure):
    """`struct scmp_arg_cmp`: this argument has this value."""

    _fields_ = (
        ("place", ctypes.c_uint), ("how", ctypes.c_int),
        ("value", ctypes.c_uint64), ("unused", ctypes.c_uint64),
    )  # fmt: skip


def unit_of(text: str) -> Unit:
    """Its settings, each with its values in their order."""
    found: Unit = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def allowed_calls(unit: Unit) -> set[str]:
    """System calls that it may use: lists are added and taken away in their order."""
    sets = _sets()
    allowed = set(_flat("@default", sets))
    for value in unit["SystemCallFilter"]:
        named = {one for word in value.lstrip("~").split() for one in _flat(word, sets)}
        allowed = allowed - named if value.startswith("~") else allowed | named
    return allowed


def _sets() -> dict[str, list[str]]:
    """What systemd means by @system-service and the like."""
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = {}
    name = ""
    for line in told.stdout.splitlines():
        word = line.strip()
        if line.startswith("@"):
            name = word
            found[name] = []
        elif line.startswith(" ") and name and not word.startswith("#"):
            found[name].append(word)
    return found


def _flat(word: str, sets: dict[str, list[str]]) -> Iterator[str]:
    if word.startswith("@"):
        for one in sets[word]:
            yield from _flat(one, sets)
    else:
        yield word


def with_rights(unit: Unit, command: list[str]) -> list[str]:
    """The command with the unit's capabilities alone."""
    caps = ",".join(
        "+" + name.removeprefix("CAP_").lower() for name in unit["CapabilityBoundingSet"]
    )
    return [
        "setpriv", "--no-new-privs", f"--bounding-set=-all,{caps}", f"--inh-caps=-all,{caps}",
        f"--ambient-caps=-all,{caps}", "--securebits=+noroot,+noroot_locked", *command,
    ]  # fmt: skip


def shut_in(unit: Unit) -> None:
    """No memory that is written and run; no calls but the unit's."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_MDWE, _REFUSE, 0, 0, 0):
        sys.exit(f"PR_SET_MDWE: {os.strerror(ctypes.get_errno())}")
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(_REFUSE_CALL | errno.EPERM))
    for name in allowed_calls(unit) - {"socket"}:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            seccomp.seccomp_rule_add(context, ctypes.c_uint32(_ALLOW), number, 0)
    number = seccomp.seccomp_syscall_resolve_name(b"socket")
    for family in unit["RestrictAddressFamilies"][0].split():
        wanted = (_Argument * 1)(_Argument(0, _EQUAL, getattr(socket, family), 0))
        seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(_ALLOW), number, 1, wanted)
    if seccomp.seccomp_load(context):
        sys.exit("seccomp_load failed")


def main() -> None:
    """First the rights, which setpriv gives; then, started by it, the rest."""
    file, *command = sys.argv[1:]
    unit = unit_of(Path(file).read_text())
    if os.environ.pop("SHELTERED", ""):
        shut_in(unit)
        os.execvp(command[0], command)  # noqa: S606  no shell wanted
    os.environ["SHELTERED"] = "1"
    rights = with_rights(unit, [sys.executable, *sys.argv])
    os.execvp(rights[0], rights)  # noqa: S606  no shell wanted


if __name__ == "__main__":
    main()
