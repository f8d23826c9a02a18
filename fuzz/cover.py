"""One harness under coverage guidance: atheris over the interpreted twin.

Only what is imported inside `instrument_imports` is instrumented, so this module
imports nothing of ringfence at its top. Must run with RINGFENCE_PURE=1: a compiled
kernel tells atheris nothing. Further arguments are libFuzzer's.
usage: python -m fuzz.cover DECODER [-max_total_time=60] [FOLDER ...]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import atheris


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    if os.environ.get("RINGFENCE_PURE") != "1":
        sys.exit("set RINGFENCE_PURE=1: only the interpreted twin can be instrumented")
    name = sys.argv[1]
    with atheris.instrument_imports(include=["ringfence"]):
        from fuzz.harness import load

        harness = load(name)
    check = harness.check

    def run(octets: bytes) -> None:
        check(octets)

    arguments = [sys.argv[0], f"-dict={_dictionary(name, harness.tokens)}", *sys.argv[2:]]
    atheris.Setup(arguments, run, internal_libfuzzer=True)
    atheris.Fuzz()


def _dictionary(name: str, tokens: Sequence[bytes]) -> Path:
    """The tokens as libFuzzer reads them."""
    path = Path(tempfile.gettempdir()) / f"ringfence-fuzz-{name}.dict"
    words = ("".join(f"\\x{octet:02x}" for octet in token) for token in tokens)
    path.write_text("".join(f'"{word}"\n' for word in words))
    return path


if __name__ == "__main__":
    main()
