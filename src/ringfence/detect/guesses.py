"""What a guesser tried as password, told by its shape: the words themselves stay out.

Only tools that write the word beside the password's digest give it away
(`sipvicious.py`). A word may be the right one, or a user's mistyped one: so no
document holds it, and its shape is enough to say which kind of password fell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ringfence.model.incident import GuessShape
from ringfence.model.text import count, shown

MAX_SHAPES = 20
_ITSELF = "the account itself"


def shapes_of(guesses: Iterable[str]) -> list[GuessShape]:
    """Shapes of `account:word` texts, those with most words first."""
    found = Counter(
        (account, looks_like(account, word))
        for account, _, word in (guess.partition(":") for guess in guesses)
    )
    return [
        GuessShape(shown(account), shape, words)
        for (account, shape), words in found.most_common(MAX_SHAPES)
    ]


def looks_like(account: str, word: str) -> str:
    """The shape of one word: its length and alphabet, and what it has of the account."""
    if account and account in word:
        more = len(word) - len(account)
        return f"the account and {count(more, 'more character')}" if more else _ITSELF
    return "the account backwards" if word and word == account[::-1] else _alphabet(word)


def _alphabet(word: str) -> str:
    if not word:
        return "empty"
    if word.isdigit():
        return count(len(word), "digit")
    if word.isalpha():
        return count(len(word), "letter")
    if word.isalnum():
        return f"{len(word)} letters and digits"
    return f"{count(len(word), 'character')}, signs among them"
