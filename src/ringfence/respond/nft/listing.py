"""What nft lists of our tables, read into values: after a crash, this is what we know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from ringfence.model.decision import BLOCK, LIMIT, NARROW
from ringfence.model.measure import Held
from ringfence.respond.nft.elements import INET, NETDEV, PREFIXES, Element, Key, is_id
from ringfence.respond.nft.ruleset import FRIENDS, MEASURES, chains, families
from ringfence.respond.nft.shape import Shape, shape_of

_ACTIONS = {"block": BLOCK, "prefix": BLOCK, "port": NARROW, "limit": LIMIT}
_COUNTED = ("cut", "passed", "passedport")


@dataclass(frozen=True, slots=True)
class Listing:
    """Our tables as they are: what they hold by family, and whether they are whole."""

    shape: Shape | None  # None: no table, or one of another form
    whole: bool  # all chains with all their rules
    elements: Mapping[str, Sequence[Element]]
    counters: Mapping[str, int] = field(default_factory=dict)  # packets slowed down, by reason
    present: tuple[str, ...] = ()  # families in which there is a table of ours


def listing_of(found: Mapping[str, Sequence[Mapping[str, Any]] | None]) -> Listing:
    """From what nft lists of each family; None stands for a table that is not there."""
    shapes = {family: _shape(items) for family, items in found.items() if items is not None}
    shape = shapes.get(INET)
    whole = shape is not None and all(
        shapes.get(family) == shape and _rules(found[family] or ()) == _expected(shape, family)
        for family in families(shape)
    )
    counters: Counter[str] = Counter()
    for items in found.values():
        for item in items or ():
            if "counter" in item:
                counters[str(item["counter"]["name"])] += int(item["counter"]["packets"])
    elements = {family: tuple(_elements(items or ())) for family, items in found.items()}
    present = tuple(family for family, items in found.items() if items is not None)
    return Listing(shape, whole, elements, dict(counters), present)


def held(listing: Listing) -> tuple[Held, ...]:
    """The measures among it, each with its counters."""
    counts = {
        family: {(one.set, one.key): one.packets for one in elements}
        for family, elements in listing.elements.items()
    }
    groups: dict[tuple[str, str, str], list[Element]] = {}
    for elements in listing.elements.values():
        for one in elements:
            if one.set[:-1] in MEASURES:
                groups.setdefault((one.id, one.set, str(one.key[0])), []).append(one)
    first = counts.get(NETDEV, {})
    second = counts.get(INET, {})
    return tuple(_held(group, first, second) for group in groups.values())


def carried(listing: Listing) -> dict[str, tuple[Element, ...]]:
    """What new tables take over from these: measures and friends, with all that is left."""
    kept = (*MEASURES, *FRIENDS)
    all_of_it = {
        (one.set, one.key): one
        for elements in listing.elements.values()
        for one in elements
        if one.set[:-1] in kept
    }
    own = {
        family: {(one.set, one.key): one for one in elements if one.set[:-1] in kept}
        for family, elements in listing.elements.items()
    }
    # Each table gets all of it; counters stay in the one that counted.
    return {
        family: tuple(
            own.get(family, {}).get(key) or _uncounted(one) for key, one in all_of_it.items()
        )
        for family in (NETDEV, INET)
    }


def _held(group: Sequence[Element], first: Mapping[Any, int], second: Mapping[Any, int]) -> Held:
    """One measure: `first` are the counts at ingress, `second` those in prerouting and behind."""
    one = group[0]
    name, version = one.set[:-1], one.set[-1]
    keys = {element.key for element in group}
    passed = _passed(name, version, keys, second)
    if name == "limit":
        early = sum(first.get((f"cut{version}", key), 0) for key in keys)
        late = sum(second.get((f"cut{version}", key), 0) for key in keys)
        passed = 0
    else:
        early = sum(first.get((one.set, key), 0) for key in keys)
        # Looking whether it got through counts in the same element once more.
        late = max(0, sum(second.get((one.set, key), 0) for key in keys) - passed)
    address = str(one.key[0])
    if name == "prefix":
        address = f"{address}/{PREFIXES[int(version)]}"
    ports = tuple(sorted({key[1] for key in keys if len(key) == 2 and isinstance(key[1], int)}))
    return Held(
        one.id, _ACTIONS[name], address, ports, max(element.left_s for element in group),
        dropped=early + late, late=late if first else 0, passed=passed,
    )  # fmt: skip


def _passed(name: str, version: str, keys: Iterable[Key], counts: Mapping[Any, int]) -> int:
    if name == "port":
        return sum(counts.get((f"passedport{version}", key), 0) for key in keys)
    if name != "prefix":
        return sum(counts.get((f"passed{version}", key), 0) for key in keys)
    networks = [ip_network(f"{key[0]}/{PREFIXES[int(version)]}") for key in keys]
    return sum(
        packets
        for (found, key), packets in counts.items()
        if found == f"passed{version}" and any(ip_address(key[0]) in n for n in networks)
    )


def _uncounted(one: Element) -> Element:
    return Element(one.set, one.key, one.timeout_s, one.id, one.left_s)


def _shape(items: Iterable[Mapping[str, Any]]) -> Shape | None:
    for item in items:
        if "set" in item and item["set"].get("name") == "form":
            for one in item["set"].get("elem", ()):
                return shape_of(str(_inner(one).get("comment", "")))
    return None


def _rules(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return dict(Counter(str(item["rule"]["chain"]) for item in items if "rule" in item))


def _expected(shape: Shape, family: str) -> dict[str, int]:
    return {chain: len(rules) for chain, rules in chains(shape, family).items() if rules}


def _elements(items: Iterable[Mapping[str, Any]]) -> Iterable[Element]:
    wanted = (*MEASURES, *FRIENDS, *_COUNTED)
    for item in items:
        found = item.get("set", {})
        name = str(found.get("name", ""))
        if name[:-1] in wanted:
            for one in found.get("elem", ()):
                yield from _element(name, one)


def _element(name: str, one: object) -> Iterable[Element]:
    inner = _inner(one)
    key = _key(inner["val"])
    if key is not None:
        counter = inner.get("counter") or {}
        comment = str(inner.get("comment", ""))
        yield Element(
            name, key, int(inner.get("timeout", 0)), comment if is_id(comment) else "",
            int(inner.get("expires", 0)), int(counter.get("packets", 0)),
            int(counter.get("bytes", 0)),
        )  # fmt: skip


def _inner(one: object) -> dict[str, Any]:
    """An element that has more than its key stands in a frame of its own."""
    if isinstance(one, dict) and "elem" in one:
        inner: dict[str, Any] = one["elem"]
        return inner
    return {"val": one}


def _key(value: object) -> Key | None:
    """An address, a network, an address with a port; None for what is none of these."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict) and "prefix" in value:
        return (f"{value['prefix']['addr']}/{value['prefix']['len']}",)
    if isinstance(value, dict) and "concat" in value:
        address, port = value["concat"]
        return (str(address), int(port))
    if isinstance(value, dict) and "range" in value:
        return ("-".join(value["range"]),)
    return None
