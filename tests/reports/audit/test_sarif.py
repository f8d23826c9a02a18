"""SARIF 2.1.0: what the standard (OASIS, §3) asks of a log, checked property by property."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ringfence.model.pbx import Place
from ringfence.model.weakness import Audit, Severity
from ringfence.reports.audit.sarif import render_sarif, sarif, uri
from tests.audits import audit, hostile, night, weakness

LEVELS = {"none", "note", "warning", "error"}
_URI = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")
Node = dict[str, Any]


def check(log: Node) -> None:
    """The essential shape of the schema; properties that it does not know are refused."""
    allow(log, "$schema version runs inlineExternalProperties properties")
    assert log["version"] == "2.1.0"  # §3.13.2
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    for run in log["runs"]:
        allow(run, "tool columnKind artifacts invocations results properties")
        assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}  # §3.14.27
        driver = run["tool"]["driver"]
        allow(driver, "name version semanticVersion rules notifications informationUri")
        assert driver["name"]  # §3.19.8
        assert re.fullmatch(r"\d+\.\d+\.\d+.*", driver["semanticVersion"])
        ids = [rule["id"] for rule in driver["rules"]]
        assert len(ids) == len(set(ids))  # §3.19.23: unique
        for rule in driver["rules"]:
            check_rule(rule)
        for artifact in run["artifacts"]:
            assert _URI.match(artifact["location"]["uri"])
        for invocation in run["invocations"]:
            assert isinstance(invocation["executionSuccessful"], bool)  # §3.20.14
            for note in invocation["toolExecutionNotifications"]:
                assert note["message"]["text"]
                assert note["level"] in LEVELS
        for result in run["results"]:
            check_result(result, ids)


def check_rule(rule: Node) -> None:
    allow(rule, "id name shortDescription fullDescription help defaultConfiguration properties")
    assert rule["shortDescription"]["text"].endswith(".")  # §3.49.9
    assert rule["help"]["text"]
    assert rule["defaultConfiguration"]["level"] in LEVELS
    assert 0 <= float(rule["properties"]["security-severity"]) <= 10
    assert rule["properties"]["tags"]


def check_result(result: Node, ids: list[str]) -> None:
    allow(
        result,
        "ruleId ruleIndex level message locations partialFingerprints rank properties",
    )
    assert ids[result["ruleIndex"]] == result["ruleId"]  # §3.27.6
    assert result["level"] in LEVELS
    assert result["message"]["text"]  # §3.27.11
    assert 0 <= result["rank"] <= 100  # §3.27.25
    assert all(isinstance(v, str) for v in result["partialFingerprints"].values())
    for location in result["locations"]:
        physical = location["physicalLocation"]
        assert _URI.match(physical["artifactLocation"]["uri"])
        if "region" in physical:
            assert physical["region"]["startLine"] >= 1  # §3.30.5
        for logical in location.get("logicalLocations", ()):
            assert logical["name"]


def allow(node: Node, names: str) -> None:
    assert set(node) <= set(names.split())


@pytest.mark.parametrize("found", [night(), audit(), hostile()], ids=["night", "none", "hostile"])
def test_the_log_is_sarif(found: Audit) -> None:
    check(json.loads(render_sarif(found, "0.1.0")))


@pytest.mark.parametrize("break_it", [
    lambda log: log.update(version="2.0.0"),
    lambda log: log["runs"][0]["results"][0].update(ruleIndex=1),
    lambda log: log["runs"][0]["results"][0].update(level="critical"),
    lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"].update(
        region={"startLine": 0}
    ),
    lambda log: log["runs"][0]["tool"]["driver"]["rules"][0].update(severity="high"),
])  # fmt: skip
def test_the_check_sees_what_is_no_sarif(break_it: Any) -> None:  # noqa: ANN401
    log = sarif(night(), "0.1.0")
    break_it(log)
    with pytest.raises(AssertionError):
        check(log)


def test_a_finding_has_its_file_and_line() -> None:
    first = sarif(night(), "0.1.0")["runs"][0]["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "extensions.csv"
    assert place["region"]["startLine"] == 41
    assert first["locations"][0]["logicalLocations"][0]["name"] == "240"
    assert (first["level"], first["rank"]) == ("error", 100.0)


def test_a_source_without_lines_has_no_region() -> None:
    found = audit(weakness(place=Place("https://pbx.example.com/xapi/v1/Users", 0)))
    (result,) = sarif(found, "0.1.0")["runs"][0]["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]


def test_a_rule_stands_once_with_its_worst_severity() -> None:
    found = audit(weakness(severity=Severity.LOW), weakness("202", severity=Severity.CRITICAL))
    (rule,) = sarif(found, "0.1.0")["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "is-number"
    assert rule["name"] == "IsNumber"
    assert rule["properties"]["security-severity"] == "9.5"


def test_a_weakness_is_the_same_after_its_line_has_moved() -> None:
    def print_of(line: int, extension: str = "201") -> str:
        log = sarif(audit(weakness(extension, line=line)), "0.1.0")
        found: str = log["runs"][0]["results"][0]["partialFingerprints"]["weakness/v1"]
        return found

    assert print_of(2) == print_of(30)
    assert print_of(2) != print_of(2, "202")


@pytest.mark.parametrize(("source", "told"), [
    ("a folder/ext ü.csv", "a%20folder/ext%20%C3%BC.csv"),
    ("/etc/asterisk/pjsip.conf", "file:///etc/asterisk/pjsip.conf"),
    ("https://pbx.example.com/xapi/v1", "https://pbx.example.com/xapi/v1"),
    ("javascript:alert(1)", "javascript%3Aalert%281%29"),
    ("bad\udcff.csv", "bad%FF.csv"),
])  # fmt: skip
def test_a_source_is_a_reference_to_a_file(source: str, told: str) -> None:
    assert uri(source) == told


def test_nothing_of_a_stranger_is_obeyed_by_a_terminal() -> None:
    told = render_sarif(hostile(), "0.1.0").decode()
    assert "\x1b" not in told
    assert r"\\x1b[2J" in told
