"""What the guard kept from before its verdict, as a capture that `investigate` reads."""

from __future__ import annotations

import os
from pathlib import Path

from ringfence import __version__
from ringfence.evidence.cut import Cut, Written
from ringfence.evidence.folder import flush_folder
from ringfence.model.text import shown
from ringfence.sources.capture_file import CaptureError


def save_cut(cut: Cut, path: Path, comment: str = "") -> Written:
    """Write the cut to a file that only we read: whole, on the disk, or not at all.

    The hash is that of what was written, taken before anybody else could touch it. Nothing is
    written over. Raises CaptureError, with what to do.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb", buffering=1 << 20) as stream:
                written = cut.write_to(stream.write, f"ringfence {__version__}", comment)
                stream.flush()
                os.fsync(stream.fileno())
            os.link(part, path)  # unlike a rename it replaces nothing
        finally:
            part.unlink(missing_ok=True)
        flush_folder(path.parent)
    except OSError as error:
        raise CaptureError(
            f"{shown(str(path))}: the packets from before the verdict could not be kept: "
            f"{error.strerror or error}; make room or name another folder"
        ) from error
    return written
