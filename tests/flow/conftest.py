"""The example that ships with the project, and what is found in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence import flow
from ringfence.flow import Investigation


@pytest.fixture(scope="session")
def capture(root: Path) -> Path:
    """The example that ships with the project."""
    return root / "examples/attack.pcap"


@pytest.fixture(scope="session")
def found(capture: Path) -> Investigation:
    return flow.investigate([str(capture)])
