"""A letter's plain text, read back into what it is made of, so that it can be set on paper.

How it works: parts begin with a title between two rules of `=`, headings are underlined or
in capitals, blank lines part blocks. A line end is soft where the next word had no room in
the line; all others were meant. Blocks with blanks in the midst of a line are tables: kept
as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ringfence.reports.letters.text import WIDTH

_PART = re.compile(r"^={20,}\n(.+)\n={20,}$", re.MULTILINE)
_NAMED = re.compile(r"^([A-Z][A-Za-z0-9 ]{0,8}): +(\S.*)$")
_ITEM = re.compile(r"^( {0,4})([-*] |\d+\. |\[ \] )")
_MAX_HEADING = 60
_LONG_CODE = re.compile(r"^ {4,}\S{40,}$")
_BLANK_LINES_BEFORE_SIGNATURE = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is meant: how far it is indented, and what stands before it in a list."""

    text: str
    indent: int = 0
    mark: str = ""  # -, 1., [ ]
    code: bool = False  # for a font of one width


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two blank lines."""

    kind: str  # heading, fields, table, lines, sign
    lines: tuple[Line, ...] = ()
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet or an annex; the letter itself has no title."""

    title: str
    blocks: tuple[Block, ...]


def read_parts(text: str) -> tuple[Part, ...]:
    """The whole letter."""
    pieces = _PART.split(text)
    titled = zip(pieces[1::2], pieces[2::2], strict=True)
    return (Part("", _blocks(pieces[0])), *(Part(t, _blocks(body)) for t, body in titled))


def _blocks(text: str) -> tuple[Block, ...]:
    found, blank, gathered = list[Block](), 0, list[str]()
    for line in [*text.split("\n"), ""]:
        if line.strip():
            gathered.append(line)
            continue
        if gathered:
            new = _read(gathered, blank)
            if blank == 1 and found and found[-1].kind == new[0].kind == "table":
                found[-1] = replace(found[-1], lines=(*found[-1].lines, Line(""), *new[0].lines))
            else:
                found += new
            gathered, blank = [], 0
        blank += 1
    return tuple(found)


def _read(lines: list[str], blank: int) -> list[Block]:
    if blank > _BLANK_LINES_BEFORE_SIGNATURE and set(lines[0]) == {"_"}:
        return [Block("sign", _meant(lines[1:]))]
    if heading := _heading(lines):
        return [Block("heading", (Line(heading),))]
    if fields := _fields(lines):
        return [Block("fields", fields=fields)]
    if _is_table(lines):
        return [Block("table", tuple(Line(line) for line in lines))]
    return [Block("lines", _meant(lines))]


def _heading(lines: list[str]) -> str:
    """The words of a line that is underlined, or in capitals and alone; "" for none."""
    if len(lines) == 1:
        is_heading = lines[0].isupper() and len(lines[0]) <= _MAX_HEADING
        return lines[0].capitalize() if is_heading else ""
    is_heading = len(lines) == 2 and set(lines[1]) == {"-"} and _is_plain(lines[0])
    return lines[0] if is_heading else ""


def _is_table(lines: list[str]) -> bool:
    ruled = len(lines) > 1 and set(lines[1]) == {"-"}
    return ruled or not _is_plain(*lines) or all(line.startswith("    ") for line in lines)


def _is_plain(*lines: str) -> bool:
    return not any("  " in line.strip() for line in lines)


def _fields(lines: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names and values, if the block has nothing else and several of them; () else."""
    found: list[tuple[str, list[str]]] = []
    before = ""
    for line in lines:
        if match := _NAMED.match(line):
            found.append((match[1], [match[2]]))
        elif not found or not line.startswith(" " * 8):
            return ()
        elif _had_no_room(before, line):
            found[-1][1][-1] += f" {line.strip()}"
        else:
            found[-1][1].append(line.strip())
        before = line
    return tuple((name, tuple(values)) for name, values in found) if len(found) > 1 else ()


def _had_no_room(before: str, line: str) -> bool:
    return len(before) + 1 + len(line.split(maxsplit=1)[0]) > WIDTH


def _meant(lines: list[str]) -> tuple[Line, ...]:
    """Lines with soft ends joined: the next line stands where this one's text began."""
    found: list[Line] = []
    hanging, before = -1, ""
    for line in lines:
        match = _ITEM.match(line)
        indent = len(line) - len(line.lstrip())
        code = bool(_LONG_CODE.match(line))
        if not match and not code and indent == hanging and _had_no_room(before, line):
            found[-1] = replace(found[-1], text=f"{found[-1].text} {line.strip()}")
        else:
            mark = match[2].strip().replace("*", "-") if match else ""
            text = line[len(match[0]) :] if match else line.strip()
            found.append(Line(text, indent, mark, code))
            hanging = -1 if code else len(match[0]) if match else indent
        before = line
    return tuple(found)
