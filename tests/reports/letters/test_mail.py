from __future__ import annotations

import json
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given

from ringfence.model.letter import ABUSE, CARRIER, NOC_CALL, Attachment, Letter, LetterError
from ringfence.model.settings import MailServer, Settings, Victim
from ringfence.reports.letters.mail import (
    MAX_MAIL_OCTETS,
    as_mail,
    as_mailbox,
    as_text,
    fit_for_mail,
)
from ringfence.reports.letters.write import write_letters
from tests.reports.letters.golden import agrees
from tests.reports.letters.scene import BRIEF, CASE, EARLIER, MADE_AT, SETTINGS, STOLE, about
from tests.reports.letters.seen import hostile, is_clean

ID = "<20261126.1@office.example>"
(ONE,) = write_letters(ABUSE, about(STOLE))
PLAIN = Letter(
    CARRIER,
    CASE,
    "carrier",
    ("fraud@trunk.example",),
    "your trunk's carrier",
    "Fraud",
    "Stop it.\n",
)
PDF = Attachment("carrier.pdf", "application/pdf", b"%PDF-1.7", "to sign")


def parsed(letter: Letter, settings: Settings = SETTINGS) -> EmailMessage:
    """The mail as its receiver's software reads it."""
    octets = as_mail(letter, settings, MADE_AT, ID)
    mail = message_from_bytes(octets, policy=default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def shape(mail: EmailMessage) -> list[str]:
    """Types of all parts, in order."""
    return [part.get_content_type() for part in mail.walk()]


def test_an_abuse_letter_is_what_is_on_file() -> None:
    # The version of the tool is the only thing that changes from release to release.
    from ringfence import __version__

    mail = as_mail(ONE, SETTINGS, MADE_AT, ID).replace(
        f"Ringfence/{__version__}".encode(), b"Ringfence/VERSION"
    )

    agrees("abuse-one-source.eml", mail)


def test_one_source_is_a_report_of_three_parts() -> None:
    mail = parsed(ONE)

    assert mail.get_content_type() == "multipart/report"
    assert mail["Content-Type"].params["report-type"] == "feedback-report"
    text, feedback, report = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().replace("\r\n", "\n") == ONE.text
    inner = feedback.get_payload(0)
    assert isinstance(inner, EmailMessage)
    assert [*inner.keys()] == ["Feedback-Type", "User-Agent", "Version"]
    assert (inner["Feedback-Type"], inner["Version"]) == ("xarf", "1")
    assert (report.get_filename(), report.get_content_type()) == ("xarf.json", "application/json")
    assert report["Content-Transfer-Encoding"] == "base64"
    assert json.loads(report.get_content())["source_identifier"] == STOLE.address


def test_further_sources_stand_beside_the_report() -> None:
    mail = parsed(write_letters(ABUSE, BRIEF)[0])

    assert shape(mail) == [
        "multipart/mixed",
        "multipart/report", "text/plain", "message/feedback-report", "text/plain",
        "application/json",
        "application/json", "application/json",
    ]  # fmt: skip
    files = [part.get_filename() for part in mail.walk() if part.get_filename()]
    assert files == ["xarf.json", "xarf-2.json", "xarf-3.json"]


def test_a_letter_without_files_is_text_alone() -> None:
    mail = parsed(PLAIN)

    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().strip() == "Stop it."
    assert mail["MIME-Version"] == "1.0"


def test_a_letter_with_a_file_holds_it_whole() -> None:
    mail = parsed(replace(PLAIN, attachments=(PDF,)))

    assert shape(mail) == ["multipart/mixed", "text/plain", "application/pdf"]
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("carrier.pdf", b"%PDF-1.7")


def test_what_the_owner_reads_is_not_sent() -> None:
    letter = replace(ONE, remarks=("Telephone the desk as well.",))

    assert b"Telephone the desk" not in as_mail(letter, SETTINGS, MADE_AT, ID)
    assert "Telephone the desk" in as_text(letter)


def test_headers_are_those_of_a_person() -> None:
    mail = parsed(ONE)

    assert [*mail.keys()] == [
        "From", "To", "Cc", "Date", "Message-ID", "Subject", "X-Ringfence-Case", "MIME-Version",
        "Content-Type",
    ]  # fmt: skip
    assert mail["From"] == "Ada Keller <it@office.example>"
    assert mail["To"] == "abuse@hosting.example"
    assert mail["Cc"] == "cert@cert.example"
    assert mail["Date"] == "Thu, 26 Nov 2026 08:30:00 +0000"
    assert mail["Message-ID"] == ID
    assert mail["X-Ringfence-Case"] == CASE


def test_a_second_letter_stands_in_the_thread_of_the_first() -> None:
    long = "<" + "a" * 100 + "@" + "b" * 100 + ">"
    mail = parsed(replace(ONE, refers_to=(long, "not an id", EARLIER.message_id)))

    assert mail["In-Reply-To"] == EARLIER.message_id
    assert mail["References"] == f"{long} {EARLIER.message_id}"


def test_an_exercise_says_so_in_its_headers() -> None:
    (letter,) = write_letters(ABUSE, about(STOLE, exercise=True))

    mail = parsed(letter)

    assert mail["X-Ringfence-Exercise"] == "yes, never to be sent"
    assert str(mail["Subject"]).startswith("EXERCISE")


def test_replies_go_to_the_victim_where_another_mailbox_sends() -> None:
    mail = parsed(ONE, replace(SETTINGS, mail=MailServer(sender="robot@office.example")))

    assert mail["From"] == "Ada Keller <robot@office.example>"
    assert mail["Reply-To"] == "it@office.example"


def test_names_beyond_ascii_arrive() -> None:
    victim = replace(SETTINGS.victim, name="Jörg Müller")
    octets = as_mail(ONE, replace(SETTINGS, victim=victim), MADE_AT, ID)

    assert octets.isascii()
    mail = message_from_bytes(octets, policy=default)
    assert mail["From"].addresses[0].display_name == "Jörg Müller"


def test_text_beyond_ascii_arrives_and_stays_readable() -> None:
    letter = replace(PLAIN, text="Sechs e.V. München\n")
    octets = as_mail(letter, SETTINGS, MADE_AT, ID)

    assert b"quoted-printable" in octets
    assert b"Sechs e.V. M=C3=BCnchen" in octets
    assert parsed(letter).get_content().strip() == "Sechs e.V. München"


@pytest.mark.parametrize(("text", "mailbox"), [
    ("abuse@hosting.example", "abuse@hosting.example"),
    ("First.Last+sip@Hosting.EXAMPLE", "First.Last+sip@hosting.example"),
    ("abuse@münchen.example", "abuse@xn--mnchen-3ya.example"),
    ("o'neil@a-b.example", "o'neil@a-b.example"),
])  # fmt: skip
def test_a_mailbox_is_as_dns_knows_it(text: str, mailbox: str) -> None:
    assert as_mailbox(text) == mailbox


@pytest.mark.parametrize("text", [
    "",
    "abuse",
    "@hosting.example",
    "abuse@",
    "abuse@localhost",
    "abuse@198.51.100.7",
    "a@b.example, c@d.example",
    "a@b.example;c@d.example",
    "a@b@c.example",
    "Desk <abuse@hosting.example>",
    "abuse@hosting.example\r\nBcc: x@y.example",
    "x\r\nBcc: y@z.example",
    "abuse@hosting.example\n",
    " abuse@hosting.example",
    '"a b"@hosting.example',
    "abüse@hosting.example",
    "abuse\u200b@hosting.example",
    "abuse@hosting\u202e.example",
    "a..b@hosting.example",
    "a" * 65 + "@hosting.example",
    "a@" + "b" * 64 + ".example",
    "a@" + "b." * 130 + "example",
])  # fmt: skip
def test_what_is_not_one_mailbox_is_refused(text: str) -> None:
    with pytest.raises(LetterError, match="not one mail address"):
        as_mailbox(text)


@pytest.mark.parametrize(("letter", "why"), [
    (replace(PLAIN, kind=NOC_CALL), "never mailed"),
    (replace(PLAIN, to=(), remarks=("Telephone them.",)), "Telephone them"),
    (replace(PLAIN, to=("a@b.example, c@d.example",)), "not one mail address"),
    (replace(PLAIN, copy=("x\r\nBcc: c@d.example",)), "not one mail address"),
])  # fmt: skip
def test_what_cannot_be_mailed_says_what_to_do(letter: Letter, why: str) -> None:
    with pytest.raises(LetterError, match=why):
        as_mail(letter, SETTINGS, MADE_AT, ID)


@pytest.mark.parametrize("id_", ["", "x", "<a@b>\r\nBcc: c@d", "<a b@c>", "<a@b"])
def test_a_message_id_that_is_none_is_refused(id_: str) -> None:
    with pytest.raises(LetterError, match="no Message-ID"):
        as_mail(PLAIN, SETTINGS, MADE_AT, id_)


def test_without_a_sender_nothing_is_written() -> None:
    with pytest.raises(LetterError, match=r"victim\.email"):
        as_mail(PLAIN, Settings(), MADE_AT, ID)


def test_too_large_a_file_is_left_out_and_named_to_the_owner() -> None:
    huge = Attachment("capture.pcapng", "application/octet-stream", bytes(12_000_000), "packets")
    letter = replace(PLAIN, attachments=(huge, PDF))

    fitted = fit_for_mail(letter)

    assert fitted.attachments == (PDF,)
    assert "capture.pcapng" in fitted.remarks[-1]
    assert fit_for_mail(fitted) is fitted
    assert len(as_mail(letter, SETTINGS, MADE_AT, ID)) < MAX_MAIL_OCTETS


def test_what_just_fits_makes_a_mail_below_the_limit() -> None:
    octets = bytes(10_900_000)
    letter = replace(PLAIN, attachments=(replace(PDF, octets=octets),))

    assert fit_for_mail(letter).attachments
    assert len(as_mail(letter, SETTINGS, MADE_AT, ID)) < MAX_MAIL_OCTETS


def test_names_of_files_lead_nowhere() -> None:
    bad = replace(PDF, name='../../x"\r\nBcc: a@b.pdf', media_type="message/rfc822")

    (file,) = parsed(replace(PLAIN, attachments=(bad,))).iter_attachments()

    assert file.get_filename() == "x-Bcc-a-b.pdf"
    assert file.get_content_type() == "application/octet-stream"


def test_the_text_file_tells_the_letter_from_what_is_for_the_owner() -> None:
    text = as_text(replace(PLAIN, remarks=("Sign it.",), attachments=(PDF,)))

    head, letter, rest = text.split("\n\n", 2)
    assert head == ("To:       fraud@trunk.example\nSubject:  Fraud\nAttached: carrier.pdf")
    assert letter == "Stop it."
    assert rest.startswith("- - - - - 8< - -")
    assert rest.endswith("For you, not for the receiver:\n\n* Sign it.\n")


def test_the_text_file_says_where_no_desk_is_known() -> None:
    assert as_text(replace(PLAIN, kind="abuse", to=())).startswith("To:       nobody is known yet")


def test_the_text_file_names_who_gets_it_by_hand() -> None:
    officer = replace(PLAIN, kind="police", to=(), receiver="the local police")
    assert as_text(officer).startswith("To:       the local police\n")


@pytest.mark.parametrize("name", [
    "=?utf-8?q?=0d=0aBcc:?= x@y.example",
    'Ada "the\\ boss" Keller, <x@y.example>',
    "\r\nBcc: x@y.example",
    "x" * 3000,
    "\u202eAda",
])  # fmt: skip
def test_a_name_adds_no_mailbox_and_no_header(name: str) -> None:
    mail = parsed(PLAIN, Settings(victim=Victim(name=name, email="it@office.example")))

    assert [one.addr_spec for one in mail["From"].addresses] == ["it@office.example"]
    assert "Bcc" not in mail
    assert is_clean(mail["From"].addresses[0].display_name)


@given(subject=hostile(), text=hostile(), name=hostile(), organisation=hostile(), case=hostile())
def test_no_text_adds_a_header_or_a_part(
    subject: str, text: str, name: str, organisation: str, case: str
) -> None:
    victim = Victim(name=name, organisation=organisation, email="it@office.example")
    letter = replace(ONE, subject=subject, text=text, case_id=case, copy=())
    octets = as_mail(letter, Settings(victim=victim), MADE_AT, ID)

    mail = message_from_bytes(octets, policy=default)

    known = {
        "From", "To", "Date", "Message-ID", "Subject", "X-Ringfence-Case", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert set(mail.keys()) <= known
    assert len(mail.keys()) == len(set(mail.keys()))
    assert [part.get_content_type() for part in mail.walk()] == shape(parsed(ONE))
    assert [one.addr_spec for one in mail["From"].addresses] == ["it@office.example"]
    assert is_clean(str(mail["Subject"]).replace("\n", "\r"))
    assert octets.isascii()
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert b"\n" not in octets.replace(b"\r\n", b"")
