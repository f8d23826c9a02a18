"""What is done to an account that was taken: its calls ended, the account locked."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Accounts that can be named to a phone system: nothing in them is a blank, a line's end, or
# a quote. Strangers write names of accounts; whatever else one is, is no account of a user.
_ACCOUNT = re.compile(r"[A-Za-z0-9_][\w.+-]{0,62}", re.ASCII)


class ActError(Exception):
    """The phone system did not do what was asked: says why, and what to do; no secrets."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """One call, or one leg of it, that stands now."""

    key: str  # as the phone system names it
    what: str  # for people; strangers may have written in it


@dataclass(frozen=True, slots=True)
class Done:
    """What was done at one phone system, or could not be."""

    where: str
    says: str
    ok: bool = True
    undo: str = ""  # the command


@dataclass(frozen=True, slots=True)
class Ready:
    """An action that waits for a person: a sentence and its command."""

    says: str
    command: str


def account_of(text: str) -> str:
    """The account. Raises ActError for what could be no user's."""
    if not _ACCOUNT.fullmatch(text):
        raise ActError("this is no account of a user (letters, digits, . _ + -; 63 at most)")
    return text
