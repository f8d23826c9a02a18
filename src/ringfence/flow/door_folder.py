"""The door's own files: its secret, what is open, its journal. All are for their owner alone."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ringfence.flow.private_file import write_whole
from ringfence.model.door import DoorError, State
from ringfence.remote.door import SECRET_OCTETS

_MAX_STATE = 4 << 20
# Then it is put aside once, over the one put aside before: some 40,000 lines are kept.
MAX_JOURNAL = 4 << 20
_MODE, _FOLDER_MODE = 0o600, 0o700


class DoorFolder:
    """One folder, below the places' data. Every method raises DoorError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def journal(self) -> Path:
        """What happened at the door, a JSON object a line."""
        return self.path / "journal.jsonl"

    def make(self) -> None:
        """The folder, for its owner alone."""
        with _told(self.path):
            self.path.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            self.path.chmod(_FOLDER_MODE)

    @contextmanager
    def held(self) -> Iterator[None]:
        """One process at a time changes what is here."""
        self.make()
        with _told(self.path):
            descriptor = os.open(self.path / "lock", _flags(os.O_RDWR | os.O_CREAT), _MODE)
        try:
            with _told(self.path):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def secret(self) -> bytes:
        """The machine's secret; made at the first use, by whoever holds the lock."""
        path = self.path / "secret"
        try:
            with _told(path):
                octets = _read(path, SECRET_OCTETS + 1)
        except FileNotFoundError:
            octets = secrets.token_bytes(SECRET_OCTETS)
            self._put(path, octets)
        if len(octets) != SECRET_OCTETS:
            raise DoorError(f"{path} is damaged: delete it; links given out so far then end")
        return octets

    def state(self) -> State:
        """What is open and who is invited; nothing where there never was anything."""
        path = self.path / "state.json"
        try:
            with _told(path):
                octets = _read(path, _MAX_STATE + 1)
        except FileNotFoundError:
            return State()
        try:
            return msgspec.json.decode(octets, type=State)
        except (msgspec.MsgspecError, ValueError):
            raise DoorError(f"{path} is damaged: move it away; links and doors then end") from None

    def keep(self, state: State) -> None:
        """The whole of it, or what was there before."""
        self._put(self.path / "state.json", msgspec.json.encode(state))

    def note(self, what: str, **more: str | float) -> None:
        """One line more in the journal. Tokens are never given to this, only their hashes."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = msgspec.json.encode({"at": at, "what": what, **more}) + b"\n"
        with _told(self.journal):
            flags = _flags(os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            descriptor = os.open(self.journal, flags, _MODE)
            try:
                os.write(descriptor, line)
                if os.fstat(descriptor).st_size > MAX_JOURNAL:
                    self.journal.replace(self.journal.with_suffix(".jsonl.1"))
            finally:
                os.close(descriptor)

    def _put(self, path: Path, octets: bytes) -> None:
        with _told(path):
            write_whole(path, octets)


def _read(path: Path, most: int) -> bytes:
    with os.fdopen(os.open(path, _flags(os.O_RDONLY)), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & 0o077:
            raise DoorError(f"{path} can be read by others: chmod 600 it, or delete it")
        return file.read(most)


def _flags(flags: int) -> int:
    """No link that somebody laid is followed, no program that is started inherits it."""
    return flags | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DoorError(f"{path}: {error.strerror}") from error
