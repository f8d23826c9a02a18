"""Kamailio: UPDATEs that a database runs, and that hit exactly one user."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest

from ringfence.audit.fix.kamailio import files
from ringfence.audit.fix.replacement import Made, plan
from ringfence.model.pbx import Extension, System
from tests.pbxs_by_hand import KnownMaker, extension, hashed, pbx, secret, weak

DOMAIN = "sip.example.com"


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324  RFC 2617


def user(name: str = "201", domain: str = DOMAIN, *, plain: bool = True) -> Extension:
    hashes = (
        hashed("a" * 32, "ha1", name, domain),
        hashed("b" * 32, "ha1b", f"{name}@{domain}", domain),
    )
    return extension(name, *((secret(),) if plain else ()), *hashes)


def made(*ones: Extension) -> Made:
    found = pbx(System.KAMAILIO, *ones)
    planned = plan(found, [weak(one) for one in ones], KnownMaker(), ids=False)
    return files(found, planned, {})


def run(found: Made, *rows: tuple[str, str]) -> list[tuple[str, ...]]:
    """The table after a real database has run the file."""
    with sqlite3.connect(":memory:", isolation_level=None) as database:
        database.execute("CREATE TABLE subscriber (username, domain, password, ha1, ha1b)")
        database.executemany("INSERT INTO subscriber VALUES (?, ?, 'p', 'x', 'y')", rows)
        for file in found[0]:
            database.executescript(file.content.decode())
        return database.execute("SELECT * FROM subscriber").fetchall()


def test_password_and_both_hashes_change_of_this_user_alone() -> None:
    rows = run(made(user()), ("201", DOMAIN), ("201", "other.example.com"), ("202", DOMAIN))
    assert rows == [
        (
            "201", DOMAIN, "NewSecret1", md5(f"201:{DOMAIN}:NewSecret1"),
            md5(f"201@{DOMAIN}:{DOMAIN}:NewSecret1"),
        ),
        ("201", "other.example.com", "p", "x", "y"),
        ("202", DOMAIN, "p", "x", "y"),
    ]  # fmt: skip


def test_where_only_hashes_are_kept_no_password_is_written() -> None:
    (row,) = run(made(user(plain=False)), ("201", DOMAIN))
    assert row[2] == "p"
    assert row[3] == md5(f"201:{DOMAIN}:NewSecret1")


@pytest.mark.parametrize("name", ["o'neill", "x'; DROP TABLE subscriber; --", "' OR '1'='1"])
def test_a_name_that_ends_the_string_hits_itself_alone(name: str) -> None:
    rows = run(made(user(name)), (name, DOMAIN), ("202", DOMAIN))
    assert rows[0][2] == "NewSecret1"
    assert rows[1][2] == "p"


@pytest.mark.parametrize("name", ["a\\", "a\\'; --", "a\nb"])
def test_what_databases_read_differently_is_left_and_said(name: str) -> None:
    found, undone = made(user(name))
    assert found == ()
    assert "by hand" in undone[0][1]


def test_without_a_domain_nobody_is_changed() -> None:
    found, undone = made(extension("201", secret()))
    assert found == ()
    assert "domain" in undone[0][1]


def test_the_rows_name_may_hold_the_domain() -> None:
    one = extension("201", secret(), place_name=f"201@{DOMAIN}")
    (row,) = run(made(one), ("201", DOMAIN))
    assert row[2:] == (
        "NewSecret1", md5(f"201:{DOMAIN}:NewSecret1"), md5(f"201@{DOMAIN}:{DOMAIN}:NewSecret1"),
    )  # fmt: skip
