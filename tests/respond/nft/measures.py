"""Measures as tests make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ringfence.model.decision import BLOCK
from ringfence.model.measure import Measure

NOW = datetime(2026, 11, 25, 3, 12, tzinfo=UTC)


def measure(
    address: str,
    action: str = BLOCK,
    ports: tuple[int, ...] = (),
    lasts: timedelta = timedelta(hours=1),
    identifier: str = "0123abcd",
) -> Measure:
    """One that begins at NOW."""
    until = f"{NOW + lasts:%Y-%m-%dT%H:%M:%SZ}"
    return Measure(
        identifier, action, address, "password guessing", "anna@pbx", "2026-11-25T03:12:00Z",
        until, ports,
    )  # fmt: skip
