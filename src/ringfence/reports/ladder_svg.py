"""An exchange as a picture: SVG that stands alone, light or dark as the reader's screen is.

No script, no font, no link: nothing is loaded and nothing runs. All text is escaped.
"""

from __future__ import annotations

from html import escape

from ringfence.model.clock import utc
from ringfence.model.endpoint import endpoint
from ringfence.model.exchange import Event, Exchange
from ringfence.model.ladder import tone_of
from ringfence.model.text import shown
from ringfence.reports.lanes import (
    OTHERS,
    Lanes,
    cut,
    label,
    lanes_of,
    marks,
    offset,
    pause,
    summary,
)

# More lifelines than this make a picture that nobody reads.
MAX_LANES = 10
# Sizes in pixels. A letter of a monospaced font at 12 px is 7.3 px wide.
_LETTER = 7.3
_SMALL_LETTER = 6.2
_MARGIN = 24
_TIME = 84
_LEAST_GAP = 230
_MOST_GAP = 460
_TOP = 92
_HEAD = 44
_STEP = 36
_STEP_WITH_MARKS = 50
_PAUSE = 34

_CLASS = ' class="ladder"'
STYLE = """
.paper { fill: #ffffff }
text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2933 }
.title { font-size: 15px; font-weight: bold }
.small { font-size: 10.2px; fill: #52606d }
.head rect { fill: #f0f4f8; stroke: #9fb3c8 }
.head text { text-anchor: middle; font-weight: bold }
.head .small { font-weight: normal }
.life { stroke: #bcccdc; stroke-width: 1.5 }
.pause { stroke-dasharray: 2 4; stroke: #9fb3c8 }
.time { text-anchor: end; fill: #52606d }
.arrow { fill: none; stroke-width: 1.6 }
.again .arrow { stroke-dasharray: 5 4 }
.say { text-anchor: middle }
.own .say { text-anchor: start }
.request .arrow { stroke: #2563eb } .request .tip, .request .say { fill: #1d4ed8 }
.progress .arrow { stroke: #64748b } .progress .tip, .progress .say { fill: #52606d }
.success .arrow { stroke: #16a34a } .success .tip, .success .say { fill: #15803d }
.challenge .arrow { stroke: #d97706 } .challenge .tip, .challenge .say { fill: #b45309 }
.failure .arrow { stroke: #dc2626 } .failure .tip, .failure .say { fill: #b91c1c }
.event .small { fill: #52606d }
@media (prefers-color-scheme: dark) {
.paper { fill: #12181f }
text { fill: #e4e9ef }
.head rect { fill: #1d2733; stroke: #486581 }
.life { stroke: #33465a }
.pause { stroke: #486581 }
.request .arrow { stroke: #60a5fa } .request .tip, .request .say { fill: #7db4fb }
.progress .arrow { stroke: #94a3b8 } .progress .tip, .progress .say { fill: #a9b6c6 }
.success .arrow { stroke: #4ade80 } .success .tip, .success .say { fill: #5fe38d }
.challenge .arrow { stroke: #fbbf24 } .challenge .tip, .challenge .say { fill: #fbc740 }
.failure .arrow { stroke: #f87171 } .failure .tip, .failure .say { fill: #fb8d8d }
.small, .time, .event .small { fill: #9aa8b8 }
}
"""


def draw_svg(exchange: Exchange, inside: str = "") -> str:
    """The whole document; its title and description say what it shows.

    `inside` names the picture in a page that has its rules (`STYLE`, scoped to `ladder`).
    """
    title_id, about_id = (f"{inside}-title", f"{inside}-about") if inside else ("title", "about")
    sheet = _Sheet(exchange)
    body, bottom = sheet.body()
    width, height = sheet.width, bottom + _MARGIN
    first_ns = exchange.events[0].time_ns if exchange.events else 0
    title = cut(shown(exchange.of), 160)
    about = f"{summary(exchange.events, exchange.omitted)}, from {utc(first_ns) or '?'}"
    fits = int((width - 2 * _MARGIN) / 9.2)
    size = f'width="{width:.0f}" height="{height:.0f}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width:.0f} {height:.0f}"'
    parts = (
        f'{svg}{_CLASS if inside else ""} role="img" aria-labelledby="{title_id} {about_id}">',
        f'<title id="{title_id}">{_x(title)}</title>',
        f'<desc id="{about_id}">SIP ladder: {_x(about)}. {_x(sheet.describe())}</desc>',
        "" if inside else f"<style>{STYLE}</style>",
        f'<rect class="paper" {size}/>',
        f'<text class="title" x="{_MARGIN}" y="34">{_x(cut(title, fits))}</text>',
        f'<text class="small" x="{_MARGIN}" y="54">{_x(about)}</text>',
        *sheet.lifelines(bottom),
        *sheet.heads(),
        *body,
        "</svg>\n",
    )
    return "\n".join(parts)


def _x(text: str) -> str:
    return escape(text, quote=True)


class _Sheet:
    """Where everything stands."""

    def __init__(self, exchange: Exchange) -> None:
        self._events = exchange.events
        self._lanes: Lanes = lanes_of(exchange.events, MAX_LANES)
        longest = max((len(lane.name) for lane in self._lanes.lanes), default=0)
        self._head = max(120.0, longest * _LETTER + 24)
        says = max((len(label(event)) for event in self._events), default=0) * _LETTER
        also = max((len(self._also(event)) for event in self._events), default=0) * _SMALL_LETTER
        needed = max(_LEAST_GAP, self._head + 24, min(_MOST_GAP, max(says, also) + 48))
        self._gap = needed
        first = _MARGIN + max(_TIME, self._head / 2) + 12
        self._at = [first + n * self._gap for n in range(len(self._lanes.lanes))]
        right = self._at[-1] if self._at else first
        self.width = right + max(self._head / 2, 40) + _MARGIN

    def describe(self) -> str:
        """One sentence for those who cannot see it."""
        names = [lane.name for lane in self._lanes.lanes]
        return f"Lifelines from left to right: {', '.join(names)}." if names else "No messages."

    def lifelines(self, bottom: float) -> list[str]:
        """A line from each head to the bottom."""
        return [
            f'<path class="life" d="M{at:.1f} {_TOP + _HEAD / 2}V{bottom:.1f}"/>' for at in self._at
        ]

    def heads(self) -> list[str]:
        """The addresses, in boxes."""
        found = []
        for at, lane in zip(self._at, self._lanes.lanes, strict=True):
            name_at = _TOP - 4 if lane.ports else _TOP + 4
            ports = f'<text class="small" x="{at:.1f}" y="{_TOP + 12}">{_x(lane.ports)}</text>'
            found.append(
                f'<g class="head"><rect x="{at - self._head / 2:.1f}" y="{_TOP - _HEAD / 2}" '
                f'width="{self._head:.1f}" height="{_HEAD}" rx="6"/>'
                f'<text x="{at:.1f}" y="{name_at}">{_x(lane.name)}</text>'
                f"{ports if lane.ports else ''}</g>"
            )
        return found

    def body(self) -> tuple[list[str], float]:
        """The arrows, and where they end."""
        found: list[str] = []
        y = _TOP + _HEAD / 2
        first_ns = before_ns = self._events[0].time_ns if self._events else 0
        for event in self._events:
            words = pause(before_ns, event.time_ns)
            if words:
                y += _PAUSE
                found.append(self._pause(words, y))
            y += _STEP_WITH_MARKS if self._also(event) else _STEP
            found.append(self._event(event, y, offset(event.time_ns, first_ns)))
            before_ns = event.time_ns
        return found, y + 24

    def _pause(self, words: str, y: float) -> str:
        left, right = self._at[0], self._at[-1]
        middle = (left + right) / 2
        return (
            f'<g class="event"><path class="pause" d="M{left:.1f} {y - 4:.1f}H{right:.1f}"/>'
            f"{_say(words, middle, y, _SMALL_LETTER, crosses=True)}</g>"
        )

    def _event(self, event: Event, y: float, when: str) -> str:
        source, destination = self._lanes.ends(event)
        start, end = self._at[source], self._at[destination]
        classes = (
            ["event", tone_of(event.status)]
            + ["again"] * event.repeats
            + ["own"] * (source == destination)
        )
        arrow = _loop(start, y) if source == destination else _arrow(start, end, y)
        said = self._said(event, start, end, y)
        time = f'<text class="time small" x="{_MARGIN + _TIME - 20}" y="{y + 4:.1f}">{when}</text>'
        title = f"<title>{_x(_whole(event))}</title>"
        return f'<g class="{" ".join(classes)}">{title}{time}{arrow}{said}</g>'

    def _said(self, event: Event, start: float, end: float, y: float) -> str:
        also = self._also(event)
        own = start == end
        at = start + 36 if own else (start + end) / 2
        room = (self.width - at if own else abs(end - start)) - 24
        crosses = abs(end - start) > 1.5 * self._gap
        y -= (20 if also else 6) - (10 if own else 0)
        said = cut(label(event), max(4, int(room / _LETTER)))
        text = _say(said, at, y, _LETTER, crosses=crosses)
        if also:
            small = cut(also, max(4, int(room / _SMALL_LETTER)))
            text += _say(small, at, y + 14, _SMALL_LETTER, crosses=crosses)
        return text

    def _also(self, event: Event) -> str:
        parts = [*marks(event)]
        ends = self._lanes.ends(event)
        last = len(self._lanes.lanes) - 1
        if self._lanes.lanes[last].name == OTHERS and last in ends:
            to = ends[1] == last
            parts.append(
                endpoint(event.destination, event.destination_port)
                if to
                else endpoint(event.source, event.source_port)
            )
        return " · ".join(parts)


def _say(text: str, at: float, y: float, letter: float, *, crosses: bool) -> str:
    """Centred text; where lifelines run behind it, on paper of its own."""
    small = " small" if letter == _SMALL_LETTER else ""
    said = f'<text class="say{small}" x="{at:.1f}" y="{y:.1f}">{_x(text)}</text>'
    if not crosses:
        return said
    width = len(text) * letter + 8
    place = f'x="{at - width / 2:.1f}" y="{y - 10:.1f}" width="{width:.1f}" height="13"'
    return f'<rect class="paper" {place}/>{said}'


def _arrow(start: float, end: float, y: float) -> str:
    back = -9 if end > start else 9
    return (
        f'<path class="arrow" d="M{start:.1f} {y:.1f}H{end + back / 2:.1f}"/>'
        f'<path class="tip" d="M{end:.1f} {y:.1f}l{back} -4.5v9z"/>'
    )


def _loop(at: float, y: float) -> str:
    return (
        f'<path class="arrow" d="M{at:.1f} {y - 12:.1f}h24v12h-20"/>'
        f'<path class="tip" d="M{at:.1f} {y:.1f}l9 -4.5v9z"/>'
    )


def _whole(event: Event) -> str:
    """Everything about a message, for the pointer that rests on it."""
    route = (
        f"{endpoint(event.source, event.source_port)} → "
        f"{endpoint(event.destination, event.destination_port)} ({event.transport})"
    )
    parts = [
        label(event),
        *marks(event),
        route,
        f"packet {event.packet}",
        utc(event.time_ns) or "?",
    ]
    if event.cseq >= 0:
        parts.append(f"CSeq {event.cseq}")
    parts.append(f"Call-ID {cut(shown(event.call_id), 120)}")
    return "\n".join(parts)
