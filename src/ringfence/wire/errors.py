"""The one error that decoders raise."""

from __future__ import annotations


class WireError(ValueError):
    """Octets that do not make sense, and where: `offset` counts from their start."""

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(f"{message} (at octet {offset})")
        self.offset = offset
