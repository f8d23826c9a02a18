"""Asterisk: a file that adds to sections which are there; nothing of the owner's is rewritten.

How it works: the files that were read are looked through once more for the section in which a
secret stands, or which inherits it from a template. `[201-auth](+)` adds to that section, and
of a value that is set twice Asterisk takes the last. Where several sections have one name,
`(+type=auth)` says which. A section that is not there would stop Asterisk from loading the whole
file, so what is not found is left, and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ringfence.audit.fix.replacement import Made, Plan, Replacement
from ringfence.model.new_secret import ChangeFile
from ringfence.model.pbx import Pbx, System
from ringfence.model.text import shown

_HEAD = re.compile(r"\[([^\]\r\n]+)\](?:\(([^)\r\n]*)\))?")
_OPTION = re.compile(r"([A-Za-z0-9_-]+)\s*=>?\s*(.*)\Z")
_SAFE_NAME = re.compile(r"[A-Za-z0-9._@+ -]{1,128}\Z")
_DEEPEST = 10
_MAX_SECTIONS = 400_000
_COPY = "Copy it to /etc/asterisk (owner asterisk, mode 0600), add the line"
_LOAD = {
    System.PJSIP: (
        "pjsip-new-secrets.conf",
        _COPY + " `#include pjsip-new-secrets.conf` as the last one of pjsip.conf, then"
        " `asterisk -rx 'pjsip reload'`. `asterisk -rx 'pjsip show auth NAME'` shows whether it is"
        " there. To undo it, take the line away and reload.",
    ),
    System.SIP_CONF: (
        "sip-new-secrets.conf",
        _COPY + " `#include sip-new-secrets.conf` as the last one of sip.conf, then"
        " `asterisk -rx 'sip reload'`. To undo it, take the line away and reload.",
    ),
}


@dataclass(slots=True)
class Section:
    """One section as it stands."""

    name: str
    parents: tuple[str, ...]
    template: bool
    options: list[tuple[str, str]] = field(default_factory=list, repr=False)


def files(pbx: Pbx, plan: Plan, contents: Mapping[str, bytes]) -> Made:
    """The one file, and what could not be changed."""
    book = _Book([contents[source] for source in pbx.sources if source in contents])
    lines: list[str] = []
    undone: list[tuple[Replacement, str]] = []
    for one in plan.replacements:
        found = book.sections_of(one, pbx.system)
        if not found:
            why = "its section was not found in the files; change it by hand"
            who = f"extension {shown(one.extension.number)}, {one.old.kind.value}"
            undone.append((one, f"{who}: {why}"))
        for section in found:
            lines += [book.head(section), f"{_key(one)} = {_value(one)}", ""]
    if not lines:
        return (), tuple(undone)
    name, load = _LOAD[pbx.system]
    text = "\n".join(["; New secrets. Keep this file mode 0600.", "", *lines])
    return (ChangeFile(name, text.encode(), load),), tuple(undone)


def sections(content: bytes) -> Iterator[Section]:
    """The sections of one file, as they stand."""
    current: Section | None = None
    hidden = False
    for raw in content.decode("utf-8", "surrogateescape").splitlines():
        line, hidden = _bare(raw, hidden=hidden)
        if head := _HEAD.match(line):
            marks = [mark.strip() for mark in (head[2] or "").split(",") if mark.strip()]
            parents = tuple(mark for mark in marks if mark != "!" and not mark.startswith("+"))
            current = Section(head[1].strip(), parents, "!" in marks)
            yield current
        elif current is not None and (option := _OPTION.match(line)):
            current.options.append((option[1].lower(), option[2].strip()))


def _bare(line: str, *, hidden: bool) -> tuple[str, bool]:
    """The line without its comment; `hidden`: within a comment of several lines."""
    if hidden:
        end = line.find("--;")
        if end < 0:
            return "", True
        line = line[end + 3 :]
    told = line.lstrip()
    if told.startswith(";--") and not told.startswith(";---"):
        return "", "--;" not in told[3:]
    cut = re.split(r"(?<!\\);", line, maxsplit=1)[0]
    return cut.replace("\\;", ";").strip(), False


class _Book:
    """All sections of all files, with what they inherit."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        self._by_name: dict[str, list[Section]] = {}
        self._auths: dict[str, list[Section]] = {}
        total = 0
        for content in contents:
            for section in sections(content):
                total += 1
                if total > _MAX_SECTIONS:
                    break
                self._by_name.setdefault(section.name, []).append(section)
        for same in self._by_name.values():
            for section in same:
                if not section.template and self._last(section, "type") == "auth":
                    for user in self._all(section, "username"):
                        self._auths.setdefault(user, []).append(section)

    def sections_of(self, one: Replacement, system: System) -> list[Section]:
        """Those in which the old secret of an extension is in force."""
        extension = one.extension
        if system is System.SIP_CONF:
            candidates = [s for s in self._by_name.get(extension.number, []) if not s.template]
        else:
            users = dict.fromkeys((extension.auth_id or extension.number, extension.number))
            named = [section for user in users for section in self._auths.get(user, [])]
            candidates = [*named, *self._referred(extension.number)]
        unique = {id(section): section for section in candidates}.values()
        return [s for s in unique if self._holds(s, one) and _SAFE_NAME.match(s.name)]

    def head(self, section: Section) -> str:
        """The line that adds to a section."""
        same = [s for s in self._by_name.get(section.name, []) if not s.template]
        kinds = {self._last(s, "type") for s in same}
        mark = f"+type={self._last(section, 'type')}" if len(kinds) > 1 else "+"
        return f"[{section.name}]({mark})"

    def _referred(self, number: str) -> Iterator[Section]:
        for endpoint in self._by_name.get(number, []):
            for value in self._all(endpoint, "auth"):
                for name in value.split(","):
                    for section in self._by_name.get(name.strip(), []):
                        if not section.template and self._last(section, "type") == "auth":
                            yield section

    def _holds(self, section: Section, one: Replacement) -> bool:
        values = self._all(section, _key(one))
        if one.old.text:
            return one.old.text in values
        hexdigest = one.old.hashed.hexdigest if one.old.hashed else ""
        return any(value.rpartition(":")[2].strip().lower() == hexdigest for value in values)

    def _last(self, section: Section, key: str) -> str:
        return self._all(section, key)[-1:][0] if self._all(section, key) else ""

    def _all(self, section: Section, key: str, depth: int = 0) -> list[str]:
        """The values of an option, inherited ones first."""
        found: list[str] = []
        if depth < _DEEPEST:
            for name in section.parents:
                for parent in self._by_name.get(name, [])[:1]:
                    found += self._all(parent, key, depth + 1)
        return found + [value for option, value in section.options if option == key]


def _key(one: Replacement) -> str:
    return one.old.column.strip().lower()


def _value(one: Replacement) -> str:
    if one.old.hashed and not one.old.text and _key(one) == "password_digest":
        return f"{one.old.hashed.algorithm}:{one.value}"
    return one.value.replace(";", "\\;")
