"""The document for forensic tools: valid, the same each time, and bounded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence import flow
from ringfence.evidence import case_uco
from ringfence.evidence.case_uco import write_case
from ringfence.model.incident import AttributedContact, Attribution, Incident

AT = "2026-11-25T20:00:00.000000Z"


def written(incident: Incident) -> bytes:
    return write_case(incident, "RF-1", "ringfence 0.1.0", AT)


def desk(address: str) -> Attribution:
    """Who answers for an address."""
    contact = AttributedContact(
        "abuse@hosting.example", None, None, "abuse_role", "role abuse", "rdap.example", "x",
        usable=True, why_not=None,
    )  # fmt: skip
    return Attribution(
        [address], "found", "Example Hosting answers for it", ["203.0.113.0/24"],
        "Example Hosting", "NL", "ripe", None, None, [contact], AT, exercise=False,
    )  # fmt: skip


def facets(incident: Incident, kind: str) -> list[dict[str, object]]:
    """Facets of this kind."""
    graph = json.loads(written(incident))["@graph"]
    return [
        facet
        for node in graph
        for facet in node.get("core:hasFacet", [])
        if facet["@type"] == f"observable:{kind}Facet"
    ]


def case_validate() -> str:
    """The validator, beside the Python that runs or on the path."""
    beside = Path(sys.executable).with_name("case_validate")
    found = str(beside) if beside.is_file() else shutil.which("case_validate")
    if found is None:
        pytest.skip("no case_validate (pip install case-utils)")
    return found


def test_the_validator_of_case_finds_nothing(root: Path, tmp_path: Path) -> None:
    command = [case_validate()]
    for name in ("attack", "guessing_spread", "bad_pin"):
        incident = flow.investigate([str(root / f"examples/{name}.pcap")]).incident
        told = [replace(desk(s.address), asn=64496) for s in incident.suspects]
        incident = replace(incident, attribution=told)
        path = tmp_path / f"{name}.jsonld"
        path.write_bytes(written(incident))
        command.append(str(path))
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Conforms: True" in run.stdout, run.stdout[-3000:]
    assert "NonExistentCDOConcept" not in run.stderr


def test_who_answers_is_an_organisation_with_its_desk(incident: Incident) -> None:
    (first, *_) = incident.suspects
    told = replace(incident, attribution=[desk(first.address), desk("198.51.100.77")])
    graph = {node["@id"]: node for node in json.loads(written(told))["@graph"]}
    (holder,) = [n for n in graph.values() if n["@type"] == "identity:Organization"]
    assert holder["core:name"] == "Example Hosting"
    relations = [n for n in graph.values() if n["@type"] == "core:Relationship"]
    kinds = {n["core:kindOfRelationship"]: n for n in relations}
    assert len(relations) == len(kinds) == 2
    accused = graph[kinds["Responsible_For"]["core:target"]["@id"]]
    (facet,) = accused["core:hasFacet"]
    assert facet["observable:addressValue"] == first.address
    assert facets(told, "EmailAddress")[0]["observable:addressValue"] == "abuse@hosting.example"


def test_network_of_an_attacker_is_there(incident: Incident) -> None:
    (first, *_) = incident.suspects
    known = replace(desk(first.address), addresses=[first.address, "198.51.100.77"], asn=64496)
    (facet,) = facets(replace(incident, attribution=[known]), "AutonomousSystem")
    assert (facet["observable:asHandle"], facet["observable:number"]) == ("AS64496", 64496)
    assert "198.51.100.77" not in written(replace(incident, attribution=[known])).decode()
    nobodys = replace(incident, attribution=[replace(known, asn=None)])
    assert facets(nobodys, "AutonomousSystem") == []


def test_an_exercise_is_no_fact(incident: Incident) -> None:
    told = replace(desk(incident.suspects[0].address), asn=64496)
    made_up = replace(incident, attribution=[replace(told, exercise=True)])
    for words in (b"Example Hosting", b"abuse@hosting.example", b"AS64496"):
        assert words not in written(made_up)
        assert words in written(replace(incident, attribution=[told]))


def test_captures_are_there_by_their_hash(incident: Incident) -> None:
    (content,) = facets(incident, "ContentData")
    assert incident.inputs[0].sha256 in json.dumps(content["observable:hash"])


def test_attackers_accounts_and_calls_are_there(incident: Incident) -> None:
    addresses = {facet["observable:addressValue"] for facet in facets(incident, "IPv4Address")}
    assert addresses == {"192.0.2.10", "203.0.113.66", "203.0.113.91"}
    accounts = [facet["observable:accountIdentifier"] for facet in facets(incident, "Account")]
    assert accounts == ["240"]
    assert len(facets(incident, "Call")) == 3


def test_the_same_incident_gives_the_same_document(incident: Incident) -> None:
    assert written(incident) == written(incident)
    other = replace(incident, ordinary=incident.ordinary + 1)
    assert written(other) != written(incident)


def test_a_time_that_the_capture_did_not_have_is_left_out(incident: Incident) -> None:
    suspect = replace(incident.suspects[0], first_seen="", last_seen="")
    for facet in facets(replace(incident, suspects=[suspect]), "NetworkConnection"):
        assert "observable:startTime" not in facet


def test_a_crowd_is_cut(incident: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_uco, "MAX_SUSPECTS", 3)
    crowd = [replace(incident.suspects[0], address=f"2001:db8::{n:x}") for n in range(50)]
    many = replace(incident, suspects=crowd)
    assert len(facets(many, "IPv6Address")) == 3
    assert "50 accused addresses" in written(many).decode()
