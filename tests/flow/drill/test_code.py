"""The code of a drill: what is not sealed with it is nothing."""

from __future__ import annotations

import pytest

from ringfence.flow.drill.code import (
    MAX_OCTETS,
    TO_DRILL,
    TO_HOST,
    key_of,
    new_code,
    opened,
    sealed,
)

KEY = key_of("ABCD-EFGH-JKMN-PQRS")


def test_codes_differ_and_have_no_letter_that_is_read_as_another() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert not set("".join(codes)) & set("ILO01")


def test_code_is_the_same_however_it_was_typed() -> None:
    assert key_of(" abcdefgh jkmn-pqrs ") == KEY


@pytest.mark.parametrize("code", ["", "ABCD", "ABCD-EFGH-JKMN-PQR0", "ABCD-EFGH-JKMN-PQRS-T"])
def test_what_is_no_code_is_refused_without_being_repeated(code: str) -> None:
    with pytest.raises(ValueError, match="no code of `ringfence drill token`") as caught:
        key_of(code)
    assert not code or code not in str(caught.value)


def test_what_was_sealed_is_read() -> None:
    said: dict[str, object] = {"to": TO_HOST, "turn": 1}
    assert opened(KEY, sealed(KEY, said), TO_HOST) == said


@pytest.mark.parametrize("octets", [
    b"",
    b" ",
    b"{}",
    sealed(key_of("ABCD-EFGH-JKMN-PQRT"), {"to": TO_HOST}),
    sealed(KEY, {"to": TO_HOST})[:-1] + b" ",
    sealed(KEY, {"to": TO_DRILL}),
    sealed(KEY, {"to": TO_HOST, "x": "x" * MAX_OCTETS}),
], ids=["nothing", "space", "unsealed", "other", "changed", "sent back", "too long"])  # fmt: skip
def test_forged_is_nothing(octets: bytes) -> None:
    assert opened(KEY, octets, TO_HOST) is None
