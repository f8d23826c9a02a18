"""3CX's event log."""

from __future__ import annotations

import json

import pytest

from ringfence.model.clock import nanoseconds
from ringfence.model.event import NOT_ALLOWED, REFUSED, Event
from ringfence.wire import threecx_events
from ringfence.wire.threecx_events import ThreecxEvents

ATTACKER, VICTIM = "203.0.113.66", "198.51.100.1"


def entry(
    message: str, params: list[str] | None, number: int = 1, **more: object
) -> dict[str, object]:
    return {
        "Id": number, "EventId": 12293, "Type": "Warning", "Source": "3CX PhoneSystem",
        "TimeGenerated": "2026-11-23T09:34:16.044Z", "Message": message, "Params": params, **more,
    }  # fmt: skip


def read(*entries: object) -> list[Event]:
    return ThreecxEvents().read_entries(entries)


def test_a_block_is_read() -> None:
    (event,) = read(entry(f"IP {ATTACKER} has been blacklisted, expires x", [ATTACKER, "x"]))
    assert event == Event(
        NOT_ALLOWED, "3cx.events", ATTACKER,
        time_ns=nanoseconds("2026-11-23T09:34:16.044000Z"),
    )  # fmt: skip


def test_a_failed_login_names_the_extension() -> None:
    text = f"Authentication failed for extension 101 from {ATTACKER}:5071"
    (event,) = read(entry(text, ["101", f"{ATTACKER}:5071"]))
    assert (event.kind, event.source, event.port, event.account) == (REFUSED, ATTACKER, 5071, "101")


def test_without_values_the_message_itself_is_read() -> None:
    (event,) = read(entry(f"The IP {ATTACKER} has been blocked.", None))
    assert event.source == ATTACKER


@pytest.mark.parametrize("message", [
    "Trunk 10001 has changed status to Unregistered", "Service started",
    f"IP {ATTACKER} was removed from the blacklist", f"Emergency number (110) from {ATTACKER}",
])  # fmt: skip
def test_other_entries_are_not_ours(message: str) -> None:
    assert read(entry(message, [ATTACKER])) == []


def test_words_of_a_stranger_s_name_decide_nothing() -> None:
    name = "authentication failed"
    assert read(entry(f"Trunk {name} has changed status", [name, ATTACKER])) == []


@pytest.mark.parametrize("params", [[ATTACKER, VICTIM], [VICTIM, f"{ATTACKER}:5071"]])
def test_a_user_that_is_named_like_an_address_accuses_nobody(params: list[str]) -> None:
    log = ThreecxEvents()
    assert log.read_entries([entry("Authentication failed for %1 from %2", params)]) == []
    assert log.heard.not_understood == ((threecx_events.TWO_ADDRESSES, 1),)


def test_an_entry_is_read_once() -> None:
    log = ThreecxEvents()
    page = [entry("blocked", [ATTACKER], number) for number in (3, 4)]
    assert len(log.read_entries(page)) == 2
    assert log.read_entries(page) == []
    assert log.last_id == 4


@pytest.mark.parametrize("odd", [
    1, "x", None, [], {}, {"Id": "1"}, {"Id": 1, "Message": 5},
    {"Id": 1, "Message": "x", "Params": 1},
])  # fmt: skip
def test_what_is_no_entry_is_counted(odd: object) -> None:
    log = ThreecxEvents()
    assert log.read_entries([odd]) == []
    assert log.heard.not_understood == ((threecx_events.NOT_AN_ENTRY, 1),)


def test_lines_of_json_are_read_as_well() -> None:
    line = json.dumps(entry("blocked", [ATTACKER])).encode()
    event = ThreecxEvents().read_line(line)
    assert isinstance(event, Event)
    assert ThreecxEvents().read_line(b"[1]") == threecx_events.NOT_AN_ENTRY
    assert ThreecxEvents().read_line(b"[" * 100_000) == threecx_events.NOT_AN_ENTRY
