"""The register of peers: two files that root alone reads, changed one at a time or not at all.

How it works: `peers.json` says who may come in and holds no secret; `keys.json` has the private
key of this machine and what it shares with each peer. Private keys of peers are never in either.
Both are written anew beside the old ones and then take their place, so that a crash leaves
the one or the other; `keys.json` goes first, as a key without a peer opens nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from ringfence.model.remote import Peer, RemoteError, Tunnel

SCHEMA = "ringfence.remote/1"
PEERS, KEYS, LOCK = "peers.json", "keys.json", "lock"
# 253 addresses that may be used again after a month; more than this is none of our files.
MAX_OCTETS = 4 << 20
_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that this machine needs to have."""

    private: str = field(repr=False)
    preshared: Mapping[str, str] = field(repr=False)  # by the public key of the peer


@dataclass(frozen=True, slots=True)
class Register:
    """All that is kept."""

    tunnel: Tunnel
    peers: tuple[Peer, ...] = ()
    schema: str = SCHEMA

    def peer(self, name: str) -> Peer:
        """The one of this name who may come in. Raises RemoteError."""
        for peer in self.peers:
            if peer.name == name and peer.is_in:
                return peer
        raise RemoteError(f"nobody is called {name!r}: see `ringfence remote list`")


class RegisterFiles:
    """A folder with them. Every method raises RemoteError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes it meanwhile; the folder is made where it is not."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folder.chmod(0o700)
            descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RemoteError(f"{self._folder}: {error.strerror}: use sudo") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def read(self) -> Register | None:
        """None where nothing was begun."""
        octets = self._octets(PEERS)
        return None if octets is None else self._decoded(PEERS, octets, Register)

    def keys(self) -> Keys:
        """The secrets."""
        octets = self._octets(KEYS)
        if octets is None:
            raise RemoteError(f"{self._folder / KEYS} is missing: put it back from your backup")
        return self._decoded(KEYS, octets, Keys)

    def write(self, register: Register, keys: Keys) -> None:
        """Both, or the register as it was."""
        self._put(KEYS, msgspec.json.format(msgspec.json.encode(keys), indent=1))
        self._put(PEERS, msgspec.json.format(msgspec.json.encode(register), indent=1))

    def remove(self) -> None:
        """Nothing is left, and nobody who was let in ever will be again."""
        for name in (PEERS, KEYS, LOCK):
            with suppress(FileNotFoundError):
                (self._folder / name).unlink()
        with suppress(OSError):
            self._folder.rmdir()

    def _octets(self, name: str) -> bytes | None:
        path = self._folder / name
        try:
            with path.open("rb") as opened:
                octets = opened.read(MAX_OCTETS + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RemoteError(f"{path}: {error.strerror}: use sudo") from None
        if len(octets) > MAX_OCTETS:
            raise RemoteError(f"{path} is too large to be ours")
        return octets

    def _decoded(self, name: str, octets: bytes, kind: type[_Kind]) -> _Kind:
        try:
            return msgspec.json.decode(octets, type=kind)
        except (msgspec.DecodeError, RemoteError) as error:
            # Of a file with keys not even what is wrong is repeated.
            why = "" if name == KEYS else f" ({error})"
            raise RemoteError(
                f"{self._folder / name} cannot be read{why}: it was changed by hand; put it back "
                "from your backup"
            ) from None

    def _put(self, name: str, octets: bytes) -> None:
        path, made = self._folder / name, self._folder / f".{name}.new"
        try:
            with suppress(FileNotFoundError):
                made.unlink()
            write_secret(made, octets)
            made.replace(path)
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise RemoteError(f"{path}: {error.strerror}") from None


def write_secret(path: Path, octets: bytes) -> None:
    """A new file that its owner alone reads, on the disk when this returns. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        os.fchmod(descriptor, 0o600)
        opened.write(octets)
        opened.flush()
        os.fsync(descriptor)
