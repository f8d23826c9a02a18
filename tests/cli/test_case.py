"""`ringfence case`, as a person uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ringfence.cli.app import app
from ringfence.flow.casebook import Casebook
from tests.cases.incidents import incident, suspect

FIRST = incident(suspect("203.0.113.66"), traits=("number:972599123456",))
LATER = incident(
    suspect("203.0.113.91", first_seen="2026-10-09T01:00:00Z"),
    capture="b" * 64,
    traits=("number:972599123456",),
)


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "cases.db")


@pytest.fixture
def book(store: str) -> Iterator[Casebook]:
    with Casebook(store) as book:
        yield book


def run(store: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["case", *arguments, "--store", store])


def test_filed_case_is_listed_and_shown(store: str, book: Casebook) -> None:
    docket = book.file(FIRST, "/cases/one")
    listed = run(store, "list")
    assert docket.case.id in listed.stdout
    assert "open" in listed.stdout
    told = run(store, "show", docket.case.id[-6:]).stdout
    assert "203.0.113.66" in told
    assert "folder /cases/one  (no longer there)" in told
    assert "investigated night.pcap: 1 accused" in told


def test_same_captures_are_the_same_case(book: Casebook) -> None:
    one, again = book.file(FIRST, None), book.file(FIRST, None)
    assert (one.is_new, again.is_new) == (True, False)
    assert one.case.id == again.case.id
    assert len(book.filed(one.case)) == 2


def test_attacker_who_returns_joins_both_cases_and_opens_the_first(book: Casebook) -> None:
    one = book.file(FIRST, None)
    book.close(one.case.id, "blocked, reported")
    (back,) = book.file(LATER, None).returning
    assert back.case_id == one.case.id
    assert book.find(one.case.id).state == "open"
    assert book.journal(one.case)[-1].kind == "returned"


def test_case_is_noted_closed_opened_merged(store: str, book: Casebook) -> None:
    one, two = book.file(FIRST, None).case.id, book.file(LATER, None).case.id
    assert run(store, "note", one, "phoned NOC, ticket 123").exit_code == 0
    assert run(store, "close", one, "--why", "done").stdout.startswith(f"{one} closed\n")
    assert run(store, "reopen", one).exit_code == 0
    assert run(store, "merge", two, one).stdout == f"{one} now holds both\n"
    journal = run(store, "journal", one).stdout
    for words in ("note: phoned NOC, ticket 123", "closed: done", "reopened", "merged"):
        assert words in journal
    assert [case.id for case in book.cases("open")] == [one]


def test_exported_case_holds_everything(store: str, book: Casebook, tmp_path: Path) -> None:
    one = book.file(FIRST, None).case.id
    out = tmp_path / "case.json"
    assert run(store, "export", one, "--out", str(out)).exit_code == 0
    document = json.loads(out.read_bytes())
    assert document["case"]["id"] == one
    assert document["investigations"][0]["incident"]["suspects"][0]["address"] == "203.0.113.66"
    assert [entry["kind"] for entry in document["journal"]] == ["opened", "investigated"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "RF-19990101-ffffff"), "there is no case"),
        (("show", "x"), "name at least 3 characters"),
        (("list", "--state", "asleep"), "one of open, closed, merged"),
        (("note", "RF-2026", " "), "the note is empty"),
        (("show", "RF-2026"), "names several cases"),
    ],
)
def test_what_makes_no_sense_is_explained(
    store: str, book: Casebook, arguments: tuple[str, ...], says: str
) -> None:
    book.file(FIRST, None)
    if says == "names several cases":
        book.file(LATER, None)
    result = run(store, *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_empty_store_says_how_cases_come(store: str) -> None:
    assert "files one when it finds attackers" in run(store, "list").stdout


def test_text_of_a_stranger_is_escaped(store: str, book: Casebook) -> None:
    one = book.file(FIRST, "/cases/\x1b[2Jgone").case.id
    for command in ("show", "journal", "list"):
        assert "\x1b" not in run(store, command, *([one] if command != "list" else [])).stdout


def test_store_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "cases.db").write_bytes(b"no database" * 1000)
    result = run(str(tmp_path / "cases.db"), "list")
    assert result.exit_code == 2
    assert "cases.db: it is no store of ringfence" in result.stderr


def test_report_as_the_case_stands(store: str, book: Casebook, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    case = book.file(FIRST, str(folder)).case
    result = run(store, "report", case.id)
    assert result.exit_code == 0
    assert result.stdout == f"open {folder / 'status'}/report.html\n"
    assert "no sealed packets" in result.stderr
    assert (folder / "status/report.html").is_file()
    away = run(store, "report", case.id, "--out", str(tmp_path / "away"))
    assert (away.exit_code, (tmp_path / "away/incident.json").is_file()) == (0, True)


def test_report_asks_for_what_the_victims_country_asks_for(
    store: str, book: Casebook, tmp_path: Path
) -> None:
    case = book.file(FIRST, None).case
    settings = tmp_path / "mine.toml"
    for country, state in (("US", "to_do"), ("DE", "not_needed")):
        settings.write_text(f'[victim]\ncountry = "{country}"\n')
        out = tmp_path / country
        result = run(store, "report", case.id, "--settings", str(settings), "--out", str(out))
        assert result.exit_code == 0
        document = json.loads((out / "incident.json").read_bytes())
        steps = {step["step"]: step["state"] for step in document["follow_up"]}
        assert steps["ic3_filed"] == state


def test_report_with_settings_that_are_wrong_writes_nothing(
    store: str, book: Casebook, tmp_path: Path
) -> None:
    case = book.file(FIRST, None).case
    settings, out = tmp_path / "mine.toml", tmp_path / "out"
    settings.write_text('[victim]\naddress = "192.168.1.10"\n')
    result = run(store, "report", case.id, "--settings", str(settings), "--out", str(out))
    assert (result.exit_code, out.exists()) == (2, False)
    assert "victim.address: 192.168.1.10: a private address" in result.stderr


def test_report_without_a_place_says_what_to_do(store: str, book: Casebook) -> None:
    case = book.file(FIRST, "/cases/gone").case
    result = run(store, "report", case.id)
    assert (result.exit_code, "name one with --out DIR" in result.stderr) == (2, True)
