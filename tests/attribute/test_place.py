from __future__ import annotations

import pytest

from ringfence.attribute.place import country_code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("UNITED STATES", "US"),
        ("the Netherlands", "NL"),
        ("Turkey", "TR"),
        ("EU", None),
        ("ZZ", None),
        ("ZÜ", None),
        ("", None),
        ("Atlantis", None),
    ],
)
def test_country_is_read(written: str, code: str | None) -> None:
    assert country_code(written) == code
