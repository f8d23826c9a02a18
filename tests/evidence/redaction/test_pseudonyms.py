"""Pseudonyms: same length, same kind, the same under one key, another under another."""

from __future__ import annotations

import stat
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.pseudonyms import (
    ACCOUNT,
    KEY_OCTETS,
    SECRET,
    KeyFileError,
    Pseudonyms,
    load_key,
)

ONE, TWO = Pseudonyms(bytes(32)), Pseudonyms(b"\1" * 32)


@pytest.mark.parametrize("original", [b"1001", b"7", b"Alice.Smith-22", b"a_b+c", b"9*8"])
def test_digits_stay_digits_and_letters_letters(original: bytes) -> None:
    made = ONE.text(ACCOUNT, original)
    assert made != original
    assert [kind(octet) for octet in made] == [kind(octet) for octet in original]


def kind(octet: int) -> str:
    character = chr(octet)
    if character.isdigit():
        return "digit"
    return ("upper" if character.isupper() else "lower") if character.isalpha() else character


@pytest.mark.parametrize("original", [b"d41d8cd98f00b204e9800998ecf8427e", b"D41D8CD98F00B204"])
def test_a_digest_stays_hexadecimal(original: bytes) -> None:
    made = ONE.text(SECRET, original)
    assert len(bytes.fromhex(made.decode())) == len(original) // 2
    assert made.isupper() == original.isupper()
    assert made != original


def test_a_password_keeps_no_punctuation() -> None:
    made = ONE.text(SECRET, b"p'#$ss!")
    assert made.isalnum()
    assert len(made) == 7


def test_no_two_extensions_share_a_pseudonym() -> None:
    made = {ONE.text(ACCOUNT, b"%03d" % number) for number in range(1000)}
    assert len(made) == 1000


@given(st.binary(min_size=1, max_size=200))
def test_any_octets_have_a_pseudonym_of_their_length(original: bytes) -> None:
    for what in (ACCOUNT, SECRET):
        made = ONE.text(what, original)
        assert len(made) == len(original)
        assert made == Pseudonyms(bytes(32)).text(what, original)
        assert made.isascii()
        if any(chr(octet).isalnum() and octet < 128 for octet in original):
            assert made != original


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=40))
def test_another_key_gives_another_pseudonym(original: str) -> None:
    assert ONE.text(ACCOUNT, original.encode()) != TWO.text(ACCOUNT, original.encode())


def test_who_lacks_the_key_cannot_try_all_extensions() -> None:
    """With a wrong key, guesses hit no more often than by chance."""
    shown = ONE.text(ACCOUNT, b"4711")
    guesses = [n for n in range(10_000) if TWO.text(ACCOUNT, b"%04d" % n) == shown]
    assert len(guesses) == 1
    assert guesses != [4711]


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_addresses_become_reserved_ones_of_the_same_length(address) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    made = ip_address(ONE.address(address.packed))
    assert made != address
    assert made.version == address.version
    assert str(made).startswith(("0.", "24", "25", "100::", "2001:db8:", "::ffff:"))
    if 6 <= len(str(address)) <= 38 and made.version == 4:
        assert len(str(made)) == len(str(address))


def test_mapped_addresses_follow_those_inside() -> None:
    inside = bytes((10, 0, 0, 5))
    assert ONE.address(bytes(10) + b"\xff\xff" + inside)[12:] == ONE.address(inside)


def test_hardware_addresses_are_local_ones_but_for_broadcasts() -> None:
    made = ONE.hardware(bytes.fromhex("00156512ab34"))
    assert made[0] == 2
    assert made[1:] != bytes.fromhex("156512ab34")
    assert ONE.hardware(b"\xff" * 6) == b"\xff" * 6


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "redaction.key"
    key = load_key(path)
    assert len(key) == KEY_OCTETS
    assert load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_key_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "redaction.key"
    path.write_bytes(b"short")
    with pytest.raises(KeyFileError, match="has 5 octets"):
        load_key(path)
    assert path.read_bytes() == b"short"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="31 octets"):
        Pseudonyms(bytes(31))
