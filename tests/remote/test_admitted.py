"""Who stays and who goes: phones that must not be lost, strangers that must not come along."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ringfence.model.lockdown import (
    CALLER,
    INSIDE,
    KNOWN,
    MEDIA,
    PEER,
    TRUNK,
    USER,
    Admitted,
    Resolved,
    Seen,
    Trunk,
)
from ringfence.remote.admitted import Facts, Sorted, sort_out

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TODAY, MONDAY, LONG_AGO = "2026-11-26T09:00:00Z", "2026-11-16T09:00:00Z", "2026-09-01T00:00:00Z"
ANN, BOB, FAR = "198.51.100.9", "198.51.100.10", "203.0.113.77"


def phone(address: str, account: str = "201", last: str = TODAY, role: str = USER) -> Seen:
    return Seen(address, role, (account,), last, last, 3, "capture")


def kinds(found: Sorted) -> dict[str, str]:
    return {one.network: one.kind for one in found.admitted}


def reasons(found: Sorted) -> dict[str, str]:
    return {one.address: one.why for one in found.cut_off}


def test_phone_at_an_address_that_stays_is_admitted_with_its_name() -> None:
    found = sort_out(Facts(seen=[phone(ANN)], names={"201": "Ann Example"}), NOW)
    (ann,) = found.admitted
    assert (ann.kind, ann.name, ann.last_seen) == (USER, "201 (Ann Example)", TODAY)
    assert (found.cut_off, found.seen) == ((), 1)


def test_phone_inside_always_passes() -> None:
    found = sort_out(Facts(seen=[phone("192.168.1.20"), phone("fd00::20", "202")]), NOW)
    assert set(kinds(found).values()) == {INSIDE}


def test_account_that_wanders_is_cut_off_by_name_and_told_of_the_tunnel() -> None:
    places = [phone(f"203.0.113.{n}") for n in range(1, 5)]
    found = sort_out(Facts(seen=places, names={"201": "Ann Example"}), NOW)
    assert not found.admitted
    assert {one.accounts for one in found.cut_off} == {("201",)}
    assert {one.name for one in found.cut_off} == {"Ann Example"}
    assert all("address changes" in one.why and "remote add" in one.do for one in found.cut_off)


def test_office_with_a_wanderer_among_its_phones_stays() -> None:
    office = Seen(BOB, USER, ("201", "202"), TODAY, TODAY, 9, "log")
    seen = [office, *(phone(f"203.0.113.{n}") for n in range(1, 5))]
    assert kinds(sort_out(Facts(seen=seen), NOW)) == {BOB: USER}


def test_phone_that_was_not_seen_for_a_week_is_cut_off_before_anything_changes() -> None:
    found = sort_out(Facts(seen=[phone(ANN, last=MONDAY), phone(BOB, "202")]), NOW)
    assert kinds(found) == {BOB: USER}
    assert reasons(found) == {ANN: "not seen in the last 10 days"}
    assert found.cut_off[0].do == f"--admit {ANN}, if it is still there"


def test_capture_of_some_time_ago_makes_nobody_old() -> None:
    """All were seen when somebody looked last."""
    assert kinds(sort_out(Facts(seen=[phone(ANN, last=MONDAY)]), NOW)) == {ANN: USER}


def test_who_came_before_those_days_is_counted_only() -> None:
    found = sort_out(Facts(seen=[phone(ANN, last=LONG_AGO), phone(BOB, "202")]), NOW)
    assert (found.too_old, found.seen, reasons(found)) == (1, 1, {})


def test_attacker_who_got_in_is_neither_admitted_nor_missed() -> None:
    facts = Facts(seen=[phone(FAR)], hostile={FAR: "password guessing"})
    found = sort_out(facts, NOW)
    assert (found.admitted, found.cut_off, found.hostile, found.seen) == ((), (), 1, 0)


def test_account_that_an_attacker_has_opens_no_address() -> None:
    """He may come back with it from anywhere."""
    found = sort_out(Facts(seen=[phone(FAR)], taken=frozenset({"201"})), NOW)
    assert "an attacker has the account 201" in reasons(found)[FAR]


def test_suspect_is_shown_and_not_admitted() -> None:
    found = sort_out(Facts(seen=[phone(FAR)], suspects={FAR: "scan"}), NOW)
    assert reasons(found) == {FAR: "it is suspected: scan"}


@pytest.mark.parametrize(("role", "kind"), [(TRUNK, TRUNK), (PEER, PEER)])
def test_whom_our_phone_system_goes_to_is_admitted(role: str, kind: str) -> None:
    assert kinds(sort_out(Facts(seen=[phone(FAR, role=role)]), NOW)) == {FAR: kind}


def test_caller_whom_nobody_named_is_asked_about() -> None:
    """A carrier that calls from elsewhere looks like a stranger whose call got through."""
    found = sort_out(Facts(seen=[phone(FAR, role=CALLER)]), NOW)
    assert (kinds(found), found.cut_off[0].do) == ({}, f"if it is your carrier: --trunk {FAR}")
    named = Facts(seen=[phone(FAR, role=CALLER)], trunks=[Trunk("203.0.113.0/24", "--trunk")])
    assert reasons(sort_out(named, NOW)) == {}


def test_named_carrier_is_admitted_with_all_that_its_name_leads_to() -> None:
    trunk = Trunk("sip.example", "settings", (Resolved(FAR, TODAY), Resolved("2001:db8::5", TODAY)))
    found = sort_out(Facts(trunks=[trunk]), NOW)
    assert [(one.network, one.name, one.last_seen) for one in found.admitted] == [
        (FAR, "sip.example", TODAY), ("2001:db8::5", "sip.example", TODAY),
    ]  # fmt: skip


def test_media_are_taken_from_the_word_of_carriers_only() -> None:
    """Else a stranger's INVITE would admit whatever address he writes into it."""
    facts = Facts(
        trunks=[Trunk("203.0.113.5", "--trunk")],
        media=[("203.0.113.5", "203.0.113.200"), (FAR, "203.0.113.201"),
               ("203.0.113.5", "::"), ("203.0.113.5", "192.0.2.10")],
        ours=frozenset({"192.0.2.10"}),
    )  # fmt: skip
    assert kinds(sort_out(facts, NOW)) == {"203.0.113.5": TRUNK, "203.0.113.200": MEDIA}


def test_trunks_only_leaves_phones_outside_to_the_tunnel() -> None:
    facts = Facts(seen=[phone(ANN), phone("10.0.0.9", "202")], trunks_only=True)
    found = sort_out(facts, NOW)
    assert kinds(found) == {"10.0.0.9": INSIDE}
    assert "by the tunnel" in reasons(found)[ANN]
    named = replace(facts, named=[Admitted("198.51.100.0/24", KNOWN, "office", "settings")])
    assert reasons(sort_out(named, NOW)) == {}
