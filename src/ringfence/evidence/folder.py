"""A folder that appears under its name when it is whole, or not at all.

How it works: everything is written into a sibling with a name of its own, flushed to
the disk, and renamed. Only its owner may look into it: evidence holds real users' data.
Who writes holds a lock on the sibling; one without a holder was
left by a process that was killed, and the next one of that name takes it away.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ringfence.model.evidence import EvidenceError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EFBIG: "a file may not become that large here",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "this place is read-only",
    errno.EACCES: "no permission to write here",
    errno.EPERM: "no permission to write here",
    errno.ENOTEMPTY: "there is something of this name already; nothing is ever overwritten",
    errno.EEXIST: "there is something of this name already; nothing is ever overwritten",
    errno.ENOTDIR: "a folder is needed here, and there is something else",
    errno.ENOENT: "the folder that it should stand in does not exist",
}


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """The folder to write into; it becomes `target` at the end. Raises EvidenceError."""
    part, lock = _open_part(target)
    try:
        yield part
        _flush(part)
        _put_in_place(part, target)
    except OSError as error:
        raise EvidenceError(_told(error, part, target)) from error
    except EvidenceError as error:  # of what was written within, which knows no other name
        raise EvidenceError(str(error).replace(str(part), str(target))) from error
    finally:
        os.close(lock)
        shutil.rmtree(part, ignore_errors=True)


def _open_part(target: Path) -> tuple[Path, int]:
    try:
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "exists")
        _sweep(target)
        while True:
            part = Path(tempfile.mkdtemp(".part", f".{target.name}.", target.parent))
            lock = _locked(part)
            if lock is not None:
                return part, lock
    except OSError as error:
        raise EvidenceError(f"{target}: {_reason(error)}") from error


def _locked(part: Path) -> int | None:
    """The lock on a folder; None when somebody holds it or it is gone."""
    try:
        lock = os.open(part, _FOLDER)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), part.lstat()):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def _sweep(target: Path) -> None:
    """Take away what killed processes left of this name."""
    prefix = f".{target.name}."
    for place in target.parent.iterdir():
        if not (place.name.startswith(prefix) and place.name.endswith(".part")):
            continue
        lock = _locked(place)
        if lock is not None:
            shutil.rmtree(place, ignore_errors=True)
            os.close(lock)


def _flush(folder: Path) -> None:
    """Everything below onto the disk, folders after what they hold."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            flush_file(Path(place, name))
        flush_folder(Path(place))


def flush_file(path: Path) -> None:
    """The octets of one file onto the disk."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if stat.S_ISREG(os.fstat(file).st_mode):
            os.fsync(file)
    finally:
        os.close(file)


def flush_folder(path: Path) -> None:
    """The names in one folder onto the disk."""
    folder = os.open(path, _FOLDER)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _put_in_place(part: Path, target: Path) -> None:
    """Rename never replaces a folder that holds something (POSIX); an empty one it would."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "exists")
    part.rename(target)
    flush_folder(target.parent)


def _told(error: OSError, part: Path, target: Path) -> str:
    """The reason with the place that the user knows."""
    place = target
    name = error.filename
    if isinstance(name, str | bytes):
        path = Path(os.fsdecode(name))
        if not path.is_relative_to(part):
            place = path
    return f"{place}: {_reason(error)}; nothing half done was left behind"


def _reason(error: OSError) -> str:
    return _REASONS.get(error.errno or 0, error.strerror or str(error))
