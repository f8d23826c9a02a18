"""A walk copies what it is told to, and no more."""

from __future__ import annotations

from ipaddress import ip_address

from ringfence.evidence.redaction.shell import MESSAGE, Shell
from ringfence.evidence.redaction.walk import Walk
from tests.evidence.redaction.test_names import NAMES


def walk(octets: bytes) -> Walk:
    return Walk(Shell(octets, bytearray(len(octets))), NAMES)


def test_only_what_is_kept_comes_out() -> None:
    one = walk(b"abcdef")
    one.keep(2, 2)
    assert one.shell.out == b"\0\0cd\0\0"
    assert (one.number(0), one.has(5, 1), one.has(5, 2)) == (0x6162, True, False)


def test_addresses_are_remembered_as_captured_and_as_shown() -> None:
    pair = ip_address("203.0.113.66").packed + ip_address("10.0.0.5").packed
    one = walk(pair)
    one.addresses(0, 4)
    assert one.shell.source + one.shell.destination == pair
    assert one.shell.shown_source == pair[:4]
    assert one.shell.shown_destination != pair[4:]
    assert one.shell.out == one.shell.shown_source + one.shell.shown_destination


def test_a_walk_ends_at_the_payload() -> None:
    one = walk(b"abcdef")
    assert one.carries(MESSAGE, 2, 5) == -1
    assert one.shell.payload == b"cde"
