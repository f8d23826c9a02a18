"""Innocent machines that call or register in bulk."""

from typing import Final

from lab import sipp
from lab.accounts import ACCOUNTS, account
from lab.addresses import DIALLER, LOAD_TESTER
from lab.labels import Call
from lab.scenarios.office import ABROAD_NUMBERS, open_office
from lab.stage import Scenario, Stage, Thinning

_AGENT: Final = "VICIdial/2.14"
# What a campaign's list gives: mostly people, some dead numbers, some busy.
_ENDINGS: Final = ("0000", "0486", "0503")


def _campaign(calls: int) -> list[str]:
    numbers = []
    for n in range(calls):
        ending = _ENDINGS[n % 3] if n % 4 == 3 else f"01{n % 100:02d}"
        numbers.append(f"91212555{ending}" if n % 2 else f"91646555{ending}")
    return numbers


async def _dialler(stage: Stage) -> None:
    """A call centre's dialler: ten calls a second to a list of numbers, own account."""
    numbers = _campaign(120)
    stage.declare(
        DIALLER, "innocent", "call centre dialler", accounts=("270",),
        calls_answered=tuple(Call(n) for n in numbers if n[-4:] not in _ENDINGS),
    )  # fmt: skip
    await open_office(stage, 4)
    own = account("270")
    registration = sipp.Bulk("guess", "office", DIALLER)
    await sipp.place(
        stage.processes, stage.folder, registration, [sipp.Line("270", own.password, "", _AGENT)]
    )
    lines = [sipp.Line("270", own.password, number, _AGENT) for number in numbers]
    bulk = sipp.Bulk("call", "office", DIALLER, rate=12, talk_ms=800)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _sales(stage: Stage) -> None:
    """Sales calls customers abroad all afternoon; one number is dialled wrongly first."""
    office = await open_office(stage, 5)
    for number in ABROAD_NUMBERS[:14]:
        if stage.rng.random() < 0.2:
            await office[2].call(number[4:])  # forgot the prefix: 404
        await office[2].call(number, 0.2)
        stage.clock.skip(stage.rng.uniform(60, 600))


async def _load_test(stage: Stage) -> None:
    """A known host of the house: hundreds of right registrations and calls a minute."""
    stage.declare(
        LOAD_TESTER, "innocent", "load test with SIPp, right passwords",
        accounts=tuple(a.user for a in ACCOUNTS[:60]),
    )  # fmt: skip
    right = [sipp.Line(a.user, a.password, "", "sipp") for a in ACCOUNTS[:60]]
    bulk = sipp.Bulk("guess", "office", LOAD_TESTER, rate=100, calls=600)
    await sipp.place(stage.processes, stage.folder, bulk, right)
    calls = [sipp.Line(a.user, a.password, f"91212555{n:04d}", "sipp")
             for n, a in enumerate(ACCOUNTS[:60], start=100)]  # fmt: skip
    calling = sipp.Bulk("call", "office", LOAD_TESTER, rate=40, talk_ms=200, calls=120)
    await sipp.place(stage.processes, stage.folder, calling, calls)


async def _options_load(stage: Stage) -> None:
    """The same host only asks whether the server lives, a hundred times a second."""
    stage.declare(LOAD_TESTER, "innocent", "load test with OPTIONS")
    await open_office(stage, 4)
    lines = [sipp.Line("ping", user_agent="sipp")]
    bulk = sipp.Bulk("options", "office", LOAD_TESTER, rate=100, calls=400)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


SCENARIOS: Final = (
    Scenario("dialler", "a dialler's burst", _dialler, thinning=Thinning(keep=50, cut=118)),
    Scenario(
        "sales_abroad",
        "fourteen calls abroad by one honest user",
        _sales,
        begins="2026-10-05T13:00:00+00:00",
    ),
    Scenario("load_test", "a load test with right passwords", _load_test),
    Scenario("load_test_options", "a load test with OPTIONS", _options_load),
)
