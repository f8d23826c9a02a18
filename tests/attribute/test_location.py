"""Locations from a file of the user: hints, labelled as such."""

from __future__ import annotations

import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.attribute.errors import AttributionError
from ringfence.attribute.location import Locations, read_record
from ringfence.model.responsible import Location
from tests.attribute.answers import Json
from tests.attribute.mmdb import write_mmdb

pytest.importorskip("maxminddb", reason="pip install 'ringfence[geo]'")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "places.mmdb"
    write_mmdb(
        path,
        {
            "203.0.113.0/24": {"country_code": "US", "state1": "California", "city": "Anaheim"},
            "198.51.100.0/24": {"city": "x\x1b[2J"},
            "192.0.2.0/24": {"unrelated": "record"},
        },
    )
    return str(path)


def test_place_is_found_and_names_its_source(file: str) -> None:
    places = Locations(file)
    assert places.find(ip_address("203.0.113.5")) == Location(
        "US", "California", "Anaheim", "places.mmdb, 2026-09-21"
    )
    assert places.find(ip_address("192.0.2.1")) is None
    assert places.find(ip_address("203.0.112.1")) is None
    assert places.find(ip_address("2001:db8::1")) is None, "the file knows IPv4 only"
    places.close()


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (
            {"country": {"iso_code": "DE"}, "subdivisions": [{"names": {"en": "Hessen"}}],
             "city": {"names": {"en": "Frankfurt"}}},
            ("DE", "Hessen", "Frankfurt"),
        ),
        ({"registered_country": {"iso_code": "DE"}}, ("DE", None, None)),
        ({"country_code": "XX", "city": 7, "subdivisions": None}, (None, None, "7")),
        ({"country": "DE", "city": {"names": []}}, (None, None, None)),
    ],
)  # fmt: skip
def test_forms_of_records(record: Json, wanted: tuple[str | None, ...]) -> None:
    assert read_record(record) == wanted


def test_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"no database")
    with pytest.raises(AttributionError, match=r"--geo .*x\.mmdb: it is no mmdb file"):
        Locations(str(tmp_path / "x.mmdb"))
    with pytest.raises(AttributionError, match="No such file"):
        Locations(str(tmp_path / "gone.mmdb"))


def test_without_the_library_it_says_what_to_install(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(AttributionError, match=r"ringfence\[geo\]"):
        Locations(file)
