"""Questions about a case as it stands."""

from __future__ import annotations

import pytest

from ringfence.cases import standing as module
from ringfence.cases.standing import Investigated, network_named
from ringfence.model.follow_up import DONE, NOT_NEEDED, TO_DO
from ringfence.model.responsible import NOT_FOUND, Responsible
from tests.cases.incidents import incident, suspect
from tests.cases.standings import FILED, THIEF, abuse, mark, standing, who

LATER = "2026-10-06T08:00:00Z"


def test_forged_addresses_and_mere_suspects_are_not_blamed() -> None:
    one = standing(
        suspect("203.0.113.66"),
        suspect("203.0.113.67", proven="none"),
        suspect("203.0.113.68", verdict="suspect"),
    )
    assert one.blamed() == {"203.0.113.66": FILED}


def test_addresses_are_blamed_since_the_investigation_that_named_them_first() -> None:
    filed = (
        Investigated(FILED, incident(suspect("203.0.113.66"))),
        Investigated(LATER, incident(suspect("203.0.113.66"), suspect("203.0.113.67"))),
    )
    blamed = standing(investigated=filed).blamed()
    assert blamed == {"203.0.113.66": FILED, "203.0.113.67": LATER}


def test_addresses_of_one_network_are_one_party() -> None:
    both = standing(
        suspect("203.0.113.66"), suspect("203.0.113.67"), suspect("198.51.100.7"),
        found=tuple(who(f"203.0.113.{n}", "203.0.113.0/24") for n in (66, 67)),
    )  # fmt: skip
    keys = {network.key: list(network.addresses) for network in both.networks()}
    assert keys == {"203.0.113.0/24": ["203.0.113.66", "203.0.113.67"], "": ["198.51.100.7"]}


def test_nobody_known_is_named_by_the_address() -> None:
    asked = (Responsible("203.0.113.66", NOT_FOUND, "nobody"),)
    one = standing(suspect("203.0.113.66"), suspect("198.51.100.7"), found=asked)
    assert [network.key for network in one.networks()] == ["203.0.113.66", ""]


def test_crowd_of_networks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NETWORKS", 5)
    crowd = [f"198.18.{n}.1" for n in range(20)]
    found = tuple(Responsible(address, NOT_FOUND, "nobody") for address in crowd)
    assert len(standing(*map(suspect, crowd), found=found).networks()) == 5


@pytest.mark.parametrize("name", ["203.0.113.0/24", "203.0.113.66", "203.0.113.200"])
def test_network_is_named_by_its_prefix_or_an_address(name: str) -> None:
    networks = standing(found=(who("203.0.113.66", "203.0.113.0/24"),)).networks()
    found = network_named(networks, name)
    assert found is not None
    assert found.key == "203.0.113.0/24"


@pytest.mark.parametrize("name", ["198.51.100.7", "2001:db8::1", "nonsense", ""])
def test_network_that_is_none_of_the_case(name: str) -> None:
    networks = standing(found=(who("203.0.113.66", "203.0.113.0/24"),)).networks()
    assert network_named(networks, name) is None


def test_latest_mark_counts_and_can_be_taken_back() -> None:
    marks = (mark("police", DONE), mark("police", NOT_NEEDED), mark("blocked", DONE))
    one = standing(marks=marks)
    assert one.mark("police") == marks[1]
    assert standing(marks=(*marks, mark("police", TO_DO))).mark("police") is None
    assert one.mark("blocked", "203.0.113.0/24") is None


def test_what_was_seen_after_the_first_letter_goes_on() -> None:
    seen = suspect("203.0.113.66", last_seen="2026-10-05T03:00:00Z")
    assert standing(seen, letters=(abuse(1, "2026-10-04T08:00:00Z"),)).goes_on()
    assert not standing(seen, letters=(abuse(1, "2026-10-05T08:00:00Z"),)).goes_on()
    assert not standing(seen, letters=(abuse(1, ""),)).goes_on()
    assert standing(continues=("RF-20260901-abcdef",)).goes_on()


def test_calls_are_not_counted_twice_when_captures_are_read_twice() -> None:
    twice = (Investigated(FILED, incident(THIEF)), Investigated(LATER, incident(THIEF)))
    assert standing(investigated=twice).calls() == 1
