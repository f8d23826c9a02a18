"""Which messages are asked for, in the words of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass


class QuestionError(ValueError):
    """A question that cannot be answered: what is wrong, in which option, at which column (from 1).

    `text` is what was asked there.
    """

    def __init__(
        self, message: str, *, option: str = "--where", text: str = "", column: int = 1
    ) -> None:
        super().__init__(
            f"{option}, column {column}: {message}" if text else f"{option}: {message}"
        )
        self.option = option
        self.text = text
        self.column = column


@dataclass(frozen=True, slots=True)
class Question:
    """All of these must hold; of several values in one place, one. Empty: whatever it is."""

    methods: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # addresses or networks
    destinations: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()  # either side
    statuses: tuple[str, ...] = ()  # 401, 4xx, 400-499
    users: tuple[str, ...] = ()  # in From, To, request-URI or credentials
    call_ids: tuple[str, ...] = ()  # whole, or how it begins
    agents: tuple[str, ...] = ()  # part of User-Agent or Server
    anomalies: tuple[str, ...] = ()
    where: str = ""  # the filter language
