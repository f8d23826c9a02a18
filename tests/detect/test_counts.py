"""Numbers of a source by name."""

from __future__ import annotations

import pytest

from ringfence.detect import _fields as f
from ringfence.detect.counts import Counts


def test_every_field_has_its_name() -> None:
    counts = Counts(tuple(range(f.ROW_WIDTH)))
    assert (counts.address_high, counts.first, counts.refused) == (
        f.ADDRESS_HIGH,
        f.FIRST,
        f.REFUSED,
    )


def test_unknown_name_is_an_error_and_not_a_zero() -> None:
    with pytest.raises(AttributeError):
        _ = Counts((0,) * f.ROW_WIDTH).guesses
