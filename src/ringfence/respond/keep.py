"""Whom this machine and its operator need: addresses that nobody may block.

How it works: everything is read anew from the machine when it is asked for, as the kernel
tells it under /proc and the system in its files; a file that is not there names nobody.
`root` is where the machine's file system begins, and the environment an argument, so that
tests have machines of their own.

A login over SSH is told by its session (SSH_CONNECTION of this process or of one above it,
which sudo takes away from ours; systemd's list of sessions): that address is never blocked,
and nothing forces it. A connection to the SSH port alone proves no login: a stranger
who holds one open would never be blocked. He keeps that port, and nothing else.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from ringfence.model.endpoint import Address, plain_address
from ringfence.model.measure import MACHINE, OPERATOR, SSH_PORT, Allowed, Kept
from ringfence.respond.nft.elements import Network, source_of

_SSH = 22
# Ours: more than any machine has. A file that is longer is read so far.
_MAX_LINES = 20_000
_MAX_OCTETS = 4 << 20
# From our process to the login shell there are a few: sudo, a shell, screen, a script.
_MAX_ABOVE = 32
_ESTABLISHED = "01"
_SSHD_PORT = re.compile(r"^\s*Port[\s=]+\"?(\d{1,5})", re.IGNORECASE | re.MULTILINE)
# Nobody out there sends from these: who names one mistook it for something else.
_NOBODY = tuple(
    ip_network(text)
    for text in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128",
                 "ff00::/8", "fe80::/10")
)  # fmt: skip


def kept(environment: Mapping[str, str], root: Path = Path("/")) -> tuple[Kept, ...]:
    """All of them, those that may be said of an address first."""
    found = [
        *(Kept(str(a), "your SSH session comes from it", OPERATOR)
          for a in _sessions(environment, root)),
        *(Kept(str(a), "it is an address of this machine", MACHINE) for a in _own(root)),
        *(Kept(str(a), "it is this machine's gateway", MACHINE) for a in _gateways(root)),
        *(Kept(str(a), "this machine asks it for names (DNS)", MACHINE) for a in _resolvers(root)),
    ]  # fmt: skip
    known = {one.address for one in found}
    found += [
        Kept(str(a), "it has a connection to the SSH port, which stays open", SSH_PORT)
        for a in _ssh_peers(ssh_ports(environment, root), root)
        if str(a) not in known
    ]
    return tuple(dict.fromkeys(found))


def ssh_ports(environment: Mapping[str, str], root: Path = Path("/")) -> tuple[int, ...]:
    """Where this machine answers SSH: by its session, by sshd's settings, and 22."""
    ports = {_SSH}
    for _, port in _connections(environment, root):
        ports.add(port)
    folder = root / "etc/ssh"
    for path in (folder / "sshd_config", *sorted(folder.glob("sshd_config.d/*.conf"))[:50]):
        ports.update(int(text) for text in _SSHD_PORT.findall(_text(path)))
    # As many as a rule has room for; the lowest first, and the session's own always.
    own = [port for _, port in _connections(environment, root)]
    valid = sorted(port for port in ports if 0 < port < 65536)
    return tuple(dict.fromkeys([*own, *valid]))[:6]


def objection(
    address: str, kept_ones: Iterable[Kept], allowed: Iterable[Allowed] = ()
) -> str | None:
    """Why this address or network may not be blocked; None where nobody objects.

    Raises MeasureError for what is no address.
    """
    network = source_of(address)
    for one in kept_ones:
        if one.role != SSH_PORT and _overlaps(network, one.address):
            return f"{one.why}{_within(network, one.address)}"
    for friend in allowed:
        if _overlaps(network, friend.network):
            return (
                f"it is on the allow list ({friend.why or 'no reason given'}, {friend.by})"
                f"{_within(network, friend.network)}: ringfence allow {friend.network} --remove"
            )
    if any(network.version == no.version and network.overlaps(no) for no in _NOBODY):
        return "nobody out there sends from it"
    return None


def friends(kept_ones: Iterable[Kept], allowed: Iterable[Allowed]) -> list[Network]:
    """Networks that pass always, for the firewall's own allow list.

    Not what the machine needs otherwise: nobody blocks that, and who forges the address of a
    name server is to be slowed down as any stranger.
    """
    operators = (one.address for one in kept_ones if one.role == OPERATOR)
    return [ip_network(text) for text in dict.fromkeys([*operators, *(a.network for a in allowed)])]


def ssh_peers(kept_ones: Iterable[Kept]) -> list[Address]:
    """Addresses that keep their connections to the SSH port."""
    return [ip_address(one.address) for one in kept_ones if one.role == SSH_PORT]


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Network:
    """The same few networks are asked about for each measure."""
    return ip_network(text)


def _overlaps(network: Network, other: str) -> bool:
    theirs = _parsed(other)
    return network.version == theirs.version and network.overlaps(theirs)


def _within(network: Network, other: str) -> str:
    """Which one of a network it is about."""
    return f" ({other})" if network.prefixlen != network.max_prefixlen else ""


# ------------------------------------------------- who is logged in


def _sessions(environment: Mapping[str, str], root: Path) -> Iterator[Address]:
    for address, _ in _connections(environment, root):
        yield address
    for path in sorted((root / "run/systemd/sessions").glob("*"))[:500]:
        if path.suffix != ".ref":
            for line in _lines(path):
                name, _, value = line.partition("=")
                if name == "REMOTE_HOST" and (found := _address(value)):
                    yield found


def _connections(environment: Mapping[str, str], root: Path) -> Iterator[tuple[Address, int]]:
    """Client's address and our port, of SSH_CONNECTION of this process and of those above."""
    for variables in (environment, *_environments_above(root)):
        words = variables.get("SSH_CONNECTION", "").split()
        if len(words) == 4 and words[3].isascii() and words[3].isdigit():
            address = _address(words[0])
            if address is not None:
                yield address, int(words[3])


def _environments_above(root: Path) -> Iterator[dict[str, str]]:
    """What processes above this one were started with; those of others only root may read."""
    process = "self"
    for _ in range(_MAX_ABOVE):
        status = dict(line.partition(":")[::2] for line in _lines(root / f"proc/{process}/status"))
        process = status.get("PPid", "").strip()
        if not process.isdigit() or process == "0":
            return
        octets = _octets(root / f"proc/{process}/environ")
        pairs = (one.partition("=") for one in octets.decode(errors="replace").split("\0"))
        yield {name: value for name, _, value in pairs}


def _ssh_peers(ports: Iterable[int], root: Path) -> Iterator[Address]:
    """Who has an established TCP connection to one of these ports of ours."""
    wanted = set(ports)
    for name in ("tcp", "tcp6"):
        for line in _lines(root / "proc/net" / name)[1:]:
            words = line.split()
            if len(words) > 3 and words[3] == _ESTABLISHED:
                peer = _hex_address(words[2].partition(":")[0])
                if int(words[1].partition(":")[2] or "0", 16) in wanted and peer is not None:
                    yield peer


# ------------------------------------------------- what the machine needs


def _own(root: Path) -> Iterator[Address]:
    """Local addresses, by the kernel's own routing table of them."""
    address = None
    for line in _lines(root / "proc/net/fib_trie"):
        text = line.strip()
        if text.startswith("|-- "):
            address = _address(text[4:])
        elif text == "/32 host LOCAL" and address is not None:
            yield address
    for line in _lines(root / "proc/net/if_inet6"):
        try:
            yield IPv6Address(bytes.fromhex(line.split()[0]))
        except (ValueError, IndexError):
            continue


def _gateways(root: Path) -> Iterator[Address]:
    for line in _lines(root / "proc/net/route")[1:]:
        words = line.split()
        if len(words) > 7 and words[1] == "00000000" and words[7] == "00000000":
            gateway = _hex_address(words[2])
            if gateway is not None and int(gateway):
                yield gateway
    for line in _lines(root / "proc/net/ipv6_route"):
        words = line.split()
        if len(words) > 4 and words[0] == "0" * 32 and words[1] == "00":
            try:
                hop = IPv6Address(bytes.fromhex(words[4]))
            except ValueError:
                continue
            if int(hop):
                yield hop


def _resolvers(root: Path) -> Iterator[Address]:
    for name in ("etc/resolv.conf", "run/systemd/resolve/resolv.conf"):
        for line in _lines(root / name):
            words = line.split()
            if len(words) > 1 and words[0] == "nameserver" and (found := _address(words[1])):
                yield found


# ------------------------------------------------- how the kernel writes


def _hex_address(text: str) -> Address | None:
    """An address as /proc/net writes it: words in the machine's own order of octets."""
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        return None
    if len(octets) == 4:
        return IPv4Address(struct.pack("=I", int.from_bytes(octets, "big")))
    if len(octets) != 16:
        return None
    words = struct.unpack(">4I", octets)
    address = IPv6Address(struct.pack("=4I", *words))
    return address.ipv4_mapped or address


def _address(text: str) -> Address | None:
    """An address, without its zone: "fe80::1%eth0"."""
    return plain_address(text.strip().partition("%")[0])


def _lines(path: Path) -> list[str]:
    return _text(path).splitlines()[:_MAX_LINES]


def _text(path: Path) -> str:
    return _octets(path).decode(errors="replace")


def _octets(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(_MAX_OCTETS)
    except OSError:  # not there, or not ours to read: it names nobody
        return b""


def environment() -> Mapping[str, str]:
    """That of this process."""
    return os.environ
