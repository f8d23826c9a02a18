"""Ordinary users: they register and call all the time, and remember what went wrong."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from random import Random
from typing import Final

from lab.addresses import HOME_WORKERS, branch_phone
from lab.deskphone import DeskPhone
from lab.endpoint import Where
from lab.makes import DESK, ZOIPER
from lab.scenarios.office import LOCAL_NUMBERS
from lab.stage import Stage

OFFICE: Final = 6
HOMES: Final = 3
BRANCH: Final = 3
# The first extension of each group; office phones begin at 201.
_HOME_USER, _BRANCH_USER = 260, 215
# A phone repeats itself after 0.5, 1.5 and 3 seconds; who waits longer puts it down.
_PATIENCE_S: Final = 6.0
_PAUSE_S: Final = (0.3, 1.2)


@dataclass(frozen=True, slots=True)
class Hurt:
    """Something that a user wanted and did not get."""

    user: str
    wanted: str
    status: int  # 0: no answer
    at: float = 0.0  # epoch seconds, when it was given up


class Users:
    """The users of one scene; their phones are plugged in by `open`."""

    def __init__(self, stage: Stage, rng: Random) -> None:
        self.hurts: list[Hurt] = []
        self.done = 0
        self._stage, self._rng = stage, rng
        self._phones: list[DeskPhone] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._at_work = False

    async def open(self) -> None:
        """Everybody registers, and one after another makes a call, before anything happens."""
        stage = self._stage
        self._phones = [await stage.phone(n, label=False) for n in range(OFFICE)]
        places = [Where("homes", HOME_WORKERS[n]) for n in range(HOMES)]
        for n, where in enumerate(places):
            self._phones.append(await stage.plug_in(where, str(_HOME_USER + n), ZOIPER))
        for n in range(BRANCH):
            where = Where("branch", branch_phone(n))
            make = DESK[n % len(DESK)]
            self._phones.append(await stage.plug_in(where, str(_BRANCH_USER + n), make))
        await asyncio.gather(*(self._register(phone) for phone in self._phones))
        for phone in self._phones:
            await self._call(phone)

    def work(self) -> None:
        """From now on everybody registers and calls until `stop`."""
        self._at_work = True
        self._tasks = [asyncio.create_task(self._live(phone)) for phone in self._phones]

    async def stop(self) -> None:
        """Nobody begins anything; what was begun ends, or is given up as users do."""
        self._at_work = False
        await asyncio.gather(*self._tasks)
        self._tasks = []

    async def once_more(self) -> None:
        """Everybody registers and calls once: nobody was locked out."""
        await asyncio.gather(*(self._register(phone) for phone in self._phones))
        await asyncio.gather(*(self._call(phone) for phone in self._phones))

    async def _live(self, phone: DeskPhone) -> None:
        while self._at_work:
            await asyncio.sleep(self._rng.uniform(*_PAUSE_S))
            await (self._register(phone) if self._rng.random() < 0.5 else self._call(phone))

    async def _register(self, phone: DeskPhone) -> None:
        await self.expect(phone, "to register", phone.register())

    async def _call(self, phone: DeskPhone) -> None:
        others = [other.account.user for other in self._phones if other is not phone]
        number = self._rng.choice((*others, *self._rng.sample(LOCAL_NUMBERS, 6)))
        await self.expect(phone, f"to call {number}", phone.call(number, 0.2))

    async def expect(self, phone: DeskPhone, wanted: str, doing: Awaitable[int]) -> None:
        """Count one wish, and remember it when it was not granted."""
        try:
            status = await asyncio.wait_for(doing, _PATIENCE_S)
        except TimeoutError:
            status = 0
        self.done += 1
        if status != 200:
            self.hurts.append(Hurt(phone.account.user, wanted, status, round(time.time(), 2)))

    def fail(self, user: str, wanted: str) -> None:
        """Count a wish of somebody else that was not granted."""
        self.done += 1
        self.hurts.append(Hurt(user, wanted, 0))
