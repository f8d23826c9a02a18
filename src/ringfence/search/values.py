"""What a written value means to its kind of field; ValueError says why it means nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from ipaddress import ip_network

from ringfence.wire.anomaly import Anomaly

# A pattern longer than this is a mistake; texts from the wire are bounded already.
MAX_PATTERN = 1024
# What a 64-bit column can hold.
MAX_NUMBER = 2**64 - 1

_NUMBER = re.compile(r"[0-9]{1,20}|0[xX][0-9a-fA-F]{1,16}")
_RANGE = re.compile(r"([0-9]{1,20})(?:-|\.\.)([0-9]{1,20})")
_CLASS = re.compile(r"([0-9])(?:xx|XX)")
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?"
    r"(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_MAPPED = 0xFFFF << 32


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers first to last, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Network:
    """The addresses whose masked 128 bits are `bits`; IPv4 as ::ffff:a.b.c.d."""

    bits: int
    mask: int
    version: int


def read_number(text: str) -> Interval:
    """401, 0x1f, 400-499, 400..499 or 4xx."""
    if _NUMBER.fullmatch(text):
        number = int(text, 16) if text[1:2] in ("x", "X") else int(text)
        return _interval(number, number)
    if found := _RANGE.fullmatch(text):
        return _interval(int(found[1]), int(found[2]))
    if found := _CLASS.fullmatch(text):
        return _interval(int(found[1]) * 100, int(found[1]) * 100 + 99)
    raise ValueError("not a number; write 401, 400-499 or 4xx")


def _interval(first: int, last: int) -> Interval:
    if first > last:
        raise ValueError("this range ends before it begins")
    if last > MAX_NUMBER:
        raise ValueError("too large: no column holds more than 64 bits")
    return Interval(first, last)


def read_time(text: str) -> Interval:
    """A time in UTC, as exact as written: 2026-01-01 is the whole day. Nanoseconds."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("not a time; write 2026-01-01 or 2026-01-01T03:12:45.5, in UTC")
    if found[8] not in (None, "Z"):
        raise ValueError("times are UTC; leave the offset away and convert")
    parts = [int(part) for part in found.groups()[:6] if part is not None]
    try:
        start = datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError as error:
        raise ValueError(f"no such time: {error}") from error
    since = start - datetime(1970, 1, 1, tzinfo=UTC)
    fraction = found[7] or ""
    first = since // timedelta(seconds=1) * 1_000_000_000 + int(fraction.ljust(9, "0") or 0)
    spans_s = {3: 86_400, 4: 3_600, 5: 60, 6: 1}
    length = 10 ** (9 - len(fraction)) if fraction else spans_s[len(parts)] * 1_000_000_000
    if not 0 <= first < MAX_NUMBER - length:
        raise ValueError("captures have no times before 1970 or after 2553")
    return Interval(first, first + length - 1)


def read_network(text: str) -> Network:
    """192.0.2.1, 192.0.2.0/24, 2001:db8::/32; brackets are taken off."""
    try:
        if "%" in text:  # a zone says nothing about a packet
            raise ValueError("zone")
        network = ip_network(text.removeprefix("[").removesuffix("]"), strict=False)
    except ValueError as error:
        raise ValueError("not an address or network; write 192.0.2.1 or 192.0.2.0/24") from error
    bits, mask = int(network.network_address), int(network.netmask)
    if network.version == 4:
        bits, mask = bits | _MAPPED, mask | (2**96 - 1) << 32
    elif network.network_address.ipv4_mapped is not None and network.prefixlen >= 96:
        return Network(bits, mask, 4)
    return Network(bits, mask, network.version)


def read_name(text: str, names: tuple[str, ...]) -> int | None:
    """Index of the name, in any case; None for one that only the message can tell."""
    for number, name in enumerate(names):
        if name and name.lower() == text.lower():
            return number
    if "OTHER" in names:
        return None
    raise ValueError(f"one of {', '.join(name for name in names if name)}")


def read_anomaly(text: str) -> int:
    """Bit of a named anomaly, in any case."""
    name = text.upper().replace("-", "_")
    try:
        return Anomaly[name].value
    except KeyError:
        close = get_close_matches(name, list(Anomaly.__members__), 1)
        hint = f"; did you mean {close[0]}?" if close else "; docs/messages.md lists them"
        raise ValueError(f"no such anomaly{hint}") from None


def read_octets(text: str) -> bytes:
    """The octets that a text stands for."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise ValueError("this text has no octets") from error
