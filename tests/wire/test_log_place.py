"""Addresses, ports and users of logs."""

from __future__ import annotations

import pytest

from ringfence.wire.log_place import (
    MAX_TEXT,
    read_address,
    read_escaped,
    read_place,
    read_place_with_port,
    read_port,
    read_text,
    read_user,
)


@pytest.mark.parametrize(("octets", "address"), [
    (b"192.0.2.1", "192.0.2.1"),
    (b"2001:DB8::0:1", "2001:db8::1"),
    (b"[2001:db8::1]", "2001:db8::1"),
    (b"fe80::1%eth0", "fe80::1"),
    (b"::ffff:192.0.2.1", "192.0.2.1"),
    (b"pbx.example", ""), (b"", ""), (b"1.2.3", ""), (b"192.0.2.1\xff", ""), (b"1" * 5000, ""),
])  # fmt: skip
def test_addresses(octets: bytes, address: str) -> None:
    assert read_address(octets) == address


@pytest.mark.parametrize(("octets", "place"), [
    (b"192.0.2.1:5060", ("192.0.2.1", 5060)),
    (b"[2001:db8::1]:5060", ("2001:db8::1", 5060)),
    (b"[192.0.2.1]:5060", ("192.0.2.1", 5060)),
    (b"192.0.2.1", ("192.0.2.1", 0)),
    (b"192.0.2.1:99999", ("", 0)),
    (b"192.0.2.1:5060:1", ("", 0)),
])  # fmt: skip
def test_places(octets: bytes, place: tuple[str, int]) -> None:
    assert read_place(octets) == place


def test_where_a_port_always_stands_ipv6_needs_no_brackets() -> None:
    assert read_place_with_port(b"2001:db8::1:5060") == ("2001:db8::1", 5060)
    assert read_place_with_port(b"[2001:db8::1]:5060") == ("2001:db8::1", 5060)
    assert read_place_with_port(b"192.0.2.1:5060") == ("192.0.2.1", 5060)
    assert read_place_with_port(b"192.0.2.1") == ("192.0.2.1", 0)
    assert read_place_with_port(b"pbx.example:5060") == ("", 0)


def test_ports_have_their_bounds() -> None:
    assert [read_port(text) for text in (b"5060", b"65536", b"123456", b"x", b"")] == [
        5060, 0, 0, 0, 0
    ]  # fmt: skip


def test_the_user_is_the_last_uri_s_not_the_display_name_s() -> None:
    assert read_user(b'"<sip:victim@a>" <sip:100@b>') == "100"
    assert read_user(b"SIPS:200@b") == "200"
    assert read_user(b"tel:200") == ""


def test_text_is_cut_and_never_fails() -> None:
    assert read_text(b"a" * 5000) == "a" * MAX_TEXT
    assert read_text(b"\xff") == r"\xff"
    assert read_escaped(b"a%20b%zz%C3%BC") == "a b%zzü"
