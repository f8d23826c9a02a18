from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.errors import WireError
from ringfence.wire.start_line import MAX_START_LINE, decode_request_uri, decode_start_line


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b""])
def test_a_request_line(end: bytes) -> None:
    start = decode_start_line(b"OPTIONS sip:100@192.0.2.1 SIP/2.0" + end, 0)
    assert (start.method, start.version, start.status) == (b"OPTIONS", b"SIP/2.0", None)
    assert start.request_uri is not None
    assert (start.request_uri.text, start.anomalies) == (b"sip:100@192.0.2.1", NONE)


@pytest.mark.parametrize(
    ("line", "status", "reason", "expected"),
    [
        (b"SIP/2.0 200 OK", 200, b"OK", NONE),
        (b"SIP/2.0 401 Not  you ", 401, b"Not  you ", NONE),
        (b"SIP/2.0 180 ", 180, b"", NONE),
        (b"SIP/2.0 180", 180, b"", NONE),
        (b"sip/2.0 200 OK", 200, b"OK", Anomaly.VERSION_UNKNOWN),
        (b"SIP/2.00 200 OK", 200, b"OK", Anomaly.VERSION_UNKNOWN),
        (b"SIP/2.0  200 OK", 200, b"OK", Anomaly.START_LINE_SPACING),
        (b"SIP/2.0 700 OK", 700, b"OK", Anomaly.STATUS_OUT_OF_RANGE),
        (b"SIP/2.0 0200 OK", 200, b"OK", Anomaly.STATUS_OUT_OF_RANGE),
        (b"SIP/2.0 99 OK", 99, b"OK", Anomaly.STATUS_OUT_OF_RANGE),
    ],
)
def test_a_status_line(line: bytes, status: int, reason: bytes, expected: Anomaly) -> None:
    start = decode_start_line(line + b"\r\n", 0)
    assert (start.status, start.reason, start.anomalies) == (status, reason, expected)
    assert (start.method, start.request_uri) == (b"", None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"OPTIONS  sip:a@b.example SIP/2.0", Anomaly.START_LINE_SPACING),
        (b"OPTIONS sip:a@b.example  SIP/2.0", Anomaly.START_LINE_SPACING),
        (b"OPTIONS sip:a@b.example SIP/2.0 ", Anomaly.START_LINE_SPACING),
        (b"OPTIONS sip:a@b.example sip/2.0", Anomaly.VERSION_UNKNOWN),
        (b"OPTIONS sip:a@b.example SIP/3", Anomaly.VERSION_UNKNOWN),
        (b"OPT(ONS sip:a@b.example SIP/2.0", Anomaly.NAME_INVALID),
    ],
)
def test_a_request_line_that_is_odd(line: bytes, expected: Anomaly) -> None:
    start = decode_start_line(line + b"\r\n", 0)
    assert start.anomalies == expected
    assert start.request_uri is not None
    assert start.request_uri.user == b"a"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"OPTIONS",
        b"OPTIONS SIP/2.0",
        b" OPTIONS sip:a@b SIP/2.0",
        b"OPTIONS sip:a@b HTTP/1.1",
        b"OPTIONS sip:a@b",
        b"GET / HTTP/1.1",
        b"OPTIONS sip:a@b SIP/2.0 and so on",
        b"SIP/2.0",
        b"SIP/2.0 OK",
        b"SIP/2.0200 OK",
        b"OPTIONS sip:" + b"a" * MAX_START_LINE + b" SIP/2.0",
    ],
)
def test_another_line_is_no_start_line(line: bytes) -> None:
    with pytest.raises(WireError) as error:
        decode_start_line(line + b"\r\n", 7)
    assert error.value.offset == 7


def test_a_request_uri_in_brackets() -> None:
    uri, notes = decode_request_uri(b"<sip:a@b.example?Route=c>")
    assert (uri.user, uri.headers.get(b"route")) == (b"a", b"c")
    assert notes == Anomaly.REQUEST_URI_IN_BRACKETS | Anomaly.REQUEST_URI_HAS_HEADERS
