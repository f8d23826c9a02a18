"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# Each run tries the same cases, so that a red test stays red; `make fuzz` searches.
settings.register_profile("ringfence", derandomize=True, deadline=None, database=None)
settings.load_profile("ringfence")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real captures and other material that is not part of the project."""
    path = Path(os.environ.get("RINGFENCE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no shared data at {path}; RINGFENCE_SHARED_DATA names another place")
    return path
