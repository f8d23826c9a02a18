"""Recording, composed."""

from __future__ import annotations

import shutil

import pytest

from ringfence import flow
from ringfence.model.recording import RecordingError


def test_recorder_of_this_machine_is_found() -> None:
    if not (shutil.which("dumpcap") or shutil.which("tcpdump")):
        pytest.skip("no recorder: apt-get install tcpdump")
    assert flow.find_recorder() is not None
    assert "lo" in flow.interfaces()


def test_without_a_recorder_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RecordingError):
        flow.find_recorder()
