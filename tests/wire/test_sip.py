"""One message to one row: what counts as SIP, every column, and senders that lie."""

from __future__ import annotations

import pytest

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._sip import (
    MAX_HEAD,
    MAX_HEADERS,
    MAX_JUNK,
    MAX_START_LINE,
    message,
    span_hash,
)
from tests.wire_cases.reading import Row, anomalies, read_message

HEAD = (
    "Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK1",
    "Max-Forwards: 70",
    "From: <sip:200@192.0.2.1>;tag=f1",
    "To: <sip:100@192.0.2.1>",
    "Call-ID: one@203.0.113.7",
    "CSeq: 1 OPTIONS",
    "Content-Length: 0",
)
START = "OPTIONS sip:100@192.0.2.1 SIP/2.0"


def text(*head: str, start: str = START, body: str = "", end: str = "\r\n") -> bytes:
    return end.join([start, *head, "", body]).encode()


def sound(*more: str, start: str = START, body: str = "") -> bytes:
    """A sound message with further headers in front of its own."""
    return text(*more, *HEAD, start=start, body=body)


def replaced(name: str, *lines: str, start: str = START) -> bytes:
    """A sound message with other lines in the place of one header."""
    head: list[str] = []
    for line in HEAD:
        head += lines if line.startswith(name) else [line]
    return text(*head, start=start)


def row_of(octets: bytes, port: int = 5060) -> Row:
    row = read_message(octets, port)
    assert row is not None
    return row


# -- whole messages, every column ----------------------------------------------------------

REGISTER = b"""\
REGISTER sip:pbx.example.com;transport=udp SIP/2.0\r
Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK77;rport=40001;received=198.51.100.9\r
Via: SIP/2.0/TCP 10.0.0.1\r
Max-Forwards: 69\r
From: "Alice, 200" <sip:200@pbx.example.com>;tag=f-1\r
To: Bob <sips:100@pbx.example.com:5061>;tag=t-1\r
Call-ID: a84b4c76e66710@203.0.113.7\r
CSeq: 42 REGISTER\r
Contact: <sip:200@203.0.113.7:5071>;expires=60\r
User-Agent: friendly-scanner\r
Authorization: Digest username="200", realm="asterisk", nonce="4f7e",\r
 uri="sip:pbx.example.com", response="6629fae49393a05397450978507c4ef1",\r
 algorithm=MD5, cnonce="0a4f", qop=auth, nc=0000002a\r
Expires: 3600\r
Content-Type: application/sdp\r
Content-Length: 80\r
\r
v=0\r
o=- 1 1 IN IP4 203.0.113.7\r
c=IN IP4 203.0.113.8/127\r
m=audio 49170/2 RTP\r
"""

REGISTER_COLUMNS: Row = {
    "method": columns.M_REGISTER, "status": 0, "cseq_number": 42,
    "cseq_method": columns.M_REGISTER, "max_forwards": 69, "expires": 3600, "content_length": 80,
    "body_length": 80, "header_count": 13, "rport": 40001, "sdp_port": 49170, "auth_nc": 42,
    "auth_qop": 1,
    "uri": b"sip:pbx.example.com;transport=udp", "uri_user": b"", "uri_host": b"pbx.example.com",
    "from": b'"Alice, 200" <sip:200@pbx.example.com>;tag=f-1', "from_display": b"Alice, 200",
    "from_user": b"200", "from_host": b"pbx.example.com", "from_tag": b"f-1",
    "to": b"Bob <sips:100@pbx.example.com:5061>;tag=t-1", "to_display": b"Bob",
    "to_user": b"100", "to_host": b"pbx.example.com", "to_tag": b"t-1",
    "call_id": b"a84b4c76e66710@203.0.113.7", "cseq": b"42 REGISTER",
    "via": b"SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK77;rport=40001;received=198.51.100.9",
    "via_branch": b"z9hG4bK77", "via_host": b"203.0.113.7", "via_received": b"198.51.100.9",
    "contact": b"<sip:200@203.0.113.7:5071>;expires=60", "user_agent": b"friendly-scanner",
    "content_type": b"application/sdp",
    "auth_user": b"200", "auth_realm": b"asterisk", "auth_nonce": b"4f7e",
    "auth_response": b"6629fae49393a05397450978507c4ef1", "auth_algorithm": b"MD5",
    "auth_uri": b"sip:pbx.example.com", "challenge": b"", "challenge_realm": b"",
    "challenge_nonce": b"", "sdp_address": b"203.0.113.8", "anomalies": 0,
}  # fmt: skip

CHALLENGE = b"""\
SIP/2.0 401 Unauthorized\r
Via: SIP/2.0/UDP [2001:db8::7]:5071;branch=z9hG4bK77;rport\r
From: <sip:200@[2001:db8::1]>;tag=f-1\r
To: tel:+15550100;phone-context=example.com;tag=as1\r
Call-ID: a84b\r
CSeq: 1 INVITE\r
Server: Asterisk PBX 18.9\r
WWW-Authenticate: Digest algorithm=MD5, realm="asterisk", nonce="59e38bd2"\r
Content-Length: 0\r
\r
"""

CHALLENGE_COLUMNS: Row = {
    "method": 0, "status": 401, "cseq_number": 1, "cseq_method": columns.M_INVITE,
    "max_forwards": -1, "expires": -1, "content_length": 0, "body_length": 0, "header_count": 8,
    "rport": 0, "sdp_port": 0, "auth_nc": 0, "auth_qop": 0,
    "uri": b"", "uri_user": b"", "uri_host": b"",
    "from": b"<sip:200@[2001:db8::1]>;tag=f-1", "from_display": b"", "from_user": b"200",
    "from_host": b"2001:db8::1", "from_tag": b"f-1",
    "to": b"tel:+15550100;phone-context=example.com;tag=as1", "to_display": b"",
    "to_user": b"+15550100", "to_host": b"", "to_tag": b"as1",
    "call_id": b"a84b", "cseq": b"1 INVITE",
    "via": b"SIP/2.0/UDP [2001:db8::7]:5071;branch=z9hG4bK77;rport", "via_branch": b"z9hG4bK77",
    "via_host": b"2001:db8::7", "via_received": b"", "contact": b"",
    "user_agent": b"Asterisk PBX 18.9", "content_type": b"", "auth": b"", "auth_user": b"",
    "auth_realm": b"", "auth_nonce": b"", "auth_response": b"", "auth_algorithm": b"",
    "auth_uri": b"", "challenge": b'Digest algorithm=MD5, realm="asterisk", nonce="59e38bd2"',
    "challenge_realm": b"asterisk", "challenge_nonce": b"59e38bd2", "sdp_address": b"",
    "anomalies": 0,
}  # fmt: skip

_OF_THE_PACKET = {
    "source_port", "destination_port", "transport", "ip_version", "interface", "time", "packet",
    "position", "source_high", "source_low", "destination_high", "destination_low", "source",
    "destination",
}  # fmt: skip
_OF_THE_OCTETS = {"message", "text_length", "head_length", "call_hash", "order_hash"}


@pytest.mark.parametrize(
    ("octets", "wanted"), [(REGISTER, REGISTER_COLUMNS), (CHALLENGE, CHALLENGE_COLUMNS)]
)
def test_every_column(octets: bytes, wanted: Row) -> None:
    row = row_of(octets)
    assert {name: row[name] for name in wanted} == wanted
    assert row["message"] == octets
    assert row["head_length"] == octets.index(b"\r\n\r\n") + 4
    unchecked = set(row) - set(wanted) - _OF_THE_PACKET - _OF_THE_OCTETS
    assert unchecked <= {"auth"}
    assert bytes(row["auth"]).startswith(b"Digest username") == (octets is REGISTER)


def test_row_says_what_stood_around_the_message() -> None:
    octets = sound()
    batch = Batch(bytearray(octets), 1)
    batch.time, batch.packets, batch.position, batch.interface = 5, 6, 7, 8
    batch.source_high, batch.source_low, batch.source_port = 1, 2, 5060
    batch.destination_high, batch.destination_low, batch.destination_port = 3, 4, 65535
    batch.transport, batch.ip_version, batch.notes, batch.cut = columns.T_WS, 6, 1 << 24, 1
    assert message(batch, 0, len(octets)) == 1
    slots, wide = batch.slots, batch.wide
    assert [wide[n] for n in range(7)] == [5, 6, 7, 1, 2, 3, 4]
    assert [slots[n] for n in range(5)] == [5060, 65535, columns.T_WS, 6, 8]
    assert wide[columns.ANOMALIES] == 1 << 24 | 1 << 22


# -- start lines -----------------------------------------------------------------------------

METHODS = columns.METHODS[1:-1]


@pytest.mark.parametrize("method", METHODS)
def test_methods_are_numbered(method: str) -> None:
    row = row_of(replaced("CSeq", f"CSeq: 1 {method}", start=f"{method} sip:a SIP/2.0"))
    assert columns.METHODS[int(row["method"])] == method
    assert row["cseq_method"] == row["method"]
    assert anomalies(row) == set()


@pytest.mark.parametrize(
    "method",
    [
        "register",
        "Invite",
        "INVITES",
        "INVIT",
        "SUBSCRIB",
        "SUBSCRIBX",
        "SUBSCRIBED",
        "X",
        "a.b-c!%*_+`'~",
    ],
)
def test_methods_are_told_apart_by_case_and_length(method: str) -> None:
    row = row_of(replaced("CSeq", f"CSeq: 1 {method}", start=f"{method} sip:a SIP/2.0"))
    assert row["method"] == row["cseq_method"] == columns.M_OTHER
    assert row["uri"] == b"sip:a"


STATUS_LINES = {
    "SIP/2.0 100 Trying": (100, set()),
    "SIP/2.0 699 Odd": (699, set()),
    "SIP/2.0 200 ": (200, set()),
    "SIP/2.0 200": (200, set()),
    "SIP/2.0 180 \xd0\x97\xd0\xb2\xd0\xbe\xd0\xbd": (180, set()),
    "SIP/2.0 99 Small": (99, {"STATUS_OUT_OF_RANGE"}),
    "SIP/2.0 700 Large": (700, {"STATUS_OUT_OF_RANGE"}),
    "SIP/2.0 4294967301 Enormous": (429496730, {"STATUS_OUT_OF_RANGE"}),
    "SIP/2.0 0200 Padded": (200, {"STATUS_OUT_OF_RANGE"}),
    "SIP/2.0 40x Cut": (40, {"STATUS_OUT_OF_RANGE"}),
    "SIP/2.0   200 OK": (200, {"START_LINE_SPACING"}),
    "SIP/7.0 200 OK": (200, {"VERSION_UNKNOWN"}),
    "sip/2.0 200 OK": (200, {"VERSION_UNKNOWN"}),
    "SIP/x 200 OK": (200, {"VERSION_UNKNOWN"}),
}


@pytest.mark.parametrize(("line", "wanted"), STATUS_LINES.items(), ids=range(len(STATUS_LINES)))
def test_status_lines(line: str, wanted: tuple[int, set[str]]) -> None:
    row = row_of(sound(start=line))
    assert (row["status"], anomalies(row)) == wanted
    assert row["method"] == 0


REQUEST_LINES = {
    "OPTIONS sip:a SIP/2.0": (b"sip:a", set()),
    "OPTIONS  sip:a SIP/2.0": (b"sip:a", {"START_LINE_SPACING"}),
    "OPTIONS sip:a  SIP/2.0": (b"sip:a", {"START_LINE_SPACING"}),
    "OPTIONS\tsip:a\tSIP/2.0": (b"sip:a", set()),
    "OPTIONS sip:a SIP/2.0  ": (b"sip:a", {"START_LINE_SPACING"}),
    "OPTIONS sip:a; lr SIP/2.0": (b"sip:a; lr", set()),
    "OPTIONS <sip:a> SIP/2.0": (b"<sip:a>", set()),
    "OPTIONS \xc3\xa4 SIP/2.0": ("\xc3\xa4".encode(), set()),
    "OPTIONS sip:a SIP/7.0": (b"sip:a", {"VERSION_UNKNOWN"}),
    "OPTIONS sip:a sip/2.0": (b"sip:a", {"VERSION_UNKNOWN"}),
    "OPTIONS sip:a SIP/2.00": (b"sip:a", {"VERSION_UNKNOWN"}),
    "OPTIONS sip:a SIP/": (b"sip:a", {"VERSION_UNKNOWN"}),
}


@pytest.mark.parametrize(("line", "wanted"), REQUEST_LINES.items(), ids=range(len(REQUEST_LINES)))
def test_request_lines(line: str, wanted: tuple[bytes, set[str]]) -> None:
    row = row_of(sound(start=line))
    assert (row["uri"], anomalies(row)) == wanted


NOT_SIP = {
    "nothing": b"",
    "blank": b" " * 40,
    "keep-alive": b"\r\n\r\n",
    "short": b"SIP/2.0 200",
    "zeros": bytes(40),
    "http": text("Host: a", "Via: 1.1 b", start="GET / HTTP/1.1"),
    "http answer": text("Via: 1.1 b", start="HTTP/1.1 200 OK"),
    "ssdp": text("HOST: 239.255.255.250:1900", start="M-SEARCH * HTTP/1.1"),
    "ssdp notify": text("HOST: 239.255.255.250:1900", start="NOTIFY * HTTP/1.1"),
    "rtsp": text(*HEAD, start="OPTIONS rtsp://192.0.2.1/ RTSP/1.0"),
    "rtsp answer": text("CSeq: 1", start="RTSP/1.0 200 OK"),
    "icy": text(start="ICY 200 OK"),
    "no version": text(*HEAD, start="OPTIONS sip:100@192.0.2.1"),
    "no uri": text(*HEAD, start="OPTIONS SIP/2.0"),
    "no method": text(*HEAD, start="sip:100@192.0.2.1 SIP/2.0"),
    "no status": text(*HEAD, start="SIP/2.0 OK"),
    "version glued": text(*HEAD, start="OPTIONS sip:aSIP/2.0"),
    "a word behind": text(*HEAD, start=START + " please"),
    "one line": START.encode(),
    "method of blanks": b" " * 200 + b"sip:a SIP/2.0\r\nVia: a\r\n\r\n",
    "method of other letters": "ÄÖ sip:a SIP/2.0\r\nVia: a\r\n\r\n".encode("latin-1"),
    "binary": b"\x80" + sound(),
    "binary in the method": b"OPT\x00IONS sip:a SIP/2.0\r\n\r\n",
    "mime": b"Content-Type: message/sip\r\n\r\n" + sound(),
}


@pytest.mark.parametrize("octets", NOT_SIP.values(), ids=NOT_SIP)
def test_what_is_no_sip(octets: bytes) -> None:
    assert read_message(octets) is None


def test_prose_about_sip_is_no_message() -> None:
    """A line may read like a start line; then a header must be known, or the port."""
    prose = b"see sip:100@192.0.2.1 SIP/2.0\r\nfor more: ask\r\n\r\n"
    assert read_message(prose, port=40000) is None
    assert anomalies(row_of(prose, port=5060)) >= {"NO_VIA", "NO_FROM", "NO_TO"}


@pytest.mark.parametrize("port", [1, 80, 5059, 5100, 40000, 65535])
def test_sip_is_known_by_content_on_any_port(port: int) -> None:
    assert row_of(sound(), port)["method"] == columns.M_OPTIONS
    assert read_message(text("X: y"), port) is None


@pytest.mark.parametrize("port", [5060, 5061, 5080, 5099])
def test_start_line_alone_is_enough_on_ports_of_sip(port: int) -> None:
    assert row_of(text(), port)["method"] == columns.M_OPTIONS


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq", "v", "f", "t", "i"])
def test_one_header_of_every_message_is_enough(name: str) -> None:
    assert row_of(text(f"{name}: x"), port=9)["header_count"] == 1


def test_junk_before_the_start_line_is_passed_over_to_a_bound() -> None:
    for junk in (b"\r\n", b"\r\n\r\n", b"\0\0\0\0", b" \t", b"\n" * (MAX_JUNK - 1)):
        row = row_of(junk + sound())
        assert anomalies(row) == {"JUNK_BEFORE_START"}
        assert row["message"] == sound()
    assert read_message(b"\n" * (MAX_JUNK + 1) + sound()) is None


def test_start_line_may_be_very_long_to_a_bound() -> None:
    long = "sip:" + "a" * (MAX_START_LINE - 30)
    assert row_of(sound(start=f"OPTIONS {long} SIP/2.0"))["uri"] == long.encode()
    endless = "sip:" + "a" * MAX_START_LINE
    assert read_message(sound(start=f"OPTIONS {endless} SIP/2.0")) is None


# -- header names ----------------------------------------------------------------------------

FORMS = {
    "via": ("Via", "VIA", "vIa", "v", "V"), "from": ("From", "FROM", "f", "F"),
    "to": ("To", "TO", "tO", "t", "T"), "call_id": ("Call-ID", "Call-Id", "CALL-ID", "i", "I"),
    "cseq": ("CSeq", "CSEQ", "cseq"), "contact": ("Contact", "CONTACT", "m", "M"),
    "user_agent": ("User-Agent", "user-agent", "Server", "SERVER"),
    "content_type": ("Content-Type", "content-TYPE", "c", "C"),
    "auth": ("Authorization", "AUTHORIZATION", "Proxy-Authorization", "proxy-authorization"),
    "challenge": ("WWW-Authenticate", "www-authenticate", "Proxy-Authenticate",
                  "PROXY-AUTHENTICATE"),
}  # fmt: skip
NAMES = [(column, name) for column, names in FORMS.items() for name in names]


@pytest.mark.parametrize(("column", "name"), NAMES)
def test_names_in_every_form_and_case(column: str, name: str) -> None:
    for colon in (":", " :", "\t:", "   \t :"):
        for blank in ("", " ", "\t", "     "):
            row = row_of(text(f"{name}{colon}{blank}value one{blank}"))
            assert row[column] == b"value one"


@pytest.mark.parametrize(
    ("column", "name"),
    [("max_forwards", "Max-Forwards"), ("max_forwards", "MAX-FORWARDS"), ("expires", "Expires"),
     ("expires", "eXPIRES"), ("content_length", "Content-Length"), ("content_length", "l"),
     ("content_length", "CONTENT-LENGTH"), ("content_length", "L")],
)  # fmt: skip
def test_names_of_numbers(column: str, name: str) -> None:
    for colon in (":", " : ", "\t:\t"):
        assert row_of(text(f"{name}{colon}7"))[column] == 7


@pytest.mark.parametrize(
    "name",
    ["Vi", "Vias", "Viaa", "Frm", "Too", "Call-IDs", "Call", "CSeqq", "Contacts", "User-Agen",
     "User-Agents", "Content-Typ", "Content-Lengt", "Content-Lengths", "Proxy-Authorizatio",
     "Proxy-Authorizations", "Proxy-Authenticates", "WWW-Authenticated", "Max-Forward", "b", "k",
     "", "X-Via", "Content-Length-Of-The-Body", "x" * 300],
)  # fmt: skip
def test_names_that_only_begin_alike_are_others(name: str) -> None:
    row = row_of(sound(f"{name}: 12345 other"))
    assert {value for value in row.values() if isinstance(value, bytes) and b"other" in value} == {
        row["message"]
    }
    assert row["content_length"] == 0
    assert anomalies(row) == set()


def test_values_may_hold_colons() -> None:
    row = row_of(text("Via:a:b", "Call-ID: x:y:z", "a-name-of-more-than-24-octets: p:q"))
    assert (row["via"], row["call_id"], row["header_count"]) == (b"a:b", b"x:y:z", 3)


# -- lines -----------------------------------------------------------------------------------

FOLDED = {
    "in the value": ("Contact: <sip:a>;\r\n expires=5", b"<sip:a>;\r\n expires=5"),
    "by tabs": ("Contact: <sip:a>\r\n\t;x", b"<sip:a>\r\n\t;x"),
    "twice": ("Contact: a\r\n b\r\n  c", b"a\r\n b\r\n  c"),
    "before the value": ("Contact:\r\n <sip:a>", b"<sip:a>"),
    "before the value, twice": ("Contact:  \r\n \r\n \t<sip:a>", b"<sip:a>"),
    "at its end": ("Contact: <sip:a>\r\n  ", b"<sip:a>"),
    "blanks behind": ("Contact: a\r\n b  ", b"a\r\n b"),
    "bare": ("Contact: a\n b", b"a\n b"),
}


@pytest.mark.parametrize(("lines", "value"), FOLDED.values(), ids=FOLDED)
def test_folded_values_are_one_value(lines: str, value: bytes) -> None:
    row = row_of(sound(lines))
    assert row["contact"] == value
    assert row["header_count"] == len(HEAD) + 1
    assert anomalies(row) <= {"BARE_LF"}


def test_continuation_belongs_to_the_header_before_even_if_unknown() -> None:
    row = row_of(sound("Contact: a", "X-Other: b", " Contact: c"))
    assert row["contact"] == b"a"
    row = row_of(sound(" Contact: c"))
    assert row["contact"] == b""


def test_bare_line_feeds_end_lines() -> None:
    row = row_of(text(*HEAD, end="\n"))
    assert row["call_id"] == b"one@203.0.113.7"
    assert anomalies(row) == {"BARE_LF"}
    assert anomalies(row_of(sound().replace(b"70\r\n", b"70\n"))) == {"BARE_LF"}
    assert anomalies(row_of(sound().replace(b"SIP/2.0\r\n", b"SIP/2.0\n", 1))) == {"BARE_LF"}


def test_carriage_returns_alone_end_nothing() -> None:
    row = row_of(text("Via: a\rContact: b", *HEAD[2:]))
    assert (row["via"], row["contact"]) == (b"a\rContact: b", b"")


def test_line_without_a_colon_is_passed_over() -> None:
    row = row_of(sound("no header at all"))
    assert anomalies(row) == {"LINE_WITHOUT_COLON"}
    assert row["call_id"] == b"one@203.0.113.7"


def test_head_that_does_not_end() -> None:
    octets = sound().removesuffix(b"\r\n")
    row = row_of(octets)
    assert anomalies(row) == {"HEAD_NOT_ENDED"}
    assert (row["body_length"], row["message"]) == (0, octets)
    assert row_of(octets.removesuffix(b"\r\n"))["content_length"] == 0


def test_every_prefix_of_a_message_is_a_message_or_none() -> None:
    for octets in (REGISTER, CHALLENGE):
        for end in range(len(octets)):
            row = read_message(octets[:end])
            assert row is None or bytes(row["message"]) == octets[:end][: int(row["text_length"])]


def test_more_headers_than_anyone_sends() -> None:
    fits = text(*HEAD, *["X: y"] * (MAX_HEADERS - len(HEAD)))
    assert row_of(fits)["header_count"] == MAX_HEADERS
    assert anomalies(row_of(fits)) == set()
    row = row_of(text(*["X: y"] * MAX_HEADERS, *HEAD))
    assert anomalies(row) == {"TOO_MANY_HEADERS"}
    assert row["call_id"] == b"one@203.0.113.7"


def test_head_longer_than_anyone_sends() -> None:
    row = row_of(text("X: " + "y" * MAX_HEAD, *HEAD))
    assert anomalies(row) == {"HEAD_TOO_LONG"}
    assert row["call_id"] == b"one@203.0.113.7"


# -- headers that are there twice, or not ----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "anomaly"),
    [("Via", "NO_VIA"), ("From", "NO_FROM"), ("To", "NO_TO"), ("Call-ID", "NO_CALL_ID"),
     ("CSeq", "NO_CSEQ"), ("Max-Forwards", "NO_MAX_FORWARDS")],
)  # fmt: skip
def test_missing_header_is_named(name: str, anomaly: str) -> None:
    assert anomalies(row_of(replaced(name))) == {anomaly}


def test_response_needs_no_max_forwards() -> None:
    assert anomalies(row_of(replaced("Max-Forwards", start="SIP/2.0 200 OK"))) == set()


@pytest.mark.parametrize(
    ("column", "name"),
    [("from", "From"), ("to", "To"), ("call_id", "Call-ID"), ("cseq", "CSeq"),
     ("content_type", "Content-Type")],
)  # fmt: skip
def test_first_of_headers_that_may_stand_once(column: str, name: str) -> None:
    row = row_of(sound(f"{name}: 7 OPTIONS", f"{name}: 8 INFO"))
    assert row[column] == b"7 OPTIONS"
    assert anomalies(row) == {"REPEATED_SINGLE_HEADER"}


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("content_length", "Content-Length"),
        ("max_forwards", "Max-Forwards"),
        ("expires", "Expires"),
    ],
)
def test_first_of_numbers_that_may_stand_once(column: str, name: str) -> None:
    row = row_of(text(f"{name}: 1", f"{name}: 3", *HEAD[2:6], body="abc"))
    assert row[column] == 1
    assert "REPEATED_SINGLE_HEADER" in anomalies(row)


@pytest.mark.parametrize(
    ("column", "name"),
    [("via", "Via"), ("contact", "Contact"), ("user_agent", "Server"), ("auth", "Authorization"),
     ("challenge", "WWW-Authenticate")],
)  # fmt: skip
def test_first_of_headers_that_may_stand_often(column: str, name: str) -> None:
    row = row_of(sound(f"{name}: first", f"{name}: second"))
    assert row[column] == b"first"
    assert anomalies(row) == set()


def test_empty_header_gives_way_to_one_that_says_something() -> None:
    assert row_of(sound("User-Agent:", "Server: b"))["user_agent"] == b"b"
    assert row_of(sound("Contact: ", "Contact: c"))["contact"] == b"c"


def test_credentials_of_either_kind_the_first_counts() -> None:
    row = row_of(
        sound("Proxy-Authorization: Digest username=a", "Authorization: Digest username=b")
    )
    assert row["auth_user"] == b"a"


# -- Content-Length --------------------------------------------------------------------------

LENGTHS = {
    # as written: (column, body octets used of five, anomalies)
    "5": (5, 5, set()),
    "0005": (5, 5, set()),
    "3": (3, 3, {"OCTETS_AFTER_BODY"}),
    "0": (0, 0, {"OCTETS_AFTER_BODY"}),
    "6": (6, 5, {"LENGTH_BEYOND_PACKET"}),
    "2147483647": (2147483647, 5, {"LENGTH_BEYOND_PACKET"}),
    "4294967296": (2147483647, 5, {"LENGTH_BEYOND_PACKET"}),
    "99999999999999999999999": (2147483647, 5, {"LENGTH_BEYOND_PACKET"}),
    "-1": (-1, 5, {"LENGTH_INVALID"}),
    "-999999999999": (-1, 5, {"LENGTH_INVALID"}),
    "+5": (-1, 5, {"LENGTH_INVALID"}),
    "5 5": (-1, 5, {"LENGTH_INVALID"}),
    "0x5": (-1, 5, {"LENGTH_INVALID"}),
    "five": (-1, 5, {"LENGTH_INVALID"}),
    "": (-1, 5, {"LENGTH_INVALID"}),
    "%s": (-1, 5, {"LENGTH_INVALID"}),
}


@pytest.mark.parametrize(("said", "wanted"), LENGTHS.items())
def test_content_length_lies(said: str, wanted: tuple[int, int, set[str]]) -> None:
    octets = text(*HEAD[:-1], f"Content-Length: {said}", body="abcde")
    row = row_of(octets)
    assert (row["content_length"], row["body_length"], anomalies(row)) == wanted
    assert row["message"] == octets[: len(octets) - 5 + int(row["body_length"])]


def test_without_content_length_all_is_body() -> None:
    row = row_of(text(*HEAD[:-1], body="abcde"))
    assert (row["content_length"], row["body_length"], anomalies(row)) == (-1, 5, set())


# -- numbers ---------------------------------------------------------------------------------

CSEQS = {
    "1 OPTIONS": (1, columns.M_OPTIONS, set()),
    "0 OPTIONS": (0, columns.M_OPTIONS, set()),
    "0000000009 OPTIONS": (9, columns.M_OPTIONS, set()),
    "2147483646 OPTIONS": (2147483646, columns.M_OPTIONS, set()),
    "2147483648 OPTIONS": (2147483647, columns.M_OPTIONS, {"CSEQ_TOO_LARGE"}),
    "36893488147419103232 OPTIONS": (2147483647, columns.M_OPTIONS, {"CSEQ_TOO_LARGE"}),
    "1\r\n OPTIONS": (1, columns.M_OPTIONS, set()),
    "1   OPTIONS": (1, columns.M_OPTIONS, set()),
    "1 INVITE": (1, columns.M_INVITE, {"CSEQ_METHOD_MISMATCH"}),
    "1 options": (1, columns.M_OTHER, {"CSEQ_METHOD_MISMATCH"}),
    "1": (1, 0, {"CSEQ_INVALID"}),
    "": (-1, 0, {"CSEQ_INVALID"}),
    "OPTIONS": (-1, 0, {"CSEQ_INVALID"}),
    "-1 OPTIONS": (-1, columns.M_OPTIONS, {"CSEQ_INVALID"}),
    "1.5 OPTIONS": (-1, columns.M_OPTIONS, {"CSEQ_INVALID"}),
    "OPTIONS 1": (-1, columns.M_OTHER, {"CSEQ_INVALID", "CSEQ_METHOD_MISMATCH"}),
}


@pytest.mark.parametrize(("said", "wanted"), CSEQS.items())
def test_cseq_lies(said: str, wanted: tuple[int, int, set[str]]) -> None:
    row = row_of(replaced("CSeq", f"CSeq: {said}"))
    assert (row["cseq_number"], row["cseq_method"], anomalies(row)) == wanted


@pytest.mark.parametrize(
    ("said", "number"),
    [("0", 0), ("70", 70), ("0070", 70), ("4294967295", 2147483647), ("9" * 40, 2147483647),
     ("", -2), ("-1", -2), ("7 0", -2), ("Thu, 01 Jan 2026", -2)],
)  # fmt: skip
def test_numbers_of_seconds_and_hops(said: str, number: int) -> None:
    row = row_of(sound(f"Expires: {said}"))
    assert row["expires"] == number
    assert row_of(replaced("Max-Forwards", f"Max-Forwards: {said}"))["max_forwards"] == number


# -- fingerprints ----------------------------------------------------------------------------


def test_order_of_headers_is_a_fingerprint() -> None:
    first = row_of(sound())["order_hash"]
    assert first == row_of(text(*HEAD[:-1], "Content-Length: 1"))["order_hash"]
    assert first != row_of(text(HEAD[1], HEAD[0], *HEAD[2:]))["order_hash"]
    assert first != row_of(text(*HEAD, "X: y"))["order_hash"]
    assert first != row_of(text(*HEAD[:-1], "l: 0"))["order_hash"]
    assert first != row_of(text(*HEAD[:-1], "content-length: 0"))["order_hash"]


def test_calls_are_known_by_a_hash() -> None:
    row = row_of(sound())
    assert row["call_hash"] == row_of(text("i: one@203.0.113.7"))["call_hash"] != 0
    assert row["call_hash"] != row_of(text("i: one@203.0.113.8"))["call_hash"]
    assert row_of(text("From: a"))["call_hash"] == 0


def test_hash_of_a_span_depends_on_all_of_its_octets() -> None:
    octets = bytearray(range(64))
    batch = Batch(octets, 1)
    seen = {span_hash(batch, o, e) for o in range(64) for e in range(o + 1, 65)}
    assert len(seen) == 64 * 65 // 2
    assert span_hash(batch, 5, 5) == 0
