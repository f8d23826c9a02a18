"""FreeSWITCH's pre-processor: `X-PRE-PROCESS` includes and sets, `$${variables}`.

Like FreeSWITCH, commands inside comments are obeyed. `exec` is named and never run; files are
included from the folder of the main file and below, links followed first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ringfence.audit import contents
from ringfence.audit.rows import Troubles
from ringfence.audit.xml_tree import COMMENT, Element, tree
from ringfence.model.auditing import AuditError
from ringfence.model.text import shown

MAX_FILES = 20_000  # a file for each user is usual
MAX_DEPTH = 10
_MAX_VARIABLES = 10_000
_MAX_VALUE = 4_096
COMMAND = "x-pre-process"
_IN_COMMENT = re.compile(
    r"<X-PRE-PROCESS\s+cmd\s*=\s*[\"']?([\w-]+)[\"']?\s+data\s*=\s*\"([^\"]*)\"", re.IGNORECASE
)
_VARIABLE = re.compile(r"\$\$\{([^}]*)\}")


class Files:
    """The files of one FreeSWITCH, each read once, and the variables that they set."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.sources: list[str] = []
        self.variables: dict[str, str] = {}
        self.troubles = Troubles("")
        self._read: set[Path] = set()

    def elements(self, path: Path, depth: int = 0) -> Iterator[tuple[Element, str]]:
        """The elements at the top of a file, with what it includes in place, and their files.

        Raises AuditError where the file itself cannot be read.
        """
        real = path.resolve()
        if real in self._read:
            return
        self._read.add(real)
        text = contents.decoded(contents.octets(path), str(path))
        top = tree(text, str(path))
        self.sources.append(str(path))
        yield from self.inside(top, path, depth)

    def inside(self, element: Element, path: Path, depth: int) -> Iterator[tuple[Element, str]]:
        """The children of an element, commands carried out; includes' wrappers are taken off."""
        todo = [iter(element.children)]
        while todo:
            child = next(todo[-1], None)
            if child is None:
                todo.pop()
            elif child.name == COMMENT:
                for told in _IN_COMMENT.finditer(child.text):
                    yield from self._command(told[1], told[2], path, child.line, depth)
            elif child.name.lower() == COMMAND:
                what, data = child.attributes.get("cmd", ""), child.attributes.get("data", "")
                yield from self._command(what, data, path, child.line, depth)
            elif child.name == "include":
                todo.append(iter(child.children))
            else:
                yield child, str(path)

    def expanded(self, text: str) -> str | None:
        """The text with its variables; None where one of them is not known."""
        if "$${" not in text:
            return text
        names = _VARIABLE.findall(text)
        if any(name not in self.variables for name in names):
            return None
        return _VARIABLE.sub(lambda told: self.variables[told[1]], text)[:_MAX_VALUE]

    def missing(self, text: str) -> str:
        """The first variable of a text that is not known."""
        return next((n for n in _VARIABLE.findall(text) if n not in self.variables), "")

    def _trouble(self, path: Path, line: int, says: str) -> None:
        self.troubles.add(0, f"{shown(str(path))} line {line}: {says}")

    def _command(
        self, what: str, data: str, path: Path, line: int, depth: int
    ) -> Iterator[tuple[Element, str]]:
        command = what.lower()
        if command in {"set", "env-set", "stun-set"}:
            name, _, value = data.partition("=")
            known = self.expanded(value.strip())
            if command == "set" and known is not None and len(self.variables) < _MAX_VARIABLES:
                self.variables[name.strip()] = known
        elif command.startswith("exec"):
            program = next(iter(data.split(maxsplit=1)), "")
            self._trouble(path, line, f"{command} {shown(program)} was not run: not audited")
        elif command == "include":
            yield from self._include(data, path, line, depth)

    def _include(
        self, data: str, path: Path, line: int, depth: int
    ) -> Iterator[tuple[Element, str]]:
        pattern = self.expanded(data)
        if pattern is None or depth >= MAX_DEPTH:
            why = f"deeper than {MAX_DEPTH} files" if pattern else "its variable is not known"
            self._trouble(path, line, f"include {shown(data)}: {why}: not read")
            return
        found, led_out = self._found(pattern, path)
        if led_out:
            self._trouble(
                path, line, f"include {shown(data)} leads out of {shown(str(self.root))}: not read"
            )
        for file in found:
            if len(self._read) >= MAX_FILES:
                self._trouble(path, line, f"more than {MAX_FILES:,} files: the rest is not read")
                return
            try:
                yield from self.elements(file, depth + 1)
            except AuditError as error:
                self._trouble(path, line, f"included file not read: {error}")

    def _found(self, pattern: str, path: Path) -> tuple[list[Path], bool]:
        # FreeSWITCH's own settings go up and down again: ../sip_profiles/*.xml
        whole = PurePosixPath(os.path.normpath(path.resolve().parent / pattern))
        if not whole.is_relative_to(self.root):
            return [], True
        below = str(whole.relative_to(self.root)).replace("**", "*")
        try:
            matches = sorted(self.root.glob(below))[:MAX_FILES]
        except (OSError, ValueError, NotImplementedError, IndexError):
            return [], False
        files = [file for file in matches if file.is_file()]
        inside = [file for file in files if file.resolve().is_relative_to(self.root)]
        return inside, len(inside) < len(files)
