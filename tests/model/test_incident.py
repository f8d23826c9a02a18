from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import msgspec
import pytest

from ringfence import flow
from ringfence.model import incident as model
from ringfence.model.incident import (
    SCHEMA,
    AnsweredCall,
    Campaign,
    Clue,
    Incident,
    Input,
    InTrouble,
    Suspect,
    UnlistedCalls,
)

VALUES = [value for _, value in inspect.getmembers(model, dataclasses.is_dataclass)]

# What scripts, tests and reports rely on; more fields may come, none of these may go.
PROMISED = {
    Incident: "schema inputs defended suspects in_trouble ordinary campaigns",
    Input: "path sha256 bytes packets sip_messages first_seen last_seen not_decoded",
    Suspect: (
        "address verdict kinds weight_db proven clues messages first_seen last_seen ports"
        " claimed_user_agents methods accounts_tried accounts_tried_sample guesses guesses_masked"
        " accounts_taken numbers_dialled calls_answered minutes estimated_cost campaign"
        " calls_unlisted"
    ),
    UnlistedCalls: "calls minutes cost unpriced",
    Clue: "rule weight_db says messages",
    InTrouble: "address account why since",
    Campaign: "id sources fingerprint",
}


@pytest.mark.parametrize("value", VALUES)
def test_values_are_frozen_and_have_slots(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(value)


@pytest.mark.parametrize("value", PROMISED)
def test_promised_fields_are_there(value: type) -> None:
    fields = {field.name for field in dataclasses.fields(value)}
    assert set(PROMISED[value].split()) - fields == set()


def test_the_version_stands_in_the_document() -> None:
    assert SCHEMA == "ringfence.incident/1"


def test_a_document_is_read_back_as_it_was_written(root: Path) -> None:
    written = flow.investigate([str(root / "examples/attack.pcap")]).incident
    assert msgspec.json.decode(msgspec.json.encode(written), type=Incident) == written


def test_an_answered_call_may_have_no_length() -> None:
    fields = {field.name: field.type for field in dataclasses.fields(AnsweredCall)}
    assert fields["seconds"] == "float | None"
