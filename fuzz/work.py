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
from typing import Any

import ringfence
from fuzz import hostile

_PACKAGE = str(Path(ringfence.__file__).parent)
SIZES = (1, 2, 4)

# A run does its work and returns what it counted beside lines and calls.
Run = Callable[[], int]
TraceFunction = Callable[[FrameType, str, Any], Any]


class Count:
    """Counts lines and C calls while it is open; of the package alone, unless `everywhere`."""

    def __init__(self, *, everywhere: bool = False) -> None:
        self._everywhere = everywhere
        self._before = (sys.getprofile(), sys.gettrace())
        self.total = 0

    def __enter__(self) -> None:
        sys.setprofile(self._profile)
        sys.settrace(self._trace)

    def __exit__(self, *_: object) -> None:
        profile, trace = self._before
        sys.settrace(trace)
        sys.setprofile(profile)

    def _counts(self, frame: FrameType) -> bool:
        return self._everywhere or frame.f_code.co_filename.startswith(_PACKAGE)

    def _trace(self, frame: FrameType, event: str, _argument: object) -> TraceFunction | None:
        self.total += event == "line"
        return self._trace if self._counts(frame) else None

    def _profile(self, frame: FrameType, event: str, _argument: object) -> None:
        self.total += event == "c_call" and self._counts(frame)


def work(run: Run) -> int:
    """Lines and C calls of this run, and what it says itself."""
    count = Count()
    with count:
        own = run()
    return count.total + own


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
