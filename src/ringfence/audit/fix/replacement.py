"""Which secrets are replaced: those that broke a rule, and the hashes of the same ones.

New ones are printable ASCII without any sign that means something in a CSV, in Asterisk's
files, in XML or in SQL, and begin with a letter or a digit, which is no formula.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from ringfence.model.new_secret import ChangeFile, FixError, NewSecret
from ringfence.model.pbx import Extension, Pbx
from ringfence.model.secret import DIGITS, Hashed, Kind, Secret
from ringfence.model.text import shown
from ringfence.model.weakness import Weakness

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~!#*+:@^-]{3,127}\Z")
_DIGITS = re.compile(r"[0-9]{4,32}\Z")
# A maker whose secrets have so many unfit ones in a row makes none that fit.
_MAX_TRIES = 200
_NOT_OF_USERS = frozenset({Kind.TRUNK, Kind.MANAGER})
_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


class Maker(Protocol):
    """Who makes new secrets that break no rule against the whole phone system."""

    def pin(self, extension: Extension) -> str: ...
    def auth_id(self, extension: Extension) -> str: ...
    def password(self, extension: Extension) -> str: ...


@dataclass(frozen=True, slots=True)
class Replacement:
    """One value that is set in place of another."""

    extension: Extension
    old: Secret
    new: NewSecret
    value: str = field(repr=False)  # as the phone system holds it: the text, or its hash


# What a form has made: its files, and what it had to leave, each with the reason.
Undone = tuple[tuple[Replacement, str], ...]
Made = tuple[tuple[ChangeFile, ...], Undone]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be replaced in one phone system."""

    replacements: tuple[Replacement, ...]
    left: tuple[str, ...]


def plan(
    pbx: Pbx, weaknesses: Iterable[Weakness], maker: Maker, *, ids: bool, pins: bool = True
) -> Plan:
    """New secrets for those that broke a rule; `ids`, `pins`: whether the form can change them."""
    broken, left = _broken(pbx, weaknesses)
    replacements: list[Replacement] = []
    for extension in pbx.extensions:
        for kind, column in broken.get(_key(extension), ()):
            place = f"extension {shown(extension.number)}, {kind.value}"
            if (kind is Kind.AUTH_ID and not ids) or (kind in DIGITS and not pins):
                left.append(f"{place}: change it by hand; it does not stand in this file alone")
                continue
            olds = _olds(extension, kind, column)
            if not olds:
                left.append(f"{place}: change it by hand; the source does not hold it")
                continue
            text = _made(kind, extension, maker)
            new = NewSecret(extension.number, extension.name, kind, olds[0].column, text)
            replacements += [Replacement(extension, old, new, _value(old, text)) for old in olds]
    return Plan(tuple(replacements), tuple(left))


def digest(hashed: Hashed, password: str) -> str:
    """H(user:realm:password) by the algorithm of the old one."""
    name = _HASHES.get(hashed.algorithm)
    if name is None:
        raise FixError(f"the digest algorithm {shown(hashed.algorithm)} is not known here")
    text = f"{hashed.user}:{hashed.realm}:{password}"
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


_Key = tuple[str, str]


def _key(extension: Extension) -> _Key:
    return extension.place.source, extension.number


def _broken(
    pbx: Pbx, weaknesses: Iterable[Weakness]
) -> tuple[dict[_Key, dict[tuple[Kind, str], None]], list[str]]:
    """Kinds and columns by extension; what is of nobody's extension is left."""
    known = {_key(extension) for extension in pbx.extensions}
    numbers = Counter(extension.number for extension in pbx.extensions)
    alone = {one.number: _key(one) for one in pbx.extensions if numbers[one.number] == 1}
    found: dict[_Key, dict[tuple[Kind, str], None]] = {}
    left: dict[str, None] = {}
    for one in weaknesses:
        if one.kind is None or one.place.source not in pbx.sources:
            continue
        # What stands in an included file belongs to the one extension of its number.
        key = alone.get(one.extension, (one.place.source, one.extension))
        if one.kind in _NOT_OF_USERS or not one.extension:
            name = shown(one.place.name or one.extension)
            left[f"{one.kind.value} {name}".rstrip() + ": change it by hand, on both sides"] = None
        elif key in known:
            # All forms of a password say the same: they change together.
            column = "" if one.kind is Kind.PASSWORD else one.column
            found.setdefault(key, {})[one.kind, column] = None
    return found, list(left)


def _olds(extension: Extension, kind: Kind, column: str) -> list[Secret]:
    olds = [
        secret
        for secret in extension.secrets
        if secret.kind is kind and (not column or secret.column == column)
    ]
    if not olds and kind is Kind.AUTH_ID and extension.auth_id and column:
        return [Secret(kind, extension.auth_id, column=column)]
    return olds


def _made(kind: Kind, extension: Extension, maker: Maker) -> str:
    make: Callable[[Extension], str] = maker.password
    fits = _SAFE
    if kind in DIGITS:
        make, fits = maker.pin, _DIGITS
    elif kind is Kind.AUTH_ID:
        make = maker.auth_id
    for _ in range(_MAX_TRIES):
        text = make(extension)
        if fits.match(text):
            return text
    raise FixError(f"no {kind.value} can be made for extension {shown(extension.number)}")


def _value(old: Secret, text: str) -> str:
    return digest(old.hashed, text) if old.hashed and not old.text else text
