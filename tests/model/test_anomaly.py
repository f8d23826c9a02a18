"""The closed set: its bits, its words, and that each of them can be met."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringfence.model import anomaly
from ringfence.model.anomaly import INFORMATIVE, NONE, Anomaly
from ringfence.wire.message import parse_message

REQUEST = b"""\
INVITE sip:9011442071838750@192.0.2.10 SIP/2.0
Via: SIP/2.0/UDP 198.51.100.7:5071;branch=z9hG4bK-1;rport
Max-Forwards: 70
From: "100" <sip:100@192.0.2.10>;tag=31
To: <sip:9011442071838750@192.0.2.10>
Call-ID: 5f0d1c@198.51.100.7
CSeq: 1 INVITE
Contact: <sip:100@198.51.100.7:5071>
Content-Type: application/sdp
Content-Length: 116

v=0
o=- 1 1 IN IP4 198.51.100.7
s=-
c=IN IP4 198.51.100.7
t=0 0
m=audio 16384 RTP/AVP 0
a=rtpmap:0 PCMU/8000
""".replace(b"\n", b"\r\n")

REPLACED: list[tuple[Anomaly, bytes, bytes]] = [
    (Anomaly.NO_CALL_ID, b"Call-ID:", b"Call-No:"),
    (Anomaly.NO_CSEQ, b"CSeq:", b"C-Seq:"),
    (Anomaly.NO_FROM, b"From:", b"Form:"),
    (Anomaly.NO_TO, b"To:", b"Too:"),
    (Anomaly.NO_VIA, b"Via:", b"Vias:"),
    (Anomaly.NO_MAX_FORWARDS, b"Max-Forwards:", b"Max:"),
    (Anomaly.REPEATED_SINGLE_HEADER, b"CSeq: 1", b"f: <sip:2@192.0.2.10>;tag=2\r\nCSeq: 1"),
    (Anomaly.CSEQ_INVALID, b"CSeq: 1", b"CSeq: one"),
    (Anomaly.CSEQ_INVALID, b"1 INVITE", b"1"),
    (Anomaly.CSEQ_TOO_LARGE, b"CSeq: 1", b"CSeq: 2147483648"),
    (Anomaly.CSEQ_METHOD_MISMATCH, b"1 INVITE", b"1 ACK"),
    (Anomaly.VERSION_UNKNOWN, b" SIP/2.0\r\nVia", b" SIP/2.1\r\nVia"),
    (Anomaly.VERSION_UNKNOWN, b"SIP/2.0/UDP", b"SIP/3.0/UDP"),
    (Anomaly.START_LINE_SPACING, b"INVITE sip", b"INVITE  sip"),
    (Anomaly.START_LINE_SPACING, b" SIP/2.0\r\nVia", b" SIP/2.0 \r\nVia"),
    (Anomaly.JUNK_BEFORE_START, b"INVITE sip", b"\r\n\r\nINVITE sip"),
    (Anomaly.BARE_LF, b"70\r\n", b"70\n"),
    (Anomaly.BARE_LF, b"SIP/2.0\r\nVia", b"SIP/2.0\nVia"),
    (Anomaly.LINE_WITHOUT_COLON, b"CSeq: 1", b"Foobar roobar\r\nCSeq: 1"),
    (Anomaly.LENGTH_INVALID, b"Length: 116", b"Length: -1"),
    (Anomaly.LENGTH_INVALID, b"Length: 116", b"Length: 116;a"),
    (Anomaly.LENGTH_BEYOND_PACKET, b"Length: 116", b"Length: 117"),
    (Anomaly.LENGTHS_DISAGREE | Anomaly.REPEATED_SINGLE_HEADER, b"CSeq:", b"l: 115\r\nCSeq:"),
    (Anomaly.NUL_IN_HEAD, b"CSeq:", b"X: \0\r\nCSeq:"),
    (Anomaly.REQUEST_URI_WITH_BLANK, b".10 SIP/2.0\r\n", b".10; lr SIP/2.0\r\n"),
    (Anomaly.URI_INVALID, b"sip:100@192.0.2.10>;tag", b"sip:1<0@192.0.2.10>;tag"),
    (Anomaly.URI_INVALID, b"sip:100@192.0.2.10>;tag", b"sip:100@192.0.2.10:65536>;tag"),
    (Anomaly.URI_INVALID, b"sip:100@192.0.2.10>;tag", b"100@192.0.2.10>;tag"),
    (Anomaly.MAX_FORWARDS_INVALID, b"Forwards: 70", b"Forwards: 256"),
    (Anomaly.EXPIRES_INVALID, b"CSeq:", b"Expires: never\r\nCSeq:"),
    (Anomaly.EXPIRES_INVALID, b"5071>\r\n", b"5071>;expires=4294967296\r\n"),
    (Anomaly.NAME_INVALID, b"CSeq:", b"X(Y): 1\r\nCSeq:"),
    (Anomaly.HEAD_NOT_UTF8, b"CSeq:", b"Subject: caf\xe9\r\nCSeq:"),
    (Anomaly.VIA_INVALID, b"SIP/2.0/UDP 198.51.100.7:5071", b"SIP/2.0 198.51.100.7:5071"),
    (Anomaly.VIA_INVALID, b"UDP 198.51.100.7:5071", b"UDP 198.51.100.7:port"),
    (Anomaly.VIA_BROADCAST, b"UDP 198.51.100.7:5071", b"UDP 255.255.255.255"),
    (Anomaly.BRANCH_WITHOUT_COOKIE, b"branch=z9hG4bK-1", b"branch=1"),
    (Anomaly.BRANCH_EMPTY, b"branch=z9hG4bK-1", b"branch=z9hG4bK"),
    (Anomaly.NO_TAG, b";tag=31", b""),
    (Anomaly.NO_CONTACT, b"Contact:", b"Contacts:"),
    (Anomaly.ADDRESS_INVALID, b'From: "100" <sip:100@192.0.2.10>', b'From: "100" <>'),
    (Anomaly.ADDRESS_INVALID, b".10>;tag", b".10> x;tag"),
    (Anomaly.ADDRESS_WITH_BLANK, b"<sip:100@192.0.2.10>", b"< sip:100@192.0.2.10 >"),
    (Anomaly.ADDRESS_NEEDS_BRACKETS, b"<sip:100@198.51.100.7:5071>", b"sip:100@198.51.100.7?a=b"),
    (Anomaly.DISPLAY_NAME_INVALID, b'"100" <', b"a@b <"),
    (Anomaly.QUOTE_NOT_CLOSED, b'"100" <', b'"100 <'),
    (Anomaly.REQUEST_URI_IN_BRACKETS, b"sip:9011442071838750@192.0.2.10 ", b"<sip:1@192.0.2.10> "),
    (Anomaly.REQUEST_URI_HAS_HEADERS, b".10 SIP/2.0\r\n", b".10?Route=a SIP/2.0\r\n"),
    (Anomaly.URI_SCHEME_UNKNOWN, b"<sip:100@192.0.2.10>", b"<mailto:100@192.0.2.10>"),
    (Anomaly.URI_ESCAPED_NUL, b"<sip:100@192.0.2.10>", b"<sip:100%00@192.0.2.10>"),
    (Anomaly.IPV6_WITHOUT_BRACKETS, b"<sip:100@192.0.2.10>", b"<sip:100@2001:db8::10:5060>"),
    (Anomaly.SEPARATOR_EXTRA, b";tag=31", b";;tag=31"),
    (Anomaly.SEPARATOR_EXTRA, b";rport\r\n", b";rport,\r\n"),
    (Anomaly.PARAMETER_REPEATED, b";tag=31", b";tag=31;TAG=32"),
    (Anomaly.TOO_MANY_PARTS, b";tag=31", b";tag=31" + b"".join(b";p%d" % n for n in range(200))),
    (Anomaly.RETRY_AFTER_INVALID, b"CSeq:", b"Retry-After: soon\r\nCSeq:"),
    (Anomaly.WARNING_INVALID, b"CSeq:", b'Warning: 30 a "b"\r\nCSeq:'),
    (Anomaly.DATE_INVALID, b"CSeq:", b"Date: Mon, 02 Nov 2026 08:00:00 CET\r\nCSeq:"),
    (Anomaly.AUTH_SCHEME_UNKNOWN, b"CSeq:", b"Authorization: NTLM TlRMTVNTUAAB\r\nCSeq:"),
    (Anomaly.AUTH_INCOMPLETE, b"CSeq:", b'Authorization: Digest username="100"\r\nCSeq:'),
    (Anomaly.EXTENSION_UNKNOWN, b"CSeq:", b"Require: 100rel, teleport\r\nCSeq:"),
    (Anomaly.MEDIA_TYPE_UNKNOWN, b"application/sdp", b"application/nonsense"),
    (Anomaly.MEDIA_TYPE_UNKNOWN, b"Content-Type:", b"Content-Kind:"),
    (Anomaly.SDP_INVALID, b"m=audio 16384", b"m=audio 99999"),
]
ADDED: list[tuple[Anomaly, bytes]] = [
    (Anomaly.OCTETS_AFTER_BODY, REQUEST + b"\r\n"),
    (Anomaly.HEAD_NOT_ENDED, REQUEST.partition(b"Content-Type")[0]),
    (Anomaly.HEAD_TOO_LONG, REQUEST.replace(b"CSeq", b"X: " + 33000 * b"x" + b"\r\nCSeq")),
    (Anomaly.TOO_MANY_HEADERS, REQUEST.replace(b"CSeq", 300 * b"X: x\r\n" + b"CSeq")),
    (Anomaly.STATUS_OUT_OF_RANGE, b"SIP/2.0 99 No" + REQUEST[REQUEST.index(b"\r\n") :]),
]
# What only packets around a message tell.
FROM_PACKETS = (
    Anomaly.CUT_BY_CAPTURE
    | Anomaly.FRAGMENTS_OVERLAP
    | Anomaly.TCP_RESYNCHRONISED
    | Anomaly.TCP_OVERLAP_DIFFERS
)


def test_a_sound_request_has_none() -> None:
    assert parse_message(REQUEST).anomalies == NONE


@pytest.mark.parametrize(("expected", "sound", "odd"), REPLACED)
def test_one_deviation_is_one_anomaly(expected: Anomaly, sound: bytes, odd: bytes) -> None:
    assert REQUEST.count(sound) == 1
    octets = REQUEST.replace(sound, odd)
    assert parse_message(octets).anomalies & ~Anomaly.OCTETS_AFTER_BODY == expected


@pytest.mark.parametrize(("expected", "octets"), ADDED, ids=[str(a) for a, _ in ADDED])
def test_deviation_of_the_whole(expected: Anomaly, octets: bytes) -> None:
    assert parse_message(octets).anomalies & expected == expected


def test_the_transport_is_compared_with_via() -> None:
    assert parse_message(REQUEST, transport=b"udp").anomalies == NONE
    assert parse_message(REQUEST, transport=b"TCP").anomalies == Anomaly.VIA_TRANSPORT_DIFFERS


def test_each_anomaly_can_be_met() -> None:
    met = FROM_PACKETS | Anomaly.VIA_TRANSPORT_DIFFERS
    for expected in [*(row[0] for row in REPLACED), *(row[0] for row in ADDED)]:
        met |= expected
    assert [flag.name for flag in Anomaly if flag not in met] == []


def test_each_has_one_bit_and_all_fit_a_signed_column() -> None:
    values = [flag.value for flag in Anomaly]
    assert all(value.bit_count() == 1 for value in values)
    assert len(set(values)) == len(values)
    assert max(values) < 2**63


def test_each_has_its_rule_beside_it() -> None:
    source = Path(anomaly.__file__).read_text()
    explained = re.findall(r"^    ([A-Z0-9_]+) = 1 << \d+  # .{10,}$", source, re.MULTILINE)
    assert explained == [flag.name for flag in Anomaly]


def test_what_is_informative_is_no_mistake_of_syntax() -> None:
    assert INFORMATIVE & (Anomaly.URI_INVALID | Anomaly.VIA_INVALID | FROM_PACKETS) == NONE
