"""`ringfence export`, as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from ringfence.flow.casebook import Casebook
from ringfence.model.incident import Incident
from tests.cases.incidents import incident, suspect
from tests.cli.scene import ringfence
from tests.reports.exports.scene import DOUBTFUL, THIEF, attribution


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return saved(tmp_path, incident(suspect(THIEF), suspect(DOUBTFUL, verdict="suspect")))


def saved(folder: Path, found: Incident) -> Path:
    path = folder / "incident.json"
    path.write_bytes(msgspec.json.encode(found))
    return path


def test_document_is_printed_and_who_is_not_in_it_is_said(document: Path) -> None:
    answer = ringfence("export", document, "stix")
    assert answer.status == 0
    assert json.loads(answer.out)["type"] == "bundle"
    assert f"held back: {DOUBTFUL}: suspect, but not certain" in answer.err
    assert "1 source written" in answer.err


def test_document_goes_into_a_file(document: Path, tmp_path: Path) -> None:
    out = tmp_path / "event.json"
    answer = ringfence("export", document, "misp", "--out", out, "--tlp", "GREEN",
                       "--reporter", "Example Ltd")  # fmt: skip
    assert (answer.status, answer.out) == (0, "")
    event = json.loads(out.read_bytes())["Event"]
    assert (event["Orgc"]["name"], event["Tag"][0]["name"]) == ("Example Ltd", "tlp:green")


def test_case_by_the_end_of_its_number(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    with Casebook(store) as book:
        number = book.file(incident(suspect(THIEF)), None).case.id
    answer = ringfence("export", number[-6:], "misp", "--store", store)
    assert number in json.loads(answer.out)["Event"]["info"]


def test_from_captures_to_a_bundle(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "incident.json"
    ringfence("investigate", root / "examples/attack.pcap", "--json", path)
    for form in ("stix", "misp", "case", "json", "abuseipdb"):
        answer = ringfence("export", path, form)
        assert answer.status == 0, answer.err
        assert (THIEF in answer.out) == (form != "abuseipdb")


def test_exercise_is_red_and_said_so(tmp_path: Path) -> None:
    played = incident(suspect(THIEF))
    played.attribution.append(attribution([THIEF], exercise=True))
    path = saved(tmp_path, played)
    answer = ringfence("export", path, "misp", "--tlp", "clear")
    assert '"tlp:red"' in answer.out
    assert "an exercise: marked so, and TLP:RED" in answer.err
    refused = ringfence("export", path, "abuseipdb")
    assert (refused.status, refused.out) == (2, "")
    assert "what was only played is not reported" in refused.err


def test_crowd_that_is_held_back_is_counted(tmp_path: Path) -> None:
    path = saved(tmp_path, incident(*(suspect(f"203.0.113.{n}") for n in range(1, 10))))
    answer = ringfence("export", path, "abuseipdb")
    assert "203.0.113.1, 203.0.113.2, 203.0.113.3 and 6 more: an address of doc" in answer.err
    assert "nobody is in it" in answer.err
    assert answer.out == "IP,Categories,ReportDate,Comment\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("stix", "--tlp", "blue"), "one of clear, green, amber"),
        (("abuseipdb", "--tlp", "green"), "only stix and misp carry it"),
        (("xml",), "one of stix, misp, case, abuseipdb, json"),
        (("stix", "--known", "home"), "not an IP address"),
        (("stix", "--out", "/nowhere/at/all"), "/nowhere/at/all"),
    ],
)
def test_what_makes_no_sense_is_explained(
    document: Path, arguments: tuple[str, ...], says: str
) -> None:
    answer = ringfence("export", document, *arguments)
    assert answer.status == 2
    assert says in answer.err


def test_text_of_a_stranger_is_escaped(tmp_path: Path) -> None:
    path = saved(tmp_path, incident(suspect("\x1b[2J")))
    assert "\x1b" not in ringfence("export", path, "stix").err
