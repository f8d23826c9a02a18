"""What changes in a phone system, whatever kind it is."""

from __future__ import annotations

import pytest

from ringfence.audit.fix.change import change
from ringfence.model.pbx import System
from ringfence.model.secret import Kind
from tests.pbxs_by_hand import OLD, KnownMaker, extension, hashed, pbx, secret, weak

SOURCES = {
    System.THREECX: f"Number,password\n201,{OLD}\n",
    System.FREEPBX: f"extension,password\n201,{OLD}\n",
    System.LIST: f"extension,password\n201,{OLD}\n",
    System.PJSIP: f"[201]\ntype=auth\nusername=201\npassword={OLD}\n",
    System.SIP_CONF: f"[201]\npassword={OLD}\n",
    System.FREESWITCH: "",
    System.KAMAILIO: "",
}


@pytest.mark.parametrize("system", System)
def test_each_system_has_a_form_with_the_new_secret_and_without_the_old(system: System) -> None:
    one = extension("201", secret(), *([hashed("a" * 32)] if system is System.KAMAILIO else []))
    found = change(
        pbx(system, one), [weak(one)], KnownMaker(), {"source": SOURCES[system].encode()}
    )
    assert [s.text for s in found.secrets] == ["NewSecret1"]
    (file,) = found.files
    assert b"NewSecret1" in file.content
    assert OLD.encode() not in file.content
    assert file.load
    assert found.left == ()


def test_what_is_not_in_a_file_is_not_on_the_sheet_either() -> None:
    one, other = extension("201", secret()), extension("202", secret(text="gone"), line=3)
    found = change(
        pbx(System.THREECX, one, other), [weak(one), weak(other)], KnownMaker(),
        {"source": f"Number,password\n201,{OLD}\n202,moved\n".encode()},
    )  # fmt: skip
    assert [s.extension for s in found.secrets] == ["201"]
    assert len(found.left) == 1


def test_the_id_of_3cx_changes_with_its_cell() -> None:
    one = extension("201", secret(), auth_id="201")
    content = {"source": f"Number,AuthID,password\n201,201,{OLD}\n".encode()}
    weaknesses = [weak(one, Kind.AUTH_ID, "AuthID")]
    found = change(pbx(System.THREECX, one), weaknesses, KnownMaker(), content)
    assert found.files[0].content == f"Number,AuthID,password\n201,newid1,{OLD}\n".encode()
