"""The audit as SARIF 2.1.0 (OASIS), for those who gather findings of many tools.

Text of strangers is escaped; no secret can be in it, as weaknesses do not hold any.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from ringfence.model.audit_summary import NAMES
from ringfence.model.text import shown
from ringfence.model.weakness import Audit, Severity, Weakness

VERSION = "2.1.0"
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# What SARIF calls them, and the figure by which those who show findings sort security.
_LEVELS = {
    Severity.CRITICAL: ("error", "9.5"),
    Severity.HIGH: ("error", "8.0"),
    Severity.MEDIUM: ("warning", "5.5"),
    Severity.LOW: ("note", "2.0"),
}
Node = dict[str, Any]  # a JSON object has no narrower type


def render_sarif(audit: Audit, version: str) -> bytes:
    """The whole file, by this version of Ringfence."""
    return json.dumps(sarif(audit, version), indent=2, ensure_ascii=False).encode() + b"\n"


def sarif(audit: Audit, version: str) -> Node:
    """The log, as values."""
    worst: dict[str, Weakness] = {}
    for one in audit.weaknesses:
        if one.rule not in worst or one.severity > worst[one.rule].severity:
            worst[one.rule] = one
    index = {rule: number for number, rule in enumerate(worst)}
    driver = {
        "name": "Ringfence",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(one) for one in worst.values()],
    }
    notes = [
        {"level": "warning", "message": {"text": shown(text)}, "descriptor": {"id": "not-checked"}}
        for text in audit.not_checked
    ]
    driver["notifications"] = [
        {"id": "not-checked", "shortDescription": {"text": "What could not be checked."}}
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": uri(source)}} for source in audit.sources],
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "results": [_result(one, index[one.rule]) for one in audit.weaknesses],
    }
    return {"$schema": _SCHEMA, "version": VERSION, "runs": [run]}


def _rule(one: Weakness) -> Node:
    level, figure = _LEVELS[one.severity]
    words = shown(one.rule).replace("-", " ").replace("_", " ")
    return {
        "id": shown(one.rule),
        "name": "".join(word.capitalize() for word in words.split()),
        "shortDescription": {"text": f"{words[:1].upper()}{words[1:]}."},
        "help": {"text": shown(one.do)},
        "defaultConfiguration": {"level": level},
        "properties": {
            "security-severity": figure,
            "tags": ["security", "credentials" if one.kind else "exposure"],
        },
    }


def _result(one: Weakness, index: int) -> Node:
    level, _ = _LEVELS[one.severity]
    physical: Node = {"artifactLocation": {"uri": uri(one.place.source)}}
    if one.place.line:
        physical["region"] = {"startLine": one.place.line}
    location: Node = {"physicalLocation": physical}
    if one.extension:
        extension = shown(one.extension)
        location["logicalLocations"] = [
            {"name": extension, "fullyQualifiedName": f"extension {extension}", "kind": "resource"}
        ]
    about = f"Extension {shown(one.extension)}: " if one.extension else ""
    properties: Node = {
        "severity": NAMES[one.severity],
        "tried": one.tried,
        "guessed": one.guessed,
        "do": shown(one.do),
    }
    if one.kind:
        properties["secret"] = one.kind.value
    if one.others:
        properties["others"] = [shown(other) for other in one.others]
    return {
        "ruleId": shown(one.rule),
        "ruleIndex": index,
        "level": "error" if one.guessed else level,
        "message": {"text": f"{about}{shown(one.says)} {shown(one.do)}"},
        "locations": [location],
        "partialFingerprints": {"weakness/v1": _fingerprint(one)},
        "rank": 100.0 if one.guessed else 25.0 * one.severity,
        "properties": properties,
    }


def uri(source: str) -> str:
    """The source as a URI reference; nothing of it but its path can be meant."""
    if urlsplit(source).scheme in {"http", "https"}:
        return quote(source, safe="/:?&=%@[]", errors="surrogateescape")
    path = quote(source, errors="surrogateescape")
    return f"file://{path}" if Path(source).is_absolute() else path


def _fingerprint(one: Weakness) -> str:
    """The same for the same weakness, wherever its line has moved to."""
    kind = one.kind.value if one.kind else ""
    parts = (one.rule, Path(one.place.source).name, one.place.name, one.extension, kind, one.column)
    told = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(told).hexdigest()
