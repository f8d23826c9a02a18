from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.grammar import (
    LARGEST,
    MAX_PARTS,
    decode_number,
    decode_parameters,
    is_token,
    split_list,
    split_parameters,
    split_values,
    unfold,
    unquote,
)


@pytest.mark.parametrize(
    ("octets", "value"),
    [
        (b"  a b\t\r\n", b"a b"),
        (b"a\r\n b\r\n", b"a b"),
        (b"a\n\t \tb\n", b"a b"),
        (b"\r\n  a\r\n", b"a"),
        (b" \r\n", b""),
        (b"a\rb\r\n", b"a\rb"),
    ],
)
def test_a_fold_is_one_blank(octets: bytes, value: bytes) -> None:
    assert unfold(octets) == value


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        (b"0", 0),
        (b"0068", 68),
        (b"0" * 5000 + b"7", 7),
        (b"99999999999999999999", LARGEST),
        (b"9" * 5000, LARGEST),
        (b"", None),
        (b"-1", None),
        (b" 1", None),
        (b"1.5", None),
        (b"1_0", None),
        ("٣".encode(), None),  # a digit elsewhere
    ],
)
def test_numbers_are_decimal_and_bounded(digits: bytes, number: int | None) -> None:
    assert decode_number(digits) == number


@pytest.mark.parametrize(
    ("octets", "expected"),
    [(b"INVITE", True), (b"-.!%*_+`'~9aZ", True), (b"", False), (b"a b", False), (b"a@b", False)],
)
def test_tokens(octets: bytes, expected: bool) -> None:
    assert is_token(octets) is expected


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b'"a b"', b"a b"),
        (rb'"a \"b\" \\"', rb'a "b" ' + b"\\"),
        (b'"', b'"'),
        (b'""', b""),
        (b"plain", b"plain"),
        (b'"open', b'"open'),
    ],
)
def test_quotes_come_off(octets: bytes, text: bytes) -> None:
    assert unquote(octets) == text


@pytest.mark.parametrize(
    ("octets", "parts"),
    [
        (b"a, b ,c", [b"a", b"b", b"c"]),
        (b'"a,b", c', [b'"a,b"', b"c"]),
        (rb'"a\",b", c', [rb'"a\",b"', b"c"]),
        (b"<sip:a,b@c>;x, <sip:d>", [b"<sip:a,b@c>;x", b"<sip:d>"]),
    ],
)
def test_a_comma_inside_quotes_or_brackets_parts_nothing(octets: bytes, parts: list[bytes]) -> None:
    assert split_values(octets, b",") == (parts, NONE)


def test_what_is_not_closed_reaches_to_the_end() -> None:
    assert split_values(b'a,"b,c', b",") == ([b"a", b'"b,c'], Anomaly.QUOTE_NOT_CLOSED)
    assert split_values(b"a,<b,c", b",") == ([b"a", b"<b,c"], Anomaly.ADDRESS_INVALID)


def test_a_list_leaves_out_what_is_empty() -> None:
    assert split_list(b"a,,;;,b") == ([b"a", b"b"], Anomaly.SEPARATOR_EXTRA)
    assert split_list(b"") == ([], NONE)


def test_a_list_without_end_is_cut() -> None:
    parts, notes = split_list(b"a," * 10 * MAX_PARTS)
    assert (len(parts), notes) == (MAX_PARTS, Anomaly.TOO_MANY_PARTS)


def test_parameters_keep_spelling_and_order() -> None:
    before, params, notes = split_parameters(rb'x ;B = 1; a; c="\";d"')
    assert (before, notes) == (b"x", NONE)
    assert params.items == ((b"B", b"1"), (b"a", None), (b"c", b'";d'))


def test_a_parameter_without_name_or_twice() -> None:
    assert decode_parameters([b"=1", b""])[1] == Anomaly.SEPARATOR_EXTRA
    params, notes = decode_parameters([b"a=1", b"A=2"])
    assert (params.get(b"a"), notes) == (b"1", Anomaly.PARAMETER_REPEATED)
