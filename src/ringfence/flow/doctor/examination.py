"""All checks of `ringfence doctor`, in the order in which a person sets the guard up."""

from __future__ import annotations

import os
from datetime import datetime

from ringfence.evidence.host_clock import read_host_clock
from ringfence.flow.doctor.clock import check_clock
from ringfence.flow.doctor.guard import check_guard
from ringfence.flow.doctor.interfaces import check_interfaces
from ringfence.flow.doctor.kernel import check_kernel
from ringfence.flow.doctor.neighbours import check_neighbours
from ringfence.flow.doctor.phone_systems import check_logging, check_phone_systems
from ringfence.flow.doctor.settings import check_settings
from ringfence.flow.doctor.store import check_store
from ringfence.flow.machine import Machine
from ringfence.flow.places import MACHINE, SETTINGS_VARIABLE, STORE_VARIABLE, places
from ringfence.flow.settings import read_settings
from ringfence.model.evidence import HostClock
from ringfence.model.finding import Finding
from ringfence.model.settings import Settings, SettingsError

# Where the guard's unit is: `ringfence install`, the Debian package.
UNIT_FILES = tuple(
    f"{folder}/ringfence-guard.service"
    for folder in ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
)


def examine(machine: Machine, now: datetime, clock: HostClock | None = None) -> list[Finding]:
    """What is well and what is not. Raises nothing."""
    is_installed = any(map(machine.has, UNIT_FILES))
    where = MACHINE if is_installed else places()
    settings, file = _settings(machine, str(where.settings))
    guard = Settings().guard if isinstance(settings, SettingsError) else settings.guard
    store = machine.environment.get(STORE_VARIABLE) or str(where.store)
    return [
        *check_kernel(machine),
        *check_interfaces(machine, guard.interfaces),
        *check_phone_systems(machine),
        *check_logging(machine, guard.logs),
        *check_clock(machine, clock or read_host_clock()),
        *check_neighbours(machine),
        *check_settings(settings, file, is_hidden=_is_hidden(machine, file)),
        *check_store(machine, store, is_installed=is_installed),
        *check_guard(machine, str(where.status), now, is_installed=is_installed),
    ]


def _settings(machine: Machine, usual: str) -> tuple[Settings | SettingsError, str]:
    """As the commands read them; a file that is named, and one that is not there, too."""
    file = machine.environment.get(SETTINGS_VARIABLE) or usual
    try:
        if not machine.has(file) and SETTINGS_VARIABLE not in machine.environment:
            return Settings(), file
        return read_settings(str(machine.path(file)), machine.environment).settings, file
    except SettingsError as error:
        return error, file


def _is_hidden(machine: Machine, file: str) -> bool:
    """Whether it lies in a folder that this user may not look into."""
    folder = machine.path(file).parent
    return folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK)
