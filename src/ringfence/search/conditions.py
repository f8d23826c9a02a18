"""Conditions on whole tables at once: numbers by column, text only where still in question.

How it works: `holds` answers for the rows that it is asked about. `All` and `Any`
ask their parts in the order of their cost, and each part only about the rows that
the ones before left open. Texts repeat in captures, so what was found for one is
remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ringfence.search.values import Interval, Network
from ringfence.wire.errors import WireError
from ringfence.wire.message import parse_message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ringfence.search.rows import Answers, Numbers, Rows

# Answers remembered by one text condition; texts made up by a flood start it anew.
MAX_REMEMBERED = 16_384
# Longer texts hardly repeat: 16 384 of these are 4 MiB.
_MAX_REMEMBERED_OCTETS = 256

# Relative costs of asking one row.
_COLUMN, _TEXT, _FILLED_TEXT, _WHOLE_MESSAGE = 1, 10, 20, 1000
_LOW_WORD = 2**64 - 1
_MAPPED_PREFIX = 0xFFFF


class Condition(Protocol):
    """Something that is true or false of each row."""

    @property
    def cost(self) -> int:
        """What asking one row costs, in comparison."""
        ...

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        """The answers, one for each of these rows. Shape (rows,)."""
        ...


@dataclass(frozen=True, slots=True)
class Everything:
    """True of each row."""

    cost: int = 0

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        """True for each row."""
        del table
        return np.ones(len(rows), np.bool_)


@dataclass(frozen=True, slots=True)
class NumberIn:
    """A number of `name`, at least `least`, lies in one of the intervals."""

    name: str
    least: int
    intervals: tuple[Interval, ...]
    filled: bool = False

    @property
    def cost(self) -> int:
        return _FILLED_TEXT if self.filled else _COLUMN

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        if self.filled:
            table.fill(rows)
        values = table.numbers(self.name, rows)
        answers = np.zeros(len(rows), np.bool_)
        for interval in self.intervals:
            first = max(interval.first, self.least)
            answers |= (values >= first) & (values <= interval.last)
        return answers


@dataclass(frozen=True, slots=True)
class AddressIn:
    """The address of one of the sides lies in one of the networks."""

    sides: tuple[str, ...]
    networks: tuple[Network, ...]
    cost: int = _COLUMN

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        answers = np.zeros(len(rows), np.bool_)
        for side in self.sides:
            high, low = table.wide(f"{side}_high", rows), table.wide(f"{side}_low", rows)
            ipv4 = (high == 0) & (low >> np.uint64(32) == _MAPPED_PREFIX)
            for network in self.networks:
                of_version = ipv4 if network.version == 4 else ~ipv4
                answers |= of_version & _masked(high, low, network)
        return answers


def _masked(high: NDArray[np.uint64], low: NDArray[np.uint64], network: Network) -> Answers:
    mask_high, mask_low = np.uint64(network.mask >> 64), np.uint64(network.mask & _LOW_WORD)
    in_high = high & mask_high == np.uint64(network.bits >> 64)
    in_low = low & mask_low == np.uint64(network.bits & _LOW_WORD)
    both: Answers = np.logical_and(in_high, in_low)
    return both


@dataclass(frozen=True, slots=True)
class TextIs:
    """One of the columns is, octet for octet, one of the texts."""

    names: tuple[str, ...]
    texts: frozenset[bytes]
    filled: bool = False

    @property
    def cost(self) -> int:
        return _FILLED_TEXT if self.filled else _TEXT

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        if self.filled:
            table.fill(rows)
        answers = np.zeros(len(rows), np.bool_)
        lengths = np.array(sorted({len(text) for text in self.texts}), np.int32)
        for name in self.names:
            likely = np.flatnonzero(np.isin(table.lengths(name, rows), lengths))
            found = [text in self.texts for text in table.texts(name, rows[likely])]
            answers[likely] |= np.array(found, np.bool_)
        return answers


@dataclass(frozen=True, slots=True)
class TextLike:
    """One of the columns, where it is there, passes the test."""

    names: tuple[str, ...]
    test: Callable[[bytes], bool]
    filled: bool = False
    _known: dict[bytes, bool] = field(default_factory=dict, repr=False)

    @property
    def cost(self) -> int:
        return _FILLED_TEXT if self.filled else _TEXT

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        if self.filled:
            table.fill(rows)
        answers = np.zeros(len(rows), np.bool_)
        for name in self.names:
            there = np.flatnonzero(table.lengths(name, rows))
            answers[there] |= self._answers(table.texts(name, rows[there]))
        return answers

    def _answers(self, texts: list[bytes]) -> Answers:
        known = self._known
        if len(known) > MAX_REMEMBERED:
            known.clear()
        answers = []
        for text in texts:
            answer = known.get(text)
            if answer is None:
                answer = self.test(text)
                if len(text) <= _MAX_REMEMBERED_OCTETS:
                    known[text] = answer
            answers.append(answer)
        return np.array(answers, np.bool_)


@dataclass(frozen=True, slots=True)
class NameIs:
    """A method that the columns know by number, or another one by its text."""

    name: str
    number_of_others: int
    test: Callable[[bytes], bool]
    cost: int = _TEXT

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        answers = np.zeros(len(rows), np.bool_)
        others = np.flatnonzero(table.narrow(self.name, rows) == self.number_of_others)
        texts = table.method_texts if self.name == "method" else table.cseq_method_texts
        found = [self.test(text) for text in texts(rows[others])]
        answers[others] = np.array(found, np.bool_)
        return answers


@dataclass(frozen=True, slots=True)
class HasAnomaly:
    """One of these bits is set."""

    bits: int
    cost: int = _COLUMN

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        answers: Answers = np.not_equal(table.wide("anomalies", rows) & np.uint64(self.bits), 0)
        return answers


@dataclass(frozen=True, slots=True)
class HasDeepAnomaly:
    """One of these bits is set by the full parse of the message."""

    bits: int
    cost: int = _WHOLE_MESSAGE

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        return np.array([self._is_in(octets) for octets in table.messages(rows)], np.bool_)

    def _is_in(self, octets: bytes) -> bool:
        try:
            return bool(parse_message(octets).anomalies.value & self.bits)
        except WireError:
            return False


@dataclass(frozen=True, slots=True)
class Inverse:
    """True where the other is false."""

    of: Condition

    @property
    def cost(self) -> int:
        return self.of.cost

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        return np.logical_not(self.of.holds(table, rows))


@dataclass(frozen=True, slots=True)
class All:
    """True where each is."""

    of: tuple[Condition, ...]

    @property
    def cost(self) -> int:
        return sum(part.cost for part in self.of)

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        answers = np.ones(len(rows), np.bool_)
        for part in sorted(self.of, key=lambda part: part.cost):
            still = np.flatnonzero(answers)
            if not len(still):
                break
            answers[still] = part.holds(table, rows[still])
        return answers


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where at least one is."""

    of: tuple[Condition, ...]

    @property
    def cost(self) -> int:
        return sum(part.cost for part in self.of)

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        answers = np.zeros(len(rows), np.bool_)
        for part in sorted(self.of, key=lambda part: part.cost):
            still = np.flatnonzero(~answers)
            if not len(still):
                break
            answers[still] = part.holds(table, rows[still])
        return answers
