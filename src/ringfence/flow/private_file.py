"""Files that only their owner may read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

_MODE = 0o600
_FOLDER_MODE = 0o700


def write_new(path: Path, content: bytes) -> None:
    """Create a file; one that is there, or a link, is refused (FileExistsError)."""
    _write(path, content, os.O_EXCL)


def write_over(path: Path, content: bytes) -> None:
    """Write a file anew, in place of what it held."""
    _write(path, content, os.O_TRUNC)


def write_whole(
    path: Path, content: bytes, ready: Callable[[Path], None] = lambda _path: None
) -> None:
    """Replace a file: it holds all of this, or what it held. `ready`: before it has its name."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    write_new(part, content)
    ready(part)
    part.replace(path)


def new_folder(path: Path) -> None:
    """Create a folder; whatever is there of this name is refused (FileExistsError)."""
    path.mkdir(mode=_FOLDER_MODE)
    path.chmod(_FOLDER_MODE)


def _write(path: Path, content: bytes, how: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | how
    descriptor = os.open(path, flags, _MODE)
    with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor, not a path
        os.fchmod(descriptor, _MODE)  # before the first octet: it may have been there
        file.write(content)
        file.flush()
        os.fsync(descriptor)
