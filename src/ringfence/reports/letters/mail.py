"""A letter as a mail (.eml) and as a file to read.

How it works: headers are written here, of values that were checked or made visible, so no
stranger's text can end one and begin another. (The library's own writer decodes what looks
like an encoded word in a name, and a line end that is in it.) A letter with XARF is a report in the
form of RFC 6522: the text, what kind of feedback it is, and the first report as JSON. That
form has three parts and no more; what else goes along stands beside it, in a
multipart/mixed around both. Nothing is marked as sent by a machine: a person sends it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import format_datetime

from ringfence import __version__
from ringfence.model.domain import smtp_mailbox
from ringfence.model.letter import ABUSE, NEVER_MAILED, Attachment, Letter, LetterError
from ringfence.model.settings import Settings
from ringfence.model.text import shown
from ringfence.reports.lanes import cut
from ringfence.reports.letters.text import wrapped

# What desks take (XARF's transport by mail), with the third that base64 adds.
MAX_MAIL_OCTETS = 15_000_000
# RFC 5322 allows 998 octets a line; a subject is one line that people read.
MAX_SUBJECT = 200
# Of an earlier exchange: first and last ones suffice to find it.
_MOST_REFERENCES = 20
_WIDEST_LINE = 78
_LONGEST_NAME = 100
_MOST_NAMES = 5

_MESSAGE_ID = re.compile(r"<[!-;=?A-Z\[-~]{1,120}@[!-;=?A-Z\[-~]{1,120}>")
_ATOMS = re.compile(r"[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*")
_CASE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MEDIA_TYPE = re.compile(r"([a-z]+)/([a-z0-9.+-]+)")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")

_CUT_HERE = "- - - - - 8< - - - - - - - - the letter ends here - - - - - - - - - - -"


def as_mail(letter: Letter, settings: Settings, at: str, message_id: str) -> bytes:
    """The letter as a mail of this moment (ISO 8601), with CRLF. Raises LetterError."""
    if letter.kind in NEVER_MAILED:
        raise LetterError(f"{letter.kind} is spoken or typed in, never mailed: read the .txt file")
    if not letter.to:
        raise LetterError(f"nobody is known to send {letter.name} to: {_what_to_do(letter)}")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise LetterError(f"{shown(message_id)} is no Message-ID: <something@your.domain>")
    letter = fit_for_mail(letter)
    headers = [
        *_ends(letter, settings),
        ("Date", format_datetime(datetime.fromisoformat(at).astimezone(UTC))),
        ("Message-ID", message_id),
        *_references(letter),
        ("Subject", _encoded(_header_text(letter.subject, MAX_SUBJECT))),
    ]
    if _CASE_ID.fullmatch(letter.case_id):
        headers.append(("X-Ringfence-Case", letter.case_id))
    if letter.exercise:
        headers.append(("X-Ringfence-Exercise", "yes, never to be sent"))
    headers.append(("MIME-Version", "1.0"))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode("ascii") + _body(letter, message_id).as_bytes()


def as_text(letter: Letter) -> str:
    """The letter as a file: who gets it, what it says, and below a cut what the owner reads."""
    letter = fit_for_mail(letter) if letter.to else letter
    head = [
        ("To", ", ".join(letter.to) or _whom(letter)),
        ("Copy", ", ".join(letter.copy)),
        ("Subject", letter.subject),
        ("Attached", ", ".join(_files(letter))),
    ]
    lines = [wrapped(value, first=f"{name + ':':10}") for name, value in head if value]
    lines += ["", *_lines(letter.text)]
    if letter.remarks:
        lines += ["", _CUT_HERE, "", "For you, not for the receiver:", ""]
        lines += [wrapped(remark, first="* ") for remark in letter.remarks]
    return "\n".join(lines) + "\n"


def as_mailbox(text: str) -> str:
    """One address that mail can be sent to, its domain as DNS knows it. Raises LetterError."""
    mailbox = smtp_mailbox(text)
    if mailbox is None or not mailbox.isascii() or "." not in mailbox.rpartition("@")[2]:
        raise LetterError(
            f"{cut(shown(text), 80)!r} is not one mail address: write it like abuse@hosting.example"
        )
    return mailbox


def fit_for_mail(letter: Letter) -> Letter:
    """The letter without the attachments that no desk's server would take; a remark names them."""
    room = MAX_MAIL_OCTETS - 2 * len(letter.text.encode(errors="replace"))
    kept: list[Attachment] = []
    left: list[str] = []
    for one in (*letter.xarf, *letter.attachments):
        weight = len(one.octets) * 4 // 3 * 78 // 76 + 1000  # base64, line ends, part headers
        if weight <= room:
            room -= weight
            kept.append(one)
        else:
            left.append(one.name)
    if not left:
        return letter
    remark = (
        f"Too large for a mail ({MAX_MAIL_OCTETS // 1_000_000} MB) and left out of it: "
        f"{', '.join(left)}. Offer it, and hand it over another way."
    )
    return replace(
        letter,
        xarf=tuple(one for one in letter.xarf if one in kept),
        attachments=tuple(one for one in letter.attachments if one in kept),
        remarks=(*letter.remarks, remark),
    )


def _whom(letter: Letter) -> str:
    """Who gets a letter that has no mailbox: handed over, typed in, read out, or not known."""
    return f"nobody is known yet ({letter.receiver})" if letter.kind == ABUSE else letter.receiver


def _files(letter: Letter) -> Iterable[str]:
    """Names of what goes along; the reports of many sources as one span."""
    reports = [one.name for one in letter.xarf]
    if len(reports) > _MOST_NAMES:
        reports = [f"{reports[0]} to {reports[-1]}"]
    return (*reports, *(one.name for one in letter.attachments))


def _what_to_do(letter: Letter) -> str:
    return letter.remarks[0] if letter.remarks else "hand it over as its text says"


def _ends(letter: Letter, settings: Settings) -> Iterable[tuple[str, str]]:
    """From, Reply-To, To and Cc."""
    victim = settings.victim
    own = settings.mail.sender or victim.email
    if not own:
        raise LetterError("no sender: write your mail address into settings.toml, victim.email")
    sender = as_mailbox(own)
    name = _header_text(victim.name or victim.organisation, _LONGEST_NAME)
    fold = "\r\n " if len(name) + len(sender) > _WIDEST_LINE - 10 or not name.isascii() else " "
    yield "From", f"{_phrase(name)}{fold}<{sender}>" if name else sender
    if victim.email and (reply := as_mailbox(victim.email)).lower() != sender.lower():
        yield "Reply-To", reply
    yield "To", _each(letter.to)
    if letter.copy:
        yield "Cc", _each(letter.copy)


def _each(mailboxes: Iterable[str]) -> str:
    return ",\r\n ".join(dict.fromkeys(map(as_mailbox, mailboxes)))


def _references(letter: Letter) -> Iterable[tuple[str, str]]:
    """In-Reply-To the last letter, References to all: threads stay together at the desk."""
    known = [one for one in letter.refers_to if _MESSAGE_ID.fullmatch(one)][-_MOST_REFERENCES:]
    if known:
        yield "In-Reply-To", known[-1]
        yield "References", "\r\n ".join(known)


def _phrase(name: str) -> str:
    """A display name: a quoted string, or encoded."""
    encoded = _encoded(name)
    if encoded != name:
        return encoded
    return name if _ATOMS.fullmatch(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _encoded(text: str) -> str:
    """Text of a header: as it is in ASCII, folded; else as words of RFC 2047, of 45 octets each.

    Also what only looks like such a word: `=?utf-8?q?=0d=0aBcc:?=` would be decoded by the reader.
    """
    if text.isascii() and "=?" not in text:
        lines = textwrap.wrap(text, 66, break_long_words=False, break_on_hyphens=False)
        return "\r\n ".join(lines)
    words = [""]
    for character in text:
        if len((words[-1] + character).encode()) > 45:
            words.append("")
        words[-1] += character
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word.encode()).decode()}?=" for word in words)


def _body(letter: Letter, message_id: str) -> MIMEPart:
    """Text alone; with files beside it; or a report, with files beside it."""
    text = _text_part(letter.text)
    files = [*letter.xarf, *letter.attachments]
    if letter.kind == ABUSE and letter.xarf:
        first, *files = files
        report = [text, _feedback_part(), _file_part(replace(first, name="xarf.json"))]
        text = _joined("report", report, message_id)
    return _joined("mixed", [text, *map(_file_part, files)], message_id) if files else text


def _joined(subtype: str, parts: Iterable[MIMEPart], message_id: str) -> MIMEPart:
    """Parts under one multipart, with a boundary that nobody knows before the mail."""
    boundary = hashlib.sha256(f"{subtype} {message_id}".encode()).hexdigest()[:32]
    kind = '; report-type="feedback-report"' if subtype == "report" else ""
    whole = MIMEPart(SMTP)
    whole["Content-Type"] = f'multipart/{subtype}{kind}; boundary="=_{boundary}"'
    for part in parts:
        whole.attach(part)
    return whole


def _text_part(text: str) -> MIMEPart:
    """Readable as it stands in the mail where it is ASCII: no base64, which filters dislike."""
    part = MIMEPart(SMTP)
    lines = _lines(text)
    plain = text.isascii() and all(len(line) <= _WIDEST_LINE for line in lines)
    content = "\n".join(lines) + "\n"
    part.set_content(content, charset="utf-8", cte="7bit" if plain else "quoted-printable")
    return part


def _feedback_part() -> MIMEPart:
    part = MIMEPart(SMTP)
    part["Content-Type"] = "message/feedback-report"
    part["Content-Transfer-Encoding"] = "7bit"
    part.set_payload(
        f"Feedback-Type: xarf\r\nUser-Agent: Ringfence/{__version__}\r\nVersion: 1\r\n"
    )
    return part


def _file_part(file: Attachment) -> MIMEPart:
    match = _MEDIA_TYPE.fullmatch(file.media_type)
    maintype, subtype = match.groups() if match else ("application", "octet-stream")
    if maintype in {"multipart", "message"}:
        maintype, subtype = "application", "octet-stream"
    name = _NOT_IN_NAMES.sub("-", file.name).strip("-.")[:100] or "attachment"
    part = MIMEPart(SMTP)
    part.set_content(
        file.octets, maintype, subtype, cte="base64", disposition="attachment", filename=name
    )
    return part


def _header_text(text: str, most: int) -> str:
    return cut(" ".join(shown(text).split()), most)


def _lines(text: str) -> list[str]:
    """Made visible once more: a letter may have been written by hand since."""
    return [shown(line) for line in text.rstrip("\n").split("\n")]
