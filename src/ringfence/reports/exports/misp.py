"""A MISP event (core format): addresses, claimed programs, numbers, networks.

Identifiers are made from the case (UUID version 5) and time stamps from the moment of
the export, so MISP takes a second export for a newer edition of the same event.
Pairs of category and type are those of MISP's describeTypes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime

from ringfence.reports.exports.disclosure import Disclosure, Source, deeds
from ringfence.reports.exports.techniques import techniques_of_all

Node = dict[str, object]

# Sources that are written; the event's comment says how many there are.
MAX_SOURCES = 1000
# MISP's own numbers: nobody but the importing organisation, until its people decide otherwise;
# attributes follow their event; the analysis is complete.
_OWN_ORGANISATION, _INHERIT = "0", "5"
_COMPLETE = "2"
_HIGH, _MEDIUM, _LOW = "1", "2", "3"
_NETWORK, _FRAUD = "Network activity", "Financial fraud"


def write_misp(told: Disclosure) -> bytes:
    """The event."""
    event: Node = {
        "uuid": str(told.root),
        "info": told.title,
        "date": told.created[:10],
        "threat_level_id": _level(told),
        "analysis": _COMPLETE,
        "distribution": _OWN_ORGANISATION,
        "published": False,
        "timestamp": _epoch(told.at),
        "Tag": [{"name": name} for name in _tags(told)],
        "Attribute": list(_Attributes(told)),
    }
    if told.reporter:
        owner = uuid.uuid5(told.root, f"organisation {told.reporter}")
        event["Orgc"] = {"name": told.reporter, "uuid": str(owner)}
    return json.dumps({"Event": event}, indent=1).encode() + b"\n"


class _Attributes:
    """The attributes in their order, each once."""

    def __init__(self, told: Disclosure) -> None:
        self._told = told

    def __iter__(self) -> Iterator[Node]:
        sources = self._told.sources[:MAX_SOURCES]
        found: dict[str, Node] = {}
        for source in sources:
            for attribute in self._of(source):
                found.setdefault(str(attribute["uuid"]), attribute)
        yield from found.values()
        left = len(self._told.sources) - len(sources)
        if left:
            text = f"{left:,} more sources are left out of this event"
            yield self._attribute("Other", "comment", text, "", None)

    def _of(self, source: Source) -> Iterator[Node]:
        yield self._attribute(_NETWORK, "ip-src", source.address, _says(source), source)
        where = f"of {source.address}"
        if source.asn is not None:
            name = f"{source.as_name}, " if source.as_name else ""
            yield self._attribute(_NETWORK, "AS", f"AS{source.asn}", f"{name}{where}", None)
        for agent in source.agents:
            yield self._attribute(_NETWORK, "user-agent", agent, f"claimed, {where}", None)
        for one in source.numbers:
            kind = "prtn" if one.premium else "phone-number"
            yield self._attribute(_FRAUD, kind, one.number, f"dialled by {source.address}", None)

    def _attribute(
        self, category: str, kind: str, value: str, comment: str, source: Source | None
    ) -> Node:
        """One attribute; only the address of a proven attacker is for detection."""
        attribute: Node = {
            "uuid": str(uuid.uuid5(self._told.root, repr((category, kind, value)))),
            "category": category,
            "type": kind,
            "value": value,
            "to_ids": source is not None and source.certain and not self._told.exercise,
            "comment": comment,
            "distribution": _INHERIT,
            "timestamp": _epoch(self._told.at),
            "disable_correlation": False,
        }
        if source is not None:
            attribute |= {"first_seen": source.first_seen, "last_seen": source.last_seen}
        return attribute


def _says(source: Source) -> str:
    if source.certain:
        return f"{deeds(source)}; address proven by {source.proven}"
    return f"{deeds(source)}; NOT PROVEN, the address may be forged: do not block it for this"


def _tags(told: Disclosure) -> Iterator[str]:
    yield f"tlp:{told.tlp}"
    if told.exercise:
        yield "exercise"
    for technique in techniques_of_all(told.sources):
        yield f'misp-galaxy:mitre-attack-pattern="{technique.name} - {technique.number}"'


def _level(told: Disclosure) -> str:
    """High where somebody got in, low where somebody only looked."""
    if any(source.accounts_taken or source.calls for source in told.sources):
        return _HIGH
    only_looked = all(set(source.kinds) <= {"scan"} for source in told.sources)
    return _LOW if only_looked else _MEDIUM


def _epoch(at: str) -> str:
    return str(int(datetime.fromisoformat(at).timestamp()))
