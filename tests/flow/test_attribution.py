"""Who answers for the suspects of an incident: asked, grouped, bounded, and never fatal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.flow import attribution
from ringfence.flow.attribution import MAX_CONTACTS, MAX_QUESTIONS, ask_about, attribute
from ringfence.model.responsible import (
    ABUSE_ROLE,
    COPY,
    FOUND,
    NOT_LOOKED_UP,
    UNREACHABLE,
    Contact,
    Network,
    Responsible,
    WhoOptions,
)
from tests.cases.incidents import incident, suspect

DESK = Contact(
    "abuse@hosting.example", "+1-202-555-0142", None, None, None, ("abuse",), "rdap.example",
    "entities[0]", ABUSE_ROLE, "role abuse",
)  # fmt: skip
DEAD = Contact(
    "noreply@hosting.example", None, None, None, None, (), "rdap.example", "entities[1]",
    ABUSE_ROLE, "role abuse", usable=False, why_not="a placeholder: nobody reads it",
)  # fmt: skip
HOSTING = Network(
    "203.0.113.64", "203.0.113.79", ("203.0.113.64/28",), "Example Hosting", "EXAMPLE", "NET-1",
    "NL", "ripe", 64500, "EXAMPLE-AS",
)  # fmt: skip


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


def answer(address: str, *contacts: Contact, network: Network | None = HOSTING) -> Responsible:
    return Responsible(
        address, FOUND, "Example Hosting answers for it", network, contacts, (), "2026-01-01"
    )


def test_addresses_of_one_network_stand_together() -> None:
    accused = incident(*(suspect(f"203.0.113.{n}") for n in (66, 91, 67)))
    other = Network("203.0.113.91", "203.0.113.91", (), "Other", None, None, None, None)
    found = [
        answer("203.0.113.67", DESK),
        answer("203.0.113.91", network=other),
        answer("203.0.113.66", DESK, DEAD),
        answer("198.51.100.1", DESK),
    ]
    first, second = attribute(accused, found).attribution
    assert first.addresses == ["203.0.113.66", "203.0.113.67"]
    assert (first.holder, first.country, first.asn) == ("Example Hosting", "NL", 64500)
    assert (first.prefixes, first.as_name) == (["203.0.113.64/28"], "EXAMPLE-AS")
    assert [c.email for c in first.contacts] == [DESK.email, DEAD.email]
    assert first.contacts[1].why_not == "a placeholder: nobody reads it"
    assert second.addresses == ["203.0.113.91"]
    assert second.prefixes == ["203.0.113.91 - 203.0.113.91"]


def test_a_private_suspect_is_told_apart_and_costs_no_question() -> None:
    accused = incident(suspect("10.0.0.1"), suspect("10.0.0.2"))
    asked = ask_about(accused, WhoOptions(offline=True))
    assert [one.at for one in asked] == [None, None]
    (one,) = attribute(accused, asked).attribution
    assert (one.addresses, one.state) == (["10.0.0.1", "10.0.0.2"], NOT_LOOKED_UP)
    assert "a private address" in one.says


def test_without_answers_nothing_is_said() -> None:
    assert attribute(incident(suspect("203.0.113.5")), []).attribution == []


def test_whom_to_write_to_and_to_call() -> None:
    copy = Contact(
        "cert@cert.example", None, None, None, None, (), "x", "y", COPY, "wants a copy"
    )  # fmt: skip
    accused = incident(suspect("203.0.113.66"))
    (one,) = attribute(accused, [answer("203.0.113.66", copy, DESK)]).attribution
    assert one.best is not None
    assert (one.best.email, one.phone) == ("abuse@hosting.example", "+1-202-555-0142")
    (none,) = attribute(accused, [answer("203.0.113.66", copy, DEAD)]).attribution
    assert (none.best, none.phone) == (None, None)


def test_an_exercise_never_stands_in_one_entry_with_a_registrys_answer() -> None:
    accused = incident(suspect("203.0.113.66"), suspect("203.0.113.67"))
    made_up = replace(answer("203.0.113.67", DESK), exercise=True)
    entries = attribute(accused, [answer("203.0.113.66", DESK), made_up]).attribution
    assert [(one.addresses, one.exercise) for one in entries] == [
        (["203.0.113.66"], False),
        (["203.0.113.67"], True),
    ]


def test_a_flood_of_networks_is_asked_about_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def each_its_own(addresses: list[str], *_: object) -> Iterator[Responsible]:
        for address in addresses:
            asked.append(address)
            network = Network(address, address, (address,), address, None, None, None, None)
            yield answer(address, DESK, network=network)

    monkeypatch.setattr(attribution, "look_up", each_its_own)
    accused = incident(*(suspect(f"2001:db8::{n:x}") for n in range(3000)))
    *found, left = attribute(accused, ask_about(accused, WhoOptions())).attribution
    assert len(asked) == len(found) == MAX_QUESTIONS
    assert asked[0] == "2001:db8::0"
    assert len(left.addresses) == 3000 - MAX_QUESTIONS
    assert (left.state, left.contacts) == (NOT_LOOKED_UP, [])
    assert left.says.startswith("not looked up: 2,950 addresses; 50 networks are asked")


def test_addresses_of_known_networks_cost_no_question(root: Path) -> None:
    accused = incident(*(suspect(f"203.0.113.{n}") for n in range(100, 160)))
    asked = ask_about(accused, WhoOptions(registry=str(root / "examples/registry")))
    assert all(one.exercise for one in asked)
    found = attribute(accused, asked).attribution
    assert [len(one.addresses) for one in found] == [28, 32]
    assert all(one.exercise for one in found)


def test_a_holder_of_many_contacts_is_cut() -> None:
    many = [DESK] * (MAX_CONTACTS + 5)
    (one,) = attribute(
        incident(suspect("203.0.113.66")), [answer("203.0.113.66", *many)]
    ).attribution
    assert len(one.contacts) == MAX_CONTACTS


def test_a_registry_that_is_none_costs_a_note(tmp_path: Path) -> None:
    notes: list[str] = []
    accused = incident(suspect("203.0.113.66"))
    assert ask_about(accused, WhoOptions(registry=str(tmp_path)), None, notes) == []
    assert "no recorded answers" in notes[0]


@pytest.mark.parametrize("error", [OSError("network is down"), KeyboardInterrupt()])
def test_what_was_found_before_a_failure_stays(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fails(addresses: list[str], *_: object) -> Iterator[Responsible]:
        yield answer(addresses[0], DESK)
        raise error

    monkeypatch.setattr(attribution, "look_up", fails)
    notes: list[str] = []
    accused = incident(suspect("203.0.113.66"), suspect("203.0.113.67"))
    first, left = attribute(accused, ask_about(accused, WhoOptions(), None, notes)).attribution
    assert (first.addresses, left.addresses) == (["203.0.113.66"], ["203.0.113.67"])
    assert len(notes) == 1


def test_unreachable_registries_make_one_entry() -> None:
    accused = incident(*(suspect(f"203.0.113.{n}") for n in range(9)))
    silent = [Responsible(s.address, UNREACHABLE, "nobody answered") for s in accused.suspects]
    (one,) = attribute(accused, silent).attribution
    assert (len(one.addresses), one.state) == (9, UNREACHABLE)
