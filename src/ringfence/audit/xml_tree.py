"""XML as a plain tree with line numbers, for settings that strangers may have written.

Python's own expat is enough, as the text is put inside an element of ours first: a document
type, and with it every entity, can only stand at the very beginning, so there expat refuses
it. No name is ever opened, depth and number of elements are bounded, nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# Only expat's own interface: it opens nothing, and entities are refused below.
from xml.parsers import expat

from ringfence.model.auditing import AuditError
from ringfence.model.text import shown

MAX_DEPTH = 64
MAX_ELEMENTS = 2_000_000
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_OURS = "ringfence-fragment"


@dataclass(slots=True)
class Element:
    """One element. A comment is one too, without children: its text is under `text`."""

    name: str
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    children: list[Element] = field(default_factory=list, repr=False)
    text: str = field(default="", repr=False)

    def every(self, name: str) -> Iterator[Element]:
        """Its children of a name."""
        return (child for child in self.children if child.name == name)


COMMENT = "#comment"


class _RefusedError(Exception):
    """Ends expat's work; says why."""


def tree(text: str, source: str) -> Element:
    """The elements of a text below one of ours. Raises AuditError with the line."""
    told = _DECLARATION.match(text)
    if told:
        text = "\n" * text.count("\n", 0, told.end()) + text[told.end() :]
    growing = _Growing()
    try:
        growing.parser.Parse(f"<{_OURS}>{text}</{_OURS}>", True)  # noqa: FBT003  no keyword here
    except expat.ExpatError as error:
        raise AuditError(
            f"{shown(source)} line {error.lineno}: not XML ({expat.ErrorString(error.code)})"
        ) from None
    except (_RefusedError, UnicodeEncodeError) as error:
        why = str(error) if isinstance(error, _RefusedError) else "has half a character"
        line = growing.parser.CurrentLineNumber
        raise AuditError(f"{shown(source)} line {line}: {why}: not read") from None
    return growing.top


class _Growing:
    """The tree while expat tells its parts."""

    def __init__(self) -> None:
        self.top = Element(_OURS, 1)
        self._open: list[Element] = []
        self._count = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = lambda _: self._open.pop()
        self.parser.CommentHandler = self._comment
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._open.append(self.top)
            return
        self._count += 1
        if len(self._open) > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise _RefusedError("is too deep or too large")
        element = Element(name, self.parser.CurrentLineNumber, attributes)
        self._open[-1].children.append(element)
        self._open.append(element)

    def _comment(self, said: str) -> None:
        if self._open:
            self._open[-1].children.append(
                Element(COMMENT, self.parser.CurrentLineNumber, text=said)
            )

    def _refuse(self, *_: object) -> int:
        raise _RefusedError("declares a document type or an entity")
