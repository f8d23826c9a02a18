"""STIX 2.1: indicators, what was observed, and the report that joins them.

How it works: every identifier is made from the case (UUID version 5), `created` is the
day of the case and `modified` the moment of the export, so a second export is a new
version of the same objects. Observables have the identifiers that the specification
makes of their values (2.9), so they are everybody's. An address that may be forged is
observed data with a note, never an indicator.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from ringfence.reports.exports.disclosure import Disclosure, Source, deeds, instant
from ringfence.reports.exports.techniques import Technique, techniques_of

Node = dict[str, object]

# Sources that are written; the report says how many there are.
MAX_SOURCES = 1000
# As long as a block: addresses change hands.
VALID = timedelta(days=7)
# Specification 2.9: the namespace of observables.
_OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_MOST_OBSERVED = 999_999_999
_TLP_1 = {
    "clear": ("613f2e26-407d-48c7-9eca-b8e91df99dc9", "white"),
    "green": ("34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"),
    "amber": ("f88d31f6-486f-44da-b317-01333bde0b82", "amber"),
    "red": ("5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"),
}
_STRICT = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
_TLP_2 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_ATTACK = "https://attack.mitre.org/techniques/"
_UNPROVEN = (
    "The address is not proven: nothing that was sent to it was seen to come back, and anybody "
    "can write it into a UDP packet. Do not block or accuse it for this."
)


def write_stix(told: Disclosure) -> bytes:
    """The bundle."""
    bundle = _Bundle(told)
    for source in told.sources[:MAX_SOURCES]:
        bundle.source(source)
    for name, members in told.campaigns:
        bundle.campaign(name, members)
    bundle.report()
    identifier = f"bundle--{uuid.uuid5(told.root, 'bundle')}"
    document = {"type": "bundle", "id": identifier, "objects": bundle.objects}
    return json.dumps(document, indent=1).encode() + b"\n"


class _Bundle:
    """Objects in the order in which they are made, each once."""

    def __init__(self, told: Disclosure) -> None:
        self._told = told
        self._nodes: dict[str, Node] = {}
        self._indicators: dict[str, str] = {}
        self._sources = {source.address: source for source in told.sources}
        self._marking = self._add(_marking(told.tlp))
        self._reporter = self._identity()

    @property
    def objects(self) -> list[Node]:
        """All of them."""
        return list(self._nodes.values())

    def source(self, source: Source) -> None:
        """One attacker: what he sent, and an indicator where he is certain."""
        address = self._address(source)
        seen = self._observed(source, address)
        if source.certain:
            self._indicator(source, seen)
        else:
            self._note(("unproven", source.address), "Address not proven", _UNPROVEN, seen)

    def campaign(self, name: str, members: Sequence[str]) -> None:
        """One hand with several addresses."""
        known = [self._sources[one] for one in members if one in self._indicators]
        if len(known) < 2:
            return
        campaign = self._object(
            "campaign",
            name,
            name=f"SIP attacks by one hand, {name}, case {self._told.case_id}",
            description=f"{len(known)} sources that behave like one",
            first_seen=min(one.first_seen for one in known),
            last_seen=max(one.last_seen for one in known),
        )
        for source in known:
            self._relation("indicates", self._indicators[source.address], campaign)
            for technique in techniques_of(source):
                self._relation("uses", campaign, self._technique(technique))

    def report(self) -> None:
        """The report that joins them, and the numbers that were dialled."""
        told = self._told
        everything = [name for name in self._nodes if name != self._marking]
        numbers = dict.fromkeys(n.number for s in told.sources for n in s.numbers)
        if numbers:
            text = f"Numbers dialled at the victim's cost: {', '.join(numbers)}"
            everything.append(self._note(("numbers",), "Numbers dialled", text, *everything))
        left = len(told.sources) - MAX_SOURCES
        more = f"; {left:,} more are left out" if left > 0 else ""
        certain = sum(source.certain for source in told.sources)
        self._object(
            "report",
            "report",
            name=told.title,
            description=(
                f"{len(told.sources):,} attacking sources, {certain:,} of them with a proven "
                f"address{more}. Recorded at the telephone system that was attacked."
            ),
            report_types=["indicator", "observed-data"],
            published=told.created,
            object_refs=everything,
        )

    def _identity(self) -> str:
        name = self._told.reporter
        return self._object(
            "identity",
            name or "anonymous",
            name=name or "Owner of a telephone system",
            identity_class="organization",
        )

    def _address(self, source: Source) -> str:
        kind = f"ipv{source.version}-addr"
        address = self._observable(kind, {"value": source.address})
        if source.asn is not None:
            number: Node = {"number": source.asn}
            named: Node = {"name": source.as_name} if source.as_name else {}
            system = self._observable("autonomous-system", number, named)
            self._relation("belongs-to", address, system)
        return address

    def _observed(self, source: Source, address: str) -> str:
        traffic: Node = {
            "start": _shortest(source.first_seen),
            "end": _shortest(source.last_seen),
            "src_ref": address,
            "protocols": [
                f"ipv{source.version}",
                *(["tcp"] if source.proven == "tcp" else []),
                "sip",
            ],
        }
        # The specification wants that said where there is an end; it is no part of the identity.
        seen = self._observable("network-traffic", traffic, {"is_active": False})
        return self._object(
            "observed-data",
            source.address,
            first_observed=source.first_seen,
            last_observed=source.last_seen,
            number_observed=min(source.messages, _MOST_OBSERVED),
            object_refs=[address, seen],
            labels=self._labels(*([] if source.certain else ["unproven"])),
        )

    def _indicator(self, source: Source, seen: str) -> None:
        claims = "".join(f'; claims to be "{agent}"' for agent in source.agents)
        until = datetime.fromisoformat(source.last_seen) + VALID
        indicator = self._object(
            "indicator",
            source.address,
            name=f"SIP attacker {source.address}",
            description=f"{deeds(source)}; address proven by {source.proven}{claims}",
            indicator_types=["malicious-activity"],
            pattern=f"[ipv{source.version}-addr:value = '{source.address}']",
            pattern_type="stix",
            pattern_version="2.1",
            valid_from=source.first_seen,
            valid_until=instant(until.isoformat()),
            confidence=source.confidence,
            labels=self._labels(*source.kinds),
        )
        self._indicators[source.address] = indicator
        self._relation("based-on", indicator, seen)
        for technique in techniques_of(source):
            self._relation("indicates", indicator, self._technique(technique))
        self._object(
            "sighting",
            source.address,
            sighting_of_ref=indicator,
            observed_data_refs=[seen],
            where_sighted_refs=[self._reporter],
            first_seen=source.first_seen,
            last_seen=source.last_seen,
            count=min(source.messages, _MOST_OBSERVED),
        )

    def _technique(self, technique: Technique) -> str:
        reference = {
            "source_name": "mitre-attack",
            "external_id": technique.number,
            "url": _ATTACK + technique.number.replace(".", "/"),
        }
        return self._object(
            "attack-pattern",
            technique.number,
            name=technique.name,
            external_references=[reference],
        )

    def _note(self, key: tuple[str, ...], title: str, text: str, *about: str) -> str:
        return self._object("note", *key, abstract=title, content=text, object_refs=list(about))

    def _relation(self, kind: str, source: str, target: str) -> None:
        self._object(
            "relationship",
            kind, source, target,
            relationship_type=kind, source_ref=source, target_ref=target,
        )  # fmt: skip

    def _labels(self, *labels: str) -> list[str] | None:
        found = [*labels, *(["exercise"] if self._told.exercise else [])]
        return found or None

    def _object(self, kind: str, *key: str, **fields: object) -> str:
        """An object of this case, or the one that is there already under this key."""
        told = self._told
        author = {} if kind == "identity" else {"created_by_ref": self._reporter}
        return self._add(
            {
                "type": kind,
                "spec_version": "2.1",
                "id": f"{kind}--{uuid.uuid5(told.root, repr((kind, key)))}",
                **author,
                "created": told.created,
                "modified": told.at,
                **{name: value for name, value in fields.items() if value is not None},
                "object_marking_refs": [self._marking],
            }
        )

    def _observable(self, kind: str, value: Node, more: Node | None = None) -> str:
        """An observable: its identifier is that of its value, in canonical JSON (RFC 8785)."""
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        name = f"{kind}--{uuid.uuid5(_OBSERVABLES, text)}"
        node = {"type": kind, "spec_version": "2.1", "id": name, **value, **(more or {})}
        return self._add({**node, "object_marking_refs": [self._marking]})

    def _add(self, node: Node) -> str:
        name = str(node["id"])
        self._nodes.setdefault(name, node)
        return name


def _shortest(moment: str) -> str:
    """Without zeros that end a fraction: OASIS' library identifies traffic by times like this."""
    return moment.removesuffix("Z").rstrip("0").removesuffix(".") + "Z"


def _marking(tlp: str) -> Node:
    """TLP as the specification has it (7.2.1.4), and OASIS' own object for AMBER+STRICT."""
    if tlp == "amber+strict":
        extension = {"extension_type": "property-extension", "tlp_2_0": tlp}
        return {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": _STRICT,
            "created": "2022-10-01T00:00:00.000Z",
            "name": "TLP:AMBER+STRICT",
            "extensions": {_TLP_2: extension},
        }
    number, colour = _TLP_1[tlp]
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{number}",
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "name": f"TLP:{colour.upper()}",
        "definition": {"tlp": colour},
    }
