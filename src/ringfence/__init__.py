"""Ringfence: from an attack on a PBX to verdict, evidence and letter."""

from __future__ import annotations

from ringfence import _twin

__version__ = "0.1.0"

_twin.force()


def interpreted() -> tuple[str, ...]:
    """Names of the kernels that would run, or run, as plain Python."""
    return _twin.interpreted()


def compiled() -> bool:
    """Whether every kernel runs compiled; where not, all works, slower."""
    return not interpreted()
