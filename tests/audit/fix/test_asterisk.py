"""Asterisk: what is added belongs to a section that is there, and to no other."""

from __future__ import annotations

import hashlib

import pytest

from ringfence.audit.fix.asterisk import files, sections
from ringfence.audit.fix.replacement import Made, plan
from ringfence.model.pbx import Extension, Pbx, System
from ringfence.model.secret import Kind
from tests.pbxs_by_hand import KnownMaker, extension, hashed, pbx, secret, weak


def made(found: Pbx, *texts: str, kind: Kind = Kind.PASSWORD, column: str = "password") -> Made:
    """What is made of the first extension, whose files hold these texts."""
    planned = plan(found, [weak(found.extensions[0], kind, column)], KnownMaker(), ids=False)
    return files(found, planned, dict(zip(found.sources, map(str.encode, texts), strict=False)))


def lines(found: Made) -> list[str]:
    """All that would be added."""
    (file,) = found[0]
    return [line for line in file.content.decode().splitlines() if line and line[0] != ";"]


def one(*, auth_id: str = "") -> Pbx:
    return pbx(System.PJSIP, extension("201", secret(text="old"), auth_id=auth_id))


SEPARATE = """
[201]
type = endpoint
auth = 201-auth
[201-auth]
type=auth
username = 201
password = old ; a comment
[202-auth]
type=auth
username=202
password=old
"""


def test_the_password_is_added_to_the_section_that_holds_it() -> None:
    assert lines(made(one(), SEPARATE)) == ["[201-auth](+)", "password = NewSecret1"]


def test_sections_of_one_name_are_told_apart_by_their_type() -> None:
    text = "[201]\ntype=endpoint\nauth=201\n[201]\ntype=auth\nusername=201\npassword=old\n"
    assert lines(made(one(), text))[0] == "[201](+type=auth)"


def test_what_a_template_says_is_inherited_and_the_template_is_left() -> None:
    text = (
        "[tpl](!)\ntype=auth\npassword=old\n[201-auth](tpl)\nusername=201\n"
        "[202-auth](tpl)\nusername=202\n"
    )
    assert lines(made(one(), text)) == ["[201-auth](+)", "password = NewSecret1"]


def test_a_name_of_its_own_is_found_through_the_endpoint() -> None:
    text = "[201]\ntype=endpoint\nauth=special\n[special]\ntype=auth\nusername=ada\npassword=old\n"
    assert lines(made(one(), text))[0] == "[special](+)"


def test_an_included_file_is_looked_through() -> None:
    found = pbx(System.PJSIP, extension("201", secret(text="old")), sources=("source", "auth.conf"))
    text = "[a201]\ntype=auth\nusername=201\npassword=old\n"
    assert lines(made(found, "#include auth.conf\n", text))[0] == "[a201](+)"


def test_a_section_that_is_not_there_would_stop_asterisk_so_it_is_left() -> None:
    found, undone = made(one(), SEPARATE.replace("= old", "= another"))
    assert found == ()
    assert "by hand" in undone[0][1]


@pytest.mark.parametrize("text", [
    ";[201-auth]\n;type=auth\n;username=201\n;password=old\n",
    ";--\n[201-auth]\ntype=auth\nusername=201\npassword=old\n--;\n",
])  # fmt: skip
def test_what_is_a_comment_is_no_section(text: str) -> None:
    assert made(one(), text)[0] == ()


@pytest.mark.parametrize(("algorithm", "name"), [("MD5", "md5"), ("SHA-256", "sha256")])
def test_a_digest_is_replaced_by_the_digest_of_the_new_one(algorithm: str, name: str) -> None:
    old = hashlib.new(name, b"201:asterisk:old").hexdigest()
    found = pbx(
        System.PJSIP,
        extension("201", hashed(old, "password_digest", realm="asterisk", algorithm=algorithm)),
    )
    text = f"[201-auth]\ntype=auth\nusername=201\npassword_digest={algorithm}:{old}\n"
    new = hashlib.new(name, b"201:asterisk:NewSecret1").hexdigest()
    assert lines(made(found, text)) == ["[201-auth](+)", f"password_digest = {algorithm}:{new}"]


def test_sip_conf_has_one_section_a_peer() -> None:
    found = pbx(System.SIP_CONF, extension("201", secret(text="old", column="secret")))
    text = "[general]\nsecret=old\n[tpl](!)\nsecret=old\n[201](tpl)\n[202]\nsecret=old\n"
    assert lines(made(found, text, column="secret")) == ["[201](+)", "secret = NewSecret1"]


def test_a_circle_of_templates_ends() -> None:
    text = "[a](!,b)\n[b](!,a)\n[201-auth](a)\ntype=auth\nusername=201\npassword=old\n"
    assert lines(made(one(), text))[0] == "[201-auth](+)"


def test_octets_that_are_no_text_are_read_past() -> None:
    assert [s.name for s in sections(b"\xff\xfe[\n[x]\nb\xff=1\n")] == ["x"]


def test_the_whole_says_how_it_is_loaded() -> None:
    ((file,), _) = made(one(), SEPARATE)
    assert "#include pjsip-new-secrets.conf" in file.load
    assert "pjsip reload" in file.load


def test_an_extension_of_nobodys_hash_is_left() -> None:
    bare = Extension("201", extension().place)
    assert made(pbx(System.PJSIP, bare), SEPARATE) == ((), ())
