"""Measures as elements of sets, and changes of sets as commands for nft.

All that goes into a command is made anew: addresses by `ipaddress`, ports are numbers,
identifiers hexadecimal digits. Nothing that a stranger wrote gets here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from ringfence.model.decision import BLOCK, LIMIT, NARROW
from ringfence.model.endpoint import Address, plain_address
from ringfence.model.measure import Measure, MeasureError
from ringfence.model.text import shown

TABLE = "ringfence"
NETDEV, INET = "netdev", "inet"
# Elements of each set. What a stranger can make grow are blocks of proven addresses (he has
# to own them) and limits (he has not: the kernel ends them within a minute or so).
MAX_ELEMENTS = 65_536
MAX_PORTS = 64  # of one measure
# The networks that can be blocked at once, as a rule masks addresses: one customer's, mostly.
PREFIXES = {4: 24, 6: 64}
_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)

Network = IPv4Network | IPv6Network
Key = tuple[str, ...] | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a set, as it is in the kernel or is to be there."""

    set: str
    key: Key  # an address; an address and a port
    timeout_s: int
    id: str = ""
    left_s: int = 0
    packets: int = 0
    octets: int = 0


@lru_cache(maxsize=4096)
def source_of(text: str) -> Network:
    """The address or network that can be blocked. Raises MeasureError."""
    # Each measure is asked about on several of its ways: who objects, where it goes, what ends.
    address = plain_address(text)
    if address is not None:
        return ip_network(address)
    try:
        network = ip_network(text)
    except ValueError:
        raise MeasureError(
            f"{shown(text[:60])}: no address (like 203.0.113.5 or 2001:db8::5)"
        ) from None
    if "%" in text:
        raise MeasureError(f"{shown(text[:60])}: an address with a zone is on your own wire")
    if network.prefixlen not in (PREFIXES[network.version], network.max_prefixlen):
        raise MeasureError(
            f"{network}: blocked are addresses, /{PREFIXES[4]} of IPv4 and /{PREFIXES[6]} of IPv6"
        )
    return network


def text_of(network: Network) -> str:
    """The one way to write it: a single address without its length."""
    whole = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if whole else str(network)


def elements_of(measure: Measure, seconds: int) -> list[Element]:
    """Where a measure goes. Raises MeasureError for one that makes no sense."""
    if not _ID.fullmatch(measure.id):
        raise MeasureError(f"{shown(measure.id[:60])!r} is no identifier of a measure")
    network = source_of(measure.address)
    version, first = network.version, str(network.network_address)
    whole = network.prefixlen == network.max_prefixlen
    if measure.action == NARROW:
        ports = sorted(set(measure.ports))
        if not whole or not 0 < len(ports) <= MAX_PORTS or not all(0 < p < 65536 for p in ports):
            raise MeasureError(f"{measure.address}: ports of one address, 1 to {MAX_PORTS} of them")
        return [Element(f"port{version}", (first, port), seconds, measure.id) for port in ports]
    if measure.ports or measure.action not in (BLOCK, LIMIT):
        raise MeasureError(f"{measure.address}: {measure.action} is nothing for the firewall")
    if measure.action == LIMIT:
        if not whole:
            raise MeasureError(f"{network}: limits are for single addresses")
        return [Element(f"limit{version}", (first,), seconds, measure.id)]
    return [Element(f"{'block' if whole else 'prefix'}{version}", (first,), seconds, measure.id)]


def put(families: Sequence[str], elements: Iterable[Element]) -> list[dict[str, Any]]:
    """Commands that set elements anew, whether they are there or not.

    Adding what is there changes no timeout on kernels before 6.12, and deleting what is not
    there fails: so add, delete, add, all in one transaction.
    """
    sets = _by_set(elements)
    return [
        _command(word, family, name, [_json(one) for one in found])
        for family in families
        for name, found in sets.items()
        for word in ("add", "delete", "add")
    ]


def create(families: Sequence[str], elements: Iterable[Element]) -> list[dict[str, Any]]:
    """Commands that fail where one of these is there already, and need no delete.

    A transaction that deletes waits for all processors to have seen it: four times as long.
    """
    sets = _by_set(elements)
    return [
        _command("create", family, name, [_json(one) for one in found])
        for family in families
        for name, found in sets.items()
    ]


def take(families: Sequence[str], elements: Iterable[Element]) -> list[dict[str, Any]]:
    """Commands that take elements away, whether they are there or not."""
    sets = _by_set(elements)
    return [
        _command(word, family, name, [_json(one) for one in found])
        for family in families
        for name, found in sets.items()
        for word in ("add", "delete")
    ]


def fill(families: Sequence[str], name: str, networks: Iterable[Network]) -> list[dict[str, Any]]:
    """Commands that make these the only members of a set of friends."""
    values: list[object] = [
        str(one.network_address)
        if one.prefixlen == one.max_prefixlen
        else {"prefix": {"addr": str(one.network_address), "len": one.prefixlen}}
        for one in networks
    ]
    commands = []
    for family in families:
        commands.append({"flush": {"set": {"family": family, "table": TABLE, "name": name}}})
        if values:
            commands.append(_command("add", family, name, values))
    return commands


def spelled(element: Element) -> str:
    """An element as nft's own language has it, with its counter and what is left of its time."""
    words = [" . ".join(str(part) for part in element.key)]
    if element.packets:
        words.append(f"counter packets {element.packets} bytes {element.octets}")
    if element.timeout_s:
        words.append(f"timeout {element.timeout_s}s")
        words.append(f"expires {max(1, min(element.left_s, element.timeout_s))}s")
    if element.id:
        words.append(f'comment "{element.id}"')
    return " ".join(words)


def known(addresses: Iterable[Address], seconds: int) -> list[Element]:
    """Addresses that users were let in from: they are not slowed down as strangers are."""
    return [Element(f"known{one.version}", (str(one),), seconds) for one in addresses]


def is_id(text: str) -> bool:
    """Whether a comment is the identifier of a measure."""
    return _ID.fullmatch(text) is not None


def _by_set(elements: Iterable[Element]) -> dict[str, list[Element]]:
    """The last of each key, by set: nft refuses a key twice in one transaction."""
    latest = {(one.set, one.key): one for one in elements}
    sets: dict[str, list[Element]] = {}
    for one in latest.values():
        sets.setdefault(one.set, []).append(one)
    return sets


def _command(word: str, family: str, name: str, values: list[Any]) -> dict[str, Any]:
    if word == "delete":  # keys only
        values = [value["elem"]["val"] for value in values]
    return {word: {"element": {"family": family, "table": TABLE, "name": name, "elem": values}}}


def _json(element: Element) -> Mapping[str, Any]:
    key = element.key
    value: object = key[0] if len(key) == 1 else {"concat": list(key)}
    more = {"comment": element.id} if element.id else {}
    return {"elem": {"val": value, "timeout": element.timeout_s, **more}}
