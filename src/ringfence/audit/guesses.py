"""What the attacker of the present case tried: accounts, words, answers to challenges.

Words are known where his tool gave them away; an answer says only whether one secret that we
have in hand is the one he used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ringfence.audit.digest import Answer, can_try, is_right, secret_hash
from ringfence.model.incident import Incident
from ringfence.model.pbx import Extension
from ringfence.model.secret import Kind, Secret

# An attacker can send any number of them.
MAX_ACCOUNTS = 200_000
MAX_WORDS = 200_000
MAX_ANSWERS = 50_000
# Of one account: each costs two hashes a secret.
MAX_ANSWERS_EACH = 2_000

_ITSELF = "the account itself"
_BACKWARDS = "the account backwards"


@dataclass(frozen=True, slots=True)
class Guesses:
    """Accounts he asked for; words with their account; his answers by account."""

    accounts: frozenset[str] = frozenset()
    words: frozenset[tuple[str, str]] = field(repr=False, default=frozenset())
    answers: dict[str, tuple[Answer, ...]] = field(repr=False, default_factory=dict)
    taken: frozenset[str] = frozenset()  # accounts that let him in
    any_word: frozenset[str] = field(repr=False, init=False, default=frozenset())

    def __post_init__(self) -> None:
        object.__setattr__(self, "any_word", frozenset(word for _, word in self.words))

    def tried(self, extension: Extension) -> bool:
        """Whether he asked for this account."""
        return any(user in self.accounts for user in _users(extension))

    def took(self, extension: Extension) -> bool:
        """Whether this account let him in."""
        return any(user in self.taken for user in _users(extension))

    def holds(self, secret: Secret, extension: Extension) -> bool:
        """Whether he guessed this secret at this account: by a word or by an answer."""
        users = _users(extension)
        if secret.text and any((user, secret.text) in self.words for user in users):
            return True
        if secret.kind is not Kind.PASSWORD:
            return False
        return any(_fits(answer, secret) for user in users for answer in self._of(user))

    def knows(self, secret: Secret) -> bool:
        """Whether it stands among the words that he tried at any account."""
        return bool(secret.text) and secret.text in self.any_word

    def _of(self, user: str) -> tuple[Answer, ...]:
        return self.answers.get(user, ())


def guesses_of(
    incident: Incident | None,
    words: Iterable[tuple[str, str]] = (),
    answers: Iterable[Answer] = (),
    accounts: Iterable[str] = (),
) -> Guesses:
    """All that is known of the attackers of an incident; words and answers from its captures."""
    asked = dict.fromkeys(accounts)
    found = dict.fromkeys(words)
    taken: dict[str, None] = {}
    for suspect in incident.suspects if incident is not None else ():
        asked.update(dict.fromkeys(suspect.accounts_tried_sample))
        asked.update(dict.fromkeys(suspect.accounts_taken))
        taken.update(dict.fromkeys(suspect.accounts_taken))
        for guess in suspect.guesses_masked:
            asked[guess.account] = None
            if guess.looks_like == _ITSELF:
                found[guess.account, guess.account] = None
            elif guess.looks_like == _BACKWARDS:
                found[guess.account, guess.account[::-1]] = None
    by_account: dict[str, list[Answer]] = {}
    for number, answer in enumerate(answers):
        of_account = by_account.setdefault(answer.user, [])
        if number < MAX_ANSWERS and len(of_account) < MAX_ANSWERS_EACH and can_try(answer):
            of_account.append(answer)
    return Guesses(
        frozenset((*list(asked)[:MAX_ACCOUNTS], *by_account)),
        frozenset(list(found)[:MAX_WORDS]),
        {account: tuple(few) for account, few in by_account.items()},
        frozenset(taken),
    )


def _fits(answer: Answer, secret: Secret) -> bool:
    """Whether he answered with this secret."""
    if secret.text:
        found = secret_hash(answer.algorithm, answer.user, answer.realm, secret.text)
        return is_right(answer, found)
    hashed = secret.hashed
    if hashed is None or (hashed.user, hashed.realm) != (answer.user, answer.realm):
        return False
    same = answer.algorithm.lower().removesuffix("-sess") == hashed.algorithm.lower()
    return same and is_right(answer, hashed.hexdigest)


def _users(extension: Extension) -> tuple[str, ...]:
    return tuple(dict.fromkeys(user for user in (extension.number, extension.auth_id) if user))
