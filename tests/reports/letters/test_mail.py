"""Letters as mails: no header of a stranger's, whole through any reader."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from email.message import EmailMessage, Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.letter import IC3, Attachment, Letter, LetterError
from ringfence.model.settings import MailServer, Settings, Victim
from ringfence.reports.letters.mail import (
    MAX_MAIL_OCTETS,
    as_mail,
    as_mailbox,
    as_text,
    fit_for_mail,
)
from tests.reports.letters.scene import CASE, SETTINGS

AT = "2026-11-26T09:00:00+01:00"
ID = "<letter.1@office.example>"
REPORT = Attachment("xarf-1.json", "application/json", b'{"a": 1}\n', "a report")
SECOND = replace(REPORT, name="xarf-2.json")
TABLE = Attachment("sources.csv", "text/csv", b"a,b\r\n1,2\r\n", "a table")
LETTER = Letter(
    kind="abuse",
    case_id=CASE,
    name="abuse-198.51.100.0-24",
    to=("abuse@hosting.example",),
    receiver="abuse desk of Example Hosting Ltd",
    subject=f"Abuse: SIP scan from 198.51.100.7 [{CASE}]",
    text="To the abuse desk,\n\nThe address attacked us.\n",
    copy=("cert@cert.example",),
    refers_to=("<first.1@office.example>", "<second.2@office.example>"),
    remarks=("Telephone: +31 20 555 0100",),
)
HEADERS = {
    "From", "To", "Cc", "Date", "Message-ID", "In-Reply-To", "References", "Subject",
    "X-Ringfence-Case", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip
LIES = ("a\r\nBcc: x@evil.example", "a\nBcc: x@evil.example", "x\u202ey", "x\u200by", "x\x00y")


def read(letter: Letter = LETTER, settings: Settings = SETTINGS) -> EmailMessage:
    """The mail, as another program reads it."""
    octets = as_mail(letter, settings, AT, ID)
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def content(part: EmailMessage | Message) -> str:
    """A part's text with our line ends."""
    assert isinstance(part, EmailMessage)
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def octets_of(part: EmailMessage | Message) -> bytes:
    """A file of a mail."""
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets


def test_a_mail_comes_back_as_it_was_written() -> None:
    mail = read()
    assert str(mail["From"]) == "Ada Keller <it@office.example>"
    assert str(mail["To"]) == "abuse@hosting.example"
    assert str(mail["Cc"]) == "cert@cert.example"
    assert str(mail["Subject"]) == LETTER.subject
    assert str(mail["Date"]) == "Thu, 26 Nov 2026 08:00:00 +0000"
    assert str(mail["Message-ID"]) == ID
    assert str(mail["X-Ringfence-Case"]) == CASE
    assert content(mail) == LETTER.text
    assert set(mail.keys()) == HEADERS
    assert mail.defects == []


def test_a_second_letter_stands_in_the_thread_of_the_first() -> None:
    mail = read()
    assert str(mail["In-Reply-To"]) == "<second.2@office.example>"
    assert str(mail["References"]).split() == list(LETTER.refers_to)


def test_a_liars_message_id_is_no_reference() -> None:
    mail = read(replace(LETTER, refers_to=("<a@b>\r\nBcc: x@evil.example",)))
    assert "References" not in mail
    assert "Bcc" not in mail


def test_what_the_owner_reads_is_not_sent() -> None:
    assert b"+31 20 555 0100" not in as_mail(LETTER, SETTINGS, AT, ID)


def test_one_report_is_the_third_part_of_a_feedback_report() -> None:
    mail = read(replace(LETTER, xarf=(REPORT,)))
    assert mail.get_content_type() == "multipart/report"
    assert mail.get_param("report-type") == "feedback-report"
    text, feedback, report = mail.iter_parts()
    assert content(text) == LETTER.text
    assert feedback.get_content_type() == "message/feedback-report"
    assert b"Feedback-Type: xarf" in bytes(feedback)
    assert report.get_filename() == "xarf.json"
    assert json.loads(octets_of(report)) == {"a": 1}


def test_more_files_stand_beside_the_report() -> None:
    mail = read(replace(LETTER, xarf=(REPORT, SECOND), attachments=(TABLE,)))
    assert mail.get_content_type() == "multipart/mixed"
    report, *files = mail.iter_parts()
    assert report.get_content_type() == "multipart/report"
    assert len(list(report.iter_parts())) == 3
    assert [file.get_filename() for file in files] == ["xarf-2.json", "sources.csv"]
    assert octets_of(files[1]) == TABLE.octets


def test_a_letter_in_ascii_is_readable_as_it_stands() -> None:
    assert b"\r\nThe address attacked us.\r\n" in as_mail(LETTER, SETTINGS, AT, ID)


def test_a_letter_beyond_ascii_comes_back_whole() -> None:
    text = "To Sechs e.V. M\u00fcnchen,\n\nFrom the start.\n"
    octets = as_mail(replace(LETTER, text=text, subject="M\u00fcnchen"), SETTINGS, AT, ID)
    assert octets.isascii()
    mail = read(replace(LETTER, text=text, subject="M\u00fcnchen"))
    assert content(mail) == text
    assert str(mail["Subject"]) == "M\u00fcnchen"


@pytest.mark.parametrize("lie", LIES)
def test_a_strangers_text_makes_no_header(lie: str) -> None:
    victim = replace(SETTINGS.victim, name=lie)
    bad = Attachment(lie, lie, b"x", lie)
    letter = replace(
        LETTER, subject=lie, case_id=lie, text=lie, receiver=lie, attachments=(bad,), name=lie
    )
    octets = as_mail(letter, replace(SETTINGS, victim=victim), AT, ID)
    mail = read(letter, replace(SETTINGS, victim=victim))
    assert set(mail.keys()) <= HEADERS
    assert b"\nBcc" not in octets.partition(b"\r\n\r\n")[0]
    assert str(mail["Subject"]).isprintable()
    assert "\u202e" not in octets.decode()


@pytest.mark.parametrize(
    "lie",
    [*LIES, "", "a", "a@b", "a b@hosting.example", "a@hosting.example, b@evil.example",
     "a@hosting.example\r\nBcc: b@evil.example", "<a@hosting.example>", "a@[192.0.2.1]",
     "a@192.0.2.1", ".a@hosting.example", "a@-x.example", f"{'a' * 65}@hosting.example",
     "a@hosting\u202e.example"],
)  # fmt: skip
def test_what_is_not_one_mailbox_is_refused(lie: str) -> None:
    with pytest.raises(LetterError, match="not one mail address"):
        as_mailbox(lie)
    with pytest.raises(LetterError):
        as_mail(replace(LETTER, to=(lie,)), SETTINGS, AT, ID)


def test_a_domain_is_written_as_dns_knows_it() -> None:
    assert as_mailbox("abuse@M\u00fcnchen.example") == "abuse@xn--mnchen-3ya.example"


@given(st.text(max_size=200))
def test_no_text_makes_a_header_or_leaves_a_line(text: str) -> None:
    letter = replace(LETTER, subject=text, text=text, case_id=text)
    octets = as_mail(letter, SETTINGS, AT, ID)
    mail = read(letter)
    assert set(mail.keys()) <= HEADERS
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    assert b"\n" not in octets.replace(b"\r\n", b"")


def test_an_exercise_says_so_in_its_headers() -> None:
    assert "never" in read(replace(LETTER, exercise=True))["X-Ringfence-Exercise"]
    assert "X-Ringfence-Exercise" not in read()


def test_who_is_answered_may_be_another_than_who_sends() -> None:
    mail = read(settings=replace(SETTINGS, mail=MailServer(sender="pbx@office.example")))
    assert "pbx@office.example" in str(mail["From"])
    assert str(mail["Reply-To"]) == "it@office.example"


@pytest.mark.parametrize(
    ("letter", "settings", "id_", "why"),
    [
        (replace(LETTER, kind=IC3), SETTINGS, ID, "never mailed"),
        (replace(LETTER, to=()), SETTINGS, ID, "nobody is known"),
        (LETTER, Settings(victim=Victim(name="Ada")), ID, r"victim\.email"),
        (LETTER, SETTINGS, "<a@b>\r\nBcc: x@evil.example", "no Message-ID"),
    ],
)
def test_a_mail_that_cannot_be_says_why(
    letter: Letter, settings: Settings, id_: str, why: str
) -> None:
    with pytest.raises(LetterError, match=why):
        as_mail(letter, settings, AT, id_)


def test_what_no_server_takes_is_left_out_and_named() -> None:
    big = Attachment("all.json", "application/json", b"x" * MAX_MAIL_OCTETS, "all")
    fit = fit_for_mail(replace(LETTER, xarf=(REPORT,), attachments=(big,)))
    assert (fit.xarf, fit.attachments) == ((REPORT,), ())
    assert "all.json" in fit.remarks[-1]


def test_the_same_letter_is_the_same_mail() -> None:
    letter = replace(LETTER, xarf=(REPORT, SECOND))
    assert as_mail(letter, SETTINGS, AT, ID) == as_mail(letter, SETTINGS, AT, ID)


def test_a_file_says_to_whom_and_keeps_remarks_below_the_cut() -> None:
    text = as_text(LETTER)
    letter, _, remarks = text.partition("the letter ends here")
    assert letter.startswith("To:       abuse@hosting.example\nCopy:     cert@cert.example\n")
    assert "+31 20 555 0100" not in letter
    assert "* Telephone: +31 20 555 0100" in remarks


def test_a_file_without_receiver_says_so() -> None:
    assert "nobody is known yet" in as_text(replace(LETTER, to=()))
