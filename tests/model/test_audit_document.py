"""The audit for programs: the page in docs/ is the model, and what is found fits it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from ringfence.model.audit_document import audit_schema, octets
from ringfence.model.weakness import Audit
from tests.audits import audit, hostile, night

VALIDATOR = jsonschema.Draft202012Validator(audit_schema())


def test_the_schema_in_the_documentation_is_the_model(root: Path) -> None:
    command = [sys.executable, "-m", "ringfence.model.audit_document"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert (root / "docs/audit.schema.json").read_text() == printed


@pytest.mark.parametrize("found", [night(), audit(), hostile()], ids=["night", "none", "hostile"])
def test_what_is_found_fits_the_schema(found: Audit) -> None:
    VALIDATOR.validate(json.loads(octets(found, "ringfence 0")))


@pytest.mark.parametrize("change", [
    {"schema": "ringfence.audit/2"}, {"secret": "x"}, {"counts": {"urgent": 1}},
    {"weaknesses": [{"rule": "x"}]},
])  # fmt: skip
def test_the_schema_refuses_what_is_none(change: dict[str, object]) -> None:
    told = json.loads(octets(night(), "ringfence 0")) | change
    assert list(VALIDATOR.iter_errors(told))


def test_a_program_finds_who_can_be_entered_and_where() -> None:
    told = json.loads(octets(night(), "ringfence 0"))
    assert told["can_be_entered"] == ["240", "201"]
    assert told["counts"] == {"critical": 3, "high": 2, "medium": 1, "low": 1}
    first = told["weaknesses"][0]
    assert (first["extension"], first["guessed"], first["line"]) == ("240", True, 41)
    assert first["secret"] == "authentication password"


def test_control_characters_of_strangers_are_escaped() -> None:
    told = octets(hostile(), "ringfence 0")
    assert b"\x1b" not in told
    assert "\u202e".encode() not in told
    assert json.loads(told)["sources"][0].startswith(r"\x1b[2J")
