"""STIX 2.1: valid, the same objects each time, and no accusation without proof."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from ringfence.model.export import TLPS
from ringfence.model.incident import Incident
from ringfence.reports.exports import stix
from ringfence.reports.exports.disclosure import Disclosure
from ringfence.reports.exports.stix import write_stix
from tests.cases.incidents import incident, suspect
from tests.evidence.redaction.planted import Planter, leaks
from tests.reports.exports.hostile import incidents
from tests.reports.exports.scene import AT, FORGED, GUESSER, LATER, PREMIUM, THIEF, scene, told

Node = dict[str, Any]


def objects(disclosure: Disclosure, *kinds: str) -> list[Node]:
    """Those of these types, or all."""
    found: list[Node] = json.loads(write_stix(disclosure))["objects"]
    return [one for one in found if not kinds or one["type"] in kinds]


def read(document: bytes) -> list[object]:
    """As OASIS' library has it: it refuses unknown fields, missing ones and wrong patterns."""
    stix2 = pytest.importorskip("stix2", reason="stix2 is not installed")
    return list(stix2.parse(document.decode(), allow_custom=False, version="2.1").objects)


def validate(document: bytes) -> list[str]:
    """What OASIS' validator has against it; that identifiers are made, not drawn, is allowed."""
    validator = pytest.importorskip("stix2validator", reason="stix2-validator is not installed")
    options = validator.ValidationOptions(version="2.1", disabled=["uuid-check"])
    result = validator.validate_string(document.decode(), options)
    return [str(error) for error in result.errors]


@pytest.mark.parametrize("tlp", TLPS)
def test_the_validator_of_oasis_finds_nothing(tlp: str) -> None:
    assert validate(write_stix(scene(tlp=tlp, reporter="Example Ltd"))) == []


def test_the_validator_would_find_something() -> None:
    broken = write_stix(scene()).replace(b'"pattern_type": "stix"', b'"pattern_type": 5')
    assert validate(broken) != []


@pytest.mark.parametrize("tlp", TLPS)
def test_the_library_of_oasis_reads_it(tlp: str) -> None:
    disclosure = scene(tlp=tlp)
    assert len(read(write_stix(disclosure))) == len(objects(disclosure))


def test_the_library_would_refuse_something() -> None:
    exceptions = pytest.importorskip("stix2.exceptions", reason="stix2 is not installed")
    with pytest.raises(exceptions.STIXError, match="pattern"):
        read(write_stix(scene()).replace(b"ipv4-addr:value =", b"ipv4-addr value ="))


def test_observables_have_everybodys_identifiers() -> None:
    """What the library makes of the same values."""
    pytest.importorskip("stix2", reason="stix2 is not installed")
    from stix2 import v21

    made = {
        "ipv4-addr": v21.IPv4Address,
        "ipv6-addr": v21.IPv6Address,
        "autonomous-system": v21.AutonomousSystem,
        "network-traffic": v21.NetworkTraffic,
    }
    found = objects(scene(), *made)
    assert {one["type"] for one in found} == set(made)
    for one in found:
        values = {k: v for k, v in one.items() if k not in ("id", "object_marking_refs")}
        assert made[one["type"]](**values).id == one["id"]


@given(incidents())
@settings(max_examples=25, deadline=None)
def test_hostile_texts_keep_it_valid(hostile: Incident) -> None:
    document = write_stix(told(hostile))
    read(document)
    assert len(document) < 60_000


def test_nothing_of_the_victim_is_in_it() -> None:
    planter = Planter()
    assert leaks(planter, [write_stix(scene(planter))]) == []


def test_indicators_are_of_proven_addresses() -> None:
    assert [one["pattern"] for one in objects(scene(), "indicator")] == [
        f"[ipv4-addr:value = '{THIEF}']",
        f"[ipv6-addr:value = '{GUESSER}']",
    ]


def test_indicator_ends_a_week_after_the_attack() -> None:
    first = objects(scene(), "indicator")[0]
    assert (first["valid_from"], first["valid_until"], first["confidence"]) == (
        "2026-10-02T19:05:00.000Z", "2026-10-09T20:05:00.000Z", 99,
    )  # fmt: skip


def test_forged_address_is_observed_with_a_note() -> None:
    (seen,) = [o for o in objects(scene(), "observed-data") if "unproven" in o.get("labels", ())]
    assert seen["number_observed"] == 90_000
    notes = [one for one in objects(scene(), "note") if seen["id"] in one["object_refs"]]
    assert "Do not block" in notes[0]["content"]
    (address,) = [o["id"] for o in objects(scene(), "ipv4-addr") if o["value"] == FORGED]
    assert address in seen["object_refs"]


def test_one_hand_is_a_campaign() -> None:
    (campaign,) = objects(scene(), "campaign")
    links = [o for o in objects(scene(), "relationship") if campaign["id"] in o["target_ref"]]
    assert [one["relationship_type"] for one in links] == ["indicates", "indicates"]


def test_network_of_an_address() -> None:
    (system,) = objects(scene(), "autonomous-system")
    assert (system["number"], system["name"]) == (64496, "EXAMPLE-AS")
    links = [o for o in objects(scene(), "relationship") if o["target_ref"] == system["id"]]
    assert {one["relationship_type"] for one in links} == {"belongs-to"}


def test_techniques_have_their_number() -> None:
    numbers = {
        o["external_references"][0]["external_id"] for o in objects(scene(), "attack-pattern")
    }
    assert numbers == {"T1110", "T1078", "T1657", "T1589"}


def test_numbers_are_in_a_note() -> None:
    (note,) = [one for one in objects(scene(), "note") if one["abstract"] == "Numbers dialled"]
    assert PREMIUM in note["content"]


def test_report_holds_everything_and_every_reference_leads_somewhere() -> None:
    (report,) = objects(scene(), "report")
    names = {one["id"] for one in objects(scene())}
    assert len(report["object_refs"]) == len(names) - 2  # but itself and the marking
    text = json.dumps(objects(scene()))
    for one in objects(scene()):
        for key, value in one.items():
            refs = value if key.endswith("_refs") else [value] if key.endswith("_ref") else []
            assert set(refs) <= names, (key, text[:80])


def test_second_export_is_a_newer_version_of_the_same_objects() -> None:
    one, two = objects(scene()), objects(replace(scene(), at=LATER))
    assert [o["id"] for o in one] == [o["id"] for o in two]
    assert write_stix(scene()) == write_stix(scene())
    for before, after in zip(one, two, strict=True):
        assert before.get("created") == after.get("created")
        if "modified" in before:
            assert (before["modified"], after["modified"]) == (AT, LATER)


def test_reporter_is_nobody_unless_named() -> None:
    assert objects(scene(), "identity")[0]["name"] == "Owner of a telephone system"
    assert objects(scene(reporter="Example Ltd"), "identity")[0]["name"] == "Example Ltd"


@pytest.mark.parametrize(
    ("tlp", "identifier"),
    [
        ("clear", "613f2e26-407d-48c7-9eca-b8e91df99dc9"),
        ("green", "34098fce-860f-48ae-8e50-ebd3cc5e41da"),
        ("amber", "f88d31f6-486f-44da-b317-01333bde0b82"),
        ("amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003"),
        ("red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"),
    ],
)
def test_everything_is_marked(tlp: str, identifier: str) -> None:
    for one in objects(scene(tlp=tlp)):
        if one["type"] == "marking-definition":
            assert one["id"] == f"marking-definition--{identifier}"
        else:
            assert one["object_marking_refs"] == [f"marking-definition--{identifier}"]


def test_exercise_is_labelled() -> None:
    played = replace(scene(), exercise=True)
    assert objects(played, "report")[0]["name"].startswith("EXERCISE: ")
    assert all("exercise" in one["labels"] for one in objects(played, "indicator"))


def test_crowd_is_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stix, "MAX_SOURCES", 3)
    crowd = told(incident(*(suspect(f"2001:db8::{n:x}") for n in range(1, 51))))
    assert len(objects(crowd, "indicator")) == 3
    assert "50 attacking sources" in objects(crowd, "report")[0]["description"]
    assert "47 more are left out" in objects(crowd, "report")[0]["description"]
