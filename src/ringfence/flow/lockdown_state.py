"""What a lockdown keeps on the disk: the plan on trial, the one that is kept, the journal.

The kernel says what is in force. These files say why, and what comes back after a start of
the machine: only `confirmed.json` does, and there is one only after `lockdown confirm`.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event

from ringfence.flow.moment import now, whoami
from ringfence.flow.places import places
from ringfence.flow.private_file import write_whole
from ringfence.model.lockdown import LockdownError, Plan
from ringfence.remote.plan import decode, encode

LOCK = ".lock"
_PATIENCE_S, _LOOK_S = 10.0, 0.05
TRIAL, CONFIRMED, JOURNAL, RULES = "trial.json", "confirmed.json", "journal.jsonl", "lockdown.nft"
# A year of a door that opens every hour; then the older half goes.
MAX_JOURNAL = 16 << 20


class LockdownState:
    """One folder. Every method raises LockdownError."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or places().data / "lockdown"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No two change anything at once; after a while all the same: opening must not wait.

        Who holds it does so for a transaction of nft, and the kernel lets go of it when he dies.
        """
        with ExitStack() as stack:
            with suppress(OSError):  # a disk that cannot be written keeps nobody from opening
                self._make_folder()
                descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
                stack.callback(os.close, descriptor)
                self._give(self.folder / LOCK)
                _lock(descriptor)
            yield

    def plan(self, name: str) -> Plan | None:
        """The plan that is kept under this name."""
        path = self.folder / name
        try:
            return decode(path.read_bytes(), str(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LockdownError(f"{path}: {error.strerror or error}") from error

    def write_plan(self, name: str, plan: Plan) -> None:
        """Whole and on the disk, or as it was."""
        self.write(name, encode(plan))

    def write(self, name: str, octets: bytes) -> None:
        """The same for any file of this folder; only we read it."""
        path = self.folder / name
        try:
            self._make_folder()
            write_whole(path, octets, self._give)
        except OSError as error:
            raise LockdownError(f"{path}: {error.strerror or error}") from error

    def forget(self, *names: str) -> None:
        """These files are gone."""
        for name in names:
            path = self.folder / name
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise LockdownError(f"{path}: {error.strerror or error}") from error

    def note(self, event: str, **words: object) -> None:
        """One line of the journal; only ever added to."""
        path = self.folder / JOURNAL
        line = json.dumps({"at": now(), "who": whoami(), "event": event, **words}) + "\n"
        try:
            self._make_folder()
            if path.exists() and path.stat().st_size > MAX_JOURNAL:
                path.replace(path.with_name(f"{JOURNAL}.1"))
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
                stream.write(line)
            self._give(path)
        except OSError as error:
            raise LockdownError(f"{path}: {error.strerror or error}") from error

    def journal(self) -> list[dict[str, object]]:
        """Its lines, the latest last; a line that was cut off is left out."""
        found: list[dict[str, object]] = []
        with suppress(OSError):
            for line in (self.folder / JOURNAL).read_text("utf-8", "replace").splitlines():
                with suppress(ValueError):
                    entry = json.loads(line)
                    if isinstance(entry, dict):
                        found.append(entry)
        return found

    def _make_folder(self) -> None:
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._give(self.folder)

    def _give(self, path: Path) -> None:
        """To whom the folder above belongs: the units of an installed machine are not root's."""
        if os.geteuid() == 0:
            above, own = self.folder.parent.stat(), path.lstat()
            if (above.st_uid, above.st_gid) != (own.st_uid, own.st_gid):
                os.chown(path, above.st_uid, above.st_gid, follow_symlinks=False)


def _lock(descriptor: int) -> None:
    ends = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            Event().wait(_LOOK_S)
        else:
            return
