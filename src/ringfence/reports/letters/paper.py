"""A letter as PDF/A: with letterhead, to be printed and signed.

The words are those of its text; they reach `letter.typ` as JSON, so that nothing a
stranger wrote is read as markup. The same letter gives the same octets.
"""

from __future__ import annotations

import re
from dataclasses import asdict

from ringfence.model.letter import Letter
from ringfence.model.settings import Victim
from ringfence.reports.jurisdictions.places import US, home
from ringfence.reports.letters.facts import place
from ringfence.reports.letters.leaf import Block, Part, read_parts
from ringfence.reports.palette import LIGHT
from ringfence.reports.pdf import printable
from ringfence.reports.typeset import typeset

_DAY = re.compile(r"^(\d{4})-(\d\d)-(\d\d)")
_ANNEX = re.compile(r"^Annex \w\b")
_UNDATED = (1980, 1, 1)  # what the file says of itself where the letter bears no date
# In the letterhead, or above the text, already.
_IN_THE_HEAD = ("To", "From", "Date", "Case", "Subject")


def render_letter_pdf(letter: Letter, victim: Victim, made_at: str = "") -> bytes:
    """The whole file. Raises PdfError where typst is missing or refuses."""
    values = contents(letter, victim, made_at)
    return typeset("ringfence.reports.letters", "letter.typ", values, f"letter {letter.name}")


def contents(letter: Letter, victim: Victim, made_at: str = "") -> dict[str, object]:
    """What the template reads; every text printable in its fonts."""
    parts = read_parts(letter.text)
    head = _head(parts[0])
    day = head.get("Date", (made_at[:10],))[0]
    read = _DAY.match(day)
    subject = " ".join(head.get("Subject", (letter.subject,)))
    where, _ = home(victim.country, victim.state)
    told = {
        "paper": "us-letter" if where == US else "a4",
        "from": _letterhead(victim, head.get("From", ())),
        "to": head.get("To", (letter.receiver,)),
        "day": day if read else "",
        "made_on": [int(part) for part in read.groups()] if read else _UNDATED,
        "subject": subject,
        "case_id": letter.case_id,
        "parts": [_part(part) for part in parts],
        "colours": LIGHT,
    }
    return {name: _printable(value) for name, value in told.items()}


def _head(letter: Part) -> dict[str, tuple[str, ...]]:
    """The fields with which the letter begins."""
    for block in letter.blocks:
        if _is_head(block):
            return dict(block.fields)
    return {}


def _is_head(block: Block) -> bool:
    names = [name for name, _ in block.fields]
    return "Subject" in names and set(names) <= set(_IN_THE_HEAD)


def _letterhead(victim: Victim, sender: tuple[str, ...]) -> list[str]:
    """Organisation or name first; then the rest of what the text says of the sender."""
    first = victim.organisation or victim.name
    told = (victim.name, place(victim), victim.phone, victim.email)
    lines = sender or tuple(x for x in told if x)
    return [first, *(line for line in lines if line != first)] if first else list(lines)


def _part(part: Part) -> dict[str, object]:
    blocks = [asdict(block) for block in part.blocks if not _is_head(block)]
    return {"title": _title(part.title), "blocks": blocks}


def _title(text: str) -> str:
    """ANNEX A: THE CALLS in small letters: capitals are for plain text."""
    return _ANNEX.sub(lambda found: found[0].upper(), text.capitalize()).replace("ANNEX", "Annex")


def _printable(value: object) -> object:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value
