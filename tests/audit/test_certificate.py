"""What a server's certificate says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ringfence.audit.certificate import MAX_OCTETS, days_left, read_certificate
from tests.audit.certificates import NOW, made


def test_the_facts_are_read() -> None:
    seen = read_certificate(
        made("pbx", "pbx.example.com", "192.0.2.10", issuer="Some CA", bits=2048)
    )
    assert seen.names == ("pbx.example.com", "192.0.2.10")
    assert (seen.key, seen.bits, seen.hashed_by, seen.own) == ("RSA", 2048, "sha256", False)
    assert seen.ends == NOW + timedelta(days=300)


@pytest.mark.parametrize(
    ("host", "fits"),
    [
        ("pbx.example.com", True),
        ("PBX.Example.com.", True),
        ("a.office.example.com", True),
        ("a.b.office.example.com", False),
        ("office.example.com", False),
        ("192.0.2.10", True),
        ("192.0.2.11", False),
        ("pbx", False),  # the subject's name does not count beside the extension
    ],
)
def test_a_name_fits_or_not(host: str, fits: bool) -> None:
    der = made("pbx", "pbx.example.com", "*.office.example.com", "192.0.2.10")
    assert read_certificate(der).is_for(host) is fits


def test_without_the_extension_the_subject_counts() -> None:
    assert read_certificate(made("pbx.example.com")).is_for("pbx.example.com")


def test_one_that_signed_itself_is_known() -> None:
    assert read_certificate(made("pbx")).own


@pytest.mark.parametrize(("bits", "weak"), [(1024, True), (2048, False), (0, False)])
def test_a_short_key_is_weak(bits: int, weak: bool) -> None:
    assert read_certificate(made("pbx", bits=bits)).is_weak is weak


@pytest.mark.parametrize("days", [-3, 0, 12])
def test_days_are_counted(days: int) -> None:
    assert days_left(read_certificate(made("pbx", days=days)), NOW) == days


@pytest.mark.parametrize("octets", [b"", b"\x30\x82", b"x" * (MAX_OCTETS + 1)])
def test_what_is_no_certificate_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever the library says
        read_certificate(octets)


GOOD = made("pbx", "pbx.example.com", "192.0.2.10")


@given(some.integers(0, len(GOOD) - 1), some.binary(min_size=1, max_size=8))
def test_a_damaged_one_is_read_or_refused(at: int, octets: bytes) -> None:
    """The fields are a stranger's: nothing but ValueError may come of them."""
    damaged = GOOD[:at] + octets + GOOD[at + len(octets) :]
    try:
        seen = read_certificate(damaged)
    except ValueError:
        return
    assert isinstance(seen.is_weak, bool)
    assert isinstance(seen.is_for("pbx.example.com"), bool)
