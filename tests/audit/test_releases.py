"""How old a server is by what it says of itself."""

from __future__ import annotations

from datetime import date

import pytest

from ringfence.audit.releases import BRANCHES, MAX_HEADER, TABLE_OF, Age, names_version, read_header

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("header", "product", "version", "age"),
    [
        ("Asterisk PBX 13.38.3", "Asterisk", "13.38.3", Age.ENDED),
        ("Asterisk PBX 22.6.0", "Asterisk", "22.6.0", Age.KEPT),
        ("Asterisk PBX certified/18.9-cert8", "Asterisk", "18.9", Age.ENDED),
        ("Asterisk PBX 1.8.26.1", "Asterisk", "1.8.26.1", Age.ENDED),
        ("Asterisk PBX 99.1", "Asterisk", "99.1", Age.UNKNOWN),
        ("kamailio (5.6.3 (x86_64/linux))", "Kamailio", "5.6.3", Age.ENDED),
        ("kamailio (5.8.4 (x86_64/linux))", "Kamailio", "5.8.4", Age.KEPT),
        ("FreeSWITCH-mod_sofia/1.10.7-release~64bit", "FreeSWITCH", "1.10.7", Age.KEPT),
        ("FreeSWITCH-mod_sofia/1.4.26+git-20190329", "FreeSWITCH", "1.4.26", Age.ENDED),
        ("3CXPhoneSystem 18.0.7.312 (312)", "3CX", "18.0.7.312", Age.SUCCEEDED),
        ("3CXPhoneSystem 20.0.1.2", "3CX", "20.0.1.2", Age.KEPT),
    ],
)
def test_a_header_is_read(header: str, product: str, version: str, age: Age) -> None:
    (found,) = read_header(header, TODAY)
    assert (found.product, found.version, found.age) == (product, version, age)


def test_freepbx_tells_the_asterisk_below_it() -> None:
    above, below = read_header("FPBX-16.0.40(18.20.0)", TODAY)
    assert (above.product, above.age) == ("FreePBX", Age.SUCCEEDED)
    assert (below.product, below.version, below.age) == ("Asterisk", "18.20.0", Age.ENDED)


def test_a_branch_ends_on_its_day() -> None:
    eve, day = date(2027, 10, 18), date(2027, 10, 19)
    assert read_header("Asterisk PBX 20.5.0", eve)[0].age is Age.KEPT
    assert read_header("Asterisk PBX 20.5.0", day)[0].age is Age.ENDED


@pytest.mark.parametrize("header", ["", "Asterisk PBX", "My PBX", "SIP server 7", "Asterix 13.1"])
def test_what_names_no_version_of_ours_is_not_judged(header: str) -> None:
    assert read_header(header, TODAY) == ()


def test_branch_1_1_is_not_1_10() -> None:
    assert read_header("FreeSWITCH-mod_sofia/1.1.7", TODAY)[0].age is Age.UNKNOWN


def test_a_header_without_end_is_cut() -> None:
    assert read_header("x" * MAX_HEADER + " Asterisk PBX 13.1", TODAY) == ()


@pytest.mark.parametrize(
    ("header", "tells"),
    [("Asterisk PBX 13.1", True), ("Odd/3.4", True), ("Asterisk PBX", False), ("", False)],
)
def test_a_version_is_told(header: str, tells: bool) -> None:
    assert names_version(header) is tells


def test_the_table_is_in_order_and_no_older_than_its_day() -> None:
    for branches in BRANCHES:
        years = [branch.appeared for branch in branches]
        assert years == sorted(years)
        assert years[-1] <= TABLE_OF.year
        assert len({branch.name for branch in branches}) == len(branches)
        assert len({branch.product for branch in branches}) == 1
