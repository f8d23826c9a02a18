"""Where the numbers of a source lie: the same for C as for Python."""

from __future__ import annotations

import re
from pathlib import Path

from ringfence.detect import _fields as fields

CONSTANTS = {
    name: value for name, value in vars(fields).items() if name.isupper() and isinstance(value, int)
}
FLAGS = ("P_", "K_", "T_")
KINDS = "D_"
CALLS = "C_"


def test_c_and_python_hold_the_same_constants() -> None:
    declared = Path(fields.__file__).with_suffix(".pxd").read_text()
    assert {
        name: int(value)
        for name, value in re.findall(r"^    (\w+) = (\d+)$", declared, re.MULTILINE)
    } == CONSTANTS


def test_every_number_has_a_place_of_its_own() -> None:
    places = {
        name: value
        for name, value in CONSTANTS.items()
        if not name.startswith((*FLAGS, KINDS, CALLS))
    }
    del places["CALL_WIDTH"]
    width = places.pop("ROW_WIDTH")
    assert sorted(places.values()) == list(range(len(places)))
    assert len(places) <= width


def test_every_word_of_a_call_has_a_place_of_its_own() -> None:
    places = [
        value for name, value in CONSTANTS.items() if name.startswith(CALLS) and name != "C_EARLY"
    ]
    assert sorted(set(places)) == sorted(places)
    assert fields.C_ACCOUNT - fields.C_NUMBER == fields.CALL_WIDTH - fields.C_ACCOUNT
    assert max(places) < fields.CALL_WIDTH


def test_flags_are_one_bit_each() -> None:
    for prefix in FLAGS:
        bits = [value for name, value in CONSTANTS.items() if name.startswith(prefix)]
        assert sorted(bits) == [1 << n for n in range(len(bits))]


def test_kinds_of_pairs_fit_four_bits_and_none_is_taken_for_empty() -> None:
    kinds = [value for name, value in CONSTANTS.items() if name.startswith(KINDS)]
    assert len(set(kinds)) == len(kinds)
    assert max(kinds) < 16
    assert all(kind & 7 for kind in kinds)
    assert fields.D_ACCOUNT + 8 not in kinds, "an account of a strange name"
