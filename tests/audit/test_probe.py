"""Questions to a phone system, and what its answers mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ringfence.audit.probe import (
    PORTS,
    Asked,
    Probed,
    Reply,
    Tls,
    Vantage,
    is_tftp,
    questions,
    read_reply,
    tftp_question,
    unsure,
    weigh,
)
from ringfence.model.weakness import Severity
from ringfence.wire.message import parse_message
from tests.audit.certificates import NOW, made

HERE = ("198.51.100.7", 40_000)
TOKENS = ("a" * 24, "b" * 24, "c" * 24, "912345678")
CHALLENGE = Reply(401, "PBX", "pbx", ("SHA-256",), ("via", "from", "www-authenticate"))
SHOWN = Probed("pbx.example.com", "203.0.113.9", Vantage.OUTSIDE)


def rules(probed: Probed, now: datetime = NOW) -> dict[str, Severity]:
    return {weakness.rule: weakness.severity for weakness in weigh(probed, now)}


def answer(asked: Asked, start: str, *headers: str) -> bytes:
    lines = (f"SIP/2.0 {start}", f"Via: SIP/2.0/UDP 198.51.100.7:40000;branch={asked.branch}")
    return "\r\n".join((*lines, *headers, "Content-Length: 0", "", "")).encode()


# ---- what is asked --------------------------------------------------------------


def test_nobody_is_rung_and_nothing_is_registered() -> None:
    asked = [
        parse_message(q.octets) for q in questions("pbx.example.com", "udp", HERE, TOKENS, "200")
    ]
    assert [message.method for message in asked] == [b"OPTIONS", b"REGISTER", b"REGISTER"]
    assert [message.contacts for message in asked] == [(), (), ()]
    assert [message.credentials for message in asked] == [(), (), ()]
    assert [message.to.uri.user for message in asked if message.to] == [None, b"912345678", b"200"]


def test_questions_are_proper_sip() -> None:
    for host in ("pbx.example.com", "192.0.2.10", "2001:db8::10"):
        for question in questions(host, "tcp", ("2001:db8::7", 5), TOKENS, "200"):
            message = parse_message(question.octets, transport=b"TCP")
            assert not message.anomalies, message.anomalies


def test_without_a_known_extension_two_things_are_asked() -> None:
    assert [q.about for q in questions("pbx", "udp", HERE, TOKENS)] == ["options", "invented"]


def test_tftp_is_asked_for_a_file_that_is_not_there() -> None:
    assert tftp_question() == b"\0\1ringfence-asks.cfg\0octet\0"


@pytest.mark.parametrize(
    ("octets", "tftp"),
    [(b"\0\5\0\1not found\0", True), (b"\0\3\0\1data", True), (b"\0\5", False), (b"SIP/", False)],
)
def test_tftp_is_known_by_its_answer(octets: bytes, tftp: bool) -> None:
    assert is_tftp(octets) is tftp


# ---- how answers are read ----------------------------------------------------------


def test_an_answer_finds_its_question() -> None:
    asked = questions("pbx", "udp", HERE, TOKENS)
    octets = answer(
        asked[1],
        "401 Unauthorized",
        "Server: Asterisk PBX 13.1",
        'WWW-Authenticate: Digest realm="pbx",nonce="x",algorithm=SHA-256',
        'WWW-Authenticate: Digest realm="pbx",nonce="x",algorithm=MD5',
    )
    read = read_reply(octets, asked)
    assert read is not None
    question, reply = read
    assert question.about == "invented"
    assert (reply.status, reply.server, reply.realm) == (401, "Asterisk PBX 13.1", "pbx")
    assert reply.algorithms == ("SHA-256", "MD5")


def test_an_answer_to_somebody_else_is_none() -> None:
    asked = questions("pbx", "udp", HERE, TOKENS)
    stranger = Asked(b"", "z9hG4bKelse", "options")
    assert read_reply(answer(stranger, "200 OK"), asked) is None


@pytest.mark.parametrize("octets", [b"", b"\0\0\0\0", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_is_no_sip_is_no_answer(octets: bytes) -> None:
    assert read_reply(octets, questions("pbx", "udp", HERE, TOKENS)) is None


@given(some.binary(max_size=300), some.integers(0, 200))
def test_an_answer_of_junk_is_read_or_none(junk: bytes, at: int) -> None:
    asked = questions("pbx", "udp", HERE, TOKENS)
    whole = answer(asked[0], "401 Unauthorized", 'WWW-Authenticate: Digest realm="x",nonce="y"')
    for octets in (junk, whole[:at] + junk + whole[at:]):
        read = read_reply(octets, asked)
        assert read is None or read[0] in asked


def test_trying_is_no_answer_yet() -> None:
    asked = questions("pbx", "udp", HERE, TOKENS)
    assert read_reply(answer(asked[0], "100 Trying"), asked) is None


# ---- what they mean -------------------------------------------------------------------


def test_a_silent_system_shows_nothing() -> None:
    assert rules(SHOWN) == {}
    assert "answered nothing" in unsure(SHOWN)[0]


def test_equal_answers_tell_nothing() -> None:
    assert "tells-unknown-users" not in rules(replace(SHOWN, invented=CHALLENGE, known=CHALLENGE))


@pytest.mark.parametrize(
    ("invented", "known"),
    [
        (Reply(404), CHALLENGE),
        (Reply(403), CHALLENGE),
        (Reply(404), None),  # whoever exists is asked for a password
        (replace(CHALLENGE, realm="other"), CHALLENGE),
        (replace(CHALLENGE, others=("via", "from")), CHALLENGE),
    ],
)
def test_answers_differ_for_unknown_users(invented: Reply, known: Reply | None) -> None:
    assert "tells-unknown-users" in rules(replace(SHOWN, invented=invented, known=known))


def test_one_that_refuses_everybody_is_not_accused() -> None:
    probed = replace(SHOWN, invented=Reply(403))
    assert "tells-unknown-users" not in rules(probed)
    assert any("name one" in says for says in unsure(probed))


@pytest.mark.parametrize("known", [None, CHALLENGE])
def test_one_that_registers_anybody_is_open(known: Reply | None) -> None:
    found = rules(replace(SHOWN, invented=Reply(200), known=known))
    assert found["blind-registration"] is Severity.CRITICAL


@pytest.mark.parametrize(
    ("algorithms", "rule"),
    [(("MD5",), "digest-md5"), (("",), "digest-md5"), (("SHA-256", "MD5"), "digest-md5-too")],
)
def test_weak_algorithms_are_found(algorithms: tuple[str, ...], rule: str) -> None:
    found = rules(replace(SHOWN, invented=replace(CHALLENGE, algorithms=algorithms)))
    assert {name for name in found if name.startswith("digest")} == {rule}


def test_an_old_server_is_found() -> None:
    found = rules(replace(SHOWN, options=Reply(200, "Asterisk PBX 13.1.0")))
    assert {"server-outdated", "server-header-tells", "sip-open-to-all"} <= set(found)


def test_from_inside_sip_may_answer() -> None:
    assert rules(replace(SHOWN, vantage=Vantage.INSIDE, options=Reply(200))) == {}


@pytest.mark.parametrize(
    ("vantage", "severity"),
    [
        (Vantage.OUTSIDE, Severity.HIGH),
        (Vantage.INSIDE, Severity.MEDIUM),
        (Vantage.ITSELF, Severity.LOW),
    ],
)
def test_an_open_port_weighs_by_where_it_is_seen_from(vantage: Vantage, severity: Severity) -> None:
    found = rules(replace(SHOWN, vantage=vantage, open_ports=(5038,)))
    assert found == {"manager-reachable": severity}


def test_every_port_is_a_managers_or_of_pages() -> None:
    says = [w.says for w in weigh(replace(SHOWN, open_ports=PORTS), NOW)]
    assert len(says) == len(PORTS)
    assert all(
        "port " in one and ", seen" in one and "," in one.partition("port ")[2] for one in says
    )


def test_tftp_gives_files_to_anybody() -> None:
    assert rules(replace(SHOWN, tftp=True)) == {"tftp-reachable": Severity.HIGH}


def test_no_tls_is_found_only_where_sip_answers() -> None:
    assert "no-tls" not in rules(replace(SHOWN, tls_open=False))
    assert "no-tls" in rules(replace(SHOWN, options=Reply(200), tls_open=False))
    assert "no-tls" not in rules(replace(SHOWN, options=Reply(200), tls_open=None))


@pytest.mark.parametrize(
    ("der", "wrong"),
    [
        (made("pbx", "pbx.example.com", issuer="CA"), set()),
        (made("pbx", "pbx.example.com", issuer="CA", days=-2), {"certificate-ended"}),
        (made("pbx", "pbx.example.com", issuer="CA", days=5), {"certificate-ending"}),
        (made("pbx", "other.example.com", issuer="CA"), {"certificate-name"}),
        (made("pbx", "pbx.example.com", issuer="CA", bits=1024), {"certificate-weak"}),
        (made("pbx", "pbx.example.com"), {"certificate-of-its-own"}),
        (b"nonsense", {"certificate-weak"}),
    ],
)
def test_a_wrong_certificate_is_found(der: bytes, wrong: set[str]) -> None:
    assert set(rules(replace(SHOWN, tls=Tls("TLSv1.3", der), tls_open=True))) == wrong


def test_an_old_tls_is_found() -> None:
    tls = Tls("TLSv1.1", made("pbx", "pbx.example.com", issuer="CA"))
    assert set(rules(replace(SHOWN, tls=tls))) == {"tls-old"}


def test_what_the_server_says_is_escaped() -> None:
    found = weigh(replace(SHOWN, options=Reply(200, "PBX 1.2 \x1b[31m")), datetime.now(UTC))
    assert found
    assert not any("\x1b" in weakness.says for weakness in found)
