"""Captures made by somebody who had not read the rules: nothing may differ from their labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow import investigate
from tests.blind.label import complaints
from tests.blind.roster import build, names
from tests.wire_cases.files import Pcap

# Captures that are judged differently today; `python -m tests.blind NAME` says how. This
# list may only shrink: one that agrees fails until its name is taken off.
DIFFERENT = {"a_stranger_pretends_to_be_reception"}


def _cases() -> list[object]:
    return [
        pytest.param(
            name, marks=[pytest.mark.xfail(reason="see DIFFERENT")] if name in DIFFERENT else []
        )
        for name in names()
    ]


@pytest.mark.parametrize("name", _cases())
def test_verdicts_are_those_of_the_label(name: str, tmp_path: Path) -> None:
    capture = build(name)
    path = tmp_path / f"{name}.pcap"
    path.write_bytes(Pcap().file(capture.packets))
    assert list(complaints(capture, investigate([str(path)]))) == []
