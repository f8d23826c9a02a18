"""A machine to install on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flow.install.hosts import Host


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)
