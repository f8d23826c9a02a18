"""What an export can be written as, and why one cannot be."""

from __future__ import annotations

FORMATS = ("csv", "json", "parquet", "pcapng")


class ExportError(Exception):
    """Something that an export needs is missing, or its target is wrong: says what to do."""
