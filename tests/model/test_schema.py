"""The contract: the page in docs/ is the model, and what is really found fits it."""

from __future__ import annotations

import copy
import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from ringfence import flow
from ringfence.model.schema import incident_schema

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.pcap"))
Document = dict[str, Any]
VALIDATOR = jsonschema.Draft202012Validator(incident_schema())


def document_of(*paths: Path) -> Document:
    """The incident document as a reader gets it."""
    found = flow.investigate([str(path) for path in paths])
    document: Document = json.loads(msgspec.json.encode(found.incident))
    return document


def faults(document: Document) -> list[str]:
    """What the schema says against a document."""
    return [f"{fault.json_path}: {fault.message}" for fault in VALIDATOR.iter_errors(document)]


@pytest.fixture(scope="module")
def example() -> Document:
    """The document of the example that ships with the project."""
    return document_of(ROOT / "examples/attack.pcap")


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(incident_schema())


def test_documentation_holds_the_schema_of_the_model() -> None:
    written = json.loads((ROOT / "docs/incident.schema.json").read_text())
    assert written == incident_schema(), (
        "renew it: python -m ringfence.model.schema > docs/incident.schema.json"
    )


def test_the_module_prints_the_schema() -> None:
    command = [sys.executable, "-m", "ringfence.model.schema"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == incident_schema()


def test_every_field_is_explained_in_the_documentation() -> None:
    page = (ROOT / "docs/incident.md").read_text()
    fields = {field for part in incident_schema()["$defs"].values() for field in part["properties"]}
    assert [field for field in sorted(fields) if f"`{field}`" not in page] == []


def test_every_object_names_its_fields_and_requires_them() -> None:
    parts = incident_schema()["$defs"].values()
    assert all(part["additionalProperties"] is False for part in parts)
    assert all(part["required"] == list(part["properties"]) for part in parts)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_fit_the_schema(path: Path) -> None:
    assert faults(document_of(path)) == []


def test_several_inputs_fit_the_schema() -> None:
    document = document_of(*EXAMPLES[:3])
    assert len(document["inputs"]) == 3
    assert faults(document) == []


def test_real_captures_fit_the_schema(shared_data: Path) -> None:
    """Without those whose format is refused (NetMon)."""
    with (shared_data / "captures/MANIFEST.tsv").open() as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    names = [row["file"] for row in rows if row["format"] != "netmon"]
    found = {name: faults(document_of(shared_data / "captures" / name)) for name in names}
    assert len(found) > 40
    assert {name: said for name, said in found.items() if said} == {}


def _without_a_field(document: Document) -> None:
    del document["suspects"][0]["proven"]


def _with_an_unknown_field(document: Document) -> None:
    document["suspects"][0]["country_of_origin"] = "Elbonia"


def _with_an_unknown_field_at_the_top(document: Document) -> None:
    document["remarks"] = ""


def _with_an_invented_kind(document: Document) -> None:
    document["suspects"][0]["kinds"].append("being_rude")


def _with_a_kind_twice(document: Document) -> None:
    document["suspects"][0]["kinds"] = ["scan", "scan"]


def _that_accuses_the_innocent(document: Document) -> None:
    document["suspects"][0]["verdict"] = "ordinary"


def _with_an_invented_proof(document: Document) -> None:
    document["suspects"][0]["proven"] = "hearsay"


def _of_another_version(document: Document) -> None:
    document["schema"] = "ringfence.incident/2"


def _with_a_number_as_text(document: Document) -> None:
    document["ordinary"] = "14"


@pytest.mark.parametrize(
    "spoil",
    [
        _without_a_field,
        _with_an_unknown_field,
        _with_an_unknown_field_at_the_top,
        _with_an_invented_kind,
        _with_a_kind_twice,
        _that_accuses_the_innocent,
        _with_an_invented_proof,
        _of_another_version,
        _with_a_number_as_text,
    ],
)
def test_a_document_is_refused(example: Document, spoil: Callable[[Document], None]) -> None:
    document = copy.deepcopy(example)
    assert faults(document) == []
    spoil(document)
    assert faults(document) != []
