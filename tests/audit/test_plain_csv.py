"""Lists of extensions as anybody writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.audit import plain_csv
from ringfence.audit.contents import decoded, octets
from ringfence.audit.rows import table
from ringfence.model.pbx import Pbx
from ringfence.model.secret import Kind


def _read(text: str) -> Pbx:
    found = table(text, "x.csv")
    assert plain_csv.suits(found.names)
    return plain_csv.read(found)


def test_switchvox() -> None:
    (one,) = _read(
        "ext,fname,lname,email,password,phone_password,voicemail_password,mac_address\n"
        "200,Ann,Lee,a@example.com,55,phone,1234,02005e005301\n"
    ).extensions
    assert {secret.column: secret.kind for secret in one.secrets} == {
        "password": Kind.LOGIN, "phone_password": Kind.PASSWORD,
        "voicemail_password": Kind.VOICEMAIL,
    }  # fmt: skip
    assert (one.name, one.macs) == ("Ann Lee", ("02005e005301",))


def test_a_users_name_beside_a_number_is_what_a_digest_carries() -> None:
    (one,) = _read("Nebenstelle;username;Passwort\n200;ann;x\n").extensions
    assert (one.number, one.auth_id) == ("200", "ann")


def test_a_users_name_alone_is_the_number() -> None:
    (one,) = _read("username,secret\nann,x\n").extensions
    assert (one.number, one.auth_id) == ("ann", "")


@pytest.mark.parametrize("names", [("name", "mail"), ("extension", "name"), ("a", "password")])
def test_other_tables_are_not_taken(names: tuple[str, ...]) -> None:
    assert not plain_csv.suits(names)


def test_a_list_of_others(shared_data: Path) -> None:
    path = shared_data / "pbx-config/stgnet_swvxext.csv"
    if not path.is_file():
        pytest.skip("no such file")
    pbx = _read(decoded(octets(path), path.name))
    assert (len(pbx.extensions), pbx.unknown, pbx.troubles) == (401, (), ())
