"""`ringfence generate`: secrets that break no rule, against whole phone systems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.model.generating import What, Wish
from ringfence.model.pbx import Extension, Pbx, Place

if TYPE_CHECKING:
    from ringfence.audit.generate import Generator


def read_sources(paths: Sequence[Path]) -> list[Pbx]:
    """The phone systems of these files and folders. Raises AuditError (a ValueError)."""
    from ringfence.audit.reading import read

    return read(paths)


def maker_against(pbxes: Sequence[Pbx]) -> Generator:
    """Who makes secrets that none of these phone systems has, or has anything like it."""
    from ringfence.audit.generate import Generator

    return Generator(pbxes)


def generate(wish: Wish, against: Sequence[Path] = ()) -> list[str]:
    """The secrets. Raises ValueError where none of this length is left, or a source is bad."""
    pbxes = read_sources(against)
    maker = maker_against(pbxes)
    extension = extension_of(wish.extension, pbxes)
    return [_one(wish, maker, extension) for _ in range(wish.count)]


def extension_of(number: str, pbxes: Sequence[Pbx]) -> Extension:
    """The extension of this number with all that is known of it; else one of the number alone."""
    for pbx in pbxes:
        for extension in pbx.extensions:
            if number and extension.number == number:
                return extension
    return Extension(number, Place(""))


def _one(wish: Wish, maker: Generator, extension: Extension) -> str:
    if wish.what is What.PIN:
        return maker.pin(extension, wish.length) if wish.length else maker.pin(extension)
    if wish.what is What.ID:
        return maker.auth_id(extension, wish.length) if wish.length else maker.auth_id(extension)
    if wish.length:
        return maker.password(extension, signs=wish.length, keypad=wish.keypad)
    return maker.password(extension, keypad=wish.keypad)
