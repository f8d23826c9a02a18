"""The book of cases, as commands open it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer import Exit

from ringfence.cli.book import open_book
from ringfence.model.case import CaseError


def test_what_goes_wrong_is_said_and_ends_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Exit) as ended, open_book(str(tmp_path / "cases.db")):
        raise CaseError("there is no case \x1b")
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "ringfence: there is no case \\x1b\n"
