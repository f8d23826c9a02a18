"""One harness under coverage guidance: atheris over the interpreted twin.

Only what is imported inside `instrument_imports` is instrumented, so this module
imports nothing of ringfence at its top. Must run with RINGFENCE_PURE=1: a compiled
kernel tells atheris nothing. Further arguments are libFuzzer's.
usage: python -m fuzz.cover DECODER [-max_total_time=60] [FOLDER ...]
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import atheris

# Files that libFuzzer wants by name; never committed.
WORK = Path(__file__).resolve().parent.parent / "build" / "fuzz"


def main() -> None:
    """Fuzz until libFuzzer ends the process, or has nothing more to do."""
    if os.environ.get("RINGFENCE_PURE") != "1":
        sys.exit("set RINGFENCE_PURE=1: only the interpreted twin can be instrumented")
    name = sys.argv[1]
    with atheris.instrument_imports(include=["ringfence"]):
        from fuzz.harness import load

        harness = load(name)
    check = harness.check

    def run(octets: bytes) -> None:
        check(octets)

    WORK.mkdir(parents=True, exist_ok=True)
    again, words = _starter(name), _dictionary(name, harness.tokens)
    atheris.Setup([str(again), f"-dict={words}", *sys.argv[2:]], run, internal_libfuzzer=True)
    atheris.Fuzz()


def _starter(name: str) -> Path:
    """What libFuzzer starts again for each part of a merge: it wants one executable file."""
    path = WORK / f"{name}.sh"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m fuzz.cover {name} "$@"\n')
    path.chmod(0o700)
    return path


def _dictionary(name: str, tokens: Sequence[bytes]) -> Path:
    """The tokens as libFuzzer reads them."""
    path = WORK / f"{name}.dict"
    words = ("".join(f"\\x{octet:02x}" for octet in token) for token in tokens)
    path.write_text("".join(f'"{word}"\n' for word in words))
    return path


if __name__ == "__main__":
    main()
