"""What an audit found, in every form but the terminal's."""

from __future__ import annotations

from datetime import UTC, datetime

from ringfence import __version__
from ringfence.flow.casebook import TOOL
from ringfence.model.weakness import Audit


def render_json(audit: Audit) -> bytes:
    """The audit document (`docs/audit.schema.json`)."""
    from ringfence.model.audit_document import octets

    return octets(audit, TOOL)


def render_sarif(audit: Audit) -> bytes:
    """SARIF 2.1.0."""
    from ringfence.reports.audit.sarif import render_sarif

    return render_sarif(audit, __version__)


def render_html(audit: Audit, now: datetime) -> bytes:
    """One page, which loads nothing."""
    from ringfence.reports.audit.compose import compose
    from ringfence.reports.audit.html import render_html

    return render_html(compose(audit, _told(now), TOOL)).encode("utf-8", "backslashreplace")


def render_pdf(audit: Audit, now: datetime) -> bytes:
    """PDF/A. Raises PdfError (a RuntimeError), which says what to install."""
    from ringfence.reports.audit.compose import compose
    from ringfence.reports.audit.pdf import MAX_ON_PAPER, render_pdf

    return render_pdf(compose(audit, _told(now), TOOL, MAX_ON_PAPER))


def _told(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
