"""Kernels in both ways of running, in one process.

How it works: `load` imports the kernels, and what is written over them, once more
under their own names, from their .py files, while a finder in front of all others
hides the extensions; then it puts everything back. Both ways are driven by `World`,
which gives plain values: two worlds that agree give equal ones.
"""

from __future__ import annotations

import array
import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import ringfence
from ringfence._twin import KERNELS

SRC = Path(ringfence.__file__).parent.parent
# Interpreted modules that name kernels as they load.
OVER_KERNELS = tuple(
    f"ringfence.wire.{name}"
    for name in (
        "capture",
        "resync",
        "reassembly",
        "records",
        "table",
        "gathering",
        "decoder",
        "live",
    )
)
MODULES = (*KERNELS, *OVER_KERNELS)

Value = Any  # plain values that only get compared


class _Sources(MetaPathFinder):
    """Finds the .py of the modules that are to load once more, and nothing else."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  the signature of all finders
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname not in MODULES:
            return None
        file = SRC / (fullname.replace(".", "/") + ".py")
        return importlib.util.spec_from_file_location(fullname, file)


@contextmanager
def _set_aside() -> Iterator[None]:
    """Forget the modules for a while, in `sys.modules` and in their packages."""
    modules = {name: sys.modules.pop(name) for name in MODULES if name in sys.modules}
    places = [(sys.modules[name.rpartition(".")[0]], name.rpartition(".")[2]) for name in modules]
    held = [(package, leaf, getattr(package, leaf)) for package, leaf in places]
    finder = _Sources()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.modules.update(modules)
        for package, leaf, module in held:
            setattr(package, leaf, module)


# Tables of a batch that are large, and only tell when many packets came.
LARGE = frozenset(("media", "ignored"))
_DESK_OCTETS = 8192


@dataclass(frozen=True)
class World:
    """One way of running: its modules, by the last part of their names."""

    modules: dict[str, ModuleType]
    buffer: bytearray

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  a module of kernels has no one type
        return self.modules[name]

    def new_batch(self, octets: bytes, rows: int = 1) -> Value:
        return self._batch.Batch(bytearray(octets), rows)

    @cached_property
    def desk(self) -> Value:
        """A batch to use again and again."""
        return self._batch.Batch(self.buffer, 1)

    def lay(self, octets: bytes) -> Value:
        """The desk as if it were new, with these octets at the front of its buffer."""
        batch = self.desk
        self.buffer[: len(octets)] = octets
        self.buffer[len(octets) :] = bytes(len(self.buffer) - len(octets))
        batch.start_packet()
        batch.n = batch.packets = batch.stop = batch.first_time = batch.last_time = 0
        for reason in range(len(batch.counts)):
            batch.counts[reason] = 0
        return batch

    def decode(self, octets: bytes, step: int | None = None, rows: int = 64) -> Value:
        """All that decoding leaves; an error as its type and text."""
        decoder = self.decoder.Decoder(rows)
        seen: list[Value] = []
        try:
            seen.extend(self._seen(table) for table in self._tables(decoder, octets, step))
        except ValueError as error:
            seen.append((type(error).__name__, str(error)))
        places = [(damage.offset, damage.skipped, damage.what) for damage in decoder.damages]
        return seen, state(decoder.batch), places, decoder.reassembly.unfinished()

    def tally(self, octets: bytes) -> Value:
        """All that counting the messages of a capture leaves."""
        tally = self._tally.Tally(1024, 1024)
        rounds, out = (array.array("Q", bytes(8 * 1025)) for _ in range(2))
        picks: list[Value] = []
        for table in self._tables(self.decoder.Decoder(1024), octets, None):
            picks.append(self._tally.tally(tally, table.batch, 0))
            picks.append(list(tally.picks[: 4 * tally.pick_count]))
            tally.pick_count = 0
            n = self._touched.touched(tally, table.batch, 0, len(table), rounds, out)
            picks.append(list(out[:n]))
        return picks, state(tally)

    def _tables(self, decoder: Value, octets: bytes, step: int | None) -> Iterator[Value]:
        at = 0
        while at < len(octets):
            room = decoder.room()
            size = min(len(room), step or len(room), len(octets) - at)
            room[:size] = octets[at : at + size]
            at += size
            yield from decoder.decode(size)
        yield from decoder.decode(0, last=True)

    def _seen(self, table: Value) -> Value:
        """Rows before and after their finer columns were filled, and their octets."""
        before = rows_of(table.batch)
        texts = [table.message(row) for row in table.rows()]
        table.fill_parts()
        return before, rows_of(table.batch), texts


def rows_of(batch: Value) -> tuple[bytes, bytes]:
    """Every slot and wide number of the rows that are filled."""
    n = batch.n
    slots = len(batch.slots) // batch.capacity * n
    wide = len(batch.wide) // batch.capacity * n
    return array.array("i", batch.slots[:slots]).tobytes(), array.array(
        "Q", batch.wide[:wide]
    ).tobytes()


def state(holder: Value, without: frozenset[str] = frozenset()) -> dict[str, Value]:
    """Every number and table of a batch or tally; rows and buffers left out."""
    found: dict[str, Value] = {}
    for name in sorted(set(_names(holder)) - {"octets", "slots", "wide"} - without):
        value = getattr(holder, name)
        if type(value).__name__ == "Calls":
            found[name] = state(value)
        else:
            found[name] = value if isinstance(value, int) else bytes(memoryview(value).cast("B"))
    return found


def _names(holder: Value) -> Sequence[str]:
    """Attributes of an object, C or Python."""
    if hasattr(holder, "__dict__"):
        return tuple(vars(holder))
    return [
        name
        for name in dir(holder)
        if not name.startswith("_") and not callable(getattr(holder, name))
    ]


def load() -> tuple[World, World]:
    """Compiled and interpreted."""
    compiled = {name: importlib.import_module(name) for name in MODULES}
    with _set_aside():
        interpreted = {name: importlib.import_module(name) for name in MODULES}
    return _world(compiled), _world(interpreted)


def _world(modules: dict[str, ModuleType]) -> World:
    leaves = {name.rpartition(".")[2]: module for name, module in modules.items()}
    return World(leaves, bytearray(_DESK_OCTETS))
