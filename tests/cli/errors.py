"""What a command said on standard error."""

from __future__ import annotations


def said(stderr: str) -> list[str]:
    """Its lines, but for the twin's remark on itself."""
    return [line for line in stderr.splitlines() if "runs interpreted" not in line]
