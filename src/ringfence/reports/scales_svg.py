"""Small pictures of weights: where a sum stands between the thresholds, and one clue's bar."""

from __future__ import annotations

from ringfence.reports.words import decibans

# The scale ends here; what is beyond stands at its end with an arrow.
_LEAST_DB, _MOST_DB = -20.0, 60.0
SUSPECT_DB, ATTACKER_DB = 10.0, 30.0
_WIDTH, _LEFT, _RIGHT = 520, 14, 14
# A bar has half of this on each side of its zero.
BAR_WIDTH = 160
_BAR_HEIGHT = 10
# So many decibans fill one side; longer ones end there.
_FULL_DB = 50.0

STYLE = """
text { font: 11px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; fill: VAR(soft) }
.zone { fill: VAR(line) }
.zone-suspect { fill: VAR(warn); opacity: .45 }
.zone-attacker { fill: VAR(guilt); opacity: .75 }
.stop { stroke: VAR(edge); stroke-width: 1 }
.pointer { fill: VAR(ink) }
.sum { font-weight: 700; font-size: 13px; fill: VAR(ink) }
"""


def draw_scale(weight_db: float, name: str) -> str:
    """The sum on a scale with its thresholds; `name` makes its ids unlike others in the page."""
    shown_db = min(max(weight_db, _LEAST_DB), _MOST_DB)
    x = _at(shown_db)
    said = f"{decibans(weight_db)} dB"
    beyond = " ▸" if weight_db > _MOST_DB else " ◂" if weight_db < _LEAST_DB else ""
    anchor = "end" if x > _WIDTH - 70 else "start" if x < 70 else "middle"
    stops = [
        (SUSPECT_DB, f"suspect from {decibans(SUSPECT_DB).removesuffix('.0')}"),
        (ATTACKER_DB, f"attacker from {decibans(ATTACKER_DB).removesuffix('.0')}"),
        (0.0, "0"),
    ]
    zones = [
        ("zone", _LEAST_DB, SUSPECT_DB),
        ("zone-suspect", SUSPECT_DB, ATTACKER_DB),
        ("zone-attacker", ATTACKER_DB, _MOST_DB),
    ]
    return "\n".join([
        (f'<svg xmlns="http://www.w3.org/2000/svg" class="scale" viewBox="0 0 {_WIDTH} 58" '
        f'width="{_WIDTH}" height="58" role="img" aria-labelledby="{name}-scale">'),
        (f'<title id="{name}-scale">The sum is {said}; a suspect from +10 dB, an attacker from '
        "+30 dB</title>"),
        *(
            f'<rect class="{zone}" x="{_at(first):.1f}" y="26" '
            f'width="{_at(last) - _at(first):.1f}" height="9"/>'
            for zone, first, last in zones
        ),
        *(
            f'<path class="stop" d="M{_at(db):.1f} 23v15"/>'
            f'<text text-anchor="middle" x="{_at(db):.1f}" y="52">{label}</text>'
            for db, label in stops
        ),
        f'<path class="pointer" d="M{x:.1f} 25l-6 -8h12z"/>',
        f'<text class="sum" text-anchor="{anchor}" x="{x:.1f}" y="13">{said}{beyond}</text>',
        "</svg>",
    ])  # fmt: skip


def draw_bar(weight_db: float) -> str:
    """One clue: to the right for guilt, to the left against it. Says nothing to screen readers."""
    middle = BAR_WIDTH / 2
    long = min(abs(weight_db), _FULL_DB) / _FULL_DB * middle
    left = middle if weight_db >= 0 else middle - long
    kind = "guilt" if weight_db >= 0 else "innocence"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bar" viewBox="0 0 {BAR_WIDTH} '
        f'{_BAR_HEIGHT}" width="{BAR_WIDTH}" height="{_BAR_HEIGHT}" aria-hidden="true">'
        f'<path class="{kind}" d="M{left:.1f} 1h{max(long, 1):.1f}v8h{-max(long, 1):.1f}z"/>'
        f'<path class="zero" d="M{middle} 0v{_BAR_HEIGHT}"/></svg>'
    )


def _at(db: float) -> float:
    return _LEFT + (db - _LEAST_DB) / (_MOST_DB - _LEAST_DB) * (_WIDTH - _LEFT - _RIGHT)
