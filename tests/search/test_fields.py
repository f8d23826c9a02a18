"""The table of names: whole, unambiguous, and all of it documented."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ringfence.search.fields import ALIASES, EXPORTED, FIELDS, Kind
from ringfence.search.where import KEYWORDS
from ringfence.wire import _columns as columns
from ringfence.wire.anomaly import Anomaly

if TYPE_CHECKING:
    from pathlib import Path

# Columns that other fields stand for, or that only the decoder needs.
INTERNAL = {
    "text",
    "call_hash",
    "source_high",
    "source_low",
    "destination_high",
    "destination_low",
}


def test_every_column_has_a_name() -> None:
    known = {*columns.NUMBERS, *columns.SPANS, *columns.WIDE} - INTERNAL - {"cseq"}
    assert known - set(FIELDS) == set()


def test_fields_name_columns_that_exist() -> None:
    known = {*columns.NUMBERS, *columns.SPANS, *columns.WIDE, "source", "destination"}
    assert {column for field in FIELDS.values() for column in field.columns} <= known


def test_aliases_lead_to_fields_and_hide_none() -> None:
    assert set(ALIASES.values()) <= set(FIELDS)
    assert set(ALIASES).isdisjoint(FIELDS)


def test_no_field_is_a_keyword() -> None:
    assert set(KEYWORDS).isdisjoint({*FIELDS, *ALIASES})


def test_parts_of_headers_are_known_as_such() -> None:
    """`filled` decides whether a column is there when it is asked for."""
    assert FIELDS["from_user"].filled
    assert FIELDS["user"].filled
    assert FIELDS["rport"].filled
    assert not FIELDS["user_agent"].filled
    assert not FIELDS["status"].filled


def test_exports_hold_one_column_a_field() -> None:
    assert all(len(field.columns) == 1 for field in EXPORTED)
    assert {field.kind for field in EXPORTED} == set(Kind)


def test_every_field_and_anomaly_is_documented(root: Path) -> None:
    page = (root / "docs/messages.md").read_text()
    named = set(re.findall(r"`([A-Za-z_0-9]+)`", page))
    assert {*FIELDS, *ALIASES} - named == set()
    assert set(Anomaly.__members__) - named == set()
