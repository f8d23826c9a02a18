"""The committed inputs of each harness, a file each, named by their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from fuzz.harness import Harness

ROOT = Path(__file__).parent / "corpus"
FINDINGS = Path(__file__).parent / "findings"  # not committed: an input that is fixed goes to ROOT


def read_corpus(harness: Harness) -> list[bytes]:
    """Seeds and committed inputs, always in the same order."""
    committed = [path.read_bytes() for path in sorted((ROOT / harness.name).glob("*"))]
    return [*harness.seeds(), *committed]


def write_corpus(name: str, inputs: Iterable[bytes]) -> int:
    """Replace the committed inputs of a harness; how many there are now."""
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return len({keep(folder, octets) for octets in inputs})


def keep(folder: Path, octets: bytes) -> Path:
    """Write one input under its own name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(octets).hexdigest()[:16]
    path.write_bytes(octets)
    return path
