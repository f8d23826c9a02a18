"""Where settings, store, cases and what runs are: the user's own, or the installed machine's.

`ringfence install` makes one place for the whole machine (MACHINE). Whoever may use it, root
and the guard, is there without naming anything, so that `sudo ringfence case list` shows the
guard's cases; anybody else on the machine has his own. What a variable of the environment
names goes before both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_data_path

NAME = "ringfence"
SETTINGS_VARIABLE = "RINGFENCE_SETTINGS"
STORE_VARIABLE = "RINGFENCE_STORE"
# Of systemd: the folder of the unit below /run; of several, the first.
_RUNTIME_VARIABLE = "RUNTIME_DIRECTORY"
_SESSION_VARIABLE = "XDG_RUNTIME_DIR"


@dataclass(frozen=True, slots=True)
class Places:
    """Where one user, or the machine, has everything."""

    settings: Path  # a file
    data: Path
    runtime: Path

    @property
    def store(self) -> Path:
        """The cases' database."""
        return self.data / "cases.db"

    @property
    def cases(self) -> Path:
        """Folders of cases that the guard opens."""
        return self.data / "cases"

    @property
    def evidence_key(self) -> Path:
        """The key that seals evidence."""
        return self.data / "evidence-key"

    @property
    def pseudonym_key(self) -> Path:
        """The key under which names and addresses of redacted reports are the same again."""
        return self.data / "pseudonym-key"

    @property
    def status(self) -> Path:
        """How the guard stands, written once a second."""
        return self.runtime / "status.json"

    @property
    def firewall(self) -> Path:
        """The socket of the part that may change the firewall."""
        return self.runtime / "firewall.sock"


MACHINE = Places(Path("/etc/ringfence/settings.toml"), Path("/var/lib/ringfence"),
                 Path("/run/ringfence"))  # fmt: skip


def places(machine: Places = MACHINE) -> Places:
    """The machine's where it is installed and may be used by this process, else the user's own."""
    if is_installed(machine):
        return machine
    data = user_data_path(NAME)
    session = os.environ.get(_SESSION_VARIABLE)  # none outside of a login
    runtime = Path(session) / NAME if session else data / "run"
    return Places(user_config_path(NAME) / "settings.toml", data, runtime)


def is_installed(machine: Places = MACHINE) -> bool:
    """Whether the machine's own place is there, and this process may write into it."""
    return os.access(machine.settings, os.R_OK) and os.access(machine.data, os.W_OK)


def default_settings_file(machine: Places = MACHINE) -> Path:
    """Where the settings are when nobody says where."""
    return places(machine).settings


def default_store(environment: Mapping[str, str] | None = None, machine: Places = MACHINE) -> str:
    """The store named by RINGFENCE_STORE, else cases.db of the user or the machine."""
    environment = os.environ if environment is None else environment
    return environment.get(STORE_VARIABLE) or str(places(machine).store)


def runtime_folder(
    environment: Mapping[str, str] | None = None,
    *,
    as_root: bool | None = None,
    machine: Places = MACHINE,
) -> Path:
    """Where a guard that runs has its status and its socket."""
    environment = os.environ if environment is None else environment
    if named := environment.get(_RUNTIME_VARIABLE, "").partition(":")[0]:
        return Path(named)
    as_root = os.geteuid() == 0 if as_root is None else as_root
    return machine.runtime if as_root else places(machine).runtime
