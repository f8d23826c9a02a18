"""What `ringfence install` made, so that uninstalling takes away that and nothing else.

It lies where root alone writes: what reads strangers' octets must not tell root what to delete.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field

from ringfence.flow.machine import Machine

RECORD = "/etc/ringfence/installed.json"
SCHEMA = "ringfence.installed/1"
# Nothing else is ever taken away, whatever the list says.
_OURS = ("/etc/ringfence", "/var/lib/ringfence", "/etc/systemd/system/ringfence-")


class InstallError(Exception):
    """Why it cannot be installed or taken away, and what to do."""


@dataclass
class Record:
    """Files with what was in them, folders, the user."""

    files: dict[str, str] = field(default_factory=dict)  # SHA-256 of what was written
    folders: list[str] = field(default_factory=list)  # in the order in which they were made
    made_user: bool = False

    def is_as_written(self, machine: Machine, name: str) -> bool:
        """Whether nobody has changed a file since."""
        return self.files.get(name) == sha256(machine.text(name))


def sha256(text: str) -> str:
    """Of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_record(machine: Machine) -> Record | None:
    """None where nothing was installed. Raises InstallError."""
    text = machine.text(RECORD)
    if not text:
        return None
    try:
        found = json.loads(text)
        record = Record(
            {name: str(sum_) for name, sum_ in found["files"].items() if _is_ours(name)},
            [name for name in found["folders"] if _is_ours(name)],
            bool(found["made_user"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InstallError(f"{RECORD} cannot be read ({error}): it was changed by hand") from error
    return record


def write_record(machine: Machine, record: Record) -> None:
    """Keep it. Raises OSError."""
    text = json.dumps({"schema": SCHEMA, **asdict(record)}, indent=1) + "\n"
    write(machine, RECORD, text, 0o600)


def write(machine: Machine, name: str, text: str, mode: int, group: int | None = None) -> None:
    """A file, whole or not at all, with this mode from its beginning. Raises OSError."""
    path = machine.path(name)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        if group is not None:
            os.fchown(descriptor, 0, group)
        os.fchmod(descriptor, mode)
        opened.write(text)
        opened.flush()
        os.fsync(descriptor)
    part.replace(path)


def _is_ours(name: object) -> bool:
    return isinstance(name, str) and name.startswith(_OURS) and ".." not in name.split("/")
