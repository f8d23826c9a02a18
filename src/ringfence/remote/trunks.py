"""Carriers by name: the addresses that a phone system would call them at (RFC 3263).

How it works: a name is asked for NAPTR, SRV and its addresses, all of them, because the
phone system picks one and its carrier another for the way back. What was found before stays
for a day: a carrier that moves does not move at once. A name that cannot be looked up keeps
what it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

from ringfence.model.endpoint import plain_address
from ringfence.model.lockdown import LockdownError, Resolved, Trunk
from ringfence.model.text import shown
from ringfence.remote.ruleset import Network

# Addresses that were found so long ago are still admitted.
KEPT = timedelta(days=1)
# Of one name; whoever answers for it (or pretends to) admits no more than these.
MAX_ADDRESSES = 64
MAX_TARGETS = 16  # of SRV and NAPTR, each
MAX_TRUNKS = 100
_MAX_NAME = 253
# A network that is wider admits half a registry: a slip of the pen.
_WIDEST = {4: 12, 6: 24}
_SERVICES = ("_sip._udp", "_sip._tcp", "_sips._tcp")

# Asks DNS: a name, and "A", "AAAA", "SRV" or "NAPTR". Of SRV the targets with their ports,
# of NAPTR the replacements. Raises LookupError, with the reason, where nobody answers.
Ask = Callable[[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Host:
    """A carrier as it is written: `sip.example`, `sip:a.example:5070`, `203.0.113.0/24`."""

    name: str = ""
    port: int = 0
    network: Network | None = None


def host_of(text: str) -> Host:
    """What was written. Raises LockdownError for what is neither a name nor an address."""
    written = text.strip()
    for scheme in ("sips:", "sip:"):
        if written.lower().startswith(scheme):
            written = written[len(scheme) :].rpartition("@")[2]
    written = written.partition(";")[0].partition("?")[0]
    network = _network(written)
    if network is not None:
        _check(network, text)
        return Host(network=network)
    try:
        parts = urlsplit(f"//{written}")
        name, port = (parts.hostname or "").rstrip("."), parts.port or 0
        name = "" if parts.path else name  # 203.0.113.5/24: which one is meant?
    except ValueError:
        name, port = "", 0
    if (address := plain_address(name)) is not None:
        network = ip_network(address)
        _check(network, text)
        return Host(network=network, port=port)
    if not _is_name(name):
        raise LockdownError(
            f"{shown(text[:100])}: no carrier's name, address or network "
            "(sip.carrier.example, 203.0.113.5, 203.0.113.0/24)"
        )
    return Host(name, port)


def networks_of(trunk: Trunk) -> list[Network]:
    """What is admitted for it."""
    host = host_of(trunk.host)
    if host.network is not None:
        return [host.network]
    return [ip_network(one.address) for one in trunk.resolved]


def resolved(trunk: Trunk, ask: Ask, now: datetime) -> Trunk:
    """The same with what its name leads to now, and what it led to within a day."""
    host = host_of(trunk.host)
    if host.network is not None:
        return replace(trunk, resolved=(), trouble="")
    found, trouble = look_up(host, ask)
    at = utc_text(now)
    kept = {
        one.address: one.at for one in trunk.resolved if _is_fresh(one, now) or not found
    } | dict.fromkeys(found, at)
    latest = sorted(kept.items(), key=lambda item: item[1], reverse=True)[:MAX_ADDRESSES]
    return replace(
        trunk, resolved=tuple(Resolved(address, seen) for address, seen in sorted(latest)),
        trouble=trouble,
    )  # fmt: skip


def look_up(host: Host, ask: Ask) -> tuple[list[str], str]:
    """Addresses that this name leads to, and what went wrong."""
    troubles: list[str] = []
    found: dict[str, None] = {}
    for name in _targets(host, ask, troubles):
        for kind in ("A", "AAAA"):
            for text in _asked(ask, name, kind, troubles):
                address = plain_address(text)
                if address is None or not _is_somebody(address.version, str(address)):
                    troubles.append(f"{name} leads to {shown(text[:60])}, which is nobody's")
                elif len(found) < MAX_ADDRESSES:
                    found[str(address)] = None
    if not found and not troubles:
        troubles.append(f"{host.name}: the name leads to no address")
    return list(found), "; ".join(dict.fromkeys(troubles))[:500]


def utc_text(when: datetime) -> str:
    """A moment in the form that sorts."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _targets(host: Host, ask: Ask, troubles: list[str]) -> list[str]:
    """Names that are asked for addresses: with a port, only the one that is written."""
    names: dict[str, None] = {host.name: None}
    if host.port:
        return list(names)
    services = [f"{service}.{host.name}" for service in _SERVICES]
    services += _asked(ask, host.name, "NAPTR", troubles)[:MAX_TARGETS]
    for service in dict.fromkeys(services):
        for target in _asked(ask, service, "SRV", troubles)[:MAX_TARGETS]:
            name = target.rpartition(":")[0].rstrip(".")
            if _is_name(name):
                names[name] = None
    return list(names)


def _asked(ask: Ask, name: str, kind: str, troubles: list[str]) -> list[str]:
    try:
        return ask(name, kind)
    except LookupError as error:
        troubles.append(str(error))
        return []


def _is_fresh(one: Resolved, now: datetime) -> bool:
    try:
        return now - datetime.fromisoformat(one.at) <= KEPT
    except (ValueError, TypeError):
        return False


def _network(text: str) -> Network | None:
    if "%" in text:
        return None
    try:
        return ip_network(text.strip("[]"))
    except ValueError:
        return None


def _check(network: Network, text: str) -> None:
    if network.prefixlen < _WIDEST[network.version]:
        raise LockdownError(f"{shown(text[:60])}: so wide that half the Internet is admitted")
    if not _is_somebody(network.version, str(network.network_address)):
        raise LockdownError(f"{shown(text[:60])}: nobody sends from it")


def _is_somebody(version: int, address: str) -> bool:
    """Whether it may be a carrier's: one host's, on some network."""
    one = plain_address(address)
    return (
        one is not None
        and one.version == version
        and not (one.is_multicast or one.is_loopback or one.is_unspecified or one.is_link_local)
        and str(one) != "255.255.255.255"
    )


def _is_name(text: str) -> bool:
    labels = text.split(".")
    return (
        0 < len(text) <= _MAX_NAME
        and text.isascii()
        and len(labels) > 1
        and all(
            0 < len(one) < 64 and one.replace("-", "").replace("_", "").isalnum() for one in labels
        )
        and not labels[-1].isdigit()
    )


def dns_records(
    servers: Sequence[str] | None = None, port: int = 53, timeout_s: float = 4.0
) -> Ask:
    """A way to ask: the resolver of /etc/resolv.conf, or the servers named."""

    def ask(name: str, kind: str) -> list[str]:
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=servers is None)
            if servers is not None:
                resolver.nameservers, resolver.port = list(servers), port
            answer = resolver.resolve(name, kind, lifetime=timeout_s, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise LookupError(f"DNS does not answer for {name}") from error
        return list(_texts(answer, kind))

    return ask


def _texts(answer: Iterable[object], kind: str) -> Iterator[str]:
    for number, record in enumerate(answer):
        if number >= MAX_ADDRESSES:
            return
        if kind == "SRV":
            yield f"{getattr(record, 'target', '')}:{getattr(record, 'port', 0)}"
        elif kind == "NAPTR":
            # "S": the replacement is a name of SRV records (RFC 3403 4.1, RFC 3263 4.1).
            flags = bytes(getattr(record, "flags", b"")).upper()
            service = bytes(getattr(record, "service", b"")).upper()
            if flags == b"S" and service.startswith((b"SIP+", b"SIPS+")):
                yield str(getattr(record, "replacement", "")).rstrip(".")
        else:
            yield str(record)
