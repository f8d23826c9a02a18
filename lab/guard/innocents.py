"""Who looks like an attacker and is none: nobody of these may be blocked."""

import asyncio
from typing import Final

from lab import baresip, forge, sipp
from lab.addresses import (
    BRANCH_PHONES,
    HOME_WORKERS,
    NAT_OFFICE,
    TRUNK_INBOUND,
    branch_phone,
    office_phone,
)  # fmt: skip
from lab.deskphone import DeskPhone
from lab.endpoint import Where
from lab.guard.scene import Goal, Scene
from lab.guard.users import BRANCH, OFFICE, Users
from lab.makes import DESK, YEALINK
from lab.scenarios.floods import as_trunk
from lab.scenarios.office import LAST_SPRING
from lab.stage import Stage

_FORGED: Final = 10_000
_ANY: Final = Goal(refused=1_000_000, admitted=None)
# A desk phone's tries, so long that the softphone's first pause (43 s) is over as well: its clock
# must not run faster than the guard's, or it is a phone that nobody has.
_DESK_TRIES, _DESK_PAUSE_S = 12, 4.0
_STORM_BRANCH, _STORM_OFFICE = 38, 12
_GUESSER: Final = branch_phone(BRANCH_PHONES - 1)


async def _wrong_pin(stage: Stage, users: Users) -> None:
    """A softphone and a desk phone insist on a wrong PIN; then both are corrected."""
    softphone = baresip.Softphone("homes", HOME_WORKERS[4], "265", "4711")
    running = await baresip.start(stage.processes, stage.folder, softphone)
    desk = await stage.plug_in(Where("homes", HOME_WORKERS[5]), "266", YEALINK)
    for _ in range(_DESK_TRIES):
        await desk.register(password="0000")  # noqa: S106
        await asyncio.sleep(_DESK_PAUSE_S)
    await stage.processes.stop(running)
    right = await stage.plug_in(Where("homes", HOME_WORKERS[4], 5066), "265", YEALINK)
    for phone in (desk, right):
        await users.expect(phone, "to register with the right PIN", phone.register())
        await users.expect(phone, "to call after that", phone.call("201", 0.2))


async def _storm(stage: Stage, users: Users) -> None:
    """Power is back: fifty phones, most behind one address, register at once, twice."""
    phones: list[DeskPhone] = []
    for n in range(BRANCH, BRANCH + _STORM_BRANCH):
        where = Where("branch", branch_phone(n))
        phones.append(await stage.plug_in(where, str(215 + n), DESK[n % len(DESK)]))
    for n in range(OFFICE, OFFICE + _STORM_OFFICE):
        where = Where("office", office_phone(n))
        phones.append(await stage.plug_in(where, str(270 + n), DESK[n % len(DESK)]))

    async def register(phone: DeskPhone) -> None:
        await asyncio.sleep(stage.rng.uniform(0, 0.5))
        await users.expect(phone, "to register in the storm", phone.register())

    for _ in range(2):
        await asyncio.gather(*(register(phone) for phone in phones))
        await asyncio.sleep(3)


async def _forged_trunk(stage: Stage, users: Users) -> None:
    """Ten thousand packets in the trunk's name, while calls go in and out over the trunk."""
    lines = [sipp.Line("12125550100", "", str(201 + n % OFFICE), "Carrier-SBC/7.4")
             for n in range(10)]  # fmt: skip
    bulk = sipp.Bulk("inbound", "carrier", TRUNK_INBOUND, port=5060, rate=1, talk_ms=300)
    calls = asyncio.create_task(sipp.place(stage.processes, stage.folder, bulk, lines))
    for _ in range(_FORGED // forge.MAX_FORGED):
        forged = as_trunk(stage.rng, forge.MAX_FORGED)
        await forge.send(stage.world, "internet", forged, per_s=1000)
    if await calls:
        users.fail("the trunk", "its calls to come in")


async def _same_nat(stage: Stage, _: Users) -> None:
    """Somebody in the office behind NAT guesses passwords; his colleagues telephone."""
    words = [sipp.Line(str(220 + n % 5), f"{LAST_SPRING}{n}", user_agent="Z 3.15.40006 rv2.8.20")
             for n in range(300)]  # fmt: skip
    bulk = sipp.Bulk("guess", "branch", _GUESSER, port=5080, rate=25, within_s=20.0)
    await sipp.place(stage.processes, stage.folder, bulk, words)


INNOCENTS: Final = (
    Scene("wrong_pin", "two phones with a wrong PIN, then corrected", _wrong_pin, goal=_ANY,
          within_s=90.0),
    Scene("storm", "fifty phones register at once, twice", _storm, goal=_ANY),
    Scene("forged_trunk", "10,000 packets in the trunk's name", _forged_trunk, goal=_ANY),
    Scene("same_nat", "a guesser behind the NAT of an office", _same_nat, goal=_ANY,
          may_narrow=(NAT_OFFICE,)),
)  # fmt: skip
