"""One network: its contact, its letter, its turn, its silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.cases.desk_steps import desk_steps
from ringfence.cases.standing import Investigated, Standing
from ringfence.model.follow_up import DONE, NOT_NEEDED, TO_DO, WAITING, FollowUp
from ringfence.model.responsible import NOT_FOUND, Responsible
from tests.cases.incidents import incident, suspect
from tests.cases.standings import (
    CASE,
    FILED,
    TODAY,
    abuse,
    contact,
    mark,
    reply,
    standing,
    who,
)

NET = "203.0.113.0/24"
FOUND = (who("203.0.113.66", NET, contact("abuse@example.net"), contact("noc@example.net")),)
PHONE = (who("203.0.113.66", NET, contact("abuse@example.net", "+1 555 0100")),)
SENT = (abuse(1, "2026-10-04T08:00:00Z"),)


def steps(one: Standing, today: str = TODAY) -> dict[str, FollowUp]:
    (network,) = one.networks()
    return {step.step: step for step in desk_steps(one, network, today)}


def test_nobody_was_asked_yet() -> None:
    found = steps(standing())
    assert (found["contact_found"].state, found["contact_found"].due) == (TO_DO, "2026-10-03")
    assert found["abuse_mailed"].due is None, "a letter without a receiver is not due"


def test_registries_know_nobody() -> None:
    found = steps(standing(found=(Responsible("203.0.113.66", NOT_FOUND, "No holder."),)))
    assert found["contact_found"].state == TO_DO
    assert found["contact_found"].command == f"ringfence who --case {CASE.id} --fresh"
    assert found["contact_found"].network == "203.0.113.66"


def test_contact_is_found_and_the_letter_is_due_on_the_next_day() -> None:
    found = steps(standing(found=FOUND))
    assert (found["contact_found"].state, found["contact_found"].at) == (DONE, FILED)
    assert "abuse@example.net" in found["contact_found"].says
    mailed = found["abuse_mailed"]
    assert (mailed.state, mailed.due, mailed.network) == (TO_DO, "2026-10-04", NET)
    assert mailed.command == "ringfence letter RF-20261002-7f3a2c abuse --send"


def test_contact_of_an_exercise_is_told_as_one() -> None:
    made_up = tuple(replace(one, exercise=True) for one in FOUND)
    found = steps(standing(found=made_up))["contact_found"]
    assert "abuse@example.net (an exercise: ask the registries before you write)" in found.says
    assert "exercise" not in steps(standing(found=FOUND))["contact_found"].says


def test_letter_that_was_only_written_is_still_to_be_sent() -> None:
    mailed = steps(standing(found=FOUND, letters=(abuse(1, ""),)))["abuse_mailed"]
    assert mailed.state == TO_DO
    assert "letters/1.txt" in mailed.says


def test_desk_has_its_turn() -> None:
    mailed = steps(standing(found=FOUND, letters=SENT), "2026-10-06")["abuse_mailed"]
    assert (mailed.state, mailed.due, mailed.at) == (WAITING, "2026-10-06", SENT[0].sent_at)


def test_desk_that_was_silent_is_telephoned() -> None:
    found = steps(standing(found=PHONE, letters=SENT), "2026-10-07")
    assert (found["abuse_mailed"].state, found["abuse_mailed"].due) == (TO_DO, "2026-10-07")
    assert "or telephone" in found["abuse_mailed"].says
    phoned = found["abuse_phoned"]
    assert (phoned.state, phoned.due) == (TO_DO, "2026-10-07")
    assert phoned.command == "ringfence letter RF-20261002-7f3a2c noc-call"
    assert "+1 555 0100: no answer since 2026-10-04" in phoned.says


def test_desk_that_was_telephoned_has_its_turn_again() -> None:
    phoned = mark("abuse_phoned", DONE, "2026-10-08T08:00:00Z", NET)
    one = standing(found=PHONE, letters=SENT, marks=(phoned,))
    assert steps(one, "2026-10-10")["abuse_mailed"].state == WAITING
    assert steps(one, "2026-10-11")["abuse_mailed"].state == TO_DO
    assert steps(one)["abuse_phoned"].state == DONE


def test_without_a_number_nobody_is_telephoned() -> None:
    assert steps(standing(found=FOUND))["abuse_phoned"].state == NOT_NEEDED


def test_while_it_goes_on_the_telephone_comes_at_once() -> None:
    one = standing(found=PHONE, continues=("RF-20260901-abcdef",))
    assert steps(one)["abuse_phoned"].due == "2026-10-03"


def test_automatic_answer_is_told_and_ends_nothing() -> None:
    one = standing(found=FOUND, letters=SENT, replies=(reply(1, "automatic"),))
    mailed = steps(one, "2026-10-05")["abuse_mailed"]
    assert mailed.state == WAITING
    assert "ticket T-1" in mailed.says
    assert steps(one, "2026-10-07")["abuse_mailed"].state == TO_DO


@pytest.mark.parametrize("outcome", ["acted", "answered"])
def test_answer_of_a_person_ends_the_wait(outcome: str) -> None:
    found = steps(standing(found=PHONE, letters=SENT, replies=(reply(1, outcome),)), "2026-10-20")
    assert (found["abuse_mailed"].state, found["abuse_phoned"].state) == (DONE, NOT_NEEDED)
    assert outcome in found["abuse_mailed"].says


def test_answer_without_a_deed_while_it_goes_on_is_not_the_end() -> None:
    seen = suspect("203.0.113.66", last_seen="2026-10-08T08:00:00Z")
    one = standing(seen, found=FOUND, letters=SENT, replies=(reply(1, "answered"),))
    assert steps(one, "2026-10-09")["abuse_mailed"].state == TO_DO


def test_letter_that_came_back_goes_to_the_next_contact() -> None:
    one = standing(found=FOUND, letters=SENT, replies=(reply(1, "bounced"),))
    mailed = steps(one, "2026-10-05")["abuse_mailed"]
    assert (mailed.state, mailed.due) == (TO_DO, "2026-10-05")
    assert "Write to noc@example.net" in mailed.says


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ((contact(None, form="https://example.net/abuse"),), "https://example.net/abuse"),
        ((contact(None, "+1 555 0100"),), "Telephone +1 555 0100"),
        ((), "upstream"),
    ],
)
def test_letter_that_came_back_where_there_is_no_other_mailbox(
    others: tuple[object, ...], says: str
) -> None:
    found = (who("203.0.113.66", NET, contact("abuse@example.net"), *others),)  # type: ignore[arg-type]
    one = standing(found=found, letters=SENT, replies=(reply(1, "bounced"),))
    assert says in steps(one, "2026-10-05")["abuse_mailed"].says


def test_second_letter_after_a_bounce_has_its_own_turn() -> None:
    second = abuse(2, "2026-10-06T08:00:00Z", to=("noc@example.net",))
    one = standing(found=FOUND, letters=(*SENT, second), replies=(reply(1, "bounced"),))
    assert steps(one, "2026-10-07")["abuse_mailed"].state == WAITING


def test_new_addresses_of_a_network_are_told_to_its_desk() -> None:
    filed = (
        Investigated(FILED, incident(suspect("203.0.113.66"))),
        Investigated("2026-10-06T08:00:00Z", incident(suspect("203.0.113.67"))),
    )
    found = (*FOUND, who("203.0.113.67", NET, contact("abuse@example.net")))
    one = standing(investigated=filed, found=found, letters=SENT, replies=(reply(1, "acted"),))
    mailed = steps(one, "2026-10-06")["abuse_mailed"]
    assert (mailed.state, mailed.due) == (TO_DO, "2026-10-07")
    assert "203.0.113.67" in mailed.says


def test_who_mailed_by_himself_says_so_and_waits() -> None:
    one = standing(found=FOUND, marks=(mark("abuse_mailed", DONE, network=NET),))
    assert steps(one, "2026-10-06")["abuse_mailed"].state == WAITING
    assert steps(one, "2026-10-07")["abuse_mailed"].state == TO_DO


def test_forged_reply_without_a_letter_changes_nothing() -> None:
    forged = reply(99, "acted")
    before = steps(standing(found=FOUND, letters=SENT), "2026-10-09")
    assert steps(standing(found=FOUND, letters=SENT, replies=(forged,)), "2026-10-09") == before
