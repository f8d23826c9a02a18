"""The MISP event: pairs that MISP knows, detection for proven attackers alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from ringfence.model.incident import Incident
from ringfence.reports.exports import misp
from ringfence.reports.exports.disclosure import Disclosure
from ringfence.reports.exports.misp import write_misp
from tests.cases.incidents import incident, suspect
from tests.evidence.redaction.planted import Planter, leaks
from tests.reports.exports.hostile import incidents
from tests.reports.exports.scene import FORGED, GUESSER, HUNTED, LATER, PREMIUM, THIEF, scene, told

# Of MISP's describeTypes: types that these categories allow.
ALLOWED = {
    "Network activity": {"ip-src", "AS", "user-agent"},
    "Financial fraud": {"prtn", "phone-number"},
    "Other": {"comment"},
}


def event(disclosure: Disclosure) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_misp(disclosure))["Event"]
    return found


def values(disclosure: Disclosure, kind: str) -> list[str]:
    return [one["value"] for one in event(disclosure)["Attribute"] if one["type"] == kind]


def check(found: dict[str, Any]) -> None:
    """What MISP checks when it imports."""
    assert found["threat_level_id"] in {"1", "2", "3", "4"}
    assert found["timestamp"].isdigit()
    names = [one["uuid"] for one in found["Attribute"]]
    assert len(names) == len(set(names))
    for one in found["Attribute"]:
        assert one["type"] in ALLOWED[one["category"]]
        assert one["value"].strip()
        assert len(one["value"]) < 200
        assert "\n" not in one["value"]


def test_pairs_of_category_and_type_are_misps() -> None:
    check(event(scene()))


@given(incidents())
@settings(max_examples=50, deadline=None)
def test_hostile_texts_keep_it_valid(hostile: Incident) -> None:
    check(event(told(hostile)))


def test_nothing_of_the_victim_is_in_it() -> None:
    planter = Planter()
    assert leaks(planter, [write_misp(scene(planter))]) == []


def test_only_proven_attackers_are_for_detection() -> None:
    found = event(scene())["Attribute"]
    assert [one["value"] for one in found if one["to_ids"]] == [THIEF, GUESSER]
    (forged,) = [one for one in found if one["value"] == FORGED]
    assert "NOT PROVEN" in forged["comment"]


def test_what_is_known_of_them() -> None:
    assert values(scene(), "user-agent") == ["friendly-scanner", "x"]
    assert (values(scene(), "prtn"), values(scene(), "phone-number")) == ([PREMIUM], [HUNTED])
    assert values(scene(), "AS") == ["AS64496"]


def test_event_is_for_the_own_organisation_until_people_decide() -> None:
    found = event(scene())
    assert (found["distribution"], found["published"]) == ("0", False)
    assert {one["distribution"] for one in found["Attribute"]} == {"5"}
    assert "Orgc" not in found
    assert event(scene(reporter="Example Ltd"))["Orgc"]["name"] == "Example Ltd"


def test_tags_are_of_misps_taxonomies() -> None:
    tags = [one["name"] for one in event(scene(tlp="amber+strict"))["Tag"]]
    assert tags[0] == "tlp:amber+strict"
    assert 'misp-galaxy:mitre-attack-pattern="Brute Force - T1110"' in tags


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"kinds": ["scan"]}, "3"),
        ({"kinds": ["scan", "password_guessing"]}, "2"),
        ({"accounts_taken": ["4711"]}, "1"),
    ],
)
def test_threat_level(facts: dict[str, Any], level: str) -> None:
    assert event(told(incident(suspect(THIEF, **facts))))["threat_level_id"] == level


def test_second_export_is_a_newer_edition_of_the_same_event() -> None:
    one, two = event(scene()), event(replace(scene(), at=LATER))
    assert one["uuid"] == two["uuid"]
    assert [a["uuid"] for a in one["Attribute"]] == [a["uuid"] for a in two["Attribute"]]
    assert int(one["timestamp"]) < int(two["timestamp"])


def test_exercise_is_tagged_and_detects_nothing() -> None:
    found = event(replace(scene(tlp="red"), exercise=True))
    assert [one["name"] for one in found["Tag"]][:2] == ["tlp:red", "exercise"]
    assert found["info"].startswith("EXERCISE: ")
    assert not any(one["to_ids"] for one in found["Attribute"])


def test_crowd_is_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp, "MAX_SOURCES", 3)
    crowd = told(incident(*(suspect(f"2001:db8::{n:x}") for n in range(1, 51))))
    assert len(values(crowd, "ip-src")) == 3
    assert values(crowd, "comment") == ["47 more sources are left out of this event"]
