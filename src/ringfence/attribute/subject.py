"""The one address that is being looked up, and what came of each question about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from ringfence.attribute.contacts import desk_rank
from ringfence.attribute.errors import AttributionError, NotRegisteredError, SilentError
from ringfence.attribute.pacing import Rests
from ringfence.attribute.special import IP
from ringfence.model.responsible import (
    ABUSE_MAILBOX,
    ABUSE_ROLE,
    ABUSE_UNANSWERED,
    ASKED_FOR,
    OTHER_REGISTER,
    Asked,
    Contact,
    Network,
)

_SURE = (ABUSE_MAILBOX, ABUSE_ROLE, ASKED_FOR, ABUSE_UNANSWERED, OTHER_REGISTER)


@dataclass(slots=True)
class Subject:
    """Everything about the one address that is being looked up."""

    address: IP
    network: Network | None = None
    contacts: list[Contact] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    nir: str | None = None
    rir: str | None = None
    truncated: bool = False
    denied: bool = False  # somebody said that nobody holds it
    lacking: bool = False  # somebody could not be asked

    def enough(self) -> bool:
        """Whether a desk is known: asking on would only bother people."""
        return any(
            c.grade in _SURE or desk_rank(c.email.rpartition("@")[0].lower()) == 0
            for c in self.contacts
            if c.usable and c.email
        )


class Noted:
    """Writes down what came of a question; an error of the other side is only noted."""

    def __init__(
        self, subject: Subject, source: str, rests: Rests, *, is_register: bool = False
    ) -> None:
        self._subject = subject
        self._rests = rests
        self._is_register = is_register
        self._source = source
        self._outcome = "answered"

    def says(self, outcome: str) -> None:
        """What came of it."""
        self._outcome = outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> bool:
        if error is not None and not isinstance(error, AttributionError):
            return False
        if isinstance(error, SilentError):
            self._rests.silent(self._source)
        else:
            self._rests.spoke(self._source)
        if error is not None:
            self._outcome = str(error)
            unknown = isinstance(error, NotRegisteredError)
            self._subject.denied |= unknown and self._is_register
            self._subject.lacking |= not unknown
        self._subject.asked.append(Asked(self._source, self._outcome))
        return True
