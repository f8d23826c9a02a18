"""pjsip.conf: extensions, trunks, and what is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.audit import asterisk_conf, pjsip
from ringfence.model.pbx import Pbx, Topic
from ringfence.model.secret import Kind

MD5 = "0123456789abcdef" * 2
SHA = "0123456789abcdef" * 4


def _read(text: str) -> Pbx:
    conf = asterisk_conf.read(Path("pjsip.conf"), text)
    assert pjsip.suits(conf)
    return pjsip.read(conf)


def _said(pbx: Pbx) -> set[tuple[Topic, str, str]]:
    return {(one.topic, one.value, one.extension) for one in pbx.settings}


def test_endpoint_and_auth_are_one_extension() -> None:
    (one,) = _read(
        '[200]\ntype=endpoint\nauth=a200\ncallerid="Ann Lee" <200>\n'
        "[a200]\ntype=auth\nusername=u200\npassword=x\n"
    ).extensions
    assert (one.number, one.name, one.auth_id, one.place.line) == ("200", "Ann Lee", "u200", 1)
    assert [(s.kind, s.text, s.column) for s in one.secrets] == [
        (Kind.AUTH_ID, "u200", "username"), (Kind.PASSWORD, "x", "password"),
    ]  # fmt: skip


def test_an_endpoint_of_a_name_has_the_number_of_its_caller() -> None:
    (one,) = _read(
        "[ann]\ntype=endpoint\nauth=ann\ncallerid=Ann <201>\n[ann]\ntype=auth\n"
    ).extensions
    assert (one.number, one.auth_id) == ("201", "ann")


@pytest.mark.parametrize(("lines", "hashes", "texts"), [
    (f"auth_type=md5\nmd5_cred={MD5}\npassword=old", [("MD5", "u", "asterisk")], []),
    (f"auth_type=userpass\npassword=x\nmd5_cred={MD5}", [], ["x"]),
    (f"auth_type=digest\nrealm=pbx\npassword_digest=MD5:{MD5.upper()}\npassword_digest=SHA-256:{SHA}",
     [("MD5", "u", "pbx"), ("SHA-256", "u", "pbx")], []),
    (f"auth_type=digest\npassword_digest=SHA-512-256:{SHA}", [("SHA-512-256", "u", "asterisk")], []),  # noqa: E501
])  # fmt: skip
def test_hashes_of_every_kind(
    lines: str, hashes: list[tuple[str, str, str]], texts: list[str]
) -> None:
    (one,) = _read(
        f"[200]\ntype=endpoint\nauth=a\n[a]\ntype=auth\nusername=u\n{lines}\n"
    ).extensions
    secrets = [secret for secret in one.secrets if secret.kind is Kind.PASSWORD]
    assert [
        (s.hashed.algorithm, s.hashed.user, s.hashed.realm) for s in secrets if s.hashed
    ] == hashes
    assert [s.text for s in secrets if not s.hashed] == texts


def test_the_realm_of_all() -> None:
    (one,) = _read(
        f"[global]\ntype=global\ndefault_realm=office\n[200]\ntype=endpoint\nauth=200\n"
        f"[200]\ntype=auth\nauth_type=md5\nmd5_cred={MD5}\n"
    ).extensions
    assert [s.hashed.realm for s in one.secrets if s.hashed] == ["office"]


def test_a_hash_that_is_none_is_told_without_it() -> None:
    pbx = _read("[200]\ntype=endpoint\nauth=a\n[a]\ntype=auth\npassword_digest=MD5:hidden7\n")
    assert pbx.troubles == ("pjsip.conf line 6: [a] password_digest is no hash of a known kind",)


TRUNK = """[out]
type=auth
username=me
password=x
[prov]
type=registration
server_uri=sip:sip.example.net:5061;transport=tls
outbound_auth=out
endpoint=prov
[prov]
type=endpoint
outbound_auth=out
aors=prov
[prov]
type=aor
contact=sip:me@192.0.2.9:5070
[prov]
type=identify
endpoint=prov
match=192.0.2.0/24,198.51.100.7
match=[2001:db8::1]
"""


def test_registration_and_matches_are_a_trunk() -> None:
    pbx = _read(TRUNK)
    (trunk,) = pbx.trunks
    assert trunk.hosts == (
        "192.0.2.0/24", "198.51.100.7", "[2001:db8::1]", "192.0.2.9:5070", "sip.example.net:5061",
    )  # fmt: skip
    assert [(s.kind, s.text) for s in trunk.secrets] == [(Kind.TRUNK, "x")]
    assert pbx.extensions == ()


def test_a_registration_alone_is_a_trunk() -> None:
    (trunk,) = _read(
        "[r]\ntype=registration\nserver_uri=sip:sip.example.org\noutbound_auth=r\n"
        "[r]\ntype=auth\npassword=y\n"
    ).trunks
    assert (trunk.name, trunk.hosts, trunk.secrets[0].text) == ("r", ("sip.example.org",), "y")


@pytest.mark.parametrize(("lines", "guests"), [
    ("", "no"), ("[anonymous]\ntype=endpoint\n", "yes"),
    ("[anonymous](!)\ntype=endpoint\n", "no"),
])  # fmt: skip
def test_calls_of_nobodys(lines: str, guests: str) -> None:
    assert (Topic.GUESTS, guests, "") in _said(_read(f"[200]\ntype=endpoint\nauth=200\n{lines}"))


def test_what_the_settings_say() -> None:
    said = _said(
        _read(
            "[global]\ntype=global\nuser_agent=Old PBX\ndefault_auth_algorithms_uas=MD5,SHA-256\n"
            "[u]\ntype=transport\nprotocol=udp\n[t]\ntype=transport\nprotocol=tls\n"
            "[200]\ntype=endpoint\nauth=200\nmedia_encryption=sdes\n[201]\ntype=endpoint\nwebrtc=yes\n"
            "aors=201\n[201]\ntype=aor\nmax_contacts=1\n[200]\ntype=auth\npassword=x\n"
        )
    )
    assert said == {
        (Topic.GUESTS, "no", ""), (Topic.TRANSPORT, "udp", ""), (Topic.TRANSPORT, "tls", ""),
        (Topic.SERVER_HEADER, "Old PBX", ""), (Topic.ALGORITHM, "MD5", ""),
        (Topic.ALGORITHM, "SHA-256", ""), (Topic.MEDIA, "sdes", "200"), (Topic.MEDIA, "dtls", "201"),  # noqa: E501
        (Topic.UNPROVEN_CALLS, "yes", "201"), (Topic.BLIND_REGISTRATION, "yes", "201"),
    }  # fmt: skip


def test_where_nothing_is_set_asterisk_asks_for_md5() -> None:
    assert (Topic.ALGORITHM, "MD5", "") in _said(_read("[a]\ntype=auth\npassword=x\n"))


def test_networks_that_may_register() -> None:
    (one,) = _read(
        "[200]\ntype=endpoint\nauth=a\ndeny=0.0.0.0/0\npermit=10.0.0.0/8\n[a]\ntype=auth\n"
    ).extensions
    assert one.outside is False


def test_what_is_not_known_is_named() -> None:
    pbx = _read("[200]\ntype=endpoint\nauth=gone\ndoor_secret=hidden7\n[x]\ntype=odd\na=1\n")
    assert pbx.unknown == ("door_secret of type=endpoint", "[x] type=odd")
    assert pbx.troubles == ("pjsip.conf: [200] names auth=gone, which is not there",)
    assert "hidden7" not in repr(pbx)
