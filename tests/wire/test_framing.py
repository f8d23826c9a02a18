from __future__ import annotations

import pytest

from ringfence.wire import framing
from ringfence.wire.framing import METHODS


@pytest.mark.parametrize(
    "line",
    [
        b"INVITE sip:100@192.0.2.1 SIP/2.0\r\n",
        b"OPTIONS sip:100@[2001:db8::1] SIP/2.0\n",
        b"SIP/2.0 200 OK\r\n",
        b"SIP/2.0 100\r\n",
        b"SIP/2.0 4294967301 better not break the receiver\r\n",  # bigcode
        b"INVITE  sip:user@example.com  SIP/2.0\r\n",  # lwsstart
        b"OPTIONS sip:t@example.com SIP/2.0  \r\n",  # trws
        b"OPTIONS sip:t1@example.com SIP/7.0\r\n",  # badvers
        b"INVITE sip:user@example.com; lr SIP/2.0\r\n",  # lwsruri
        b"!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI SIP/2.0\r\n",  # intmeth
        b"INVITE\tsip:x\tSIP/2.0\r\n",
        b"invite sip:x sip/2.0\r\n",
    ],
)
def test_start_line_is_taken_as_it_is_written(line: bytes) -> None:
    assert framing.is_start_line(line)
    assert framing.is_start_line(bytearray(line))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\r\n",
        b"SIP/2.0\r\n",
        b"Via: SIP/2.0/UDP 192.0.2.1\r\n",
        b"GET / HTTP/1.1\r\n",
        b"RTSP/1.0 200 OK\r\n",
        b"v=0\r\n",
        b"SIP/2.0/TCP 200\r\n",
        b"INVITE" + b" " * 5000,
        b" SIP/2.0",
        b"INVITE SIP/2.0\r\n",
        b"INVITE   SIP/2.0\r\n",
        b".1 SIP/2.0\r\n",
        b"\xff\xfe sip:x SIP/2.0\r\n",
    ],
)
def test_other_lines_are_no_start_lines(line: bytes) -> None:
    assert not framing.is_start_line(line)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (b"INVITE sip:100@192.0.2.1 SIP/2.0\r\n", 0),
        (b"</presence>SIP/2.0 200 OK\r\n", 11),
        (b"a=sendrecvREGISTER sip:192.0.2.1 SIP/2.0\r\n", 10),
        (b"\x00\x00\x00\x00BYE sip:1@192.0.2.1 SIP/2.0\r\n", 4),
        (b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n", -1),
        (b"rest of a body INVITE sip:100@192.0.2.1 SIP/2.0\r\n", 15),
        (b"INVITE sip:user@example.com; lr SIP/2.0\r\n", 0),
        (b"NEWMETHOD sip:100@192.0.2.1 SIP/2.0\r\n", 0),
        (b"GET /SIP/2.0 HTTP/1.1\r\n", -1),
        (b"nothing\r\n", -1),
    ],
)
def test_start_line_glued_to_the_end_of_something_else(line: bytes, at: int) -> None:
    assert framing.find_start(line) == at


@pytest.mark.parametrize("method", METHODS)
def test_every_known_method_is_found_behind_junk(method: bytes) -> None:
    assert framing.find_start(b"}" + method + b" sip:x SIP/2.0\r\n") == 1


@pytest.mark.parametrize(
    ("octets", "is_header"),
    [
        (b"Via: SIP", True),
        (b"v:", True),
        (b"Call-ID  : 1", True),
        (b"", None),
        (b"Vi", None),
        (b"Via  ", None),
        (b"\r\n", False),
        (b"hello world\r\n", False),
        (b"x" * 100 + b":", False),
    ],
)
def test_line_behind_a_doubted_start_line(octets: bytes, is_header: bool | None) -> None:
    assert framing.is_header_line(b"..." + octets, 3) is is_header


@pytest.mark.parametrize(
    ("line", "length"),
    [
        (b"Content-Length: 0", 0),
        (b"l:42", 42),
        (b"CONTENT-LENGTH :  7", 7),
        (b"Content-Length:\r\n 12", 12),
        (b"l: 0000000000000000005", 5),
        (b"Content-Length: 12\r\nContent-Length: 99", 12),
        (b"Content-Length: 99999999999999999999999", 10**9),
        (b"Content-Length: -5", None),
        (b"Content-Length: five", None),
        (b"Content-Length:", None),
        (b"X-Content-Length: 5", None),
        (b"Label: 5", None),
        (b"Subject: l: 5", None),
    ],
)
def test_content_length(line: bytes, length: int | None) -> None:
    head = b"INVITE sip:x SIP/2.0\r\n" + line + b"\r\n\r\n"
    assert framing.content_length(head) == length
    assert framing.content_length(bytearray(head)) == length
