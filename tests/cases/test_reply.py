"""Mails that came back: what they answer, and what a forger gets out of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.cases.reply import MAX_SAYS, match_reply, place_reply, read_reply, same_domain
from ringfence.model.follow_up import ACTED, ANSWERED, BOUNCED, MailError, Reply
from ringfence.model.letter import SentLetter
from tests.cases.mails import bounce, mail, multipart

AT = "2026-10-05T08:00:00Z"
CASE, OTHER = "RF-20261002-7f3a2c", "RF-20261003-abcdef"
LETTERS = [
    SentLetter(
        number, case_id, "abuse", AT, "desk", (to,), "s", "net", (), "f",
        f"<l{number}@v.example>", AT,
    )
    for number, case_id, to in (
        (1, CASE, "abuse@example.net"), (2, CASE, "abuse@example.org"), (3, OTHER, "noc@x.example"),
    )
]  # fmt: skip


def matched(octets: bytes) -> Reply:
    """As the book of cases does it."""
    incoming = read_reply(octets, AT)
    theirs = [letter for letter in LETTERS if letter.message_id in incoming.answers]
    known = {case.upper(): case for case in (CASE, OTHER)}
    return match_reply(
        incoming,
        theirs,
        lambda name: known.get(name.upper()),
        lambda case_id: [letter for letter in LETTERS if letter.case_id == case_id],
    )


def test_answer_names_the_letter_by_its_message_id() -> None:
    reply = matched(mail(in_reply_to="<l2@v.example>", subject="Re: something else"))
    assert (reply.case_id, reply.letter) == (CASE, 2)
    assert "Message-ID of letter 2" in reply.how


def test_customer_who_was_handed_the_letter_is_told_from_the_desk() -> None:
    handed_on = mail(in_reply_to="<l1@v.example>", **{"from": "thief@evil.example"})
    assert "a domain that it did not go to" in matched(handed_on).how
    assert "a domain" not in matched(mail(in_reply_to="<l1@v.example>")).how


def test_latest_reference_counts_most() -> None:
    reply = matched(mail(references="<l3@v.example>\r\n <l1@v.example>"))
    assert reply.letter == 1


def test_bounce_returns_the_message_id_of_what_was_sent() -> None:
    reply = matched(bounce(original="<l1@v.example>"))
    assert (reply.letter, reply.outcome) == (1, BOUNCED)
    whole = multipart(
        "Content-Type: text/plain\r\n\r\n5.1.1 user unknown",
        "Content-Type: message/rfc822\r\n\r\nMessage-ID: <l2@v.example>\r\nSubject: s\r\n\r\nbody",
        **{"from": "mailer-daemon@x.example"},
    )
    assert (matched(whole).letter, matched(whole).outcome) == (2, BOUNCED)
    as_text = mail(
        "user unknown\n--- the mail ---\nMessage-ID: <l2@v.example>",
        **{"from": "mailer-daemon@x.example"},
    )
    assert (matched(as_text).letter, matched(as_text).outcome) == (2, BOUNCED)


@pytest.mark.parametrize("subject", [f"Re: [{CASE}] attack", f"[{CASE.upper()}]", f"T1 {CASE}: x"])
def test_number_of_the_case_and_the_desks_own_domain(subject: str) -> None:
    reply = matched(mail(subject=subject, **{"from": "Bob <bob@support.example.net>"}))
    assert (reply.case_id, reply.letter) == (CASE, 1)


def test_number_in_the_text_counts_where_the_subject_has_none() -> None:
    assert matched(mail(f"about {CASE.lower()}")).case_id == CASE
    assert matched(mail(f"about {OTHER}", subject=f"Re: {CASE}")).case_id == CASE


def test_forger_who_knows_the_number_answers_no_letter() -> None:
    forged = mail(
        "The server has been suspended. Close the case.",
        subject=CASE,
        **{"from": "abuse@example.net.evil.example"},
    )
    reply = matched(forged)
    assert (reply.case_id, reply.letter, reply.outcome) == (CASE, None, ACTED)
    assert reply.sender == "abuse@example.net.evil.example"
    assert "counts for nothing" in reply.how


def test_several_cases_are_not_guessed_at() -> None:
    with pytest.raises(MailError, match=f"several cases: {CASE}, {OTHER}.*--case"):
        matched(mail(f"{CASE} {OTHER}"))


@pytest.mark.parametrize("text", ["hello", "RF-20200101-000000", "xRF-20261002-7f3a2cx"])
def test_what_answers_nothing_says_so(text: str) -> None:
    with pytest.raises(MailError, match="answers no letter and names no case"):
        matched(mail(text))


def test_a_person_says_which_case() -> None:
    reply = place_reply(read_reply(mail(), AT).reply, CASE, LETTERS[:2], "you named the case")
    assert (reply.case_id, reply.letter, reply.outcome) == (CASE, 1, ANSWERED)


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Sun, 4 Oct 2026 10:00:00 +0200", "2026-10-04T08:00:00Z"),
        ("Sun, 4 Oct 2026 10:00:00", "2026-10-04T10:00:00Z"),
        ("Sun, 4 Oct 2999 10:00:00 +0200", AT),
        ("Thu, 1 Jan 1970 00:00:00 +0000", AT),
        ("Sun, 4 Oct 2026 10:00:00 +999999", AT),
        ("99999999999999999999 Oct 99999999999", AT),
        ("", AT),
        ("yesterday", AT),
    ],
)
def test_dates_that_lie_are_those_of_filing(date: str, at: str) -> None:
    assert read_reply(mail(date=date), AT).reply.at == at


def test_mail_without_a_message_id_is_known_by_its_octets() -> None:
    one, other = mail("one", message_id=""), mail("other", message_id="")
    first = read_reply(one, AT).reply.message_id
    assert first.startswith("sha256:")
    assert read_reply(one, AT).reply.message_id == first != read_reply(other, AT).reply.message_id


def test_text_that_moves_the_cursor_is_made_visible() -> None:
    hostile = "\x1b[2J\u202egnp\x00"
    reply = read_reply(
        mail(hostile, subject=hostile, **{"from": f'"{hostile}" <a\x1b@example.net>'}), AT
    ).reply
    for text in (reply.says, reply.subject, reply.sender, reply.message_id, *reply.tickets):
        assert text.isprintable()


def test_a_book_in_a_mail_is_cut() -> None:
    reply = read_reply(
        mail("word " * 100_000, subject="s" * 9999, message_id=f"<{'m' * 370}@x>"), AT
    )
    assert len(reply.reply.says) <= MAX_SAYS
    assert len(reply.reply.subject) <= 200
    assert len(reply.reply.message_id) <= 380


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a@example.net", "b@EXAMPLE.net", True),
        ("a@mail.example.net", "b@example.net", True),
        ("a@example.net", "b@mail.example.net", True),
        ("a@notexample.net", "b@example.net", False),
        ("a@net", "b@example.net", False),
        ("", "b@example.net", False),
    ],
)
def test_domains(one: str, other: str, same: bool) -> None:
    assert same_domain(one, other) is same


@given(st.binary(max_size=3000))
def test_any_octets_are_a_reply_or_one_named_error(octets: bytes) -> None:
    for attempt in (octets, mail() + octets, b"Subject: " + octets, b"From: " + octets):
        try:
            says = matched(attempt).says
        except MailError as error:
            says = str(error)
        assert says
