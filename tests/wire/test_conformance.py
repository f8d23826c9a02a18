from __future__ import annotations

from collections import Counter

import pytest

from ringfence.model.message import CSeq, Header
from ringfence.wire import conformance
from ringfence.wire.address import decode_address, decode_addresses
from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.via import decode_vias

EVERY = ("via", "from", "to", "call-id", "cseq", "max-forwards", "contact")


def header(key: bytes, value: bytes) -> Header:
    return Header(key, key, value, key + b":" + value + b"\r\n", 0)


def counts(*keys: str) -> Counter[bytes]:
    return Counter(key.encode() for key in keys)


@pytest.mark.parametrize(
    ("keys", "method", "status", "expected"),
    [
        (EVERY, b"INVITE", None, NONE),
        ((*EVERY, "via", "contact"), b"INVITE", None, NONE),
        ((*EVERY, "cseq"), b"INVITE", None, Anomaly.REPEATED_SINGLE_HEADER),
        (EVERY[:-1], b"INVITE", None, Anomaly.NO_CONTACT),
        (EVERY[:-1], b"INVITE", 200, Anomaly.NO_CONTACT),
        (EVERY[:-1], b"INVITE", 401, NONE),
        (EVERY[:-1], b"REGISTER", None, NONE),
        (EVERY[:5], b"REGISTER", None, Anomaly.NO_MAX_FORWARDS),
        (EVERY[:5], b"REGISTER", 200, NONE),
        (EVERY[1:], b"BYE", None, Anomaly.NO_VIA),
    ],
)
def test_headers_that_must_be_there(
    keys: tuple[str, ...], method: bytes, status: int | None, expected: Anomaly
) -> None:
    assert conformance.notes_on_presence(counts(*keys), method, status) == expected


@pytest.mark.parametrize(
    ("from_", "to", "status", "expected"),
    [
        (b"<sip:a>;tag=1", b"<sip:b>", None, NONE),
        (b"<sip:a>", b"<sip:b>", None, Anomaly.NO_TAG),
        (b"<sip:a>;tag=1", b"<sip:b>", 100, NONE),
        (b"<sip:a>;tag=1", b"<sip:b>", 180, Anomaly.NO_TAG),
        (b"<sip:a>;tag=1", b"<sip:b>;tag=2", 180, NONE),
    ],
)
def test_tags(from_: bytes, to: bytes, status: int | None, expected: Anomaly) -> None:
    addresses = decode_address(from_)[0], decode_address(to)[0]
    assert conformance.notes_on_tags(*addresses, status) == expected


@pytest.mark.parametrize(
    ("cseq", "method", "expected"),
    [
        (None, b"INVITE", NONE),
        (CSeq(2147483647, b"INVITE"), b"INVITE", NONE),
        (CSeq(2147483648, b"INVITE"), b"INVITE", Anomaly.CSEQ_TOO_LARGE),
        (CSeq(1, b"INVITE"), b"invite", Anomaly.CSEQ_METHOD_MISMATCH),
        (CSeq(1, b"INVITE"), b"", NONE),
        (CSeq(1, b"INVITE INVITE"), b"", Anomaly.CSEQ_INVALID),
        (CSeq(None, b"INVITE"), b"", Anomaly.CSEQ_INVALID),
    ],
)
def test_sequence_numbers(cseq: CSeq | None, method: bytes, expected: Anomaly) -> None:
    assert conformance.notes_on_cseq(cseq, method) == expected


def test_only_the_top_branch_counts() -> None:
    vias, _ = decode_vias(b"SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b")
    assert conformance.notes_on_vias(vias, None) == NONE
    assert conformance.notes_on_vias(vias[1:], None) == Anomaly.BRANCH_WITHOUT_COOKIE
    assert conformance.notes_on_vias((), b"UDP") == NONE


def test_contacts_expire_in_seconds() -> None:
    contacts, _ = decode_addresses(b"<sip:a>;expires=4294967295, <sip:b>")
    assert conformance.notes_on_contacts(contacts) == NONE
    contacts, _ = decode_addresses(b"<sip:a>;expires=1h")
    assert conformance.notes_on_contacts(contacts) == Anomaly.EXPIRES_INVALID


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], NONE),
        ([b"7", b"007"], NONE),
        ([b"7", b"8"], Anomaly.LENGTHS_DISAGREE),
        ([b"7", b"x"], Anomaly.LENGTHS_DISAGREE | Anomaly.LENGTH_INVALID),
        ([b""], Anomaly.LENGTH_INVALID),
    ],
)
def test_lengths(lengths: list[bytes], expected: Anomaly) -> None:
    headers = [header(b"content-length", length) for length in lengths]
    assert conformance.notes_on_lengths(headers) == expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (b"max-forwards", b"255", NONE),
        (b"max-forwards", b"256", Anomaly.MAX_FORWARDS_INVALID),
        (b"expires", b"4294967295", NONE),
        (b"expires", b"Thu, 01 Dec 1994 16:00:00 GMT", Anomaly.EXPIRES_INVALID),  # RFC 2543
        (b"retry-after", b"18000;duration=3600", NONE),
        (b"retry-after", b"120 (I'm in a meeting)", NONE),
        (b"retry-after", b"(soon)", Anomaly.RETRY_AFTER_INVALID),
        (b"warning", b'307 isi.example.com "no"', NONE),
        (b"warning", b"1812 overture", Anomaly.WARNING_INVALID),
        (b"date", b"Sat, 13 Nov 2010 23:29:00 GMT", NONE),
        (b"date", b"2010-11-13T23:29:00Z", Anomaly.DATE_INVALID),
        (b"require", b"100rel, Timer", NONE),
        (b"proxy-require", b"x-nobody", Anomaly.EXTENSION_UNKNOWN),
        (b"accept", b"text/nonsense", Anomaly.MEDIA_TYPE_UNKNOWN),
        (b"subject", b"\xff", NONE),
    ],
)
def test_single_headers(key: bytes, value: bytes, expected: Anomaly) -> None:
    assert conformance.notes_on_header(header(key, value)) == expected


def test_a_body_needs_a_type() -> None:
    assert conformance.notes_on_body(None, b"") == NONE
    assert conformance.notes_on_body(None, b"x") == Anomaly.MEDIA_TYPE_UNKNOWN
