"""Cases, composed: filed, and found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow import Casebook, CaseError, Investigation, name_case
from ringfence.flow.casebook import default_store
from tests.cases.incidents import incident, suspect


def test_a_real_incident_is_filed_and_comes_back(found: Investigation, tmp_path: Path) -> None:
    with Casebook(str(tmp_path / "cases.db")) as book:
        docket = book.file(found.incident, None)
        assert docket.case.id == name_case(found.incident)
        assert docket.returning == ()
        assert {s.address for s in book.sources(docket.case)} == {"203.0.113.66", "203.0.113.91"}


def test_the_same_hand_is_known_before_it_is_filed(found: Investigation, tmp_path: Path) -> None:
    import dataclasses

    later = dataclasses.replace(
        found.incident,
        inputs=[dataclasses.replace(i, sha256="f" * 64) for i in found.incident.inputs],
    )
    with Casebook(str(tmp_path / "cases.db")) as book:
        first = book.file(found.incident, None).case
        assert [back.case_id for back in book.returning(later)] == [first.id]


def test_investigations_of_a_case_and_of_those_that_were_merged_into_it(tmp_path: Path) -> None:
    captures = [incident(suspect(f"203.0.113.{n}"), capture=f"{n:064x}") for n in (1, 2, 3)]
    with Casebook(str(tmp_path / "cases.db")) as book:
        one, two, three = (book.file(capture, None).case for capture in captures)
        book.file(captures[1], str(tmp_path))
        book.merge(three.id, two.id)
        book.merge(two.id, one.id)
        assert [[filed.folder for filed in each] for each in book.investigations(one)] == [
            [None], [None, str(tmp_path)], [None],
        ]  # fmt: skip
        (alone,) = book.investigations(three)
        assert alone == book.filed(three)


def test_casebook_says_where_its_store_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Casebook(str(tmp_path / "cases.db")) as book:
        assert book.where == str(tmp_path / "cases.db")
    monkeypatch.setenv("RINGFENCE_STORE", str(tmp_path / "other.db"))
    with Casebook() as book:
        assert book.where == str(tmp_path / "other.db")


def test_store_is_where_the_owner_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RINGFENCE_STORE", "postgresql+psycopg://h/cases")
    assert default_store() == "postgresql+psycopg://h/cases"
    monkeypatch.delenv("RINGFENCE_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_store() == str(tmp_path / "ringfence/cases.db")


def test_a_case_that_is_not_there(tmp_path: Path) -> None:
    with Casebook(str(tmp_path / "cases.db")) as book, pytest.raises(CaseError, match="no case"):
        book.find("RF-19990101-000000")
