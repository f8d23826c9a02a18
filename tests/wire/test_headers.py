from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.headers import MAX_HEADERS, notes_on_octets, split_head


def test_names_as_spelled_and_as_compared() -> None:
    head = split_head(b"xxTO : a\r\nv:b\r\nCALL-id\t:c\r\n\r\nbody", 2)
    assert [(h.name, h.key, h.value) for h in head.headers] == [
        (b"TO", b"to", b"a"),
        (b"v", b"via", b"b"),
        (b"CALL-id", b"call-id", b"c"),
    ]
    assert (head.empty_line, head.end, head.anomalies) == (b"\r\n", 29, NONE)
    assert [h.offset for h in head.headers] == [2, 10, 15]


@pytest.mark.parametrize(
    ("octets", "values"),
    [
        (b"a: 1\r\n 2\r\n\t3\r\nb: 4\r\n\r\n", [b"1 2 3", b"4"]),
        (b"a:\r\n 1\r\nb:\r\n\r\n", [b"1", b""]),
        (b"a: 1\r\n \r\nb: 2\r\n\r\n", [b"1", b"2"]),  # a line of blanks ends nothing
    ],
)
def test_folded_lines_belong_to_the_header_before(octets: bytes, values: list[bytes]) -> None:
    head = split_head(octets, 0)
    assert [h.value for h in head.headers] == values
    assert b"".join(h.octets for h in head.headers) + head.empty_line == octets
    assert head.anomalies == NONE


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"a: 1\n\r\n", Anomaly.BARE_LF),
        (b"a: 1\r\n\n", Anomaly.BARE_LF),
        (b"a: 1\n 2\r\n\r\n", Anomaly.BARE_LF),
        (b"no colon\r\n\r\n", Anomaly.LINE_WITHOUT_COLON),
        (b"no colon\r\n: but later\r\n\r\n", Anomaly.LINE_WITHOUT_COLON | Anomaly.NAME_INVALID),
        (b" blank first\r\n\r\n", Anomaly.LINE_WITHOUT_COLON),
        (b": no name\r\n\r\n", Anomaly.NAME_INVALID),
        (b"a b: 1\r\n\r\n", Anomaly.NAME_INVALID),
        (b"a: 1\r\n", Anomaly.HEAD_NOT_ENDED),
        (b"a: 1\r\n\r", Anomaly.HEAD_NOT_ENDED | Anomaly.LINE_WITHOUT_COLON),
        (b"", Anomaly.HEAD_NOT_ENDED),
        (b"a:1\r\n" * (MAX_HEADERS + 1) + b"\r\n", Anomaly.TOO_MANY_HEADERS),
        (b"a:" + b"1" * 33000 + b"\r\n\r\n", Anomaly.HEAD_TOO_LONG),
    ],
)
def test_lines_that_are_odd(octets: bytes, expected: Anomaly) -> None:
    head = split_head(octets, 0)
    assert head.anomalies == expected
    assert b"".join(h.octets for h in head.headers) + head.empty_line == octets


def test_a_colon_on_a_folded_line_names_nothing() -> None:
    (header,) = split_head(b"To\r\n : sip:a@b\r\n\r\n", 0).headers
    assert (header.name, header.key, header.value) == (b"", b"", b"To : sip:a@b")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"Subject: caf\xc3\xa9\r\n", NONE),
        (b"Subject: caf\xe9\r\n", Anomaly.HEAD_NOT_UTF8),
        (b"Subject: a\0b\r\n", Anomaly.NUL_IN_HEAD),
        (b'To: "a\\\0b"\r\n', NONE),
    ],
)
def test_octets_that_are_no_text(head: bytes, expected: Anomaly) -> None:
    assert notes_on_octets(head) == expected
