"""Incidents of cases, folders and files, exported."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest

from ringfence.flow.casebook import Casebook, CaseError
from ringfence.flow.exporting import (
    Exportable,
    ExportOptions,
    export_incident,
    find_incident,
    read_incident,
)
from ringfence.model.export import INCIDENT_FORMATS, ExportError
from ringfence.model.incident import Incident
from tests.cases.incidents import incident, suspect
from tests.evidence.redaction.planted import Planter, leaks
from tests.reports.exports.scene import AT, HUNTED, PREMIUM, THIEF, attribution, planted

TRUNK = "198.51.100.80"
OUTSIDE = ("stix", "misp", "abuseipdb")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses of documentation count as those of somebody, as nothing is sent anywhere."""
    monkeypatch.setattr("ringfence.attribute.special.why_special", lambda _, exercise: None)


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "cases.db")


def filed(store: str, found: Incident, folder: Path | None = None) -> str:
    """The number of the case that this makes."""
    with Casebook(store) as book:
        return book.file(found, str(folder) if folder else None).case.id


def written(found: Exportable, form: str, **options: object) -> bytes:
    return export_incident(found, ExportOptions(form, **options), AT).octets  # type: ignore[arg-type]


def save(path: Path, found: Incident) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(found))
    return path


@pytest.mark.parametrize("form", OUTSIDE)
def test_nothing_of_the_victim_leaves_the_house(form: str, store: str) -> None:
    planter = Planter()
    number = filed(store, planted(planter))
    octets = written(find_incident(number, store), form)
    assert leaks(planter, [octets]) == []
    assert form == "abuseipdb" or THIEF.encode() in octets


@pytest.mark.parametrize("form", OUTSIDE)
def test_nothing_of_the_victim_leaves_with_a_file_alone(form: str, tmp_path: Path) -> None:
    planter = Planter()
    path = save(tmp_path / "incident.json", planted(planter))
    assert leaks(planter, [written(find_incident(str(path)), form)]) == []


def test_redacted_document_of_the_folder_has_the_say(store: str, tmp_path: Path) -> None:
    """It was made with the packets at hand, and knows users that no document names."""
    one = suspect(THIEF, kinds=["toll_fraud"], claimed_user_agents=["phone of Valerie"],
                  numbers_dialled=[PREMIUM, HUNTED])  # fmt: skip
    cleaned = replace(one, claimed_user_agents=["phone of Qxzwvut"], numbers_dialled=[PREMIUM])
    folder = tmp_path / "case"
    save(folder / "for-others/incident.json", incident(cleaned))
    octets = written(find_incident(filed(store, incident(one), folder), store), "misp")
    assert b"Qxzwvut" in octets
    for secret in (b"Valerie", HUNTED.encode()):
        assert secret not in octets


@pytest.mark.parametrize("place", ["for-others", "addition-0002/for-others"])
def test_redacted_document_of_other_captures_says_nothing(
    place: str, store: str, tmp_path: Path
) -> None:
    folder = tmp_path / "case"
    other = incident(suspect(THIEF, claimed_user_agents=["other"]), capture="b" * 64)
    save(folder / place / "incident.json", other)
    (folder / "addition-0003/for-others").mkdir(parents=True)
    (folder / "addition-0003/for-others/incident.json").write_text("{ broken")
    octets = written(find_incident(filed(store, incident(suspect(THIEF)), folder), store), "misp")
    assert b'"other"' not in octets


def test_file_and_case_make_the_same_objects(store: str, tmp_path: Path) -> None:
    found = incident(suspect(THIEF))
    path = save(tmp_path / "incident.json", found)
    number = filed(store, found)
    assert written(find_incident(str(path)), "stix") == written(
        find_incident(number[-6:], store), "stix"
    )


def test_case_investigated_again_is_exported_as_it_is_now(store: str) -> None:
    number = filed(store, incident(suspect(THIEF, guesses=39)))
    before = json.loads(written(find_incident(number, store), "stix"))
    filed(store, incident(suspect(THIEF, guesses=500)))
    after = json.loads(written(find_incident(number, store), "stix"))
    assert [o["id"] for o in before["objects"]] == [o["id"] for o in after["objects"]]
    assert "500 passwords" in json.dumps(after)


def test_merged_case_is_part_of_the_other(store: str) -> None:
    one = filed(store, incident(suspect(THIEF)))
    alone = json.loads(written(find_incident(one, store), "misp"))["Event"]
    two = filed(store, incident(suspect("203.0.113.91"), capture="b" * 64))
    three = filed(store, incident(suspect("203.0.113.92"), capture="c" * 64))
    with Casebook(store) as book:
        book.merge(three, two)
        book.merge(two, one)
    with pytest.raises(CaseError, match=f"merged into {one}"):
        find_incident(two, store)
    both = json.loads(written(find_incident(one, store), "misp"))["Event"]
    values = [a["value"] for a in both["Attribute"] if a["type"] == "ip-src"]
    assert values == [THIEF, "203.0.113.91", "203.0.113.92"]
    assert both["uuid"] == alone["uuid"]


def test_whole_document_for_scripts(store: str) -> None:
    found = planted(Planter())
    number = filed(store, found)
    document = written(find_incident(number, store), "json")
    assert msgspec.json.decode(document, type=Incident) == found


def test_case_uco_is_the_whole_incident(store: str) -> None:
    found = incident(suspect(THIEF, accounts_taken=["240"]))
    graph = json.loads(written(find_incident(filed(store, found), store), "case"))["@graph"]
    assert any(node["@type"] == "investigation:Investigation" for node in graph)
    assert '"240"' in json.dumps(graph)


def test_public_list_refuses_documentation_and_exercises(store: str) -> None:
    found = find_incident(filed(store, incident(suspect(THIEF))), store)
    made = export_incident(found, ExportOptions("abuseipdb"), AT)
    assert made.sources == 0
    assert "documentation" in made.held_back[0].reason
    played = replace(found.for_others, attribution=[attribution([THIEF], exercise=True)])
    with pytest.raises(ExportError, match="exercise"):
        export_incident(replace(found, for_others=played), ExportOptions("abuseipdb"), AT)


@pytest.mark.usefixtures("held")
def test_public_list_takes_an_address_that_somebody_holds(store: str) -> None:
    found = find_incident(filed(store, incident(suspect(THIEF))), store)
    assert THIEF.encode() in written(found, "abuseipdb")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("form", OUTSIDE)
def test_trunk_that_the_owner_names_is_never_told(form: str, store: str) -> None:
    found = find_incident(filed(store, incident(suspect(TRUNK), suspect(THIEF))), store)
    assert TRUNK.encode() in written(found, form)
    octets = written(found, form, known=(ip_address(TRUNK),))
    assert TRUNK.encode() not in octets
    assert THIEF.encode() in octets


def test_address_from_which_users_were_let_in_is_not_told(store: str) -> None:
    """What a block list would not block is accused before nobody either."""
    shared = suspect(THIEF, accounts_taken=["240", "241"], accounts_tried=2)
    found = find_incident(filed(store, incident(shared)), store)
    made = export_incident(found, ExportOptions("stix"), AT)
    assert made.sources == 0
    assert "users were let in" in made.held_back[0].reason


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (ExportOptions("pdf"), f"one of {', '.join(INCIDENT_FORMATS)}"),
        (ExportOptions("stix", tlp="blue"), "one of clear"),
    ],
)
def test_what_cannot_be_written_is_explained(options: ExportOptions, says: str) -> None:
    one = incident(suspect(THIEF))
    with pytest.raises(ExportError, match=says):
        export_incident(Exportable("RF-1", (), one, one), options, AT)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "\xff", '{"schema": "ringfence.case/1"}', "[" * 100_000]
)
def test_file_that_is_no_incident_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ExportError, match=r"x\.json: no incident document"):
        read_incident(path)


def test_document_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = save(
        tmp_path / "x.json", replace(incident(suspect(THIEF)), schema="ringfence.incident/9")
    )
    with pytest.raises(ExportError, match="incident/9"):
        read_incident(path)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="No such file"):
        find_incident(str(tmp_path / "gone.json"))


def test_file_that_accuses_nobody(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="nobody is accused"):
        find_incident(str(save(tmp_path / "x.json", incident())))
