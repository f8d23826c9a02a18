"""What became of a letter at the owner's mail server."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.letter import LetterError


class PostError(LetterError):
    """The mail server did not take a letter: names it, says why, and what to do."""

    def __init__(self, says: str, *, later: bool = False, maybe_sent: bool = False) -> None:
        super().__init__(says)
        self.later = later  # the server asks to come again: greylisting, a full disk
        self.maybe_sent = maybe_sent  # all of it was handed over, and no answer came


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mailbox that the server did not take a letter for."""

    mailbox: str
    says: str
    later: bool  # not now, but perhaps in half an hour


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that the server took, for some of its receivers at least."""

    server: str  # host:port
    secured: str  # "TLSv1.3"; empty in the clear
    accepted: tuple[str, ...]
    refused: tuple[Refusal, ...]
    says: str  # how the server put it: its queue number, mostly


@dataclass(frozen=True, slots=True)
class CheckedServer:
    """A mail server that was spoken to, and was sent nothing."""

    server: str  # host:port
    secured: str  # "TLSv1.3"; empty in the clear
    certificate_until: str  # ISO 8601; empty in the clear
    logged_in: bool
    max_octets: int  # of a letter; 0: it does not say
