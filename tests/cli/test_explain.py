"""`ringfence explain`, as a person calls it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.errors import said

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.mark.parametrize("address", [("203.0.113.66",), ("--address", "203.0.113.66")])
def test_explain_shows_the_sum(run: Run, attack: Path, address: tuple[str, ...]) -> None:
    result = run("explain", attack, *address)
    assert result.exit_code == 0
    assert result.stdout.startswith("203.0.113.66: attacker (+")
    assert "sipvicious_tag" in result.stdout


def test_explain_knows_only_who_did_something(run: Run, attack: Path) -> None:
    result = run("explain", attack, "--address", "2001:db8::1")
    assert result.exit_code == 2
    (line,) = said(result.stderr)
    assert line.startswith("ringfence: 2001:db8::1 did nothing")


def test_explain_wants_an_address(run: Run, attack: Path) -> None:
    result = run("explain", attack, "--address", "the PBX")
    assert result.exit_code == 2
    assert "not an IP address" in result.stderr
    result = run("explain", attack)
    assert result.exit_code == 2
    assert "name the source as well" in result.stderr
