"""Numbers dialled: what prefix hunting looks like.

A thief who has found a gateway does not know its dialling plan: he dials one
number of his own with prefix after prefix (9, 00, 011, 9011, +, ...). The common
suffix gives him away whatever the prefixes are.

These are quick looks at strings; `dialled` says which number they mean.
"""

from __future__ import annotations

import re
from collections import defaultdict

# Digits at the end that two dialled strings must share to be one number: the
# national significant number is at least this long where calls cost money.
SUFFIX_DIGITS = 9
# 15 digits of a number (E.164) behind the longest prefixes seen (10), with room to
# spare; longer strings attack the parser, not the purse.
MAX_DIALLED = 64
# Feature codes need four ("*31#", "#31#" and a plus); more is noise.
MAX_SYMBOLS = 6

_SEPARATORS = str.maketrans("", "", " -.(),\t")  # visual separators (RFC 3966 5.1.1) and pauses
_ESCAPED = (("%2B", "+"), ("%2b", "+"), ("%23", "#"), ("%2A", "*"), ("%2a", "*"), ("%20", ""))
# What most strings are: keys already.
_PLAIN = re.compile(r"\+?[0-9]+")
_KEYS = re.compile(r"[+*#0-9]*[0-9]")
_SYMBOLS = re.compile(r"[+*#]")
# An international call, as dialled in most plans, with an outside-line digit or not.
_INTERNATIONAL = ("+", "00", "011", "900", "9011", "000", "810", "9810")


def keys_of(dialled: str) -> str:
    """The keys pressed, of 0-9 + * #, without separators; "" when that is no number."""
    if len(dialled) > MAX_DIALLED or not dialled.isascii():
        return ""
    if _PLAIN.fullmatch(dialled):
        return dialled
    for escaped, key in _ESCAPED:
        dialled = dialled.replace(escaped, key)
    keys = dialled.translate(_SEPARATORS).rstrip("#")
    if not _KEYS.fullmatch(keys) or len(_SYMBOLS.findall(keys)) > MAX_SYMBOLS:
        return ""
    return keys


def digits_of(dialled: str) -> str:
    """The digits of a dialled string; "" when it is no number."""
    keys = keys_of(dialled)
    return keys if keys.isdigit() else _SYMBOLS.sub("", keys)


def hunted_suffixes(dialled: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Suffixes that were dialled with two or more prefixes, with the strings dialled."""
    by_suffix: dict[str, list[str]] = defaultdict(list)
    for text in dict.fromkeys(dialled):
        digits = digits_of(text)
        if len(digits) >= SUFFIX_DIGITS:
            by_suffix[digits[-SUFFIX_DIGITS:]].append(text)
    return {suffix: tuple(texts) for suffix, texts in by_suffix.items() if len(texts) > 1}


def is_international(dialled: str) -> bool:
    """True for strings that ask for another country in common dialling plans."""
    keys = keys_of(dialled)
    asks = "+" in keys or keys.lstrip("*#").startswith(_INTERNATIONAL)
    return asks and len(digits_of(keys)) >= 10


def whole_numbers(dialled: tuple[str, ...]) -> tuple[str, ...]:
    """The strings without those that grew by one digit: who sends digits as they are keyed.

    A string counts as grown when a string with one digit more was dialled, too.
    """
    grown = {text[:-1] for text in dialled if text[-1:].isdigit()}
    return tuple(text for text in dialled if text not in grown)
