"""`ringfence who`, as a person uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.cli.who import describe
from ringfence.flow.casebook import Casebook, StoreError
from ringfence.model.responsible import Location, Responsible
from tests.attribute.answers import Json, entity, fn, kind, mail, network, octets, remark, tel
from tests.attribute.server import Play, Registry, registry
from tests.cases.incidents import incident, suspect
from tests.cli.conftest import Run

ANSWER = network(
    entity("O", ["registrant"], fn("Example Hosting Ltd"), kind("org")),
    entity("D", ["abuse"], mail("abuse@hosting.example"), tel("+31 20 555 0100")),
    entity("X", ["technical"], mail("removed@lacnic.net")),
    country="NL",
    port43="whois.ripe.net",
    remarks=[remark("report abuse at https://hosting.example/abuse")],
)


@pytest.fixture
def server() -> Iterator[Registry]:
    with registry() as one:
        one.play("/ip/203.0.113.5", Play(octets(ANSWER)))
        yield one


def test_contacts_are_shown_best_first_with_their_places(run: Run, server: Registry) -> None:
    result = run("who", "203.0.113.5", "--registry", server.url)
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0] == f"An exercise: {server.url} answers, and no registry was asked."
    assert lines[2] == "203.0.113.5"
    assert lines[3] == "Example Hosting Ltd answers for it: write to abuse@hosting.example"
    assert "network   203.0.113.0/24, EXAMPLE, NL, ripe" in lines
    assert "mail      abuse@hosting.example, phone +31 20 555 0100" in lines
    assert "role abuse (127.0.0.1 entities[1].vcardArray[1])" in lines
    assert "form      https://hosting.example/abuse" in lines
    assert any(line.startswith("unusable  removed@lacnic.net: a placeholder") for line in lines)


def test_addresses_of_one_network_stand_together(run: Run, server: Registry) -> None:
    result = run("who", "203.0.113.5", "203.0.113.6", "10.0.0.1", "--registry", server.url)
    assert "\n\n203.0.113.5, 203.0.113.6\n" in result.stdout
    assert "10.0.0.1\n  not looked up: a private address" in result.stdout
    assert result.exit_code == 1, "there is nobody to write to about 10.0.0.1"


def test_document_alone_goes_to_standard_output(run: Run, server: Registry, tmp_path: Path) -> None:
    result = run("who", "203.0.113.5", "--registry", server.url, "--json", "-")
    document = json.loads(result.stdout)
    assert document["exercise"] is True
    (one,) = document["addresses"]
    assert one["network"]["holder"] == "Example Hosting Ltd"
    assert one["contacts"][0]["where"] == "remarks[0]" or one["contacts"][0]["email"]
    out = tmp_path / "who.json"
    told = run("who", "203.0.113.5", "--registry", server.url, "--json", out)
    assert json.loads(out.read_bytes())["addresses"][0]["state"] == "found"
    assert "Example Hosting Ltd" in told.stdout


def test_all_sources_of_a_case(run: Run, server: Registry, tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    with Casebook(store) as book:
        case = book.file(incident(suspect("203.0.113.5")), None).case
    result = run("who", "--case", case.id, "--store", store, "--registry", server.url)
    assert "\n\n203.0.113.5\n" in result.stdout
    with Casebook(store) as book:
        (kept,) = book.attribution(case)
        told = book.journal(case)[-1].text
    assert (kept.exercise, kept.best and kept.best.email) == (True, "abuse@hosting.example")
    assert "abuse@hosting.example for 203.0.113.0/24" in told
    unknown = run("who", "--case", "RF-19990101-ffffff", "--store", store)
    assert (unknown.exit_code, "there is no case" in unknown.stderr) == (2, True)


def test_answers_for_a_merged_case_are_shown_and_kept(
    run: Run, server: Registry, tmp_path: Path
) -> None:
    store = str(tmp_path / "cases.db")
    with Casebook(store) as book:
        one = book.file(incident(suspect("203.0.113.5")), None).case
        two = book.file(incident(suspect("203.0.113.6"), capture="b" * 64), None).case
        book.merge(one.id, two.id)
    result = run("who", "--case", one.id, "--store", store, "--registry", server.url)
    assert (result.exit_code, "abuse@hosting.example" in result.stdout) == (0, True)
    with Casebook(store) as book:
        assert [found.address for found in book.attribution(two)] == ["203.0.113.5"]


def test_a_case_that_cannot_keep_the_answers_loses_none_on_the_screen(
    run: Run, server: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("cases.db: the disk is full")

    store = str(tmp_path / "cases.db")
    with Casebook(store) as book:
        case = book.file(incident(suspect("203.0.113.5")), None).case
    monkeypatch.setattr("ringfence.flow.responsible.keep_for_case", full)
    result = run("who", "--case", case.id, "--store", store, "--registry", server.url)
    assert "abuse@hosting.example" in result.stdout
    assert (result.exit_code, "the disk is full" in result.stderr) == (2, True)


def test_an_address_that_is_none_of_the_case_is_not_kept_in_it(
    run: Run, server: Registry, tmp_path: Path
) -> None:
    store = str(tmp_path / "cases.db")
    with Casebook(store) as book:
        case = book.file(incident(suspect("10.0.0.1")), None).case
    run("who", "203.0.113.5", "--case", case.id, "--store", store, "--registry", server.url)
    with Casebook(store) as book:
        assert [found.address for found in book.attribution(case)] == ["10.0.0.1"]


def test_offline_says_so(run: Run) -> None:
    result = run("who", "172.32.0.1", "--offline")
    assert "not looked up: offline, and nothing about it is remembered" in result.stdout
    assert result.exit_code == 1


def test_text_of_a_stranger_is_escaped(run: Run, server: Registry) -> None:
    hostile = "\x1b[2J\x1b]0;gone\x07\u202eevil"
    document: Json = network(
        entity("O", ["registrant"], fn(hostile), kind("org")),
        entity(
            hostile, ["abuse", hostile], mail(f"a{hostile}@h.example"), mail("abuse@bücher.example")
        ),
        name=hostile,
        remarks=[remark(f"abuse: https://h.example/{hostile}")],
    )
    server.play("/ip/203.0.113.5", Play(octets(document)))
    shown = run("who", "203.0.113.5", "--registry", server.url).stdout
    for character in ("\x1b", "\x07", "\u202e"):
        assert character not in shown
    assert "abuse@xn--bcher-kva.example" in shown


def test_what_was_asked_is_told_where_nothing_came_of_it(run: Run, server: Registry) -> None:
    server.play("/ip/203.0.113.5", Play(b"<html>busy</html>"))
    result = run("who", "203.0.113.5", "--registry", server.url)
    assert result.exit_code == 1
    assert "answered with HTML" in result.stdout
    assert "RIPEstat: not asked: an exercise asks its own server only" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "name an address, or a case with --case"),
        (("pbx.example",), "no address like"),
        (("203.0.113.5", "--registry", "ftp://x"), "an address like https://"),
        (("203.0.113.5", "--offline", "--geo", "gone.mmdb"), "--geo gone.mmdb: No such file"),
    ],
)
def test_what_makes_no_sense_is_explained(run: Run, arguments: tuple[str, ...], says: str) -> None:
    result = run("who", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_switches_reach_the_look_up(
    run: Run, monkeypatch: pytest.MonkeyPatch, server: Registry
) -> None:
    seen: list[object] = []

    def look_up(addresses: list[str], options: object, *_: object) -> Iterator[Responsible]:
        seen.append(options)
        return iter(())

    monkeypatch.setattr("ringfence.flow.responsible.look_up", look_up)
    run(
        "who",
        "203.0.113.5",
        "--no-ripestat",
        "--no-abusix",
        "--no-whois",
        "--no-cymru",
        "--fresh",
        "--allow-host",
        "rdap.example",
    )
    (options,) = seen
    for name in ("ripestat", "abusix", "whois", "cymru"):
        assert getattr(options, name) is False
    assert getattr(options, "fresh") is True  # noqa: B009
    assert getattr(options, "allow_hosts") == ("rdap.example",)  # noqa: B009


def test_location_is_labelled_as_a_hint() -> None:
    place = Location("US", "California", None, "places.mmdb, 2026-09-21")
    one = Responsible("203.0.113.5", "not_found", "no registry knows who holds it", location=place)
    text = "\n".join(describe([one]))
    assert "California, US (a hint only: places.mmdb, 2026-09-21)" in text


def test_many_addresses_of_one_network_are_counted() -> None:
    many = [Responsible(f"203.0.113.{n}", "found", "x") for n in range(9)]
    assert next(describe(many)).endswith("203.0.113.4 and 4 more")
