"""The incident as CASE/UCO JSON-LD, the exchange format of forensic tools.

Identifiers are made from the incident itself (UUID version 5), so the same incident
gives the same document. Sources: UCO and CASE ontologies 1.x.
"""

from __future__ import annotations

import json
import uuid
from ipaddress import ip_address

import msgspec

from ringfence.model.incident import AnsweredCall, Attribution, Incident, Input, Suspect

Node = dict[str, object]

_CONTEXT = {
    "kb": "https://ringfence.invalid/kb/",
    "core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "investigation": "https://ontology.caseontology.org/case/investigation/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_ROOT = uuid.UUID("b3f0a5b0-6f0e-5d0c-9a53-52494e474643")
# Suspects that are written: case tools draw graphs. The description says how many there are.
MAX_SUSPECTS = 1000


def write_case(incident: Incident, case_id: str, tool: str, at: str) -> bytes:
    """The document."""
    graph = _Graph(incident, tool)
    inputs = [graph.capture(n, captured) for n, captured in enumerate(incident.inputs)]
    servers = [graph.address(address) for address in incident.defended]
    for suspect in incident.suspects[:MAX_SUSPECTS]:
        graph.suspect(suspect, servers)
    for entry in incident.attribution:
        if not entry.exercise:  # who is made up answers for nothing
            graph.holder(entry)
            graph.system(entry)
    graph.investigated(inputs, case_id, at)
    text = json.dumps({"@context": _CONTEXT, "@graph": graph.nodes}, indent=1)
    return text.encode() + b"\n"


class _Graph:
    """Nodes in the order in which they are made; one for each thing that has a name."""

    def __init__(self, incident: Incident, tool: str) -> None:
        self._nodes: dict[str, Node] = {}
        self._ids: dict[tuple[str, ...], str] = {}
        self._of = uuid.uuid5(_ROOT, msgspec.json.encode(incident).decode())
        self._suspects = len(incident.suspects)
        self._tool = tool

    @property
    def nodes(self) -> list[Node]:
        """All of them."""
        return list(self._nodes.values())

    def capture(self, number: int, captured: Input) -> Node:
        """A file that was read, by its hash."""
        return self._observable(
            ("capture", str(number)),
            "File",
            self._facet(
                "File",
                ("file", str(number)),
                fileName=captured.path,
                sizeInBytes=captured.bytes,
            ),
            self._facet(
                "ContentData",
                ("content", str(number)),
                hash=[self._hash(number, captured.sha256)],
                sizeInBytes=captured.bytes,
            ),
        )

    def address(self, text: str) -> Node:
        """An IP address."""
        kind = f"IPv{ip_address(text).version}Address"
        facet = self._facet(kind, ("address facet", text), addressValue=text)
        return self._observable(("address", text), kind, facet)

    def suspect(self, suspect: Suspect, servers: list[Node]) -> None:
        """An accused address: what it did to whom, what it took, whom it called."""
        source = self.address(suspect.address)
        says = "; ".join(clue.says for clue in suspect.clues)
        self._describe(source, f"{suspect.verdict}, {suspect.weight_db:+.1f} dB: {says}")
        for server in servers:
            self._connection(suspect, source, server)
        for account in suspect.accounts_taken:
            self._relation("Accessed", source, self._account(account), suspect.last_seen)
        for number, call in enumerate(suspect.calls_answered):
            self._call(suspect.address, number, call, source)

    def holder(self, entry: Attribution) -> None:
        """Who answers for addresses, as a registry said, and its desk."""
        name = entry.holder
        if not name:
            return
        networks = ", ".join(entry.prefixes)
        organisation = self._node(
            ("organisation", name, networks),
            "identity:Organization",
            {"core:name": name, "core:description": f"{entry.says}; networks: {networks}"},
        )
        for source in self._written(entry):
            self._told("Responsible_For", organisation, source)
        if entry.best is not None and entry.best.email:
            email = entry.best.email
            facet = self._facet("EmailAddress", ("mailbox facet", email), addressValue=email)
            desk = self._observable(("mailbox", email), "EmailAddress", facet)
            self._told("Contact_For", desk, organisation)

    def system(self, entry: Attribution) -> None:
        """The autonomous system of addresses, as a registry named it."""
        sources = self._written(entry)
        if entry.asn is None or not sources:
            return
        key = str(entry.asn)
        facet = self._facet(
            "AutonomousSystem",
            ("system facet", key),
            asHandle=f"AS{entry.asn}",
            number=entry.asn,
        )
        system = self._observable(("system", key), "AutonomousSystem", facet)
        self._describe(system, entry.says)
        for source in sources:
            self._relation("Connected_To", source, system)

    def _written(self, entry: Attribution) -> list[Node]:
        """The entry's addresses that are accused, and not beyond the bound."""
        nodes = (self._nodes.get(self._id("address", one)) for one in entry.addresses)
        return [node for node in nodes if node is not None]

    def _told(self, kind: str, source: Node, target: Node) -> None:
        """A relation that somebody told us."""
        self._node(
            ("told", kind, str(source["@id"]), str(target["@id"])),
            "core:Relationship",
            {
                "core:source": _reference(source),
                "core:target": _reference(target),
                "core:kindOfRelationship": kind,
                "core:isDirectional": True,
            },
        )

    def investigated(self, inputs: list[Node], case_id: str, at: str) -> None:
        """Who made all this, when, from what."""
        name, _, version = self._tool.partition(" ")
        tool = self._node(
            ("tool",), "tool:AnalyticTool", {"core:name": name, "tool:version": version or "0"}
        )
        found = [_reference(node) for node in self.nodes if node is not tool]
        record = self._node(
            ("record",),
            "investigation:ProvenanceRecord",
            {
                "core:description": "What was found in the captures",
                "investigation:exhibitNumber": case_id or "1",
                "core:object": found,
            },
        )
        done = self._node(
            ("investigated",),
            "investigation:InvestigativeAction",
            {
                "core:name": "investigated",
                "action:endTime": _time(at),
                "action:instrument": [_reference(tool)],
                "action:object": [_reference(node) for node in inputs],
                "action:result": [_reference(record)],
            },
        )
        self._node(
            ("investigation",),
            "investigation:Investigation",
            {
                "core:name": case_id or "SIP incident",
                "core:description": f"{self._suspects} accused addresses",
                "investigation:focus": "attack on a telephone system over SIP",
                "investigation:investigationForm": "incident",
                "core:object": [_reference(done), _reference(record)],
            },
        )

    def _connection(self, suspect: Suspect, source: Node, server: Node) -> None:
        key = suspect.address, str(server["@id"])
        facet = self._facet(
            "NetworkConnection",
            ("connection facet", *key),
            src=[_reference(source)],
            dst=[_reference(server)],
            startTime=_time(suspect.first_seen),
            endTime=_time(suspect.last_seen),
        )
        made = self._observable(("connection", *key), "NetworkConnection", facet)
        self._describe(made, f"SIP: {', '.join(suspect.kinds)}; {suspect.messages} messages")

    def _account(self, account: str) -> Node:
        facet = self._facet("Account", ("account facet", account), accountIdentifier=account)
        return self._observable(("account", account), "Account", facet)

    def _call(self, address: str, number: int, call: AnsweredCall, source: Node) -> None:
        phone = self._observable(
            ("phone", call.number),
            "PhoneAccount",
            self._facet("PhoneAccount", ("phone facet", call.number), phoneNumber=call.number),
        )
        fields: Node = {
            "callType": "outgoing",
            "from": _reference(source),
            "to": [_reference(phone)],
            "startTime": _time(call.answered_at),
        }
        if call.seconds is not None:
            fields["duration"] = round(call.seconds)
        key = address, str(number)
        facet = self._facet("Call", ("call facet", *key), **fields)
        self._observable(("call", *key), "Call", facet)

    def _relation(self, kind: str, source: Node, target: Node, ended: str = "") -> None:
        self._node(
            ("relation", kind, str(source["@id"]), str(target["@id"])),
            "observable:ObservableRelationship",
            {
                "core:source": _reference(source),
                "core:target": _reference(target),
                "core:kindOfRelationship": kind,
                "core:isDirectional": True,
                "core:endTime": _time(ended),
            },
        )

    def _hash(self, number: int, sha256: str) -> Node:
        return {
            "@id": self._id("hash", str(number)),
            "@type": "types:Hash",
            "types:hashMethod": "SHA256",
            "types:hashValue": {"@type": "xsd:hexBinary", "@value": sha256},
        }

    def _facet(self, kind: str, key: tuple[str, ...], **fields: object) -> Node:
        named = {f"observable:{name}": v for name, v in fields.items() if v is not None}
        return {"@id": self._id(*key), "@type": f"observable:{kind}Facet", **named}

    def _observable(self, key: tuple[str, ...], kind: str, *facets: Node) -> Node:
        return self._node(key, f"observable:{kind}", {"core:hasFacet": list(facets)})

    def _describe(self, node: Node, text: str) -> None:
        node["core:description"] = text

    def _node(self, key: tuple[str, ...], kind: str, fields: Node) -> Node:
        """A node, or the one that is there already under this key."""
        name = self._id(*key)
        given = {field: value for field, value in fields.items() if value is not None}
        return self._nodes.setdefault(name, {"@id": name, "@type": kind, **given})

    def _id(self, *key: str) -> str:
        if key not in self._ids:
            self._ids[key] = f"kb:{key[0].replace(' ', '-')}-{uuid.uuid5(self._of, repr(key))}"
        return self._ids[key]


def _reference(node: Node) -> Node:
    return {"@id": node["@id"]}


def _time(text: str) -> Node | None:
    """A moment; None where the capture had none."""
    return {"@type": "xsd:dateTime", "@value": text} if text else None
