"""`ringfence ladder`, as somebody types it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.scene import capture_in, ringfence

if TYPE_CHECKING:
    from pathlib import Path

# fmt: off
CALL = """\
Call-ID call-1@203.0.113.7
5 messages, from 2026-01-01T00:00:00.000000Z

           203.0.113.7                                                     192.0.2.1
           port 5071                                                       port 5060
           │                                                                       │
   +0.000  │─── INVITE 900442079460706 · SDP port 4000 ───────────────────────────▶│
   +0.099  │◀── 401 Unauthorized (INVITE) · challenge ─────────────────────────────│
   +0.199  │─── INVITE 900442079460706 · credentials 240 ─────────────────────────▶│
   +0.699  │╌╌╌ INVITE 900442079460706 · again · credentials 240 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▶│
   +1.499  │◀── 200 OK (INVITE) · SDP 198.51.100.9:15000 ──────────────────────────│
"""
# fmt: on


@pytest.mark.parametrize("asked", ["call-1@203.0.113.7", "call"])
def test_a_call_is_drawn(asked: str, tmp_path: Path) -> None:
    answer = ringfence("ladder", capture_in(tmp_path), "--call-id", asked)
    assert answer.status == 0
    assert answer.out == CALL


def test_everything_of_an_address(tmp_path: Path) -> None:
    answer = ringfence("ladder", capture_in(tmp_path), "--address", "192.0.2.1", "--limit", "2")
    assert answer.out.splitlines()[1].startswith("2 messages, and 4 more that are not shown")


def test_one_call_with_one_address(tmp_path: Path) -> None:
    night = capture_in(tmp_path)
    assert ringfence("ladder", night, "--call-id", "call", "--address", "203.0.113.9").status == 2


@pytest.mark.parametrize(("arguments", "says"), [
    ([], "which exchange?"),
    (["--call-id", "zzz"], "no Call-ID begins with zzz"),
    (["--address", "198.51.100.77"], "no message comes from or goes to"),
    (["--address", "nonsense"], "not an address or network"),
])  # fmt: skip
def test_nothing_to_draw_is_explained(arguments: list[str], says: str, tmp_path: Path) -> None:
    answer = ringfence("ladder", capture_in(tmp_path), *arguments)
    assert answer.status == 2
    assert says in answer.err


def test_picture(tmp_path: Path) -> None:
    out = tmp_path / "call.svg"
    answer = ringfence("ladder", capture_in(tmp_path), "--call-id", "call", "--svg", out)
    assert (answer.out, answer.err) == ("", f"written to {out}\n")
    assert out.read_text().startswith("<svg ")


def test_picture_on_standard_output(tmp_path: Path) -> None:
    answer = ringfence("ladder", capture_in(tmp_path), "--call-id", "call", "--svg", "-")
    assert answer.out.startswith("<svg ")
    assert answer.out.endswith("</svg>\n")
