"""The same CSV with new secrets: 3CX, FreePBX, a list."""

from __future__ import annotations

import pytest

from ringfence.audit.fix.replacement import plan
from ringfence.audit.fix.table import files
from ringfence.model.pbx import System
from ringfence.model.secret import Kind
from tests.pbxs_by_hand import KnownMaker, extension, hashed, pbx, secret, weak

CSV = b"extension,name,secret,md5_cred,vm\r\n201,Ada,old,%s,0000\r\n202,=1+1,keep,,1111\r\n"


@pytest.mark.parametrize("system", [System.THREECX, System.FREEPBX, System.LIST])
def test_only_the_cells_of_the_weak_one_change(system: System) -> None:
    one = extension(
        "201", secret(text="old", column="secret"), secret(Kind.VOICEMAIL, "0000", "vm"),
        source="in/ext.csv",
    )  # fmt: skip
    found = pbx(system, one)
    made = plan(found, [weak(one), weak(one, Kind.VOICEMAIL, "vm")], KnownMaker(), ids=True)
    content = CSV.replace(b"%s", b"")
    (file,), undone = files(found, made, {"in/ext.csv": content})
    assert not undone
    assert file.name == "ext.csv"
    new = content.replace(b"old", b"NewSecret1").replace(b",0000", b",10000002")
    assert file.content == new
    assert file.load


def test_the_hash_beside_the_secret_follows() -> None:
    old = "c" * 32
    one = extension(
        "201", secret(text="old", column="secret"), hashed(old, "md5_cred", realm="asterisk"),
    )  # fmt: skip
    found = pbx(System.FREEPBX, one)
    made = plan(found, [weak(one)], KnownMaker(), ids=False)
    (file,), _ = files(found, made, {"source": CSV.replace(b"%s", old.encode())})
    assert old.encode() not in file.content
    assert made.replacements[1].value.encode() in file.content


def test_where_there_is_no_table_it_says_what_to_do() -> None:
    one = extension("201", secret(), source="https://pbx.example.com/xapi", line=0)
    found = pbx(System.THREECX, one)
    made = plan(found, [weak(one)], KnownMaker(), ids=True)
    made_files, undone = files(found, made, {})
    assert made_files == ()
    assert "export the extensions as CSV" in undone[0][1]
