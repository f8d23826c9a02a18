"""Names that lead to the world, to our own network, or change every second."""

# ruff: noqa: S104  addresses that must be refused

from __future__ import annotations

import pytest

from ringfence.model.door import NAME, DoorError, HostName
from ringfence.remote.door_names import Resolved, doors_of, host_name, is_due, next_at

NOW = 1_800_000_000.0
HOST = HostName("home.dyn.example", "Anna")


@pytest.mark.parametrize(("ttl", "waits"), [(0, 60), (59, 60), (300, 300), (86_400, 3600)])
def test_time_to_live_is_kept_within_a_minute_and_an_hour(ttl: int, waits: int) -> None:
    assert next_at(Resolved((), ttl), NOW) == NOW + waits


def test_a_name_server_that_fails_is_asked_again_in_a_minute() -> None:
    assert next_at(None, NOW) == NOW + 60


def test_a_name_is_asked_when_it_is_time_or_the_clock_was_set_back() -> None:
    waiting = HostName("home.dyn.example", "Anna", NOW + 60)
    assert not is_due(waiting, NOW)
    assert is_due(waiting, NOW + 60)
    assert is_due(waiting, NOW - 86_400)


def test_a_door_ends_by_itself_soon_after_the_next_answer() -> None:
    doors, refused = doors_of(HOST, Resolved(("198.51.100.7", "2001:db8::7"), 60), NOW)
    assert [(o.address, o.how, o.until, o.by) for o in doors] == [
        ("198.51.100.7", NAME, NOW + 360, HOST.host),
        ("2001:db8::7", NAME, NOW + 360, HOST.host),
    ]
    assert refused == []


def test_a_name_for_a_thousand_addresses_opens_the_same_four() -> None:
    many = tuple(f"198.51.100.{i}" for i in range(1, 255))
    doors, refused = doors_of(HOST, Resolved(many, 60), NOW)
    again, _ = doors_of(HOST, Resolved(many[::-1], 60), NOW)
    assert len(doors) == 4
    assert doors == again
    assert refused == ["home.dyn.example leads to more than 4 addresses"]


def test_a_name_that_leads_inside_opens_nothing() -> None:
    doors, refused = doors_of(HOST, Resolved(("10.0.0.1", "0.0.0.0", "::1"), 60), NOW)
    assert doors == []
    assert len(refused) == 3


@pytest.mark.parametrize("text", ["Home.Dyn.Example.", " home.dyn.example"])
def test_a_name_has_one_form(text: str) -> None:
    assert host_name(text) == "home.dyn.example"


@pytest.mark.parametrize(
    "text", ["", "localhost", "198.51.100.7", "a..b", "-a.example", "a b.example", "a.example/x",
             "\u0430.example", "x" * 64 + ".example", "a." * 130 + "example", "a.example\n;"],
)  # fmt: skip
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(DoorError, match="no name of a host"):
        host_name(text)
