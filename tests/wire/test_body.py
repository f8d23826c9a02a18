from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.body import (
    MAX_BODY_PARTS,
    MAX_NESTING,
    find_sdp,
    media_type,
    notes_on_accept,
    notes_on_type,
)

ISUP_AND_SDP = b"""\
preamble
--b1
Content-Type: application/isup;version=itu-t92+

\x01\x10\x00
--b1
c : application/sdp
Content-Disposition: session

v=0
--b1--
""".replace(b"\n", b"\r\n")


def test_sdp_beside_other_parts() -> None:
    assert find_sdp(b'multipart/mixed ; boundary="b1"', ISUP_AND_SDP) == b"v=0"
    assert find_sdp(b"application/SDP; charset=utf-8", b"v=0") == b"v=0"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (b"text/plain", b"v=0"),
        (b"multipart/mixed", ISUP_AND_SDP),
        (b"multipart/mixed;boundary=", ISUP_AND_SDP),
        (b"multipart/mixed;boundary=b2", ISUP_AND_SDP),
        (b"multipart/mixed;boundary=b", b"--b\r\nno head"),
        (b"multipart/mixed;boundary=b", b"--b\r\n" * MAX_BODY_PARTS + ISUP_AND_SDP),
        (b"", b""),
    ],
)
def test_no_sdp_is_found(content_type: bytes, body: bytes) -> None:
    assert find_sdp(content_type, body) is None


@pytest.mark.parametrize(("depth", "found"), [(MAX_NESTING, b"v=0"), (MAX_NESTING + 1, None)])
def test_parts_inside_parts_end_somewhere(depth: int, found: bytes | None) -> None:
    content_type, body = b"application/sdp", b"v=0"
    for level in range(depth):
        boundary = b"b%d" % level
        body = b"--%b\r\nContent-Type: %b\r\n\r\n%b\r\n--%b--" % (
            boundary,
            content_type,
            body,
            boundary,
        )
        content_type = b"multipart/mixed;boundary=" + boundary
    assert find_sdp(content_type, body) == found


@pytest.mark.parametrize(
    ("value", "kind"),
    [(b"Application/SDP ; x=y", b"application/sdp"), (b"text / plain", b"text/plain"), (b"", b"")],
)
def test_media_types_compare_without_case(value: bytes, kind: bytes) -> None:
    assert media_type(value) == kind


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (b"multipart/mixed;boundary=x", NONE),
        (b"application/vnd.example+xml", NONE),
        (b"application/nonsense", Anomaly.MEDIA_TYPE_UNKNOWN),
        (None, Anomaly.MEDIA_TYPE_UNKNOWN),
    ],
)
def test_types_that_somebody_may_understand(content_type: bytes | None, expected: Anomaly) -> None:
    assert notes_on_type(content_type) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (b"", NONE),
        (b"*/*", NONE),
        (b"application/*;q=0.1", NONE),
        (b"text/nonsense, application/sdp", NONE),
        (b"text/nonsense", Anomaly.MEDIA_TYPE_UNKNOWN),
        (b"application/sdp,,", Anomaly.SEPARATOR_EXTRA),
    ],
)
def test_types_that_are_asked_for(accept: bytes, expected: Anomaly) -> None:
    assert notes_on_accept(accept) == expected
