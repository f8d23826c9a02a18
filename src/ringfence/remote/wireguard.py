"""WireGuard: what both ends are told, and the interface of this one.

How it works: the kernel's own where there is one, else `wireguard-go` or `boringtun-cli`, which
answer to the same `wg`. Keys go in by standard input, never by an argument, and never come
back: `wg show dump` prints them, so three questions are asked that do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from ringfence.model.remote import MTU, Peer, RemoteError, Traffic, Tunnel
from ringfence.remote.command import CommandError, Commands

# Both make the interface, go to the background, and end when the interface is deleted.
USERSPACE = (("wireguard-go",), ("boringtun-cli", "--disable-drop-privileges"))
KEEPALIVE_S = 25
# What `wg` may print at the most; a peer takes some 100 letters.
_MAX_ROWS = 5_000
_NONE = "(none)"


def server_settings(
    tunnel: Tunnel, private: str, preshared: Mapping[str, str], peers: Iterable[Peer]
) -> str:
    """What `wg syncconf` is given: only who may come in, each from his own address alone."""
    lines = ["[Interface]", f"PrivateKey = {private}", f"ListenPort = {tunnel.port}"]
    for peer in peers:
        if peer.is_in:
            allowed = [f"{peer.address}/32", f"{peer.address6}/128"]
            allowed += [peer.routed_lan] if peer.routed_lan else []
            lines += ["", "[Peer]", f"# {peer.name}", f"PublicKey = {peer.public_key}"]
            if key := preshared.get(peer.public_key):
                lines.append(f"PresharedKey = {key}")
            lines.append(f"AllowedIPs = {', '.join(allowed)}")
    return "\n".join([*lines, ""])


def user_settings(tunnel: Tunnel, peer: Peer, private: str, preshared: str, server: str) -> str:
    """What every WireGuard app takes: only the phone system goes through, names do not."""
    who = f"{peer.name}, extension {peer.extension}" if peer.extension else peer.name
    return "\n".join(
        [
            f"# Phone system, for {who}. Whoever has this file is let in: do not pass it on.",
            "[Interface]",
            f"PrivateKey = {private}",
            f"Address = {peer.address}/32, {peer.address6}/128",
            f"MTU = {MTU}",
            "",
            *peer_of_server(tunnel, preshared, server),
            "",
        ]
    )


def peer_of_server(tunnel: Tunnel, preshared: str, server: str) -> list[str]:
    """The phone system, as its peers see it."""
    return [
        "[Peer]",
        f"PublicKey = {server}",
        f"PresharedKey = {preshared}",
        f"Endpoint = {tunnel.where}",
        f"AllowedIPs = {tunnel.pbx}/32, {tunnel.pbx6}/128",
        f"PersistentKeepalive = {KEEPALIVE_S}",
    ]


class Wireguard:
    """The interface of this machine. Every method raises RemoteError."""

    def __init__(self, commands: Commands, tunnel: Tunnel) -> None:
        self._commands, self._tunnel = commands, tunnel

    @property
    def is_up(self) -> bool:
        """Whether it is there."""
        try:
            self._commands.run("ip", "-o", "link", "show", "dev", self._tunnel.interface)
        except CommandError:
            return False
        return True

    def stand(self, settings: str, lans: Sequence[str]) -> None:
        """Made where it is not, with these peers and no others; twice is once."""
        self._commands.run("wg", "--version")  # before anything is made
        if not self.is_up:
            self._make()
        name, network, network6 = self._names
        self.sync(settings)
        self._commands.run("ip", "address", "replace", f"{self._tunnel.pbx}/{network}", "dev", name)
        self._commands.run("ip", "-6", "address", "replace", f"{self._tunnel.pbx6}/{network6}",
                           "dev", name, "nodad")  # fmt: skip
        self._commands.run("ip", "link", "set", "dev", name, "mtu", str(MTU), "up")
        self.route(lans)

    def sync(self, settings: str) -> None:
        """These peers and no others; connections of those that stay are not touched."""
        self._commands.run("wg", "syncconf", self._tunnel.interface, "/dev/stdin", given=settings)

    def route(self, lans: Sequence[str]) -> None:
        """Networks behind sites are reached through the tunnel, and no others."""
        name = self._tunnel.interface
        found = json.loads(self._commands.run("ip", "-j", "-4", "route", "show", "dev", name))
        stand = {str(one.get("dst", "")) for one in found} - {self._tunnel.network}
        for lan in sorted(stand - set(lans)):
            self._commands.run("ip", "route", "del", lan, "dev", name)
        for lan in lans:
            self._commands.run("ip", "route", "replace", lan, "dev", name, "src", self._tunnel.pbx)

    def remove(self, public_key: str) -> None:
        """This peer is heard no more, from this moment."""
        self._commands.run("wg", "set", self._tunnel.interface, "peer", public_key, "remove")

    def down(self) -> None:
        """No interface, whether there was one or not."""
        if self.is_up:
            self._commands.run("ip", "link", "del", "dev", self._tunnel.interface)

    def traffic(self) -> dict[str, Traffic]:
        """What each peer did, by its public key; empty where there is no interface."""
        if not self.is_up:
            return {}
        ends, shakes, octets = map(self._rows, ("endpoints", "latest-handshakes", "transfer"))
        return {
            key: Traffic(
                endpoint="" if (where := ends.get(key, [_NONE])[0]) == _NONE else where,
                handshake=_number(shakes.get(key, []), 0),
                received=_number(octets.get(key, []), 0),
                sent=_number(octets.get(key, []), 1),
            )
            for key in shakes
        }

    @property
    def _names(self) -> tuple[str, str, str]:
        return (self._tunnel.interface, self._tunnel.network.partition("/")[2],
                self._tunnel.network6.partition("/")[2])  # fmt: skip

    def _rows(self, what: str) -> dict[str, list[str]]:
        printed = self._commands.run("wg", "show", self._tunnel.interface, what)
        rows = [line.split("\t") for line in printed.splitlines()[:_MAX_ROWS]]
        return {row[0]: row[1:] for row in rows if len(row) > 1}

    def _make(self) -> None:
        name = self._tunnel.interface
        try:
            self._commands.run("ip", "link", "add", "dev", name, "type", "wireguard")
        except CommandError as error:
            if not _is_unknown(str(error)):
                raise RemoteError(f"{error}: changing interfaces takes root: use sudo") from None
            self._make_in_userspace(name)

    def _make_in_userspace(self, name: str) -> None:
        for program, *options in USERSPACE:
            if self._commands.has(program):
                # It keeps what it prints on: without a word, it does not hold ours open.
                self._commands.leave_running(program, *options, name, more={"LOG_LEVEL": "silent"})
                if not self.is_up:
                    raise RemoteError(
                        f"{program} made no interface {name}: is there a /dev/net/tun? (in a "
                        f"container it must be given); see `sudo {program} -f {name}`"
                    )
                return
        raise RemoteError(
            "this kernel has no WireGuard (it is in Linux since 5.6), and there is no "
            "wireguard-go: sudo apt install wireguard-go"
        )


def _is_unknown(error: str) -> bool:
    return any(words in error for words in ("Unknown device type", "not supported"))


def _number(row: Sequence[str], at: int) -> int:
    text = row[at] if len(row) > at else ""
    return int(text) if text.isdecimal() and len(text) < 20 else 0
