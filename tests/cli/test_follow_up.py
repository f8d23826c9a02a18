"""`ringfence case todo` and its kin, as somebody types them in the morning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ringfence.cli.app import app
from ringfence.flow.casebook import Casebook
from ringfence.model.case import Case
from ringfence.model.letter import SentLetter
from tests.cases.incidents import incident, suspect
from tests.cases.mails import mail
from tests.cases.standings import THIEF, contact, who

TRAITS = ("number:972599123456",)
FIRST = incident(THIEF, suspect("198.51.100.7"), traits=TRAITS)
LATER = incident(
    suspect("192.0.2.91", first_seen="2026-10-09T01:00:00Z"), capture="b" * 64, traits=TRAITS
)
NET, OTHER = "203.0.113.0/24", "198.51.100.0/24"
TODAY = "2026-10-09"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the morning of 9 October, on a terminal of 80 columns and 24 lines."""
    for module in ("moment", "follow_up", "casebook"):
        monkeypatch.setattr(f"ringfence.flow.{module}.now", lambda: f"{TODAY}T07:00:00Z")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "cases.db")


@pytest.fixture
def book(store: str) -> Iterator[Casebook]:
    with Casebook(store) as book:
        yield book


@pytest.fixture
def case(book: Casebook) -> Case:
    """A theft, its desks known, one of them told a week ago and silent since."""
    case = book.file(FIRST, None).case
    book.record_attribution(
        case,
        [
            who("203.0.113.66", NET, contact("abuse@example.net", "+1 555 0100")),
            who("198.51.100.7", OTHER, contact("abuse@other.example")),
        ],
    )
    at = "2026-10-03T08:00:00Z"
    letter = SentLetter(
        0, case.id, "abuse", at, "desk", ("abuse@example.net",), "s", NET, ("203.0.113.66",),
        "letters/\x1b1.txt",
    )  # fmt: skip
    book.letter_sent(case, book.record_letter(case, letter).number, "<l1@victim.example>", at)
    return case


def run(store: str, *arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["case", *arguments, "--store", store], input=given)


def test_one_screen_says_what_to_do_in_which_order(store: str, book: Casebook, case: Case) -> None:
    later = book.file(LATER, None).case
    result = run(store, "todo")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    things = [line for line in lines if re.match(r" \d ", line)]
    assert "carrier_told" in things[0]
    assert "credentials_fixed" in things[1]
    assert f"ringfence letter {case.id} carrier --send" in result.stdout
    assert f"{later.id}: continues {case.id}" in result.stdout
    assert re.search(r"and \d+ more: ringfence case todo --all", result.stdout)


def test_each_thing_has_a_command_of_this_program(store: str, case: Case) -> None:
    run(store, "done", case.id, "carrier_told", "--note", "Ms Berg, ticket 7")
    told = run(store, "todo", case.id).stdout
    assert "carrier_told" not in told
    commands = [line.strip() for line in told.splitlines() if line.startswith("   ringfence ")]
    assert len(commands) >= 4
    for command in commands:
        assert re.match(r"ringfence (letter|case|investigate|who) \S+", command), command


def test_nothing_due_is_status_zero(store: str, book: Casebook, case: Case) -> None:
    assert run(store, "todo").exit_code == 1
    book.close(case.id, "done")
    result = run(store, "todo")
    assert (result.exit_code, result.stdout) == (0, f"{TODAY}: nothing is due.\n")


def test_whole_checklist_fits_the_width(store: str, case: Case) -> None:
    told = run(store, "todo", "--all").stdout
    for sign in ("[x] Attack captured", "[!] Carrier told", "[ ] Case closed", "[-] ISP asked"):
        assert sign in told
    prose = [line for line in told.splitlines() if "ringfence " not in line]
    assert max(map(len, prose)) <= 80


def test_todo_as_json(store: str, case: Case) -> None:
    document = json.loads(run(store, "todo", "--json", "-").stdout)
    assert (document["schema"], document["today"]) == ("ringfence.todo/1", TODAY)
    assert document["due"][0]["step"] == "carrier_told"
    assert document["due"][0]["case"] == case.id
    assert document["cases"][0]["steps"][0]["state"] == "done"


def test_step_is_done_skipped_and_taken_back(store: str, book: Casebook, case: Case) -> None:
    assert "done;" in run(store, "done", case.id, "blocked").stdout
    assert run(store, "skip", case.id, "police", "--why", "insured").exit_code == 0
    assert run(store, "undo", case.id, "police").exit_code == 0
    assert run(store, "undo", case.id, "police").exit_code == 2
    assert run(store, "done", case.id, "abuse_phoned").exit_code == 2
    assert run(store, "done", case.id, "abuse_phoned", "--network", "203.0.113.66").exit_code == 0
    texts = [entry.text for entry in book.journal(case) if entry.kind == "step"]
    assert texts == [
        "Attackers blocked: done",
        "Police told: not needed: insured",
        "Police told: taken back",
        f"Abuse desk told by telephone: done ({NET})",
    ]


def test_reply_is_filed_and_told(store: str, case: Case, tmp_path: Path) -> None:
    file = tmp_path / "reply.eml"
    file.write_bytes(
        mail("The server has been suspended. Ticket ID: 4711\n", in_reply_to="<l1@victim.example>")
    )
    told = run(store, "reply", str(file)).stdout
    assert f"{case.id}, letter 1: acted\n" in told
    assert "from abuse@example.net" in told
    assert "ticket 4711" in told
    assert "(filed before)" in run(store, "reply", str(file)).stdout
    assert "acted abuse@example.net: The server" in run(store, "letters", case.id).stdout
    assert re.search(
        r"abuse@example\.net +1 +1 +1 +0 +0 +24 h  2026-10-04", run(store, "desks").stdout
    )


def test_reply_from_standard_input_and_overruled(store: str, case: Case) -> None:
    octets = mail("We look at it.", in_reply_to="<l1@victim.example>")
    assert ": answered" in run(store, "reply", "-", given=octets).stdout
    assert (
        ": acted (filed before)"
        in run(store, "reply", "-", "--outcome", "acted", given=octets).stdout
    )


def test_one_bad_file_keeps_no_other_out(store: str, case: Case, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.eml", tmp_path / "bad.eml"
    good.write_bytes(mail(f"about {case.id}"))
    bad.write_bytes(b"\x1b[2J")
    result = run(store, "reply", str(bad), str(tmp_path / "none.eml"), str(good))
    assert result.exit_code == 2
    assert "bad.eml: no mail" in result.stderr
    assert "none.eml" in result.stderr
    assert f"{case.id}, letter 1: answered" in result.stdout


def test_forged_reply_is_shown_beside_the_letters(store: str, case: Case) -> None:
    forged = mail("\x1b[2JIt was suspended.", subject=case.id, **{"from": "x@evil.example"})
    before = run(store, "todo").stdout
    assert "counts for nothing" in run(store, "reply", "-", given=forged).stdout
    letters = run(store, "letters", case.id).stdout
    assert "without a letter" in letters
    assert "\x1b" not in letters
    assert run(store, "todo").stdout == before


def test_letters_of_a_case_without_any(store: str, book: Casebook) -> None:
    case = book.file(FIRST, None).case
    assert f"ringfence letter {case.id} abuse" in run(store, "letters", case.id).stdout
    assert run(store, "desks").stdout == "no letter was sent yet\n"


def test_scoreboard_fits_the_width(store: str, case: Case) -> None:
    for line in run(store, "desks").stdout.splitlines():
        assert len(line) <= 80


def test_shown_case_tells_where_it_stands(store: str, case: Case) -> None:
    told = run(store, "show", case.id).stdout
    assert re.search(r"follow-up: \d+ done, 0 waiting, \d+ to do, \d+ of them due", told)
    assert f"how: ringfence case todo {case.id}" in told


def test_closing_says_what_was_open(store: str, case: Case) -> None:
    told = run(store, "close", case.id).stdout
    assert "still open: " in told
    assert "Attackers blocked" in told


def test_settings_that_are_not_there_are_named(store: str, case: Case, tmp_path: Path) -> None:
    result = run(store, "todo", "--settings", str(tmp_path / "none.toml"))
    assert result.exit_code == 2
    assert "settings" in result.stderr or "none.toml" in result.stderr
