"""`nft`, run: one transaction in, what it says out, its errors in words.

One process for a transaction: four milliseconds from the call to the rule in the kernel,
where a helper that stays (`nft -i`) needs one, but tells no failure apart from its chatter,
and nft's library within this process none, but brings a parser in C along. Both gains are
lost in the fifty milliseconds that a verdict may take.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ringfence.model.measure import FirewallError

# 60 000 elements take less than two seconds on a slow core; a hung kernel must not hang us.
TIMEOUT_S = 20.0
_PATH = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin"
_GONE = "No such file or directory"
_EXISTS = "File exists"
_NEEDS_ROOT = (
    "changing the firewall needs root (CAP_NET_ADMIN): use sudo, or see what would be done with "
    "--dry-run"
)
_TOO_OLD = (
    "this kernel cannot do what the rules ask (for --device it needs CONFIG_NETFILTER_INGRESS): "
    "leave out --device, or update the kernel"
)
_FULL = "the sets are full: unblock what is no longer needed"
_SAYS = (
    ("Operation not permitted", _NEEDS_ROOT),
    ("Operation not supported", _TOO_OLD),
    ("JSON support not compiled", "this nft was built without JSON: install your system's package"),
    ("No space left on device", _FULL),
    ("Set full", _FULL),
    ("Too many open files in system", _FULL),  # ENFILE, which the kernel says of a set at its size
)


class TableMissingError(FirewallError):
    """A table, set or interface that is not there."""


class ExistsError(FirewallError):
    """An element that was to be new, and is there already."""


class Program:
    """The nft of this machine, or one that `command` leads to (in a namespace)."""

    def __init__(self, command: Sequence[str] = ("nft",)) -> None:
        self._command = list(command)

    def load(self, text: str) -> None:
        """Rules in nft's own language: all of them or none. Raises FirewallError."""
        self._run(["-f", "-"], text.encode())

    def change(self, commands: Sequence[Mapping[str, Any]]) -> None:
        """Commands of libnftables-json(5): all of them or none. Raises FirewallError."""
        self._run(["-j", "-f", "-"], transaction(commands))

    def listed(self, family: str, table: str) -> list[dict[str, Any]] | None:
        """All that is in a table; None where there is none. Raises FirewallError."""
        try:
            octets = self._run(["-j", "list", "table", family, table])
        except TableMissingError:
            return None
        except FirewallError as error:
            if str(error) == _TOO_OLD:  # a kernel without the family has no table of it
                return None
            raise
        try:
            found: list[dict[str, Any]] = msgspec.json.decode(octets)["nftables"]
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise FirewallError(f"nft lists what is no JSON: {error}") from error
        return found

    def _run(self, arguments: Sequence[str], given: bytes = b"") -> bytes:
        program = shutil.which(self._command[0]) or shutil.which(self._command[0], path=_PATH)
        if program is None:
            raise FirewallError(
                f"{self._command[0]} is missing: sudo apt install nftables (Debian, Ubuntu, 3CX), "
                "sudo dnf install nftables (Red Hat)"
            )
        try:
            done = subprocess.run(  # noqa: S603  an argument list, no shell
                [program, *self._command[1:], *arguments],
                input=given, capture_output=True, check=False, timeout=TIMEOUT_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise FirewallError(f"nft did not answer within {TIMEOUT_S:.0f} s") from None
        except OSError as error:
            raise FirewallError(f"nft cannot be started: {error}") from error
        if done.returncode:
            raise _error(done.stderr.decode(errors="replace"))
        return done.stdout


def transaction(commands: Sequence[Mapping[str, Any]]) -> bytes:
    """Commands as nft takes them."""
    return msgspec.json.encode({"nftables": list(commands)})


def _error(stderr: str) -> FirewallError:
    for words, says in _SAYS:
        if words in stderr:
            return FirewallError(says)
    first = next((line.strip() for line in stderr.splitlines() if line.strip()), "no reason given")
    kinds = ((_GONE, TableMissingError), (_EXISTS, ExistsError))
    kind = next((kind for words, kind in kinds if words in stderr), FirewallError)
    return kind(f"nft refuses: {first[:300]}")
