"""sip.conf: phones, providers, registers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from ringfence.audit import asterisk_conf, sip_conf
from ringfence.model.pbx import Pbx, Topic
from ringfence.model.secret import Kind

MD5 = "0123456789abcdef" * 2


def _read(text: str) -> Pbx:
    conf = asterisk_conf.read(Path("sip.conf"), text)
    assert sip_conf.suits(conf)
    return sip_conf.read(conf)


def _said(pbx: Pbx) -> set[tuple[Topic, str, str]]:
    return {(one.topic, one.value, one.extension) for one in pbx.settings}


def test_a_phone() -> None:
    (one,) = _read(
        '[phone](!)\ntype=friend\nhost=dynamic\n[200](phone)\nsecret=x\ncallerid="Ann" <200>\n'
        "deny=0.0.0.0/0.0.0.0\npermit=192.168.0.0/255.255.0.0\n"
    ).extensions
    assert (one.number, one.name, one.auth_id, one.outside) == ("200", "Ann", "200", False)
    assert [(s.kind, s.text) for s in one.secrets] == [(Kind.PASSWORD, "x")]


def test_a_hash_counts_where_both_stand() -> None:
    (one,) = _read(
        f"[general]\nrealm=pbx\n[200]\ntype=friend\nhost=dynamic\nsecret=old\nmd5secret={MD5}\n"
    ).extensions
    hashed = one.secrets[0].hashed
    assert hashed is not None
    assert (hashed.user, hashed.realm, len(one.secrets)) == ("200", "pbx", 1)


@pytest.mark.parametrize(("line", "name", "host", "secret"), [
    ("me:pw@sip.example.com", "me", "sip.example.com", "pw"),
    ("me:p@w:auth@sip.example.com:5070/200", "me", "sip.example.com:5070", "p@w"),
    ("tls://me@example.com:pw:auth@192.0.2.1~300", "me", "192.0.2.1", "pw"),
    ("peer?me:pw@[2001:db8::1]:5061/99", "me", "[2001:db8::1]:5061", "pw"),
    ("me@sip.example.com", "me", "sip.example.com", ""),
])  # fmt: skip
def test_registers_are_trunks(line: str, name: str, host: str, secret: str) -> None:
    (trunk,) = _read(f"[general]\nregister => {line}\n").trunks
    assert (trunk.name, trunk.hosts) == (name, (host,))
    assert [one.text for one in trunk.secrets] == ([secret] if secret else [])


def test_a_peer_with_a_host_is_a_trunk_with_its_register() -> None:
    pbx = _read(
        "[general]\nregister => me:pw@sip.example.com\n"
        "[prov]\ntype=peer\nhost=sip.example.com\nport=5070\nremotesecret=pw\ninsecure=invite\n"
    )
    (trunk,) = pbx.trunks
    assert (trunk.hosts, [s.kind for s in trunk.secrets]) == (
        ("sip.example.com:5070",),
        [Kind.TRUNK],
    )
    assert pbx.extensions == ()


def test_proofs_for_others() -> None:
    pbx = _read(
        f"[general]\nrealm=a\nallowguest=no\n[authentication]\nauth=me:pw@r\nauth=me#{MD5}@r\n"
    )
    assert [(t.name, bool(t.secrets[0].hashed)) for t in pbx.trunks] == [
        ("me", False),
        ("me", True),
    ]


@pytest.mark.parametrize(("line", "said"), [
    ("", (Topic.GUESTS, "yes", "")),  # chan_sip's own
    ("allowguest=no", (Topic.GUESTS, "no", "")),
    ("alwaysauthreject=no", (Topic.TELLS_UNKNOWN, "yes", "")),
    ("alwaysauthreject=yes", (Topic.TELLS_UNKNOWN, "no", "")),
    ("autocreatepeer=persist", (Topic.BLIND_REGISTRATION, "yes", "")),
    ("tlsenable=yes", (Topic.TRANSPORT, "tls", "")),
    ("useragent=Old", (Topic.SERVER_HEADER, "Old", "")),
])  # fmt: skip
def test_what_the_settings_say(line: str, said: tuple[Topic, str, str]) -> None:
    pbx = _read(f"[general]\nudpbindaddr=0.0.0.0\n{line}\n")
    assert said in _said(pbx)


def test_a_phone_without_a_secret_is_anybodys() -> None:
    said = _said(
        _read("[200]\ntype=friend\nhost=dynamic\n[201]\ntype=friend\nhost=dynamic\nsecret=x\n")
    )
    assert {(Topic.UNPROVEN_CALLS, "yes", "200"), (Topic.BLIND_REGISTRATION, "yes", "200")} <= said
    assert not {topic for topic, _, number in said if number == "201"} - {Topic.MEDIA}


def test_what_is_not_known_is_named() -> None:
    pbx = _read("[200]\ntype=friend\nhost=dynamic\ndoorpass=hidden7\nmd5secret=hidden8\n[x]\na=1\n")
    assert pbx.unknown == ("doorpass", "[x] type=")
    assert pbx.troubles == ("sip.conf line 5: [200] md5secret is no MD5 hash",)
    assert "hidden" not in repr(pbx)


@given(st.text(alphabet="me:@?/~#[]=1.a", max_size=60))
@bounded(max_examples=150)
def test_any_register_is_read(line: str) -> None:
    pbx = _read(f"[general]\nallowguest=no\nregister => {line}\n")
    assert len(pbx.trunks) <= 1
