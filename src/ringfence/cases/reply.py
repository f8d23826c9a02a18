"""A mail that came back, and what it answers. Anybody can write one: it proves nothing.

How it works: who names the Message-ID of a letter had that letter before him; who names a
case's number saw the number. A mail that only names the case counts as an answer of the
desk when it comes from the desk's own domain; from elsewhere it is kept beside the case,
shows who sent it, and changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr, parsedate_to_datetime

from ringfence.cases.mail import Mail, read_headers, read_mail
from ringfence.cases.outcome import outcome_of, tickets_of
from ringfence.model.follow_up import MailError, Reply
from ringfence.model.letter import SentLetter
from ringfence.model.text import shown

# Of what a stranger wrote, in characters as they are shown.
MAX_SAYS = 400
_MAX_SUBJECT = 200
_MAX_SENDER = 320
_MAX_MESSAGE_ID = 380
_MAX_TICKET = 40
# Message-IDs and case numbers that one mail may name.
MAX_NAMED = 50

_CASE = re.compile(r"\bRF-\d{8}-[0-9a-f]{6}\b", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,380}>")
_LOOKED_AT = 100_000


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail, read: the reply without its place, and what it refers to."""

    reply: Reply  # case_id "", letter None
    answers: tuple[str, ...]  # Message-IDs, those of In-Reply-To first
    cases: tuple[str, ...]  # numbers in subject and text, in capital letters


def read_reply(octets: bytes, filed_at: str) -> Incoming:
    """Read a mail that came back. Raises MailError."""
    mail = read_mail(octets)
    outcome, says = outcome_of(mail)
    reply = Reply(
        at=_written_at(mail, filed_at),
        case_id="",
        letter=None,
        sender=_safe(_sender(mail), _MAX_SENDER) or "(no sender)",
        subject=_safe(mail.headers.get("subject"), _MAX_SUBJECT),
        message_id=_own_id(mail, octets),
        outcome=outcome,
        says=_safe(says, MAX_SAYS) or "(no text)",
        how="",
        tickets=tuple(_safe(ticket, _MAX_TICKET) for ticket in tickets_of(mail)),
    )
    return Incoming(reply, _answers(mail), _cases(mail))


def match_reply(
    incoming: Incoming,
    letters: Iterable[SentLetter],
    existing: Callable[[str], str | None],
    of_case: Callable[[str], Sequence[SentLetter]],
) -> Reply:
    """The reply with its case and its letter. Raises MailError when it has none, or several.

    `letters`: those that went out under one of `incoming.answers`. `existing` gives the
    number of the case that a number leads to, `of_case` its letters.
    """
    by_id = {letter.message_id: letter for letter in letters if letter.message_id}
    for message_id in incoming.answers:
        if letter := by_id.get(message_id):
            how = f"it names the Message-ID of letter {letter.number}"
            if not any(same_domain(incoming.reply.sender, box) for box in letter.to):
                how += ", but comes from a domain that it did not go to"
            at = existing(letter.case_id) or letter.case_id
            return replace(incoming.reply, case_id=at, letter=letter.number, how=how)
    found = {case_id for name in incoming.cases if (case_id := existing(name))}
    if len(found) > 1:
        raise MailError(
            f"it names several cases: {', '.join(sorted(found))}; say which with --case"
        )
    if not found:
        named = f" ({', '.join(incoming.cases[:3])} is none of ours)" if incoming.cases else ""
        raise MailError(
            f"from {incoming.reply.sender}: it answers no letter and names no case{named}; say "
            "which with --case"
        )
    case_id = found.pop()
    return place_reply(incoming.reply, case_id, of_case(case_id), "it names the case's number")


def place_reply(reply: Reply, case_id: str, letters: Sequence[SentLetter], how: str) -> Reply:
    """The reply at a case; at the latest letter to the domain that it comes from, if any."""
    theirs = [one for one in letters if any(same_domain(reply.sender, box) for box in one.to)]
    if theirs:
        return replace(
            reply, case_id=case_id, letter=theirs[-1].number,
            how=f"{how}, and comes from the domain of letter {theirs[-1].number}",
        )  # fmt: skip
    why = "its sender's domain got no letter: it counts for nothing until you say --letter"
    return replace(reply, case_id=case_id, letter=None, how=f"{how}; {why}")


def same_domain(one: str, other: str) -> bool:
    """Whether two mailboxes are of one domain, or one of a part of the other's."""
    first, second = (box.rpartition("@")[2].strip(" >").lower() for box in (one, other))
    if "." not in first or "." not in second:
        return False
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def _sender(mail: Mail) -> str:
    """The mailbox of From; the whole line where none can be read."""
    line = mail.headers.get("from")[:1000]
    try:
        return parseaddr(line)[1] or line
    except (ValueError, IndexError):
        return line


def _written_at(mail: Mail, filed_at: str) -> str:
    """By its Date; when it was filed, where that is none, or is yet to come."""
    try:
        date = parsedate_to_datetime(mail.headers.get("date")[:100])
        filed = datetime.fromisoformat(filed_at)
        moment = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
        if moment > filed + timedelta(days=1) or moment.year < filed.year - 20:
            return filed_at
    except (ValueError, TypeError, OverflowError, IndexError):
        return filed_at
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _own_id(mail: Mail, octets: bytes) -> str:
    """Its Message-ID; a hash of the mail where it has none."""
    found = _MESSAGE_ID.search(mail.headers.get("message-id")[:1000])
    if found is None:
        return f"sha256:{hashlib.sha256(octets).hexdigest()}"
    return _safe(found.group(), _MAX_MESSAGE_ID)


def _answers(mail: Mail) -> tuple[str, ...]:
    """Message-IDs that it refers to, and those of mails that it returns."""
    headers = mail.headers
    texts = [headers.get("in-reply-to"), *_backwards(headers.get("references"))]
    for media_type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
        texts += [read_headers(p.text).get("message-id") for p in mail.of_type(media_type)]
    texts.append(mail.text)  # bounces that follow no RFC return the mail as text
    found: dict[str, None] = {}
    for text in texts:
        for one in _MESSAGE_ID.findall(text[:_LOOKED_AT])[:MAX_NAMED]:
            found.setdefault(one)
    return tuple(found)[: 2 * MAX_NAMED]


def _backwards(references: str) -> list[str]:
    """The latest of a conversation first."""
    return _MESSAGE_ID.findall(references[-_LOOKED_AT:])[::-1][:MAX_NAMED]


def _cases(mail: Mail) -> tuple[str, ...]:
    """Numbers of cases: the subject's, else those of the text and of what it returns."""
    subject = _CASE.findall(mail.headers.get("subject")[:2000])
    others = [mail.text, *(p.text for p in mail.of_type("message/rfc822"))]
    others += [p.text for p in mail.of_type("text/rfc822-headers")]
    found = subject or [n for text in others for n in _CASE.findall(text[:_LOOKED_AT])[:MAX_NAMED]]
    return tuple(dict.fromkeys(number.upper() for number in found))[:MAX_NAMED]


def _safe(text: str, most: int) -> str:
    """A stranger's text, visible and bounded."""
    text = shown(" ".join(text[: 4 * most].split()))
    return text if len(text) <= most else f"{text[: most - 1]}…"
