"""Which registry answers for what: the copy that ships, and a newer one."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from ringfence.attribute import bootstrap
from ringfence.attribute.bootstrap import Bootstrap
from ringfence.attribute.errors import AttributionError, BadAnswerError
from tests.attribute.answers import Json, octets
from tests.attribute.scene import client_of
from tests.attribute.server import Play, registry

RIPE, ARIN = "https://rdap.db.ripe.net/", "https://rdap.arin.net/registry"


def services(family: str, *more: list[list[str]], date: str = "2026-11-01T00:00:00Z") -> Json:
    """One of IANA's files, of documentation's addresses."""
    if family == "ipv4":
        many: list[object] = [f"198.51.100.{n}/32" for n in range(110)]
    else:
        many = [f"2001:db8:{n:x}::/48" for n in range(20)]
    return {"publication": date, "services": [[many, [ARIN, "http://rdap.arin.net/"]], *more]}


def test_shipped_copy_has_its_date_and_every_registry() -> None:
    ours = bootstrap.shipped()
    assert ours.published["ipv6"] >= "2024-11-01"
    assert set(ours.bases) == {"arin", "ripe", "apnic", "lacnic", "afrinic"}
    assert all(url.startswith("https://") and url.endswith("/") for url in ours.bases.values())


def test_shipped_copy_says_what_iana_says(shared_data: Path) -> None:
    folder = shared_data / "iana"
    if not folder.is_dir():
        pytest.skip("no files of IANA there")
    bases: dict[str, str] = {}
    found = {}
    for family in bootstrap.FAMILIES:
        document = json.loads((folder / f"{family}.json").read_text())
        found[family] = bootstrap.read_iana(document, family, bases)
    ours = bootstrap.shipped()
    assert ours.published == {family: date for family, (date, _) in found.items()}
    assert ours.bases == bases
    assert set(ours.prefixes) == {one for _, prefixes in found.values() for one in prefixes}


def test_longest_prefix_wins() -> None:
    book = Bootstrap(
        {}, {"arin": ARIN, "ripe": RIPE},
        ((ip_network("203.0.0.0/8", strict=False), "arin"), (ip_network("203.0.113.0/24"), "ripe")),
    )  # fmt: skip
    assert book.registry_of(ip_address("203.0.113.5")) == "ripe"
    assert book.base_of(ip_address("203.0.114.5")) == ARIN
    assert book.base_of(ip_address("198.51.100.1")) is None
    assert book.registry_of(ip_address("2001:db8::1")) is None


def test_own_form_is_read_back() -> None:
    ours = bootstrap.shipped()
    again = bootstrap.read_bootstrap(bootstrap.write_bootstrap(ours), "x")
    assert (again.published, again.bases) == (ours.published, ours.bases)
    assert set(again.prefixes) == set(ours.prefixes)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense here", "published ipv4 2026", "ipv4 ripe 203.0.113.0/24",
     "base ripe https://rdap.db.ripe.net/\nipv4 ripe 203.0.113.1/24"],
)  # fmt: skip
def test_broken_copy_is_named(text: str) -> None:
    with pytest.raises(BadAnswerError, match=r"x[:,]"):
        bootstrap.read_bootstrap(text, "x")


def test_newer_copy_is_used_and_a_broken_or_older_one_is_not(tmp_path: Path) -> None:
    ours = bootstrap.shipped()
    newer = Bootstrap(
        dict.fromkeys(bootstrap.FAMILIES, "2099-01-01T00:00:00Z"), ours.bases, ours.prefixes
    )
    assert bootstrap.load(tmp_path).published == ours.published
    where = bootstrap.store(newer, tmp_path / "data")
    assert bootstrap.load(tmp_path / "data").published == newer.published
    where.write_text("broken")
    assert bootstrap.load(tmp_path / "data").published == ours.published
    older = Bootstrap(
        dict.fromkeys(bootstrap.FAMILIES, "2001-01-01T00:00:00Z"), ours.bases, ours.prefixes
    )
    bootstrap.store(older, tmp_path / "data")
    assert bootstrap.load(tmp_path / "data").published == ours.published
    assert [p.name for p in (tmp_path / "data").iterdir()] == [bootstrap.NAME]


def test_iana_is_fetched() -> None:
    with registry() as server:
        moved = [["203.0.113.0/24"], [RIPE]]
        server.play("/rdap/ipv4.json", Play(octets(services("ipv4", moved))))
        server.play("/rdap/ipv6.json", Play(octets(services("ipv6"))))
        found = bootstrap.fetch(client_of(server.url), f"{server.url}/rdap/")
    assert found.published["ipv4"] == "2026-11-01T00:00:00Z"
    assert found.base_of(ip_address("203.0.113.5")) == RIPE
    assert found.base_of(ip_address("198.51.100.7")) == f"{ARIN}/"


@pytest.mark.parametrize(
    "change",
    [
        {"publication": None},
        {"publication": "yesterday"},
        {"services": []},
        {"services": None},
        {"services": [[["203.0.113.0/24"]]]},
        {"services": [[["203.0.113.0/24"], ["http://rdap.arin.net/"]]]},
        {"services": [[["203.0.113.0/24"], ["https://evil.example/"]]]},
        {"services": [[["203.0.113.1/24"], [ARIN]]]},
        {"services": [[["2001:db8::/32"], [ARIN]]]},
        {"services": [[[f"198.51.100.{n}/32" for n in range(50)], [ARIN]]]},
    ],
)
def test_file_that_cannot_be_right_changes_nothing(change: Json) -> None:
    with pytest.raises(AttributionError):
        bootstrap.read_iana(services("ipv4") | change, "ipv4", {})
