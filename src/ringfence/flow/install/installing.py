"""The guard put on this machine: user, folders, settings, units; twice is once.

How it works: each step looks whether it is done already, says what it does, does it, and is
written down (`record.py`). Below another root than / nothing is started and no user is made:
that is for packages and for looking at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ringfence.flow.doctor.phone_systems import log_groups, pbx_logs
from ringfence.flow.install.first_settings import first_settings, found_here
from ringfence.flow.install.record import (
    RECORD,
    InstallError,
    Record,
    read_record,
    sha256,
    write,
    write_record,
)
from ringfence.flow.install.units import (
    ALL_UNITS,
    DROP_IN,
    GUARD,
    LOCKDOWN,
    LOCKDOWN_TIMER,
    UNITS,
    machine_part,
    unit,
)
from ringfence.flow.machine import Machine
from ringfence.flow.places import MACHINE
from ringfence.flow.settings import load_settings
from ringfence.model.settings import SettingsError

USER = "ringfence"
SYSTEM = "/etc/systemd/system"
DROP_INS = f"{SYSTEM}/{GUARD}.d"
_USER_ADD = (
    "useradd", "--system", "--user-group", "--home-dir", str(MACHINE.data), "--no-create-home",
    "--shell", "/usr/sbin/nologin", "--comment", "Ringfence guard", USER,
)  # fmt: skip
# Of homes the units see nothing (ProtectHome).
_HOMES = ("/home", "/root", "/run/user")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    program: str  # the `ringfence` that the units start
    enforce: bool | None = None  # None: as it is; at first it only watches
    interfaces: tuple[str, ...] = ()
    is_packaged: bool = False  # a package brings the units
    needs: tuple[str, ...] = ()  # what the program is made of: interpreter, package
    dry_run: bool = False


def install(machine: Machine, wish: Wish, say: Callable[[str], object]) -> None:
    """All of it. Raises InstallError."""
    _Installing(machine, wish, say).all()


class _Installing:
    def __init__(self, machine: Machine, wish: Wish, say: Callable[[str], object]) -> None:
        self._machine, self._wish, self._say = machine, wish, say
        self._record = read_record(machine) or Record()
        self._changed = False  # of the units

    def all(self) -> None:
        """Step by step; each can be done again after one that failed."""
        _check_program(self._machine, self._wish)
        try:
            self._user()
            self._folders()
            self._store()
            self._settings()
            self._units()
            if not self._wish.dry_run:
                write_record(self._machine, self._record)
        except OSError as error:
            raise InstallError(f"{error.filename or RECORD}: {error.strerror or error}") from error
        self._start()

    def _did(self, says: str, do: Callable[[], object]) -> None:
        if self._wish.dry_run:
            self._say(f"would: {says}")
        else:
            do()
            self._say(says)

    # ---- user and folders ------------------------------------------------------

    def _user(self) -> None:
        if self._machine.user(USER) is not None:
            return
        if not self._machine.may_run:
            self._say(f"left out: the user {USER}; no program is run below {self._machine.root}")
            return

        def make() -> None:
            self._run(_USER_ADD)
            self._record.made_user = True

        self._did(f"user {USER}: made, without a login", make)

    def _folders(self) -> None:
        self._folder(str(MACHINE.settings.parent), 0o750, owner=0)
        self._folder(str(MACHINE.data), 0o750)
        self._folder(str(MACHINE.cases), 0o750)

    def _folder(self, name: str, mode: int, owner: int | None = None) -> None:
        status = self._machine.status(name)
        group = self._group()
        user = self._machine.user(USER) if owner is None else owner
        if group is None or user is None or not self._may_give:
            user = group = None
        if status is None:

            def make() -> None:
                self._machine.path(name).mkdir(parents=True, mode=0o700)
                self._record.folders.append(name)
                _own(self._machine.path(name), user, group, mode)

            self._did(f"{name}: made", make)
        elif not stat.S_ISDIR(status.st_mode):
            raise InstallError(f"{name}: is there, and is no folder")
        elif stat.S_IMODE(status.st_mode) != mode or (
            user is not None and (status.st_uid, status.st_gid) != (user, group)
        ):
            path = self._machine.path(name)
            self._did(f"{name}: owner and mode put right", lambda: _own(path, user, group, mode))

    def _store(self) -> None:
        """Made now, so that it is the guard's even where root opens it first."""
        name = str(MACHINE.store)
        user, group = self._machine.user(USER), self._group()
        path = self._machine.path(name)
        if not self._machine.has(name):

            def make() -> None:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                self._give(path, user, group)

            self._did(f"{name}: made", make)
        for one in (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))):
            with suppress(FileNotFoundError):
                if self._may_give and user is not None and one.lstat().st_uid != user:
                    says = f"{self._machine.name(one)}: given to {USER}"
                    self._did(says, lambda one=one: self._give(one, user, group))  # type: ignore[misc]

    @property
    def _may_give(self) -> bool:
        return os.geteuid() == 0

    def _group(self) -> int | None:
        return self._machine.group(USER)

    def _give(self, path: Path, user: int | None, group: int | None) -> None:
        if self._may_give and user is not None and group is not None:
            os.chown(path, user, group, follow_symlinks=False)

    # ---- settings ----------------------------------------------------------------

    def _settings(self) -> None:
        name = str(MACHINE.settings)
        if self._machine.has(name):
            self._say(f"{name}: is there, and stays as it is")
            if self._wish.interfaces:
                self._say(f"  so write yourself: interfaces = {list(self._wish.interfaces)}")
            return
        found = found_here(self._machine, self._wish.interfaces)
        text = first_settings(found)

        def make() -> None:
            group = self._group() if self._may_give else None
            write(self._machine, name, text, 0o640, group)
            self._record.files[name] = sha256(text)

        self._did(f"{name}: written", make)
        for field, value in found.items():
            self._say(f"  found: {field} = {'(not shown)' if field == 'mark' else value}")

    # ---- units -------------------------------------------------------------------

    def _units(self) -> None:
        if not self._wish.is_packaged:
            self._folder_of_units(SYSTEM)
            for name in ALL_UNITS:
                self._unit(f"{SYSTEM}/{name}", unit(name, self._wish.program))
        groups = log_groups(self._machine, pbx_logs(self._machine, self._named_logs()))
        drop_in = f"{DROP_INS}/{DROP_IN}"
        enforce = self._wish.enforce
        if enforce is None:
            enforce = "--enforce" in self._machine.text(drop_in)
        text = machine_part(self._wish.program, groups, enforce=enforce)
        if text:
            self._folder_of_units(DROP_INS)
            self._unit(drop_in, text)
        elif self._machine.has(drop_in):

            def remove() -> None:
                self._machine.path(drop_in).unlink()
                self._record.files.pop(drop_in, None)

            self._changed = True
            self._did(f"{drop_in}: taken away, as nothing is left in it", remove)
        self._enforces = enforce

    def _named_logs(self) -> Sequence[str]:
        """What the owner wrote into the settings since."""
        file = self._machine.path(str(MACHINE.settings))
        with suppress(SettingsError):
            return load_settings(str(file), {}).guard.logs
        return ()

    def _folder_of_units(self, name: str) -> None:
        if not self._machine.has(name):

            def make() -> None:
                self._machine.path(name).mkdir(parents=True, mode=0o755)
                if name != SYSTEM:  # that is systemd's
                    self._record.folders.append(name)

            self._did(f"{name}: made", make)

    def _unit(self, name: str, text: str) -> None:
        before = self._machine.text(name)
        if before == text:
            self._record.files[name] = sha256(text)
            return
        if before and not self._record.is_as_written(self._machine, name):
            self._say(f"{name}: was changed by hand, and stays as it is (take it away for ours)")
            return

        def make() -> None:
            write(self._machine, name, text, 0o644)
            self._record.files[name] = sha256(text)

        self._changed = True
        self._did(f"{name}: written", make)

    # ---- started -----------------------------------------------------------------

    def _start(self) -> None:
        if not self._machine.is_running:
            self._say("systemd does not rule here: nothing is started")
            return
        names = [name.removesuffix(".service") for name in UNITS]
        self._did("systemd has read its units", lambda: self._run(["systemctl", "daemon-reload"]))
        self._did(
            f"{', '.join(names)}: started, now and at each start of the machine",
            lambda: self._run(["systemctl", "enable", "--now", *names]),
        )
        self._did(
            "ringfence-lockdown: started; it closes nothing before `ringfence lockdown confirm`",
            lambda: self._run(["systemctl", "enable", "--now", LOCKDOWN, LOCKDOWN_TIMER]),
        )
        if self._changed or self._wish.is_packaged:
            # What ran before has the old units, or an old program.
            self._did("started anew", lambda: self._run(["systemctl", "restart", *names]))
        self._say(
            "it blocks now"
            if self._enforces
            else "it watches, and blocks nobody: when nobody of "
            "yours would be hit (ringfence guard --would-have): ringfence install --enforce"
        )
        self._say("how it stands: ringfence guard status; what is missing: ringfence doctor")

    def _run(self, command: Sequence[str]) -> None:
        ran = self._machine.run(command, "")
        if ran.code:
            says = ran.error or ran.out.strip() or f"exit status {ran.code}"
            raise InstallError(f"{' '.join(command)}: {says}")


def _own(path: Path, user: int | None, group: int | None, mode: int) -> None:
    """A folder's owner and mode; of the folder itself, whatever its name leads to by now."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if user is not None and group is not None:
            os.fchown(descriptor, user, group)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _check_program(machine: Machine, wish: Wish) -> None:
    """The guard's user has to be able to start it, from a place that its unit sees."""
    for name in (wish.program, *wish.needs):
        home = next((one for one in _HOMES if name.startswith(f"{one}/")), "")
        if home or not _everybody_passes(machine, name):
            raise InstallError(
                f"{name}: the guard's own user cannot reach it there; put ringfence where "
                "everybody can: python3 -m venv /opt/ringfence && /opt/ringfence/bin/pip install "
                "ringfence, then /opt/ringfence/bin/ringfence install"
            )


def _everybody_passes(machine: Machine, name: str) -> bool:
    path = machine.path(name)
    if not path.exists():
        return True  # of a root that is not this machine's: it comes to be there
    return all(one.stat().st_mode & stat.S_IXOTH for one in path.parents if one != machine.root)
