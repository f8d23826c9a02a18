"""`cases/mail.py` and `cases/reply.py`: a mail that a stranger wrote, as a reply.

Invariant: any octets are a reply or one MailError; what is shown of a reply is one
line of printable characters within its bounds; parts, headers and texts are within
theirs; a reply that names no Message-ID of ours and comes from elsewhere answers no
letter, and an outcome is one of four.
"""

from __future__ import annotations

from fuzz.harness import hold
from ringfence.cases.mail import MAX_HEADERS, MAX_PARTS, MAX_TEXT, read_mail
from ringfence.cases.reply import MAX_NAMED, MAX_SAYS, place_reply, read_reply
from ringfence.model.follow_up import OUTCOMES, MailError, Reply
from ringfence.model.letter import SentLetter

TOKENS = (
    b"\r\n--b\r\n", b"--b--", b"\r\n\r\n", b"Content-Type: ", b"multipart/mixed; boundary=b",
    b"message/rfc822", b"message/delivery-status", b"text/html", b"text/plain; charset=utf-16",
    b"Content-Transfer-Encoding: base64", b"quoted-printable", b"=?utf-8?b?", b"=?iso-2022-jp?q?",
    b"?=", b"Action: failed", b"In-Reply-To: <l1@victim.example>", b"RF-20261002-7f3a2c",
    b"Auto-Submitted: auto-replied", b"has been suspended", b"could not be", b"<script>", b"&#0;",
    b"Message-ID: <", b"Date: ", b"From: ", b"ticket #1", b"\x1b[2J", b"\xff", b"> ",
)  # fmt: skip

_AT = "2026-10-05T08:00:00Z"
_CASE = "RF-20261002-7f3a2c"
_LETTER = SentLetter(
    1, _CASE, "abuse", _AT, "desk", ("abuse@desk.example",), "s", "", (), "", "<l1@victim.example>"
)

_FORGED = (
    b"From: =?utf-8?b?w7w=?= <x@evil.example>\r\nDate: Sun, 4 Oct 2026 10:00:00 +0200\r\n"
    b"Message-ID: <r1@evil.example>\r\n\r\nWe could not block it.\n> suspended\n"
)


def check(octets: bytes) -> object:
    """What is read of it; the words of the error where nothing is."""
    try:
        mail = read_mail(octets)
        incoming = read_reply(octets, _AT)
    except MailError as error:
        hold(str(error), "an error without words")
        return str(error)
    hold(len(mail.parts) <= MAX_PARTS, "more parts than the bound")
    hold(len(mail.headers.lines) <= MAX_HEADERS, "more headers than the bound")
    hold(all(len(part.text) <= 4 * MAX_TEXT for part in mail.parts), "a text beyond the bound")
    hold(len(incoming.answers) <= 2 * MAX_NAMED, "more Message-IDs than the bound")
    reply = place_reply(incoming.reply, _CASE, [_LETTER], "by number")
    _hold_shown(reply)
    theirs = "desk.example" in reply.sender.lower()
    hold(reply.letter is None or theirs, "a stranger's mail answers a letter")
    return (reply, incoming.answers, incoming.cases, mail.text)


def quick(octets: bytes) -> object:
    """Read once, judged, and not looked at."""
    try:
        return read_reply(octets, _AT)
    except MailError as error:
        return str(error)


def seeds() -> list[bytes]:
    """An answer, a bounce, a receipt, HTML, parts in parts, charsets, a forger."""
    head = b"From: Desk <abuse@desk.example>\r\nSubject: Re: [RF-20261002-7f3a2c]\r\n"
    parts = b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n'
    return [
        head + b"In-Reply-To: <l1@victim.example>\r\n\r\nThe server has been suspended.",
        head + b"Auto-Submitted: auto-replied\r\n\r\nYour ticket #4711 was received.",
        head + parts + b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\nMessage-ID: <l1@victim.example>\r\n\r\nx\r\n--b--",
        head + b"Content-Type: text/html\r\n\r\n<p>We &amp; you<script>x</script><br>",
        head + parts + b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nin\r\n--c--",
        head + b"Content-Type: text/plain; charset=utf-16\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nSABpAA==",
        _FORGED,
        b"From mbox\nSubject: =?iso-8859-1?q?a=FC?=\n\nOn Sunday, Anna wrote:\n> x",
    ]


def _hold_shown(reply: Reply) -> None:
    for text in (reply.sender, reply.subject, reply.says, reply.message_id, *reply.tickets):
        hold(text.isprintable(), "a reply shows what moves the cursor")
    hold(len(reply.says) <= MAX_SAYS and len(reply.subject) <= 200, "more shown than the bound")
    hold(reply.outcome in OUTCOMES, "an outcome of its own")
