"""How our entries are told from those of others on the same list: id, end and host in a remark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network

from ringfence.model.measure import Measure

_FORM = re.compile(
    r"ringfence ([0-9a-f]{8}) until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) on ([\w.-]{1,64})", re.ASCII
)
_NOT_IN_A_NAME = re.compile(r"[^\w.-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a remark of ours says."""

    id: str
    until: str
    host: str


def host_mark(host: str) -> str:
    """The name of a machine as it stands in remarks."""
    return _NOT_IN_A_NAME.sub("-", host)[:64] or "-"


def remark_of(measure: Measure, host: str) -> str:
    """The remark behind an entry of ours."""
    return f"ringfence {measure.id} until {measure.until} on {host_mark(host)}"


def read_mark(remark: object) -> Mark | None:
    """What a remark says; None where it is not ours, whatever else stands in it."""
    found = _FORM.fullmatch(remark) if isinstance(remark, str) else None
    return Mark(*found.groups()) if found else None


def canonical(text: object) -> str:
    """An address, or a network with its length; "" for anything else.

    Routers write 203.0.113.7, 203.0.113.7/32 and 203.0.113.7/255.255.255.255 for the same.
    """
    if not isinstance(text, str) or "%" in text:
        return ""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return ""
    if network.prefixlen == network.max_prefixlen:
        return str(network.network_address)
    return str(network)


def moment(text: object) -> str:
    """A time of another machine as we write them; "" where it is none."""
    try:
        when = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return ""
    if when is None:
        return ""
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def seconds_until(until: str, now: datetime) -> int:
    """What is left of a measure; 0 when it is over."""
    left = (datetime.fromisoformat(until) - now).total_seconds()
    return max(0, int(left))


def with_length(address: str) -> str:
    """The same with its length, also of a single address."""
    return str(ip_network(address))
