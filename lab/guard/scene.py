"""One scene: the PBX and its protector up, users at work, an attack; what got through.

How it works: what reached the PBX is what its Kamailio logged (lab/guard/scribe.py), so
behind the firewall; what was sent is what the router passed on (lab/guard/sent.py). A
drop is effective from the last request on that arrived, if the attacker went on sending
for a while after it.
"""

import asyncio
import contextlib
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from random import Random
from typing import Final

from lab.clock import Clock
from lab.guard.protectors import PACKETS, Ground, Measure, Protector
from lab.guard.scribe import Arrived, read_tally
from lab.guard.sent import count_at_router, sent_by_source
from lab.guard.users import Hurt, Users
from lab.kamailio import Manners, start_pbx
from lab.namespaces import World
from lab.processes import Processes
from lab.sipp import start_trunk
from lab.stage import Stage

# Of the issue: passwords refused to a stranger, and all his messages, before he is dropped.
REFUSED_AT_MOST: Final = 6
ADMITTED_AT_MOST: Final = 200
# An attacker that sends so long in vain was dropped. svwar gives up after a second.
_SILENT_S: Final = 0.6
_LOOK_EVERY_S: Final = 0.25
_SETTLE_S: Final = 0.6


@dataclass(frozen=True, slots=True)
class Goal:
    """What a protector should reach in a scene."""

    refused: int = REFUSED_AT_MOST  # passwords, for each attacker
    admitted: int | None = ADMITTED_AT_MOST  # messages, for each attacker; None: any number


@dataclass(frozen=True, slots=True)
class Scene:
    """One entry of the table."""

    name: str
    about: str
    play: Callable[["Stage", Users], Awaitable[None]]
    # Addresses of attackers; everybody else is innocent. A network for invented ones.
    attackers: tuple[str, ...] = ()
    goal: Goal = field(default_factory=Goal)
    manners: Manners = field(default_factory=Manners)
    hears: str = PACKETS
    # Measures that are right although the address is innocent's too: ports of a shared address.
    may_narrow: tuple[str, ...] = ()
    within_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Met:
    """How one attacker was met."""

    address: str
    sent: int
    arrived: Arrived
    dropped_after_s: float | None  # since his first request; None: he went on arriving
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scene."""

    scene: str
    protector: str
    met: tuple[Met, ...]
    wishes: int
    hurts: tuple[Hurt, ...]
    innocents_met: tuple[Measure, ...]
    missed: tuple[str, ...]  # goals, as sentences


async def play(world: World, scene: Scene, protector: Protector, out: Path) -> Outcome:
    """Play one scene; everything that it started is ended again."""
    folder = out / "run" / f"{protector.name}-{scene.name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    processes = Processes(world, folder)
    ground = Ground(
        world, processes, folder, folder / "asterisk.log", folder / "kamailio.log", scene.hears
    )
    try:
        outcome = await asyncio.wait_for(
            _play(scene, protector, ground), scene.within_s + _BEFORE_S
        )
    finally:
        await processes.stop_all()
    return outcome


_BEFORE_S: Final = 60.0


async def _play(scene: Scene, protector: Protector, ground: Ground) -> Outcome:
    tally = ground.folder / "tally.json"
    reader = [sys.executable, "-m", "lab.guard.scribe", "--tally", str(tally),
              "--asterisk", str(ground.asterisk_log),
              "--syslog", str(ground.kamailio_log)]  # fmt: skip
    manners = replace(scene.manners, tells=True, tells_hep=scene.hears == "hep")
    ground.kamailio_log.touch()
    pbx = await start_pbx(ground.world, ground.processes, ground.folder, manners, reader=reader)
    await start_trunk(ground.processes, ground.folder)
    count_at_router(ground.world)
    await protector.start(ground)
    rng = Random(scene.name)
    stage = Stage(ground.world, ground.processes, ground.folder, Clock(datetime.now(UTC)), rng, pbx)
    users = Users(stage, rng)
    watch = _Watch(ground.world)
    try:
        await users.open()
        users.work()
        async with watch:
            await asyncio.wait_for(scene.play(stage, users), scene.within_s)
            await asyncio.sleep(_SETTLE_S)
        await users.stop()
        await users.once_more()
        measures = protector.measures(ground.world)
    finally:
        await users.stop()
        await asyncio.gather(*(phone.close() for phone in stage.phones))
    await ground.processes.stop(pbx)  # its scribe writes the last of the tally
    arrived = read_tally(tally)
    met = [
        _meet(address, watch, one, measures)
        for address, one in _of_attackers(scene, arrived, watch.sent).items()
    ]
    innocents = tuple(m for m in measures if not _is_right(scene, m))
    missed = _missed(scene, met, users, innocents)
    return Outcome(
        scene.name, protector.name, tuple(met), users.done, tuple(users.hurts), innocents, missed
    )


class _Watch:
    """What the router passed on, and when it last did, while the scene goes on."""

    def __init__(self, world: World) -> None:
        self.sent: dict[str, int] = {}
        self.last: dict[str, float] = {}
        self._world = world
        self._task: asyncio.Task[None] | None = None
        self._before: dict[str, int] = {}

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._look())

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._read()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self._read()

    def _read(self) -> None:
        now = time.time()
        for address, count in sent_by_source(self._world).items():
            if count != self.sent.get(address):
                self.last[address] = now
            self.sent[address] = count


def _of_attackers(
    scene: Scene, arrived: dict[str, Arrived], sent: dict[str, int]
) -> dict[str, Arrived]:
    """What arrived of each attacker; the invented senders of a network as one."""
    found = {}
    for attacker in scene.attackers:
        if "/" not in attacker:
            found[attacker] = arrived.get(attacker, Arrived())
            continue
        network, all_of_it = ip_network(attacker), Arrived()
        for address, one in arrived.items():
            if address == "others" or ip_address(address) in network:
                all_of_it.requests += one.requests
                all_of_it.refused += one.refused
                all_of_it.credentials += one.credentials
                all_of_it.first = min(all_of_it.first or one.first, one.first)
                all_of_it.last = max(all_of_it.last, one.last)
        found[attacker] = all_of_it
        sent[attacker] = sum(n for address, n in sent.items() if ip_address(address) in network)
    return found


def _meet(address: str, watch: _Watch, arrived: Arrived, measures: list[Measure]) -> Met:
    last_sent = watch.last.get(address, 0.0)
    dropped = arrived.requests > 0 and last_sent - arrived.last > _SILENT_S
    return Met(
        address=address,
        sent=watch.sent.get(address, 0),
        arrived=arrived,
        dropped_after_s=round(arrived.last - arrived.first, 3) if dropped else None,
        measures=tuple(dict.fromkeys(m.action for m in measures if m.address == address)),
    )


def _is_right(scene: Scene, measure: Measure) -> bool:
    """Whether nobody ordinary is kept out by it."""
    if measure.action == "port" and measure.address in scene.may_narrow:
        return True
    address = ip_address(measure.address.split("/")[0])
    return any(address in ip_network(one) for one in scene.attackers)


def _missed(
    scene: Scene, met: list[Met], users: Users, innocents: tuple[Measure, ...]
) -> tuple[str, ...]:
    said = []
    for one in met:
        refused = one.arrived.credentials - one.arrived.accepted
        if refused > scene.goal.refused:
            said.append(f"{refused} passwords of {one.address} were refused by the PBX")
        if scene.goal.admitted is not None and one.arrived.requests > scene.goal.admitted:
            said.append(f"{one.arrived.requests} messages of {one.address} arrived")
    said += [f"{hurt.user} wanted {hurt.wanted}: {hurt.status or 'no answer'}"
             for hurt in users.hurts]  # fmt: skip
    said += [f"{one.address} is innocent, and met with: {one.action}" for one in innocents]
    return tuple(said)
