"""Fields of a form that take so many characters: filled, counted, cut at a sentence's end.

A line end counts as two characters and a letter beyond the first plane as two, since
that is how browsers and servers count at worst.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringfence.model.text import shown
from ringfence.reports.letters.text import wrapped

Sentences = Sequence[str]


@dataclass(frozen=True, slots=True)
class Field:
    """What to paste, and how much of the room it takes."""

    lines: tuple[str, ...]
    limit: int
    cut: bool  # not everything had room

    @property
    def used(self) -> int:
        """Characters, counted at the worst."""
        return length("\n".join(self.lines))

    @property
    def says(self) -> str:
        """2,113 of 3,500 characters used."""
        short = "; shortened at the end of a sentence to fit" if self.cut else ""
        return f"{self.used:,} of {self.limit:,} characters used{short}"


def length(text: str) -> int:
    """How many characters a form may count."""
    return len(text.replace("\n", "\r\n").encode("utf-16-le", "surrogatepass")) // 2


def fit(paragraphs: Iterable[Sentences], limit: int, rest: str) -> Field:
    """As many sentences as there is room for; `rest` closes what had to be shortened."""
    whole = [sentences for sentences in paragraphs if sentences]
    lines, kept_all = _greedy(whole, limit, "")
    if kept_all:
        return Field(lines, limit, cut=False)
    lines, _ = _greedy(whole, limit, rest)
    return Field(lines, limit, cut=True)


def _greedy(paragraphs: Sequence[Sentences], limit: int, rest: str) -> tuple[tuple[str, ...], bool]:
    done: list[str] = []
    for sentences in paragraphs:
        for upto in range(1, len(sentences) + 1):
            tried = [*done, " ".join(sentences[:upto])]
            if length(_set(tried, rest)) > limit:
                kept = [*done, " ".join(sentences[: upto - 1])] if upto > 1 else done
                return _lines(kept, rest, limit), False
        done.append(" ".join(sentences))
    return _lines(done, rest, limit), True


def _set(paragraphs: Sequence[str], rest: str) -> str:
    return "\n\n".join(wrapped(p) for p in (*paragraphs, rest) if p)


def _lines(paragraphs: Sequence[str], rest: str, limit: int) -> tuple[str, ...]:
    text = _set(paragraphs, rest)
    while length(text) > limit:  # `rest` alone may be longer than a small field
        text = text[:-1]
    return tuple(shown(line) for line in text.split("\n"))
