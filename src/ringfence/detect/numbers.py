"""Numbers dialled: what prefix hunting looks like.

A thief who has found a gateway does not know its dialling plan: he dials one
number of his own with prefix after prefix (9, 00, 011, 9011, +, ...). The common
suffix gives him away whatever the prefixes are.
"""

from __future__ import annotations

from collections import defaultdict

# Digits at the end that two dialled strings must share to be one number: the
# national significant number is at least this long where calls cost money.
SUFFIX_DIGITS = 9
# An international call, as dialled in most plans, with an outside-line digit or not.
_INTERNATIONAL = ("+", "00", "011", "900", "9011", "000", "810")


def digits_of(dialled: str) -> str:
    """The digits of a dialled string; "" when it is no number."""
    bare = dialled.strip().lstrip("+").replace("-", "").replace(".", "")
    return bare if bare.isascii() and bare.isdigit() else ""


def hunted_suffixes(dialled: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Suffixes that were dialled with two or more prefixes, with the strings dialled."""
    by_suffix: dict[str, list[str]] = defaultdict(list)
    for text in dialled:
        digits = digits_of(text)
        if len(digits) >= SUFFIX_DIGITS:
            by_suffix[digits[-SUFFIX_DIGITS:]].append(text)
    return {suffix: tuple(texts) for suffix, texts in by_suffix.items() if len(texts) > 1}


def is_international(dialled: str) -> bool:
    """True for strings that ask for another country in common dialling plans."""
    text = dialled.strip()
    return text.startswith(_INTERNATIONAL) and len(digits_of(text)) >= 10
