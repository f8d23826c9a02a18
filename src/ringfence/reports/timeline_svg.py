"""What the accused did over time, as a picture: a lane for each kind, bars by bins.

Each lane has a scale of its own, so that three calls can be seen beside three
thousand guesses; its highest bar and its total are written out. No script, no link.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape

from ringfence.model.dossier import Timeline
from ringfence.model.text import count
from ringfence.reports.palette import LIGHT
from ringfence.reports.rules import coloured
from ringfence.reports.words import KINDS

# Sizes in pixels: on a page, and alone, where a sheet of paper makes all of it smaller.
WIDTH, WIDTH_ALONE = 960, 660
_LEFT, _RIGHT = 160, 92
_TOP, _BOTTOM = 34, 34
_LANE, _GAP = 40, 14
_LEAST_BAR = 2.5
# Ticks of the axis: at most so many, at times that people count in (seconds).
_MAX_TICKS = 7
_TICKS_S = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0),
    *(86_400.0 * days for days in (1, 2, 7, 14, 30, 90, 180, 365)),
)
NAMES = {**KINDS, "refused": "answers: refused", "accepted": "answers: let in"}

STYLE = """
text { font: 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; fill: VAR(ink) }
.name { text-anchor: end; font-weight: 600 }
.small { font-size: 11px; fill: VAR(soft) }
.total { font-weight: 600 }
.tick { text-anchor: middle; font-size: 11px; fill: VAR(soft) }
.base { stroke: VAR(edge); stroke-width: 1 }
.grid { stroke: VAR(line); stroke-width: 1 }
.moment { stroke: VAR(alarm); stroke-width: 1.5; stroke-dasharray: 4 3 }
.moment-name { font-size: 11.5px; font-weight: 600; fill: VAR(alarm) }
""" + "\n".join(f".{name} {{ fill: VAR({name}) }}" for name in NAMES)


def draw_timeline(
    timeline: Timeline, moments: tuple[tuple[int, str], ...] = (), *, alone: bool = False
) -> str:
    """The picture; `alone`: with its own style, on white paper."""
    names = [name for name in NAMES if name in timeline.series]
    bins = max((len(timeline.series[name]) for name in names), default=0)
    width = WIDTH_ALONE if alone else WIDTH
    plot = _Plot(timeline, bins, len(names), width)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 {width} '
            f'{plot.height}" width="{width}" height="{plot.height}" role="img" '
            'aria-labelledby="timeline-title timeline-desc">'
        ),
        f'<title id="timeline-title">{escape(title_of(timeline))}</title>',
        f'<desc id="timeline-desc">{escape(describe(timeline))}</desc>',
        f"<style>{coloured(STYLE, LIGHT)}</style>" if alone else "",
        *plot.grid(),
        *(part for n, name in enumerate(names) for part in plot.lane(n, name)),
        *plot.moments(moments),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def title_of(timeline: Timeline) -> str:
    """What a bar stands for."""
    return f"What the attackers sent, and the answers they got: one bar is {_length(timeline)}"


def describe(timeline: Timeline) -> str:
    """One sentence a lane, for those who cannot see it."""
    return " ".join(f"{name}: {total}; most {peak}." for name, total, peak in figures(timeline))


def figures(timeline: Timeline) -> list[tuple[str, str, str]]:
    """Name, total, and when the most came, of each lane."""
    found = []
    for name, words in NAMES.items():
        values = timeline.series.get(name, ())
        if not any(values):
            continue
        peak = max(range(len(values)), key=values.__getitem__)
        at = _clock(_time(timeline, peak), timeline.bin_s)
        noun = "answer" if name in ("refused", "accepted") else "request"
        found.append((words, count(sum(values), noun), f"{values[peak]:,} at {at}"))
    return found


class _Plot:
    """Where everything stands."""

    def __init__(self, timeline: Timeline, bins: int, lanes: int, width: int) -> None:
        self._t = timeline
        self._bins = max(bins, 1)
        self._right = width - _RIGHT
        self._step = (self._right - _LEFT) / self._bins
        self._floor = _TOP + lanes * (_LANE + _GAP)
        self.height = self._floor + _BOTTOM

    def lane(self, number: int, name: str) -> list[str]:
        """One row: its name, bars, total and highest bar."""
        values = self._t.series[name]
        base = _TOP + (number + 1) * (_LANE + _GAP) - _GAP / 2
        most = max(values, default=0) or 1
        width = max(1.2, self._step - 1)
        bars = []
        for i, value in enumerate(values):
            if value:
                high = max(_LEAST_BAR, value / most * _LANE)
                left = _LEFT + i * self._step
                bars.append(f"M{left:.1f} {base:.1f}v{-high:.1f}h{width:.1f}v{high:.1f}z")
        x = self._right + 12
        return [
            f'<g class="lane" id="lane-{name}">',
            (
                f'<text class="name" x="{_LEFT - 14}" y="{base - _LANE / 2 + 5:.1f}">'
                f"{escape(NAMES[name])}</text>"
            ),
            f'<path class="{name}" d="{"".join(bars)}"/>',
            f'<path class="base" d="M{_LEFT} {base:.1f}H{self._right}"/>',
            f'<text class="total" x="{x}" y="{base - _LANE / 2:.1f}">{sum(values):,}</text>',
            f'<text class="small" x="{x}" y="{base - _LANE / 2 + 14:.1f}">{most:,} at most</text>',
            "</g>",
        ]

    def grid(self) -> list[str]:
        """Ticks of the axis, with their times."""
        span_s = self._bins * self._t.bin_s
        every = next((s for s in _TICKS_S if span_s / s <= _MAX_TICKS), span_s)
        every_ns = max(1, round(every * 1e9))
        first = -(-self._t.begins_ns // every_ns) * every_ns
        found, day = [], ""
        for time_ns in range(first, self._t.begins_ns + round(span_s * 1e9) + 1, every_ns):
            when = _moment(time_ns)
            label, today = _clock(when, every), f"{when:%Y-%m-%d}"
            label = f"{when:%b} {when.day}" if every >= 86_400 else label
            x = self._at(time_ns)
            found.append(f'<path class="grid" d="M{x:.1f} {_TOP - 4}V{self._floor:.1f}"/>')
            found.append(f'<text class="tick" x="{x:.1f}" y="{self._floor + 14}">{label}</text>')
            if today != day and every < 86_400:
                found.append(
                    f'<text class="tick" x="{x:.1f}" y="{self._floor + 28}">{today}</text>'
                )
            day = today
        return found

    def moments(self, marks: tuple[tuple[int, str], ...]) -> list[str]:
        """Dashed lines at what matters most."""
        found = []
        for time_ns, name in marks:
            x = self._at(time_ns)
            if not _LEFT <= x <= self._right:
                continue
            side = "end" if x > self._right - 220 else "start"
            at = x - 6 if side == "end" else x + 6
            text = f"{name} {_clock(_moment(time_ns), 1.0)}"
            found.append(f'<path class="moment" d="M{x:.1f} 12V{self._floor:.1f}"/>')
            found.append(
                f'<text class="moment-name" text-anchor="{side}" x="{at:.1f}" y="20">'
                f"{escape(text)}</text>"
            )
        return found

    def _at(self, time_ns: int) -> float:
        return _LEFT + (time_ns - self._t.begins_ns) / (self._t.bin_s * 1e9) * self._step


def _time(timeline: Timeline, number: int) -> datetime:
    return _moment(timeline.begins_ns + round(number * timeline.bin_s * 1e9))


def _moment(time_ns: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)


def _clock(when: datetime, precision_s: float) -> str:
    if precision_s >= 86_400:
        return f"{when:%Y-%m-%d}"
    if precision_s >= 60:
        return f"{when:%H:%M}"
    if precision_s >= 1:
        return f"{when:%H:%M:%S}"
    return f"{when:%H:%M:%S}.{when.microsecond // 10_000:02d}"


def _length(timeline: Timeline) -> str:
    seconds = timeline.bin_s
    for size, noun in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            return f"{seconds / size:g} {noun}{'' if seconds == size else 's'}"
    return f"{seconds * 1000:g} ms"
