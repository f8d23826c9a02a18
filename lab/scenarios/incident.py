"""The example that ships: one night of an office from the first probe to the bill."""

import asyncio
from typing import Final

from lab import baresip, sipp, tools
from lab.accounts import account
from lab.addresses import ATTACKER, ATTACKER_SECOND, office_phone
from lab.deskphone import DeskPhone
from lab.kamailio import Manners
from lab.labels import Call
from lab.scenarios.office import a_few_calls, open_office, watch_lamps
from lab.stage import Scenario, Stage, Thinning

_STOLEN: Final = account("240")
# Premium numbers reserved for drama (Ofcom) and a network without a country (+882 13).
_PREMIUM: Final = ("9011449098790115", "9011449098790162", "901188213000411")
_NOT_THROUGH: Final = ("00449098790115", "000449098790115", "011449098790115", "449098790115")
_CAMPAIGN: Final = "night of 3 October"


async def _night(stage: Stage) -> None:
    clock, processes = stage.clock, stage.processes
    office = await open_office(stage, 12, tcp_every=5)
    clock.skip(240)
    await watch_lamps(office[:4], 1)
    await a_few_calls(stage, office, 6, pause_s=410)
    clock.skip(2 * 3600)
    trouble = await _bad_pin(stage)
    clock.skip(1.5 * 3600)
    await _attack(stage, office)
    await processes.stop(trouble)
    clock.skip(2.5 * 3600)
    await asyncio.gather(*(phone.register() for phone in office[:6]))
    await a_few_calls(stage, office, 2, pause_s=300)


async def _bad_pin(stage: Stage) -> asyncio.subprocess.Process:
    """A colleague mistyped the password of his softphone before he went home."""
    address = office_phone(30)
    stage.declare(
        address, "innocent", "softphone with a bad PIN", accounts=("231",),
        in_trouble="bad PIN: wrong password for its own account, again and again",
    )  # fmt: skip
    phone = baresip.Softphone("office", address, "231", "1234")
    running = await baresip.start(stage.processes, stage.folder, phone, faster=30)
    await asyncio.sleep(1.0)
    return running


async def _attack(stage: Stage, office: list[DeskPhone]) -> None:
    clock, processes, folder = stage.clock, stage.processes, stage.folder
    stage.declare(
        ATTACKER, "attacker", "SIPVicious, then SIPp with the account it found",
        kinds=("scan", "enumeration", "password_guessing", "toll_fraud"),
        accounts=("240",), accounts_taken=("240",), campaign=_CAMPAIGN,
        calls_answered=tuple(Call(number) for number in _PREMIUM[:2]),
    )  # fmt: skip
    await tools.svmap(processes, folder, ATTACKER)
    clock.skip(40)
    await tools.svwar(processes, folder, ATTACKER, "195-218,238-243")
    clock.skip(95)
    await tools.svcrack(processes, folder, ATTACKER, "240", "2400-2500")
    clock.skip(700)
    await asyncio.gather(*(phone.register() for phone in office))
    clock.skip(800)
    await _toll(stage)


async def _toll(stage: Stage) -> None:
    """Prefixes are tried until one goes through; then the calls that cost."""
    hunted = [_line(number) for number in _NOT_THROUGH]
    bulk = sipp.Bulk("call", "internet", ATTACKER, rate=2, talk_ms=100)
    await sipp.place(stage.processes, stage.folder, bulk, hunted)
    stage.clock.skip(30)
    for number, factor in zip(_PREMIUM[:2], (240, 170), strict=True):
        await _expensive(stage, number, ATTACKER, factor)
    stage.clock.skip(900)
    stage.declare(
        ATTACKER_SECOND, "attacker", "the same hand from another address",
        kinds=("toll_fraud",), accounts=("240",), accounts_taken=("240",),
        calls_answered=(Call(_PREMIUM[2]),), campaign=_CAMPAIGN,
    )  # fmt: skip
    await _expensive(stage, _PREMIUM[2], ATTACKER_SECOND, 300)


async def _expensive(stage: Stage, number: str, source: str, factor: int) -> None:
    """One answered call; two seconds of its talk are written `factor` times as long."""
    bulk = sipp.Bulk("call", "internet", source, talk_ms=2600, sound=True)
    placed = asyncio.create_task(sipp.place(stage.processes, stage.folder, bulk, [_line(number)]))
    await asyncio.sleep(1.0)
    with stage.clock.stretched(factor):
        await asyncio.sleep(2.0)
    await placed
    stage.clock.skip(20)


def _line(number: str) -> sipp.Line:
    return sipp.Line(_STOLEN.user, _STOLEN.password, number, "sipcli/v1.8")


SCENARIOS: Final = (
    Scenario(
        "incident",
        "A night: office traffic, a user with a bad PIN, scan, enumeration, guessing that "
        "succeeds, prefix hunting, answered toll calls, and the attacker on a second address",
        _night,
        begins="2026-10-02T19:05:00+00:00",
        manners=Manners(leaky=True),
        thinning=Thinning(keep=20, cut=118),
        example="attack",
    ),
)
