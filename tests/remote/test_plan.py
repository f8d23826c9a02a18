"""Plans on paper: refused where they would silence the phones, read again as they were written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ringfence.model.lockdown import (
    INSIDE,
    KNOWN,
    Admitted,
    LockdownError,
    Plan,
    Ports,
    Resolved,
    Trunk,
)
from ringfence.remote import plan as module
from ringfence.remote.admitted import Facts
from ringfence.remote.plan import (
    check_plan,
    closing_of,
    decode,
    encode,
    identifier,
    make_plan,
    networks_in,
    with_trunks,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TRUNK = Trunk("sip.example", "settings", (Resolved("203.0.113.5", "2026-11-26T12:00:00Z"),))
OFFICE = Admitted("198.51.100.0/24", KNOWN, "office", "named by settings")


def made(*named: Admitted, trunks: tuple[Trunk, ...] = (TRUNK,)) -> Plan:
    return make_plan(Facts(trunks=trunks, named=named), Ports(), NOW, ["capture x"])


def test_plan_is_read_as_it_was_written() -> None:
    plan = made(OFFICE)
    assert decode(encode(plan), "x") == plan
    assert closing_of(plan, [22]).id == identifier(plan)


def test_plan_that_admits_nobody_is_refused() -> None:
    with pytest.raises(LockdownError, match="name your carrier with --trunk"):
        check_plan(made(trunks=()))
    inside = replace(made(trunks=()), admitted=(Admitted("10.0.0.9", INSIDE, "201", ""),))
    with pytest.raises(LockdownError, match="nobody but private networks"):
        check_plan(inside)
    check_plan(made())


def test_carrier_whose_name_leads_nowhere_is_refused() -> None:
    with pytest.raises(LockdownError, match=r"dead\.example leads to no address"):
        check_plan(made(OFFICE, trunks=(Trunk("dead.example", "settings"),)))


def test_private_networks_are_not_in_the_rules() -> None:
    plan = made(OFFICE, Admitted("10.9.0.0/16", KNOWN, "site", "settings"))
    assert [str(one) for one in networks_in(plan)] == ["203.0.113.5/32", "198.51.100.0/24"]


def test_carrier_that_moved_is_the_same_plan_at_another_address() -> None:
    plan = made(OFFICE)
    there = replace(TRUNK, resolved=(Resolved("203.0.113.9", "2026-11-27T12:00:00Z"),))
    moved = with_trunks(plan, [there])
    assert [str(one) for one in networks_in(moved)] == ["203.0.113.9/32", "198.51.100.0/24"]
    assert identifier(moved) == identifier(plan)
    assert identifier(made()) != identifier(plan)


def test_more_than_a_person_can_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ADMITTED", 1)
    with pytest.raises(LockdownError, match="--trunks-only"):
        made(OFFICE)


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"[]", b"{}", b"\xff\xfe",
        encode(made()).replace(b"ringfence.lockdown/1", b"ringfence.lockdown/9"),
        encode(made()).replace(b"203.0.113.5", b"203.0.113.5; flush ruleset"),
        encode(made()).replace(b"20000", b"99999"),
        encode(made()).replace(b"sip.example", b"$(reboot)"),
    ],
    ids=["nothing", "list", "empty", "octets", "version", "injection", "port", "name"],
)  # fmt: skip
def test_document_that_is_no_plan_is_refused_with_its_name(octets: bytes) -> None:
    with pytest.raises(LockdownError):
        decode(octets, "plan.json")


def test_document_that_is_too_long_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OCTETS", 10)
    with pytest.raises(LockdownError, match="more than 10 octets"):
        decode(encode(made()), "plan.json")
