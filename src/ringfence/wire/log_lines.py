"""Octets of a log, as they come, to whole lines."""

from __future__ import annotations

# A PBX writes lines of some hundred octets, Asterisk cuts them at 8191. What is longer
# is no line of a log; it is skipped to its end, so that no stranger fills the memory.
MAX_LINE = 64 * 1024


class LogLines:
    """Cuts octets into lines; keeps the beginning of one that is not whole yet."""

    def __init__(self) -> None:
        self.too_long = 0
        self._rest = b""
        self._skipping = False

    def feed(self, octets: bytes) -> list[bytes]:
        """The lines that are whole now, without their ends."""
        if self._skipping:
            end = octets.find(b"\n")
            if end < 0:
                return []
            octets = octets[end + 1 :]
            self._skipping = False
        lines = (self._rest + octets).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MAX_LINE:
            self.too_long += 1
            self._rest = b""
            self._skipping = True
        return [line.removesuffix(b"\r") for line in lines if self._short(line)]

    def skip(self) -> None:
        """What comes up to the next line break is the rest of a line that began before."""
        self._rest, self._skipping = b"", True

    def end(self) -> list[bytes]:
        """What is left when nothing more will come: a last line without an end."""
        rest, self._rest, self._skipping = self._rest, b"", False
        return [rest.removesuffix(b"\r")] if rest else []

    def _short(self, line: bytes) -> bool:
        if len(line) <= MAX_LINE:
            return True
        self.too_long += 1
        return False
