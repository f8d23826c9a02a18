"""Cases, composed: filed, and found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow import Casebook, CaseError, Investigation, name_case
from ringfence.flow.casebook import default_store


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


def test_store_is_where_the_owner_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RINGFENCE_STORE", "postgresql+psycopg://h/cases")
    assert default_store() == "postgresql+psycopg://h/cases"
    monkeypatch.delenv("RINGFENCE_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_store() == str(tmp_path / "ringfence/cases.db")


def test_a_case_that_is_not_there(tmp_path: Path) -> None:
    with Casebook(str(tmp_path / "cases.db")) as book, pytest.raises(CaseError, match="no case"):
        book.find("RF-19990101-000000")
