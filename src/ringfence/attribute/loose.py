"""JSON of servers that do not keep to RFC 9083: null for a list, an object for a list of one.

Nothing here raises, whatever the value is; everything is bounded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ringfence.attribute.errors import BadAnswerError

# Of one text of an answer; a remark of a page has some 2,000 characters.
MAX_TEXT = 4000
# Of a name or a handle; longer ones are no names.
MAX_NAME = 300
# Of one list; the longest seen holds 60 entries.
MAX_ITEMS = 1000

Fields = dict[str, object]


def read_json(octets: bytes, source: str) -> Fields:
    """The object of an answer. Raises BadAnswerError for anything else."""
    text = octets.decode("utf-8-sig", "replace").strip()
    if not text.startswith("{"):
        kind = "HTML" if text.startswith("<") else "no JSON object"
        raise BadAnswerError(f"{source} answered with {kind}")
    try:
        document = json.loads(text, strict=False)
    except RecursionError as error:
        raise BadAnswerError(f"{source} answered with JSON that is nested too deep") from error
    except ValueError as error:
        raise BadAnswerError(f"{source} answered with broken JSON") from error
    if not isinstance(document, dict):
        raise BadAnswerError(f"{source} answered with no JSON object")
    return document


def items(value: object) -> list[object]:
    """What should be a list: null is none, one thing is a list of it."""
    if value is None:
        return []
    if isinstance(value, list):
        return value[:MAX_ITEMS]
    return [value]


def objects(value: object) -> Iterator[tuple[int, Fields]]:
    """The objects of what should be a list of objects, with their places."""
    for number, item in enumerate(items(value)):
        if isinstance(item, dict):
            yield number, item


def plain(value: object) -> str:
    """Text of what should be a text; numbers as they are written; the rest is nothing."""
    if isinstance(value, str):
        # Lone surrogates cannot be written anywhere: they are escapes of a liar.
        return value[:MAX_TEXT].encode("utf-8", "replace").decode().strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if abs(value) < 1e15 else ""
    return ""


def short(value: object) -> str | None:
    """A name on one line, or None."""
    return " ".join(plain(value).split())[:MAX_NAME] or None


def texts(value: object) -> list[str]:
    """The texts of what should be a list of texts, empty ones left out."""
    return [text for item in items(value) if (text := plain(item))]


def number(value: object) -> int | None:
    """A whole number, also one that is written as a text: AS6057, "20"."""
    text = plain(value).upper().removeprefix("AS")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
