"""Single names: what an accused source may keep, and what nobody may."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import ACCOUNT, Pseudonyms
from ringfence.wire.uri import unescape

PEOPLE = People(
    frozenset((ip_address("203.0.113.66").packed,)),
    frozenset((ip_address("192.0.2.10").packed,)),
    accounts=frozenset((b"1001", b"valerie")),
    names=frozenset((b"valerie jones",)),
    hosts=frozenset((b"house.example",)),
    addresses=frozenset((ip_address("198.51.100.7").packed,)),
)
PSEUDONYMS = Pseudonyms(bytes(32))
NAMES = Names(PEOPLE, PSEUDONYMS)


@pytest.mark.parametrize("name", [b"admin", b"2000", b"9011442012345678", b"test;x=1", b""])
def test_what_attackers_invent_is_evidence(name: bytes) -> None:
    assert NAMES.account(name, claimed=True) == name


@pytest.mark.parametrize(
    "name",
    [b"1001", b"%31001", b"%2531001", b"Valerie", b"VALERIE", b"val erie", rb"\1\0\0\1",
     b"scan-valerie-2", b"xvaleriex", b"valerie%40house.example", b"1001;ext=1"],
)  # fmt: skip
def test_a_users_name_is_not(name: bytes) -> None:
    made = NAMES.account(name, claimed=True)
    plain = unescape(unescape(made)).lower()
    assert len(made) == len(name)
    assert b"1001" not in plain
    assert b"valerie" not in plain
    assert b"house.example" not in plain


def test_escapes_do_not_change_the_pseudonym() -> None:
    made = NAMES.account(b"%31001", claimed=True)
    assert unescape(made) == NAMES.account(b"1001", claimed=True)


def test_what_others_write_is_no_evidence() -> None:
    assert NAMES.account(b"2000", claimed=False) != b"2000"
    assert NAMES.display_name(b"Somebody Else", claimed=False) != b"Somebody Else"


def test_a_pseudonym_is_no_other_name_of_the_case() -> None:
    """Short names run out: one that stays must not be another's pseudonym, too."""
    taken = frozenset(b"%02d" % n for n in range(60))
    names = Names(
        People(frozenset(), frozenset(), accounts=frozenset((b"99",)), tried=taken), PSEUDONYMS
    )
    made = names.account(b"99", claimed=True)
    assert made not in taken
    assert made != b"99"


def test_display_and_account_of_one_user_stay_the_same() -> None:
    assert NAMES.display_name(b"1001", claimed=True) == NAMES.account(b"1001", claimed=True)


@pytest.mark.parametrize("name", [b"Valerie Jones", b"valerie", rb"\V\a\l\e\r\i\e", b"to valerie"])
def test_a_users_display_name(name: bytes) -> None:
    made = NAMES.display_name(name, claimed=True)
    assert b"valerie" not in made.replace(b"\\", b"").lower()
    assert len(made) == len(name)


@pytest.mark.parametrize("host", [b"scanner.evil.example", b"203.0.113.66", b"198.51.100.99"])
def test_hosts_that_attackers_name_stay(host: bytes) -> None:
    assert NAMES.host(host, claimed=True) == host


@pytest.mark.parametrize(
    "host",
    [b"pbx.house.example", b"HOUSE.example", b"pbx.local", b"pbx", b"10.0.0.5", b"fd00::5",
     b"198.51.100.7", b"bad host", b"fe80::1%eth0"],
)  # fmt: skip
def test_hosts_of_the_house_do_not(host: bytes) -> None:
    made = NAMES.host(host, claimed=True)
    assert made != host
    assert len(made) == len(host)


def test_realms_that_software_comes_with_say_nothing() -> None:
    assert NAMES.realm(b"asterisk") == b"asterisk"
    assert NAMES.realm(b"house.example") != b"house.example"
    assert NAMES.realm(b"192.0.2.10") == b"192.0.2.10"


def test_the_cookie_of_a_branch_stays() -> None:
    assert NAMES.branch(b"z9hG4bK-12-1", claimed=True) == b"z9hG4bK-12-1"
    made = NAMES.branch(b"z9hG4bK-12-1", claimed=False)
    assert made.startswith(b"z9hG4bK-")
    assert made != b"z9hG4bK-12-1"


def test_tokens_that_hide_text_are_secrets() -> None:
    token = b"hello 1001".hex().encode()
    assert NAMES.tag(token, claimed=True) != token
    assert NAMES.opaque(b"a84b4c76e66710") == b"a84b4c76e66710"


@pytest.mark.parametrize(
    ("call_id", "secret"),
    [
        (b"a84b4c76@10.0.0.5", b"10.0.0.5"),
        (b"44480192.168.1.2", b"192.168.1.2"),
        (b"1.10.0.0.5", b"10.0.0.5"),
        (b"10.0.0.5.10.0.0.5.9", b"10.0.0.5"),
        (b"44410.0.0.5678", b"10.0.0.5"),
        (b"a@[fd00::5]", b"fd00::5"),
        (b"1001-77@203.0.113.66", b"1001"),
        (b"a@pbx.house.example", b"house"),
    ],
)
def test_call_ids_lose_places_and_names(call_id: bytes, secret: bytes) -> None:
    made = NAMES.call_id(call_id, claimed=True)
    assert secret not in made
    assert len(made) == len(call_id)


def test_one_person_has_one_pseudonym_everywhere() -> None:
    made = PSEUDONYMS.text(ACCOUNT, b"1001")
    assert NAMES.account(b"1001", claimed=True) == made
    assert made in NAMES.kept(b"for 1001 only")


@given(st.binary(max_size=60), st.booleans())
def test_any_octets_keep_their_number(octets: bytes, claimed: bool) -> None:
    for rule in (NAMES.account, NAMES.display_name, NAMES.host, NAMES.branch, NAMES.tag,
                 NAMES.call_id):  # fmt: skip
        assert len(rule(octets, claimed=claimed)) == len(octets)
    assert len(NAMES.opaque(octets)) == len(NAMES.kept(octets, short_words=True)) == len(octets)
