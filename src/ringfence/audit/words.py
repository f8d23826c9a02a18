"""Words that everybody tries: passwords, PINs, defaults, dictionaries, walks over keys.

The lists are ours (`words.txt`) and the frequency lists that come with zxcvbn. Nothing is
asked of anybody.
"""

from __future__ import annotations

from functools import cache
from pkgutil import get_data

# Rows of keys as fingers walk them; columns of the number pad are walked too.
_ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "qazwsxedcrfvtgbyhnujm",
    "abcdefghijklmnopqrstuvwxyz",
)
_WALK = 4  # so many keys one behind the other are a walk
_LEET = (
    str.maketrans("@48(3691!|0$5+72", "aabceggiiiosstlz"),
    str.maketrans("@48(3691!|0$5+72", "aabcegglllossttz"),
)
# A word of this many letters is one; shorter ones stand in random texts as well.
_WORD = 4
_AROUND = "0123456789.,;:!?-_+*#/$%&=@^~ "  # what people put before and behind a word


def defaults() -> frozenset[str]:
    """What makers and guides set."""
    return _lists()["defaults"]


def pins() -> frozenset[str]:
    """The PINs that people choose before all others."""
    return _lists()["pins"]


def top_passwords() -> tuple[str, ...]:
    """Those that leaked most often, the most frequent first."""
    return tuple(_passwords())


def is_default(text: str) -> bool:
    """Whether makers or guides set it."""
    return text.casefold() in defaults()


def is_common(text: str) -> bool:
    """Whether it is on the lists of passwords that leaked most often."""
    word = text.casefold()
    return word in defaults() or word in _passwords() or word in pins()


def is_common_pin(text: str) -> bool:
    """Whether people choose it before all others."""
    return text in pins() or text in defaults()


def is_word(text: str) -> bool:
    """Whether it is one word of a dictionary, or a name, with at most four signs around it."""
    lowered = text.casefold()
    for spelled in spellings(lowered):
        core = spelled.strip(_AROUND)
        if _is_core(core, lowered):
            return True
    core = lowered.strip(_AROUND)
    return any(_is_core(spelled, lowered) for spelled in spellings(core))


def _is_core(core: str, lowered: str) -> bool:
    """Whether it is a word, and nearly all of the text."""
    return len(core) >= _WORD and len(lowered) - len(core) <= _WORD and core in ranks()


def is_walk(text: str) -> bool:
    """Whether fingers walk over the keys for all but two of its signs."""
    lowered = text.casefold()
    if len(lowered) < _WALK:
        return False
    return len(lowered) - walked(lowered) <= 2  # a sign before and behind


def walked(lowered: str) -> int:
    """How many of its signs belong to walks of four keys and more."""
    at = found = 0
    while at + _WALK <= len(lowered):
        end = at + _WALK
        if lowered[at:end] not in _walks():
            at += 1
            continue
        while end < len(lowered) and lowered[end - _WALK + 1 : end + 1] in _walks():
            end += 1
        found += end - at
        at = end
    return found


def spellings(lowered: str) -> tuple[str, ...]:
    """The text, and what it says where digits and signs stand for letters."""
    return (lowered, *dict.fromkeys(lowered.translate(table) for table in _LEET))


@cache
def ranks() -> dict[str, int]:
    """Each word of all lists with its rank, from 1: so many guesses find it."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    found: dict[str, int] = {}
    for words in FREQUENCY_LISTS.values():
        for rank, word in enumerate(words, 1):
            if found.get(word, rank) >= rank:
                found[word] = rank
    for words in _lists().values():
        for word in words:
            found[word] = min(found.get(word, 100), 100)
    return found


@cache
def beginnings() -> frozenset[str]:
    """The first three signs of each of these words."""
    return frozenset(word[:3] for word in ranks() if len(word) >= 3)


@cache
def _passwords() -> dict[str, None]:
    """The list of zxcvbn in its order, to be asked as a set."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return dict.fromkeys(FREQUENCY_LISTS["passwords"])


@cache
def _lists() -> dict[str, frozenset[str]]:
    """Sections of our own list."""
    found: dict[str, list[str]] = {}
    words: list[str] = []
    for line in (get_data("ringfence.audit", "words.txt") or b"").decode().splitlines():
        if line.startswith("["):
            words = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            words.append(line)
    return {name: frozenset(words) for name, words in found.items()}


@cache
def _walks() -> frozenset[str]:
    """All ways of four keys, forth and back, with the same key again (`qqwwee`) left to zxcvbn."""
    return frozenset(
        way[at : at + _WALK]
        for row in _ROWS
        for way in (row, row[::-1])
        for at in range(len(way) - _WALK + 1)
    )
