"""Addresses from a first to a last one, as answers name their networks."""

from __future__ import annotations

from ipaddress import ip_network, summarize_address_range

from ringfence.attribute.special import IP, maybe_address

Span = tuple[IP, IP]

# Prefixes of one range that are named; an odd range has some forty at most in IPv4.
MAX_PREFIXES = 64
# Bits of the widest block that one holder has; wider ones are a registry's own.
_WIDEST = {4: 8, 6: 13}


def span_of(first: str, last: str) -> Span | None:
    """From one address to another; None for what makes no sense."""
    one, other = maybe_address(first), maybe_address(last)
    if one is None or other is None or one.version != other.version or int(one) > int(other):
        return None
    return one, other


def prefix_span(prefix: str, bits: str) -> Span | None:
    """All addresses of a prefix; None for what is none."""
    address = maybe_address(prefix)
    if address is None or not (bits.isascii() and bits.isdigit() and len(bits) <= 3):
        return None
    try:
        network = ip_network(f"{address}/{bits}", strict=False)
    except ValueError:
        return None
    return network[0], network[-1]


def prefixes_of(span: Span) -> tuple[str, ...]:
    """The fewest prefixes that make up the range."""
    found = summarize_address_range(*span)
    return tuple(str(prefix) for _, prefix in zip(range(MAX_PREFIXES), found, strict=False))


def holds(span: Span, address: IP) -> bool:
    """Whether the address is one of them."""
    return span[0].version == address.version and int(span[0]) <= int(address) <= int(span[1])


def size(span: Span) -> int:
    """How many addresses there are."""
    return int(span[1]) - int(span[0]) + 1


def is_as_wide_as_a_registrys(span: Span) -> bool:
    """Whether it may be a block that was given to a registry: 203.0.0.0/8."""
    return size(span) >= 1 << (span[0].max_prefixlen - _WIDEST[span[0].version])


def is_wider_than_any_holders(span: Span) -> bool:
    """Whether nobody can hold so much: 0.0.0.0/0 stands for "somebody"."""
    return size(span) > 1 << (span[0].max_prefixlen - _WIDEST[span[0].version])
