"""What a harness is, and how one says that an invariant is broken.

How it works: each module in `decoders/` is one harness: `check` takes any octets,
runs its decoder on them and raises `Broken`, or lets through what the decoder
raised, when the invariant in the module's first lines does not hold. It returns
what was decoded, so that the compiled kernels can be compared with their
interpreted twins. `quick` is a cheaper part of `check` for many executions.
`BOUNDS`, where a harness has it, makes bounds of the program smaller while it runs.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from types import ModuleType

# From the outermost layer to the innermost part.
NAMES = (
    "packed",
    "pcap",
    "pcapng",
    "resync",
    "ring",
    "packet",
    "fragments",
    "tcp",
    "opening",
    "stream",
    "websocket",
    "hep",
    "hep_frames",
    "connections",
    "sip",
    "parts",
    "message",
    "values",
    "tally",
    "sipvicious",
    "redaction",
    "text",
    "mail",
    "asterisk_log",
    "asterisk_events",
    "freeswitch_log",
    "kamailio_log",
    "esl",
    "threecx_events",
)


class Broken(AssertionError):  # noqa: N818  what it says: the invariant is broken
    """An invariant that does not hold."""


def hold(holds: object, words: str) -> None:
    """Raise Broken with these words unless the first argument is true."""
    if not holds:
        raise Broken(words)


@dataclass(frozen=True, slots=True)
class Harness:
    """One decoder with its invariant."""

    name: str
    check: Callable[[bytes], object]
    quick: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    tokens: Sequence[bytes]
    share: int = 16  # a replay puts one input in so many through `check`


# Constants of a module by name, with the value that a harness gives them.
Bounds = Mapping[ModuleType, Mapping[str, int]]


def load(name: str) -> Harness:
    """The harness of this name; imports its decoder."""
    module = importlib.import_module(f"fuzz.decoders.{name}")
    bounds: Bounds = getattr(module, "BOUNDS", {})
    check = bounded(module.check, bounds)
    quick = bounded(module.quick, bounds) if hasattr(module, "quick") else check
    share = getattr(module, "SHARE", 16)
    return Harness(name, check, quick, module.seeds, module.TOKENS, share)


def bounded(run: Callable[[bytes], object], bounds: Bounds) -> Callable[[bytes], object]:
    """The same run under these bounds; the program's own hold again afterwards."""
    if not bounds:
        return run

    @wraps(run)
    def run_bounded(octets: bytes) -> object:
        before = {
            module: {name: getattr(module, name) for name in bounds[module]} for module in bounds
        }
        _set(bounds)
        try:
            return run(octets)
        finally:
            _set(before)

    return run_bounded


def _set(bounds: Bounds) -> None:
    for module, values in bounds.items():
        for name, value in values.items():
            setattr(module, name, value)


def pieces(octets: bytes) -> Iterator[bytes]:
    """The octets one by one; when there are many, some in pieces of up to 64."""
    if len(octets) <= 256:
        for at in range(len(octets)):
            yield octets[at : at + 1]
        return
    state = zlib.crc32(octets) | 1
    at = 0
    while at < len(octets):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        size = 1 if state & 0x10000 else 1 + (state >> 17) % 64
        yield octets[at : at + size]
        at += size
