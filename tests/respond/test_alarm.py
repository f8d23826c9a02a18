"""When an alarm comes: once for an attack, at once for a break-in, never a thousand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ringfence.model.alarm import (
    ATTACK,
    BREAK_IN,
    EFFECTIVE,
    MOVED,
    NOT_EFFECTIVE,
    NOTE,
    WARNING,
    Alarm,
    Attack,
)
from ringfence.respond.alarm import (
    MAX_ALARMS,
    MAX_ATTACKS,
    MAX_BREAK_INS,
    AlarmBook,
    quiet_hours,
    severity_of,
)

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 26, 23, tzinfo=UTC)
GUESSER = Attack(
    "203.0.113.7", ("203.0.113.7",), ("password_guessing",), done="blocked", effect=EFFECTIVE
)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def other(number: int, **changes: object) -> Attack:
    return replace(GUESSER, key=f"a{number}", addresses=(f"198.51.100.{number}",), **changes)  # type: ignore[arg-type]


def subjects(alarms: list[Alarm]) -> list[str]:
    return [alarm.subject for alarm in alarms]


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({}, ATTACK),
        ({"accounts_taken": ("240",)}, BREAK_IN),
        ({"calls_answered": 1}, BREAK_IN),
        ({"calls_answered": 1, "over": True}, BREAK_IN),
        ({"proven": False}, WARNING),
        ({"proven": False, "effect": NOT_EFFECTIVE}, ATTACK),
        ({"kinds": ("scan",)}, WARNING),
        ({"kinds": ("scan", "toll_fraud")}, ATTACK),
        ({"over": True}, NOTE),
    ],
)
def test_success_of_the_attacker_is_the_loudest(changes: dict[str, object], severity: str) -> None:
    assert severity_of(replace(GUESSER, **changes)) == severity  # type: ignore[arg-type]


def test_one_attack_of_a_thousand_messages_is_one_alarm() -> None:
    book = AlarmBook()
    alarms = []
    for n in range(1000):
        now = NOON + seconds(n / 10)
        alarm = book.note(replace(GUESSER, messages=n), now)
        alarms += [alarm] if alarm else []
        alarms += book.due(now)
    assert len(alarms) == 1


def test_first_alarm_waits_for_the_proof_of_the_block_but_not_for_ever() -> None:
    book = AlarmBook()
    unproven = replace(GUESSER, effect="unknown")
    assert book.note(unproven, NOON) is None
    assert book.due(NOON + seconds(1)) == []
    assert book.note(GUESSER, NOON + seconds(2)) is not None
    assert book.due(NOON + seconds(60)) == []

    book = AlarmBook()
    book.note(unproven, NOON)
    (alarm,) = book.due(NOON + seconds(5))
    assert "Works: not known yet" in alarm.lines


def test_break_in_waits_for_nothing_and_comes_again_for_each_account() -> None:
    book = AlarmBook(quiet=lambda _: True)
    taken = replace(GUESSER, effect="unknown", accounts_taken=("240",))
    assert book.note(taken, NIGHT) is not None
    two = replace(taken, accounts_taken=("240", "241"))
    assert book.note(two, NIGHT + seconds(1)) is None
    (alarm,) = book.due(NIGHT + seconds(11))
    assert alarm.subject.startswith("Update 1: BREAK-IN")


def test_attack_that_becomes_a_break_in_is_told_at_once() -> None:
    book = AlarmBook()
    assert book.note(GUESSER, NOON) is not None
    assert book.note(replace(GUESSER, calls_answered=1), NOON + seconds(1)) is not None


@pytest.mark.parametrize("effect", [NOT_EFFECTIVE, MOVED])
def test_block_that_stops_working_is_told_within_a_minute(effect: str) -> None:
    book = AlarmBook()
    book.note(GUESSER, NOON)
    assert book.note(replace(GUESSER, effect=effect), NOON + seconds(3)) is None
    assert len(book.due(NOON + seconds(61))) == 1


def test_more_of_the_same_comes_at_longer_and_longer_intervals() -> None:
    book = AlarmBook()
    minutes = []
    for minute in range(24 * 60):
        now = NOON + timedelta(minutes=minute)
        alarm = book.note(replace(GUESSER, messages=minute), now)
        minutes += [minute] if alarm or book.due(now) else []
    assert minutes == [0, 15, 45, 105, 225, 465, 825, 1185]


def test_update_that_takes_itself_back_is_not_told() -> None:
    book = AlarmBook()
    book.note(GUESSER, NOON)
    book.note(replace(GUESSER, effect=NOT_EFFECTIVE), NOON + seconds(1))
    book.note(GUESSER, NOON + seconds(2))
    assert book.due(NOON + timedelta(hours=1)) == []
    assert book.waiting == 0


def test_quiet_hours_hold_the_unimportant_until_the_morning_as_one_message() -> None:
    book = AlarmBook(quiet=quiet_hours("22:00-07:00"))
    for n in range(6):
        assert book.note(other(n), NIGHT + seconds(n)) is None
    assert book.due(NIGHT + timedelta(hours=7)) == []
    (digest,) = book.due(NIGHT + timedelta(hours=8))
    assert digest.subject == "6 attacks since the last message"
    assert book.due(NIGHT + timedelta(hours=9)) == []


def test_alarms_of_ten_minutes_are_bounded_and_the_rest_comes_as_one() -> None:
    book = AlarmBook()
    alarms = [book.note(other(n), NOON + seconds(n)) for n in range(40)]
    assert sum(alarm is not None for alarm in alarms) == MAX_ALARMS
    assert book.due(NOON + seconds(60)) == []
    assert subjects(book.due(NOON + seconds(700))) == [
        f"{40 - MAX_ALARMS} attacks since the last message"
    ]


def test_a_flood_of_attacks_does_not_silence_a_break_in() -> None:
    book = AlarmBook()
    for n in range(40):
        book.note(other(n), NOON)
    taken = [book.note(other(n, accounts_taken=("240",)), NOON) for n in range(100, 140)]
    assert sum(alarm is not None for alarm in taken) == MAX_BREAK_INS
    assert len(book.due(NOON + seconds(601))) == 21  # the others of both, the quiet ones as one


def test_minimum_keeps_lookers_out() -> None:
    book = AlarmBook(minimum=ATTACK)
    scan = replace(GUESSER, kinds=("scan",))
    assert book.note(scan, NOON) is None
    assert book.due(NOON + timedelta(days=1)) == []
    assert book.note(replace(scan, kinds=("scan", "toll_fraud")), NOON) is not None


def test_end_is_told_to_who_was_told_the_beginning() -> None:
    book = AlarmBook()
    assert book.note(replace(GUESSER, over=True), NOON) is None
    assert book.waiting == 0
    book.note(GUESSER, NOON)
    book.note(replace(GUESSER, over=True), NOON + seconds(1))
    (alarm,) = book.due(NOON + seconds(61))
    assert alarm.subject.startswith("Update 1: Over: ")


def test_attacks_that_are_remembered_are_bounded() -> None:
    book = AlarmBook(quiet=lambda _: True)
    for n in range(MAX_ATTACKS + 50):
        book.note(replace(GUESSER, key=str(n)), NOON)
    assert book.waiting == MAX_ATTACKS


@pytest.mark.parametrize(
    ("hours", "minute", "is_quiet"),
    [
        ("22:00-07:00", "21:59", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("9:30-10:00", "09:45", True),
        ("9:30-10:00", "10:00", False),
        ("", "03:00", False),
    ],
)
def test_quiet_hours_may_go_over_midnight(hours: str, minute: str, is_quiet: bool) -> None:
    hour, _, rest = minute.partition(":")
    assert quiet_hours(hours)(NOON.replace(hour=int(hour), minute=int(rest))) is is_quiet


@pytest.mark.parametrize("hours", ["22-7", "22:00", "25:00-07:00", "22:60-07:00", "7:00-7:00", "x"])
def test_quiet_hours_that_make_no_sense_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match=r"it begins and ends|written like"):
        quiet_hours(hours)
