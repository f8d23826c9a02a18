"""FreeSWITCH's users, gateways, profiles and event socket."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.audit import freeswitch_xml
from ringfence.model.auditing import AuditError
from ringfence.model.pbx import Pbx, Topic
from ringfence.model.secret import Kind

MD5 = "0123456789abcdef" * 2


def _read(folder: Path, text: str) -> Pbx:
    path = folder / "x.xml"
    path.write_text(text)
    return freeswitch_xml.read([path], folder)


def _said(pbx: Pbx) -> set[tuple[Topic, str, str]]:
    return {(one.topic, one.value, one.place.name) for one in pbx.settings}


USER = """<include>
<X-PRE-PROCESS cmd="set" data="default_password=1234"/>
<domain name="pbx.example.com"><groups><group name="g"><users>
<user id="1000" number-alias="200">
<params><param name="password" value="$${default_password}"/>
<param name="vm-password" value="1000"/></params>
<variables><variable name="toll_allow" value="domestic,international"/>
<variable name="effective_caller_id_name" value="Ann Lee"/></variables></user>
</users></group></groups></domain></include>
"""


def test_a_user_of_a_domain(tmp_path: Path) -> None:
    (one,) = _read(tmp_path, USER).extensions
    assert (one.number, one.auth_id, one.name, one.abroad, one.place.line) == (
        "200", "1000", "Ann Lee", True, 4,
    )  # fmt: skip
    assert [(s.kind, s.text) for s in one.secrets] == [
        (Kind.PASSWORD, "1234"), (Kind.VOICEMAIL, "1000"),
    ]  # fmt: skip


def test_a_hash_has_the_realm_of_its_domain(tmp_path: Path) -> None:
    text = f'<user id="1000"><params><param name="a1-hash" value="{MD5}"/></params></user>'
    (one,) = _read(tmp_path, f'<domain name="example.com">{text}</domain>').extensions
    hashed = one.secrets[0].hashed
    assert hashed is not None
    assert (hashed.user, hashed.realm) == ("1000", "example.com")
    pbx = _read(tmp_path, text)
    assert pbx.extensions[0].secrets == ()
    assert "no domain is known" in pbx.troubles[0]


def test_params_of_the_domain_are_everybodys_and_its_own_come_last(tmp_path: Path) -> None:
    pbx = _read(
        tmp_path,
        '<domain name="d"><params><param name="password" value="all"/></params><users>'
        '<user id="1"/><user id="2"><params><param name="password" value="own"/></params></user>'
        '<user id="3" type="pointer"/></users></domain>',
    )
    assert [(one.number, one.secrets[0].text) for one in pbx.extensions] == [
        ("1", "all"),
        ("2", "own"),
    ]


def test_a_variable_that_is_not_known_is_no_password(tmp_path: Path) -> None:
    pbx = _read(
        tmp_path, '<user id="1"><params><param name="password" value="$${x}"/></params></user>'
    )
    assert pbx.extensions[0].secrets == ()
    assert "$${x} is not known" in pbx.troubles[0]


@pytest.mark.parametrize(("params", "said"), [
    ({"auth-calls": "true"}, (Topic.GUESTS, "no", "internal")),
    ({"context": "public"}, (Topic.GUESTS, "yes", "internal")),
    ({"context": "default"}, (Topic.UNPROVEN_CALLS, "yes", "internal")),
    ({"apply-inbound-acl": "lan"}, (Topic.GUESTS, "no", "internal")),
    ({"auth-calls": "true", "accept-blind-auth": "true"}, (Topic.UNPROVEN_CALLS, "yes", "internal")),  # noqa: E501
    ({"accept-blind-reg": "true"}, (Topic.BLIND_REGISTRATION, "yes", "internal")),
    ({"log-auth-failures": "true"}, (Topic.SECURITY_LOG, "yes", "internal")),
    ({"context": "x"}, (Topic.SECURITY_LOG, "no", "internal")),
    ({"tls": "true"}, (Topic.TRANSPORT, "tls", "internal")),
    ({"wss-binding": ":7443"}, (Topic.TRANSPORT, "wss", "internal")),
    ({"user-agent-string": "Old"}, (Topic.SERVER_HEADER, "Old", "internal")),
    ({"rfc8760-auth-algorithms": "SHA-256"}, (Topic.ALGORITHM, "SHA-256", "internal")),
])  # fmt: skip
def test_what_a_profile_says(
    tmp_path: Path, params: dict[str, str], said: tuple[Topic, str, str]
) -> None:
    lines = "".join(f'<param name="{name}" value="{value}"/>' for name, value in params.items())
    pbx = _read(tmp_path, f'<profile name="internal"><settings>{lines}</settings></profile>')
    assert said in _said(pbx)


def test_a_gateway_is_a_trunk(tmp_path: Path) -> None:
    (trunk,) = _read(
        tmp_path,
        '<profile name="e"><gateways><gateway name="g"><param name="realm" value="r.example.org"/>'
        '<param name="proxy" value="sip.example.org"/><param name="password" value="x"/></gateway>'
        "</gateways></profile>",
    ).trunks
    assert (trunk.name, trunk.hosts) == ("g", ("sip.example.org", "r.example.org"))
    assert [(s.kind, s.text) for s in trunk.secrets] == [(Kind.TRUNK, "x")]


def test_the_event_socket(tmp_path: Path) -> None:
    pbx = _read(
        tmp_path,
        '<configuration name="event_socket.conf"><settings><param name="listen-ip" value="::"/>'
        '<param name="password" value="ClueCon"/></settings></configuration>'
        '<configuration name="conference.conf"><profile name="c"><settings><param name="a"'
        ' value="b"/></settings></profile></configuration>',
    )
    assert _said(pbx) == {(Topic.MANAGER, "8021 on ::", "event_socket.conf")}
    assert [(s.kind, s.text) for s in pbx.managers] == [(Kind.MANAGER, "ClueCon")]


def test_one_bad_file_costs_itself_only(tmp_path: Path) -> None:
    (tmp_path / "good.xml").write_text(USER)
    (tmp_path / "bad.xml").write_text("<user")
    pbx = freeswitch_xml.read([tmp_path / "bad.xml", tmp_path / "good.xml"], tmp_path)
    assert len(pbx.extensions) == 1
    assert "bad.xml line 1: not XML" in pbx.troubles[0]
    with pytest.raises(AuditError):
        freeswitch_xml.read([tmp_path / "bad.xml"], tmp_path)


def test_an_unknown_secret_is_weighed_and_named(tmp_path: Path) -> None:
    pbx = _read(
        tmp_path, '<user id="1"><params><param name="door-pin" value="h7"/></params></user>'
    )
    assert pbx.extensions[0].secrets[0].kind is Kind.SERVICE
    assert pbx.unknown == ("door-pin",)
    assert "h7" not in repr(pbx)
