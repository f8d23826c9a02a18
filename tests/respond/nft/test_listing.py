"""What nft lists, read: counters of both tables, and what a crash leaves behind."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence.model.decision import BLOCK, LIMIT, NARROW
from ringfence.model.measure import Held
from ringfence.respond.nft.elements import INET, NETDEV, Element
from ringfence.respond.nft.listing import carried, held, listing_of
from ringfence.respond.nft.ruleset import chains
from ringfence.respond.nft.shape import Shape, comment_of

SHAPE = Shape(devices=("eth0",))


def elem(value: object, packets: int = 0, **more: object) -> dict[str, Any]:
    counter = {"counter": {"packets": packets, "bytes": packets * 9}} if packets else {}
    return {"elem": {"val": value, **counter, **more}}


def table(family: str, *sets: tuple[str, list[Any]], shape: Shape = SHAPE) -> list[dict[str, Any]]:
    rules = [chain for chain, found in chains(shape, family).items() for _ in found]
    return [
        {"table": {"family": family, "name": "ringfence"}},
        {"counter": {"name": "strangers", "packets": 7}},
        {"set": {"name": "form", "elem": [elem(1, comment=comment_of(shape))]}},
        *({"set": {"name": name, "elem": found}} for name, found in sets),
        *({"rule": {"chain": chain}} for chain in rules),
    ]


def ours(packets: int) -> dict[str, Any]:
    return elem("203.0.113.5", packets, timeout=600, expires=500, comment="0123abcd")


def test_counters_of_both_tables_are_one_measure() -> None:
    port = {"concat": ["198.51.100.9", 5060]}
    listing = listing_of({
        NETDEV: table(NETDEV, ("block4", [ours(5)]), ("limit4", [elem("192.0.2.7", timeout=60)]),
                      ("cut4", [elem("192.0.2.7", 4)])),
        INET: table(INET, ("block4", [ours(3)]), ("passed4", [elem("203.0.113.5", 1)]),
                    ("port4", [elem(port, 2, timeout=60, expires=9, comment="2" * 8)])),
    })  # fmt: skip
    assert (listing.whole, listing.shape, listing.counters) == (True, SHAPE, {"strangers": 14})
    assert set(held(listing)) == {
        # 3 in prerouting, of which one was looked at once more because it got through
        Held("0123abcd", BLOCK, "203.0.113.5", (), 500, dropped=7, late=2, passed=1),
        Held("", LIMIT, "192.0.2.7", (), 0, dropped=4),
        Held("2" * 8, NARROW, "198.51.100.9", (5060,), 9, dropped=2, late=2),
    }


@pytest.mark.parametrize("missing", [NETDEV, INET])
def test_table_that_is_gone_is_not_whole(missing: str) -> None:
    found = {NETDEV: table(NETDEV), INET: table(INET)} | {missing: None}
    listing = listing_of(found)
    assert not listing.whole
    assert listing.present == tuple(family for family in found if family != missing)


def test_rule_that_is_gone_is_noticed() -> None:
    broken = table(INET)
    broken.pop()
    assert not listing_of({NETDEV: table(NETDEV), INET: broken}).whole


def test_nothing_is_nothing() -> None:
    listing = listing_of({NETDEV: None, INET: None})
    assert (listing.shape, listing.whole, held(listing)) == (None, False, ())
    assert carried(listing) == {NETDEV: (), INET: ()}


def test_new_tables_take_over_measures_and_friends_each_with_its_own_counter() -> None:
    prefix = {"prefix": {"addr": "198.51.100.0", "len": 24}}
    listing = listing_of({
        NETDEV: table(NETDEV, ("block4", [ours(5)]), ("cut4", [elem("192.0.2.7", 4)])),
        INET: table(INET, ("allow4", [prefix, "192.0.2.1"])),
    })  # fmt: skip
    friends = (Element("allow4", ("198.51.100.0/24",), 0), Element("allow4", ("192.0.2.1",), 0))
    block = Element("block4", ("203.0.113.5",), 600, "0123abcd", 500, 5, 45)
    uncounted = Element("block4", ("203.0.113.5",), 600, "0123abcd", 500)
    assert carried(listing) == {NETDEV: (block, *friends), INET: (uncounted, *friends)}


def test_comment_of_another_is_no_identifier() -> None:
    listing = listing_of({NETDEV: None, INET: table(INET, ("block4", [
        elem("203.0.113.5", comment="by hand", timeout=5, expires=4)])) })  # fmt: skip
    assert [one.id for one in held(listing)] == [""]
