"""`ringfence guard --would-have`: the first line says how many, and how many of them were users."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from ringfence.cli.would_have import SCHEMA, lines, show_would_have
from ringfence.flow.casebook import Casebook
from ringfence.flow.decision_journal import DecisionJournal
from ringfence.model.decision import BLOCK, LIMIT, NARROW, RELEASE, Decision
from ringfence.model.would_have import Hit, WouldHave

SINCE = "2026-11-24T12:00:00Z"
HIT = Hit(
    "203.0.113.66", BLOCK, SINCE, "2026-11-26T10:00:00Z", 3, 25_200, "it guesses passwords", False,
    ("password_guessing",), True,
)  # fmt: skip
USER = replace(
    HIT, address="198.51.100.9", action=LIMIT, times=1, last_at=SINCE, lasted_s=90, proven=False,
    mistakes=("released after 0:12:00: it is a user in trouble",),
)  # fmt: skip


def test_first_line_counts_and_users_come_first() -> None:
    found = WouldHave(7, SINCE, (USER, HIT), 12_000)
    assert list(lines(found)) == [
        (
            "In the last 7 days 2 addresses would have been hit (1 blocked, 1 slowed down); 1 of "
            "them was a user after all."
        ),
        "The journal of this guard has decisions since 2026-11-24 12:00.",
        (
            "And 12,000 measures against addresses that may be made up, so many that they are "
            "only counted."
        ),
        "USER  198.51.100.9: would have been slowed down for 1.5 min, may be forged",
        "      2026-11-24 12:00: it guesses passwords",
        "      but released after 0:12:00: it is a user in trouble",
        "      203.0.113.66: would have been blocked for 7 h, 3 times",
        "      2026-11-24 12:00 to 2026-11-26 10:00: it guesses passwords",
    ]


def test_guard_that_blocks_says_was() -> None:
    done = replace(HIT, enforced=True, action=NARROW, ports=(5060, 5062))
    first, *_, last, _ = lines(WouldHave(1, SINCE, (done,)))
    assert first == (
        "In the last day 1 address was hit (1 by port only); none of them was a user, as far as "
        "is known."
    )
    assert last == "      203.0.113.66 port 5060,5062: blocked for 7 h, 3 times"


def test_nobody_and_a_guard_that_never_ran_are_told_apart() -> None:
    assert list(lines(WouldHave(7, SINCE))) == [
        "In the last 7 days nobody would have been hit.",
        "The journal of this guard has decisions since 2026-11-24 12:00.",
    ]
    assert "is empty: was the guard running?" in list(lines(WouldHave(7, "")))[1]


def test_long_list_is_cut_and_counted() -> None:
    hits = tuple(replace(HIT, address=f"203.0.113.{n}") for n in range(9))
    found = list(lines(WouldHave(7, SINCE, hits), 2))
    assert found[-1] == "and 7 addresses more"
    assert len(found) == 2 + 2 * 2 + 1


def test_what_a_stranger_wrote_moves_no_cursor() -> None:
    assert all(
        line.isprintable() for line in lines(WouldHave(7, SINCE, (replace(HIT, why="\x1b[2J"),)))
    )


def note(store: Path, *decisions: Decision) -> None:
    with Casebook(str(store)) as book:
        journal = DecisionJournal(book)
        journal.note(decisions, enforced=False)
        journal.write()


@pytest.mark.parametrize("released", [False, True])
def test_status_says_whether_a_user_would_have_been_hit(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], released: bool
) -> None:
    store = tmp_path / "cases.db"
    note(store, Decision(BLOCK, "203.0.113.66", "guessing", 0, proven="tcp", lasts_s=60))
    if released:
        note(store, Decision(RELEASE, "203.0.113.66", "a user", 0, proven="tcp"))
    with pytest.raises(typer.Exit) as ended:
        show_would_have(str(store))
    assert ended.value.exit_code == int(released)
    with pytest.raises(typer.Exit) as ended:
        show_would_have(str(store), json=True)
    told = capsysbinary.readouterr().out.decode()
    told = told[told.index("{") :]
    document = json.loads(told)
    assert (document["schema"], document["users"]) == (SCHEMA, int(released))
    assert document["hits"][0]["address"] == "203.0.113.66"


@pytest.mark.parametrize(
    ("days", "says"), [(0, "1 to 90"), (91, "1 to 90"), (7, "Is a directory|unable|cannot")]
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], days: int, says: str
) -> None:
    with pytest.raises(typer.Exit) as ended:
        show_would_have(str(tmp_path), days)
    assert ended.value.exit_code == 2
    assert re.search(says, capsys.readouterr().err)
