"""The passwords that an attacker tries first at one extension: bounded, each with its class.

A finding tells the class, never the candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from ringfence.audit.public import SAID, Fact, facts_of
from ringfence.audit.words import defaults, pins, top_passwords
from ringfence.model.pbx import Extension

# All of them against one hash or answer: some milliseconds.
MAX_CANDIDATES = 2_000
_LONGEST = 64  # of a candidate
_ALTOGETHER = 1_000_000
_LEAST_EACH = 300  # what follows from the extension itself, and the defaults

_ENDINGS = (
    "1", "12", "123", "1234", "12345", "123456", "!", "0", "00", "000", "01", "11", "99",
    "2019", "2020", "2021", "2022", "2023", "2024", "2025", "2026", "abc", "a", "x", "#", "@", "*",
)  # fmt: skip
_WORDS = ("ext", "sip", "user", "pbx", "voip", "phone", "pass", "password", "secret", "tel", "pw")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One password to try."""

    text: str = field(repr=False)
    rule: str  # that it would break
    says: str  # its class: "its own number"


def candidates(extension: Extension) -> tuple[str, ...]:
    """What would be tried first, likeliest first."""
    return tuple(candidate.text for candidate in classed(extension))


def classed(extension: Extension, limit: int = MAX_CANDIDATES) -> tuple[Candidate, ...]:
    """The same, each with its class; the first `limit` of them."""
    seen: dict[str, Candidate] = {}
    for candidate in _all(extension):
        if len(candidate.text) <= _LONGEST:
            seen.setdefault(candidate.text, candidate)
        if len(seen) >= min(limit, MAX_CANDIDATES):
            break
    return tuple(seen.values())


def _all(extension: Extension) -> Iterator[Candidate]:
    yield Candidate("", "missing", "no password at all")
    facts = (*facts_of(extension), *_auth_id(extension))
    for fact in facts:
        yield from _itself(fact)
    yield from _everybodys()
    for fact in facts:
        yield from _more(fact)
    yield from _known()


def _auth_id(extension: Extension) -> tuple[Fact, ...]:
    known = extension.auth_id and extension.auth_id.casefold() != extension.number.casefold()
    return (Fact("auth-id", extension.auth_id.casefold()),) if known else ()


def _said(what: str) -> str:
    return SAID.get(what, "its authentication ID")


def _itself(fact: Fact) -> Iterator[Candidate]:
    for text in _spelled(fact.text):
        yield Candidate(text, f"is-{fact.what}", _said(fact.what))
    yield Candidate(fact.text[::-1], f"reverses-{fact.what}", f"{_said(fact.what)} backwards")
    for times in (2, 3, 4):
        again = f"{_said(fact.what)} again and again"
        yield Candidate(fact.text * times, f"repeats-{fact.what}", again)


def _more(fact: Fact) -> Iterator[Candidate]:
    more = f"{_said(fact.what)} with something common added"
    for text in _spelled(fact.text):
        for ending in _ENDINGS:
            yield Candidate(text + ending, f"holds-{fact.what}", more)
        for word in _WORDS:
            for front in (word, word.capitalize()):
                yield Candidate(front + text, f"holds-{fact.what}", more)
            yield Candidate(text + word, f"holds-{fact.what}", more)
    if fact.what == "number":
        for digit in "0123456789":
            yield Candidate(fact.text + digit * 2, "holds-number", more)
            yield Candidate(digit + fact.text, "holds-number", more)


def _spelled(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((text, text.capitalize(), text.upper())))


@cache
def _everybodys() -> tuple[Candidate, ...]:
    """Made once: each extension has the same."""
    return tuple(
        Candidate(text, rule, says)
        for words, rule, says in (
            (sorted(defaults()), "default", "a default of makers and guides"),
            (sorted(pins()), "pin-common", "one of the PINs that everybody tries"),
        )
        for text in words
    )


@cache
def _known() -> tuple[Candidate, ...]:
    """The passwords that leaked most often."""
    return tuple(
        Candidate(text, "common", "one of the passwords that everybody tries")
        for text in islice(top_passwords(), MAX_CANDIDATES)
    )


def limit_for(number: int) -> int:
    """So many candidates for each of a number of extensions, that all together take seconds."""
    return max(_LEAST_EACH, min(MAX_CANDIDATES, _ALTOGETHER // max(1, number)))
