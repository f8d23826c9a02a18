"""Inside header values: names, users, tags, Via, digest, SDP, as senders really write them."""

from __future__ import annotations

import pytest

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._parts import parts, parts_of
from ringfence.wire._sip import message
from ringfence.wire.table import MessageTable
from tests.wire_cases.reading import Row, read_message


def with_header(line: str, start: str = "OPTIONS sip:a SIP/2.0", body: str = "") -> Row:
    """The row of a message that has one header and a body."""
    row = read_message(f"{start}\r\n{line}\r\n\r\n{body}".encode())
    assert row is not None
    return row


def columns_of(row: Row, *names: str) -> tuple[int | bytes, ...]:
    return tuple(row[name] for name in names)


# -- From and To -----------------------------------------------------------------------------

ADDRESSES = {
    # written: (display name, user, host, tag)
    "<sip:200@192.0.2.1>;tag=a": ("", "200", "192.0.2.1", "a"),
    "sip:200@192.0.2.1;tag=a": ("", "200", "192.0.2.1", "a"),
    "sip:192.0.2.1": ("", "", "192.0.2.1", ""),
    "sip:192.0.2.1;tag=a": ("", "", "192.0.2.1", "a"),
    "<sip:192.0.2.1:5060;lr>;tag=a": ("", "", "192.0.2.1", "a"),
    "sips:200@pbx.example.com:5061;tag=a": ("", "200", "pbx.example.com", "a"),
    '"Bob" <sip:200@h>;tag=a': ("Bob", "200", "h", "a"),
    '"Bob"<sip:200@h>;tag=a': ("Bob", "200", "h", "a"),
    '"" <sip:200@h>;tag=a': ("", "200", "h", "a"),
    "Bob <sip:200@h>;tag=a": ("Bob", "200", "h", "a"),
    "Bob  B.  <sip:200@h>;tag=a": ("Bob  B.", "200", "h", "a"),
    "Bob<sip:200@h>;tag=a": ("Bob", "200", "h", "a"),
    # quotes that hide what looks like the end
    '"a <sip:evil@x>;tag=no" <sip:200@h>;tag=a': ("a <sip:evil@x>;tag=no", "200", "h", "a"),
    '"a \\" b" <sip:200@h>;tag=a': ('a \\" b', "200", "h", "a"),
    '"a \\\\" <sip:200@h>;tag=a': ("a \\\\", "200", "h", "a"),
    '"J Rosenberg \\\\\\"" <sip:200@h>;tag=a': ('J Rosenberg \\\\\\"', "200", "h", "a"),
    '"Größe" <sip:200@h>;tag=a': ("Größe", "200", "h", "a"),
    # parameters of the URI are not those of the header
    "<sip:200@h;tag=no;user=phone>;tag=a": ("", "200", "h", "a"),
    "<sip:200;ext=3@h;transport=tcp?x=y>;tag=a": ("", "200;ext=3", "h", "a"),
    "<sip:200:secret@h>;tag=a": ("", "200", "h", "a"),
    "<sip:200@h?Subject=a;tag=no>;x;tag=a": ("", "200", "h", "a"),
    "<sip:+1-555-0100;phone-context=example.com@h;user=phone>;tag=a": (
        "", "+1-555-0100;phone-context=example.com", "h", "a"),
    # tags
    "<sip:200@h>;TAG=a": ("", "200", "h", "a"),
    "<sip:200@h> ; tag = a ": ("", "200", "h", "a"),
    "<sip:200@h>;\r\n tag\r\n =\r\n a": ("", "200", "h", "a"),
    "<sip:200@h>;x=y;tag=a;z": ("", "200", "h", "a"),
    "<sip:200@h>;tags=no;tag=a": ("", "200", "h", "a"),
    "<sip:200@h>;atag=no": ("", "200", "h", ""),
    "<sip:200@h>;tag": ("", "200", "h", ""),
    "<sip:200@h>;tag=": ("", "200", "h", ""),
    "<sip:200@h>;tag=;x": ("", "200", "h", ""),
    "<sip:200@h>;;;tag=a": ("", "200", "h", "a"),
    "<sip:200@h>;tag=a;tag=b": ("", "200", "h", "a"),
    # IPv6
    "<sip:200@[2001:db8::1]:5060>;tag=a": ("", "200", "2001:db8::1", "a"),
    "<sip:[2001:db8::1]>;tag=a": ("", "", "2001:db8::1", "a"),
    "sip:200@[2001:db8::1];tag=a": ("", "200", "2001:db8::1", "a"),
    "<sip:200@[::ffff:192.0.2.1]>": ("", "200", "::ffff:192.0.2.1", ""),
    "<sip:200@[2001:db8::1>": ("", "200", "2001:db8::1", ""),
    # other schemes
    "<tel:+15550100>;tag=a": ("", "+15550100", "", "a"),
    "<TEL:+1-555-0100;phone-context=x>;tag=a": ("", "+1-555-0100", "", "a"),
    "tel:+15550100;tag=a": ("", "+15550100", "", "a"),
    "<urn:service:sos>;tag=a": ("", "", "service", "a"),
    "<http://h/200>;tag=a": ("", "", "//h/200", "a"),
    "200@h;tag=a": ("", "200", "h", "a"),
    "<200@h>;tag=a": ("", "200", "h", "a"),
    "h;tag=a": ("", "", "h", "a"),
    # escapes stay as they were written
    "<sip:%61lice@h>;tag=a": ("", "%61lice", "h", "a"),
    "<sip:null-%00-null@h>;tag=a": ("", "null-%00-null", "h", "a"),
    "<sip:@h>;tag=a": ("", "", "h", "a"),
    # broken
    "": ("", "", "", ""),
    "   ": ("", "", "", ""),
    "<": ("", "", "", ""),
    "<>": ("", "", "", ""),
    ">": ("", "", "", ""),
    "<sip:200@h": ("", "200", "h", ""),
    "<sip:200@h;tag=a": ("", "200", "h", ""),
    '"Bob <sip:200@h>;tag=a': ("Bob <sip:200@h>;tag=a", "200", "h", "a"),
    '"': ("", "", '"', ""),
    ";tag=a": ("", "", "", "a"),
    "< sip:200@h >;tag=a": ("", "200", "h", "a"),
    "<sip: 200@h>;tag=a": ("", " 200", "h", "a"),
    "<sip:a@b@c>;tag=a": ("", "a", "b@c", "a"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "wanted"), ADDRESSES.items(), ids=range(len(ADDRESSES)))
@pytest.mark.parametrize("side", ["from", "to"])
def test_addresses(side: str, written: str, wanted: tuple[str, str, str, str]) -> None:
    row = with_header(f"{side}: {written}")
    names = (f"{side}_display", f"{side}_user", f"{side}_host", f"{side}_tag")
    assert columns_of(row, *names) == tuple(text.encode() for text in wanted)


def test_from_and_to_are_told_apart() -> None:
    row = with_header('f: "A" <sip:1@a>;tag=x\r\nt: "B" <sip:2@b>;tag=y')
    assert columns_of(row, "from_display", "from_user", "from_host", "from_tag") == (
        b"A", b"1", b"a", b"x")  # fmt: skip
    assert columns_of(row, "to_display", "to_user", "to_host", "to_tag") == (
        b"B", b"2", b"b", b"y")  # fmt: skip


# -- request-URI -----------------------------------------------------------------------------

URIS = {
    "sip:100@192.0.2.1": ("100", "192.0.2.1"),
    "sip:192.0.2.1:5060": ("", "192.0.2.1"),
    "sip:00441632960000@192.0.2.1:5060;transport=UDP": ("00441632960000", "192.0.2.1"),
    "sip:100@[2001:db8::1]:5060": ("100", "2001:db8::1"),
    "sip:[2001:db8::1]": ("", "2001:db8::1"),
    "SIPS:100@h": ("100", "h"),
    "tel:+442079460000": ("+442079460000", ""),
    "tel:7042;phone-context=example.com": ("7042", ""),
    "<sip:100@h>": ("100", "h"),
    "sip:100%40example.com@h": ("100%40example.com", "h"),
    "sip:100@h?Route=<sip:x@y>": ("100", "h"),
    "sip:@127.0.0.1": ("", "127.0.0.1"),
    "*": ("", "*"),
    "sip:": ("", "sip"),
    "100@h": ("100", "h"),
    "::::": ("", ""),
}


@pytest.mark.parametrize(("uri", "wanted"), URIS.items())
def test_request_uris(uri: str, wanted: tuple[str, str]) -> None:
    row = with_header("To: a", start=f"INVITE {uri} SIP/2.0")
    assert columns_of(row, "uri_user", "uri_host") == tuple(text.encode() for text in wanted)


# -- Via -------------------------------------------------------------------------------------

VIAS = {
    # written: (host, branch, received, rport)
    "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1": ("192.0.2.7", "z9hG4bK1", "", 0),
    "SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1;rport": ("192.0.2.7", "z9hG4bK1", "", 0),
    "SIP/2.0/TLS pbx.example.com;BRANCH=z9;RPORT=1": ("pbx.example.com", "z9", "", 1),
    "SIP/2.0/UDP h;rport=40001;received=198.51.100.9;branch=b": ("h", "b", "198.51.100.9", 40001),
    "SIP/2.0/UDP [2001:db8::7]:5060;received=2001:db8::9;branch=b": (
        "2001:db8::7", "b", "2001:db8::9", 0),
    "SIP/2.0/UDP h ; branch = b ; rport = 7 ; received = r": ("h", "b", "r", 7),
    "SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw": ("192.0.2.2", "390skdjuw", "", 0),
    "SIP  / 2.0  / TCP   spindle.example.com   ;\r\n branch  =   z9hG4bK9ikj8  ,\r\n SIP/2.0/UDP x":
        ("spindle.example.com", "z9hG4bK9ikj8", "", 0),
    "SIP/2.0/UDP\t192.0.2.7": ("192.0.2.7", "", "", 0),
    "SIP/2.0/UDP h;ttl=1;maddr=224.2.0.1;x;branch=b": ("h", "b", "", 0),
    # only the top one of several in a line
    "SIP/2.0/UDP one;branch=1,SIP/2.0/UDP two;branch=2;rport=9": ("one", "1", "", 0),
    "SIP/2.0/UDP one, SIP/2.0/UDP two;branch=2": ("one", "", "", 0),
    # names that only begin alike
    "SIP/2.0/UDP h;branches=no;xbranch=no;receive=no;receivedby=no;rports=9": ("h", "", "", 0),
    # ports that are none
    "SIP/2.0/UDP h;rport=65535": ("h", "", "", 65535),
    "SIP/2.0/UDP h;rport=65536": ("h", "", "", 0),
    "SIP/2.0/UDP h;rport=-1": ("h", "", "", 0),
    "SIP/2.0/UDP h;rport=4294967297": ("h", "", "", 0),
    "SIP/2.0/UDP h;rport=00080": ("h", "", "", 80),
    "SIP/2.0/UDP h;rport=": ("h", "", "", 0),
    # the last of repeated parameters
    "SIP/2.0/UDP h;branch=1;branch=2": ("h", "2", "", 0),
    # broken
    "SIP/2.0/UDP": ("", "", "", 0),
    "SIP/2.0/UDP ;branch=b": ("", "b", "", 0),
    "SIP/2.0/UDP h;branch": ("h", "", "", 0),
    "SIP/2.0/UDP h;branch=": ("h", "", "", 0),
    "SIP/2.0/UDP h;;;=;branch=b": ("h", "b", "", 0),
    "SIP/2.0/UDP [2001:db8::7": ("2001:db8::7", "", "", 0),
    "/": ("", "", "", 0),
    "////": ("", "", "", 0),
    ",": ("", "", "", 0),
}  # fmt: skip


@pytest.mark.parametrize(("written", "wanted"), VIAS.items(), ids=range(len(VIAS)))
def test_vias(written: str, wanted: tuple[str, str, str, int]) -> None:
    row = with_header(f"Via: {written}")
    host, branch, received, rport = wanted
    assert columns_of(row, "via_host", "via_branch", "via_received", "rport") == (
        host.encode(), branch.encode(), received.encode(), rport)  # fmt: skip


# -- digest ----------------------------------------------------------------------------------

AUTH = ("auth_user", "auth_realm", "auth_nonce", "auth_uri", "auth_response", "auth_algorithm")
CREDENTIALS = {
    'Digest username="200",realm="r",nonce="n",uri="sip:h",response="f00d",algorithm=MD5':
        ("200", "r", "n", "sip:h", "f00d", "MD5"),
    'Digest username = "200" , realm = "r"\r\n ,\tnonce="n"  ,uri="sip:h",response="f00d"':
        ("200", "r", "n", "sip:h", "f00d", ""),
    "Digest username=200, realm=r, nonce=n, uri=sip:h, response=f00d, algorithm=SHA-256":
        ("200", "r", "n", "sip:h", "f00d", "SHA-256"),
    'digest USERNAME="200", REALM="r", Nonce="n", Uri="sip:h", rEsPoNsE="f00d"':
        ("200", "r", "n", "sip:h", "f00d", ""),
    # order, empty parts, unknown ones, names that only begin alike
    'Digest response="f00d",,, ,opaque="o",nonce="n",usernames="no",username="200",xrealm="no"':
        ("200", "", "n", "", "f00d", ""),
    'Digest nonces="no", algorithmX="no", algorithm=MD5-sess': ("", "", "", "", "", "MD5-sess"),
    # quotes: escapes, commas, equals signs and what looks like parameters inside
    'Digest username="a, nonce=\\"no\\"", nonce="n"': ('a, nonce=\\"no\\"', "", "n", "", "", ""),
    'Digest username="a\\\\", nonce="n"': ("a\\\\", "", "n", "", "", ""),
    'Digest username="=,=", nonce="=="': ("=,=", "", "==", "", "", ""),
    'Digest username="", realm="r"': ("", "r", "", "", "", ""),
    'Digest username="200"realm="r"nonce="n"': ("200", "r", "n", "", "", ""),
    # the first of repeated ones
    'Digest username="200", username="201"': ("200", "", "", "", "", ""),
    # broken
    "Digest": ("", "", "", "", "", ""),
    "Digest ": ("", "", "", "", "", ""),
    "Digest username": ("", "", "", "", "", ""),
    "Digest username=": ("", "", "", "", "", ""),
    'Digest username="200': ("200", "", "", "", "", ""),
    'Digest username="': ("", "", "", "", "", ""),
    'Digest username="200\\': ("200\\", "", "", "", "", ""),
    'Digest ="x",nonce="n"': ("", "", "n", "", "", ""),
    "Digest username nonce=n": ("", "", "n", "", "", ""),
    'Digest username="200";nonce="n"': ("200", "", "", "", "", ""),
    "Basic dXNlcjpwYXNz": ("", "", "", "", "", ""),
}  # fmt: skip


@pytest.mark.parametrize(("written", "wanted"), CREDENTIALS.items(), ids=range(len(CREDENTIALS)))
@pytest.mark.parametrize("name", ["Authorization", "Proxy-Authorization"])
def test_credentials(name: str, written: str, wanted: tuple[str, ...]) -> None:
    row = with_header(f"{name}: {written}")
    assert columns_of(row, *AUTH) == tuple(text.encode() for text in wanted)


COUNTS = {
    "nc=00000001": (1, 0), "nc=0000002A": (42, 0), "nc=ffffffff": (-1, 0),
    "nc=0fffffff": (2**28 - 1, 0),
    "nc=00000000000001": (1, 0), "nc=1": (1, 0), "nc=": (0, 0), "nc=xyz": (-1, 0),
    'nc="00000003"': (3, 0),
    "qop=auth": (0, 1), 'qop="auth"': (0, 1), "qop=AUTH": (0, 1), "qop=auth-int": (0, 2),
    "qop=": (0, 3),
    "qop=authentic": (0, 3), "qop=auth-integer": (0, 2), "ncx=5,qopx=auth": (0, 0),
}  # fmt: skip


@pytest.mark.parametrize(("written", "wanted"), COUNTS.items())
def test_nonce_count_and_quality(written: str, wanted: tuple[int, int]) -> None:
    row = with_header(f"Authorization: Digest {written}")
    assert columns_of(row, "auth_nc", "auth_qop") == wanted


@pytest.mark.parametrize("name", ["WWW-Authenticate", "Proxy-Authenticate"])
def test_challenges(name: str) -> None:
    row = with_header(f'{name}: Digest qop="auth", nonce="n,=", realm="the realm"')
    assert columns_of(row, "challenge_realm", "challenge_nonce") == (b"the realm", b"n,=")
    assert columns_of(row, "auth_realm", "auth_nonce") == (b"", b"")
    row = with_header(f'{name}: Digest realm="a", realm="b", nonce=1, nonce=2')
    assert columns_of(row, "challenge_realm", "challenge_nonce") == (b"a", b"1")


# -- session descriptions --------------------------------------------------------------------

BODIES = {
    # body: (address, port)
    "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/AVP 0\r\n": ("192.0.2.7", 4000),
    "v=0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.7\r\n": ("192.0.2.7", 4000),
    "v=0\nc=IN IP4 192.0.2.7\nm=audio 4000 RTP/AVP 0": ("192.0.2.7", 4000),
    "v=0\r\nc=IN IP6 2001:db8::7\r\nm=audio 65535 RTP/AVP 0\r\n": ("2001:db8::7", 65535),
    "v=0\r\nc=IN IP4 224.2.1.1/127/3\r\nm=audio 4000/2 RTP/AVP 0\r\n": ("224.2.1.1", 4000),
    "v=0\r\nc=IN IP4 a\r\nc=IN IP4 b\r\nm=audio 1 x\r\nm=video 2 x\r\n": ("a", 1),
    "v=0\r\nc=IN IP4 a\r\nm=audio 0 x\r\nm=video 2 x\r\n": ("a", 2),
    "v=0\r\nc=IN  IP4   a\r\nm=audio    7 x\r\n": ("a", 7),
    "v=0\r\nm=audio 65536 x\r\n": ("", 0),
    "v=0\r\nm=audio -1 x\r\n": ("", 0),
    "v=0\r\nm=audio 4294967297 x\r\n": ("", 0),
    "v=0\r\nc=\r\nm=\r\n": ("", 0),
    "v=0\r\nc=IN\r\nm=audio\r\n": ("", 0),
    "v=0\r\nc=IN IP4\r\nc=IN IP4 b\r\n": ("b", 0),
    "v=0\r\nac=IN IP4 no\r\na=c=IN IP4 no\r\n": ("", 0),
    "c=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/AVP 0\r\n": ("", 0),
    "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nc=IN IP4 a\r\n": ("", 0),
    "v=0\r\n": ("", 0),
    "v=0": ("", 0),
}


@pytest.mark.parametrize(("body", "wanted"), BODIES.items(), ids=range(len(BODIES)))
def test_session_descriptions(body: str, wanted: tuple[str, int]) -> None:
    row = with_header("To: a", body=body)
    assert columns_of(row, "sdp_address", "sdp_port") == (wanted[0].encode(), wanted[1])


def test_session_description_ends_with_the_body() -> None:
    """What stands behind Content-Length is nobody's address."""
    body = "v=0\r\nc=IN IP4 192.0.2.7\r\n"
    row = with_header(f"To: a\r\nContent-Length: {len(body) - 6}", body=body + "m=audio 9 x\r\n")
    assert columns_of(row, "sdp_address", "sdp_port") == (b"192.0", 0)


# -- rows ------------------------------------------------------------------------------------


def test_parts_of_some_rows_leave_the_others() -> None:
    octets = bytearray(b"OPTIONS sip:a SIP/2.0\r\nf: <sip:200@h>;tag=a\r\n\r\n")
    batch = Batch(octets, 3)
    for _ in range(3):
        assert message(batch, 0, len(octets)) == 1
    table = MessageTable(batch, octets)
    parts_of(batch, 1)
    assert [table.text(row, "from_user") for row in range(3)] == [b"", b"200", b""]
    parts(batch, 2, 3)
    assert [table.text(row, "from_user") for row in range(3)] == [b"", b"200", b"200"]


def test_filling_twice_changes_nothing() -> None:
    octets = bytearray(
        b'OPTIONS sip:1@a SIP/2.0\r\nf: "A" <sip:200@h>;tag=a\r\n'
        b"v: SIP/2.0/UDP h;branch=1;rport=5\r\n"
        b'Authorization: Digest username="u", nc=1, qop=auth\r\n\r\n'
        b"v=0\r\nc=IN IP4 a\r\nm=audio 7 x\r\n"
    )
    batch = Batch(octets, 1)
    assert message(batch, 0, len(octets)) == 1
    parts(batch, 0, 1)
    once = list(batch.slots)
    parts(batch, 0, 1)
    assert list(batch.slots) == once


def test_spans_lie_inside_of_the_value_that_they_are_of() -> None:
    for written in (*ADDRESSES, *VIAS, *CREDENTIALS):
        for name in ("f", "t", "v", "Authorization", "WWW-Authenticate"):
            octets = bytearray(f"OPTIONS sip:a SIP/2.0\r\n{name}: {written}".encode())
            batch = Batch(octets, 1)
            batch.source_port = 5060
            assert message(batch, 0, len(octets)) == 1
            parts(batch, 0, 1)
            for at in columns.SPANS.values():
                start, size = batch.slots[at], batch.slots[at + 1]
                assert 0 <= start <= start + size <= len(octets)
