"""What the owner tells: addresses that are none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.errors import said

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.mark.parametrize("option", ["--pbx", "--trunk", "--known"])
def test_an_address_that_is_none_is_an_error(run: Run, attack: Path, option: str) -> None:
    result = run("investigate", attack, option, "192.0.2.256")
    assert result.exit_code == 2
    (line,) = said(result.stderr)
    assert line.startswith(f"ringfence: {option} 192.0.2.256: not an IP address")
