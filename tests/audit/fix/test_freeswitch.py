"""FreeSWITCH: parameters of a user, whose name may be anything."""

from __future__ import annotations

import hashlib

import pytest

from ringfence.audit.fix.freeswitch import files
from ringfence.audit.fix.replacement import plan
from ringfence.model.pbx import System
from ringfence.model.secret import Kind
from tests.pbxs_by_hand import KnownMaker, extension, hashed, pbx, secret, weak


def test_each_user_has_a_file_with_what_changes() -> None:
    first = extension("1001", secret(), secret(Kind.VOICEMAIL, "1001", "vm-password"))
    second = extension("1002", secret(), line=9)
    found = pbx(System.FREESWITCH, first, second)
    weaknesses = [weak(first), weak(first, Kind.VOICEMAIL, "vm-password"), weak(second)]
    made, undone = files(found, plan(found, weaknesses, KnownMaker(), ids=False), {})
    assert not undone
    assert [file.name for file in made] == ["freeswitch-1001.xml", "freeswitch-1002.xml"]
    assert made[0].content.decode() == (
        "<include>\n"
        '  <user id="1001">\n'
        "    <params>\n"
        '      <param name="password" value="NewSecret1"/>\n'
        '      <param name="vm-password" value="10000002"/>\n'
        "    </params>\n"
        "  </user>\n"
        "</include>\n"
    )
    assert "reloadxml" in made[0].load


def test_a_hash_stays_a_hash() -> None:
    one = extension("1001", hashed("a" * 32, "a1-hash", user="1001", realm="pbx.example.com"))
    found = pbx(System.FREESWITCH, one)
    ((file,), _) = files(found, plan(found, [weak(one)], KnownMaker(), ids=False), {})
    digest = hashlib.md5(b"1001:pbx.example.com:NewSecret1").hexdigest()  # noqa: S324  RFC 2617
    assert f'<param name="a1-hash" value="{digest}"/>'.encode() in file.content


@pytest.mark.parametrize("number", ['1"/><evil x="', "<!--", "&lol;", "../1"])
def test_a_name_that_breaks_out_stays_inside(number: str) -> None:
    one = extension(number, secret())
    found = pbx(System.FREESWITCH, one)
    ((file,), _) = files(found, plan(found, [weak(one)], KnownMaker(), ids=False), {})
    assert file.content.count(b"<") == 7
    assert "/" not in file.name
