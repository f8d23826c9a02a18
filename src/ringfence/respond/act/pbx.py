"""A phone system that is told what to do, and asked whether it is done.

Ending: the calls of the account are read, each is ended by its own name, and read again.
A call that ended by itself meanwhile is no error; one that stands still is. New ones that
began in between are ended as well, up to a bound. Locking: done, then asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ringfence.model.acting import ActError, Done, OpenCall
from ringfence.model.text import count

# Somebody who dials on and on; lock the account to end that.
MAX_ROUNDS = 3
MAX_CALLS = 200
_SETTLE_S = 0.3


class Pbx(Protocol):
    """One phone system. Everything may raise ActError."""

    name: str

    def calls(self, account: str) -> list[OpenCall]:
        """Those of this account that stand now."""

    def end(self, call: OpenCall) -> None:
        """End this one; one that is gone is no error."""

    def lock_says(self, account: str) -> str:
        """What locking would do. Raises ActError where it cannot, with what to do by hand."""

    def is_locked(self, account: str) -> bool:
        """Whether it is."""

    def lock(self, account: str) -> None:
        """No calls, or no log-ins, with this account any more."""

    def unlock(self, account: str) -> None:
        """As before."""

    def close(self) -> None:
        """No more orders."""


def end_calls(pbx: Pbx, account: str, wait: Callable[[float], object]) -> Done:
    """End all calls of an account, and see that they have ended. Raises ActError."""
    ended: set[str] = set()
    calls: Sequence[OpenCall] = pbx.calls(account)
    for _ in range(MAX_ROUNDS):
        if not calls:
            break
        for call in calls[:MAX_CALLS]:
            pbx.end(call)
            ended.add(call.key)
        wait(_SETTLE_S)
        calls = pbx.calls(account)
    if calls:
        left = count(len(calls), "call")
        return Done(pbx.name, f"{left} of {account} would not end: lock the account", ok=False)
    if not ended:
        return Done(pbx.name, f"{account} has no calls")
    return Done(pbx.name, f"{count(len(ended), 'call')} of {account} ended")


def lock(pbx: Pbx, account: str) -> Done:
    """Lock an account, and see that it is. Raises ActError."""
    what = pbx.lock_says(account)
    undo = f"ringfence act unlock {account}"
    if pbx.is_locked(account):
        return Done(pbx.name, f"{account} is locked already", undo=undo)
    pbx.lock(account)
    if not pbx.is_locked(account):
        raise ActError(f"{pbx.name}: it said yes, but {account} is not locked")
    return Done(pbx.name, f"{account} is locked: {what}", undo=undo)


def unlock(pbx: Pbx, account: str) -> Done:
    """Undo a lock, and see that it is undone. Raises ActError."""
    if not pbx.is_locked(account):
        return Done(pbx.name, f"{account} is not locked")
    pbx.unlock(account)
    if pbx.is_locked(account):
        raise ActError(f"{pbx.name}: it said yes, but {account} is still locked")
    return Done(pbx.name, f"{account} is no longer locked: change its password first")
