"""Incidents whose every text was chosen by an enemy."""

from __future__ import annotations

from hypothesis import strategies as st

from ringfence.model.incident import KINDS, AnsweredCall, Incident
from tests.cases.incidents import incident, suspect

TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        '=cmd|"/c calc"!A1',
        '";\n=1+1',
        "\\",
        '\\",',
        "'] OR [ipv4-addr:value='1",
        "\u202e042",
        "\x00",
    ]
)
NUMBERS = st.sampled_from(["+25261234567", "+88216123456", "=1", "1"]) | TEXTS
CALLS = st.builds(
    AnsweredCall, NUMBERS, TEXTS, TEXTS, st.sampled_from(["premium", None]), TEXTS, TEXTS,
    st.none(), st.just(0), st.none(),
)  # fmt: skip


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    """One attacker, all of his texts drawn."""
    texts = st.lists(TEXTS, max_size=4)
    return incident(
        suspect(
            "203.0.113.66",
            kinds=draw(st.lists(st.sampled_from(KINDS) | TEXTS, max_size=3)),
            claimed_user_agents=draw(texts),
            accounts_tried_sample=draw(texts),
            accounts_taken=draw(texts),
            numbers_dialled=draw(st.lists(NUMBERS, max_size=4)),
            calls_answered=draw(st.lists(CALLS, max_size=2)),
            proven=draw(st.sampled_from(["tcp", "none"]) | TEXTS),
            weight_db=draw(st.floats(allow_nan=False)),
            campaign=draw(TEXTS),
        ),
        suspect("203.0.113.67"),
    )
