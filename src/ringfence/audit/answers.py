"""Answers to challenges from the wire: whether a password is one that is tried first.

Of the owner's own extensions only; nothing of an answer is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ringfence.audit.candidates import MAX_CANDIDATES, Candidate, classed, limit_for
from ringfence.audit.digest import Answer, can_try, is_right, secret_hash
from ringfence.audit.rules import judged
from ringfence.model.pbx import Extension
from ringfence.model.secret import Kind
from ringfence.model.text import shown
from ringfence.model.weakness import Weakness

__all__ = ["Answer", "tried_of", "weak"]

# A phone answers each hour with the same password: so many answers of one user are tried.
MAX_EACH = 3
MAX_USERS = 5_000  # and of so many users: 5 ms each answer


def weak(answers: Iterable[Answer], extensions: Sequence[Extension]) -> list[Weakness]:
    """Extensions whose answers fit a password that is tried first: its class, not its text."""
    found = []
    by_user = _chosen(answers)
    limit = limit_for(len(by_user))
    for extension in extensions:
        users = dict.fromkeys((extension.auth_id or extension.number, extension.number))
        theirs = (answer for user in users for answer in by_user.get(user, ()))
        fitting = (crack(answer, extension, limit) for answer in theirs)
        candidate = next((c for c in fitting if c is not None), None)
        if candidate is not None:
            found.append(_weakness(extension, candidate))
    return found


def tried_of(answers: Iterable[Answer], extensions: Sequence[Extension]) -> int:
    """How many answers `weak` looks at."""
    by_user = _chosen(answers)
    users = {user for e in extensions for user in (e.number, e.auth_id) if user}
    return sum(len(by_user.get(user, ())) for user in users)


def crack(answer: Answer, extension: Extension, limit: int = MAX_CANDIDATES) -> Candidate | None:
    """Which of the first `limit` candidates gives this answer; None when none does."""
    for candidate in classed(extension, limit):
        secret = secret_hash(answer.algorithm, answer.user, answer.realm, candidate.text)
        if is_right(answer, secret):
            return candidate
    return None


def _chosen(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """The last answers of each user."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if not can_try(answer) or (answer.user not in found and len(found) >= MAX_USERS):
            continue
        of_user = found[answer.user]
        if answer not in of_user:
            of_user.append(answer)
            del of_user[:-MAX_EACH]
    return found


def _weakness(extension: Extension, candidate: Candidate) -> Weakness:
    says = f"Extension {shown(extension.number)} logs in with {candidate.says} as password."
    if candidate.rule == "missing":
        says = f"Extension {shown(extension.number)} logs in with no password at all."
    return judged(candidate.rule, Kind.PASSWORD, extension, says, column="seen on the wire")
