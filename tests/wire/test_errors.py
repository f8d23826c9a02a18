from __future__ import annotations

import pytest

from ringfence.wire.errors import WireError


def test_an_error_says_where() -> None:
    error = WireError("Content-Length has 23 digits", offset=117)
    assert error.offset == 117
    assert str(error) == "Content-Length has 23 digits (at octet 117)"


def test_an_error_needs_a_place() -> None:
    with pytest.raises(TypeError, match="offset"):
        WireError("lost")  # type: ignore[call-arg]
