"""Octets of files within bounds, and the text that they spell."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from ringfence.audit import contents
from ringfence.model.auditing import AuditError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                      "utf-32", "cp1252"])  # fmt: skip
def test_every_usual_encoding_is_read(encoding: str) -> None:
    text = "extension;name\n200;Müller-Lüdenscheidt, Straße\n"
    assert contents.decoded(text.encode(encoding), "list.csv") == text


def test_octets_that_windows_does_not_know_are_latin_1() -> None:
    assert contents.decoded(b"name\nM\xfcller\x81\n", "x") == "name\nMüller\x81\n"


def test_line_ends_are_made_one() -> None:
    assert contents.decoded(b"a\r\nb\rc\n", "x") == "a\nb\nc\n"


def test_a_program_is_no_text() -> None:
    with pytest.raises(AuditError, match="not text"):
        contents.decoded(b"\x7fELF\x02\x01\x00\x00 text", "x")


def test_error_holds_nothing_of_the_text() -> None:
    with pytest.raises(AuditError) as caught:
        contents.decoded(b"\xff\xfes3cret\x00\xd8\x00\x00x", "x")
    assert "s3cret" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(AuditError, match="not a file"):
        contents.octets(tmp_path / "pipe")


def test_a_file_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(contents.MAX_OCTETS + 1)
    with pytest.raises(AuditError, match="at most"):
        contents.octets(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"gone\.csv: there is no such file"):
        contents.octets(tmp_path / "gone.csv")


@given(st.binary(max_size=400))
@bounded(max_examples=150)
def test_any_octets_are_text_or_one_error(octets: bytes) -> None:
    with contextlib.suppress(AuditError):
        assert "\0" not in contents.decoded(octets, "x")
