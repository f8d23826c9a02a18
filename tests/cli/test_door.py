"""`ringfence lockdown door`, as a person uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow import places
from tests.cli.conftest import Run

URL = "https://pbx.example:8443"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The places' folder, for one test."""
    here = places.Places(tmp_path / "settings.toml", tmp_path / "data", tmp_path / "run")
    monkeypatch.setattr(places, "places", lambda: here)
    return tmp_path / "data/door"


def test_a_link_is_printed_with_its_picture_and_kept_nowhere(
    run: Run, data: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "anna.png"
    result = run(
        "lockdown", "door", "invite", "Anna", "--extension", "201", "--url", URL,
        "--png", str(picture),
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    link = result.stdout.splitlines()[0]
    assert link.startswith(f"{URL}/door/")
    assert "\u2584" in result.stdout or "\u2588" in result.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_mode & 0o777 == 0o600
    token = link.rpartition("/")[2].encode()
    assert not [one for one in data.iterdir() if token in one.read_bytes()]


def test_the_list_shows_who_waits_and_close_ends_it(run: Run, data: Path) -> None:
    assert "no door is open" in run("lockdown", "door", "list").stdout
    run("lockdown", "door", "invite", "Anna", "--url", URL)
    run("lockdown", "door", "name", "add", "home.dyn.example", "--as", "Ben")
    listed = run("lockdown", "door", "list").stdout
    assert "Anna  1 use" in listed
    assert "name home.dyn.example  Ben" in listed
    assert "1 link ended" in run("lockdown", "door", "close", "Anna").stdout
    assert "Anna" not in run("lockdown", "door", "list").stdout
    assert run("lockdown", "door", "close", "Anna").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("invite", "Anna"),
        ("invite", "Anna", "--url", "http://pbx.example"),
        ("invite", "Anna", "--url", URL, "--for", "forever"),
        ("invite", "Anna", "--url", URL, "--for", "8d"),
        ("invite", "Anna\n", "--url", URL),
        ("serve", "--listen", "nowhere"),
        ("serve", "--behind", "proxy"),
        ("serve", "--certificate", "a.pem"),
        ("name", "add", "198.51.100.7", "--as", "Anna"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_done(
    run: Run, data: Path, words: tuple[str, ...]
) -> None:
    result = run("lockdown", "door", *words)
    assert result.exit_code == 2
    assert result.stderr.startswith("ringfence: ")
    assert not (data / "state.json").exists()
