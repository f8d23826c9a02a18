"""Techniques of ATT&CK: only those that are beyond doubt."""

from __future__ import annotations

import pytest

from ringfence.model.incident import KINDS
from ringfence.reports.exports.techniques import techniques_of, techniques_of_all
from tests.cases.incidents import incident, suspect
from tests.reports.exports.scene import scene, told


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("scan", ["T1595"]),
        ("enumeration", ["T1589"]),
        ("password_guessing", ["T1110"]),
        ("toll_fraud", []),  # tried, and nobody answered: nothing is stolen
        ("flood", ["T1499"]),
        ("exploit", ["T1190"]),
        ("spoofed_call", []),
    ],
)
def test_kind_of_attack(kind: str, numbers: list[str]) -> None:
    assert kind in KINDS
    (source,) = told(incident(suspect("203.0.113.66", kinds=[kind]))).sources
    assert [one.number for one in techniques_of(source)] == numbers


def test_thief_used_an_account_and_took_money() -> None:
    found = [one.number for one in techniques_of(scene().sources[0])]
    assert found == ["T1110", "T1078", "T1657"]


def test_each_once() -> None:
    numbers = [one.number for one in techniques_of_all(scene().sources)]
    assert numbers == ["T1110", "T1078", "T1657", "T1589", "T1499"]
