"""Where columns lie: the same for C as for Python, and no two in one place."""

from __future__ import annotations

import re
from pathlib import Path

from ringfence.wire import _columns as columns

CONSTANTS = {
    name: value
    for name, value in vars(columns).items()
    if name.isupper() and isinstance(value, int)
}


def test_c_and_python_hold_the_same_constants() -> None:
    declared = Path(columns.__file__).with_suffix(".pxd").read_text()
    assert {
        name: int(value)
        for name, value in re.findall(r"^    (\w+) = (\d+)$", declared, re.MULTILINE)
    } == CONSTANTS


def test_every_slot_has_one_column() -> None:
    """A span takes two: where it starts, and how long it is."""
    taken = [*columns.NUMBERS.values()]
    taken += [at + half for at in columns.SPANS.values() for half in (0, 1)]
    assert sorted(taken) == list(range(len(taken)))
    assert len(taken) <= columns.SLOT_WIDTH
    assert sorted(columns.WIDE.values()) == list(range(columns.WIDE_WIDTH))


def test_names_are_those_of_the_constants() -> None:
    for names in (columns.NUMBERS, columns.SPANS, columns.WIDE):
        for name, at in names.items():
            assert CONSTANTS[name.upper()] == at


def test_codes_of_a_kind_are_told_apart() -> None:
    for prefix in ("M_", "T_", "R_", "STOP_"):
        codes = [value for name, value in CONSTANTS.items() if name.startswith(prefix)]
        assert len(set(codes)) == len(codes)
    reasons = [value for name, value in CONSTANTS.items() if name.startswith("R_")]
    assert sorted(reasons) == list(range(columns.REASONS))


def test_methods_and_transports_are_named_by_number() -> None:
    assert columns.METHODS[columns.M_INVITE] == "INVITE"
    for name in columns.METHODS[1:]:
        assert columns.METHODS[CONSTANTS[f"M_{name}"]] == name
    for name in columns.TRANSPORTS[1:]:
        assert columns.TRANSPORTS[CONSTANTS[f"T_{name.upper()}"]] == name
