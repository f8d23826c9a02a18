"""What a health check complains about."""

from __future__ import annotations

from ringfence.model.guard_status import (
    FAILING,
    SILENT,
    AttackStatus,
    BlockStatus,
    GuardStatus,
    SourceStatus,
)

AT = "2026-11-26T14:02:11Z"


def test_guard_that_is_well_says_nothing() -> None:
    status = GuardStatus(AT, AT, enforcing=True, sources=(SourceStatus("interface eth0"),))
    assert status.wrong == []
    assert not status.got_in


def test_all_that_is_wrong_is_said() -> None:
    status = GuardStatus(
        AT, AT, enforcing=True, alerts_given_up=2, problems=("the disk is full: make room",),
        sources=(SourceStatus("a", FAILING), SourceStatus("b", SILENT, says="silent since 14:02")),
        blocks=(BlockStatus("203.0.113.7", "block", AT, 5, "not_effective"),),
    )  # fmt: skip
    assert status.wrong == [
        "the disk is full: make room",
        "a: failing",
        "b: silent since 14:02",
        "the block of 203.0.113.7 does not work",
        "alarms that reached nobody: 2",
    ]


def test_account_or_call_is_in() -> None:
    quiet = AttackStatus(("203.0.113.7",), ("scan",), 1, AT, "watched")
    taken = AttackStatus(("203.0.113.7",), ("scan",), 1, AT, "watched", accounts_taken=("240",))
    assert not GuardStatus(AT, AT, enforcing=True, attacks=(quiet,)).got_in
    assert GuardStatus(AT, AT, enforcing=True, attacks=(quiet, taken)).got_in
