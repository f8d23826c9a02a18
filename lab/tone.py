"""A tone as a file, for programs that play files into calls."""

from pathlib import Path

from lab.media import tone

_PACKETS = 250


def write_tone(path: Path) -> None:
    """Five seconds of mu-law tone at `path`."""
    path.write_bytes(b"".join(tone(number) for number in range(_PACKETS)))
