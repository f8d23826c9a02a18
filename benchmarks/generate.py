"""Makes a capture for the benchmarks: `python -m benchmarks.generate --size 1G`.

The same options give the same octets on every machine. Beside the capture lies
a JSON file with what is in it, counted while it was written.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.captures import truth_path
from benchmarks.fields import Group
from benchmarks.messages import TEXTS
from benchmarks.template import Look, Template, build, fill
from benchmarks.traffic import (
    SHAPES,
    Kind,
    Sources,
    Step,
    Timeline,
    sources,
    steps_of,
    timeline,
)
from benchmarks.truth import Ledger

CACHE = Path(__file__).resolve().parent.parent / "build" / "bench"
# Raise it when the same options begin to give other octets: old captures are made anew.
GENERATION = 4
BEGAN_S = 1_767_225_600  # 2026-01-01T00:00:00Z
# Packets made at once: about 20 MB, small enough for the cache of a big core.
SLICE = 32_768
# Numbers of messages whose size is tried to find how many make the wanted size.
FITTING_MESSAGES = (20_000, 80_000)
LEAST_MESSAGES = 100
LEAST_SOURCES = 500  # fewer cannot hold every role of the mix

_SUFFIXES = {"k": 10**3, "M": 10**6, "G": 10**9}
_PCAP_HEADER = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
_PCAPNG_HEADER = bytes.fromhex(
    "0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000"
    "01000000140000000100000000000400" + "14000000"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What capture is wanted."""

    size: str = "100M"
    format: str = "pcap"
    seed: int = 1
    sources: int = 10_000
    shape: str = "mix"

    @property
    def octets(self) -> int:
        """The wanted size; the capture comes within about one per cent."""
        return size_in_octets(self.size)

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return f"{self.shape}-{self.size}-{self.sources}-seed{self.seed}.{self.format}"


class Writer:
    """Renders slices of a timeline into capture records."""

    def __init__(self, order: Order, who: Sources, ledger: Ledger) -> None:
        self.order, self.who, self.ledger = order, who, ledger
        self.steps = steps_of(SHAPES[order.shape])
        self._templates: dict[Look, Template] = {}

    def template(self, look: Look) -> Template:
        """The template of this look, built once."""
        if look not in self._templates:
            self._templates[look] = build(look, self.order.format == "pcapng")
        return self._templates[look]

    def groups(self, part: Timeline) -> Iterator[tuple[NDArray[np.intp], Template, Group]]:
        """The packets of a slice by template: their places, and what to fill in."""
        styled = np.array([_is_styled(step) for _, step in self.steps])
        variant = np.where(styled[part.step], self.who.variant[part.actor], 0)
        key = part.step.astype(np.int64) * 4 + part.choice
        key = (
            (key * 8 + variant) * 4
            + self.who.vlan[part.actor] * 2
            + (self.who.family[part.actor] == 6)
        )
        order = np.argsort(key, kind="stable")
        cuts = np.flatnonzero(np.diff(key[order])) + 1
        for rows in np.split(order, cuts):
            one = rows[0]
            kind, step = self.steps[part.step[one]]
            family = int(self.who.family[part.actor[one]])
            look = Look(
                message=step.messages[part.choice[one]],
                from_source=step.from_source,
                variant=int(variant[one]),
                family=family,
                vlan=bool(self.who.vlan[part.actor[one]]),
            )
            numbers = (
                column[rows].astype(np.uint64) for column in (part.actor, part.turn, part.ordinal)
            )
            yield (
                rows,
                self.template(look),
                Group(self.order.seed, kind, step.nth, family, *numbers),
            )

    def render(self, part: Timeline) -> NDArray[np.uint8]:
        """The records of a slice, one after the other; entered in the ledger."""
        groups = list(self.groups(part))
        lengths = np.empty(len(part.time_us), np.int64)
        for rows, template, _ in groups:
            lengths[rows] = len(template.octets)
        ends = np.cumsum(lengths)
        out = np.empty(int(ends[-1]), np.uint8)
        for rows, template, group in groups:
            records = fill(template, group, part.time_us[rows] + BEGAN_S * 1_000_000)
            _scatter(out, ends[rows] - lengths[rows], records, len(template.octets))
            self.ledger.enter(template, part.actor[rows])
        return out

    def size_of(self, line: Timeline) -> int:
        """How many octets a timeline would take, without writing it."""
        return sum(len(rows) * len(template.octets) for rows, template, _ in self.groups(line))


def _is_styled(step: Step) -> bool:
    """Whether the sender's make shows in the message."""
    return step.from_source and "<<agent>>" in TEXTS[step.messages[0]]


def _scatter(
    out: NDArray[np.uint8], at: NDArray[np.int64], records: NDArray[np.uint8], length: int
) -> None:
    """Copy each row to its place: both sides seen as arrays of `length`-octet items."""
    item = f"V{length}"
    places: NDArray[np.void] = np.ndarray((len(out) - length + 1,), item, buffer=out, strides=(1,))
    items: NDArray[np.void] = np.ndarray(
        (len(records),), item, buffer=records, strides=(records.shape[1],)
    )
    places[at] = items


def size_in_octets(text: str) -> int:
    """Octets of a size, as 100000000 for "100M"; ValueError when it is not a size."""
    number, suffix = (text[:-1], text[-1]) if text[-1:] in _SUFFIXES else (text, "")
    if not number.isdecimal() or int(number) == 0:
        raise ValueError(f"not a size: {text!r} (write 100M or 1G)")
    return int(number) * _SUFFIXES.get(suffix, 1)


def make(order: Order, folder: Path = CACHE) -> Path:
    """The capture's path; it is only made when the cache has no such one."""
    capture = folder / order.name
    if _is_current(capture, order):
        return capture
    folder.mkdir(parents=True, exist_ok=True)
    partial = capture.with_name(capture.name + ".partial")
    truth = _write(order, partial)
    partial.replace(capture)
    truth_path(capture).write_text(json.dumps(truth, indent=1) + "\n")
    return capture


def _is_current(capture: Path, order: Order) -> bool:
    if not capture.exists() or not truth_path(capture).exists():
        return False
    truth = json.loads(truth_path(capture).read_text())
    same = truth["order"] == asdict(order) and truth["generation"] == GENERATION
    return same and bool(truth["bytes"] == capture.stat().st_size)


def _write(order: Order, path: Path) -> dict[str, object]:
    if order.shape == "mix" and order.sources < LEAST_SOURCES:
        raise ValueError(f"the mix needs at least {LEAST_SOURCES} sources, not {order.sources}")
    who = sources(order.shape, order.sources)
    ledger = Ledger(who)
    writer = Writer(order, who, ledger)
    line = _fitted(SHAPES[order.shape], writer)
    header = _PCAPNG_HEADER if order.format == "pcapng" else _PCAP_HEADER
    with path.open("wb") as file:
        for block in _blocks(header, writer, line):
            file.write(block)
            ledger.enter_octets(block)
    return {
        "order": asdict(order),
        "generation": GENERATION,
        **ledger.truth(order.seed),
        "first_seen_us": BEGAN_S * 1_000_000 + int(line.time_us[0]),
        "last_seen_us": BEGAN_S * 1_000_000 + int(line.time_us[-1]),
    }


def _fitted(kinds: tuple[Kind, ...], writer: Writer) -> Timeline:
    """The timeline whose records take the wanted size: a straight line through two trials."""
    order = writer.order
    sizes = [
        writer.size_of(timeline(kinds, writer.who, messages, order.seed))
        for messages in FITTING_MESSAGES
    ]
    less, more = FITTING_MESSAGES
    octets_each = (sizes[1] - sizes[0]) / (more - less)
    messages = round(less + (order.octets - sizes[0]) / octets_each)
    return timeline(kinds, writer.who, max(LEAST_MESSAGES, messages), order.seed)


def _blocks(header: bytes, writer: Writer, line: Timeline) -> Iterator[memoryview]:
    yield memoryview(header)
    columns = [getattr(line, name) for name in line.__slots__]
    for start in range(0, len(line.time_us), SLICE):
        yield writer.render(Timeline(*(column[start : start + SLICE] for column in columns))).data


def parsed_order(arguments: list[str] | None = None) -> tuple[Order, Path]:
    """The command line as an order and a folder."""
    usual = Order()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("--size", default=usual.size, help="100M, 1G, 4G … (default %(default)s)")
    parser.add_argument("--format", choices=("pcap", "pcapng"), default=usual.format)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--sources", type=int, default=usual.sources, help="1 … 1000000")
    parser.add_argument(
        "--shape", choices=tuple(SHAPES), default=usual.shape,
        help="mix: an attacked PBX; even: the same two messages from every source",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=CACHE, help="the cache folder")
    given = parser.parse_args(arguments)
    return Order(given.size, given.format, given.seed, given.sources, given.shape), given.out


def main() -> None:
    """Make the capture and say where it lies."""
    order, folder = parsed_order()
    print(make(order, folder))


if __name__ == "__main__":
    main()
