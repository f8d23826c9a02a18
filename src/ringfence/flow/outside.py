"""Blocks carried outside: to the routers and the PBX's list that the settings name.

How it works: `apply`, `withdraw` and `settle` only note what should stand and wake the threads,
one for each machine, as a network may hang and one machine that is down shall not hold up
another. Each round reads the machine's own list (`respond/outside/keeping.py`), so nothing
is kept in the store: what stands is what is read. Whom nobody may block is asked anew in
each round, of this machine and of the store, right before anything is sent; where the store
cannot be asked nothing is sent. What fails is tried again after 5 s, then twice as long each
time, up to five minutes; what stands is looked at every five minutes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.flow.casebook import Casebook, CaseError, StoreError
from ringfence.flow.moment import host
from ringfence.model.endpoint import plain_address
from ringfence.model.measure import Measure
from ringfence.model.outside import (
    FAILS,
    STANDS,
    WAITS,
    Carried,
    Entry,
    OutsideError,
    OutsideState,
)
from ringfence.model.settings import Settings, SettingsError
from ringfence.respond import keep
from ringfence.respond.outside.keeping import Keeping, Objection, Outside
from ringfence.respond.outside.marking import seconds_until

if TYPE_CHECKING:
    from ringfence.sources.xapi import Xapi

__all__ = ["Friends", "Outside", "Outsiders", "outsiders_of", "xapi_of"]

CHECK_S = 300.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
# Addresses that were taken back and perhaps still stand somewhere; the oldest go first.
MAX_UNWANTED = 10_000

Now = Callable[[], datetime]


class Friends:
    """Whom nobody may block, asked anew: a function for one round. Its thread opens the store."""

    def __init__(
        self,
        store: str | None,
        environment: Mapping[str, str] | None = None,
        root: Path = Path("/"),
        machines: Iterable[str] = (),
    ) -> None:
        """`machines` are the hosts that block for us: none of them blocks itself."""
        self._store, self._root = store, root
        self._environment = keep.environment() if environment is None else environment
        addresses = (plain_address(one) for one in machines)
        self._machines = tuple(one for one in addresses if one is not None)

    def __call__(self) -> Objection:
        """Raises StoreError, CaseError, OSError."""
        from ringfence.store.measures import MeasureStore

        with Casebook(self._store) as book:
            allowed = tuple(MeasureStore(book.database).allowed())
        kept = keep.kept(self._environment, self._root)

        def objection(address: str) -> str | None:
            network = ip_network(address)
            if any(one in network for one in self._machines):
                return "it is one of the machines that block for us"
            return keep.objection(address, kept, allowed)

        return objection


@dataclass(frozen=True, slots=True)
class _Wish:
    """What should stand everywhere, at one moment."""

    wanted: Mapping[str, Measure]
    unwanted: tuple[str, ...] = ()  # the longest ago first
    settled: bool = False


class Outsiders:
    """All machines outside, each with its thread. Nothing here waits for a network."""

    def __init__(
        self,
        outsides: Sequence[Outside],
        friends: Callable[[], Objection],
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        self._lock = threading.Lock()
        self._wish = _Wish({})
        self._workers = [_Worker(one, friends, self._current, now) for one in outsides]

    def start(self) -> None:
        """The threads begin; they end with `close`, or with the process."""
        for worker in self._workers:
            worker.start()

    def apply(self, measures: Iterable[Measure], now: datetime) -> None:
        """These should stand as well, each until its end."""
        added = {one.address: one for one in measures}
        with self._lock:
            unwanted = tuple(one for one in self._wish.unwanted if one not in added)
            self._set({**self._lasting(now), **added}, unwanted)

    def settle(self, measures: Iterable[Measure], now: datetime) -> None:
        """These should stand, and nothing else of ours: say it at the start, and when in doubt."""
        wanted = {one.address: one for one in measures if _lasts(one, now)}
        with self._lock:
            if not self._wish.settled or self._wish.wanted != wanted:
                self._wish = replace(self._wish, settled=True)
                self._set(wanted, ())

    def withdraw(self, addresses: Iterable[str], now: datetime) -> None:
        """Nothing should stand against these any more."""
        with self._lock:
            self._take_back(list(addresses), now)

    def expire(self, now: datetime) -> list[Measure]:
        """Measures that are over: where the machine does not end them itself, it is told."""
        with self._lock:
            over = [one for one in self._wish.wanted.values() if not _lasts(one, now)]
            if over:
                self._take_back([one.address for one in over], now)
        return over

    def standing(self) -> list[OutsideState]:
        """How each machine was seen last, at once and without asking it."""
        return [worker.state for worker in self._workers]

    def look(self) -> list[OutsideState]:
        """Ask each machine now, and change nothing; takes as long as they take."""
        return [worker.look() for worker in self._workers]

    def carried(self, address: str) -> list[Carried]:
        """How it stands with one address at each machine."""
        return [o for state in self.standing() for o in state.carried if o.address == address]

    def blocked_by_pbx(self) -> list[Entry]:
        """What 3CX blocked on its own, as read last."""
        from ringfence.respond.outside.threecx import BY_ITSELF

        return [o for state in self.standing() for o in state.others if o.by == BY_ITSELF]

    def close(self, wait_s: float = 1.0) -> None:
        """Ask the threads to end. What stands outside stays, until its end or the next start."""
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.end(wait_s)

    def _lasting(self, now: datetime) -> dict[str, Measure]:
        return {a: one for a, one in self._wish.wanted.items() if _lasts(one, now)}

    def _take_back(self, addresses: Sequence[str], now: datetime) -> None:
        wanted = {a: one for a, one in self._lasting(now).items() if a not in addresses}
        unwanted = dict.fromkeys([*self._wish.unwanted, *addresses])
        self._set(wanted, tuple(unwanted)[-MAX_UNWANTED:])

    def _set(self, wanted: Mapping[str, Measure], unwanted: tuple[str, ...]) -> None:
        self._wish = replace(self._wish, wanted=wanted, unwanted=unwanted)
        for worker in self._workers:
            worker.wake()

    def _current(self) -> _Wish:
        with self._lock:
            return self._wish


class _Worker(threading.Thread):
    """The rounds of one machine."""

    def __init__(
        self,
        outside: Outside,
        friends: Callable[[], Objection],
        wish: Callable[[], _Wish],
        now: Now,
    ) -> None:
        super().__init__(name=f"ringfence {outside.name}", daemon=True)
        self._outside, self._keeping = outside, Keeping(outside)
        self._friends, self._wish, self._now = friends, wish, now
        self._awake, self._ended = threading.Event(), threading.Event()
        self._pause_s = FIRST_PAUSE_S
        self.state = self._keeping.state

    def run(self) -> None:
        """Until it is stopped."""
        while not self._ended.is_set():
            self._awake.clear()
            began = time.monotonic()
            wait_s = self.round()
            # A flood of measures makes one round a second, not one for each.
            self._ended.wait(max(0.0, 1.0 - (time.monotonic() - began)))
            self._awake.wait(wait_s)
        self._outside.close()

    def round(self) -> float:
        """One round; in how many seconds the next one is due."""
        wish = self._wish()
        try:
            objection = self._friends()
        except (StoreError, CaseError, OSError) as error:
            why = f"nothing is sent: whom nobody may block cannot be read ({error})"
            self.state = replace(self.state, trouble=why)
            return self._longer()
        try:
            self.state = self._keeping.round(
                wish.wanted, frozenset(wish.unwanted), objection, self._now(), settled=wish.settled
            )
        except Exception as error:  # noqa: BLE001  a machine's answer must not end its thread
            why = f"{self._outside.name}: an answer that was not expected ({type(error).__name__})"
            self.state = replace(self.state, trouble=why)
            return self._longer()
        states = {one.state for one in self.state.carried}
        if self.state.trouble or FAILS in states:
            return self._longer()
        self._pause_s = FIRST_PAUSE_S
        return FIRST_PAUSE_S if WAITS in states else CHECK_S

    def look(self) -> OutsideState:
        """What stands there now, or why it cannot be read; nothing is changed."""
        name = self._outside.name
        at = f"{self._now():%Y-%m-%dT%H:%M:%SZ}"
        try:
            entries, doubt = self._outside.standing(), self._outside.doubt()
        except OutsideError as error:
            return OutsideState(name, trouble=str(error))
        carried = tuple(
            Carried(name, one.id, one.address, STANDS, one.until) for one in entries if one.ours
        )
        others = tuple(one for one in entries if not one.ours)
        return OutsideState(name, at, "", doubt, carried, others)

    def wake(self) -> None:
        """There is something new to do."""
        self._awake.set()

    def stop(self) -> None:
        """After the round at hand."""
        self._ended.set()
        self._awake.set()

    def end(self, wait_s: float) -> None:
        """Wait for it, where it runs."""
        if self.is_alive():
            self.join(wait_s)

    def _longer(self) -> float:
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, LONGEST_PAUSE_S)
        return pause_s


def outsiders_of(settings: Settings, store: str | None = None) -> Outsiders | None:
    """Those that the settings name; None where they name none. Raises SettingsError."""
    found: list[Outside] = []
    machines: list[str] = []
    for section, make in _MAKERS.items():
        try:
            made = make(settings)
        except ValueError as error:
            raise SettingsError(f"{section}: {error}") from error
        if made is not None:
            outside, machine = made
            found.append(outside)
            machines.append(machine)
    return Outsiders(found, Friends(store, machines=machines)) if found else None


def xapi_of(settings: Settings, may: str) -> Xapi:
    """The owner's 3CX. Raises SettingsError, ValueError."""
    from ringfence.sources.xapi import Xapi

    pbx = settings.threecx
    _need(settings, "threecx", "url", "client_id", "secret")
    return Xapi(
        pbx.url, pbx.client_id, pbx.secret, may=may, authority_file=pbx.authority_file
    )  # fmt: skip


def _need(settings: Settings, section: str, *names: str) -> None:
    for name in names:
        if not getattr(getattr(settings, section), name):
            raise SettingsError(f"{section}.{name}: is missing in the settings")


def _threecx(settings: Settings) -> tuple[Outside, str] | None:
    from ringfence.respond.outside.threecx import ThreecxBlocklist

    if not settings.threecx.blocklist:
        return None
    xapi = xapi_of(settings, "change the blocklist")
    return ThreecxBlocklist(xapi, host()), xapi.host


def _mikrotik(settings: Settings) -> tuple[Outside, str] | None:
    from ringfence.respond.outside.mikrotik import Mikrotik
    from ringfence.sources.web import HttpsJson

    one = settings.mikrotik
    if not one.url:
        return None
    _need(settings, "mikrotik", "user", "password", "list")
    refused = "user and password; the group needs read, write and rest-api"
    login = (one.user, one.password)
    web = HttpsJson(one.url, login=login, refused=refused, authority_file=one.authority_file)
    return Mikrotik(web, one.list, host()), web.host


def _opnsense(settings: Settings) -> tuple[Outside, str] | None:
    from ringfence.respond.outside.opnsense import Opnsense
    from ringfence.sources.web import HttpsJson

    one = settings.opnsense
    if not one.url:
        return None
    _need(settings, "opnsense", "key", "secret", "alias")
    refused = "key and secret; their user needs the privilege Firewall: Alias: Edit"
    login = (one.key, one.secret)
    web = HttpsJson(one.url, login=login, refused=refused, authority_file=one.authority_file)
    return Opnsense(web, one.alias), web.host


def _pfsense(settings: Settings) -> tuple[Outside, str] | None:
    from ringfence.respond.outside.pfsense import Pfsense
    from ringfence.sources.web import HttpsJson

    one = settings.pfsense
    if not one.url:
        return None
    _need(settings, "pfsense", "key", "alias")
    key = {"X-API-Key": one.key}
    refused = "the key, and what its user may"
    web = HttpsJson(one.url, headers=key, refused=refused, authority_file=one.authority_file)
    return Pfsense(web, one.alias, host()), web.host


def _ssh(settings: Settings) -> tuple[Outside, str] | None:
    from ringfence.respond.outside.ssh import Commands, Ssh

    one = settings.ssh
    if not one.host:
        return None
    _need(settings, "ssh", "block", "unblock", "list")
    commands = Commands(one.block, one.unblock, one.list)
    made = Ssh(one.host, commands, port=one.port or 22, identity_file=one.identity_file)
    return made, one.host.rpartition("@")[2].strip("[]")


_MAKERS: Mapping[str, Callable[[Settings], tuple[Outside, str] | None]] = {
    "threecx": _threecx,
    "mikrotik": _mikrotik,
    "opnsense": _opnsense,
    "pfsense": _pfsense,
    "ssh": _ssh,
}


def _lasts(measure: Measure, now: datetime) -> bool:
    return seconds_until(measure.until, now) > 0
