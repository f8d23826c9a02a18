"""Users of 3CX's XAPI."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from ringfence.audit import threecx_xapi
from ringfence.model.auditing import AuditError
from ringfence.model.pbx import Topic
from ringfence.model.secret import Kind

USER = {
    "Number": "200", "FirstName": "Ann", "LastName": "Lee", "EmailAddress": "a@example.com",
    "AuthID": "Ab3x", "AuthPassword": "Zq8w", "VMPIN": "1234", "AccessPassword": "acc",
    "DeskphonePassword": "desk", "AllowLanOnly": False, "Internal": True, "Enabled": False,
    "SRTPMode": "SRTPDisabled", "OutboundCallerID": "+12025550123", "PinProtected": True,
    "OddPassword": "hidden7",
    "Phones": [{"MacAddress": "02005E005301", "ProvisioningLinkExt": "http://pbx.example.com/p/x"}],
}  # fmt: skip


def test_a_user() -> None:
    pbx = threecx_xapi.read(json.dumps({"value": [USER]}), "x")
    (one,) = pbx.extensions
    assert (one.number, one.name, one.auth_id, one.outside, one.abroad, one.disabled) == (
        "200", "Ann Lee", "Ab3x", True, False, True,
    )  # fmt: skip
    assert {s.column: s.kind for s in one.secrets} == {
        "AuthID": Kind.AUTH_ID, "AuthPassword": Kind.PASSWORD, "VMPIN": Kind.VOICEMAIL,
        "DeskphonePassword": Kind.WEB, "AccessPassword": Kind.SERVICE,
    }  # fmt: skip
    assert (one.macs, one.dids) == (("02005e005301",), ("+12025550123",))
    assert {(s.topic, s.value) for s in pbx.settings} == {
        (Topic.MEDIA, "no"), (Topic.PROVISIONING, "http://pbx.example.com/p/x"),
    }  # fmt: skip
    assert pbx.unknown == ("OddPassword",)
    assert "hidden7" not in repr(pbx)


def test_one_bad_entry_costs_itself_only() -> None:
    pbx = threecx_xapi.read_users([USER, 7, {"FirstName": "x"}], "x")
    assert len(pbx.extensions) == 1
    assert pbx.troubles == (
        "x: entry 2 has no number: not read",
        "x: entry 3 has no number: not read",
    )


@pytest.mark.parametrize("text", [
    "{", "[" * 100_000, '{"value": 7}', '[{"a": 1}]', '{"Number": ' + "9" * 5000 + "}", '"x"',
])  # fmt: skip
def test_other_json_is_one_error(text: str) -> None:
    with pytest.raises(AuditError, match="save the answer"):
        threecx_xapi.read(text, "x")


def test_json_is_told_from_a_section() -> None:
    assert threecx_xapi.suits(' {"value": []}')
    assert threecx_xapi.suits('[ {"Number": "1"}]')
    assert not threecx_xapi.suits("[general]\n")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*USER, "x"]), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(VALUES)
@bounded(max_examples=150)
def test_any_json_is_read_or_one_error(value: object) -> None:
    with contextlib.suppress(AuditError):
        threecx_xapi.read(json.dumps({"value": value}), "x")
