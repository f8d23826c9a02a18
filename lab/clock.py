"""The lab's clock: a night in seconds, written as a night.

What runs in the lab takes seconds; what it stands for takes hours or days. A
scenario says while it runs where time is to be longer (`stretched`) or where
nothing happened for a while (`skip`); the capture's packets and the labels are
then moved by one and the same map, so that they agree.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """From `real` on the written clock runs `factor` times as fast, beginning at `written`."""

    real: float
    written: float
    factor: float


class Clock:
    """Maps the times of a run (epoch seconds) to the times that are written."""

    def __init__(self, begins: datetime, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._pieces = [Piece(now(), begins.timestamp(), 1.0)]

    def skip(self, seconds: float) -> None:
        """Nothing happens for `seconds`."""
        self._add(seconds, self._pieces[-1].factor)

    @contextlib.contextmanager
    def stretched(self, factor: float) -> Iterator[None]:
        """Within, a second of the run is written as `factor` seconds."""
        before = self._pieces[-1].factor
        self._add(0.0, factor)
        try:
            yield
        finally:
            self._add(0.0, before)

    def _add(self, skipped: float, factor: float) -> None:
        real = self._now()
        self._pieces.append(Piece(real, self.written(real) + skipped, factor))

    def written(self, real: float) -> float:
        """The written time of a moment of the run."""
        piece = self._pieces[0]
        for later in self._pieces[1:]:
            if later.real > real:
                break
            piece = later
        return piece.written + (real - piece.real) * piece.factor

    @property
    def changed(self) -> bool:
        """Whether time was stretched or skipped anywhere."""
        plain = self._pieces[0].written - self._pieces[0].real
        return any(
            piece.factor != 1.0 or abs(piece.written - piece.real - plain) > 1e-6
            for piece in self._pieces
        )


def iso(seconds: float) -> str:
    """Epoch seconds as ISO 8601 UTC with milliseconds."""
    whole = datetime.fromtimestamp(seconds, UTC)
    return whole.strftime("%Y-%m-%dT%H:%M:%S.") + f"{whole.microsecond // 1000:03d}Z"
