"""Values as they are spelled: what stays, what goes, nothing moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.values import Values, method, parameters, tokens
from tests.evidence.redaction.test_names import NAMES

CLAIMED, OTHERS = Values(NAMES, claimed=True), Values(NAMES, claimed=False)


@pytest.mark.parametrize(
    "uri",
    [b"sip:900441234@192.0.2.10:5060;transport=udp", b"sip:admin@scanner.evil.example",
     b"tel:+442079460000", b"sips:[2001:db8::7]:5061;lr", b"*", b"sip:100@1.1.1.1"],
)  # fmt: skip
def test_uris_of_attackers(uri: bytes) -> None:
    assert CLAIMED.uri(uri) == uri


@pytest.mark.parametrize(
    ("uri", "secret"),
    [
        (b"sip:bob:secret@192.0.2.10", b"secret"),
        (b"sip:1001@192.0.2.10", b"1001"),
        (b"SIP:va%6cerie@192.0.2.10", b"va%6c"),
        (b"sip:bob@10.0.0.5", b"10.0.0.5"),
        (b"sip:bob@192.0.2.10;x=secret", b"secret"),
        (b"sip:bob@192.0.2.10;maddr=10.0.0.5", b"10.0.0.5"),
        (b"sip:bob@192.0.2.10?Subject=secret", b"secret"),
        (b"sip:bob@192.0.2.10;user=secret", b"secret"),
        (b"tel:1001;phone-context=secret", b"1001"),
        (b"mailto:valerie@house.example", b"valerie"),
        (b"http://10.0.0.5/secret", b"10.0.0.5"),
        (b"secret:thing", b"secret"),
        (b"1001@house.example", b"1001"),
        (b"secret", b"secret"),
    ],
)
def test_uris_lose_what_names_users(uri: bytes, secret: bytes) -> None:
    made = CLAIMED.uri(uri)
    assert secret not in made
    assert len(made) == len(uri)


def test_everything_of_others_goes() -> None:
    made = OTHERS.address(b'"Bob" <sip:bob@198.51.100.7:5060>;tag=abc;expires=60;q=0.5')
    assert b"Bob" not in made
    assert b"198.51.100.7" not in made
    assert made.endswith(b";expires=60;q=0.5")


@pytest.mark.parametrize(
    "value",
    [
        b'"sipvicious" <sip:100@1.1.1.1>;tag=abc',
        b"admin <sip:admin@192.0.2.10>",
        b"sip:a@192.0.2.10;tag=1",
    ],
)
def test_addresses_of_attackers(value: bytes) -> None:
    assert CLAIMED.address(value) == value


def test_several_contacts() -> None:
    made = CLAIMED.addresses(b'"a,1001" <sip:1001@192.0.2.10>, <sip:b@192.0.2.10>;expires=5')
    assert b"1001" not in made
    assert made.endswith(b", <sip:b@192.0.2.10>;expires=5")


def test_a_route_has_no_display_name() -> None:
    assert CLAIMED.route(b'"Bob" <sip:192.0.2.10;lr>') == b"xxxxx <sip:192.0.2.10;lr>"


def test_vias_lose_private_hops() -> None:
    made = CLAIMED.vias(
        b"SIP/2.0/UDP 203.0.113.66:5071;branch=z9hG4bK1;rport=9, "
        b"SIP / 2.0 / TCP 10.0.0.5;received=10.0.0.6"
    )
    assert made.startswith(
        b"SIP/2.0/UDP 203.0.113.66:5071;branch=z9hG4bK1;rport=9, SIP / 2.0 / TCP "
    )
    assert b"10.0.0" not in made


def test_digests_lose_what_passwords_are_guessed_from() -> None:
    value = (
        b'Digest username="bob", realm="asterisk", nonce="aabbccdd11", uri="sip:192.0.2.10", '
        b'response="0123456789abcdef0123456789abcdef", algorithm=MD5, qop=auth, nc=00000001, '
        b'cnonce="eeff0011aa", opaque="5566778899aa", x="secret"'
    )
    made = CLAIMED.digest(value)
    for secret in (b"aabbccdd11", b"0123456789abcdef", b"eeff0011aa", b"5566778899aa", b"secret"):
        assert secret not in made
    for kept in (
        b'username="bob"',
        b'realm="asterisk"',
        b"algorithm=MD5",
        b"qop=auth",
        b"nc=00000001",
    ):
        assert kept in made


def test_an_echoed_nonce_is_still_an_echo() -> None:
    given_out = OTHERS.digest(b'Digest realm="asterisk", nonce="aabbccdd11ee"')
    echoed = CLAIMED.digest(b'Digest username="a", nonce=aabbccdd11ee')
    assert given_out.rpartition(b'nonce="')[2].strip(b'"') == echoed.rpartition(b"nonce=")[2]


def test_a_hashed_user_name_is_guessed_in_no_time() -> None:
    value = b'Digest username="0123456789abcdef01234567", userhash=true'
    assert b"0123456789abcdef" not in CLAIMED.digest(value)


@pytest.mark.parametrize("value", [b"Basic MTAwMTpwdw==", b"Bearer abc.def.ghi", b"Secret abc"])
def test_other_schemes(value: bytes) -> None:
    made = CLAIMED.digest(value)
    assert made != value
    assert value.split()[1] not in made
    assert len(made) == len(value)


def test_agents() -> None:
    assert CLAIMED.agent(b"friendly-scanner") == b"friendly-scanner"
    assert OTHERS.agent(b"Asterisk PBX 18.1") == b"x" * 17


def test_words_of_the_vocabulary() -> None:
    assert tokens(b"INVITE, secret,100rel;q=0.5") == b"INVITE, xxxxxx,100rel;q=0.5"
    assert parameters(b'application/sdp;charset="utf-8"') == b"application/sdp;" + b"x" * 15
    assert method(b"INVITE", NAMES) == b"INVITE"
    assert method(b"VALERIE", NAMES) != b"VALERIE"


@given(st.binary(max_size=120))
def test_any_octets_keep_their_number(octets: bytes) -> None:
    for values in (CLAIMED, OTHERS):
        rules = (
            values.uri, values.address, values.addresses, values.vias, values.route,
            values.call_id, values.agent, values.digest, values.digest_parameters,
        )  # fmt: skip
        assert {len(rule(octets)) for rule in rules} == {len(octets)}
    assert len(tokens(octets)) == len(parameters(octets)) == len(octets)
