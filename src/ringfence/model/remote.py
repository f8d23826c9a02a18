"""The tunnel for remote users, and who may use it: public keys and addresses, never a secret.

How it works: the phone system has one address inside of the tunnel, each peer another; nobody
in there is let through to anything but SIP and the media of that one address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address

INTERFACE = "rf-remote"
PORT = 51_820  # WireGuard's own
SIP_PORTS = (5060, 5061)
# A packet of this size passes every line: mobile, DSL, IPv6 carried in IPv4 (RFC 8200 §5).
MTU = 1280

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", re.ASCII)
_EXTENSION = re.compile(r"[A-Za-z0-9_.+-]{1,32}", re.ASCII)
_DEVICE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", re.ASCII)
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_-]{1,63})*)?",
                   re.ASCII)  # fmt: skip
# Thirty-two octets in base64: the last letter before "=" holds four bits.
_KEY = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", re.ASCII)
_MAX_PORTS = 6


class RemoteError(Exception):
    """What cannot be done with the tunnel, and what to do. Holds no key."""


class Role(StrEnum):
    """What is at the other end."""

    USER = "user"  # a computer or a mobile with a softphone
    SITE = "site"  # a gateway, with desk phones behind it


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The phone system's side. Raises RemoteError for what is none."""

    endpoint: str  # name or address by which the Internet reaches this machine
    network: str  # inside: "10.87.12.0/24"; the phone system has its first address
    network6: str  # "fd12:3456:789a::/64"
    rtp_first: int
    rtp_last: int
    port: int = PORT
    interface: str = INTERFACE
    sip_ports: tuple[int, ...] = SIP_PORTS

    def __post_init__(self) -> None:
        """Each of these goes into a rule, a command or a file of somebody else's program."""
        if not _DEVICE.fullmatch(self.interface):
            raise RemoteError(f"{self.interface!r} is no name of an interface")
        if not is_host(self.endpoint):
            raise RemoteError(f"{self.endpoint!r} is neither a name nor an address of a machine")
        if not 0 < len(self.sip_ports) <= _MAX_PORTS or not all(map(_is_port, self.sip_ports)):
            raise RemoteError(f"SIP ports {self.sip_ports}: 1 to {_MAX_PORTS}, each 1 to 65535")
        if not (_is_port(self.rtp_first) and _is_port(self.rtp_last)) or (
            self.rtp_first > self.rtp_last
        ):
            raise RemoteError(
                f"media ports {self.rtp_first}-{self.rtp_last}: say them like 10000-20000"
            )
        if not _is_port(self.port):
            raise RemoteError(f"port {self.port}: 1 to 65535")
        try:
            inside, inside6 = IPv4Network(self.network), IPv6Network(self.network6)
        except ValueError as error:
            raise RemoteError(f"inside network: {error}") from None
        if inside.prefixlen > 29 or inside6.prefixlen > 120:
            raise RemoteError(f"{self.network}, {self.network6}: too small for phones")

    @property
    def pbx(self) -> str:
        """The phone system's address inside."""
        return str(IPv4Network(self.network)[1])

    @property
    def pbx6(self) -> str:
        """The same of IPv6."""
        return str(IPv6Network(self.network6)[1])

    @property
    def where(self) -> str:
        """The endpoint as WireGuard writes it."""
        return f"[{self.endpoint}]:{self.port}" if ":" in self.endpoint else (
            f"{self.endpoint}:{self.port}")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peer:
    """One who may come in, or might once. Raises RemoteError for what is none."""

    name: str
    public_key: str
    address: str  # inside
    address6: str
    made: str  # ISO 8601, UTC
    role: Role = Role.USER
    extension: str = ""
    lan: str = ""  # of a site: the network of its phones
    nat: bool = False  # whether the site hides its phones behind its own address
    revoked: str = ""  # when; empty: may come in

    def __post_init__(self) -> None:
        """Each of these goes into a rule, a command, a file's name or a file."""
        if not _NAME.fullmatch(self.name):
            raise RemoteError(
                f"{self.name!r}: a name is 1 to 32 letters, digits, '-', '_', '.', and begins "
                "with a letter or digit"
            )
        if self.extension and not _EXTENSION.fullmatch(self.extension):
            raise RemoteError(f"{self.extension!r} is no extension")
        if not _KEY.fullmatch(self.public_key):
            raise RemoteError(f"{self.name}: its public key is none")
        try:
            versions = ip_address(self.address).version, ip_address(self.address6).version
            if self.lan:
                IPv4Network(self.lan)
        except ValueError as error:
            raise RemoteError(f"{self.name}: {error}") from None
        if versions != (4, 6):
            raise RemoteError(f"{self.name}: {self.address}, {self.address6}: one of each")

    @property
    def is_in(self) -> bool:
        """Whether it may come in."""
        return not self.revoked

    @property
    def routed_lan(self) -> str:
        """The network behind it that the phone system reaches through it; mostly none."""
        return "" if self.nat else self.lan


@dataclass(frozen=True, slots=True)
class Traffic:
    """What WireGuard tells of one peer."""

    endpoint: str = ""  # where it was heard from last
    handshake: int = 0  # seconds since 1970; 0: never
    received: int = 0  # octets, by us
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How the tunnel stands."""

    tunnel: Tunnel
    is_up: bool
    rules_stand: bool
    peers: tuple[tuple[Peer, Traffic], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What was handed out: a peer, and the files that let it in."""

    peer: Peer
    files: tuple[str, ...]  # the first holds the private key
    is_running: bool  # whether the interface that runs knows it already
    qr: str = ""  # for a terminal; holds the private key


def is_host(text: str) -> bool:
    """Whether it is an address, or may be the name of a machine."""
    try:
        ip_address(text)
    except ValueError:
        return _HOST.fullmatch(text) is not None and not text.replace(".", "").isdigit()
    return "%" not in text


def is_key(text: str) -> bool:
    """Whether it is a key of WireGuard's."""
    return _KEY.fullmatch(text) is not None


def _is_port(number: int) -> bool:
    return 0 < number < 65536
