"""What a guard is asked to do, and the error that says why it cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from ringfence.model.endpoint import Address

Network = IPv4Network | IPv6Network


class GuardError(Exception):
    """The guard cannot begin: one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class LogWanted:
    """One log of a phone system."""

    kind: str  # of `wire.log_kinds.NAMES`
    path: str
    mark: str = field(default="", repr=False)  # the word in our lines of Kamailio's


@dataclass(frozen=True, slots=True)
class ServiceWanted:
    """One interface of a phone system that is asked, or told by: AMI, event socket, XAPI."""

    kind: str  # "ami", "freeswitch", "3cx"
    host: str  # with https:// for 3CX
    port: int = 0
    user: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HepWanted:
    """Where agents may send HEP to, and who."""

    address: str
    port: int
    key: str = field(default="", repr=False)
    senders: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Hears:
    """All that a guard listens to."""

    interfaces: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()  # of SIP, beside 5060 and 5061
    hep: HepWanted | None = None
    logs: tuple[LogWanted, ...] = ()
    services: tuple[ServiceWanted, ...] = ()

    @property
    def has_packets(self) -> bool:
        """Whether messages are seen, and not only told of."""
        return bool(self.interfaces) or self.hep is not None


@dataclass(frozen=True, slots=True)
class Guarding:
    """What it hears, whom it must not hurt, how far it goes, and what it keeps."""

    hears: Hears
    folder: str  # of cases
    run: str  # of what stands only while it runs: status.json, firewall.sock
    store: str
    servers: tuple[Address, ...] = ()  # ours, where they are not found
    trunks: tuple[Address, ...] = ()
    known: tuple[Address, ...] = ()
    enforce: bool = False
    guesses_a_day: int = 100
    before_s: int = 60
    after_s: int = 60
    buffer_octets: int = 64 * 1024 * 1024
    metrics_port: int = 0  # 0: none
