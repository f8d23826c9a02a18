"""A telephone number as a card writes it: tel:+27-21-200-9000, +598  29002877#0000."""

from __future__ import annotations

import re

MAX_LENGTH = 60
# LACNIC writes [312] in WHOIS and #0312 in cards, and zeros or nothing where there is none.
_EXTENSION = re.compile(r"(?:;ext=|#|\s*(?:ext\.?|x)\s*|\s*\[)(\d{0,8})\]?\s*$", re.IGNORECASE)


def read_phone(text: str) -> str | None:
    """The number for a person to dial, or None where there is none."""
    number = re.sub(r"\s+", " ", text.strip())
    if number[:4].lower() == "tel:":
        number = number[4:]
    extension = ""
    if match := _EXTENSION.search(number):
        number = number[: match.start()].strip()
        extension = match[1] if match[1].strip("0") else ""
    number = number.partition(";")[0].strip()
    if not 5 <= len(digits(number)) <= 20 or not number.isprintable() or len(number) > MAX_LENGTH:
        return None
    return f"{number} ext. {extension}" if extension else number


def digits(number: str) -> str:
    """What makes two spellings the same number."""
    return "".join(c for c in number.partition(" ext. ")[0] if c.isascii() and c.isdigit())
