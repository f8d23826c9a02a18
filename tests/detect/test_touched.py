"""Which sources a table was about: those that may be weighed, each once, and nobody else."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from ringfence.detect.watch import Watch
from ringfence.wire.decoder import Decoder
from tests.conversations.script import capture_of, read_scene
from tests.wire_cases.reading import tables

PARTIES = """
pbx 192.0.2.10
phone 198.51.100.7 agent="Yealink SIP-T46S 66.86.0.15"
eve 203.0.113.66 agent="Z 3.15" call=new
"""
EVE, PHONE = "203.0.113.66", "198.51.100.7"


def named(text: str, max_sources: int = 64) -> list[list[str]]:
    """For each table of eight messages the sources that were named."""
    watch, decoder = Watch(8, max_sources), Decoder(8)
    found = []
    for table in tables(decoder, capture_of(read_scene(PARTIES + text).packets)):
        watch.take(table, 0)
        rows = watch.touched(table, 0, len(table))
        assert len(rows) == len(set(rows))
        found.append([str(watch.address(i)) for i in rows])
    return found


def test_phone_that_registers_is_not_named() -> None:
    assert named("phone REGISTER 201 every=60 times=20 > 401 auth 200") == [[]] * 10


def test_source_that_fails_is_named_once_for_each_table() -> None:
    tables_of = named("eve REGISTER {100..120} > 404")
    assert len(tables_of) > 3
    assert all(names == [EVE] for names in tables_of[1:])


@pytest.mark.parametrize(
    "scene",
    [
        "eve REGISTER 201 times=8 > again",  # nobody answers
        "eve OPTIONS 100 times=12 > 503",  # much without a success
    ],
)
def test_source_that_asks_in_vain_is_named(scene: str) -> None:
    assert EVE in named(scene)[-1]


def test_answers_are_charged_to_who_asked() -> None:
    """The last table holds nothing but the server's answer."""
    assert named("eve REGISTER {100..103} > 404\neve REGISTER 104 > 404:x")[-1] == [EVE]


def test_part_of_a_table_names_its_own_sources_only() -> None:
    watch, decoder = Watch(64, 64), Decoder(64)
    text = "eve REGISTER {100..103} > 404\nphone REGISTER {1..4} > 404"
    table = next(tables(decoder, capture_of(read_scene(PARTIES + text).packets)))
    watch.take(table, 0)
    first = [watch.address(i) for i in watch.touched(table, 0, 8)]
    last = [watch.address(i) for i in watch.touched(table, 8, 16)]
    assert (first, last) == ([IPv4Address(EVE)], [IPv4Address(PHONE)])


def test_rows_that_moved_are_named_rightly() -> None:
    watch, decoder = Watch(64, 64), Decoder(64)
    text = "phone REGISTER 201 > 401 auth 200\neve REGISTER {100..103} > 404"
    table = next(tables(decoder, capture_of(read_scene(PARTIES + text).packets)))
    watch.take(table, 0)
    gone = {i for i in range(watch.n) if str(watch.address(i)) == PHONE}
    watch.forget(gone)
    assert [str(watch.address(i)) for i in watch.touched(table, 0, len(table))] == [EVE]
