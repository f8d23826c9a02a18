from __future__ import annotations

import pytest

from ringfence.attribute.errors import AttributionError, PausedError


def test_a_pause_knows_how_long() -> None:
    with pytest.raises(AttributionError, match="leave me alone") as caught:
        raise PausedError("leave me alone", 30.0)
    assert isinstance(caught.value, PausedError)
    assert caught.value.pause_s == 30.0
