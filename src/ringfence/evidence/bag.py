"""A BagIt bag (RFC 8493, version 1.0): a folder whose manifests say what it holds.

How it works: the payload stands in data/. `close_bag` hashes it into two manifests, and
everything beside data/ into two tag manifests; what is signed and time stamped is
tagmanifest-sha256.txt, which stands for all of it. Signature and time stamp cannot be in
what they are about: they stand beside it, unlisted, as the RFC allows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ringfence.evidence.manifest import (
    ALGORITHMS,
    Hashes,
    hash_file,
    is_plain,
    list_files,
    write_manifest,
)
from ringfence.model.evidence import EvidenceError
from ringfence.model.text import shown

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SEALED = "tagmanifest-sha256.txt"
SIGNATURE = f"{SEALED}.sig"
STAMP = f"{SEALED}.tsr"
STAMP_SIGNATURE = f"{STAMP}.sig"
# Files that no tag manifest lists: they are about the tag manifests, or are these.
UNLISTED = (
    *(f"tagmanifest-{algorithm}.txt" for algorithm in ALGORITHMS),
    SIGNATURE,
    STAMP,
    STAMP_SIGNATURE,
)


def close_bag(folder: Path, info: Mapping[str, str]) -> tuple[str, int, int]:
    """Make a bag of a folder with data/ in it: its seal, files and octets of the payload.

    The seal is the SHA-256 of tagmanifest-sha256.txt. Raises EvidenceError, OSError.
    """
    sizes, faults = list_files(folder)
    strange = [fault.path for fault in faults] + [path for path in sizes if not is_plain(path)]
    if strange:
        raise EvidenceError(f"{shown(strange[0])}: a bag holds plain files with plain names only")
    payload = {path: size for path, size in sizes.items() if path.startswith("data/")}
    hashes = {path: hash_file(folder / path) for path in sizes}
    octets = sum(payload.values())
    oxum = {"Payload-Oxum": f"{octets}.{len(payload)}"}
    tags = {
        "bagit.txt": BAGIT,
        "bag-info.txt": _bag_info({**info, **oxum}),
        **_manifests("manifest", {path: hashes[path] for path in payload}),
    }
    for name, text in tags.items():
        (folder / name).write_bytes(text)
        hashes[name] = _hashes(text)
    sealed = _manifests("tagmanifest", {p: h for p, h in hashes.items() if p not in payload})
    for name, text in sealed.items():
        (folder / name).write_bytes(text)
    return hashlib.sha256(sealed[SEALED]).hexdigest(), len(payload), octets


def _manifests(kind: str, hashes: Mapping[str, Hashes]) -> dict[str, bytes]:
    return {
        f"{kind}-{algorithm}.txt": write_manifest({p: h[n] for p, h in hashes.items()})
        for n, algorithm in enumerate(ALGORITHMS)
    }


def _hashes(octets: bytes) -> Hashes:
    return hashlib.sha256(octets).hexdigest(), hashlib.sha512(octets).hexdigest()


def _bag_info(info: Mapping[str, str]) -> bytes:
    """Labels and values, one a line; a value cannot begin a line of its own."""
    return "".join(f"{label}: {shown(value)}\n" for label, value in info.items()).encode()
