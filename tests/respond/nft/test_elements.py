"""Measures to elements: nothing but addresses, numbers and identifiers gets into a command."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, RELEASE
from ringfence.model.measure import MeasureError
from ringfence.respond.nft.elements import (
    Element,
    create,
    elements_of,
    fill,
    known,
    put,
    source_of,
    spelled,
    take,
    text_of,
)
from tests.respond.nft.measures import measure


@pytest.mark.parametrize(("address", "action", "ports", "sets"), [
    ("203.0.113.5", BLOCK, (), [("block4", ("203.0.113.5",))]),
    ("::ffff:203.0.113.5", BLOCK, (), [("block4", ("203.0.113.5",))]),
    ("203.0.113.5/32", BLOCK, (), [("block4", ("203.0.113.5",))]),
    ("2001:DB8::0005", BLOCK, (), [("block6", ("2001:db8::5",))]),
    ("203.0.113.0/24", BLOCK, (), [("prefix4", ("203.0.113.0",))]),
    ("2001:db8:1:2::/64", BLOCK, (), [("prefix6", ("2001:db8:1:2::",))]),
    ("203.0.113.5", LIMIT, (), [("limit4", ("203.0.113.5",))]),
    ("203.0.113.5", NARROW, (2, 1, 2), [("port4", ("203.0.113.5", 1)),
                                       ("port4", ("203.0.113.5", 2))]),
])  # fmt: skip
def test_each_measure_has_its_set(
    address: str, action: str, ports: tuple[int, ...], sets: list[tuple[str, object]]
) -> None:
    found = elements_of(measure(address, action, ports), 60)
    assert [(one.set, one.key) for one in found] == sets
    assert {(one.id, one.timeout_s) for one in found} == {("0123abcd", 60)}


@pytest.mark.parametrize(("address", "action", "ports"), [
    ("everybody", BLOCK, ()),
    ("203.0.113.5; flush ruleset", BLOCK, ()),
    ("fe80::1%$(reboot)", BLOCK, ()),
    ("203.0.113.0/25", BLOCK, ()),
    ("0.0.0.0/0", BLOCK, ()),
    ("203.0.113.5/24", BLOCK, ()),
    ("2001:db8::/48", BLOCK, ()),
    ("203.0.113.5", BLOCK, (5060,)),
    ("203.0.113.5", NARROW, ()),
    ("203.0.113.5", NARROW, (0,)),
    ("203.0.113.5", NARROW, tuple(range(1, 99))),
    ("203.0.113.0/24", NARROW, (5060,)),
    ("203.0.113.0/24", LIMIT, ()),
    ("203.0.113.5", RELEASE, ()),
    ("203.0.113.5", ALARM, ()),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(address: str, action: str, ports: tuple[int, ...]) -> None:
    with pytest.raises(MeasureError):
        elements_of(measure(address, action, ports), 60)


@pytest.mark.parametrize("identifier", ["", "0123ABCD", '1" ; flush', "0" * 9])
def test_identifier_that_is_none_is_refused(identifier: str) -> None:
    with pytest.raises(MeasureError, match="identifier"):
        elements_of(measure("203.0.113.5", identifier=identifier), 60)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        network = source_of(text)
    except MeasureError as error:
        says = str(error)
    else:
        says = ""
        assert network.prefixlen in {24, 32, 64, 128}
    assert says.isprintable()


def test_putting_begins_anew_and_names_each_key_once() -> None:
    one, two = (
        Element("block4", ("203.0.113.5",), 60, "a" * 8),
        Element("block4", ("203.0.113.5",), 90),
    )
    commands = put(("netdev", "inet"), [one, two])
    assert [next(iter(c)) for c in commands] == ["add", "delete", "add"] * 2
    assert [c["element"]["family"] for x in commands for c in x.values()] == ["netdev"] * 3 + [
        "inet"
    ] * 3
    assert commands[0]["add"]["element"]["elem"] == [
        {"elem": {"val": "203.0.113.5", "timeout": 90}}
    ]
    assert commands[1]["delete"]["element"]["elem"] == ["203.0.113.5"]
    assert [next(iter(c)) for c in take(("inet",), [one])] == ["add", "delete"]
    json.dumps(commands)


def test_friends_are_all_that_is_in_their_set() -> None:
    commands = fill(("inet",), "allow4", [ip_network("198.51.100.0/24"), ip_network("192.0.2.1")])
    assert [next(iter(c)) for c in commands] == ["flush", "add"]
    assert commands[1]["add"]["element"]["elem"] == [
        {"prefix": {"addr": "198.51.100.0", "len": 24}}, "192.0.2.1",
    ]  # fmt: skip
    assert [next(iter(c)) for c in fill(("inet",), "allow4", [])] == ["flush"]


def test_element_is_spelled_with_its_counter_and_what_is_left() -> None:
    one = Element("port4", ("203.0.113.5", 5060), 600, "0123abcd", 500, 5, 10)
    assert spelled(one) == (
        '203.0.113.5 . 5060 counter packets 5 bytes 10 timeout 600s expires 500s comment "0123abcd"'
    )
    assert spelled(Element("allow4", ("198.51.100.0/24",), 0)) == "198.51.100.0/24"
    (user,) = known([ip_address("2001:db8::5")], 60)
    assert (user.set, spelled(user)) == ("known6", "2001:db8::5 timeout 60s expires 1s")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("203.0.113.66", "203.0.113.66"),
        ("203.0.113.66/32", "203.0.113.66"),
        ("::ffff:203.0.113.66", "203.0.113.66"),
        ("2001:DB8:0:0::1/128", "2001:db8::1"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("2001:db8::/64", "2001:db8::/64"),
    ],
)
def test_one_address_is_written_in_one_way(written: str, text: str) -> None:
    assert text_of(source_of(written)) == text


def test_what_is_new_deletes_nothing() -> None:
    made = [
        Element("block4", ("203.0.113.66",), 60, "0123abcd"),
        Element("block4", ("203.0.113.7",), 60),
    ]
    commands = create(("netdev", "inet"), made)
    assert [list(one) for one in commands] == [["create"], ["create"]]
    assert [one["create"]["element"]["family"] for one in commands] == ["netdev", "inet"]
    assert all(len(one["create"]["element"]["elem"]) == 2 for one in commands)
