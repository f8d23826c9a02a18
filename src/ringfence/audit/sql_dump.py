"""Tables in a dump of MySQL, MariaDB, PostgreSQL or SQLite, as texts; nothing is executed.

CREATE TABLE tells columns, INSERT and COPY tell rows. A statement that is not understood is a
trouble, and reading goes on behind its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ringfence.audit.rows import MAX_COLUMNS, MAX_FIELD, MAX_ROWS, Row, Table, Troubles
from ringfence.model.text import shown

MAX_TABLES = 500

_NAME = r'(?:[`"\[]?[\w$]+[`"\]]?\s*\.\s*)?[`"\[]?([\w$]+)[`"\]]?'
_CREATE = re.compile(
    rf"^[ \t]*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*\(", re.IGNORECASE | re.MULTILINE
)
_INSERT = re.compile(
    rf"^[ \t]*(?:INSERT|REPLACE)\s+(?:IGNORE\s+|OR\s+\w+\s+)?INTO\s+{_NAME}\s*"
    r"(?:\(([^()]*)\)\s*)?VALUES\s*",
    re.IGNORECASE | re.MULTILINE,
)
_COPY = re.compile(
    rf"^COPY\s+{_NAME}\s*\(([^()]*)\)\s*FROM\s+stdin[^\n]*\n", re.IGNORECASE | re.MULTILINE
)
_VALUE = re.compile(
    r"\s*(?:[nN](?=')|_[a-z0-9]+\s+)?(?:"
    r"(?P<escaped>[eE]'(?:[^'\\]|\\.|'')*')"
    r"|(?P<quoted>'(?:[^'\\]|\\.|'')*')"
    r"|(?P<hex>[xX]'[0-9a-fA-F]*'|0x[0-9a-fA-F]+)"
    r"|(?P<bare>[^\s,()';]+(?:\([^()']*\))?)"
    r")(?:\s*::\s*[\w ]+)?\s*",
    re.DOTALL,
)
_PLAIN_VALUE = re.compile(  # without backslashes: PostgreSQL's and SQLite's own
    r"\s*(?:(?P<escaped>[eE]'(?:[^'\\]|\\.|'')*')|(?P<quoted>'(?:[^']|'')*')"
    r"|(?P<hex>[xX]'[0-9a-fA-F]*'|0x[0-9a-fA-F]+)|(?P<bare>[^\s,()';]+(?:\([^()']*\))?)"
    r")(?:\s*::\s*[\w ]+)?\s*",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "\0", "Z": "\x1a", "f": "\f"}
_MYSQL = re.compile(r"MySQL dump|MariaDB dump|ENGINE\s*=|INSERT INTO `|phpMyAdmin", re.IGNORECASE)
_NO_COLUMN = {
    "primary", "key", "unique", "constraint", "index", "foreign", "check", "fulltext", "exclude",
}  # fmt: skip


@dataclass(slots=True)
class _Found:
    names: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)


def suits(text: str) -> bool:
    """Whether a text is a dump of tables."""
    return any(form.search(text) for form in (_INSERT, _COPY, _CREATE))


def tables(text: str, source: str) -> tuple[dict[str, Table], tuple[str, ...]]:
    """The tables of a dump by name, in small letters, and what could not be read."""
    troubles = Troubles(shown(source))
    found: dict[str, _Found] = {}
    created = {told[1].lower(): _created(text, told.end()) for told in _CREATE.finditer(text)}
    value = _VALUE if _MYSQL.search(text) else _PLAIN_VALUE
    lines = _Lines(text)
    at = 0
    while told := _next(text, at):
        name = told[1].lower()
        columns = _columns(told[2]) if told[2] else created.get(name, ())
        one = found.setdefault(name, _Found()) if len(found) < MAX_TABLES else _Found()
        line = lines.of(told.start())
        if told.re is _COPY:
            at = _copied(text, told.end(), one, columns, line)
        else:
            at, whole = _inserted(text, told.end(), one, columns, lines, value)
            if not whole:
                troubles.add(lines.of(at), f"values of {shown(name)} are not understood: skipped")
        one.names = one.names or columns
        if len(one.rows) >= MAX_ROWS:
            troubles.add(line, f"only the first {MAX_ROWS:,} rows of {shown(name)} are read")
        if not columns:
            troubles.add(line, f"{shown(name)} has no names of columns; dump it with them")
    whole_tables = {
        name: Table(source, one.names, tuple(one.rows)) for name, one in found.items() if one.names
    }
    return whole_tables, troubles.all()


class _Lines:
    """Line numbers of rising offsets, each octet counted once."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1

    def of(self, at: int) -> int:
        if at >= self._at:
            self._line += self._text.count("\n", self._at, at)
            self._at = at
        return self._line


def _next(text: str, at: int) -> re.Match[str] | None:
    both = [told for form in (_INSERT, _COPY) if (told := form.search(text, at))]
    return min(both, key=lambda told: told.start(), default=None)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('`"[]') for part in text.split(","))[:MAX_COLUMNS]


def _created(text: str, at: int) -> tuple[str, ...]:
    """The columns of CREATE TABLE, from behind its bracket."""
    names, depth, start = [], 0, at
    body = text[at : at + 100_000]
    for place, c in enumerate(body):
        if c == "(":
            depth += 1
        elif c == ")" and depth:
            depth -= 1
        elif c in ",)" and not depth:
            first = re.match(r'\s*[`"\[]?([\w$]+)', body[start - at : place])
            if first and first[1].lower() not in _NO_COLUMN:
                names.append(first[1])
            start = at + place + 1
            if c == ")":
                break
    return tuple(names[:MAX_COLUMNS])


def _keep(one: _Found, columns: tuple[str, ...], values: list[str], line: int) -> None:
    if not columns or len(one.rows) >= MAX_ROWS:
        return
    names = one.names or columns
    if columns != names:
        by = dict(zip(columns, values, strict=False))
        values = [by.get(name, "") for name in names]
    kept = [value if len(value) <= MAX_FIELD else "" for value in values[: len(names)]]
    kept.extend("" for _ in range(len(names) - len(kept)))
    one.rows.append(Row(len(one.rows) + 1, line, tuple(kept)))


def _copied(text: str, at: int, one: _Found, columns: tuple[str, ...], line: int) -> int:
    r"""Rows of COPY up to `\.`, and where they end."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        row = text[at:end]
        at, line = end + 1, line + 1
        if row == "\\.":
            break
        if row:
            _keep(one, columns, [_uncopied(value) for value in row.split("\t")], line)
    return at


def _uncopied(value: str) -> str:
    if value == r"\N":
        return ""
    return _unescaped(value) if "\\" in value else value


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda told: _ESCAPES.get(told[1], told[1]), text, flags=re.DOTALL)


def _inserted(
    text: str,
    at: int,
    one: _Found,
    columns: tuple[str, ...],
    lines: _Lines,
    form: re.Pattern[str],
) -> tuple[int, bool]:
    """Rows of INSERT: where they end, and whether all were understood."""
    while at < len(text):
        while at < len(text) and text[at] in " \t\n,":
            at += 1
        if at >= len(text) or text[at] != "(":
            return at, True
        values: list[str] = []
        start, at = at, at + 1
        while True:
            told = form.match(text, at)
            if told is None or len(values) > MAX_COLUMNS:
                return _behind(text, at), False
            values.append(_value(told, mysql=form is _VALUE))
            at = told.end()
            if text[at : at + 1] == ")":
                break
            if text[at : at + 1] != ",":
                return _behind(text, at), False
            at += 1
        at += 1
        _keep(one, columns, values, lines.of(start))
    return at, True


def _behind(text: str, at: int) -> int:
    """Behind the line that was not understood: the next statement begins on one."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _value(told: re.Match[str], *, mysql: bool) -> str:
    if told["escaped"] is not None:
        return _unescaped(told["escaped"][2:-1].replace("''", "'"))
    if told["quoted"] is not None:
        inner = told["quoted"][1:-1].replace("''", "'")
        return _unescaped(inner) if mysql and "\\" in inner else inner
    if told["hex"] is not None:
        digits = told["hex"][2:].rstrip("'")
        return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits).decode("latin-1")
    return "" if told["bare"].upper() == "NULL" else told["bare"]
