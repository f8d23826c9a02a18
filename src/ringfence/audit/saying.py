"""What settings say, in one form: yes and no, MACs, numbers, hashes, who is inside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

_YES = {"1", "true", "yes", "y", "on", "enabled", "enable", "x", "ja", "t", "always"}
_NO = {"0", "false", "no", "n", "off", "disabled", "disable", "nein", "f", "never", "none"}
_SPLIT = re.compile(r"[,;|\s]+")
_MAC = re.compile(r"[0-9a-f]{12}\Z")
_HEX = re.compile(r"[0-9a-f]+\Z")
_HASH_DIGITS = {"MD5": 32, "SHA-256": 64, "SHA-512-256": 64}
# More of one kind in one field than anybody has: the rest is not kept.
_MAX_EACH = 32


def truth(text: str) -> bool | None:
    """Whether a setting says yes; None where it says neither."""
    word = text.strip().lower()
    if word in _YES:
        return True
    return False if word in _NO else None


def yes(value: bool) -> str:
    """A setting's value."""
    return "yes" if value else "no"


def macs(text: str) -> tuple[str, ...]:
    """The MACs in a field, each as twelve small hexadecimal digits; no placeholders."""
    found = []
    for part in _SPLIT.split(text)[:_MAX_EACH]:
        mac = re.sub(r"[:.\-]", "", part).lower()
        if _MAC.match(mac) and mac.strip("0") and mac.strip("f"):
            found.append(mac)
    return tuple(dict.fromkeys(found))


def dids(text: str) -> tuple[str, ...]:
    """The numbers from outside that a field names."""
    parts = [part.strip("<>\"'") for part in _SPLIT.split(text)[:_MAX_EACH]]
    return tuple(dict.fromkeys(part for part in parts if sum(c.isdigit() for c in part) >= 3))


def hexdigest(text: str, algorithm: str = "MD5") -> str:
    """The hash in small letters; empty where the text is none of this algorithm."""
    found = text.strip().lower()
    good = len(found) == _HASH_DIGITS.get(algorithm, 0) and _HEX.match(found)
    return found if good else ""


def outside(permit: Iterable[str], deny: Iterable[str]) -> bool | None:
    """Whether lists of networks let in somebody from outside; None where they do not say.

    As Asterisk reads them: who is on no list is let in, and the last line that fits decides.
    What is permitted is looked at, not the order: a public network that is permitted is meant.
    """
    allowed = [network for text in permit if (network := _network(text)) is not None]
    denied = [network for text in deny if (network := _network(text)) is not None]
    if not denied:
        return None
    if not any(network.prefixlen == 0 for network in denied):
        return True
    return any(not network.is_private or network.prefixlen == 0 for network in allowed)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text.strip().lstrip("!"), strict=False)
    except ValueError:
        return None


def lists(text: str) -> list[str]:
    """The parts of a value that holds several."""
    return [part for part in re.split(r"[&,;\s]+", text) if part][:_MAX_EACH]
