"""The cases of RFC 5118 (IPv6 in SIP), in messages of our own: one a section."""

from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.message import parse_message

REGISTER = """\
REGISTER {target} SIP/2.0
Via: SIP/2.0/UDP [2001:db8::5:1];branch=z9hG4bKs6-1
Max-Forwards: 70
From: "Desk 12" <sip:12@example.com>;tag=a73kszlfl
To: <sip:12@example.com>
Call-ID: 4fd0e5e1@[2001:db8::5:1]
CSeq: 7 REGISTER
Contact: "Desk 12" <sip:12@[2001:db8::5:1]>
Content-Length: 0

"""

BYE = """\
BYE sip:12@host.example.com SIP/2.0
Via: {top}
Via: {below}
Max-Forwards: 70
From: <sip:12@example.com>;tag=9fxced76sl
To: <sip:34@example.net>;tag=314159
Call-ID: 3848276298220188511@host.example.com
CSeq: 8 BYE
Content-Length: 0

"""

INVITE = """\
INVITE sip:34@[2001:db8::20] SIP/2.0
Via: {via}
Max-Forwards: 70
From: <sip:12@example.com>;tag=1928301774
To: <sip:34@[2001:db8::20]>
Call-ID: a84b4c76e66710@example.com
CSeq: 1 INVITE
Contact: {contact}
Content-Type: application/sdp

v=0
o=desk12 971731711378798081 0 IN {origin}
s=-
"""


def octets(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def test_an_ipv6_reference_everywhere() -> None:  # 4.1
    message = parse_message(octets(REGISTER.format(target="sip:[2001:db8::10]")))
    assert message.anomalies == NONE
    assert message.request_uri is not None
    assert (message.request_uri.host, message.request_uri.port) == (b"2001:db8::10", None)
    assert (message.vias[0].host, message.vias[0].port) == (b"2001:db8::5:1", None)
    (contact,) = message.contacts
    assert (contact.uri.user, contact.uri.host) == (b"12", b"2001:db8::5:1")


def test_an_address_without_brackets_is_ambiguous() -> None:  # 4.2
    message = parse_message(octets(REGISTER.format(target="sip:2001:db8::10")))
    assert message.anomalies == Anomaly.IPV6_WITHOUT_BRACKETS
    assert message.request_uri is not None
    assert (message.request_uri.host, message.request_uri.port) == (b"2001:db8::10", None)


def test_a_port_inside_the_brackets_is_part_of_the_address() -> None:  # 4.3
    message = parse_message(octets(REGISTER.format(target="sip:[2001:db8::10:5070]")))
    assert message.anomalies == NONE
    assert message.request_uri is not None
    assert (message.request_uri.host, message.request_uri.port) == (b"2001:db8::10:5070", None)


def test_a_port_behind_the_brackets_is_a_port() -> None:  # 4.4
    message = parse_message(octets(REGISTER.format(target="sip:[2001:db8::10]:5070")))
    assert message.anomalies == NONE
    assert message.request_uri is not None
    assert (message.request_uri.host, message.request_uri.port) == (b"2001:db8::10", 5070)


@pytest.mark.parametrize("received", ["[2001:db8::9:255]", "2001:db8::9:255"])
def test_received_stands_with_brackets_and_without(received: str) -> None:  # 4.5
    top = f"SIP/2.0/UDP [2001:db8::9:1];received={received};branch=z9hG4bKas3-111"
    below = "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK7"
    message = parse_message(octets(BYE.format(top=top, below=below)))
    assert message.anomalies == NONE
    assert message.vias[0].received == b"2001:db8::9:255"
    assert message.vias[0].branch == b"z9hG4bKas3-111"


def test_an_address_in_sdp_has_no_brackets() -> None:  # 4.6
    text = INVITE.format(
        via="SIP/2.0/UDP [2001:db8::20];branch=z9hG4bK776asdhds",
        contact="<sip:12@[2001:db8::20]>",
        origin="IP6 2001:db8::20",
    )
    sdp = "c=IN IP6 2001:db8::20\nt=0 0\nm=audio 6000 RTP/AVP 0 3\na=sendonly\n"
    message = parse_message(octets(text + sdp))
    assert message.anomalies == NONE
    assert message.sdp is not None
    assert message.sdp.connection is not None
    assert message.sdp.connection.address_type == b"IP6"
    assert message.sdp.address == b"2001:db8::20"
    assert message.sdp.media[0].direction == b"sendonly"


def test_brackets_in_sdp_are_a_mistake() -> None:  # 4.6, the other way round
    text = INVITE.format(
        via="SIP/2.0/UDP [2001:db8::20];branch=z9hG4bK776asdhds",
        contact="<sip:12@[2001:db8::20]>",
        origin="IP6 2001:db8::20",
    )
    sdp = "c=IN IP6 [2001:db8::20]\nt=0 0\nm=audio 6000 RTP/AVP 0\n"
    assert parse_message(octets(text + sdp)).anomalies == Anomaly.SDP_INVALID


def test_both_families_in_one_request() -> None:  # 4.7
    top = "SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111"
    below = "SIP/2.0/UDP 192.0.2.1;received=2001:db8::9:255;branch=z9hG4bKjhja8781hjuaij65144"
    message = parse_message(octets(BYE.format(top=top, below=below)))
    assert message.anomalies == NONE
    assert [(via.host, via.port, via.received) for via in message.vias] == [
        (b"2001:db8::9:1", 6050, None),
        (b"192.0.2.1", None, b"2001:db8::9:255"),
    ]


def test_both_families_in_one_description() -> None:  # 4.8
    text = INVITE.format(
        via="SIP/2.0/UDP [2001:db8::20];branch=z9hG4bK776asdhds",
        contact="<sip:12@[2001:db8::20]>",
        origin="IP6 2001:db8::20",
    )
    sdp = """\
t=0 0
m=audio 6000 RTP/AVP 0 3
c=IN IP6 2001:db8::20
m=video 6024 RTP/AVP 107
c=IN IP4 192.0.2.20
"""
    message = parse_message(octets(text + sdp))
    assert message.anomalies == NONE
    assert message.sdp is not None
    assert message.sdp.connection is None
    assert [
        (m.kind, m.connection.address_type, m.connection.address)
        for m in message.sdp.media
        if m.connection is not None
    ] == [(b"audio", b"IP6", b"2001:db8::20"), (b"video", b"IP4", b"192.0.2.20")]


def test_an_ipv4_address_in_ipv6_clothes() -> None:  # 4.9
    text = INVITE.format(
        via="SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19;received=::ffff:192.0.2.99",
        contact='"T. Watson" <sip:t.watson@[::ffff:192.0.2.10]>',
        origin="IP6 ::ffff:192.0.2.10",
    )
    sdp = "c=IN IP6 ::ffff:192.0.2.10\nt=0 0\nm=audio 6000 RTP/AVP 0\n"
    message = parse_message(octets(text + sdp))
    assert message.anomalies == NONE
    assert (message.vias[0].host, message.vias[0].port) == (b"::ffff:192.0.2.10", 19823)
    assert message.vias[0].received == b"::ffff:192.0.2.99"
    assert message.contacts[0].uri.host == b"::ffff:192.0.2.10"
    assert message.sdp is not None
    assert message.sdp.address == b"::ffff:192.0.2.10"


@pytest.mark.parametrize(
    ("target", "anomalies"),
    [
        ("sip:12@[2001:db8::192.0.2.1]", NONE),
        # what the first grammar of RFC 3261 made of it, by mistake
        ("sip:12@[2001:db8:::192.0.2.1]", Anomaly.URI_INVALID),
    ],
)
def test_two_colons_before_an_ipv4_tail_not_three(target: str, anomalies: Anomaly) -> None:  # 4.10
    message = parse_message(octets(REGISTER.format(target=target)))
    assert message.anomalies == anomalies
    assert message.request_uri is not None
    assert message.request_uri.user == b"12"


@pytest.mark.parametrize(
    "host",
    ["[2001:db8::10", "[]", "[2001:db8::g]", "[192.0.2.1]", "[fe80::1%eth0]", "[2001:db8::10]x"],
)
def test_what_is_in_brackets_is_an_ipv6_address(host: str) -> None:
    message = parse_message(octets(REGISTER.format(target=f"sip:{host}")))
    assert message.anomalies == Anomaly.URI_INVALID
