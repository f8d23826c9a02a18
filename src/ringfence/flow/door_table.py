"""The firewall's part of a door: elements of two timed sets of the lockdown, and nothing else.

How it works: `inet ringfence_lockdown` has the sets `door4` and `door6`; the kernel ends each
element by itself. Only single addresses that were validated get here, made anew by
`ipaddress`, and no name of anybody.
"""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

from ringfence.model.door import MAX_LASTS_S, DoorError
from ringfence.model.endpoint import Address
from ringfence.model.measure import FirewallError
from ringfence.remote.door_address import admissible
from ringfence.remote.door_tunnel import Peer, peers_of
from ringfence.respond.nft.program import Program, TableMissingError

FAMILY, TABLE = "inet", "ringfence_lockdown"
_GUARD = "ringfence"
_PATH = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"
_WG_TIMEOUT_S = 5.0
_MAX_WG = 1 << 20
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}", re.ASCII)


class DoorTable:
    """The two sets. Every method raises DoorError."""

    def __init__(self, program: Program | None = None) -> None:
        self._program = program or Program()

    def set(self, ends: Mapping[str, float], now: float) -> None:
        """Each of these addresses open until then and no longer; at 0.0, or before now, closed."""
        commands = []
        for text, until in ends.items():
            address = admissible(text)
            seconds = min(MAX_LASTS_S, math.ceil(until - now))
            # Adding what is there changes no timeout, deleting what is not there fails.
            commands += [_command(word, address, seconds) for word in ("add", "delete")]
            if seconds > 0:
                commands.append(_command("add", address, seconds))
        if not commands:
            return
        try:
            self._program.change(commands)
        except TableMissingError:
            raise DoorError(
                "port 5060 is not closed on this machine, so there is no door: "
                "ringfence lockdown plan"
            ) from None
        except FirewallError as error:
            raise DoorError(str(error)) from error

    def open_now(self) -> dict[str, int] | None:
        """Addresses that are open, with the seconds left; None where nothing is closed."""
        try:
            listed = self._program.listed(FAMILY, TABLE)
        except FirewallError as error:
            raise DoorError(str(error)) from error
        return None if listed is None else dict(_elements(listed, ("door4", "door6")))

    def registered(self) -> list[str]:
        """Addresses that users were let in from, as the guard keeps them in its own table."""
        try:
            listed = self._program.listed(FAMILY, _GUARD)
        except FirewallError as error:
            raise DoorError(str(error)) from error
        return [address for address, _ in _elements(listed or (), ("known4", "known6"))]


def tunnel_peers(interface: str, before: tuple[str, ...] = ()) -> list[Peer]:
    """The peers of a tunnel; `before` leads to where it is (a namespace). Raises DoorError."""
    if not _INTERFACE.fullmatch(interface):
        raise DoorError("no name of an interface")
    return peers_of(*(
        _wg(interface, what, before) for what in ("endpoints", "allowed-ips", "latest-handshakes")
    ))  # fmt: skip


def _wg(interface: str, what: str, before: tuple[str, ...]) -> str:
    command = [*before, "wg", "show", interface, what]
    program = shutil.which(command[0]) or shutil.which(command[0], path=_PATH)
    if program is None:
        raise DoorError("wg is missing: install wireguard-tools")
    try:
        done = subprocess.run(  # noqa: S603  an argument list, no shell
            [program, *command[1:]], capture_output=True, check=False, timeout=_WG_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        raise DoorError(f"wg show {interface} did not answer") from None
    if done.returncode:
        raise DoorError(f"there is no tunnel {interface}: ringfence remote status")
    return done.stdout[:_MAX_WG].decode("ascii", "replace")


def _elements(
    listed: Iterable[Mapping[str, Any]], names: tuple[str, ...]
) -> Iterable[tuple[str, int]]:
    for entry in listed:
        found = entry.get("set", {})
        if found.get("name") in names:
            for one in found.get("elem", ()):
                inner = one.get("elem", {}) if isinstance(one, dict) else {"val": one}
                if isinstance(value := inner.get("val"), str):
                    yield value, int(inner.get("expires", 0))


def _command(word: str, address: Address, seconds: int) -> dict[str, Any]:
    value: object = str(address)
    if word == "add":
        value = {"elem": {"val": str(address), "timeout": max(1, seconds)}}
    name = f"door{address.version}"
    return {word: {"element": {"family": FAMILY, "table": TABLE, "name": name, "elem": [value]}}}
