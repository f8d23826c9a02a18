"""What an audit says when it cannot go on."""

from __future__ import annotations


class AuditError(ValueError):
    """A source cannot be read: names the file and the line, and what to do; no secrets."""
