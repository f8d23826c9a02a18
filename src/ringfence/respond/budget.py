"""Passwords guessed at one account over all addresses: no account stands unlimited guesses.

A hundred addresses that stay below every limit of their own have a hundred times as many
guesses. So guesses are counted by account: in hours, over a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ringfence.model.decision import ALARM, Decision
from ringfence.model.standing import Guess

A_DAY = 100
_HOUR_NS = 3600 * 10**9
_HOURS = 24
# Accounts that are counted. A guesser names accounts as he likes: the one that was guessed at
# least gives way, so he can push out his own inventions, not an account that he attacks.
MAX_ACCOUNTS = 4096
# Addresses of one account that are told apart; more are "and more".
MAX_ADDRESSES = 256


@dataclass(slots=True)
class _Account:
    hours: dict[int, int] = field(default_factory=dict)
    addresses: dict[str, None] = field(default_factory=dict)
    said_hour: int | None = None


class Budget:
    """Guesses at each account within a day, and an alarm when they are used up."""

    def __init__(self, a_day: int = A_DAY) -> None:
        self._a_day = a_day
        self._accounts: dict[str, _Account] = {}

    def note(self, guesses: Iterable[Guess]) -> list[Decision]:
        """Alarms for accounts whose guesses are used up; once a day each."""
        found = []
        for guess in guesses:
            decision = self._note(guess)
            if decision is not None:
                found.append(decision)
        return found

    def used(self, account: str, now_ns: int) -> int:
        """Guesses at this account within the day before."""
        its, hour = self._accounts.get(account), now_ns // _HOUR_NS
        if its is None:
            return 0
        return sum(n for at, n in its.hours.items() if hour - _HOURS < at <= hour)

    def _note(self, guess: Guess) -> Decision | None:
        hour = guess.time_ns // _HOUR_NS
        its = self._accounts.get(guess.account)
        if its is None:
            if len(self._accounts) >= MAX_ACCOUNTS:
                self._make_room()
            its = self._accounts[guess.account] = _Account()
        its.hours = {at: n for at, n in its.hours.items() if hour - _HOURS < at <= hour}
        its.hours[hour] = its.hours.get(hour, 0) + 1
        if len(its.hours) == 1 and its.hours[hour] == 1:
            its.addresses = {}
        if len(its.addresses) < MAX_ADDRESSES:
            its.addresses[guess.address] = None
        used = sum(its.hours.values())
        if used < self._a_day or (its.said_hour is not None and hour - its.said_hour < _HOURS):
            return None
        its.said_hour = hour
        more = " or more" if len(its.addresses) >= MAX_ADDRESSES else ""
        return Decision(
            action=ALARM,
            address=guess.address,
            reason=(
                f"{used} passwords were guessed at account {guess.account} within a day, from "
                f"{len(its.addresses)}{more} addresses: change its password, and make it a long one"
            ),
            time_ns=guess.time_ns,
            kinds=("password_guessing",),
            account=guess.account,
        )

    def _make_room(self) -> None:
        """The quarter that was guessed at least gives way."""
        least = sorted(self._accounts, key=lambda a: sum(self._accounts[a].hours.values()))
        for account in least[: MAX_ACCOUNTS // 4]:
            del self._accounts[account]
