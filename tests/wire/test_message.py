"""The whole parse: what belongs together, and what no input may do to it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.errors import WireError
from ringfence.wire.grammar import MAX_PARTS
from ringfence.wire.message import MAX_JUNK, decode_cseq, parse_message

if TYPE_CHECKING:
    from types import FrameType

    from _typeshed import TraceFunction

    from ringfence.model.message import Message

REGISTER = b"""\
REGISTER sip:pbx.example.com SIP/2.0
Via: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK-7;rport
Via: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK-6;received=203.0.113.4
Max-Forwards: 69
From: "Anna" <sip:201@pbx.example.com>;tag=a1
To: <sip:201@pbx.example.com>
Call-ID: 77c0@198.51.100.7
CSeq: 12 REGISTER
Contact: <sip:201@198.51.100.7:5062>;expires=120, <sip:201@198.51.100.8>
Expires: 300
User-Agent: Example Phone 1.0
Authorization: Digest username="201", realm="pbx", nonce="abc", uri="sip:pbx.example.com",
 response="7587245234b3434cc3412213e5f113a5", algorithm=MD5
Content-Length: 0

""".replace(b"\n", b"\r\n")

CHALLENGE = b"""\
SIP/2.0 401 Unauthorized
v: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK-7;rport=5062;received=198.51.100.7
f: "Anna" <sip:201@pbx.example.com>;tag=a1
t: <sip:201@pbx.example.com>;tag=b2
i: 77c0@198.51.100.7
CSeq: 12 REGISTER
Server: Example PBX
WWW-Authenticate: Digest realm="pbx", nonce="abc", algorithm=SHA-256
WWW-Authenticate: Digest realm="pbx", nonce="abc", algorithm=MD5
l: 0

""".replace(b"\n", b"\r\n")


def test_each_field_of_a_request() -> None:
    message = parse_message(REGISTER)
    assert message.anomalies == NONE
    assert message.is_request
    assert (message.method, message.status, message.version) == (b"REGISTER", None, b"SIP/2.0")
    assert message.request_uri is not None
    assert (message.request_uri.user, message.request_uri.host) == (None, b"pbx.example.com")
    assert [via.transport for via in message.vias] == [b"UDP", b"TCP"]
    assert [via.received for via in message.vias] == [None, b"203.0.113.4"]
    assert message.from_ is not None
    assert (message.from_.display_name, message.from_.tag) == (b"Anna", b"a1")
    assert message.to is not None
    assert message.to.tag is None
    assert message.call_id == b"77c0@198.51.100.7"
    assert message.cseq == decode_cseq(b"12 REGISTER")
    assert [c.params.get(b"expires") for c in message.contacts] == [b"120", None]
    assert (message.max_forwards, message.expires, message.content_length) == (69, 300, 0)
    assert message.user_agent == b"Example Phone 1.0"
    assert message.authorization is not None
    assert message.authorization.username == b"201"
    assert message.authorization.response == b"7587245234b3434cc3412213e5f113a5"
    assert (message.content_type, message.sdp, message.body) == (None, None, b"")


def test_each_field_of_a_response() -> None:
    message = parse_message(CHALLENGE)
    assert message.anomalies == NONE
    assert not message.is_request
    assert (message.method, message.status, message.reason) == (b"", 401, b"Unauthorized")
    assert message.vias[0].rport == 5062
    assert message.user_agent == b"Example PBX"
    assert [digest.algorithm for digest in message.challenges] == [b"SHA-256", b"MD5"]
    assert message.authorization is None


def test_a_description_without_a_type_is_known_by_its_first_line() -> None:
    octets = REGISTER.replace(b"Content-Length: 0\r\n", b"") + b"v=0\r\n"
    message = parse_message(octets)
    assert message.sdp is not None
    assert message.anomalies == Anomaly.MEDIA_TYPE_UNKNOWN | Anomaly.SDP_INVALID


@pytest.mark.parametrize(
    ("value", "number", "method"),
    [
        (b"1 INVITE", 1, b"INVITE"),
        (b"0009\t INVITE", 9, b"INVITE"),
        (b"INVITE", None, b""),
        (b"", None, b""),
        (b"-1 INVITE", None, b"INVITE"),
    ],
)
def test_cseq(value: bytes, number: int | None, method: bytes) -> None:
    cseq = decode_cseq(value)
    assert (cseq.number, cseq.method) == (number, method)


def test_values_without_end_are_cut() -> None:
    message = parse_message(REGISTER.replace(b"Max", b"v: SIP/2.0/UDP a\r\n" * 300 + b"Max"))
    assert len(message.vias) == MAX_PARTS
    assert Anomaly.TOO_MANY_PARTS in message.anomalies
    assert len(message.headers(b"Via")) == 302


@pytest.mark.parametrize(
    "octets",
    [b"", b"\r\n\r\n", b"\0" * 100, b" " * MAX_JUNK + REGISTER, b"RTP", b"GET / HTTP/1.1\r\n\r\n"],
)
def test_what_has_no_start_line_is_no_message(octets: bytes) -> None:
    with pytest.raises(WireError):
        parse_message(octets)


def test_keep_alives_before_a_message_are_passed_over() -> None:
    message = parse_message(b"\r\n\r\n\0\0\0\0" + REGISTER)
    assert (message.junk, message.method) == (b"\r\n\r\n\0\0\0\0", b"REGISTER")
    assert message.anomalies == Anomaly.JUNK_BEFORE_START


# -- what no input may do ---------------------------------------------------------------

# Pieces that mean something to some part of the parse, in any order.
PIECES = st.sampled_from(
    [
        *(line + b"\r\n" for line in REGISTER.split(b"\r\n")),
        *(line + b"\r\n" for line in CHALLENGE.split(b"\r\n")),
        *(bytes([octet]) for octet in b'\r\n \t\0"\\<>()[]@:;,?&=%/*\xff'),
        *(
            b"Contact",
            b"Via",
            b"c:multipart/mixed;boundary=b\r\n",
            b"--b\r\n",
            b"c:application/sdp",
        ),
        *(b"v=0\r\n", b"m=audio 1 RTP/AVP 0\r\n", b"c=IN IP6 ::1\r\n", b"Content-Length: 7\r\n"),
        *(b"%00", b"z9hG4bK", b"SIP/2.0", b"sip:", b"tel:", b"99999999999999999999999"),
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=40).map(b"".join)
STARTED = TEXTS.map(lambda text: b"INVITE sip:1@192.0.2.1 SIP/2.0\r\n" + text)


def check(octets: bytes) -> None:
    """The invariant: a value that gives the octets back, or WireError inside of them."""
    read = read_or_refuse(octets)
    if isinstance(read, WireError):
        assert 0 <= read.offset <= len(octets)
        return
    assert read.to_bytes() == octets
    assert int(read.anomalies) < 2**63
    start, end = read.body_span
    assert octets[start:end] == read.body
    assert len(read.vias) <= MAX_PARTS


def read_or_refuse(octets: bytes) -> Message | WireError:
    try:
        return parse_message(octets)
    except WireError as error:
        return error


@given(st.one_of(TEXTS, STARTED))
@example(b'INVITE sip:a SIP/2.0\r\nTo: "\\')
@example(b"SIP/2.0 200")
def test_any_octets_are_a_message_or_an_error(octets: bytes) -> None:
    check(octets)


@given(st.sampled_from([REGISTER, CHALLENGE]), st.data())
def test_any_change_leaves_a_message_or_an_error(octets: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(octets)))
    end = data.draw(st.integers(start, min(len(octets), start + 20)))
    check(octets[:start] + data.draw(st.binary(max_size=8)) + octets[end:])


@pytest.mark.parametrize("octets", [REGISTER, CHALLENGE])
def test_cut_anywhere_it_never_fails(octets: bytes) -> None:
    for size in range(len(octets)):
        check(octets[:size])
        check(octets[size:])


def steps(octets: bytes) -> int:
    """How many lines of Python, and calls into C, reading these octets takes."""
    count = 0

    def trace(_frame: FrameType, _event: str, _argument: object) -> TraceFunction:
        nonlocal count
        count += 1
        return trace

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "c_call"

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        parse_message(octets)
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return count


START = b"INVITE sip:a@192.0.2.1 SIP/2.0\r\n"


@pytest.mark.parametrize(
    ("before", "repeated"),
    [
        (b"From: ", b'"\\'),
        (b"Contact: ", b'"'),
        (b"Contact: ", b'",'),
        (b"Contact: ", b'<"'),
        (b"Contact: ", b"<>,"),
        (b'Contact: "', b"\\"),
        (b"Via: ", b","),
        (b"Via: SIP/2.0/UDP a", b";a=b"),
        (b"To: <sip:", b"@"),
        (b"To: <sip:a", b"%"),
        (b"To: <sip:a@", b"b."),
        (b"To: <sip:a@b", b";c"),
        (b"To: <sip:a@b?", b"&c"),
        (b"To: a", b"\r\n "),
        (b"To: a", b" b"),
        (b"", b"a\n"),
        (b"", b"v:a\n"),
        (b"", b"m:<sip:a>\r\n"),
        (b"", b"Authorization: Digest a=b,c\r\n"),
        (b"Authorization: Digest ", b'a="b",'),
        (b"CSeq: ", b"9"),
        (b"Require: ", b"a,"),
        (b"c:application/sdp\r\n\r\nv=0\r\n", b"m=\n"),
        (b"c:application/sdp\r\n\r\nv=0\r\nm=a ", b"1 "),
        (b"c:multipart/mixed;boundary=b\r\n\r\n", b"--b\r\n\r\n"),
    ],
)
def test_twice_the_octets_take_twice_the_work(before: bytes, repeated: bytes) -> None:
    once, twice = (steps(START + before + repeated * n + b"\r\n\r\n") for n in (1000, 2000))
    assert twice <= 2.1 * once + 200
