"""One message: who wrote which part decides what stays of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.messages import samples
from ringfence.evidence.redaction.message import MessageRedactor, mask_all
from ringfence.wire.message import parse_message
from tests.evidence.redaction.test_names import PEOPLE, PSEUDONYMS

REDACTOR = MessageRedactor(PEOPLE, PSEUDONYMS)


def message(
    *lines: bytes, body: bytes = b"", start: bytes = b"INVITE sip:7@192.0.2.10 SIP/2.0"
) -> bytes:
    return b"\r\n".join((start, *lines, b"", body))


def claimed(octets: bytes) -> bytes:
    made = REDACTOR.redact(octets, by_accused=True)
    assert len(made) == len(octets)
    return made


@pytest.mark.parametrize(
    "line",
    [
        b"CSeq: 1 INVITE", b"Max-Forwards: 70", b"Content-Length: 0", b"l:0", b"EXPIRES : 60",
        b"Allow: INVITE, ACK", b"Supported: timer,100rel", b"Accept: application/sdp",
        b"User-Agent: friendly-scanner", b"From: <sip:admin@192.0.2.10>;tag=1",
        b"Date: Mon, 23 Nov 2026 12:00:00 GMT", b"Session-Expires: 1800;refresher=uac",
        b"Privacy: id", b"RAck: 1 1 INVITE", b"Event: message-summary", b"Timestamp: 54 1.5",
        b"Call-ID: 0123456789", b"Min-SE: 90", b"Retry-After: 5",
    ],
)  # fmt: skip
def test_harmless_headers_stay(line: bytes) -> None:
    assert line in claimed(message(line))


@pytest.mark.parametrize(
    "line",
    [
        b"Subject: secret", b"Subject: a\r\n secret", b"X-Any: secret", b"secret: 1", b"secret",
        b"Allow: secret", b"Date: secret", b"CSeq: secret INVITE", b"CSeq: 1 secret",
        b"Max-Forwards: secret", b"Call-Info: <http://secret/>", b'Warning: 399 a "secret"',
        b"Content-Type: secret/plain", b"Content-Type: text/plain;boundary=secret",
        b"Organization: secret", b"Identity: secret", b"Replaces: secret@10.0.0.5;to-tag=secret",
        b"Authorization: Digest response=secret", b"Proxy-Authorization: secret secret",
        b'Authentication-Info: nextnonce="secret"',
        b"P-Asserted-Identity: <sip:a:secret@b.example>",
        b'Reason: SIP;text="secret"', b"Content-Length: secret", b"Timestamp: secret",
        b"Session-Expires: 1800;secret=secret", b"Expires: 1;secret", b"RAck: 1 1 secret",
    ],
)  # fmt: skip
def test_free_text_goes_whoever_wrote_it(line: bytes) -> None:
    for by_accused in (True, False):
        made = REDACTOR.redact(message(line), by_accused=by_accused)
        assert b"secret" not in made
        assert len(made) == len(message(line))


def test_numbers_that_are_too_large_stay_too_large() -> None:
    made = claimed(message(b"CSeq: 36893488147419103232 INVITE", b"Max-Forwards: 99999999999"))
    read = parse_message(made)
    assert read.cseq is not None
    assert read.cseq.number != 36893488147419103232
    assert len(read.header(b"max-forwards") or b"") == 11
    assert b"99999999999" not in made


def test_an_answer_repeats_the_attacker_and_hides_its_sender() -> None:
    answer = message(
        b"Via: SIP/2.0/UDP 203.0.113.66:5071;branch=z9hG4bKa",
        b'From: "admin" <sip:admin@192.0.2.10>;tag=1', b"Call-ID: b", b"CSeq: 1 REGISTER",
        b'Contact: "Bob" <sip:bob@198.51.100.99>', b"Server: Our PBX 1.2",
        start=b"SIP/2.0 200 OK",
    )  # fmt: skip
    made = claimed(answer)
    assert made.startswith(answer.partition(b"Contact")[0])
    for secret in (b"Bob", b"bob", b"198.51.100.99", b"Our PBX"):
        assert secret not in made


def test_an_answer_to_somebody_else_hides_both() -> None:
    answer = message(b"From: <sip:admin@192.0.2.10>;tag=1", start=b"SIP/2.0 200 OK")
    assert b"admin" not in REDACTOR.redact(answer, by_accused=False)


@pytest.mark.parametrize("reason", [b"OK", b"Not Found", b"Forbidden (Bad auth)"])
def test_reasons_that_everybody_gives(reason: bytes) -> None:
    start = b"SIP/2.0 403 " + reason
    assert claimed(message(start=start)).startswith(start)


def test_a_reason_of_their_own_is_masked() -> None:
    assert claimed(message(start=b"SIP/2.0 403 ask Bob")).startswith(b"SIP/2.0 403 xxxxxxx\r\n")


@pytest.mark.parametrize(
    "kind",
    [
        b"text/plain",
        b"application/dtmf-relay",
        b"multipart/mixed;boundary=a",
        b"application/secret",
    ],
)
def test_bodies_are_masked(kind: bytes) -> None:
    made = claimed(message(b"Content-Type: " + kind, body=b"Signal=5\r\nsecret"))
    assert made.endswith(b"\r\n\r\n" + b"x" * 16)


def test_what_stands_behind_the_body_is_masked() -> None:
    made = claimed(message(b"Content-Length: 3", body=b"abcsecret"))
    assert made.endswith(b"xxxxxxxxx")


def test_a_packed_description_is_no_description() -> None:
    made = claimed(
        message(b"Content-Type: application/sdp", b"Content-Encoding: gzip", body=b"v=0\r\n")
    )
    assert made.endswith(b"xxxxx")


@pytest.mark.parametrize("octets", [b"", b"\r\n\r\n", b"\0\0"])
def test_keep_alives_stay(octets: bytes) -> None:
    assert claimed(octets) == octets
    assert mask_all(octets) == octets


@pytest.mark.parametrize("octets", [b"secret", b"\x80\x01secret", b"SIP/2.0 secret\r\n\r\n"])
def test_what_is_no_message_is_masked(octets: bytes) -> None:
    assert b"secret" not in claimed(octets)


def test_control_octets_before_the_message_say_nothing() -> None:
    made = claimed(b"\x01\x02\r\n" + message())
    assert made.startswith(b"\0\0\r\nINVITE")


@pytest.mark.parametrize("octets", samples())
def test_redacted_messages_still_parse(octets: bytes) -> None:
    before = parse_message(octets)
    for by_accused in (True, False):
        after = parse_message(REDACTOR.redact(octets, by_accused=by_accused))
        assert (after.status, len(after.head)) == (before.status, len(before.head))
        assert [h.offset for h in after.headers_in_order] == [
            h.offset for h in before.headers_in_order
        ]


def test_redacting_again_tells_nothing_new() -> None:
    """The cache of headers does not mix up who wrote them."""
    octets = message(b"From: <sip:admin@192.0.2.10>;tag=1")
    first = claimed(octets)
    other = REDACTOR.redact(octets, by_accused=False)
    assert first != other
    assert claimed(octets) == first
    assert REDACTOR.redact(octets, by_accused=False) == other


@given(st.binary(max_size=400), st.sampled_from(samples()))
def test_any_octets_keep_their_number(octets: bytes, sample: bytes) -> None:
    half = len(sample) // 2
    for text in (octets, sample[:half] + octets + sample[half:]):
        for by_accused in (True, False):
            assert len(REDACTOR.redact(text, by_accused=by_accused)) == len(text)
