"""An audit for programs: one JSON object, and the schema that describes it.

`python -m ringfence.model.audit_document` prints the schema; `docs/audit.schema.json` is that.
No secret can be in it: weaknesses do not hold any.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Literal

import msgspec

from ringfence.model.audit_summary import NAMES, summed_up
from ringfence.model.text import shown
from ringfence.model.weakness import Audit, Weakness

SCHEMA = "ringfence.audit/1"
_NAME = "https://json-schema.org/draft/2020-12/schema"
SeverityName = Literal["critical", "high", "medium", "low"]


class Counts(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Weaknesses by severity."""

    critical: int
    high: int
    medium: int
    low: int


class WeaknessEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One finding."""

    rule: str
    severity: SeverityName
    says: str
    do: str
    source: str
    line: int  # from 1; 0: the source has no lines
    section: str
    extension: str  # empty: the whole phone system
    secret: str | None  # what it opens: "PIN", "authentication password"; null: about none
    column: str
    others: list[str]  # other extensions that are met by the same
    tried: bool
    guessed: bool


class AuditDocument(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What `ringfence audit --json` writes. Text of strangers is escaped."""

    schema: str
    tool: str
    sources: list[str]
    extensions: int
    secrets: int
    hashes: int
    answers: int
    can_be_entered: list[str]  # extensions, worst first
    counts: Counts
    weaknesses: list[WeaknessEntry]  # worst first
    not_checked: list[str]


def document(audit: Audit, tool: str) -> AuditDocument:
    """The audit as a document."""
    summary = summed_up(audit)
    return AuditDocument(
        schema=SCHEMA,
        tool=tool,
        sources=[shown(source) for source in audit.sources],
        extensions=audit.extensions,
        secrets=audit.secrets,
        hashes=audit.hashes,
        answers=audit.answers,
        can_be_entered=[shown(one.number) for one in summary.enterable],
        counts=Counts(**summary.counts),
        weaknesses=[_entry(one) for one in audit.weaknesses],
        not_checked=[shown(text) for text in audit.not_checked],
    )


def octets(audit: Audit, tool: str) -> bytes:
    """The document as it is written."""
    return msgspec.json.format(msgspec.json.encode(document(audit, tool)), indent=2) + b"\n"


def audit_schema() -> dict[str, Any]:  # a JSON document has no narrower type
    """The schema: every field required, unknown fields refused."""
    (top,), parts = msgspec.json.schema_components([AuditDocument], ref_template="#/$defs/{name}")
    parts["AuditDocument"]["properties"]["schema"] = {"const": SCHEMA}
    return {"$schema": _NAME, "title": SCHEMA, **top, "$defs": parts}


def _entry(one: Weakness) -> WeaknessEntry:
    return WeaknessEntry(
        rule=shown(one.rule),
        severity=msgspec.convert(NAMES[one.severity], SeverityName),
        says=shown(one.says),
        do=shown(one.do),
        source=shown(one.place.source),
        line=one.place.line,
        section=shown(one.place.name),
        extension=shown(one.extension),
        secret=one.kind.value if one.kind else None,
        column=shown(one.column),
        others=[shown(other) for other in one.others],
        tried=one.tried,
        guessed=one.guessed,
    )


if __name__ == "__main__":
    json.dump(audit_schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")
