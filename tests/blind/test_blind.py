"""Captures made by somebody who had not read the rules: nothing may differ from their labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow import investigate
from tests.blind.label import complaints
from tests.blind.roster import build, names
from tests.wire_cases.files import Pcap


@pytest.mark.parametrize("name", names())
def test_verdicts_are_those_of_the_label(name: str, tmp_path: Path) -> None:
    capture = build(name)
    path = tmp_path / f"{name}.pcap"
    path.write_bytes(Pcap().file(capture.packets))
    assert list(complaints(capture, investigate([str(path)]))) == []
