"""The commands that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_no_command_shows_what_there_is(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "investigate" in result.output
