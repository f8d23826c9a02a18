"""Work, counted instead of timed: what decoding inputs of size n, 2n and 4n costs.

How it works: the interpreted twins run under a trace that counts executed lines of
the package and calls from them into C; both stand for what the compiled kernels
do. Where C code does the work (searching a buffer, unpacking) its octets are
counted by the decoder itself or by a stand-in, and added. Needs RINGFENCE_PURE=1.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from fuzz import hostile

_PACKAGE = str(Path(__file__).resolve().parent.parent / "src" / "ringfence")
SIZES = (1, 2, 4)

# A run does its work and returns what it counted beside lines and calls.
Run = Callable[[], int]


class _Count:
    def __init__(self) -> None:
        self.lines = 0
        self.calls = 0

    def trace(self, frame: FrameType, event: str, _argument: object) -> object:
        """Follow functions of the package only."""
        if "ringfence" not in frame.f_code.co_filename or "fuzz" in frame.f_code.co_filename:
            return None
        self.lines += event == "line"
        return self.trace

    def profile(self, frame: FrameType, event: str, _argument: object) -> None:
        """Calls into C, from the package."""
        self.calls += event == "c_call" and "ringfence" in frame.f_code.co_filename


def work(run: Run) -> int:
    """Lines and C calls of this run, and what it says itself."""
    count = _Count()
    sys.setprofile(count.profile)
    sys.settrace(count.trace)  # type: ignore[arg-type]  a tracer returns itself
    try:
        own = run()
    finally:
        sys.settrace(None)
        sys.setprofile(None)
    return count.lines + count.calls + own


def measure(name: str) -> list[int]:
    """Work at n, 2n and 4n of one attack."""
    attack = hostile.ATTACKS[name]
    return [work(attack.prepare(attack.size * factor)) for factor in SIZES]


def main() -> None:
    """Print {attack: [work, work, work]} of the attacks named, or of all."""
    if os.environ.get("RINGFENCE_PURE") != "1":
        sys.exit("set RINGFENCE_PURE=1: compiled kernels have no lines to count")
    print(json.dumps({name: measure(name) for name in sys.argv[1:] or hostile.ATTACKS}, indent=1))


if __name__ == "__main__":
    main()
