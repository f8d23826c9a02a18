"""The scoreboard of desks: who answered, who acted, who is silent, after how long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import median

from ringfence.cases.terms import due
from ringfence.model.follow_up import ACTED, ANSWERED, BOUNCED, Desk, Reply
from ringfence.model.letter import SentLetter

_PEOPLE = (ACTED, ANSWERED)


def desks(letters: Iterable[SentLetter], replies: Iterable[Reply], today: str) -> list[Desk]:
    """One for each mailbox that was written to, the busiest first."""
    by_letter: dict[int, list[Reply]] = {}
    for reply in replies:
        if reply.letter is not None:
            by_letter.setdefault(reply.letter, []).append(reply)
    sent: dict[str, list[SentLetter]] = {}
    for letter in letters:
        for mailbox in letter.to if letter.sent_at else ():
            sent.setdefault(mailbox, []).append(letter)
    found = [_desk(name, theirs, by_letter, today[:10]) for name, theirs in sent.items()]
    return sorted(found, key=lambda desk: (-desk.letters, desk.name))


def bounced_mailboxes(letters: Iterable[SentLetter], replies: Iterable[Reply]) -> dict[str, str]:
    """Mailboxes whose last letter came back, and nothing else to it; with the day."""
    # A draft of long ago may go out today.
    sent = sorted((one for one in letters if one.sent_at), key=lambda one: one.sent_at)
    last = {box: one.number for one in sent for box in one.to}
    by_letter: dict[int | None, list[Reply]] = {}
    for reply in replies:
        by_letter.setdefault(reply.letter, []).append(reply)
    found = {box: by_letter.get(number, []) for box, number in last.items()}
    return {
        box: back[-1].at[:10]
        for box, back in found.items()
        if back and all(reply.outcome == BOUNCED for reply in back)
    }


def _desk(
    name: str, letters: list[SentLetter], by_letter: dict[int, list[Reply]], today: str
) -> Desk:
    hours: list[float] = []
    answered = acted = bounced = silent = 0
    heard: list[str] = []
    for letter in letters:
        replies = by_letter.get(letter.number, [])
        heard += [reply.at for reply in replies]
        outcomes = {reply.outcome for reply in replies}
        people = [reply.at for reply in replies if reply.outcome in _PEOPLE]
        acted += ACTED in outcomes
        answered += bool(people)
        only_bounced = BOUNCED in outcomes and not people
        bounced += only_bounced
        silent += not people and not only_bounced and today > due("abuse_wait", letter.sent_at)
        if people:
            hours.append(_hours(letter.sent_at, min(people)))
    return Desk(
        name, len(letters), answered, acted, bounced, silent,
        round(median(hours), 1) if hours else None, max(heard, default=None),
    )  # fmt: skip


def _hours(first: str, last: str) -> float:
    """Never less than none: whoever writes a mail chooses its date."""
    try:
        passed = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    except (ValueError, TypeError):
        return 0.0
    return max(0.0, passed.total_seconds() / 3600)
