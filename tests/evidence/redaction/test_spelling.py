"""Octets under redaction keep their number."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.spelling import (
    MAX_PARTS,
    around,
    each,
    escaped,
    hides_text,
    in_quotes,
    mask,
    split,
    unfolded,
)
from ringfence.wire.uri import unescape


def star(octets: bytes) -> bytes:
    return b"*" * len(octets)


@pytest.mark.parametrize(
    ("octets", "masked"),
    [(b" ab c ", b" xxxx "), (b"", b""), (b" \t", b" \t"), (b"\xff\x00a", b"xxx")],
)
def test_mask_keeps_the_blanks_around(octets: bytes, masked: bytes) -> None:
    assert mask(octets) == masked


def test_a_fold_is_a_blank_to_the_rule_and_stays_a_fold() -> None:
    seen = []

    def rule(octets: bytes) -> bytes:
        seen.append(octets)
        return star(octets)

    assert unfolded(b"a\r\n b\n\tc", rule) == b"*\r\n *\n\t*"
    assert seen == [b"a   b  c"]


def test_separators_in_quotes_and_brackets_do_not_separate() -> None:
    assert each(b'"a,b" <c,d>, e', b",", lambda p: around(p, star)) == b"***********, *"


def test_an_open_quote_reaches_to_the_end() -> None:
    assert list(split(b'a, "b, c', b",")) == [b"a", b",", b' "b, c']


def test_many_parts_are_cut_no_further() -> None:
    parts = list(split(b"a," * (2 * MAX_PARTS), b","))
    assert len(parts) == 2 * MAX_PARTS + 1


@given(st.binary(max_size=300), st.sampled_from([b",", b";"]))
def test_parts_joined_are_the_whole(octets: bytes, separator: bytes) -> None:
    assert b"".join(split(octets, separator)) == octets
    assert len(each(octets, separator, star)) == len(octets)
    assert len(unfolded(octets, star)) == len(octets)
    assert len(in_quotes(octets, star)) == len(octets)


def test_escapes_fill_the_length() -> None:
    assert unescape(escaped(b"abc", 7)) == b"abc"
    assert escaped(b"abc", 4) == b"xxxx"
    assert escaped(b"abc", 99) == b"x" * 99


@pytest.mark.parametrize(
    "token",
    [b"secret words".hex().encode(), base64.b64encode(b"a password!"), b"616c6963653a"],
)
def test_text_in_disguise_is_seen(token: bytes) -> None:
    assert hides_text(token)


@pytest.mark.parametrize(
    "token",
    [
        b"3132333435363738",
        b"d41d8cd98f00b204e9800998ecf8427e",
        b"a84b4c76e66710",
        b"abc",
        b"sipvicious",
    ],
)
def test_random_tokens_are_not(token: bytes) -> None:
    assert not hides_text(token)
