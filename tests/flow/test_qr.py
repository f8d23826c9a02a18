"""QR codes are written for their owner alone."""

from __future__ import annotations

from pathlib import Path

from ringfence.flow.qr import terminal, write_png


def test_a_picture_is_its_owners_alone(tmp_path: Path) -> None:
    where = tmp_path / "link.png"
    write_png(where, "https://door.example/x")
    write_png(where, "https://door.example/y")
    assert where.read_bytes().startswith(b"\x89PNG")
    assert where.stat().st_mode & 0o777 == 0o600


def test_the_terminal_shows_blocks_alone() -> None:
    shown = terminal("https://door.example/x")
    assert "door" not in shown
    assert len(shown.splitlines()) > 10
