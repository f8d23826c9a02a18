"""Look-ups, composed: with the store, without it, for a case; and the data they rest on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook, CaseError
from ringfence.flow.responsible import (
    AttributionError,
    data_folder,
    keep_for_case,
    look_up,
    report_document,
    sources_of_case,
    update_data,
)
from ringfence.model.responsible import FOUND, NOT_LOOKED_UP, WhoOptions
from tests.attribute.answers import entity, fn, mail, network, octets
from tests.attribute.server import Play, Registry, registry
from tests.attribute.test_bootstrap import RIPE, services
from tests.cases.incidents import incident, suspect
from tests.cases.standings import contact, who

ANSWER = network(
    entity("O", ["registrant"], fn("Example Hosting Ltd")),
    entity("D", ["abuse"], mail("abuse@hosting.example")),
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


@pytest.fixture
def server() -> Iterator[Registry]:
    with registry() as one:
        yield one


def test_exercise_against_a_server_that_plays_registry(server: Registry) -> None:
    server.play("/ip/203.0.113.5", Play(octets(ANSWER)))
    (found,) = look_up(["203.0.113.5", "203.0.113.5"], WhoOptions(registry=server.url))
    assert (found.state, found.best and found.best.email) == (FOUND, "abuse@hosting.example")
    assert found.exercise
    assert len(server.seen) == 1


def test_exercise_with_a_folder_opens_no_connection(
    monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    options = WhoOptions(registry=str(root / "examples" / "registry"))
    (found,) = look_up(["203.0.113.66"], options)
    assert found.best is not None
    assert (found.best.email, found.best.phone) == ("abuse@hosting.example", "+1-202-555-0142")
    assert found.best.source == "hosting.json"


def test_every_address_of_the_examples_has_an_answer(root: Path) -> None:
    labels = [json.loads(path.read_text()) for path in (root / "examples").glob("*.json")]
    addresses = [source["address"] for label in labels for source in label["sources"]]
    options = WhoOptions(registry=str(root / "examples" / "registry"))
    found = list(look_up(addresses, options))
    assert len(found) == len(set(addresses)) > 90
    assert {one.state for one in found} == {FOUND}
    assert all("not a real company" in str(one.network and one.network.holder) for one in found)


def test_example_registry_is_fiction(root: Path) -> None:
    for path in (root / "examples" / "registry").glob("*.json"):
        answer = json.loads(path.read_text())
        assert answer["notices"][0]["title"] == "An example", path.name
        assert set(re.findall(r"@[\w.-]+", path.read_text())) <= {f"@{path.stem}.example"}, (
            path.name
        )


@pytest.mark.parametrize("where", ["no/such/folder", "rdap.example", "http:/rdap.example"])
def test_neither_a_server_nor_a_folder(where: str) -> None:
    with pytest.raises(AttributionError, match="or a folder of recorded answers"):
        list(look_up(["203.0.113.5"], WhoOptions(registry=where)))


def test_exercise_leaves_nothing_in_the_store(server: Registry, tmp_path: Path) -> None:
    server.play("/ip/203.0.113.5", Play(octets(ANSWER)))
    store = str(tmp_path / "cases.db")
    list(look_up(["203.0.113.5"], WhoOptions(registry=server.url), store))
    assert not Path(store).exists()


def test_store_that_cannot_be_used_costs_a_note_and_no_answer(tmp_path: Path) -> None:
    (tmp_path / "cases.db").write_bytes(b"no database" * 1000)
    notes: list[str] = []
    (found,) = look_up(["10.0.0.1"], WhoOptions(), str(tmp_path / "cases.db"), notes)
    assert found.state == NOT_LOOKED_UP
    assert "is not remembered" in notes[0]


def test_offline_opens_no_connection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    options = WhoOptions(offline=True)
    (found,) = look_up(["172.32.0.1"], options, str(tmp_path / "cases.db"))
    assert found.says.startswith("not looked up: offline")
    assert not found.exercise


def test_sources_of_a_case(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    with Casebook(store) as book:
        case = book.file(incident(suspect("203.0.113.66"), suspect("203.0.113.91")), None).case
    assert sorted(sources_of_case(case.id, store)) == ["203.0.113.66", "203.0.113.91"]


def test_a_case_keeps_who_answers_for_its_own_addresses_alone(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    with Casebook(store) as book:
        case = book.file(incident(suspect("203.0.113.66")), None).case
    ours = who("203.0.113.66", "203.0.113.0/24", contact("abuse@hosting.example"))
    keep_for_case(case.id, [ours, who("198.51.100.7", "198.51.100.0/24")], store)
    with Casebook(store) as book:
        assert book.attribution(case) == [ours]
    with pytest.raises(CaseError, match="there is no case"):
        keep_for_case("RF-19990101-ffffff", [ours], store)


def test_document_names_its_schema() -> None:
    document = json.loads(report_document(list(look_up(["10.0.0.1"], WhoOptions(offline=True)))))
    assert document["schema"] == "ringfence.who/1"
    assert document["addresses"][0]["state"] == NOT_LOOKED_UP


def test_unusable_options_are_named() -> None:
    with pytest.raises(AttributionError, match="an address like https://"):
        list(look_up(["203.0.113.5"], WhoOptions(registry="ftp://x/")))
    with pytest.raises(AttributionError, match="--geo"):
        list(look_up(["203.0.113.5"], WhoOptions(geo="/nowhere.mmdb", offline=True)))


def test_data_is_updated_and_used(server: Registry) -> None:
    server.play("/ipv4.json", Play(octets(services("ipv4", [["203.0.113.0/24"], [RIPE]]))))
    server.play("/ipv6.json", Play(octets(services("ipv6"))))
    where, published = update_data(server.url)
    assert Path(where).parent == data_folder()
    assert published["ipv4"] == "2026-11-01T00:00:00Z"


def test_older_data_changes_nothing(server: Registry) -> None:
    for family in ("ipv4", "ipv6"):
        older = services(family, date="2001-01-01T00:00:00Z")
        server.play(f"/{family}.json", Play(octets(older)))
    with pytest.raises(AttributionError, match="older than what is here"):
        update_data(server.url)
    assert not data_folder().exists()


def test_investigation_loads_no_http() -> None:
    code = (
        "import sys, ringfence.flow, ringfence.cli.app\n"
        "print([n for n in sys.modules if n.split('.')[0] in ('httpx', 'dns', 'maxminddb')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
