"""3CX's exports, by the names of their columns."""

from __future__ import annotations

from ringfence.audit import threecx_csv
from ringfence.audit.rows import table
from ringfence.model.pbx import Pbx, Topic
from ringfence.model.secret import Kind

V18 = """Number,FirstName,LastName,EmailAddress,MobileNumber,AuthID,AuthPassword,EnableVoicemail,\
VMNoPin,PIN,OutboundCallerID,EnableSRTP,Disabled,DisableExternalCalls,AllowLanOnly,PinProtect,\
MAC_0,DeskphoneWebPass,SrvcAccessPwd,SecureSIP,PhoneModel14,DID
200,Ann,Lee,ann@example.com,+12025550123,Ab3x,Zq8wPl,1,0,1234,,0,0,0,0,0,02005E005301,w3b,s3rv,1,\
,+12025550199
201,Bo,Ek,,,Cd4y,Yt7,1,0,0000,,1,1,1,1,0,000000000000,,,0,,
"""
V20 = """Number,FirstName,LastName,Role,Department,MAC,VMPIN,SRTPMode,AllowLanOnly,BLF
202,Cy,Dorn,"<role name=""users"" />",DEFAULT,,423395,0,1,"<PhoneDevice/>"
"""


def _read(text: str) -> Pbx:
    found = table(text, "x.csv")
    assert threecx_csv.suits(found.names)
    return threecx_csv.read(found)


def test_an_export_of_version_18() -> None:
    ann, bo = _read(V18).extensions
    assert (ann.number, ann.name, ann.auth_id, ann.mail) == (
        "200",
        "Ann Lee",
        "Ab3x",
        "ann@example.com",
    )
    assert (ann.dids, ann.macs, ann.mobile) == (
        ("+12025550199",),
        ("02005e005301",),
        "+12025550123",
    )
    assert {secret.kind: secret.text for secret in ann.secrets} == {
        Kind.AUTH_ID: "Ab3x", Kind.PASSWORD: "Zq8wPl", Kind.PIN: "1234", Kind.WEB: "w3b",
        Kind.SERVICE: "s3rv",
    }  # fmt: skip
    assert (ann.outside, ann.abroad, ann.disabled, ann.row) == (True, None, False, 1)
    assert (bo.outside, bo.abroad, bo.disabled, bo.macs) == (False, False, True, ())


def test_settings_of_each_extension() -> None:
    pbx = _read(V18)
    assert {(s.extension, s.topic, s.value) for s in pbx.settings} == {
        ("200", Topic.MEDIA, "no"), ("200", Topic.TRANSPORT, "tls"), ("201", Topic.MEDIA, "sdes"),
    }  # fmt: skip
    assert (pbx.unknown, pbx.troubles) == ((), ())


def test_an_export_of_version_20() -> None:
    pbx = _read(V20)
    assert [(s.kind, s.text) for s in pbx.extensions[0].secrets] == [(Kind.VOICEMAIL, "423395")]
    assert pbx.extensions[0].outside is False
    assert pbx.unknown == ()


def test_columns_in_another_order_and_case() -> None:
    pbx = _read("authpassword;Auth ID;LASTNAME;first name;number\npw;id;Lee;Ann;200\n")
    one = pbx.extensions[0]
    assert (one.number, one.auth_id, one.name) == ("200", "id", "Ann Lee")


def test_a_list_of_names_is_no_export() -> None:
    assert not threecx_csv.suits(("Number", "FirstName", "LastName"))


def test_a_mailbox_that_asks_for_no_pin_is_open() -> None:
    rows = "Number,FirstName,LastName,AuthID,EnableVoicemail,VMNoPin,PIN\n"
    rows += "200,Ann,Lee,Ab3x,1,1,\n201,Bo,Ek,Cd4y,0,1,\n202,Cy,Ag,Ef5z,1,0,48151\n"
    open_, without, asked = _read(rows).extensions
    assert [(s.kind, s.text, s.column) for s in open_.secrets][1:] == [
        (Kind.VOICEMAIL, "", "VMNoPin")
    ]
    assert [s.kind for s in without.secrets] == [Kind.AUTH_ID]
    assert [s.text for s in asked.secrets] == ["Ef5z", "48151"]
