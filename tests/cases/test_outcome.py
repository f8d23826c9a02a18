"""What came back: bounces, machines, people, and those who say that they acted."""

from __future__ import annotations

import time

import pytest

from ringfence.cases.mail import read_mail
from ringfence.cases.outcome import acted, is_automatic, outcome_of, own_words, tickets_of
from ringfence.model.follow_up import ACTED, ANSWERED, AUTOMATIC, BOUNCED
from tests.cases.mails import bounce, mail, multipart


@pytest.mark.parametrize(
    "text",
    [
        "The server has been suspended.",
        "We have terminated the customer's contract.",
        "We null-routed the address.",
        "This IP was null routed today.",
        "Hello,\nwe can confirm that the machine\nhas been taken offline.",
        "Following your report, the VPS was shut down.",
        "We have notified our customer.",
        "The customer has been informed and the server is now blocked.",
        "The instance is disabled. It will not come back.",
        "We have blocked outgoing SIP, thank you for your report!",
    ],
)
def test_who_says_so_clearly_acted(text: str) -> None:
    assert acted(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We look into it.",
        "We will suspend the server.",
        "The server has not been suspended.",
        "We could not find anything, so nothing was blocked.",
        "We will not block the customer.",
        "The customer hasn't been suspended.",
        "If the server has been suspended, tell us.",
        "Has the address been blocked?",
        "Please tell us whether it was blocked.",
        "Accounts that break our policy are suspended.",
        "Your mail was blocked.",
        "Your account has been suspended.",
        "It may have been disabled already.",
        "The server was suspended, but we were unable to block the other one.",
        "Once the customer has been notified, they have 24 hours.",
        "We refuse to say who was suspended.",
        "You can have the address blocked at your side.",
        "Our server is blocked by your firewall.",
        "The suspended particles of dust.",
    ],
)
def test_promises_questions_denials_and_doubts_are_answers(text: str) -> None:
    assert not acted(text)


def test_our_own_words_that_they_quote_are_not_theirs() -> None:
    quoted = (
        "We look at it.\n\n> the server was suspended\n"
        "-----Original Message-----\nThe server has been suspended."
    )
    assert outcome_of(read_mail(mail(quoted))) == (ANSWERED, "We look at it.")
    above = "On Sun, 4 Oct 2026 at 10:00, Anna <anna@victim.example> wrote:\nIt was blocked."
    assert own_words(read_mail(mail(f"Ok.\n{above}"))) == "Ok."


def test_delivery_report_tells_why_it_failed() -> None:
    outcome, says = outcome_of(read_mail(bounce()))
    assert outcome == BOUNCED
    assert says == "failed: abuse@example.net smtp; 550 5.1.1 no such user"


def test_delay_is_not_yet_a_failure() -> None:
    outcome, says = outcome_of(read_mail(bounce("delayed")))
    assert (outcome, says[:8]) == (AUTOMATIC, "delayed:")


@pytest.mark.parametrize(
    "octets",
    [
        mail("Hi. This is the qmail-send program at example.net.", **{"from": "MAILER-DAEMON@x.y"}),
        mail("abuse@example.net: mailbox unavailable", return_path="<>"),
        mail("mail could not be delivered", **{"from": "postmaster@example.net"}),
        mail("x", x_failed_recipients="abuse@example.net", **{"from": "Mailer-Daemon@example.net"}),
        mail("Diagnostic: 550 5.7.1 refused", return_path="<>", subject="Returned mail"),
    ],
)
def test_bounces_that_follow_no_rfc(octets: bytes) -> None:
    assert outcome_of(read_mail(octets))[0] == BOUNCED


def test_a_person_who_writes_of_a_failed_delivery_is_no_bounce() -> None:
    assert outcome_of(read_mail(mail("Your attachment could not be delivered.")))[0] == ANSWERED


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated; owner=x"},
        {"x_autoreply": "yes"},
        {"x_autorespond": ""},
        {"precedence": "auto_reply"},
        {"precedence": "bulk"},
        {"subject": "Automatic reply: SIP attack"},
        {"subject": "Out of Office"},
    ],
)
def test_machines_say_that_they_are_machines(headers: dict[str, str]) -> None:
    read = read_mail(mail("The server has been suspended.", **headers))
    assert outcome_of(read)[0] == AUTOMATIC


@pytest.mark.parametrize(
    "body",
    [
        "We received your report. Your ticket is #123.",
        "Your request has been received and assigned the number 5.",
        "This is an automated message, do not reply to this mail.",
        "A ticket has been created.",
    ],
)
def test_receipts_are_automatic(body: str) -> None:
    assert is_automatic(read_mail(mail(body)))


def test_auto_submitted_no_is_a_person() -> None:
    assert outcome_of(read_mail(mail("We look at it.", auto_submitted="no")))[0] == ANSWERED


def test_receipt_that_it_was_opened_is_automatic() -> None:
    octets = multipart(
        "Content-Type: text/plain\r\n\r\nIt was displayed.",
        "Content-Type: message/disposition-notification\r\n\r\nDisposition: x; displayed",
        kind="report",
    )
    assert outcome_of(read_mail(octets))[0] == AUTOMATIC


def test_outlooks_own_format_says_what_to_ask_for() -> None:
    octets = multipart("Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x01\x02")
    outcome, says = outcome_of(read_mail(octets))
    assert outcome == ANSWERED
    assert "winmail.dat" in says


def test_html_that_says_it_was_done_counts() -> None:
    octets = mail("<p>The server <b>has been suspended</b>.</p>", content_type="text/html")
    assert outcome_of(read_mail(octets))[0] == ACTED


@pytest.mark.parametrize(
    ("subject", "body", "tickets"),
    [
        ("Re: attack [Ticket#2026100410001]", "", ("2026100410001",)),
        ("[#AB-1234] attack", "", ("AB-1234",)),
        ("attack", "Ticket ID: ABC-77, case no. 4711", ("ABC-77", "4711")),
        ("Re: [RF-20261002-7f3a2c] case RF-20261002-7f3a2c", "", ()),
        ("the case is closed", "see reference", ()),
    ],
)
def test_numbers_of_the_desk_are_noted(subject: str, body: str, tickets: tuple[str, ...]) -> None:
    assert tickets_of(read_mail(mail(body, subject=subject))) == tickets


def test_a_thousand_numbers_are_cut() -> None:
    body = "\n".join(f"ticket {n}" for n in range(10, 1000))
    assert len(tickets_of(read_mail(mail(body)))) == 5


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000, "was now " * 2500, "not blocked " * 2000, "ticket " * 3000, "[#" * 10_000,
        "we can confirm " * 1500, "on " + "x " * 9000, "n't" * 7000, "customer was " * 1500,
    ],
)  # fmt: skip
def test_text_that_is_made_to_take_long_does_not(text: str) -> None:
    begun = time.perf_counter()
    read = read_mail(mail(text))
    outcome_of(read)
    tickets_of(read)
    assert time.perf_counter() - begun < 5
