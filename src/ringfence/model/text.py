"""Text that is shown: what strangers wrote made safe, numbers with their nouns."""

from __future__ import annotations

# Letters, marks and one symbol that show nothing (Default_Ignorable_Code_Point, and the
# empty Braille cell): "240" and "240\u3164" are two accounts.
_BLANK = {
    *map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)),
    *map(chr, range(0x180B, 0x1810)),
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}


def shown(text: str) -> str:
    r"""The text with every control or invisible character written as an escape (\x1b).

    What `isprintable` refuses can move the cursor, hide or turn text around: control,
    format, surrogate, private use, unassigned, separators other than the space.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() and c not in _BLANK else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def count(number: int, one: str, many: str = "") -> str:
    """The number with its noun: 1 call, 2,000 calls."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
