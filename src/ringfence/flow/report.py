"""The report: what the accused did over time, told as a page and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.flow.investigation import read_messages
from ringfence.model.incident import Incident

if TYPE_CHECKING:
    from ringfence.model.dossier import Dossier, Timeline
    from ringfence.model.exchange import Exchange


def retell(paths: list[str], incident: Incident) -> tuple[Timeline | None, dict[str, Exchange]]:
    """The accused over time, and the exchange that decides about each; reads all captures again.

    Raises CaptureError.
    """
    if not incident.suspects:
        return None, {}
    from ringfence.search.decisive import Decisive
    from ringfence.search.timeline import timeline_of

    decisive = Decisive(incident)
    timeline = timeline_of(decisive.watch(read_messages(paths)), incident)
    return timeline, decisive.read(read_messages(paths))


def render_html(dossier: Dossier) -> str:
    """The report as one HTML file."""
    from ringfence.reports.page.html import render_html

    return render_html(dossier)


def render_pdf(dossier: Dossier) -> bytes:
    """The report as PDF/A. Raises PdfError, which says what to install."""
    from ringfence.reports.pdf import render_pdf

    return render_pdf(dossier)
