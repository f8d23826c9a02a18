"""An exchange as a ladder of text: time runs down, each message is an arrow.

How it works: every line is a row of cells with the lifelines in it; an arrow and
its label are written over that. A label that does not fit between its two
lifelines gets a line of its own above the arrow; addresses that do not fit over
theirs are named by letters.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from ringfence.model.clock import utc
from ringfence.model.endpoint import endpoint
from ringfence.model.exchange import Event, Exchange
from ringfence.model.ladder import LadderLine, tone_of
from ringfence.model.text import shown
from ringfence.reports.lanes import (
    OTHERS,
    Lanes,
    label,
    lanes_of,
    marks,
    offset,
    pause,
    summary,
)

# Narrower than this nothing can be drawn: the terminal wraps it.
MIN_WIDTH = 48
# Cells that the time takes, between two lifelines at least and at most.
_TIME_CELLS = 10
_MIN_GAP = 16
_MAX_GAP = 72
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class _Glyphs:
    life: str
    silent: str
    line: str
    again: str
    right: str
    left: str
    own: str
    between: str


_UNICODE = _Glyphs("│", "┊", "─", "╌", "▶", "◀", "↺", " · ")
_ASCII = _Glyphs("|", ":", "-", ".", ">", "<", "@", ", ")


def draw_text(exchange: Exchange, width: int, *, ascii_only: bool = False) -> list[LadderLine]:
    """The ladder, no line wider than `width` cells (48 at least)."""
    width = max(width, MIN_WIDTH)
    first_ns = exchange.events[0].time_ns if exchange.events else 0
    title = _cut_cells(shown(exchange.of), width)
    count, since = summary(exchange.events, exchange.omitted), f"from {utc(first_ns) or '?'}"
    about = [f"{count}, {since}"] if len(count) + len(since) + 2 <= width else [count, since]
    sheet = _Sheet(exchange, width, _ASCII if ascii_only else _UNICODE)
    lines = [*map(LadderLine, (title, *about, "")), *sheet.heads()]
    before_ns = first_ns
    for event in exchange.events:
        lines += sheet.silence(pause(before_ns, event.time_ns))
        lines += sheet.arrow(event, offset(event.time_ns, first_ns))
        before_ns = event.time_ns
    return [_plain_ascii(line) if ascii_only else line for line in lines]


class _Sheet:
    """Where the lifelines are, and rows of cells with them in it."""

    def __init__(self, exchange: Exchange, width: int, glyphs: _Glyphs) -> None:
        most = (width - _TIME_CELLS - 2) // _MIN_GAP + 1
        self._lanes: Lanes = lanes_of(exchange.events, most)
        count = max(2, len(self._lanes.lanes))
        self._width = width
        self._gap = min(_MAX_GAP, (width - _TIME_CELLS - 2) // (count - 1))
        self._at = [_TIME_CELLS + 1 + n * self._gap for n in range(len(self._lanes.lanes))]
        self._glyphs = glyphs

    def heads(self) -> list[LadderLine]:
        """Who the lifelines are; letters with a key when the names do not fit."""
        lanes = self._lanes.lanes
        names, ports = [lane.name for lane in lanes], [lane.ports for lane in lanes]
        foot = self._line(self._row(self._glyphs.life))
        if self._fit(names) and self._fit(ports):
            below = [self._head(ports)] if any(ports) else []
            return [self._head(names), *below, foot]
        letters = list(_LETTERS[: len(lanes)])
        key = [
            LadderLine(_cut_cells(f"{letter} = {', '.join(filter(None, both))}", self._width))
            for letter, *both in zip(letters, names, ports, strict=True)
        ]
        return [*key, LadderLine(""), self._head(letters), foot]

    def _fit(self, names: list[str]) -> bool:
        ends = [-1, *(at + len(name) for at, name in self._placed(names))]
        starts = [at for at, _ in self._placed(names)] + [self._width + 1]
        return all(start > end for start, end in zip(starts, ends, strict=True))

    def _placed(self, names: list[str]) -> list[tuple[int, str]]:
        """Over its lifeline each, the outer ones inside the sheet."""
        last = len(names) - 1
        found = []
        for n, (at, name) in enumerate(zip(self._at, names, strict=True)):
            start = at if n == 0 else at - len(name) // 2
            found.append((at + 1 - len(name) if n == last and n else start, name))
        return found

    def _head(self, names: list[str]) -> LadderLine:
        row = [" "] * self._width
        for at, name in self._placed(names):
            _write(row, max(0, at), name)
        return self._line(row)

    def silence(self, words: str) -> list[LadderLine]:
        """A line that says how long nothing was sent."""
        if not words:
            return []
        row = self._row(self._glyphs.silent)
        _write(row, self._at[0] + 2, f" {words} ")
        return [self._line(row)]

    def arrow(self, event: Event, when: str) -> list[LadderLine]:
        """A message: one line, or two when its label needs room."""
        source, destination = self._lanes.ends(event)
        text = self._text(event)
        row = self._row(self._glyphs.life)
        _write(row, max(0, _TIME_CELLS - 1 - len(when)), when)
        if source == destination:
            at = min(self._at[source] + 2, self._width - cell_len(text) - 3)
            return [self._labelled(row, max(at, _TIME_CELLS), f"{self._glyphs.own} {text}", event)]
        low, high = sorted((self._at[source], self._at[destination]))
        self._draw(row, low, high, event, to_right=destination > source)
        if cell_len(text) + 8 <= high - low:
            return [self._labelled(row, low + 4, f" {text} ", event)]
        above = self._row(self._glyphs.life)
        start = max(_TIME_CELLS + 2, min(low + 2, self._width - cell_len(text)))
        line = self._line(row)
        return [
            self._labelled(above, start, text, event),
            LadderLine(
                line.text,
                tone_of(event.status),
                len("".join(row[:low])) + 1,
                len("".join(row[:high])),
            ),
        ]

    def _text(self, event: Event) -> str:
        parts = [label(event), *marks(event)]
        ends = self._lanes.ends(event)
        last = len(self._lanes.lanes) - 1
        if self._lanes.lanes[last].name == OTHERS and last in ends:
            other = (event.source, event.source_port)
            if ends[1] == last:
                other = (event.destination, event.destination_port)
            parts.append(endpoint(*other))
        return _cut_cells(self._glyphs.between.join(parts), self._width - _TIME_CELLS - 3)

    def _draw(self, row: list[str], low: int, high: int, event: Event, *, to_right: bool) -> None:
        line = self._glyphs.again if event.repeats else self._glyphs.line
        row[low + 1 : high] = [line] * (high - low - 1)
        if to_right:
            row[high - 1] = self._glyphs.right
        else:
            row[low + 1] = self._glyphs.left

    def _labelled(self, row: list[str], at: int, text: str, event: Event) -> LadderLine:
        _write(row, at, text)
        line = self._line(row).text
        start, end = len("".join(row[:at])), len("".join(row[:at])) + len(text)
        return LadderLine(line, tone_of(event.status), min(start, len(line)), min(end, len(line)))

    def _row(self, life: str) -> list[str]:
        row = [" "] * self._width
        for at in self._at:
            row[at] = life
        return row

    def _line(self, row: list[str]) -> LadderLine:
        return LadderLine("".join(row).rstrip())


def _write(row: list[str], at: int, text: str) -> None:
    """Put text into the cells from `at` on; a wide character takes two, an accent none."""
    for character in text:
        cells = cell_len(character)
        if cells == 0 and at > 0:
            row[at - 1] += character
            continue
        if at + cells > len(row):
            return
        row[at : at + cells] = [character, *[""] * (cells - 1)]
        at += cells


def _cut_cells(text: str, most: int) -> str:
    """The text, in at most so many cells."""
    return text if cell_len(text) <= most else set_cell_size(text, most - 1) + "…"


def _plain_ascii(line: LadderLine) -> LadderLine:
    """The same cells without a character that a plain terminal lacks."""
    before, toned = _ascii(line.text[: line.start]), _ascii(line.text[line.start : line.end])
    text = before + toned + _ascii(line.text[line.end :])
    return LadderLine(text, line.tone, len(before), len(before + toned))


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c if c.isascii() else "~" if c == "…" else "?" * cell_len(c) for c in text)
