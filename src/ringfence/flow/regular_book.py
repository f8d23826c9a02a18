"""Whom the guard let be: remembered in the store, so that a restart makes no user a stranger.

How it works: who was let in and is not accused is noted once an hour, and written with the
journal; who is blocked is struck. A user is a regular from his second day on, as within one
run of the guard: who took an account an hour ago is none because the guard was restarted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Lock

from ringfence.detect.live import FORGET_NS, REGULAR_NS, LetIn
from ringfence.flow.casebook import Casebook, StoreError
from ringfence.flow.moment import host, nanoseconds, utc
from ringfence.model.endpoint import Address
from ringfence.model.regular import Regular
from ringfence.model.standing import PEER, REGULAR
from ringfence.model.text import shown
from ringfence.store.regulars import RegularStore

# What waits while the store fails.
MAX_WAITING = 65_536
# From the first time that it was let in until an address is a regular, and how long it stays
# one without coming back.
FIRST_DAY = timedelta(seconds=FORGET_NS // 10**9)
REMEMBERED = timedelta(seconds=REGULAR_NS // 10**9)
# Nobody waits for what is written.
EVERY_S = 10.0


class RegularBook:
    """For one thread that notes, and one that writes. `write`, `remembered` raise StoreError."""

    def __init__(
        self,
        book: Casebook,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._book, self._now, self._clock = book, now, clock
        self._host = host()
        self._lock = Lock()
        self._seen: dict[tuple[str, str], Regular] = {}
        self._struck: dict[str, None] = {}
        self._written_at = -EVERY_S

    def note(self, let_in: Iterable[LetIn]) -> None:
        """These were let in just now."""
        now = utc(self._now())
        with self._lock:
            for one in let_in:
                role = PEER if one.is_peer else REGULAR
                for account in map(shown, one.accounts or ("",)):
                    self._put(Regular(str(one.address), account, role, now, now, self._host))

    def strike(self, addresses: Iterable[str]) -> None:
        """These are attackers: what was said of them, and is said until `write`, counts nothing."""
        with self._lock:
            for address in addresses:
                if len(self._struck) < MAX_WAITING:
                    self._struck[address] = None

    def is_due(self) -> bool:
        """Whether something waits, and the last transaction is a while ago."""
        waits = bool(self._seen or self._struck)
        return waits and self._clock() - self._written_at >= EVERY_S

    def write(self) -> None:
        """Write all that waits, in one transaction; what could not be written goes on waiting."""
        with self._lock:
            seen, struck = self._seen, self._struck
            self._seen, self._struck = {}, {}
            self._written_at = self._clock()
        if not (seen or struck):
            return
        try:
            RegularStore(self._book.database).note(seen.values(), struck.keys(), self._host)
        except StoreError:
            with self._lock:
                later, self._seen = self._seen, {}
                for one in (*seen.values(), *later.values()):
                    self._put(one)
                self._struck = struck | self._struck
            raise

    def _put(self, one: Regular) -> None:
        key = one.address, one.account
        known = self._seen.get(key)
        if known is not None:
            one = known.joined(one)
        elif len(self._seen) >= MAX_WAITING:
            return
        self._seen[key] = one

    def remembered(self) -> dict[Address, int]:
        """Regulars by what the store knows: when each was last let in (ns)."""
        now = self._now()
        store = RegularStore(self._book.database)
        first_day = utc(now - FIRST_DAY)
        found: dict[Address, int] = {}
        for one in store.since(utc(now - REMEMBERED), self._host):
            if one.role == REGULAR and one.first <= first_day:
                address = ip_address(one.address)
                found[address] = max(found.get(address, 0), nanoseconds(one.last))
        return found
