"""Manifests of a bag (RFC 8493 2.1.3, 2.2.1): hash, two spaces, path; as sha256sum writes them.

What we write is canonical: lower case, sorted, each path once, plain characters only.
A manifest that is anything else was not written by us, or was changed.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from ringfence.model.evidence import EvidenceError, Fault
from ringfence.model.text import shown

ALGORITHMS = ("sha256", "sha512")
# Files of a bag: ours hold a dozen, and a case with a capture for each hour of a month
# a thousand. More is refused before anything of it is read.
MAX_FILES = 20_000
MAX_DEPTH = 16
MAX_PATH = 512
# Octets of a manifest: so many files with paths of this length and the longer hash.
MAX_MANIFEST = MAX_FILES * 160
# Faults that are listed; a bag with more is not looked at one by one.
MAX_FAULTS = 200

_LINE = re.compile(rb"([0-9a-f]{64}|[0-9a-f]{128})  ([ -~]{1,512})")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_.+=@,-]+(?:/[A-Za-z0-9_.+=@,-]+)*")
_BLOCK = 1024 * 1024

Hashes = tuple[str, str]  # SHA-256 and SHA-512, hexadecimal


def is_plain(path: str) -> bool:
    """A relative path of characters that no tool quotes, folds or takes for anything else."""
    return (
        len(path) <= MAX_PATH
        and _PLAIN_PATH.fullmatch(path) is not None
        and not any(part in (".", "..") for part in path.split("/"))
    )


def write_manifest(hashes: Mapping[str, str]) -> bytes:
    """The manifest of these paths."""
    return b"".join(f"{hashes[path]}  {path}\n".encode() for path in sorted(hashes))


def read_manifest(name: str, octets: bytes) -> tuple[dict[str, str], list[Fault]]:
    """Hash by path, and what no manifest of ours would say. Nothing is opened."""
    faults: list[Fault] = []
    hashes: dict[str, str] = {}
    digits = hashlib.new(name.removesuffix(".txt").rpartition("-")[2]).digest_size * 2
    for number, line in enumerate(octets.split(b"\n")[:-1], 1):
        if number > MAX_FILES or len(faults) >= MAX_FAULTS:
            faults.append(Fault(name, "has more lines than can be looked at; the rest was not"))
            break
        match = _LINE.fullmatch(line)
        path = match[2].decode() if match else ""
        if match is None or len(match[1]) != digits:
            faults.append(Fault(name, f"line {number} is no line of a manifest: {_begin(line)}"))
        elif not is_plain(path):
            faults.append(Fault(name, f"line {number} leads out of the bag: {_begin(match[2])}"))
        elif path in hashes:
            faults.append(Fault(name, f"line {number} names a file again: {path}"))
        else:
            hashes[path] = match[1].decode()
    if not faults and write_manifest(hashes) != octets:
        faults.append(Fault(name, "is not in the order or form that it was written in"))
    return hashes, faults


def _begin(octets: bytes) -> str:
    text = shown(octets[:80].decode("utf-8", "replace"))
    return text + ("…" if len(octets) > 80 else "")


def list_files(folder: Path) -> tuple[dict[str, int], list[Fault]]:
    """Sizes of all plain files below, by path; links and devices are told, never followed.

    Raises EvidenceError when there are more than any bag of ours has, OSError.
    """
    files: dict[str, int] = {}
    faults: list[Fault] = []
    waiting = [("", folder)]
    while waiting:
        prefix, place = waiting.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                path = prefix + entry.name
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode) and path.count("/") < MAX_DEPTH:
                    waiting.append((path + "/", Path(entry.path)))
                elif stat.S_ISREG(status.st_mode):
                    files[path] = status.st_size
                else:
                    faults.append(Fault(shown(path), f"is {_kind(status.st_mode)}"))
                if len(files) + len(faults) + len(waiting) > MAX_FILES:
                    raise EvidenceError(f"{folder}: more than {MAX_FILES} files: no bag of ours")
    return files, faults


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a symbolic link: not followed; a bag holds plain files"
    if stat.S_ISDIR(mode):
        return "a folder too deep to be ours"
    return "a device, pipe or socket: not opened; a bag holds plain files"


def hash_file(path: Path) -> Hashes:
    """Both hashes of a plain file, read once. Raises OSError, also for anything else."""
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags), "rb", buffering=0) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(None, "is no plain file", str(path))
        while block := stream.read(_BLOCK):
            sha256.update(block)
            sha512.update(block)
    return sha256.hexdigest(), sha512.hexdigest()


def read_bounded(path: Path, limit: int) -> bytes | None:
    """All octets of a plain file, None when it has more than `limit`. Raises OSError."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags), "rb") as stream:
        octets = stream.read(limit + 1)
    return octets if len(octets) <= limit else None
