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


class _Refused(Exception):
    """Ends expat's work; says why."""


def tree(text: str, source: str) -> Element:
    """The elements of a text below one of ours. Raises AuditError with the line."""
    told = _DECLARATION.match(text)
    if told:
        text = "\n" * text.count("\n", 0, told.end()) + text[told.end() :]
    top = Element(_OURS, 1)
    open_: list[Element] = [top]
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if name == _OURS and count == 1:
            return
        if len(open_) > MAX_DEPTH or count > MAX_ELEMENTS:
            raise _Refused("is too deep or too large")
        element = Element(name, parser.CurrentLineNumber, attributes)
        open_[-1].children.append(element)
        open_.append(element)

    def end(name: str) -> None:
        if len(open_) > 1:
            open_.pop()
        elif name != _OURS:
            raise _Refused("closes what it did not open")

    def comment(said: str) -> None:
        open_[-1].children.append(Element(COMMENT, parser.CurrentLineNumber, text=said))

    def refuse(*_: object) -> None:
        raise _Refused("declares a document type or an entity")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CommentHandler = comment
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(f"<{_OURS}>{text}</{_OURS}>", True)
    except expat.ExpatError as error:
        raise AuditError(
            f"{shown(source)} line {error.lineno}: not XML ({expat.ErrorString(error.code)})"
        ) from None
    except (_Refused, UnicodeEncodeError) as error:
        why = str(error) if isinstance(error, _Refused) else "has half a character"
        raise AuditError(
            f"{shown(source)} line {parser.CurrentLineNumber}: {why}: not read"
        ) from None
    return top
