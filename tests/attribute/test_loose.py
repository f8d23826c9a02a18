"""JSON of servers that do not keep to the RFC."""

from __future__ import annotations

import pytest

from ringfence.attribute.errors import BadAnswerError
from ringfence.attribute.loose import (
    MAX_ITEMS,
    MAX_TEXT,
    items,
    number,
    objects,
    plain,
    read_json,
    short,
    texts,
)


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"<!DOCTYPE html><html>Too many requests</html>", "HTML"),
        (b"", "no JSON object"),
        (b"[1]", "no JSON object"),
        (b'{"a": ', "broken JSON"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"n": ' + b"9" * 5000 + b"}", "broken JSON"),
    ],
)
def test_what_is_no_answer_is_named(octets: bytes, says: str) -> None:
    with pytest.raises(BadAnswerError, match=f"rdap.example answered with .*{says}"):
        read_json(octets, "rdap.example")


def test_latin_1_and_a_byte_order_mark_are_read() -> None:
    assert read_json(b'\xef\xbb\xbf{"name": "Garc\xeda"}', "x")["name"] == "Garc\ufffda"


@pytest.mark.parametrize(
    ("value", "meant"), [(None, []), ({}, [{}]), ("a", ["a"]), ([1, 2], [1, 2]), (0, [0])]
)
def test_null_and_single_things_are_lists(value: object, meant: list[object]) -> None:
    assert items(value) == meant


def test_lists_are_bounded() -> None:
    assert len(items([0] * 5000)) == MAX_ITEMS


def test_objects_keep_their_places() -> None:
    assert list(objects([1, {"a": 1}, None, {"b": 2}])) == [(1, {"a": 1}), (3, {"b": 2})]


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (" a ", "a"),
        (20, "20"),
        (True, ""),
        (None, ""),
        ({}, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        ("\ud800", "?"),
        ("x" * 9999, "x" * MAX_TEXT),
    ],
)
def test_text_is_read(value: object, meant: str) -> None:
    assert plain(value) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [("AS6057", 6057), ("20", 20), (13335, 13335), ("x", None), ("9" * 11, None)],
)
def test_numbers_written_as_text(value: object, meant: int | None) -> None:
    assert number(value) == meant


def test_names_are_one_line() -> None:
    assert short("Example\r\n Hosting") == "Example Hosting"
    assert short("  ") is None
    assert texts(["a", None, "", 3]) == ["a", "3"]
