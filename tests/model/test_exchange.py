"""Exchanges are values."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ringfence.model.exchange import Exchange


def test_an_exchange_stays_as_it_was_found() -> None:
    exchange = Exchange("x", ())
    assert exchange.omitted == 0
    with pytest.raises(FrozenInstanceError):
        exchange.omitted = 1  # type: ignore[misc]
