"""Patterns over strangers' octets: part of a text, or * and ?; never slower than a product.

How it works: without * and ? the pattern may stand anywhere in the text. With
them it is the whole text, star to star: each piece is sought from where the one
before ended, and the first place found is as good as any later one. So nothing
is ever tried twice, whatever pattern and text say.
"""

from __future__ import annotations

import re
from collections.abc import Callable


def compile_pattern(pattern: bytes) -> Callable[[bytes], bool]:
    """A test of whether a text holds the pattern; letters A to Z have no case."""
    pattern = pattern.lower()
    if not set(pattern) & set(b"*?"):
        return lambda text: pattern in text.lower()
    first, *others = pattern.split(b"*")
    if not others:
        return lambda text: _one(first).fullmatch(text.lower()) is not None
    return _Pieces(first, [piece for piece in others[:-1] if piece], others[-1])


class _Pieces:
    """Begins with `first`, then `between` in this order, and ends with `last`."""

    def __init__(self, first: bytes, between: list[bytes], last: bytes) -> None:
        self._first = _one(first)
        self._between = [_one(piece) for piece in between]
        self._last = _one(last)
        self._last_length = len(last)

    def __call__(self, text: bytes) -> bool:
        text = text.lower()
        end = len(text) - self._last_length
        found = self._first.match(text)
        if found is None:
            return False
        at = found.end()
        if at > end or self._last.match(text, end) is None:
            return False
        for piece in self._between:
            found = piece.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True


def _one(piece: bytes) -> re.Pattern[bytes]:
    """A piece without stars, of fixed length: ? is any octet."""
    return re.compile(b".".join(re.escape(part) for part in piece.split(b"?")), re.DOTALL)
