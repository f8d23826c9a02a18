"""Extensions of nobody, for tests of the audit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ringfence.model.pbx import Extension, Pbx, Place, System
from ringfence.model.secret import Secret

STRONG = "hT7kRw9xQd4mYc3NfGeP"


@pytest.fixture
def anna() -> Callable[..., Extension]:
    """Extension 200 with the secrets that are given."""

    def made(*secrets: Secret, number: str = "200") -> Extension:
        return Extension(
            number,
            Place("pbx.csv", 2),
            "Anna Fischer",
            "k4xq7t9w",
            "anna.fischer@example.com",
            ("+4930901820200",),
            ("00085d1f2a3b",),
            "+491710000456",
            tuple(secrets),
        )

    return made


@pytest.fixture
def pbx_of() -> Callable[..., Pbx]:
    def made(*extensions: Extension) -> Pbx:
        return Pbx(System.LIST, ("pbx.csv",), extensions)

    return made
