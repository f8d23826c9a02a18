"""Names of files that hold nothing but letters, digits, dots and strokes."""

from __future__ import annotations

import re

_MOST = 80


def file_name(text: str, ending: str) -> str:
    """A name made of a stranger's text: no path, no option, never hidden."""
    bare = re.sub(r"[^A-Za-z0-9._-]+", "_", text)[:_MOST].lstrip(".-")
    return f"{bare or 'changed'}{ending}"
