from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.grammar import MAX_PARTS
from ringfence.wire.uri import decode_host_port, decode_uri, is_host, is_ipv6, unescape


def test_each_part_of_a_uri() -> None:
    text = b"SIPS:alice:secret@pbx.example.com:5061;transport=tcp;lr?Subject=a%20b&Priority=urgent"
    uri, notes = decode_uri(text)
    assert notes == NONE
    assert (uri.text, uri.scheme) == (text, b"sips")
    assert (uri.user, uri.password, uri.host, uri.port) == (
        b"alice",
        b"secret",
        b"pbx.example.com",
        5061,
    )
    assert uri.params.items == ((b"transport", b"tcp"), (b"lr", None))
    assert uri.headers.get(b"subject") == b"a%20b"
    assert uri.headers.get(b"Priority") == b"urgent"


@pytest.mark.parametrize(
    ("text", "user", "host"),
    [
        (b"sip:pbx.example.com", None, b"pbx.example.com"),
        (b"sip:+15550100@[2001:db8::1]", b"+15550100", b"2001:db8::1"),
        (b"sip:a;b?c/d@192.0.2.1;lr", b"a;b?c/d", b"192.0.2.1"),
        (b"sip:1%40192.0.2.9@192.0.2.1", b"1%40192.0.2.9", b"192.0.2.1"),
        (b"tel:+1-201-555-0123;phone-context=example.com", b"+1-201-555-0123", b""),
        (b"sip:a:@example.com.", b"a", b"example.com."),
    ],
)
def test_where_user_and_host_end(text: bytes, user: bytes | None, host: bytes) -> None:
    uri, notes = decode_uri(text)
    assert (uri.user, uri.host, notes) == (user, host, NONE)


@pytest.mark.parametrize(
    ("text", "user", "host"),
    [
        (b"100@192.0.2.1", b"100", b"192.0.2.1"),  # no scheme
        (b"sip:@192.0.2.1", b"", b"192.0.2.1"),
        (b"sip:", None, b""),
        (b"sip:a@", b"a", b""),
        (b"sip:a@b@c", b"a", b"b@c"),
        (b"sip:*67#@192.0.2.1", b"*67#", b"192.0.2.1"),  # "#" must be escaped
        (b"sip:a' or ''='@192.0.2.1".replace(b" ", b'"'), b"a'\"or\"''='", b"192.0.2.1"),
        (b"sip:a@192.0.2.300", b"a", b"192.0.2.300"),
        (b"sip:a@192.0.2", b"a", b"192.0.2"),
        (b"sip:a@pbx_1.example.com", b"a", b"pbx_1.example.com"),
        (b"sip:a@-x.example", b"a", b"-x.example"),
        (b"sip:a@b..c", b"a", b"b..c"),
        (b"sip:a%4@b.example", b"a%4", b"b.example"),
        (b"sip:a@b.example:", b"a", b"b.example"),
        (b"sip:a@b.example:0x50", b"a", b"b.example"),
        (b"sip:a@b.example;x=<", b"a", b"b.example"),
        (b"sip:a@b.example?x=<", b"a", b"b.example"),
        (b"tel:", b"", b""),
        (b"tel:call-me", b"call-me", b""),
    ],
)
def test_a_uri_that_is_none_is_still_taken_apart(
    text: bytes, user: bytes | None, host: bytes
) -> None:
    uri, notes = decode_uri(text)
    assert (uri.user, uri.host, notes) == (user, host, Anomaly.URI_INVALID)


def test_another_scheme_is_left_whole() -> None:
    uri, notes = decode_uri(b"mailto:a@b?subject=c")
    assert (uri.scheme, uri.user, uri.host) == (b"mailto", None, b"")
    assert notes == Anomaly.URI_SCHEME_UNKNOWN


def test_parameters_without_end_are_cut() -> None:
    uri, notes = decode_uri(b"sip:a@b.example" + b"".join(b";p%d" % n for n in range(1000)))
    assert (len(uri.params), notes) == (MAX_PARTS, Anomaly.TOO_MANY_PARTS)


def test_escapes_resolve_once() -> None:
    assert unescape(b"%61%2541%zz%") == b"a%41%zz%"
    assert unescape(b"plain") == b"plain"


@pytest.mark.parametrize(
    ("octets", "host", "port", "sound"),
    [
        (b"192.0.2.1:5060", b"192.0.2.1", 5060, True),
        (b"host.example : 5060", b"host.example", 5060, True),
        (b"[2001:db8::1]:5060", b"2001:db8::1", 5060, True),
        (b"[2001:db8::1]5060", b"2001:db8::1", None, False),
        (b"host.example:99999", b"host.example", None, False),
        (b"", b"", None, False),
    ],
)
def test_host_and_port(octets: bytes, host: bytes, port: int | None, sound: bool) -> None:
    assert decode_host_port(octets) == (host, port, sound, NONE)


def test_a_host_of_any_length_is_none() -> None:
    assert is_host(b"a" * 63 + b".example")
    assert not is_host(b"a." * 200 + b"example")
    assert not is_ipv6(b"2001:db8::" + b"0" * 60)
    assert not is_ipv6(b"2001:db8::\xff")
