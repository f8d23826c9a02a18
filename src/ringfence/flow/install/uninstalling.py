"""The guard taken away: what `install` made, and nothing else. Cases stay until purged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ringfence.flow.install.installing import SYSTEM, USER
from ringfence.flow.install.record import (
    RECORD,
    InstallError,
    Record,
    read_record,
    write_record,
)
from ringfence.flow.install.units import LOCKDOWN, LOCKDOWN_TIMER, UNITS
from ringfence.flow.machine import Machine
from ringfence.flow.places import MACHINE

if TYPE_CHECKING:
    from ringfence.flow.lockdown import Lockdown
    from ringfence.flow.remote import RemoteAccess

Clear = Callable[[str], str]  # the store in, what became of the blocks out


def clear_firewall(store: str) -> str:
    """Nothing of ours is left in the firewall, and the store knows; says what became of it."""
    from ringfence.flow.casebook import Casebook, CaseError, StoreError
    from ringfence.flow.firewall import Firewall, FirewallError, MeasureError, Nftables

    try:
        with Casebook(store) as book:
            ended = Firewall(book).remove("uninstalled")
    except (CaseError, StoreError, MeasureError, OSError) as error:
        try:
            Nftables().remove()
        except FirewallError as second:
            return f"firewall: NOT cleared: {second}"
        return f"firewall: our tables are gone; the store was not told: {error}"
    except FirewallError as error:
        return f"firewall: NOT cleared: {error}"
    return f"firewall: our tables are gone, {len(ended):,} measures ended"


def open_lockdown(lockdown: Lockdown | None = None) -> str:
    """The ports of SIP are open again; says what became of it."""
    from ringfence.flow.lockdown import FirewallError, LockdownError
    from ringfence.flow.lockdown import Lockdown as Ours

    try:
        was_closed = (lockdown or Ours()).off()
    except (FirewallError, LockdownError) as error:
        return f"lockdown: NOT opened: {error}"
    return f"lockdown: {'open again' if was_closed else 'nothing was closed'}"


def end_tunnel(access: RemoteAccess | None = None, *, purge: bool) -> str:
    """The tunnel is taken down before its keys go; without `purge` it stays: "" where is none."""
    from ringfence.flow.remote import RemoteAccess as Ours
    from ringfence.model.remote import RemoteError

    ours = access or Ours()
    try:
        if not ours.has_begun():
            return ""
        if not purge:
            return "tunnel: stays, with its users; `ringfence remote down --purge` takes it away"
        ours.down(purge=True)
    except RemoteError as error:
        return f"tunnel: NOT taken down: {error}"
    return "tunnel: down; keys and peers are gone"


def uninstall(
    machine: Machine,
    say: Callable[[str], object],
    *,
    purge: bool = False,
    is_packaged: bool = False,
    clear: Clear = clear_firewall,
    opened: Callable[[], str] = open_lockdown,
    ended: Callable[[bool], str] = lambda purge: end_tunnel(purge=purge),
) -> None:
    """Take it away; with `purge` cases, settings and user as well. Raises InstallError.

    A package keeps settings and state until it is purged, and brings its own units.
    """
    record = read_record(machine)
    if record is None:
        say("nothing of `ringfence install` is on this machine")
        return
    try:
        _stop(machine, say)
        if machine.may_run:
            say(clear(str(MACHINE.store)))
            say(opened())
            if says := ended(purge):
                say(says)
        _files(machine, record, say, purge=purge, is_packaged=is_packaged)
        shutil.rmtree(machine.path(str(MACHINE.runtime)), ignore_errors=True)
        if machine.is_running:
            machine.run(["systemctl", "daemon-reload"], "")
        if purge:
            _purge(machine, record, say)
        else:
            _folders(machine, record)
            _left(machine, record, say, is_packaged=is_packaged)
    except OSError as error:
        raise InstallError(f"{error.filename or RECORD}: {error.strerror or error}") from error


def _stop(machine: Machine, say: Callable[[str], object]) -> None:
    if not machine.is_running:
        return
    names = [name.removesuffix(".service") for name in reversed(UNITS)]
    names += [LOCKDOWN_TIMER, LOCKDOWN.removesuffix(".service")]
    ran = machine.run(["systemctl", "disable", "--now", *names], "")
    say(f"{', '.join(names)}: stopped" if ran.code == 0 else f"systemctl: {ran.error}")


def _files(
    machine: Machine,
    record: Record,
    say: Callable[[str], object],
    *,
    purge: bool,
    is_packaged: bool,
) -> None:
    for name in list(record.files):
        is_settings = name == str(MACHINE.settings)
        if is_settings and is_packaged and not purge:
            continue
        if not machine.has(name):
            del record.files[name]
        elif purge or record.is_as_written(machine, name) or not is_settings:
            machine.path(name).unlink()
            del record.files[name]
            say(f"{name}: gone")
        else:
            say(f"{name}: is yours by now, and stays")


def _folders(machine: Machine, record: Record) -> None:
    """Those that we made and that are empty now."""
    for name in sorted(record.folders, key=len, reverse=True):
        with suppress(OSError):
            machine.path(name).rmdir()
        if not machine.has(name):
            record.folders.remove(name)


def _left(
    machine: Machine, record: Record, say: Callable[[str], object], *, is_packaged: bool
) -> None:
    """What stays is still on the list, so that it can be purged later."""
    data = str(MACHINE.data)
    if machine.has(data):
        write_record(machine, record)
        purge = "apt purge ringfence" if is_packaged else "ringfence uninstall --purge"
        say(f"{data}: stays, with the cases, and so does the user {USER}, who owns them; "
            f"{purge} takes all of it away")  # fmt: skip
    else:
        machine.path(RECORD).unlink(missing_ok=True)
        _folders(machine, record)


def _purge(machine: Machine, record: Record, say: Callable[[str], object]) -> None:
    for folder in (str(MACHINE.data), str(MACHINE.settings.parent)):
        if machine.has(folder):
            shutil.rmtree(machine.path(folder))
            say(f"{folder}: gone, with all that was in it")
    for name in sorted(record.folders, key=len, reverse=True):
        if name.startswith(f"{SYSTEM}/"):
            with suppress(OSError):
                machine.path(name).rmdir()
    if record.made_user and machine.user(USER) is not None:
        ran = machine.run(["userdel", USER], "")
        say(f"user {USER}: gone" if ran.code == 0 else f"userdel: {ran.error}")
