"""Rows to extensions by a layout."""

from __future__ import annotations

import pytest

from ringfence.audit.columns import Layout, Use, extensions, media, table_order
from ringfence.audit.rows import table
from ringfence.model.pbx import System, Topic
from ringfence.model.secret import Kind

LAYOUT = Layout(
    System.LIST,
    {
        "number": Use.NUMBER, "secret": Use.PASSWORD, "vm": Use.VOICEMAIL, "realm": Use.REALM,
        "ha1": Use.HA1, "ha1b": Use.HA1B, "transport": Use.TRANSPORT, "mac": Use.MAC,
    },
    families=("vmx",),
)  # fmt: skip


def test_columns_that_hold_something_and_are_not_known_are_named() -> None:
    pbx = extensions(table("number,secret,Odd,empty,vmx_a\n200,x,1,,y\n", "t"), LAYOUT)
    assert pbx.unknown == ("Odd",)


def test_an_unknown_column_that_sounds_like_a_secret_is_weighed() -> None:
    pbx = extensions(table("number,door_password\n200,q1w2\n201,0\n", "t"), LAYOUT)
    assert [(s.kind, s.text, s.column) for s in pbx.extensions[0].secrets] == [
        (Kind.SERVICE, "q1w2", "door_password")
    ]
    assert pbx.extensions[1].secrets == ()
    assert pbx.unknown == ("door_password",)


def test_a_family_hides_no_secret() -> None:
    pbx = extensions(table("number,vmx_password\n200,q1w2\n", "t"), LAYOUT)
    assert pbx.unknown == ("vmx_password",)


def test_a_row_without_a_number_is_told_and_the_rest_is_read() -> None:
    pbx = extensions(table("number,secret\n,hidden7\n201,b\n201,c\n", "t"), LAYOUT)
    assert [(one.number, one.row) for one in pbx.extensions] == [("201", 2), ("201", 3)]
    assert pbx.troubles == (
        "t line 2: row 1 has no number: not read",
        "t line 4: 201 stands in line 3 already; both are read",
    )


def test_hashes_have_their_users() -> None:
    pbx = extensions(
        table(f"number,realm,ha1,ha1b\n200,example.com,{'A' * 32},{'b' * 32}\n", "t"), LAYOUT
    )
    hashes = [secret.hashed for secret in pbx.extensions[0].secrets]
    assert [(h.user, h.realm, h.hexdigest[0]) for h in hashes if h] == [
        ("200", "example.com", "a"),
        ("200@example.com", "example.com", "b"),
    ]


def test_hashes_without_a_realm_are_counted() -> None:
    pbx = extensions(table(f"number,ha1\n200,{'a' * 32}\n201,{'b' * 32}\n", "t"), LAYOUT)
    assert "2 hashes without a realm" in pbx.troubles[0]


def test_a_mailbox_pin_behind_a_stroke() -> None:
    pbx = extensions(table("number,vm\n200,-1234\n", "t"), LAYOUT)
    assert pbx.extensions[0].secrets[0].text == "1234"


def test_transports_are_single_settings() -> None:
    pbx = extensions(table('number,transport\n200,0.0.0.0-udp\n201,"tcp,tls"\n', "t"), LAYOUT)
    assert [(s.extension, s.topic, s.value) for s in pbx.settings] == [
        ("200", Topic.TRANSPORT, "udp"),
        ("201", Topic.TRANSPORT, "tcp"),
        ("201", Topic.TRANSPORT, "tls"),
    ]


@pytest.mark.parametrize(("text", "means"), [
    ("SRTPDisabled", "no"), ("0", "no"), ("1", "sdes"), ("SRTPEnforced", "sdes"),
    ("dtls", "dtls"), ("sdes", "sdes"), ("", ""), ("odd", ""),
])  # fmt: skip
def test_encryption_of_the_media(text: str, means: str) -> None:
    assert media(text) == means


def test_names_of_columns_are_escaped_when_they_are_named() -> None:
    found = table("number,a\x1b[2J\n1,2\n", "t")
    assert table_order(found, ["a\x1b[2J"]) == [(1, "a\\x1b[2J")]


def test_nothing_that_is_shown_holds_a_secret() -> None:
    pbx = extensions(table("number,secret,door_password\n200,hidden7,hidden8\n", "t"), LAYOUT)
    assert "hidden" not in repr(pbx)
