"""QR codes of links and configurations: on the terminal, and as a picture for one's own eyes."""

from __future__ import annotations

from pathlib import Path

from ringfence.flow.private_file import write_over
from ringfence.remote.qr import png, terminal

__all__ = ["png", "terminal", "write_png"]


def write_png(path: Path, text: str) -> None:
    """Into a file that only its owner reads. Raises OSError."""
    write_over(path, png(text))
