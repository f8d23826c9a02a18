"""Calls that somebody else pays."""

import asyncio
import os
import signal
from typing import Final

from lab import sipp, tools
from lab.accounts import account
from lab.addresses import ATTACKER, ATTACKER_MOVED, ATTACKER_SECOND, SPREAD
from lab.endpoint import Where
from lab.kamailio import Manners
from lab.labels import Call
from lab.makes import ZOIPER
from lab.stage import Scenario, Stage, Thinning

_STOLEN: Final = account("240")
_AGENT: Final = "sipcli/v1.8"
# Premium numbers reserved for drama (Ofcom), a network without a country (+882 13).
PREMIUM: Final = tuple(f"9011449098790{n:03d}" for n in (101, 122, 147, 150, 168, 199))
_SATELLITE: Final = "901188213000452"
_LIGHT: Final = Thinning(keep=20, cut=118)


async def expensive_calls(
    stage: Stage, host: str, source: str, numbers: tuple[str, ...], factor: int
) -> None:
    """Calls with the stolen account, some at a time; their talk is written longer."""
    lines = [sipp.Line(_STOLEN.user, _STOLEN.password, number, _AGENT) for number in numbers]
    bulk = sipp.Bulk("call", host, source, rate=10, talk_ms=2600, sound=True)
    placed = asyncio.create_task(sipp.place(stage.processes, stage.folder, bulk, lines))
    await asyncio.sleep(1.2)
    with stage.clock.stretched(factor):
        await asyncio.sleep(1.8)
    await placed
    stage.clock.skip(20)


async def _same_address(stage: Stage) -> None:
    stage.declare(
        ATTACKER, "attacker", "guesses, then calls with what it found",
        kinds=("password_guessing", "toll_fraud"), accounts=("240",), accounts_taken=("240",),
        calls_answered=tuple(Call(number) for number in PREMIUM[:3]),
    )  # fmt: skip
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "240", "2405-2450")
    stage.clock.skip(3600)
    await expensive_calls(stage, "internet", ATTACKER, PREMIUM[:3], 400)


async def _other_address(stage: Stage) -> None:
    stage.declare(
        ATTACKER, "attacker", "guesses the password", kinds=("password_guessing",),
        accounts=("240",), accounts_taken=("240",), campaign="one finds, one calls",
    )  # fmt: skip
    stage.declare(
        ATTACKER_MOVED, "attacker", "calls with the account that another found",
        kinds=("toll_fraud",), accounts=("240",), accounts_taken=("240",),
        calls_answered=tuple(Call(number) for number in (*PREMIUM[3:5], _SATELLITE)),
        campaign="one finds, one calls",
    )  # fmt: skip
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "240", "2405-2450")
    stage.clock.skip(14 * 3600)
    await expensive_calls(stage, "moved", ATTACKER_MOVED, (*PREMIUM[3:5], _SATELLITE), 500)


async def _softphone(stage: Stage) -> None:
    """No guess is in the capture: a stolen password, an ordinary softphone, a far country."""
    stage.declare(
        ATTACKER_SECOND, "attacker", "a softphone with a stolen account, dear numbers at night",
        kinds=("toll_fraud",), accounts=("244",), accounts_taken=("244",),
        calls_answered=tuple(Call(number) for number in PREMIUM),
    )  # fmt: skip
    where = Where("internet", ATTACKER_SECOND, 5062)
    phone = await stage.plug_in(where, "244", ZOIPER)
    await phone.register()
    for number in PREMIUM:
        stage.clock.skip(25)
        talk = asyncio.create_task(phone.call(number, 1.0))
        await asyncio.sleep(0.6)
        with stage.clock.stretched(1200):
            await asyncio.sleep(0.6)
        await talk


# The same number behind one prefix after another, as in the logs of real PBXs.
PREFIXES: Final = (
    "", "0", "00", "000", "+", "011", "9", "90", "900", "9000", "91", "9011", "99011", "8011",
    "0011", "1011", "7011", "100", "2000", "*9011",
)  # fmt: skip
WANTED: Final = "449098790122"


async def _hunt_stranger(stage: Stage) -> None:
    """Without any account: a PBX that lets strangers call is what he looks for."""
    stage.declare(ATTACKER, "attacker", "one number behind twenty prefixes, no account",
                  kinds=("toll_fraud",))  # fmt: skip
    lines = [sipp.Line("100", "", prefix + WANTED, _AGENT) for prefix in PREFIXES * 2]
    bulk = sipp.Bulk("invite", "internet", ATTACKER, rate=5)
    with stage.clock.stretched(40):
        await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _hunt_account(stage: Stage) -> None:
    """With a stolen account: the prefix that goes through is found and used."""
    stage.declare(
        ATTACKER, "attacker", "one number behind many prefixes, stolen account",
        kinds=("toll_fraud",), accounts=("240",), accounts_taken=("240",),
        calls_answered=(Call("9011" + WANTED), Call("+" + WANTED), Call(PREMIUM[5])),
    )  # fmt: skip
    lines = [sipp.Line(_STOLEN.user, _STOLEN.password, prefix + WANTED, _AGENT)
             for prefix in PREFIXES]  # fmt: skip
    bulk = sipp.Bulk("call", "internet", ATTACKER, rate=8, talk_ms=300)
    await sipp.place(stage.processes, stage.folder, bulk, lines)
    stage.clock.skip(60)
    await expensive_calls(stage, "internet", ATTACKER, (PREMIUM[5],), 600)


async def _unanswered(stage: Stage) -> None:
    """What a silent honeypot sees: calls abroad from several machines, nobody answers."""
    sources = SPREAD[:8]
    for source in sources:
        stage.declare(source, "attacker", "calls abroad through a server that says nothing",
                      kinds=("toll_fraud",), campaign="the eight")  # fmt: skip
    lines = [
        sipp.Line("1001", "", f"{prefix}{WANTED}", "pplsip", sources[n % len(sources)])
        for n, prefix in enumerate(PREFIXES * 4)
    ]
    os.killpg(stage.pbx.pid, signal.SIGSTOP)
    try:
        bulk = sipp.Bulk("flood", "internet", rate=20)
        await sipp.place(stage.processes, stage.folder, bulk, lines)
    finally:
        os.killpg(stage.pbx.pid, signal.SIGKILL)  # what has waited must not be answered


_NIGHT: Final = "2026-10-10T23:40:00+00:00"
SCENARIOS: Final = (
    Scenario("toll_same_address", "found and used from one address", _same_address,
             begins=_NIGHT, thinning=_LIGHT),
    Scenario("toll_other_address", "found from one address, used from another", _other_address,
             begins=_NIGHT, thinning=_LIGHT, example="toll_fraud"),
    Scenario("toll_softphone", "a stolen account in a softphone", _softphone,
             begins=_NIGHT, thinning=_LIGHT, manners=Manners(forbids=True)),
    Scenario("toll_prefix_hunt", "prefix hunting by a stranger", _hunt_stranger, begins=_NIGHT,
             example="prefix_hunting"),
    Scenario("toll_unanswered", "calls abroad that a silent host receives", _unanswered,
             begins=_NIGHT, gaps=(0.03, 4000)),
    Scenario("toll_prefix_hunt_account", "prefix hunting with a stolen account", _hunt_account,
             begins=_NIGHT, thinning=_LIGHT),
)  # fmt: skip
