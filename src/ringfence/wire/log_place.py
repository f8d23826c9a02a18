"""Addresses, ports and users as PBX logs write them."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

# Texts that an attacker chose are cut: a name of a megabyte is no account.
MAX_TEXT = 256
# Addresses read lately; a flood comes from few, a botnet pushes out its own.
_CACHED = 4096
_LONGEST = 64
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_USER = re.compile(rb"(?i)\bsips?:([^@<>;?]*)@")


@lru_cache(maxsize=_CACHED)
def read_address(octets: bytes) -> str:
    """An IP address in its usual spelling; "" for anything else, a host name too."""
    if len(octets) > _LONGEST:
        return ""
    text = octets.decode("ascii", "replace").strip("[]").partition("%")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


@lru_cache(maxsize=_CACHED)
def read_place(octets: bytes) -> tuple[str, int]:
    """`192.0.2.1:5060`, `[2001:db8::1]:5060`, or an address alone (port 0); "" if it is none."""
    if alone := read_address(octets):
        # "[2001:db8::1]:5060" is no address; "2001:db8::1:5060" could be either, and is whole.
        return alone, 0
    host, colon, port = octets.rpartition(b":")
    if not colon or not port.isdigit() or len(port) > 5 or int(port) > 65535:
        return "", 0
    address = read_address(host)
    return (address, int(port)) if address else ("", 0)


@lru_cache(maxsize=_CACHED)
def read_place_with_port(octets: bytes) -> tuple[str, int]:
    """The same where a port always stands behind: `2001:db8::1:5060` is one address and a port."""
    host, _, port = octets.rpartition(b":")
    address = read_address(host)
    return (address, read_port(port)) if address else read_place(octets)


@lru_cache(maxsize=_CACHED)
def read_port(octets: bytes) -> int:
    """0 to 65535; 0 for what is none."""
    if not octets.isdigit() or len(octets) > 5:
        return 0
    number = int(octets)
    return number if number <= 65535 else 0


def read_text(octets: bytes) -> str:
    """What somebody wrote, cut; octets that are no UTF-8 as escapes."""
    return octets[:MAX_TEXT].decode("utf-8", "backslashreplace")


def read_escaped(octets: bytes) -> str:
    """Text that was percent-encoded, as it was."""
    return read_text(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), octets))


def read_user(octets: bytes) -> str:
    """The user of the last SIP URI in a From header as logs show it; "" where there is none."""
    users = _USER.findall(octets)
    return read_text(users[-1]) if users else ""
