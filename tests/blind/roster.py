"""Every capture by its name."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from importlib import import_module
from random import Random

from tests.blind.label import Capture
from tests.blind.net import ETHERNET, Net

Scene = Callable[[Capture], None]
SCENES: dict[str, tuple[Scene, int]] = {}
_MODULES = ("innocents", "labs", "odd", "honeypots", "guesses", "toll", "forged",
            "tricky", "harder", "vantages", "small")  # fmt: skip
# 2025-03-03T00:00:00Z, a Monday.
MONDAY_S = 1_740_960_000
HOUR = 3600.0


def scene(link: int = ETHERNET) -> Callable[[Scene], Scene]:
    """Enter a capture in the roster under its function's name."""

    def enter(made: Scene) -> Scene:
        SCENES[made.__name__] = (made, link)
        return made

    return enter


def names() -> list[str]:
    """Names of all captures."""
    for module in _MODULES:
        import_module(f"tests.blind.{module}")
    return list(SCENES)


def build(name: str) -> Capture:
    """The capture of this name; the same octets every time."""
    names()
    made, link = SCENES[name]
    seed = zlib.crc32(name.encode())
    rng = Random(seed)
    capture = Capture(name, Net(rng, MONDAY_S + seed % 200 * 86400 + rng.random(), link))
    made(capture)
    return capture
