"""Tables of facts beside this module: a line a row, tabs between, # before what explains."""

from __future__ import annotations

from functools import cache
from pkgutil import get_data


@cache
def read_table(name: str, columns: int) -> tuple[tuple[str, ...], ...]:
    """Its rows; each has as many columns as said."""
    octets = get_data("ringfence.reports.jurisdictions", name) or b""
    rows = [line.split("\t") for line in octets.decode().splitlines() if line[:1] not in ("", "#")]
    if not rows or any(len(row) != columns for row in rows):
        raise ValueError(f"{name} is no table of {columns} columns")
    return tuple(tuple(row) for row in rows)
