"""Everything at once: attackers among honest users, at several paces."""

import asyncio
from functools import partial
from typing import Final

from lab import baresip, sipp, tools
from lab.accounts import account
from lab.addresses import (
    ATTACKER,
    ATTACKER_SECOND,
    HOME_WORKER,
    NAT_OFFICE,
    PROVISIONED,
    SPREAD,
    TRUNK_INBOUND,
    branch_phone,
)  # fmt: skip
from lab.deskphone import DeskPhone
from lab.endpoint import Where
from lab.kamailio import Manners
from lab.labels import Call
from lab.makes import DESK, SNOM
from lab.scenarios.office import LAST_SPRING, a_few_calls, open_office
from lab.scenarios.offices import qualify
from lab.scenarios.toll import PREMIUM
from lab.stage import Scenario, Stage, Thinning
from lab.stranger import Stranger

_BRANCH: Final = 14
_GUESSERS: Final = 10


async def _mixed(stage: Stage, pace: float) -> None:
    """Innocents and attackers side by side; `pace` is how much slower it is written."""
    office = await open_office(stage, 14, tcp_every=5)
    with stage.clock.stretched(pace):
        await asyncio.gather(
            a_few_calls(stage, office, 8),
            _bad_pin(stage, faster=max(1, round(pace))),
            _branch_with_old_password(stage),
            _deleted_extension(stage),
            _pinging_carrier(stage),
            _found_and_guessed(stage),
            _guessed_by_ten(stage),
        )
    await _toll(stage)


async def _bad_pin(stage: Stage, faster: int) -> None:
    stage.declare(
        HOME_WORKER, "innocent", "softphone with a bad PIN", accounts=("232",),
        in_trouble="bad PIN: wrong password for its own account, again and again",
    )  # fmt: skip
    phone = baresip.Softphone("homes", HOME_WORKER, "232", "4711")
    running = await baresip.start(stage.processes, stage.folder, phone, faster=faster)
    await asyncio.sleep(7)
    await stage.processes.stop(running)


async def _branch_with_old_password(stage: Stage) -> None:
    users = [str(215 + n) for n in range(_BRANCH)]
    stage.declare(
        NAT_OFFICE, "innocent", "NAT: good phones and one with an old password",
        accounts=tuple(users),
        in_trouble=f"old password of {users[-1]}; the others at this address are well",
    )  # fmt: skip
    phones = [
        await stage.plug_in(Where("branch", branch_phone(n)), user, DESK[n % len(DESK)])
        for n, user in enumerate(users)
    ]
    await asyncio.gather(*(phone.register() for phone in phones[:-1]))
    for _ in range(8):
        await phones[-1].register(password=LAST_SPRING)
        await asyncio.sleep(0.5)


async def _deleted_extension(stage: Stage) -> None:
    stage.declare(
        PROVISIONED, "innocent", "phone of an extension that does not exist",
        accounts=("2177",), in_trouble="wrong user: the account does not exist on this server",
    )  # fmt: skip
    phone: DeskPhone = await stage.plug_in(Where("office", PROVISIONED), "2177", SNOM)
    for _ in range(10):
        await phone.register()
        await asyncio.sleep(0.6)


async def _pinging_carrier(stage: Stage) -> None:
    sbc = Stranger(stage.world, "carrier", TRUNK_INBOUND, 5060)
    await sbc.say([qualify(number) for number in range(1, 15)], pause_s=0.5)


async def _found_and_guessed(stage: Stage) -> None:
    stage.declare(
        ATTACKER, "attacker", "SIPVicious from the scan to the password",
        kinds=("scan", "enumeration", "password_guessing"), accounts=("240",),
        accounts_taken=("240",), campaign="one finds, one calls",
    )  # fmt: skip
    await tools.svmap(stage.processes, stage.folder, ATTACKER)
    await tools.svwar(stage.processes, stage.folder, ATTACKER, "190-245")
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "240", "2380-2450")


async def _guessed_by_ten(stage: Stage) -> None:
    """Ten machines guess at one account, one after the other."""
    chosen = SPREAD[:_GUESSERS]
    for source in chosen:
        stage.declare(
            source,
            "attacker",
            "one of ten that guess in turn",
            kinds=("password_guessing",),
            accounts=("244",),
            campaign="the ten",
        )
    lines = [
        sipp.Line("244", f"{7000 + n}", user_agent="eyeBeam", source=chosen[n % _GUESSERS])
        for n in range(4 * _GUESSERS)
    ]  # fmt: skip
    bulk = sipp.Bulk("guess", "internet", port=5090, rate=6)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _toll(stage: Stage) -> None:
    stage.declare(
        ATTACKER_SECOND, "attacker", "calls with the account that another found",
        kinds=("toll_fraud",), accounts=("240",), accounts_taken=("240",),
        calls_answered=(Call(PREMIUM[0]), Call(PREMIUM[1])), campaign="one finds, one calls",
    )  # fmt: skip
    stage.clock.skip(600)
    stolen = account("240")
    lines = [sipp.Line("240", stolen.password, number, "sipcli/v1.8") for number in PREMIUM[:2]]
    bulk = sipp.Bulk("call", "internet", ATTACKER_SECOND, rate=5, talk_ms=2600, sound=True)
    placed = asyncio.create_task(sipp.place(stage.processes, stage.folder, bulk, lines))
    await asyncio.sleep(1.3)
    with stage.clock.stretched(300):
        await asyncio.sleep(1.5)
    await placed


def _at(name: str, about: str, pace: float, *, leaky: bool) -> Scenario:
    return Scenario(
        name, about, partial(_mixed, pace=pace), manners=Manners(leaky=leaky, trunk_404=True),
        begins="2026-10-08T12:00:00+00:00", thinning=Thinning(keep=20, cut=118),
    )  # fmt: skip


SCENARIOS: Final = (
    _at("mixed_fast", "attackers among honest users, as fast as tools go", 1, leaky=True),
    _at("mixed_medium", "the same within minutes", 20, leaky=True),
    _at("mixed_slow", "the same within hours", 200, leaky=True),
)
