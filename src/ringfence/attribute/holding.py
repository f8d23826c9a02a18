"""Networks of several answers about one address, put together."""

from __future__ import annotations

from dataclasses import replace

from ringfence.attribute.cymru import Origin
from ringfence.attribute.span import size, span_of
from ringfence.model.responsible import Network


def is_closer(one: Network, other: Network | None) -> bool:
    """Whether a network is the narrower one, and says who holds it."""
    if other is None:
        return True
    ours, theirs = span_of(one.first, one.last), span_of(other.first, other.last)
    if ours is None or theirs is None:
        return theirs is None
    return size(ours) <= size(theirs) and one.holder is not None


def filled(network: Network, other: Network | None) -> Network:
    """What one answer leaves open, the other one may know."""
    if other is None:
        return network
    return replace(
        network,
        holder=network.holder or other.holder,
        country=network.country or other.country,
        registry=network.registry or other.registry,
        asn=network.asn or other.asn,
        as_name=network.as_name or other.as_name,
    )


def announced(network: Network, origin: Origin) -> Network:
    """With the number that announces it; a number that the registry told stays."""
    asn = network.asn or origin.asn
    name = origin.name if asn == origin.asn else None
    country = network.country or origin.country
    return replace(network, asn=asn, as_name=network.as_name or name, country=country)
