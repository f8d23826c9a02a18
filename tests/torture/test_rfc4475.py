"""The 49 torture messages of RFC 4475: what each says, and exactly what is odd about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from ringfence.wire.address import decode_addresses
from ringfence.wire.anomaly import INFORMATIVE, NONE, Anomaly
from ringfence.wire.errors import WireError
from ringfence.wire.message import parse_message
from ringfence.wire.uri import unescape

if TYPE_CHECKING:
    from pathlib import Path

    from ringfence.model.message import Message


class Torture(Protocol):
    def __call__(self, name: str) -> Message: ...


@pytest.fixture
def folder(shared_data: Path) -> Path:
    path = shared_data / "torture" / "rfc4475"
    if not path.is_dir():
        pytest.skip(f"no messages of RFC 4475 at {path}")
    return path


@pytest.fixture
def torture(folder: Path) -> Torture:
    return lambda name: parse_message((folder / f"{name}.dat").read_bytes())


# 3.1.1: hard to read, and sound. What they carry is named; it must be INFORMATIVE.
VALID = {
    "wsinv": Anomaly.BRANCH_WITHOUT_COOKIE,  # "branch=390skdjuw": an RFC 2543 client
    "intmeth": NONE,
    "esc01": NONE,
    "escnull": Anomaly.URI_ESCAPED_NUL,  # sound, but what C code gets wrong
    "esc02": NONE,
    "lwsdisp": NONE,
    "longreq": Anomaly.BRANCH_WITHOUT_COOKIE,
    "dblreq": Anomaly.OCTETS_AFTER_BODY,  # the INVITE behind the REGISTER is to be ignored
    "semiuri": NONE,
    "transports": NONE,
    "mpart01": NONE,
    "unreason": NONE,
    "noreason": NONE,
}
# 3.1.2: what the grammar forbids.
INVALID = {
    "badinv01": Anomaly.SEPARATOR_EXTRA | Anomaly.BRANCH_WITHOUT_COOKIE,
    "clerr": Anomaly.LENGTH_BEYOND_PACKET,
    "ncl": Anomaly.LENGTH_INVALID,
    "scalar02": Anomaly.CSEQ_TOO_LARGE | Anomaly.MAX_FORWARDS_INVALID | Anomaly.EXPIRES_INVALID,
    "scalarlg": Anomaly.CSEQ_TOO_LARGE
    | Anomaly.RETRY_AFTER_INVALID
    | Anomaly.WARNING_INVALID
    | Anomaly.NO_TAG,
    "quotbal": Anomaly.QUOTE_NOT_CLOSED,
    "ltgtruri": Anomaly.REQUEST_URI_IN_BRACKETS | Anomaly.BRANCH_WITHOUT_COOKIE,
    "lwsruri": Anomaly.REQUEST_URI_WITH_BLANK,
    "lwsstart": Anomaly.START_LINE_SPACING,
    "trws": Anomaly.START_LINE_SPACING,
    "escruri": Anomaly.REQUEST_URI_HAS_HEADERS,
    "baddate": Anomaly.DATE_INVALID,
    "regbadct": Anomaly.ADDRESS_NEEDS_BRACKETS,
    "badaspec": Anomaly.ADDRESS_WITH_BLANK,
    # the copy in the RFC's archive has no empty line at its end either
    "baddn": Anomaly.DISPLAY_NAME_INVALID | Anomaly.HEAD_NOT_ENDED,
    "badvers": Anomaly.VERSION_UNKNOWN,
    "mismatch01": Anomaly.CSEQ_METHOD_MISMATCH,
    # its session description has neither s= nor t=
    "mismatch02": Anomaly.CSEQ_METHOD_MISMATCH | Anomaly.SDP_INVALID,
    "bigcode": Anomaly.STATUS_OUT_OF_RANGE,
}
# 3.2 to 3.4: understood, and yet not to be taken at its word.
DOUBTFUL = {
    "badbranch": Anomaly.BRANCH_EMPTY,
    "insuf": Anomaly.NO_CALL_ID
    | Anomaly.NO_FROM
    | Anomaly.NO_TO
    | Anomaly.NO_MAX_FORWARDS
    | Anomaly.NO_CONTACT,
    "unkscm": Anomaly.URI_SCHEME_UNKNOWN,
    "novelsc": Anomaly.URI_SCHEME_UNKNOWN,
    "unksm2": Anomaly.URI_SCHEME_UNKNOWN,
    "bext01": Anomaly.EXTENSION_UNKNOWN,
    "invut": Anomaly.MEDIA_TYPE_UNKNOWN,
    "regaut01": Anomaly.AUTH_SCHEME_UNKNOWN,
    "multi01": Anomaly.REPEATED_SINGLE_HEADER,
    "mcl01": Anomaly.REPEATED_SINGLE_HEADER | Anomaly.LENGTHS_DISAGREE | Anomaly.OCTETS_AFTER_BODY,
    "bcast": Anomaly.VIA_BROADCAST,
    "zeromf": NONE,
    "cparam01": NONE,
    "cparam02": NONE,
    "regescrt": NONE,
    "sdp01": Anomaly.MEDIA_TYPE_UNKNOWN,
    "inv2543": Anomaly.NO_MAX_FORWARDS
    | Anomaly.BRANCH_WITHOUT_COOKIE
    | Anomaly.NO_TAG
    | Anomaly.NO_CONTACT,
}
ALL = {**VALID, **INVALID, **DOUBTFUL}


@pytest.mark.parametrize("name", ALL)
def test_exactly_these_anomalies_are_named(torture: Torture, name: str) -> None:
    assert torture(name).anomalies == ALL[name]


def test_all_messages_are_in_the_table(folder: Path) -> None:
    assert len(ALL) == 49
    # test.dat lies in the RFC's archive, but in none of its sections
    assert {path.stem for path in folder.glob("*.dat")} == {*ALL, "test"}


@pytest.mark.parametrize("name", VALID)
def test_a_sound_message_carries_nothing_that_counts_against_it(name: str) -> None:
    assert VALID[name] & ~INFORMATIVE == NONE


@pytest.mark.parametrize("name", ALL)
def test_what_was_read_is_written_octet_for_octet(folder: Path, name: str) -> None:
    octets = (folder / f"{name}.dat").read_bytes()
    message = parse_message(octets)
    assert message.to_bytes() == octets
    for header in message.headers_in_order:
        assert octets[header.offset :].startswith(header.octets)


@pytest.mark.parametrize("name", ALL)
def test_a_message_cut_anywhere_is_read_as_far_as_it_goes(folder: Path, name: str) -> None:
    octets = (folder / f"{name}.dat").read_bytes()
    whole = parse_message(octets)
    first_line = len(whole.start_line)
    for size in range(first_line, len(octets)):
        message = parse_message(octets[:size])
        assert message.to_bytes() == octets[:size]
        assert (message.method, message.status) == (whole.method, whole.status)


@pytest.mark.parametrize("name", ALL)
def test_octets_behind_a_message_change_no_header(folder: Path, name: str) -> None:
    octets = (folder / f"{name}.dat").read_bytes()
    message = parse_message(octets)
    if message.empty_line:
        longer = parse_message(octets + b'\x00\xff<">;,:\r\n\r\nINVITE sip:x@y SIP/2.0\r\n')
        assert longer.headers_in_order == message.headers_in_order
        assert longer.to_bytes().startswith(octets)


def test_a_start_line_without_version_is_not_sip(folder: Path) -> None:
    with pytest.raises(WireError, match="no SIP version"):
        parse_message((folder / "test.dat").read_bytes())


# -- 3.1.1 valid messages -----------------------------------------------------------------


def test_blanks_and_folds_wherever_they_may_stand(torture: Torture) -> None:  # 3.1.1.1
    message = torture("wsinv")
    assert message.method == b"INVITE"
    assert message.request_uri is not None
    assert message.request_uri.text == b"sip:vivekg@chair-dnrc.example.com;unknownparam"
    assert message.request_uri.user == b"vivekg"
    assert message.request_uri.host == b"chair-dnrc.example.com"
    assert message.request_uri.params.items == ((b"unknownparam", None),)
    assert message.to is not None
    assert message.to.uri.text == b"sip:vivekg@chair-dnrc.example.com"
    assert message.to.tag == b"1918181833n"
    assert message.from_ is not None
    assert message.from_.display_name == rb"J Rosenberg \""
    assert message.from_.uri.text == b"sip:jdrosen@example.com"
    assert message.from_.tag == b"98asjd8"
    assert message.max_forwards == 68
    assert message.call_id == b"wsinv.ndaksdj@192.0.2.1"
    assert message.content_length == 150
    assert message.cseq is not None
    assert (message.cseq.number, message.cseq.method) == (9, b"INVITE")
    assert [(v.protocol, v.transport, v.host, v.branch) for v in message.vias] == [
        (b"SIP/2.0", b"UDP", b"192.0.2.2", b"390skdjuw"),
        (b"SIP/2.0", b"TCP", b"spindle.example.com", b"z9hG4bK9ikj8"),
        (b"SIP/2.0", b"UDP", b"192.168.255.111", b"z9hG4bK30239"),
    ]
    assert message.header(b"Subject") == b""
    assert message.header(b"newfangledheader") == b"newfangled value continued newfangled value"
    assert message.header(b"UnknownHeaderWithUnusualValue") == b";;,,;;,;"
    assert message.content_type == b"application/sdp"
    (route,), notes = decode_addresses(message.header(b"Route") or b"")
    assert (route.uri.host, notes) == (b"services.example.com", NONE)
    assert route.uri.params.items == (
        (b"lr", None),
        (b"unknownwith", b"value"),
        (b"unknown-no-value", None),
    )
    (contact,) = message.contacts
    assert contact.display_name == b'Quoted string ""'
    assert contact.uri.text == b"sip:jdrosen@example.com"
    assert contact.params.items == (
        (b"newparam", b"newvalue"),
        (b"secondparam", None),
        (b"q", b"0.33"),
    )
    assert message.sdp is not None
    assert message.sdp.origin == b"mhandley 29739 7272939 IN IP4 192.0.2.3"
    assert message.sdp.address == b"192.0.2.4"


def test_every_octet_that_a_token_may_hold(torture: Torture) -> None:  # 3.1.1.2
    message = torture("intmeth")
    assert message.method == b"!interesting-Method0123456789_*+`.%indeed'~"
    user = b"1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert message.request_uri is not None
    assert message.request_uri.user == user
    assert message.request_uri.password == b"&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert message.request_uri.host == b"example.com"
    assert message.vias[0].host == b"host1.example.com"
    assert message.vias[0].branch == b"z9hG4bK-.!%66*_+`'~"
    assert message.to is not None
    assert message.to.display_name == b"BEL:\x07 NUL:\x00 DEL:\x7f"
    assert message.to.uri.user == user
    assert message.from_ is not None
    assert message.from_.display_name == b"token1~` token2'+_ token3*%!.-"
    assert message.from_.uri.text == b"sip:mundane@example.com"
    assert message.from_.params.get(b"fromParam''~+*_!.-%") == "работающий".encode()
    assert message.from_.tag == b"_token~1'+`*%!-."
    assert message.call_id == rb"""intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{"""
    assert message.cseq is not None
    assert (message.cseq.number, message.cseq.method) == (139122385, message.method)
    assert message.max_forwards == 255
    extension = message.header(b"extensionHeader-!.%*+_`'~")
    assert extension == "\ufeff大停電".encode()
    assert message.content_length == 0
    assert message.body == b""


def test_escapes_do_not_end_a_user(torture: Torture) -> None:  # 3.1.1.3
    message = torture("esc01")
    assert message.request_uri is not None
    assert message.request_uri.user == b"sips%3Auser%40example.com"
    assert unescape(message.request_uri.user) == b"sips:user@example.com"
    assert message.request_uri.host == b"example.net"
    assert message.to is not None
    assert unescape(message.to.uri.user or b"") == b"user"
    assert message.from_ is not None
    assert unescape(message.from_.uri.user or b"") == b"I have spaces"
    assert message.from_.tag == b"938"
    (contact,) = message.contacts
    assert contact.uri.host == b"host5.example.net"
    assert [(unescape(n), unescape(v or b"")) for n, v in contact.uri.params] == [
        (b"lr", b""),
        (b"name", b"value%41"),  # %25%34%31: once, not twice
    ]
    assert message.call_id == b"esc01.239409asdfakjkn23onasd0-3234"
    assert message.content_type == b"application/sdp"
    assert message.max_forwards == 87
    assert message.sdp is not None
    assert [medium.port for medium in message.sdp.media] == [49217, 3227]


def test_an_escaped_nul_does_not_end_a_user(torture: Torture) -> None:  # 3.1.1.4
    message = torture("escnull")
    assert message.to is not None
    assert message.to.uri.user == b"null-%00-null"
    assert message.to.uri.host == b"example.com"
    assert [unescape(c.uri.user or b"") for c in message.contacts] == [b"\0", b"\0\0"]
    assert message.from_ is not None
    assert message.from_.tag == b"839923423"
    assert message.cseq is not None
    assert message.cseq.number == 14398234


def test_percent_is_no_escape_where_none_is_allowed(torture: Torture) -> None:  # 3.1.1.5
    message = torture("esc02")
    assert message.method == b"RE%47IST%45R"
    assert message.cseq is not None
    assert message.cseq.method == b"RE%47IST%45R"
    assert message.to is not None
    assert message.to.display_name == b"%Z%45"
    assert message.vias[0].branch == b"z9hG4bK209%fzsnel234"
    assert message.vias[0].transport == b"TCP"
    # C%6Fntact is another header than Contact
    assert [c.uri.user for c in message.contacts] == [b"alias1", b"alias3"]
    assert message.header(b"C%6Fntact") == b"<sip:alias2@host2.example.com>"


def test_no_blank_before_the_bracket(torture: Torture) -> None:  # 3.1.1.6
    from_ = torture("lwsdisp").from_
    assert from_ is not None
    assert (from_.display_name, from_.uri.user, from_.tag) == (b"caller", b"caller", b"323")


def test_values_of_any_length_are_read_whole(torture: Torture) -> None:  # 3.1.1.7
    message = torture("longreq")
    assert len(message.vias) == 34
    assert message.vias[0].host == b"sip33.example.com"
    assert message.vias[33].host == b"host.example.com"
    assert message.vias[33].received == b"192.0.2.5"
    assert message.vias[33].branch is not None
    assert message.vias[33].branch.endswith(b"longbranchvalue")
    assert {via.transport for via in message.vias} == {b"TCP"}
    assert message.to is not None
    assert message.to.display_name.startswith(b"I have a user name of extreme")
    assert message.to.uri.port == 6000
    assert len(message.to.uri.params) == 3
    assert message.from_ is not None
    assert message.from_.uri.user == b"amazinglylongcallername" * 5
    assert message.from_.tag == b"1" + 50 * b"298" + b"2424"
    assert len(message.from_.params) == 3
    assert message.call_id is not None
    assert message.call_id.endswith(b"reallylongcallid")
    assert message.sdp is not None


def test_a_second_request_in_the_datagram_is_no_part_of_the_first(
    torture: Torture,
) -> None:  # 3.1.1.8
    message = torture("dblreq")
    assert message.method == b"REGISTER"
    assert message.call_id == b"dblreq.0ha0isndaksdj99sdfafnl3lk233412"
    assert message.body == b""
    assert message.surplus.startswith(b"\r\nINVITE sip:joe@example.com SIP/2.0\r\n")
    second = parse_message(message.surplus)
    assert second.method == b"INVITE"
    assert second.call_id == b"dblreq.0ha0isnda977644900765@192.0.2.15"
    assert second.anomalies & Anomaly.SDP_INVALID  # "m =video"


def test_a_user_may_hold_semicolons(torture: Torture) -> None:  # 3.1.1.9
    message = torture("semiuri")
    assert message.request_uri is not None
    assert message.request_uri.user == b"user;par=u%40example.net"
    assert message.request_uri.host == b"example.com"
    assert len(message.request_uri.params) == 0
    assert (message.header(b"Accept") or b"").count(b",") == 5


def test_any_transport_may_stand_in_via(torture: Torture) -> None:  # 3.1.1.10
    vias = torture("transports").vias
    assert [via.transport for via in vias] == [b"UDP", b"SCTP", b"TLS", b"UNKNOWN", b"TCP"]
    assert [via.host for via in vias] == [b"t%d.example.com" % n for n in range(1, 6)]


def test_a_body_of_several_parts_with_any_octets(torture: Torture) -> None:  # 3.1.1.11
    message = torture("mpart01")
    assert message.method == b"MESSAGE"
    assert message.content_type == b"multipart/mixed"
    assert message.content_length == len(message.body) == 553
    assert message.body.startswith(b"--7a9cbec02ceef655\r\n")
    assert message.body.endswith(b"--7a9cbec02ceef655--\r\n")
    assert message.user_agent == b"SIPimp.org/0.2.5 (curses)"
    assert b"rport" in message.vias[0].params
    assert message.vias[0].rport is None
    assert message.vias[0].port == 5070
    assert message.sdp is None
    assert message.header(b"date") == b"Sat, 15 Oct 2005 04:44:56 GMT"


def test_a_reason_in_any_language(torture: Torture) -> None:  # 3.1.1.12
    message = torture("unreason")
    assert message.status == 200
    assert message.reason.decode() == "= 2**3 * 5**2 но сто девяносто девять - простое"
    assert message.sdp is not None
    assert message.sdp.address == b"192.0.2.198"


def test_a_reason_may_be_empty(torture: Torture) -> None:  # 3.1.1.13
    message = torture("noreason")
    assert (message.status, message.reason) == (100, b"")
    assert message.method == b""
    assert message.cseq is not None
    assert (message.cseq.number, message.cseq.method) == (35, b"INVITE")


# -- 3.1.2 invalid messages: what can still be read ----------------------------------------


def test_extra_separators_leave_the_values(torture: Torture) -> None:  # 3.1.2.1
    message = torture("badinv01")
    assert [via.host for via in message.vias] == [b"192.0.2.15"]
    assert [(c.display_name, c.uri.user) for c in message.contacts] == [(b"Joe", b"joe")]


def test_a_length_beyond_the_packet_takes_what_is_there(torture: Torture) -> None:  # 3.1.2.2
    message = torture("clerr")
    assert (message.content_length, len(message.body)) == (9999, 154)
    assert message.sdp is not None


def test_a_negative_length_is_no_length(torture: Torture) -> None:  # 3.1.2.3
    message = torture("ncl")
    assert (message.content_length, len(message.body)) == (None, 152)


def test_numbers_without_end(torture: Torture) -> None:  # 3.1.2.4, 3.1.2.5
    message = torture("scalar02")
    assert message.cseq is not None
    assert message.cseq.number == 36893488147419103232
    assert message.max_forwards == 300
    assert message.expires == 10**20 - 1
    assert message.contacts[0].params.get(b"expires") == b"280297596632815"
    assert torture("scalarlg").status == 503


def test_a_quote_that_never_ends_hides_no_uri(torture: Torture) -> None:  # 3.1.2.6
    to = torture("quotbal").to
    assert to is not None
    assert (to.display_name, to.uri.user) == (b"Mr. J. User", b"j.user")


@pytest.mark.parametrize(
    ("name", "user", "host"),
    [
        ("ltgtruri", b"user", b"example.com"),  # 3.1.2.7
        ("lwsruri", b"user", b"example.com"),  # 3.1.2.8
        ("lwsstart", b"user", b"example.com"),  # 3.1.2.9
        ("trws", b"remote-target", b"example.com"),  # 3.1.2.10
        ("escruri", b"user", b"example.com"),  # 3.1.2.11
    ],
)
def test_a_request_uri_is_found_in_spite_of_its_surroundings(
    torture: Torture, name: str, user: bytes, host: bytes
) -> None:
    uri = torture(name).request_uri
    assert uri is not None
    assert (uri.user, uri.host) == (user, host)


def test_headers_in_uris_are_kept_apart(torture: Torture) -> None:  # 3.1.2.11, 3.1.2.13, 3.3.14
    request_uri = torture("escruri").request_uri
    assert request_uri is not None
    assert request_uri.headers.items == ((b"Route", b"%3Csip:example.com%3E"),)
    for name in ("regbadct", "regescrt"):
        (contact,) = torture(name).contacts
        assert contact.uri.headers.get(b"route") == b"%3Csip:sip.example.com%3E"


def test_blanks_in_brackets_and_commas_in_names(torture: Torture) -> None:  # 3.1.2.14, 3.1.2.15
    to = torture("badaspec").to
    assert to is not None
    assert (to.display_name, to.uri.text) == (b"Watson, Thomas", b"sip:t.watson@example.org")
    from_ = torture("baddn").from_
    assert from_ is not None
    assert (from_.display_name, from_.uri.user) == (b"Bell, Alexander", b"a.g.bell")


def test_another_version(torture: Torture) -> None:  # 3.1.2.16
    message = torture("badvers")
    assert message.version == b"SIP/7.0"
    assert message.vias[0].protocol == b"SIP/7.0"


def test_methods_that_disagree(torture: Torture) -> None:  # 3.1.2.17, 3.1.2.18
    for name, method in (("mismatch01", b"OPTIONS"), ("mismatch02", b"NEWMETHOD")):
        message = torture(name)
        assert message.cseq is not None
        assert (message.method, message.cseq.method) == (method, b"INVITE")


def test_a_status_of_ten_digits(torture: Torture) -> None:  # 3.1.2.19
    message = torture("bigcode")
    assert message.status == 4294967301
    assert message.reason == b"better not break the receiver"


# -- 3.2 to 3.4 ----------------------------------------------------------------------------


def test_a_branch_of_nothing_but_the_cookie(torture: Torture) -> None:  # 3.2.1
    assert torture("badbranch").vias[0].branch == b"z9hG4bK"


def test_what_is_missing_is_none(torture: Torture) -> None:  # 3.3.1
    message = torture("insuf")
    assert (message.call_id, message.from_, message.to) == (None, None, None)


def test_schemes_that_nobody_knows(torture: Torture) -> None:  # 3.3.2, 3.3.3, 3.3.4
    unknown, novel = torture("unkscm").request_uri, torture("novelsc").request_uri
    assert unknown is not None
    assert novel is not None
    assert (unknown.scheme, novel.scheme) == (b"nobodyknowsthisscheme", b"soap.beep")
    message = torture("unksm2")
    assert message.to is not None
    assert message.from_ is not None
    assert (message.to.uri.scheme, message.from_.uri.scheme) == (b"isbn", b"http")
    assert [c.uri.text for c in message.contacts] == [b"name:John_Smith"]


def test_extensions_that_nobody_supports(torture: Torture) -> None:  # 3.3.5
    message = torture("bext01")
    assert message.header(b"Require") == b"nothingSupportsThis, nothingSupportsThisEither"
    assert message.vias[0].transport == b"TLS"


def test_a_body_of_unknown_type(torture: Torture) -> None:  # 3.3.6
    message = torture("invut")
    assert message.content_type == b"application/unknownformat"
    assert message.body == b'<audio>\r\n <pcmu port="443"/>\r\n</audio>\r\n'
    assert message.sdp is None


def test_credentials_of_an_unknown_scheme(torture: Torture) -> None:  # 3.3.7
    credentials = torture("regaut01").authorization
    assert credentials is not None
    assert credentials.scheme == b"NoOneKnowsThisScheme"
    assert credentials.params.get(b"opaque-data") == b"here"
    assert credentials.username is None


def test_of_repeated_headers_the_first_counts(torture: Torture) -> None:  # 3.3.8
    message = torture("multi01")
    assert message.call_id == b"multi01.98asdh@192.0.2.1"
    assert message.headers(b"Call-ID") == (message.call_id, b"multi01.98asdh@192.0.2.2")
    assert message.cseq is not None
    assert message.cseq.number == 5
    assert message.max_forwards == 70
    assert message.from_ is not None
    assert message.from_.tag == b"3413415"
    assert len(message.contacts) == 2


def test_of_two_lengths_the_first_counts(torture: Torture) -> None:  # 3.3.9
    message = torture("mcl01")
    assert message.content_length == 13
    assert message.headers(b"l") == (b"13", b"5")
    assert message.body == b"There's no wa"
    assert message.surplus.startswith(b"y to know how many octets")


def test_a_response_to_be_sent_to_everybody(torture: Torture) -> None:  # 3.3.10
    assert torture("bcast").vias[1].host == b"255.255.255.255"


def test_no_hops_left(torture: Torture) -> None:  # 3.3.11
    assert torture("zeromf").max_forwards == 0


def test_a_parameter_of_the_contact_or_of_its_uri(torture: Torture) -> None:  # 3.3.12, 3.3.13
    (outside,) = torture("cparam01").contacts
    assert outside.params.items == ((b"unknownparam", None),)
    assert len(outside.uri.params) == 0
    (inside,) = torture("cparam02").contacts
    assert len(inside.params) == 0
    assert inside.uri.params.items == ((b"unknownparam", None),)
    assert inside.uri.user == outside.uri.user == b"+19725552222"


def test_an_answer_that_cannot_be_given(torture: Torture) -> None:  # 3.3.15
    message = torture("sdp01")
    assert message.header(b"Accept") == b"text/nobodyKnowsThis"
    assert message.sdp is not None
    assert [(m.kind, m.port, m.formats) for m in message.sdp.media] == [
        (b"audio", 49217, (b"0", b"12")),
        (b"video", 3227, (b"31",)),
    ]


def test_a_request_of_1999(torture: Torture) -> None:  # 3.4.1
    message = torture("inv2543")
    assert message.vias[0].branch is None
    assert message.from_ is not None
    assert message.from_.tag is None
    assert message.from_.uri.params.get(b"user") == b"phone"
    assert message.to is not None
    assert message.to.params.get(b"user") == b"phone"  # outside of brackets: of the header
    assert message.content_length is None
    assert message.sdp is not None
    assert [medium.port for medium in message.sdp.media] == [49217]
