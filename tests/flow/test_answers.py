"""Answers are taken from those who belong here, and those of the attackers apart."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

from ringfence.flow import Investigation
from ringfence.flow.answers import read_answer, take_answers
from ringfence.wire.message import parse_message

REQUEST = (
    b"REGISTER sip:192.0.2.10 SIP/2.0\r\nCall-ID: a\r\nCSeq: 2 REGISTER\r\n"
    b'Authorization: Digest username="200", realm="asterisk", nonce="n", '
    b'uri="sip:192.0.2.10", response="00ff", qop=auth, nc=00000001, cnonce="c"\r\n\r\n'
)


def test_an_answer_is_read_from_its_request() -> None:
    found = read_answer(parse_message(REQUEST))
    assert found is not None
    assert (found.user, found.method, found.qop, found.nc) == (
        "200",
        "REGISTER",
        "auth",
        "00000001",
    )


def test_an_answer_without_its_nonce_is_none() -> None:
    assert read_answer(parse_message(REQUEST.replace(b"nonce=", b"once=", 1))) is None


def test_users_are_let_in_and_attackers_stand_apart(capture: Path, found: Investigation) -> None:
    incident = found.incident
    attackers = {suspect.address for suspect in incident.suspects}
    taken = take_answers([str(capture)], incident.defended, attackers)
    assert taken.ours
    assert taken.theirs
    assert {answer.user for answer in taken.ours} == taken.belong


def test_without_a_server_of_ours_nothing_is_taken(capture: Path) -> None:
    taken = take_answers([str(capture)], (), (), [ip_network("0.0.0.0/0")])
    assert not taken.ours
    assert not taken.theirs
