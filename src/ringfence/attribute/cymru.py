"""Team Cymru's view of routing, asked by DNS: which network announces an address."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network

from ringfence.attribute.dns_text import TextRecords, reversed_name
from ringfence.attribute.errors import AttributionError, BadAnswerError
from ringfence.attribute.place import country_code
from ringfence.attribute.special import IP

SOURCE = "asn.cymru.com"
_REGISTRIES = {"ripencc": "ripe"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Who announces the address: number, prefix, country and registry of its allocation."""

    asn: int
    prefix: str
    country: str | None
    registry: str | None
    name: str | None = None


def ask_cymru(address: IP, records: TextRecords) -> Origin:
    """The narrowest prefix that is announced. Raises AttributionError."""
    zone = "origin" if isinstance(address, IPv4Address) else "origin6"
    found = [
        origin
        for text in records(f"{reversed_name(address)}.{zone}.{SOURCE}")
        if (origin := _origin(text, address)) is not None
    ]
    if not found:
        raise BadAnswerError(f"{SOURCE} answered with nothing that makes sense")
    best = max(found, key=lambda origin: ip_network(origin.prefix).prefixlen)
    return Origin(best.asn, best.prefix, best.country, best.registry, as_name(best.asn, records))


def as_name(asn: int, records: TextRecords) -> str | None:
    """What the network calls itself, or None."""
    try:
        texts = records(f"AS{asn}.{SOURCE}")
    except AttributionError:
        return None
    for text in texts:
        parts = [part.strip() for part in text.split("|")]
        if len(parts) >= 5 and parts[0] == str(asn) and parts[4]:
            return parts[4][:200]
    return None


def _origin(text: str, address: IP) -> Origin | None:
    """Of a text like "64500 | 192.0.2.0/24 | DE | ripencc | 2011-08-11"; numbers may be several."""
    parts = [part.strip() for part in text.split("|")]
    if len(parts) < 4:
        return None
    number = parts[0].partition(" ")[0]
    try:
        prefix = ip_network(parts[1], strict=False)
    except ValueError:
        return None
    if not (number.isascii() and number.isdigit() and len(number) <= 10) or address not in prefix:
        return None
    registry = parts[3].lower()
    known = ("arin", "apnic", "lacnic", "afrinic", "ripencc")
    name = _REGISTRIES.get(registry, registry) if registry in known else None
    return Origin(int(number), str(prefix), country_code(parts[2]), name)
