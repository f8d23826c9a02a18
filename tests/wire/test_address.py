from __future__ import annotations

import pytest

from ringfence.wire.address import decode_address, decode_addresses
from ringfence.wire.anomaly import NONE, Anomaly

# An escaped quote outside of quotes escapes nothing; an exploit that lost its shell.
OPEN_QUOTES = Anomaly.QUOTE_NOT_CLOSED | Anomaly.DISPLAY_NAME_INVALID


@pytest.mark.parametrize(
    ("value", "name", "user", "tag"),
    [
        (b"<sip:100@192.0.2.1>;tag=1", b"", b"100", b"1"),
        (b"sip:100@192.0.2.1;tag=1", b"", b"100", b"1"),
        (b'"100"<sip:100@192.0.2.1>;tag=1', b"100", b"100", b"1"),
        (b"Anna Lena <sip:100@192.0.2.1> ; tag = 1", b"Anna Lena", b"100", b"1"),
        (b'"<sip:1@192.0.2.9>" <sip:100@192.0.2.1>;tag=1', b"<sip:1@192.0.2.9>", b"100", b"1"),
        (rb'"a \"b\"" <sip:100@192.0.2.1>;tag=1', b'a "b"', b"100", b"1"),
        (b'"" <tel:100>;TAG=1', b"", b"100", b"1"),
    ],
)
def test_name_uri_and_tag(value: bytes, name: bytes, user: bytes, tag: bytes) -> None:
    address, notes = decode_address(value)
    assert (address.display_name, address.uri.user, address.tag) == (name, user, tag)
    assert (address.text, notes) == (value, NONE)


def test_a_parameter_of_the_uri_is_not_the_tag() -> None:
    address, _ = decode_address(b"<sip:100@192.0.2.1;tag=uri>")
    assert address.tag is None
    assert address.uri.params.get(b"tag") == b"uri"


@pytest.mark.parametrize(
    ("value", "user", "expected"),
    [
        (b'"open <sip:1@192.0.2.1>', b"1", Anomaly.QUOTE_NOT_CLOSED),
        (rb"\"open\" <sip:1@192.0.2.1>", b"1", OPEN_QUOTES),
        (b'"a" b <sip:1@192.0.2.1>', b"1", Anomaly.DISPLAY_NAME_INVALID),
        (b"<sip:1@192.0.2.1", b"1", Anomaly.ADDRESS_INVALID),
        (b"<sip:1@192.0.2.1> x", b"1", Anomaly.ADDRESS_INVALID),
        (b"", None, Anomaly.ADDRESS_INVALID),
        (b";tag=1", None, Anomaly.ADDRESS_INVALID),
        (b"< >", None, Anomaly.ADDRESS_INVALID | Anomaly.ADDRESS_WITH_BLANK),
        (b"sip:1@192.0.2.1?a=b", b"1", Anomaly.ADDRESS_NEEDS_BRACKETS),
        (b"sip:1 2@192.0.2.1", b"12", Anomaly.ADDRESS_WITH_BLANK),
    ],
)
def test_what_can_be_read_is_read(value: bytes, user: bytes | None, expected: Anomaly) -> None:
    address, notes = decode_address(value)
    assert (address.uri.user, notes) == (user, expected)


def test_a_list_of_contacts() -> None:
    value = b'"Doe, J" <sip:j@192.0.2.1>;q=0.7, sip:k@192.0.2.2;expires=60'
    contacts, notes = decode_addresses(value)
    assert notes == NONE
    assert [(c.display_name, c.uri.user) for c in contacts] == [(b"Doe, J", b"j"), (b"", b"k")]
    assert contacts[1].params.get(b"expires") == b"60"


def test_a_wildcard_is_a_contact() -> None:
    (contact,), notes = decode_addresses(b"*")
    assert (contact.uri.text, contact.uri.scheme, notes) == (b"*", b"", NONE)


def test_an_empty_contact_is_none() -> None:
    assert decode_addresses(b"") == ((), Anomaly.ADDRESS_INVALID)
