r"""The language of Asterisk's settings: sections, templates, comments, files that are included.

    [phone](!)              a template: it gives, and is nothing itself
    [200](phone,office)     begins with what both give
    [200](+)                goes on with the section of this name
    [200](+type=auth)       goes on with that one of the name which says so
    secret = a\;b ; comment
    #include "more/*.conf"  #tryinclude x.conf  #exec /usr/bin/script

Rules: nothing is executed, `#exec` is named. A file is included from the folder of the main
file (or of the file that includes it) and below, or from /etc/asterisk, links followed first:
who can write a settings file shall not have any other file of the machine read. Where a
folder is a copy, /etc/asterisk/x is x of the copy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ringfence.audit import contents
from ringfence.audit.rows import MAX_FIELD, Troubles
from ringfence.model.auditing import AuditError
from ringfence.model.pbx import Place
from ringfence.model.text import shown

HOME = Path("/etc/asterisk")
MAX_FILES = 100
MAX_DEPTH = 10
MAX_SECTIONS = 400_000  # an endpoint has three
MAX_OPTIONS = 4_000_000
# Templates of templates: each level may double what the last one gave.
_MAX_GIVEN = 2_000
MAX_UNKNOWN = 200

_SECTION = re.compile(r"\[([^\]]*)\]\s*(?:\(([^)]*)\))?")
_DIRECTIVE = re.compile(r"#\s*(include|tryinclude|exec)\b\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a section."""

    name: str  # in small letters
    value: str = field(repr=False)
    source: str = ""
    line: int = 0


@dataclass(slots=True)
class Section:
    """One section with all that it was given, in the order in which Asterisk reads it."""

    name: str
    source: str
    line: int
    template: bool = False
    options: list[Option] = field(default_factory=list)

    def get(self, *names: str) -> str:
        """The last value of an option, by any of its names; empty where there is none."""
        for option in reversed(self.options):
            if option.name in names:
                return option.value
        return ""

    def every(self, *names: str) -> list[str]:
        """All values of an option, in their order."""
        return [option.value for option in self.options if option.name in names]

    def sounding(self, secret: re.Pattern[str], known: Collection[str]) -> Iterator[str]:
        """Options that hold something, whose names sound like a secret and are none of these."""
        for option in self.options:
            if option.value and option.name not in known and secret.search(option.name):
                yield option.name

    def place(self, *names: str) -> Place:
        """Where the last option of these names stands; without one, the section."""
        for option in reversed(self.options):
            if option.name in names:
                return Place(option.source, option.line, self.name)
        return Place(self.source, self.line, self.name)


@dataclass(frozen=True, slots=True)
class Conf:
    """All sections of a file and of what it includes; templates are among them, marked."""

    source: str
    sources: tuple[str, ...]
    sections: tuple[Section, ...]
    troubles: tuple[str, ...] = ()

    def section(self, name: str) -> Section | None:
        """The first section of this name that is no template."""
        for section in self.sections:
            if section.name == name and not section.template:
                return section
        return None


def read(path: Path, text: str | None = None) -> Conf:
    """A file of settings with all that it includes. Raises AuditError."""
    reading = _Reading(path)
    if text is None:
        text = contents.decoded(contents.octets(path), str(path))
    reading.file(path, text, ())
    return Conf(
        str(path),
        tuple(reading.sources),
        tuple(reading.sections),
        reading.troubles.all(),
    )


class _Reading:
    """One main file, being read."""

    def __init__(self, path: Path) -> None:
        self.root = path.resolve().parent
        self.sources: list[str] = []
        self.sections: list[Section] = []
        self.troubles = Troubles("")
        self._named: dict[str, list[Section]] = {}
        self._current: Section | None = None
        self._options = 0
        self._files = 0

    def file(self, path: Path, text: str, within: tuple[Path, ...]) -> None:
        """One file, and what it includes on the way."""
        source = str(path)
        self.sources.append(source)
        within = (*within, path.resolve())
        for number, line in _lines(text):
            if len(line) > 2 * MAX_FIELD:
                self._trouble(source, number, f"{len(line):,} characters in one line: not read")
            elif line[0] == "#" and (told := _DIRECTIVE.match(line)):
                self._directive(told[1].lower(), told[2].strip(), path, number, within)
            elif line[0] == "[":
                self._section(line, source, number)
            else:
                self._option(line, source, number)

    def _trouble(self, source: str, line: int, says: str) -> None:
        self.troubles.add(0, f"{shown(source)} line {line}: {says}")

    def _section(self, line: str, source: str, number: int) -> None:
        told = _SECTION.match(line)
        if told is None or not told[1].strip():
            self._trouble(source, number, "a section without an end or a name: not read")
            self._current = None
            return
        name = told[1].strip()
        marks = [mark.strip() for mark in (told[2] or "").split(",") if mark.strip()]
        more = next((mark for mark in marks if mark.startswith("+")), None)
        if more is not None:
            self._current = self._to_go_on(name, more[1:])
            if self._current is None:
                self._trouble(source, number, f"[{shown(name)}] goes on, and has not begun")
            return
        if len(self.sections) >= MAX_SECTIONS:
            raise AuditError(
                f"{shown(source)} line {number}: more than {MAX_SECTIONS:,} sections; split it"
            )
        section = Section(name, source, number, "!" in marks)
        for mark in marks:
            if mark != "!":
                self._give(section, mark, source, number)
        self.sections.append(section)
        self._named.setdefault(name, []).append(section)
        self._current = section

    def _give(self, section: Section, name: str, source: str, number: int) -> None:
        givers = self._named.get(name)
        if not givers:
            self._trouble(source, number, f"there is no template {shown(name)} above it")
            return
        room = _MAX_GIVEN - len(section.options)
        section.options.extend(givers[0].options[: max(0, room)])

    def _to_go_on(self, name: str, wanted: str) -> Section | None:
        """The section that `(+)` means: the last, or the last that says what is wanted."""
        asked = [part.partition("=") for part in wanted.split("&") if "=" in part]
        for section in reversed(self._named.get(name, [])):
            if all(
                key.strip().upper() == "TEMPLATES" or section.get(key.strip()) == value.strip()
                for key, _, value in asked
            ):
                return section
        return None

    def _option(self, line: str, source: str, number: int) -> None:
        name, mark, value = line.partition("=")
        if not mark:
            self._trouble(source, number, "neither a section nor a setting: not read")
            return
        value = value.removeprefix(">").strip()
        adds = name.endswith("+")
        name = name.rstrip("+").strip().lower()
        if self._current is None:
            self._trouble(source, number, f"{shown(name[:60])} stands in no section: not read")
            return
        if len(value) > MAX_FIELD:
            self._trouble(source, number, f"{shown(name[:60])} is too long: not read")
            return
        self._options += 1
        if self._options > MAX_OPTIONS:
            raise AuditError(f"{shown(source)} line {number}: too many settings; split the file")
        if adds:
            value = self._current.get(name) + value
        self._current.options.append(Option(name, value[:MAX_FIELD], source, number))

    # ------------------------------------------------------------ other files

    def _directive(
        self, what: str, argument: str, path: Path, number: int, within: tuple[Path, ...]
    ) -> None:
        argument = argument.strip("\"'<> \t")
        source = str(path)
        if what == "exec":
            # The program alone: its arguments may be a password.
            program = argument.split()[0] if argument.split() else ""
            self._trouble(
                source, number,
                f"#exec {shown(program)} was not run; what it prints is not audited: save it as a"
                " file and name that too",
            )  # fmt: skip
            return
        if not argument:
            self._trouble(source, number, f"#{what} names no file")
            return
        if len(within) >= MAX_DEPTH:
            self._trouble(source, number, f"#{what} deeper than {MAX_DEPTH} files: not read")
            return
        found = self._found(argument, path)
        if found is None:
            self._trouble(
                source, number,
                f"#{what} {shown(argument)} leads out of {shown(str(self.root))}: not read; copy"
                " it there, or name it too",
            )  # fmt: skip
            return
        if not found and what == "include" and not _has_glob(argument):
            self._trouble(source, number, f"#include {shown(argument)}: there is no such file")
        for file in found:
            self._include(file, source, number, within)

    def _include(self, file: Path, source: str, number: int, within: tuple[Path, ...]) -> None:
        if file.resolve() in within:
            self._trouble(source, number, f"{shown(str(file))} includes itself: not read again")
            return
        if self._files >= MAX_FILES:
            self._trouble(source, number, f"more than {MAX_FILES} files are included: not read")
            return
        self._files += 1
        try:
            text = contents.decoded(contents.octets(file), str(file))
        except AuditError as error:
            self._trouble(source, number, f"included file not read: {error}")
            return
        self.file(file, text, within)

    def _found(self, argument: str, path: Path) -> list[Path] | None:
        """The files that a name or pattern means; None where all lead outside."""
        led_out = False
        for folder, pattern in self._places(argument, path):
            if ".." in PurePosixPath(pattern).parts:
                led_out = True
                continue
            matches = _matches(folder, pattern)
            inside = [file for file in matches if self._allowed(file)]
            led_out = led_out or len(inside) < len(matches)
            if inside:
                return inside
        return None if led_out else []

    def _places(self, argument: str, path: Path) -> Iterator[tuple[Path, str]]:
        """Where a name may be meant, in the order in which it is looked for."""
        if not argument.startswith("/"):
            yield self.root, argument
            if path.resolve().parent != self.root:
                yield path.resolve().parent, argument
            return
        if argument.startswith(f"{HOME}/"):
            below = argument[len(f"{HOME}/") :]
            yield self.root, below
            if self.root != HOME:
                yield HOME, below
            return
        root = f"{self.root}/"
        yield (self.root, argument[len(root) :]) if argument.startswith(root) else (
            self.root, "../x",
        )  # fmt: skip

    def _allowed(self, file: Path) -> bool:
        real = file.resolve()
        return real.is_relative_to(self.root) or real.is_relative_to(HOME)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line that says something, without its comment, with its number."""
    in_comment = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw
        if in_comment or ";--" in line:
            line, in_comment = _without_blocks(line, in_comment)
        if ";" in line:
            line = _without_comment(line)
        line = line.strip()
        if line:
            yield number, line


def _without_comment(line: str) -> str:
    r"""Up to the first `;` that has no `\` before it; `\;` is a semicolon."""
    if "\\;" not in line:
        return line.partition(";")[0]
    kept = re.match(r"(?:\\;|[^;])*", line)
    return kept[0].replace("\\;", ";") if kept else line


def _without_blocks(line: str, depth: int) -> tuple[str, int]:
    """The line without `;-- … --;`, and how deep in such comments it ends."""
    kept = []
    at = 0
    while at < len(line):
        if line.startswith("--;", at) and depth:
            depth, at = depth - 1, at + 3
        elif line.startswith(";--", at) and line[at + 3 : at + 4] != "-":
            depth, at = depth + 1, at + 3
        elif depth:
            at += 1
        elif line[at] == ";":
            kept.append(line[at:])
            break
        else:
            kept.append(line[at : at + 2] if line.startswith("\\;", at) else line[at])
            at += len(kept[-1])
    return "".join(kept), depth


def _has_glob(pattern: str) -> bool:
    return any(c in pattern for c in "*?[")


def _matches(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder that a pattern means, sorted, some more than may be read."""
    try:
        if not _has_glob(pattern):
            file = folder / pattern
            return [file] if file.is_file() else []
        found = []
        for file in folder.glob(pattern.replace("**", "*")):
            if file.is_file():
                found.append(file)
            if len(found) > 10 * MAX_FILES:
                break
        return sorted(found)
    except (OSError, ValueError, NotImplementedError, IndexError):
        return []
