"""A capture file, packed or not, growing or not, or standard input: read, hashed, decoded.

How it works: blocks are read straight into the decoder's buffer; while the
kernels walk a block (they release the interpreter lock), a second thread takes
its SHA-256. The next block is read when both are done.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, Protocol

from ringfence.wire.decoder import Decoder
from ringfence.wire.errors import WireError
from ringfence.wire.table import MessageTable

STANDARD_INPUT = "-"
# Octets read of a packed file at a time.
_PACKED_BLOCK = 256 * 1024
# Below this a second thread costs more than it saves.
_THREAD_FROM_OCTETS = 256 * 1024
_NOTHING_UNPACKED = "nothing came out of the packed file: it is empty, or cut off"


class CaptureError(Exception):
    """A capture that cannot be read: names the file, the place, and what to do."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one file: octets on disk and their SHA-256 (hexadecimal)."""

    path: str
    octets: int
    sha256: str


class CaptureFile:
    """One capture being read. Iterate `tables` once; then `read` says what was read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.decoder = Decoder()
        self.problems: list[str] = []
        self._hash = _Hash()
        self._octets = 0

    def tables(self) -> Iterator[MessageTable]:
        """Tables of messages in the order of the file. Raises CaptureError."""
        try:
            with self._open() as stream, self._hash:
                yield from self._decode(stream)
        except WireError as error:
            raise CaptureError(f"{self.path}: {error}") from error
        except OSError as error:
            raise CaptureError(f"{self.path}: {error.strerror or error}") from error

    @property
    def read(self) -> Read:
        """Octets and hash of what was read so far."""
        return Read(self.path, self._octets, self._hash.hexdigest())

    def _open(self) -> BinaryIO:
        if self.path == STANDARD_INPUT:
            return os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
        path = Path(self.path)
        if path.is_dir():
            raise CaptureError(f"{self.path}: this is a folder; name the capture files in it")
        return path.open("rb", buffering=0)

    def _decode(self, stream: BinaryIO) -> Iterator[MessageTable]:
        head = _read_up_to(stream, 6)
        unpacker = _unpacker(head)
        if unpacker is None:
            yield from self._decode_plain(stream, head)
        else:
            yield from self._decode_packed(stream, head, unpacker)

    def _decode_plain(self, stream: BinaryIO, head: bytes) -> Iterator[MessageTable]:
        self._hash.update(head)
        self._octets += len(head)
        self.decoder.room()[: len(head)] = head
        added = len(head)
        while True:
            yield from self.decoder.decode(added)
            room = self.decoder.room()
            added = _read_into(stream, room)
            if added == 0:
                break
            self._octets += added
            if added < _THREAD_FROM_OCTETS:
                self._hash.update(room[:added])
            else:
                self._hash.begin(room[:added])
                yield from self.decoder.decode(added)
                self._hash.finish()
                added = 0
        yield from self.decoder.decode(0, last=True)

    def _decode_packed(
        self, stream: BinaryIO, head: bytes, unpacker: Unpacker
    ) -> Iterator[MessageTable]:
        packed, unpacked = head, 0
        while packed:
            self._hash.update(packed)
            self._octets += len(packed)
            try:
                for octets in unpacker.unpack(packed):
                    unpacked += len(octets)
                    yield from self._decode_octets(octets)
            except UnpackError as error:
                self.problems.append(f"unpacking stopped: {error}")
                self._hash_rest(stream)
                break
            packed = stream.read(_PACKED_BLOCK)
        if self.decoder.format is None and (self.problems or not unpacked):
            problem = self.problems[-1] if self.problems else _NOTHING_UNPACKED
            raise CaptureError(f"{self.path}: {problem}")
        yield from self.decoder.decode(0, last=True)

    def _hash_rest(self, stream: BinaryIO) -> None:
        """The hash is that of the whole file, also where it cannot be unpacked."""
        while rest := stream.read(_PACKED_BLOCK):
            self._hash.update(rest)
            self._octets += len(rest)

    def _decode_octets(self, octets: bytes) -> Iterator[MessageTable]:
        view = memoryview(octets)
        while view:
            room = self.decoder.room()
            n = min(len(room), len(view))
            room[:n] = view[:n]
            view = view[n:]
            yield from self.decoder.decode(n)


class _Hash:
    """SHA-256 of octets, of large blocks in a thread of its own; leaving the block ends it."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._begun: SimpleQueue[memoryview | None] = SimpleQueue()
        self._finished: SimpleQueue[None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._begun.put(None)
            self._thread.join()
            self._thread = None

    def update(self, octets: bytes | memoryview) -> None:
        """Add octets, at once."""
        self._hash.update(octets)

    def begin(self, block: memoryview) -> None:
        """Add a block, which must stay as it is until `finish` returns."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()
        self._begun.put(block)

    def finish(self) -> None:
        """Wait until the block begun has been added."""
        self._finished.get()

    def hexdigest(self) -> str:
        """The hash of what was added so far."""
        return self._hash.hexdigest()

    def _work(self) -> None:
        while (block := self._begun.get()) is not None:
            self._hash.update(block)
            self._finished.put(None)


def in_order_of_time(paths: list[str]) -> list[int]:
    """Positions of the captures, the one that begins first before the others.

    A ring of capture files is often named in the shell's order. Files whose
    beginning cannot be read (standard input, damaged ones) keep their place at the end.
    """
    times = [_begins(path) for path in paths] if len(paths) > 1 else [0]
    return sorted(range(len(paths)), key=lambda i: (times[i] == 0, times[i]))


def _begins(path: str) -> int:
    """Time (ns) of the capture's first packet, 0 when it cannot be told beforehand."""
    if path == STANDARD_INPUT or not Path(path).is_file():
        return 0
    decoder = Decoder()
    try:
        with Path(path).open("rb", buffering=0) as stream:
            octets = _read_up_to(stream, _PACKED_BLOCK)
        unpacker = _unpacker(octets[:6])
        if unpacker is not None:
            octets = next(unpacker.unpack(octets), b"")
        added = min(len(octets), len(decoder.room()))
        decoder.room()[:added] = octets[:added]
        for _ in decoder.decode(added):
            pass
    except (WireError, UnpackError, OSError):
        return 0  # told where the file is read in full
    return decoder.batch.first_time


class UnpackError(Exception):
    """A packed file that is damaged from some place on."""


class Unpacker(Protocol):
    """Packed octets in, pieces of the capture out; a cut end is no error."""

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Pieces of at most a few MiB. Raises UnpackError."""
        ...


def _unpacker(head: bytes) -> Unpacker | None:
    from ringfence.sources import packed

    if head.startswith(b"\x1f\x8b"):
        return packed.Gzip()
    if head.startswith(b"\xfd7zXZ\x00"):
        return packed.Xz()
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return packed.Zstandard()
    return None


def _read_up_to(stream: BinaryIO, n: int) -> bytes:
    octets = b""
    while len(octets) < n:
        more = stream.read(n - len(octets))
        if not more:
            break
        octets += more
    return octets


def _read_into(stream: BinaryIO, room: memoryview) -> int:
    """Fill the room as far as the stream goes: pipes give little at a time."""
    filled = 0
    while filled < len(room):
        n = stream.readinto(room[filled:])  # type: ignore[attr-defined]
        if not n:
            break
        filled += n
    return filled
