"""The benchmark of the audit reads all of what it makes."""

from __future__ import annotations

from benchmarks.audit import figures
from ringfence.model.pbx import System


def test_every_format_is_timed() -> None:
    found = figures(60)
    assert set(found) == {system.value for system in System}
    assert all(reading_s > 0 for reading_s, _ in found.values())
