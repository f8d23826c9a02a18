"""FreePBX's bulk files: extensions, users, numbers from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.audit import freepbx_csv
from ringfence.audit.contents import decoded, octets
from ringfence.audit.rows import table
from ringfence.model.pbx import Pbx, Topic
from ringfence.model.secret import Kind

NEW = """extension,name,tech,dial,secret,md5_cred,media_encryption,transport,findmefollow_enabled,\
voicemail_enable,voicemail_vmpwd,voicemail_email,odd_module
200,Ann Lee,pjsip,PJSIP/200,s3cret,,sdes,0.0.0.0-tls,yes,yes,1234,ann@example.com,7
201,Bo Ek,pjsip,PJSIP/201,,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,no,,,,,,
"""
OLD = """action,extension,name,password,tech,devinfo_secret,devinfo_deny,devinfo_permit,vmpwd,\
jabber_password
add,200,Ann,77,sip,s3,0.0.0.0/0.0.0.0,10.0.0.0/8,4321,jab
"""


def _read(text: str) -> Pbx:
    found = table(text, "x.csv")
    assert freepbx_csv.suits(found.names)
    return freepbx_csv.read(found)


def test_the_bulk_handler() -> None:
    pbx = _read(NEW)
    ann, bo = pbx.extensions
    assert [(s.kind, s.text) for s in ann.secrets] == [
        (Kind.PASSWORD, "s3cret"), (Kind.VOICEMAIL, "1234"),
    ]  # fmt: skip
    assert ann.mail == "ann@example.com"
    hashed = bo.secrets[0].hashed
    assert hashed is not None
    assert (hashed.user, hashed.realm) == ("201", "asterisk")
    assert (Topic.MEDIA, "sdes", "200") in {(s.topic, s.value, s.extension) for s in pbx.settings}
    assert (Topic.TRANSPORT, "tls", "200") in {
        (s.topic, s.value, s.extension) for s in pbx.settings
    }
    assert pbx.unknown == ("odd_module",)


def test_bulk_extensions_of_old() -> None:
    (ann,) = _read(OLD).extensions
    assert {secret.column: secret.kind for secret in ann.secrets} == {
        "devinfo_secret": Kind.PASSWORD, "password": Kind.PIN, "vmpwd": Kind.VOICEMAIL,
        "jabber_password": Kind.SERVICE,
    }  # fmt: skip
    assert ann.outside is False


def test_users_belong_to_their_extensions() -> None:
    text = "username,password,default_extension,displayname,email\nann,pw,200,Ann,a@example.com\nx,y,none,,\n"  # noqa: E501
    assert freepbx_csv.is_users(table(text, "x").names)
    (ann,) = _read(text).extensions
    assert (ann.number, ann.secrets[0].kind) == ("200", Kind.LOGIN)


def test_numbers_from_outside_ring_extensions() -> None:
    text = 'cidnum,extension,destination\n,2025550123,"from-did-direct,200,1"\n,999,"app-x,1,1"\n'
    found = table(text, "x")
    assert freepbx_csv.is_dids(found.names)
    assert freepbx_csv.read(found).extensions == ()
    dids = freepbx_csv.dids(found)
    assert dids == {"200": ["2025550123"]}
    assert freepbx_csv.with_dids(_read(NEW), dids).extensions[0].dids == ("2025550123",)


@pytest.mark.parametrize(
    ("name", "count"), [("stgnet_bulk13ext.csv", 501), ("stgnet_bulkext.csv", 501)]
)
def test_exports_of_others(shared_data: Path, name: str, count: int) -> None:
    path = shared_data / "pbx-config" / name
    if not path.is_file():
        pytest.skip("no such file")
    pbx = _read(decoded(octets(path), name))
    assert (len(pbx.extensions), pbx.unknown, pbx.troubles) == (count, (), ())
    assert all(any(s.kind is Kind.PASSWORD for s in one.secrets) for one in pbx.extensions)
