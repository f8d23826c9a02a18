"""Cells of a CSV changed where they stand: every other octet stays as it was.

How it works: the octets are decoded so that they can be encoded back to the same; the record
of an extension is found by its line, its cell by the name of the column, and it is changed
only where it holds what was audited. Delimiter and quotes are those that are there.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ringfence.model.new_secret import FixError
from ringfence.model.text import shown

_DELIMITERS = ",;\t|"
_SEP = re.compile(r"sep=(.)$", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
# What spreadsheets are told so that they leave zeros in front alone.
_AS_TEXT = re.compile(r'="([^"]*)"\Z')
_LOOK = 4096
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same octets
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Edit:
    """One cell to change."""

    line: int  # of the record, from 1
    column: str
    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    end: int
    value: str = field(repr=False)
    quoted: bool


def changed(
    content: bytes, edits: Iterable[Edit], source: str
) -> tuple[bytes, list[tuple[int, str]]]:
    """The octets with these cells changed; which edits could not be made, and why.

    Raises FixError.
    """
    mark, encoding, text = _text(content, source)
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    delimiter, columns = _columns(text, starts)
    left: list[tuple[int, str]] = []
    spans: dict[tuple[int, int], str] = {}
    for number, edit in enumerate(edits):
        place = f"{shown(source)} line {edit.line}"
        if not 0 < edit.line <= len(starts):
            left.append((number, f"{place}: not there any more; export and audit again"))
            continue
        cells = _record(text, starts[edit.line - 1], delimiter)
        fitting = [
            cell
            for name, cell in zip(columns, cells, strict=False)
            if name == edit.column and _bare(cell.value) == edit.old.strip()
        ]
        if not fitting:
            why = f"{shown(edit.column)} is not what was audited; export and audit again"
            left.append((number, f"{place}: {why}"))
        for cell in fitting:
            spans[cell.start, cell.end] = _written(cell, edit.new, delimiter)
    parts, at = [], 0
    for (start, end), new in sorted(spans.items()):
        parts += [text[at:start], new]
        at = end
    return mark + "".join([*parts, text[at:]]).encode(encoding), left


def _text(content: bytes, source: str) -> tuple[bytes, str, str]:
    """The mark, the encoding, the text. Encoded back it is the same, or FixError."""
    mark, encoding = b"", ""
    for begins, name in _MARKS:
        if content.startswith(begins):
            mark, encoding = begins, name
            break
    body = content[len(mark) :]
    try:
        encoding = encoding or _unmarked(body)
        text = body.decode(encoding)
    except UnicodeDecodeError:
        # Not the error itself: it carries the octets, and there are secrets among them.
        raise FixError(f"{shown(source)}: not text; save it as UTF-8") from None
    if text.encode(encoding) != body:
        raise FixError(f"{shown(source)}: cannot be written back as it is; save it as UTF-8")
    return mark, encoding, text


def _unmarked(body: bytes) -> str:
    head = body[:_LOOK]
    if len(head) >= 4 and head[1::2].count(0) > len(head) * 0.4 and 0 not in head[::2]:
        return "utf-16-le"
    if len(head) >= 4 and head[::2].count(0) > len(head) * 0.4 and 0 not in head[1::2]:
        return "utf-16-be"
    for name in ("utf-8", "cp1252"):
        try:
            body.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def _columns(text: str, starts: Sequence[int]) -> tuple[str, list[str]]:
    """The delimiter, and the names of the columns in the first line that says something."""
    told = ""
    for start in starts:
        end = _LINE_END.search(text, start)
        line = text[start : end.start() if end else len(text)]
        if not line.strip():
            continue
        if not told and (sep := _SEP.match(line.strip())):
            told = sep[1]
            continue
        bare = re.sub(r'"[^"]*"', "", line)
        delimiter = told or max(_DELIMITERS, key=bare.count)
        names = [cell.value.strip().lstrip("#").strip() for cell in _record(text, start, delimiter)]
        return delimiter, names
    return ",", []


def _record(text: str, at: int, delimiter: str) -> list[_Cell]:
    """The cells of the record that begins there."""
    cells = []
    while True:
        start = at
        value: list[str] = []
        quoted = text.startswith('"', at)
        at = _quoted(text, at + 1, value) if quoted else at
        end = at
        while end < len(text) and text[end] not in {delimiter, "\r", "\n"}:
            end += 1
        value.append(text[at:end])
        cells.append(_Cell(start, end, "".join(value), quoted))
        if end >= len(text) or text[end] != delimiter:
            return cells
        at = end + 1


def _quoted(text: str, at: int, value: list[str]) -> int:
    """The end of what stands in quotes, which is added to `value`."""
    while True:
        end = text.find('"', at)
        if end < 0:
            value.append(text[at:])
            return len(text)
        value.append(text[at:end])
        if not text.startswith('""', end):
            return end + 1
        value.append('"')
        at = end + 2


def _bare(value: str) -> str:
    told = _AS_TEXT.match(value)
    return (told[1] if told else value).strip()


def _written(cell: _Cell, new: str, delimiter: str) -> str:
    value = f'="{new}"' if _AS_TEXT.match(cell.value) else new
    if cell.quoted or delimiter in value:
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return value
