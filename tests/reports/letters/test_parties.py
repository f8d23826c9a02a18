"""Which sources share a letter, and who gets none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.responsible import FOUND, NOT_LOOKED_UP, Responsible
from ringfence.reports.letters.parties import MAX_PARTIES, end_of, is_outside, parties_of
from tests.reports.letters.scene import (
    ANSWERS,
    BRIEF,
    FLOODED,
    GUESSED,
    GUESSED_UNKNOWN,
    HOSTING,
    INCIDENT,
    STOLE,
    SUSPECTED,
    about,
    contact,
)


def test_a_network_is_one_letter_worst_source_first() -> None:
    first = BRIEF.parties[0]
    assert first.key == "198.51.100.0/24"
    assert [source.address for source in first.sources] == [
        "198.51.100.7", "198.51.100.23", "198.51.100.99",
    ]  # fmt: skip


def test_who_cost_most_comes_first() -> None:
    assert [party.key for party in BRIEF.parties] == [
        "198.51.100.0/24", "203.0.113.50", "2001:db8:77::/48", "203.0.113.64/26",
    ]  # fmt: skip


def test_a_suspect_alone_is_accused_to_nobody() -> None:
    assert about(SUSPECTED).parties == ()


def test_neighbours_whom_nobody_knows_do_not_read_of_each_other() -> None:
    other = replace(GUESSED_UNKNOWN, address="203.0.113.51")
    assert [len(party.sources) for party in about(GUESSED_UNKNOWN, other).parties] == [1, 1]


def test_one_network_of_two_desks_is_two_letters_with_two_names() -> None:
    answers = [
        Responsible(STOLE.address, FOUND, "", HOSTING, (contact("abuse@a.example"),)),
        Responsible(GUESSED.address, FOUND, "", HOSTING, (contact("abuse@b.example"),)),
    ]
    incident = replace(INCIDENT, suspects=[STOLE, GUESSED])
    keys = [party.key for party in parties_of(incident, answers)]
    assert keys == ["198.51.100.0/24", "198.51.100.23"]


def test_nobody_was_asked_is_said() -> None:
    incident = replace(INCIDENT, suspects=[STOLE])
    assert parties_of(incident, [])[0].responsible.state == NOT_LOOKED_UP


def test_a_liars_prefix_is_no_key() -> None:
    bad = replace(HOSTING, prefixes=("../../x", "198.51.100.9/24"))
    answers = [Responsible(STOLE.address, FOUND, "", bad)]
    incident = replace(INCIDENT, suspects=[STOLE])
    assert parties_of(incident, answers)[0].key == "198.51.100.0/24"


def test_a_flood_of_networks_is_bounded() -> None:
    many = [replace(FLOODED, address=f"203.0.{n // 200}.{n % 200}") for n in range(900)]
    assert len(parties_of(replace(INCIDENT, suspects=many), ANSWERS)) == MAX_PARTIES


@pytest.mark.parametrize(
    "address",
    ["10.0.0.7", "192.168.1.9", "172.31.0.1", "100.64.3.3", "127.0.0.1", "169.254.1.1",
     "240.0.0.7", "0.1.2.3", "224.0.0.251", "fe80::1", "fd00::1", "::1", "100::9", "not one"],
)  # fmt: skip
def test_what_nobody_outside_has_is_nobodys_to_complain_to(address: str) -> None:
    assert not is_outside(address)
    assert about(replace(STOLE, address=address)).parties == ()


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8::1"])
def test_what_somebody_outside_has_is_written_about(address: str) -> None:
    assert is_outside(address)


def test_a_pseudonym_is_no_end_that_a_stranger_could_look_for() -> None:
    assert end_of("251.4.31.0:5060") == "our port 5060"
    assert end_of("10.0.0.7:5060") == "our port 5060"
    assert end_of("192.0.2.10:5060") == "192.0.2.10:5060"
    assert end_of("[2001:db8::10]:5060") == "[2001:db8::10]:5060"
