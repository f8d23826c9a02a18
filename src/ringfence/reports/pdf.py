"""The report as PDF/A, for those who sign and file.

How it works: `compose` finds the words, `report.typ` the form; the words reach it as
JSON, so that nothing a stranger wrote is ever read as markup. The fonts are those
that typst carries, and the date is the dossier's: the same dossier gives the same octets.
"""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from ringfence.model.dossier import Dossier
from ringfence.model.exchange import Exchange
from ringfence.model.text import shown
from ringfence.reports import ladder_svg, timeline_svg
from ringfence.reports.compose import compose
from ringfence.reports.palette import LIGHT
from ringfence.reports.typeset import typeset
from ringfence.reports.words import decibans

if TYPE_CHECKING:
    from ringfence.reports.report import Report

# The fonts have no glyph beyond these: other letters are written by their number, since a
# missing glyph says nothing, and PDF/A forbids it.
_LAST_LATIN = 0x17F
_ALSO_IN_FONTS = frozenset("\N{MINUS SIGN}–—‘’“”…•·→←×≥≤▸◂")  # noqa: RUF001 - our own signs


# Text is this wide, and a picture may be this high.
_WIDTH_PT, _MOST_PT = 470, 640
_SIZE = re.compile(r'width="(\d+)" height="(\d+)"')


def render_pdf(dossier: Dossier) -> bytes:
    """The whole file. Raises PdfError where typst is missing or refuses."""
    values = contents(compose(dossier))
    return typeset("ringfence.reports", "report.typ", values, f"the report on {dossier.case_id}")


def contents(report: Report) -> dict[str, object]:
    """What the template reads: every text printable in its fonts, every picture drawn."""
    portraits = [
        {
            **asdict(replace(p, exchange=None)),
            "clues": [{**asdict(c), "db": decibans(c.weight_db)} for c in p.clues],
            "db": decibans(p.weight_db),
        }
        for p in report.portraits
    ]
    plain = asdict(replace(report, portraits=(), timeline=None))
    drawn = report.timeline and timeline_svg.draw_timeline(
        report.timeline, report.moments, alone=True
    )
    words = report.timeline and {
        "title": timeline_svg.title_of(report.timeline),
        "figures": timeline_svg.figures(report.timeline),
    }
    others = [{**asdict(s), "db": decibans(s.weight_db)} for s in report.others]
    told = plain | {"portraits": portraits, "others": others, "timeline": words, "colours": LIGHT}
    found = {name: _latin(value) for name, value in told.items()}
    ladders = [_ladder(p.exchange) for p in report.portraits]
    return found | {"timeline_svg": drawn or "", "ladders": ladders}


def _ladder(exchange: Exchange | None) -> dict[str, object] | None:
    """The picture, what it is of, and the points that it may be high: a page at most."""
    if exchange is None:
        return None
    svg = ladder_svg.draw_svg(_printable(exchange))
    width, height = (float(size) for size in _SIZE.findall(svg)[0])
    high = round(min(_MOST_PT, height / width * _WIDTH_PT))
    return {"svg": svg, "of": printable(exchange.of), "height": high}


def _latin(value: object) -> object:
    """The same with every text printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _latin(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_latin(inner) for inner in value]
    return value


def printable(text: str) -> str:
    """The text with letters that the fonts lack written by their numbers."""
    visible = shown(text)
    if visible.isascii():
        return visible
    return "".join(
        c if ord(c) <= _LAST_LATIN or c in _ALSO_IN_FONTS else f"\\u{ord(c):04x}" for c in visible
    )


def _printable(exchange: Exchange) -> Exchange:
    return Exchange(
        printable(exchange.of),
        tuple(
            replace(
                event,
                method=printable(event.method),
                reason=printable(event.reason),
                user=printable(event.user),
                call_id=printable(event.call_id),
                credentials=event.credentials and printable(event.credentials),
                sdp_address=printable(event.sdp_address),
            )
            for event in exchange.events
        ),
        exchange.omitted,
    )
