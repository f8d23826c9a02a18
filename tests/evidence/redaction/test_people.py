"""Who is protected: learnt from what the accused had no part in."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ringfence.evidence.redaction import people as module
from ringfence.evidence.redaction.people import HiddenNames, Learning, People
from ringfence.model.incident import SCHEMA, Incident
from tests.evidence.redaction import scene

if TYPE_CHECKING:
    import pytest

ACCUSED, OURS = ip_address("203.0.113.66").packed, ip_address("192.0.2.10").packed
EMPTY = Incident(SCHEMA, [], [scene.SERVER], [], [], 0, [])


def message(start: str, *lines: str) -> bytes:
    return "\r\n".join((start, "Call-ID: a", "CSeq: 1 REGISTER", *lines, "", "")).encode()


def learn(*exchanges: tuple[str, str, bytes]) -> People:
    packets = []
    for source, destination, octets in exchanges:
        lines = f"eth\nip4 {source} > {destination}\nudp 5060 > 5060"
        packets += scene.carried(lines, octets)
    learning = Learning(EMPTY, only=frozenset((ACCUSED,)))
    for _, _, table in scene.read(scene.capture_of(packets)):
        learning.take(table)
    return learning.people()


USER = message(
    "REGISTER sip:pbx.house.example SIP/2.0",
    'From: "Alice \\"A\\" Jones" <sip:al%69ce@pbx.house.example>',
    "To: <sip:al%69ce@pbx.house.example>",
    "Contact: <sip:alice-desk@198.51.100.7:5060>",
    'Authorization: Digest username="alice7", realm="house.realm.example"',
)


def test_a_user_is_known_by_all_that_he_wrote() -> None:
    who = learn(("198.51.100.7", scene.SERVER, USER))
    assert {b"alice", b"alice7", b"alice-desk"} <= who.accounts
    assert who.is_account(b"Al%69ce")
    assert who.is_account(b"al ice")
    assert who.is_account(rb"\a\l\i\c\e")
    assert who.is_account(b"al%2569ce")
    assert who.is_name(b'alice "a" jones')
    assert who.is_host(b"sip.house.example")
    assert who.is_host(b"house.realm.example")
    assert ip_address("198.51.100.7").packed in who.addresses


def test_an_attacker_makes_nobody_a_user() -> None:
    who = learn(("203.0.113.66", scene.SERVER, USER))
    assert who.accounts == who.names == who.hosts == who.addresses == frozenset()
    assert b"alice" in who.tried


def test_what_was_dialled_is_no_account() -> None:
    """Our own server relays the attacker's calls to the trunk."""
    call = message("INVITE sip:900441234@192.0.2.99 SIP/2.0", "To: <sip:900441234@192.0.2.99>",
                   "From: <sip:sales@192.0.2.10>")  # fmt: skip
    who = learn((scene.SERVER, "192.0.2.99", call))
    assert who.accounts == frozenset()


def test_who_is_let_in_from_the_attackers_address_is_a_user() -> None:
    """An office behind the same NAT as an infected machine."""
    answer = message("SIP/2.0 200 OK", 'To: "Bob" <sip:bob77@192.0.2.10>;tag=1')
    who = learn((scene.SERVER, "203.0.113.66", answer))
    assert who.is_account(b"bob77")
    assert who.is_name(b"Bob")


def test_when_too_many_are_known_everybody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PEOPLE", 2)
    users = [message("OPTIONS sip:a@b SIP/2.0", f"From: <sip:user{n}@b.example>") for n in range(4)]
    who = learn(*[("198.51.100.7", scene.SERVER, octets) for octets in users])
    assert who.everybody
    assert who.is_account(b"nobody-ever-heard-of")
    assert not who.keeps(ip_address("198.51.100.99").packed, claimed=True)


def test_which_addresses_stay() -> None:
    user, stranger = ip_address("198.51.100.7").packed, ip_address("198.51.100.8").packed
    inside = ip_address("10.0.0.1").packed
    who = People(frozenset((ACCUSED, inside)), frozenset((OURS,)), addresses=frozenset((user,)))
    assert who.keeps(ACCUSED, claimed=False)
    assert who.keeps(OURS, claimed=False)
    assert who.keeps(stranger, claimed=True)
    assert not who.keeps(stranger, claimed=False)
    assert not who.keeps(user, claimed=True)
    assert not who.keeps(inside, claimed=True)


def test_names_are_found_inside_of_words() -> None:
    who = replace(
        People(frozenset(), frozenset()), accounts=frozenset((b"valerie", b"101", b"c0ffee"))
    )
    hidden = HiddenNames(who)
    assert list(hidden.find(b"xxVALERIEx valerie")) == [(2, 9), (11, 18)]
    assert list(hidden.find(b"101 c0ffee")) == []  # random tokens are full of such
