"""The audit as PDF/A: the same words as on the page, set by typst; no text of it is markup."""

from __future__ import annotations

from dataclasses import asdict

from ringfence.reports.audit.compose import AuditReport
from ringfence.reports.palette import LIGHT
from ringfence.reports.pdf import printable
from ringfence.reports.typeset import typeset

# Weaknesses on paper: some hundred pages. The JSON has all of them.
MAX_ON_PAPER = 2_000


def render_pdf(report: AuditReport) -> bytes:
    """The whole file. Raises PdfError where typst is missing or refuses."""
    return typeset("ringfence.reports.audit", "audit.typ", contents(report), "the audit")


def contents(report: AuditReport) -> dict[str, object]:
    """What the template reads: every text printable in its fonts."""
    told = {str(name): _latin(value) for name, value in asdict(report).items()}
    when = report.made_at.replace("-", " ").replace(":", " ").split()
    return told | {"colours": LIGHT, "made_on": [int(part) for part in when[:6]]}


def _latin(value: object) -> object:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _latin(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_latin(inner) for inner in value]
    return value
