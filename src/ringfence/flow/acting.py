"""What is done to an account that was taken, at the phone systems that the settings name.

An action is *ready* first: a sentence and a command that an alarm shows. Without being asked
only those are done that the owner named (`act.automatic`), and of those few: who takes one
account after the other shall not have us switch off the whole house.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from ringfence.flow.outside import xapi_of
from ringfence.model.acting import ActError, Done, OpenCall, Ready, account_of
from ringfence.model.machines import END_CALLS, LOCK
from ringfence.model.settings import Settings, SettingsError
from ringfence.respond.act.pbx import Pbx, end_calls, lock, unlock

__all__ = ["ActError", "Acting", "acting_of"]

# Without being asked: accounts that are locked within a day, and how often calls are ended.
MAX_LOCKS, LOCKS_IN = 5, timedelta(days=1)
MAX_ENDINGS, ENDINGS_IN = 60, timedelta(hours=1)
# One who dials on is hung up on again after this.
AGAIN = timedelta(seconds=10)


class Acting:
    """The phone systems, and what may be done there. Calls may take seconds for each."""

    def __init__(
        self,
        pbxs: Sequence[Pbx],
        automatic: Iterable[str] = (),
        never: Iterable[str] = (),
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._pbxs, self._wait = tuple(pbxs), wait or threading.Event().wait
        self._automatic, self._never = tuple(automatic), frozenset(never)
        self._ended: list[tuple[datetime, str]] = []
        self._locked: list[tuple[datetime, str]] = []

    def ready(self, accounts: Iterable[str]) -> list[Ready]:
        """What could be done now, for an alarm; nothing for names that are no user's."""
        found = []
        for name in dict.fromkeys(accounts):
            try:
                account = account_of(name)
            except ActError:
                continue
            says = f"end the calls of {account}"
            found.append(Ready(says, f"ringfence act end-calls {account}"))
            if account not in self._never:
                says = f"lock {account} until its password is changed"
                found.append(Ready(says, f"ringfence act lock {account}"))
        return found

    def taken(self, accounts: Iterable[str], now: datetime) -> list[Done]:
        """What the owner wants done without being asked. Let a thread of its own call it."""
        done: list[Done] = []
        for name in dict.fromkeys(accounts):
            try:
                account = account_of(name)
            except ActError:
                continue
            if account in self._never:
                continue
            if LOCK in self._automatic and self._may(self._locked, account, now, lock=True):
                done += self.lock(account)
            if END_CALLS in self._automatic and self._may(self._ended, account, now, lock=False):
                done += self.end_calls(account)
        return done

    def calls(self, account: str) -> list[tuple[str, OpenCall]]:
        """Calls that `end_calls` would end, with the phone system. Raises ActError."""
        name = account_of(account)
        return [(pbx.name, call) for pbx in self._pbxs for call in pbx.calls(name)]

    def lock_says(self, account: str) -> list[Done]:
        """What `lock` would do at each. Raises ActError."""
        name = self._lockable(account)
        return self._each(lambda pbx: Done(pbx.name, pbx.lock_says(name)))

    def end_calls(self, account: str) -> list[Done]:
        """End all calls of an account. Raises ActError."""
        name = account_of(account)
        return self._each(lambda pbx: end_calls(pbx, name, self._wait))

    def lock(self, account: str) -> list[Done]:
        """Lock an account. Raises ActError."""
        name = self._lockable(account)
        return self._each(lambda pbx: lock(pbx, name))

    def unlock(self, account: str) -> list[Done]:
        """Undo a lock. Raises ActError."""
        name = account_of(account)
        return self._each(lambda pbx: unlock(pbx, name))

    def close(self) -> None:
        """Hang up."""
        for pbx in self._pbxs:
            pbx.close()

    def _each(self, do: Callable[[Pbx], Done]) -> list[Done]:
        done = []
        for pbx in self._pbxs:
            try:
                done.append(do(pbx))
            except ActError as error:
                done.append(Done(pbx.name, str(error), ok=False))
        return done

    def _lockable(self, account: str) -> str:
        name = account_of(account)
        if name in self._never:
            raise ActError(f"{name} is never locked: act.never in the settings names it")
        return name

    def _may(
        self, before: list[tuple[datetime, str]], account: str, now: datetime, *, lock: bool
    ) -> bool:
        """Whether this is done now, without being asked; noted where it is."""
        most, within = (MAX_LOCKS, LOCKS_IN) if lock else (MAX_ENDINGS, ENDINGS_IN)
        before[:] = [(at, who) for at, who in before if now - at < within]
        pause = within if lock else AGAIN
        again = any(who == account and now - at < pause for at, who in before)
        if again or len(before) >= most:
            return False
        before.append((now, account))
        return True


def acting_of(settings: Settings) -> Acting | None:
    """The phone systems of these settings; None where they name none. Raises SettingsError."""
    pbxs: list[Pbx] = []
    for section, make in (
        ("asterisk", _asterisk), ("freeswitch", _freeswitch), ("threecx", _threecx),
    ):  # fmt: skip
        try:
            pbx = make(settings)
        except ValueError as error:
            raise SettingsError(f"{section}: {error}") from error
        if pbx is not None:
            pbxs.append(pbx)
    if pbxs:
        return Acting(pbxs, settings.act.automatic, settings.act.never)
    if settings.act.automatic:
        raise SettingsError("act.automatic: needs [asterisk], [freeswitch] or [threecx]")
    return None


def _asterisk(settings: Settings) -> Pbx | None:
    from ringfence.respond.act.asterisk import Asterisk
    from ringfence.sources.ami_actions import AmiActions

    one = settings.asterisk
    if not one.user:
        return None
    if not one.secret:
        raise SettingsError("asterisk.secret: is missing in the settings")
    return Asterisk(AmiActions(one.host, one.user, one.secret, one.port), one.host, locks=one.locks)


def _freeswitch(settings: Settings) -> Pbx | None:
    from ringfence.respond.act.freeswitch import Freeswitch
    from ringfence.sources.freeswitch_console import FreeswitchConsole

    one = settings.freeswitch
    if not one.password:
        return None
    console = FreeswitchConsole(one.host, one.password, one.port)
    return Freeswitch(console, one.host, locks=one.locks)


def _threecx(settings: Settings) -> Pbx | None:
    from ringfence.respond.act.threecx import Threecx

    if not settings.threecx.url:
        return None
    return Threecx(xapi_of(settings, "end calls and change users"))
