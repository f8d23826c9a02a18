"""How a command fails."""

from __future__ import annotations

import pytest
import typer

from ringfence.cli.shell import ERROR, fail


def test_failure_is_a_line_and_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught:
        fail("a\x1b[2J.pcap: no such file")
    assert caught.value.exit_code == ERROR
    assert capsys.readouterr().err == "ringfence: a\\x1b[2J.pcap: no such file\n"
