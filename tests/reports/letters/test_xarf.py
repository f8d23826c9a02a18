"""What machines of desks read: true, bounded, and as the format wants it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry, Resource

from ringfence.model.letter import LetterError
from ringfence.model.settings import Settings, Victim
from ringfence.reports.letters import xarf
from tests.reports.letters.scene import (
    BRIEF,
    EXCERPT,
    FLOODED,
    GUESSED,
    SCANNED,
    STOLE,
    stream,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ringfence.model.incident import Suspect
    from ringfence.model.letter import Excerpt

PROBING = replace(SCANNED, kinds=["exploit"], proven="none")
NO_PORT = replace(SCANNED, ports=[])


def written(source: Suspect, *excerpts: Excerpt, **of_stream: object) -> dict[str, Any]:
    """The report on a source, as a desk's machine reads it."""
    one = replace(stream(source), **of_stream)  # type: ignore[arg-type]
    report = xarf.report_of(source, BRIEF, [one], excerpts)
    document: dict[str, Any] = json.loads(xarf.encoded(report))
    return document


@pytest.fixture(scope="session")
def validator(shared_data: Path) -> Callable[[dict[str, Any]], list[str]]:
    """The schemas of XARF v4: that of a report's type, with the core."""
    folder = shared_data / "xarf" / "schemas" / "v4"
    if not folder.is_dir():
        pytest.skip(f"no schemas of XARF at {folder}")
    schemas = [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]
    found = {schema["$id"]: schema for schema in schemas}
    registry: Registry[Any] = Registry().with_resources(
        (id_, Resource.from_contents(schema)) for id_, schema in found.items()
    )

    def faults(report: dict[str, Any]) -> list[str]:
        name = f"{report['category']}-{report['type'].replace('_', '-')}.json"
        schema = found[f"https://xarf.org/schemas/v4/types/{name}"]
        checker = jsonschema.Draft202012Validator(
            schema, registry=registry, format_checker=jsonschema.FormatChecker()
        )
        return [f"{fault.json_path}: {fault.message}" for fault in checker.iter_errors(report)]

    return faults


@pytest.mark.parametrize("source", [STOLE, GUESSED, FLOODED, SCANNED, PROBING, NO_PORT])
def test_the_format_takes_every_kind_of_attack(
    source: Suspect, validator: Callable[[dict[str, Any]], list[str]]
) -> None:
    assert validator(written(source, EXCERPT)) == []


def test_the_check_against_the_schemas_can_fail(
    validator: Callable[[dict[str, Any]], list[str]],
) -> None:
    report = written(STOLE)
    del report["source_port"]
    assert validator(report) != []


@pytest.mark.parametrize(
    ("source", "type_"),
    [(STOLE, "login_attack"), (FLOODED, "ddos"), (SCANNED, "port_scan"),
     (PROBING, "vulnerability_scan"), (NO_PORT, "vulnerability_scan")],
)  # fmt: skip
def test_the_worst_attempt_is_the_type(source: Suspect, type_: str) -> None:
    assert written(source)["type"] == type_


def test_what_the_source_did_is_said_in_fields() -> None:
    report = written(STOLE)
    assert report["source_identifier"] == "198.51.100.7"
    assert (report["source_port"], report["destination_port"]) == (5071, 5060)
    assert (report["destination_ip"], report["protocol"]) == ("192.0.2.10", "udp")
    assert report["first_seen"] == "2026-11-25T03:12:09.123456Z"
    assert report["timestamp"] == report["last_seen"] == "2026-11-25T05:40:01.500000Z"
    assert "attack:toll_fraud" in report["tags"]
    assert "proof:nonce" in report["tags"]


def test_accounts_and_numbers_are_not_named() -> None:
    text = json.dumps(written(replace(STOLE, accounts_taken=["director"])))
    assert "director" not in text
    assert "449098790115" not in text
    assert "1 account taken" in text


def test_a_forged_address_is_never_sure() -> None:
    assert written(FLOODED)["confidence"] == 0.5
    assert written(replace(FLOODED, proven="tcp"))["confidence"] == 0.99


def test_a_private_destination_stays_at_home() -> None:
    assert "destination_ip" not in written(STOLE, destination="10.0.0.7")


@pytest.mark.parametrize(
    ("source", "of_stream", "why"),
    [
        (replace(STOLE, kinds=["spoofed_call"]), {}, "forged calls"),
        (replace(STOLE, ports=[]), {}, "its port"),
        (replace(FLOODED), {"transport": "carrier pigeon"}, "UDP or TCP"),
    ],
)
def test_what_the_format_asks_and_nobody_knows(
    source: Suspect, of_stream: dict[str, object], why: str
) -> None:
    with pytest.raises(LetterError, match=why):
        written(source, **of_stream)


def test_without_a_mail_address_of_ours_there_is_no_report() -> None:
    nobody = replace(BRIEF, settings=Settings(victim=Victim(name="Ada")))
    with pytest.raises(LetterError, match=r"victim\.email"):
        xarf.report_of(STOLE, nobody, [stream(STOLE)], [])


def test_the_same_letter_has_the_same_report() -> None:
    assert written(STOLE) == written(STOLE)
    assert written(STOLE)["report_id"] != written(GUESSED)["report_id"]


def test_a_message_is_evidence_with_its_sum() -> None:
    (one,) = written(STOLE, EXCERPT)["evidence"]
    octets = base64.b64decode(one["payload"])
    assert octets.startswith(b"REGISTER sip:192.0.2.10 SIP/2.0\n")
    assert one["hash"] == f"sha256:{hashlib.sha256(octets).hexdigest()}"
    assert one["size"] == len(octets)


def test_a_message_to_a_private_end_names_its_port_alone() -> None:
    inside = replace(EXCERPT, destination="251.4.31.0:5060")
    (one,) = written(STOLE, inside)["evidence"]
    assert "to our port 5060 over" in one["description"]
    assert "251.4.31.0" not in one["description"]


def test_a_flood_of_long_messages_is_bounded() -> None:
    long = replace(EXCERPT, text="\N{SNOWMAN}" * 200_000)
    evidence = written(STOLE, *[long] * 40)["evidence"]
    assert len(evidence) == xarf.MAX_EVIDENCE
    assert all(one["size"] <= xarf.MAX_EVIDENCE_OCTETS for one in evidence)
    base64.b64decode(evidence[0]["payload"]).decode()  # no character cut in two
    assert ", its beginning," in evidence[0]["description"]


@given(st.text(max_size=300))
def test_no_text_breaks_a_report(text: str) -> None:
    source = replace(STOLE, claimed_user_agents=[text], kinds=["password_guessing", text])
    report = written(source, replace(EXCERPT, text=text))
    assert report["description"].isprintable()
    assert len(report["description"]) <= 1000
