"""Copies of the captures: hashed while they are copied, and equal to what was read, or refused."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ringfence.model.evidence import EvidenceError
from ringfence.model.incident import Input

ORIGINALS = "originals"
WARNING = "CONTAINS-REAL-USERS-DATA.txt"
_WARNING = """\
These files are the captures as they were read, unchanged. They hold the names, numbers,
credentials and perhaps the voices of real users. Give them to courts and investigators
who ask for them by law, and to nobody else; for everybody else there is a redacted copy.
"""
_BLOCK = 1024 * 1024
_MAX_NAME = 100


def copy_original(path: str, wanted: Input, number: int, folder: Path) -> str:
    """Copy as many octets as were read; the name given. Raises EvidenceError, OSError."""
    if path == "-":
        raise EvidenceError("standard input cannot be read again: write it to a file first")
    folder.mkdir(exist_ok=True)
    (folder / WARNING).write_text(_WARNING)
    name = f"{number:03d}-{_plain(path)}"
    digest, copied = hashlib.sha256(), 0
    try:
        original = Path(path).open("rb", buffering=0)  # noqa: SIM115  closed below
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror or error}") from error
    with original, (folder / name).open("xb") as copy:
        # A file that still grows is copied as far as it was read.
        while block := original.read(min(_BLOCK, wanted.bytes - copied)):
            digest.update(block)
            copied += len(block)
            copy.write(block)
    if (copied, digest.hexdigest()) != (wanted.bytes, wanted.sha256):
        raise EvidenceError(
            f"{path}: is not what was investigated ({wanted.bytes} octets, SHA-256 "
            f"{wanted.sha256}); it was changed or replaced meanwhile: investigate again"
        )
    return name


def _plain(path: str) -> str:
    """The file's own name in characters that no tool takes for anything else."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(path).name).lstrip(".-")
    return name[-_MAX_NAME:] or "capture"
