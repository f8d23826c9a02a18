"""Which secrets are replaced, and by what."""

from __future__ import annotations

import hashlib

import pytest

from ringfence.audit.fix.replacement import Plan, digest, plan
from ringfence.model.new_secret import FixError
from ringfence.model.pbx import Extension, Pbx, Place, System
from ringfence.model.secret import Hashed, Kind
from ringfence.model.weakness import Severity, Weakness
from tests.pbxs_by_hand import (
    OLD,
    KnownMaker,
    UnfitMaker,
    extension,
    hashed,
    pbx,
    secret,
    weak,
)

PIN = secret(Kind.VOICEMAIL, "0000", "vm")


def planned(found: Pbx, *weaknesses: Weakness, ids: bool = True, pins: bool = True) -> Plan:
    return plan(found, weaknesses, KnownMaker(), ids=ids, pins=pins)


def test_only_what_broke_a_rule_is_replaced() -> None:
    first, second = extension("201", secret(), PIN), extension("202", secret(), line=3)
    found = planned(pbx(System.THREECX, first, second), weak(first))
    assert [(r.extension.number, r.old.kind) for r in found.replacements] == [
        ("201", Kind.PASSWORD)
    ]


def test_many_broken_rules_are_one_new_secret() -> None:
    one = extension("201", secret())
    found = planned(pbx(System.THREECX, one), weak(one), weak(one))
    assert len(found.replacements) == 1


def test_hashes_of_a_password_change_with_it() -> None:
    one = extension("201", secret(), hashed("0" * 32))
    first, second = planned(pbx(System.KAMAILIO, one), weak(one)).replacements
    assert first.new is second.new
    assert second.value == digest(Hashed("MD5", "201", "sip.example.com", ""), first.value)


@pytest.mark.parametrize(("algorithm", "name"), [
    ("MD5", "md5"), ("SHA-256", "sha256"), ("SHA-512-256", "sha512_256"),
])  # fmt: skip
def test_a_hash_is_that_of_user_realm_and_password(algorithm: str, name: str) -> None:
    expected = hashlib.new(name, b"201:example.com:new").hexdigest()
    assert digest(Hashed(algorithm, "201", "example.com", ""), "new") == expected


def test_an_unknown_algorithm_is_no_guess() -> None:
    with pytest.raises(FixError, match="MD4"):
        digest(Hashed("MD4", "201", "example.com", ""), "new")


def test_what_a_spreadsheet_or_a_database_would_obey_is_drawn_again() -> None:
    one = extension("201", secret())
    (found,) = plan(pbx(System.THREECX, one), [weak(one)], UnfitMaker(), ids=True).replacements
    assert found.value == "NewSecret1"


def test_a_maker_that_never_fits_is_no_endless_loop() -> None:
    class Never(KnownMaker):
        def password(self, extension: Extension) -> str:  # noqa: ARG002  as of every maker
            return "=1"

    one = extension("201", secret())
    with pytest.raises(FixError, match="201"):
        plan(pbx(System.THREECX, one), [weak(one)], Never(), ids=True)


def test_trunks_and_managers_are_named_and_left() -> None:
    one = extension("201", secret())
    trunk = Weakness(
        "is-default", Severity.HIGH, "", "", Place("source", 1, "carrier"), "", Kind.TRUNK
    )
    found = planned(pbx(System.THREECX, one), trunk)
    assert found.replacements == ()
    assert found.left == ("trunk password carrier: change it by hand, on both sides",)


def test_what_the_form_cannot_change_is_said() -> None:
    one = extension("201", secret(), PIN, auth_id="ada")
    found = planned(
        pbx(System.PJSIP, one),
        weak(one, Kind.AUTH_ID, "username"), weak(one, Kind.VOICEMAIL, "vm"),
        ids=False, pins=False,
    )  # fmt: skip
    assert found.replacements == ()
    assert len(found.left) == 2
    assert "by hand" in found.left[0]


def test_what_stands_in_another_file_is_the_extensions_all_the_same() -> None:
    one = extension("201", secret())
    found = pbx(System.PJSIP, one, sources=("source", "auth.conf"))
    other = Weakness(
        "r", Severity.HIGH, "", "", Place("auth.conf", 9, "201"), "201", Kind.PASSWORD, "password"
    )
    assert len(planned(found, other).replacements) == 1


def test_another_phone_system_is_not_touched() -> None:
    one, other = extension("201", secret()), extension("201", secret(), source="elsewhere")
    assert planned(pbx(System.THREECX, one), weak(other)).replacements == ()


def test_neither_the_old_nor_the_new_one_shows_itself() -> None:
    one = extension("201", secret())
    told = repr(planned(pbx(System.THREECX, one), weak(one)))
    assert OLD not in told
    assert "NewSecret1" not in told
