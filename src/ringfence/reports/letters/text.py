"""Letters as plain text: templates filled, every value made visible, lines kept short.

How it works: whatever a template writes goes through `_visible`: control, invisible and
direction-changing characters, line ends among them, become escapes, so a stranger's
text can add no line, no header and no turned-round word. What has several lines is a
list, and the template writes one after the other.
"""

from __future__ import annotations

import textwrap
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from ringfence.model.text import count, shown
from ringfence.reports.words import country, lasting, listed, minutes, moment, money, told

# What mail readers, forms and printers show without breaking it (RFC 5322 §2.1.1 advises 78).
WIDTH = 72


def fill(template: str, **values: object) -> str:
    """A template of `templates/`, filled; ends with one line end."""
    text = _environment().get_template(template).render(values)
    lines = [line.rstrip() for line in text.split("\n")]
    return "\n".join(lines).strip("\n") + "\n"


def wrapped(text: str, indent: int = 0, first: str = "") -> str:
    """One paragraph in lines of at most WIDTH; `first` stands before it, the rest is indented."""
    return textwrap.fill(
        " ".join(shown(text).split()),
        WIDTH,
        initial_indent=first or " " * indent,
        subsequent_indent=" " * (indent or len(first)),
        break_long_words=False,
        break_on_hyphens=False,
    )


class Paragraph(str):
    """Text that `wrapped` made: its line ends are ours."""

    __slots__ = ()


def _visible(value: object) -> object:
    return value if isinstance(value, Paragraph) else shown(str(value))


def _wrap(text: object, indent: int = 0, first: str = "") -> Paragraph:
    return Paragraph(wrapped(str(text), indent, first))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ringfence.reports.letters", "templates"),
        autoescape=False,  # noqa: S701 - plain text; `_visible` sees to what is not
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "wrap": _wrap,
        "told": told,
        "count": count,
        "country": country,
        "lasting": lasting,
        "listed": lambda names, most=6: listed(list(names), most),
        "minutes": minutes,
        "moment": moment,
        "money": money,
    }
    return environment
