"""What may go wrong when a stranger's server is asked. Each names the server."""

from __future__ import annotations

from ringfence.model.responsible import AttributionError

__all__ = [
    "AttributionError",
    "BadAnswerError",
    "ForbiddenError",
    "NotRegisteredError",
    "PausedError",
    "SilentError",
    "StumbledError",
]


class BadAnswerError(AttributionError):
    """It answered with something that is no answer: HTML, too much, another network."""


class ForbiddenError(AttributionError):
    """It must not be asked: no HTTPS, no known registry, or an address of our own house."""


class NotRegisteredError(AttributionError):
    """It says that it has no such object."""


class SilentError(AttributionError):
    """It did not answer in time, or could not be reached."""


class StumbledError(SilentError):
    """It broke off or is out of order: to ask once more may help."""


class PausedError(AttributionError):
    """It wants to be left alone for a while."""

    def __init__(self, says: str, pause_s: float) -> None:
        super().__init__(says)
        self.pause_s = pause_s
