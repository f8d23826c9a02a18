"""`ringfence capture`: what it says, asks and refuses. Recording itself: sources/test_recorder."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from ringfence import flow
from ringfence.cli.by_hand import BY_HAND
from ringfence.model.recording import (
    HepRecording,
    NoRecorderError,
    Recorded,
    Recording,
    RecordingError,
)
from ringfence.sources.recorder import Recorder

Run = Callable[..., Result]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, attack: Path, tmp_path: Path) -> list[Recording]:
    """What `record` was asked for; in its place the example is copied."""
    wanted: list[Recording] = []

    def record(recording: Recording, recorder: Recorder, started: Callable[[], None]) -> Recorded:
        wanted.append(recording)
        started()
        shutil.copy(attack, recording.out)
        octets = Path(recording.out).stat().st_size
        return Recorded((recording.out,), octets, 1234, 0, "time")

    monkeypatch.setattr(flow, "record", record)
    monkeypatch.setattr(flow, "find_recorder", lambda: Recorder("dumpcap", "/usr/bin/dumpcap"))
    monkeypatch.chdir(tmp_path)
    return wanted


def test_a_minute_of_signalling_goes_into_a_file_named_after_the_time(
    run: Run, asked: list[Recording]
) -> None:
    result = run("capture", "-i", "eth0")
    assert result.exit_code == 0
    (wanted,) = asked
    assert (wanted.interface, wanted.seconds, wanted.media, wanted.ring) == ("eth0", 60.0, False, 0)
    assert wanted.max_octets == 100_000_000
    assert re.fullmatch(r"ringfence-\d{8}T\d{6}Z\.pcapng", wanted.out)
    assert "listening on eth0 for 60 s, signalling only; Ctrl-C ends it earlier" in result.stderr
    assert "1,234 packets" in result.stdout
    assert "the time is over" in result.stdout
    assert f"next: ringfence investigate {wanted.out}" in result.stdout


def test_every_option_arrives(run: Run, asked: list[Recording]) -> None:
    run("capture", "--interface", "any", "--for", "1.5h", "--out", "x.pcap", "--port", 5080,
        "--port", 6060, "--media", "--ring", 3, "--max-size", "2M", "--force")  # fmt: skip
    (wanted,) = asked
    assert wanted == Recording("any", 5400.0, "x.pcap", (5080, 6060), True, 3, 2_000_000, True)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90.0), ("90s", 90.0), ("5m", 300.0), ("2H", 7200.0)]
)
def test_time_is_read(run: Run, asked: list[Recording], text: str, seconds: float) -> None:
    run("capture", "-i", "eth0", "--for", text)
    assert asked[0].seconds == seconds


@pytest.mark.parametrize("text", ["", "-5", "5x", "ever", "1e9", "\u0665", "5 m", "9999999999"])
def test_time_and_size_that_are_none_are_refused(
    run: Run, asked: list[Recording], text: str
) -> None:
    for option, like in (("--for", "60s, 5m or 1h"), ("--max-size", "500k, 100M or 2G")):
        result = run("capture", "-i", "eth0", option, text)
        assert result.exit_code == 2
        assert f"{option} {text}" in result.stderr
        assert like in result.stderr
    assert asked == []


def test_it_investigates_when_told_so(run: Run, asked: list[Recording]) -> None:
    result = run("capture", "-i", "eth0", "--investigate")
    assert result.exit_code == 1, "attackers were found"
    assert "attacker" in result.stdout
    assert len(asked) == 1


@pytest.mark.parametrize(("answer", "status"), [("\n", 1), ("y\n", 1), ("n\n", 0)])
def test_it_asks_only_where_somebody_sits(
    run: Run, asked: list[Recording], monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    from typer.testing import CliRunner

    from ringfence.cli import capture
    from ringfence.cli.app import app

    class Terminal:
        """Whatever stands behind it, it is one."""

        def __init__(self, name: str) -> None:
            self._name = name

        def isatty(self) -> bool:
            return True

        def __getattr__(self, name: str) -> object:
            return getattr(getattr(sys, self._name), name)

    class System:
        stdin, stdout = Terminal("stdin"), Terminal("stdout")

    assert "Investigate it now?" not in run("capture", "-i", "eth0").stdout
    monkeypatch.setattr(capture, "sys", System)
    result = CliRunner().invoke(app, ["capture", "-i", "eth0", "--out", "b.pcap"], input=answer)
    assert "Investigate it now?" in result.stdout
    assert result.exit_code == status


def test_where_nothing_records_it_says_how_to_do_it_by_hand(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> Recorder:
        raise NoRecorderError("neither dumpcap (Wireshark) nor tcpdump is installed here")

    monkeypatch.setattr(flow, "find_recorder", none)
    result = run("capture", "-i", "eth0")
    assert result.exit_code == 2
    assert result.stderr.startswith("ringfence: neither dumpcap")
    for step in ("Wireshark", "3CX", "port 5060 or port 5061", "ringfence investigate"):
        assert step in result.stdout


def test_the_page_says_the_same_as_the_terminal(root: Path) -> None:
    assert BY_HAND in (root / "docs/capture.md").read_text()


def test_an_error_is_one_line_and_made_safe(
    run: Run, asked: list[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Recorded:
        raise RecordingError("you may not\x1b[2J")

    monkeypatch.setattr(flow, "record", fails)
    result = run("capture", "-i", "eth0")
    assert result.exit_code == 2
    assert result.stderr == "ringfence: you may not\\x1b[2J\n"


def test_losses_and_complaints_are_said(
    run: Run, asked: list[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Recorded(("a.pcap",), 5, None, 17, "recorder", "disk full")
    monkeypatch.setattr(flow, "record", lambda *_: found)
    result = run("capture", "-i", "eth0")
    assert "17 lost: the machine was too busy" in result.stdout
    assert "it said: disk full" in result.stderr


def test_without_an_interface_it_names_them(run: Run, asked: list[Recording]) -> None:
    result = run("capture")
    assert result.exit_code == 2
    assert "say where to listen, with -i: lo" in result.stderr


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("dumpcap") is None, reason="needs root and tshark's dumpcap"
)
def test_it_really_records(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "a.pcapng"
    result = run("capture", "-i", "lo", "--for", "0.2s", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert out.stat().st_size > 0
    again = run("capture", "-i", "lo", "--for", "0.2s", "--out", out)
    assert (again.exit_code, "--force" in again.stderr) == (2, True)


def test_hep_is_heard_instead_of_an_interface(
    run: Run, monkeypatch: pytest.MonkeyPatch, attack: Path, tmp_path: Path
) -> None:
    heard: list[HepRecording] = []

    def record_hep(wanted: HepRecording, started: Callable[[str], None]) -> Recorded:
        heard.append(wanted)
        started("127.0.0.1:9060")
        shutil.copy(attack, wanted.out)
        return Recorded((wanted.out,), 9, 12, 0, "you", "not taken: 3 wrong authentication key")

    monkeypatch.setattr(flow, "record_hep", record_hep)
    monkeypatch.setenv("RINGFENCE_HEP_KEY", "of the lab")
    out = str(tmp_path / "x.pcapng")
    result = run("capture", "--hep", "9060", "--hep-from", "192.0.2.1", "--for", "5m", "--out", out)
    assert result.exit_code == 0
    wanted = HepRecording("9060", 300.0, out, senders=("192.0.2.1",), key="of the lab")
    assert heard == [wanted]
    assert "listening for HEP on 127.0.0.1:9060 for 300 s" in result.stderr
    assert "it said: not taken: 3 wrong authentication key" in result.stderr
    assert "of the lab" not in result.output + repr(wanted)


def test_hep_has_no_interface(run: Run) -> None:
    result = run("capture", "--hep", "9060", "-i", "eth0")
    assert result.exit_code == 2
    assert "no interface, port, media or ring" in result.stderr
