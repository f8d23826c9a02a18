"""The colours of the report, for light paper and dark screens, and which pairs must be legible."""

from __future__ import annotations

# Names are roles. A test computes the contrast of PAIRS in both.
LIGHT = {
    "paper": "#ffffff",
    "ground": "#f5f6f8",
    "panel": "#f8f9fb",
    "code": "#eef1f5",
    "ink": "#18212c",
    "soft": "#4d5b6b",
    "line": "#dde3ea",
    "edge": "#7b8896",
    "link": "#0b57b7",
    "alarm": "#b3191f",
    "alarm-ground": "#fdf0ef",
    "warn": "#8a5200",
    "warn-ground": "#fdf5e6",
    "calm": "#136c40",
    "calm-ground": "#edf8f1",
    "guilt": "#c2373c",
    "innocence": "#2c7a58",
    "scan": "#4472a8",
    "enumeration": "#147d79",
    "password_guessing": "#a86208",
    "toll_fraud": "#c2410c",
    "flood": "#7a4cb8",
    "exploit": "#b02a78",
    "spoofed_call": "#7d5a3c",
    "refused": "#64748b",
    "accepted": "#b3191f",
}
DARK = {
    "paper": "#141a21",
    "ground": "#0d1117",
    "panel": "#1a222b",
    "code": "#202a35",
    "ink": "#e6ebf0",
    "soft": "#a3b1c0",
    "line": "#2b3744",
    "edge": "#77879a",
    "link": "#7db6ff",
    "alarm": "#ff8f8a",
    "alarm-ground": "#2b1719",
    "warn": "#f0b860",
    "warn-ground": "#282012",
    "calm": "#6fd39c",
    "calm-ground": "#13251c",
    "guilt": "#e5635f",
    "innocence": "#45b184",
    "scan": "#76a5dc",
    "enumeration": "#3fb8b1",
    "password_guessing": "#dd9a3c",
    "toll_fraud": "#f5824a",
    "flood": "#ad86e6",
    "exploit": "#e26bae",
    "spoofed_call": "#bd9470",
    "refused": "#8b9bb0",
    "accepted": "#ff6f6a",
}
# Text on its ground: WCAG 2.2, 1.4.3.
TEXT_PAIRS = tuple(
    (text, ground)
    for text, grounds in {
        "ink": ("paper", "ground", "panel", "code", "alarm-ground", "warn-ground", "calm-ground"),
        "soft": ("paper", "ground", "panel", "code", "alarm-ground", "warn-ground", "calm-ground"),
        "link": ("paper", "ground", "panel"),
        "alarm": ("paper", "panel", "alarm-ground"),
        "warn": ("paper", "panel", "warn-ground"),
        "calm": ("paper", "panel", "calm-ground"),
    }.items()
    for ground in grounds
)
# Parts of pictures on paper: WCAG 2.2, 1.4.11.
PICTURE_PAIRS = tuple(
    (part, ground)
    for ground in ("paper", "panel")
    for part in (
        "edge", "guilt", "innocence", "scan", "enumeration", "password_guessing", "toll_fraud",
        "flood", "exploit", "spoofed_call", "refused", "accepted",
    )
)  # fmt: skip


def variables(colours: dict[str, str]) -> str:
    """The colours as declarations of CSS variables."""
    return "".join(f"--{name}:{value};" for name, value in colours.items())
