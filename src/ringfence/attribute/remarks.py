"""Remarks: what the holder writes to people. Where reports should go, and what no longer works.

How it works: each mailbox and web address of a remark is judged by the words that
lead to it, from the last one or the last empty line on: "For legal requests:" before
a link is another desk, whatever stood in the paragraph above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.attribute.loose import Fields, objects, plain, texts
from ringfence.attribute.mailbox import Mailbox, deobfuscated, find_mailboxes
from ringfence.attribute.registries import registry_of_host

# Remarks of one object that are read; more are a list of peers, not a letterhead.
MAX_REMARKS = 50
MAX_LENGTH = 8000
_URL = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"'`{}|\\^]{4,300}", re.IGNORECASE)
_WANTED = re.compile(
    r"abus|misuse|report|complain|incident|security|spam|hack|attack|scan|intrusion|cert\b|csirt",
    re.IGNORECASE,
)
_ABUSE = re.compile(r"abus|misuse", re.IGNORECASE)
_OTHER_DESK = re.compile(
    r"vulnerab|\blegal\b|law enforcement|subpoena|copyright|dmca|trademark|geofeed|inaccura"
    r"|correction|peering|routing|\bdns\b|terms|privacy|policy|job|sales|speedtest|looking glass",
    re.IGNORECASE,
)
_NEVER = re.compile(r"vulnerab|law enforcement|subpoena|\blegal\b|geofeed|inaccura", re.IGNORECASE)
_DEAD = re.compile(
    r"([^\s@]{1,64}@[^\s@]{3,253})\s{1,20}(?:is|was|has been marked) (?:as )?(?:now )?"
    r"(?:invalid|unreachable|bouncing)",
    re.IGNORECASE,
)
_UNANSWERED = re.compile(
    r"no response from the poc|unvalidated poc|could not be validated|not been validated"
    r"|has not responded|failed validation",
    re.IGNORECASE,
)
_SINCE = re.compile(r"since\s+(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark as a text, with its place."""

    title: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Asks:
    """A place that a remark names for reports."""

    where: str
    mailbox: Mailbox | None = None
    form: str | None = None


def read_remarks(value: object, path: str) -> list[Remark]:
    """The remarks of an object; a text alone counts as one. Never raises."""
    found = []
    if isinstance(value, str):
        value = {"description": value}
    for number, remark in objects(value):
        if number >= MAX_REMARKS:
            break
        lines = [line.replace("\\r", "").rstrip("\r") for line in texts_of(remark)]
        title = " ".join(texts(remark.get("title")) + texts(remark.get("type")))
        found.append(
            Remark(title, "\n".join(lines)[:MAX_LENGTH], f"{path}.remarks[{number}]".lstrip("."))
        )
    return found


def texts_of(remark: Fields) -> list[str]:
    """Its lines, empty ones kept: they part paragraphs."""
    given = remark.get("description")
    lines = given if isinstance(given, list) else [given]
    return [plain(line) for line in lines[:500]]


def asks_of(remark: Remark) -> Iterator[Asks]:
    """Mailboxes and web forms that the remark names for reports."""
    text = deobfuscated(remark.text)
    spots: list[tuple[int, int, Mailbox | str]] = [
        (match.start(), match.end(), match[0].rstrip(".,;:)!?*'\""))
        for match in _URL.finditer(text)
    ]
    links = [(start, end) for start, end, _ in spots]
    for start, box in find_mailboxes(text):
        if not any(a <= start < b for a, b in links):
            spots.append((start, start + len(box.address), box))
    before = 0
    for start, end, what in sorted(spots, key=lambda spot: spot[0]):
        lead = _last_paragraph(text[before:start])
        before = end
        if isinstance(what, str):
            if _is_wanted(lead, what) and not _is_registrys(what):
                yield Asks(remark.where, form=_with_scheme(what))
        elif _is_wanted(lead, what.local):
            yield Asks(remark.where, mailbox=what)


def dead_mailboxes(remarks: list[Remark]) -> set[str]:
    """Addresses of which a remark of the registry says that they do not work."""
    return {
        match[1].strip("<>\"'").lower()
        for remark in remarks
        for match in _DEAD.finditer(remark.text)
    }


def unanswered_since(remarks: list[Remark]) -> str | None:
    """When the registry last got an answer from the party, where it says that it gets none."""
    for remark in remarks:
        if _UNANSWERED.search(remark.title) or _UNANSWERED.search(remark.text):
            since = _SINCE.search(remark.text)
            return since[1] if since else "a time that it does not tell"
    return None


def is_truncated(remarks: list[Remark]) -> bool:
    """Whether the server says that it left something out."""
    return any("truncated due to" in f"{r.title} {r.text}".lower() for r in remarks)


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def _is_registrys(url: str) -> bool:
    """A page of a registry explains how to find the holder, and takes no reports."""
    host = (
        _with_scheme(url).partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    )
    return registry_of_host(host) is not None


def _last_paragraph(text: str) -> str:
    """What follows the last line that is empty or only drawn; a bullet before the end is none."""
    lines = text.split("\n")
    for number in range(len(lines) - 2, 0, -1):
        if not lines[number].strip(" \t-*=_#~"):
            return "\n".join(lines[number + 1 :])
    return text


def _is_wanted(lead: str, itself: str) -> bool:
    if _NEVER.search(lead) and not _ABUSE.search(itself):
        return False
    if _ABUSE.search(lead) or _ABUSE.search(itself):
        return True
    if _OTHER_DESK.search(lead) or _OTHER_DESK.search(itself):
        return False
    return bool(_WANTED.search(lead) or _WANTED.search(itself))
