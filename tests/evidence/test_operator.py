"""Who seals."""

from __future__ import annotations

import getpass
import socket
from typing import TYPE_CHECKING

from ringfence.evidence.operator import name_operator

if TYPE_CHECKING:
    import pytest


def test_user_and_host_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(socket, "gethostname", lambda: "pbx\x1b[2J")
    assert name_operator() == r"anna on pbx\x1b[2J"


def test_a_user_that_no_table_knows_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert name_operator().startswith("somebody on ")
