"""The attacks that protectors are tried on: real tools and SIPp, each from a stranger's address."""

from typing import Final

from lab import forge, sipp, tools
from lab.accounts import account
from lab.addresses import (
    ATTACKER,
    ATTACKER_MOVED,
    ATTACKER_SECOND,
    FORGED_NETWORK,
)  # fmt: skip
from lab.guard.protectors import HEP, LOGS
from lab.guard.scene import Goal, Scene
from lab.guard.users import Users
from lab.kamailio import Manners
from lab.scenarios.floods import invented
from lab.scenarios.toll import PREFIXES, WANTED
from lab.stage import Stage

# What Intuitive Labs' honeynet sees: 100 to 150 attempts a second.
ATTEMPTS_S: Final = 150
_ATTEMPTS: Final = 1500
_LEAKY: Final = Manners(leaky=True)
_ANY: Final = Goal(admitted=None)
# A log proves no UDP address, so the guesser is slowed down: 20 requests, then 5 a second.
_UNPROVEN: Final = Goal(refused=50)
_POLYCOM: Final = "PolycomSoundPointIP-SPIP_331-UA/3.3.1"


async def _scan(stage: Stage, _: Users) -> None:
    for _round in range(6):
        await tools.svmap(stage.processes, stage.folder, ATTACKER)


async def _sweep(stage: Stage, _: Users) -> None:
    lines = [sipp.Line(str(user), user_agent="VaxSIPUserAgent/3.5") for user in range(180, 480)]
    bulk = sipp.Bulk("options", "internet", ATTACKER, rate=60)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _svwar(stage: Stage, _: Users) -> None:
    await tools.svwar(stage.processes, stage.folder, ATTACKER, "150-400")


async def _names(stage: Stage, _: Users) -> None:
    lines = [sipp.Line(str(user), user_agent="eyeBeam release 3006o") for user in range(100, 500)]
    bulk = sipp.Bulk("register", "internet", ATTACKER, rate=50)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _svcrack(stage: Stage, _: Users) -> None:
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "210", "1000-1600", within_s=12.0)


async def guess(stage: Stage, transport: str, rate: float, attempts: int = _ATTEMPTS) -> None:
    """Guesses without a tool's mark: a call each, challenged and answered."""
    lines = [sipp.Line("214", f"{1000 + n}", user_agent=_POLYCOM) for n in range(attempts)]
    bulk = sipp.Bulk("guess", "internet", ATTACKER, rate=rate, transport=transport, within_s=25.0)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def fast(stage: Stage, _: Users) -> None:
    """150 attempts a second from one stranger, for ten seconds."""
    await guess(stage, "u1", ATTEMPTS_S)


async def _tcp(stage: Stage, _: Users) -> None:
    await guess(stage, "t1", 50, 500)


async def _moves(stage: Stage, _: Users) -> None:
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "250", "1000-1200", within_s=4.0)
    await tools.svcrack(
        stage.processes, stage.folder, ATTACKER_MOVED, "250", "1201-1600", host="moved",
        within_s=4.0,
    )  # fmt: skip


async def _flood(stage: Stage, _: Users) -> None:
    lines = [sipp.Line("100", "", "201", "friendly-scanner")]
    bulk = sipp.Bulk("flood", "internet", ATTACKER, rate=400, calls=2400)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _register_flood(stage: Stage, _: Users) -> None:
    lines = [sipp.Line("201", user_agent="Cisco-CP7960G/8.0")]
    bulk = sipp.Bulk("register", "internet", ATTACKER, rate=350, calls=2100)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _invented(stage: Stage, _: Users) -> None:
    await forge.send(stage.world, "internet", invented(stage.rng, 3000), per_s=600)


async def _hunt(stage: Stage, _: Users) -> None:
    lines = [sipp.Line("100", "", prefix + WANTED, "sipcli/v1.8") for prefix in PREFIXES * 3]
    bulk = sipp.Bulk("invite", "internet", ATTACKER, rate=8)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _stolen(stage: Stage, _: Users) -> None:
    """The password is known already: twenty prefixes, then calls abroad that go through."""
    thief = account("240")
    lines = [sipp.Line(thief.user, thief.password, prefix + WANTED, "sipcli/v1.8")
             for prefix in PREFIXES * 2]  # fmt: skip
    bulk = sipp.Bulk("call", "internet", ATTACKER_SECOND, rate=6, talk_ms=300)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


ATTACKS: Final = (
    Scene("scan", "svmap, six times", _scan, (ATTACKER,)),
    Scene("sweep", "OPTIONS to 300 names, 60/s", _sweep, (ATTACKER,), manners=_LEAKY),
    Scene("svwar", "names by svwar", _svwar, (ATTACKER,), manners=_LEAKY),
    Scene("names", "names by REGISTER, no tool's mark, 50/s", _names, (ATTACKER,)),
    Scene("svcrack", "passwords by svcrack", _svcrack, (ATTACKER,)),
    Scene("guessing", f"{ATTEMPTS_S} passwords/s, no tool's mark", fast, (ATTACKER,)),
    Scene("guessing_tcp", "50 passwords/s over TCP", _tcp, (ATTACKER,)),
    Scene("guessing_hep", "the first again; the guard has HEP alone", fast, (ATTACKER,),
          hears=HEP),
    Scene("guessing_logs", "the first again; the guard has a log alone", fast, (ATTACKER,),
          goal=_UNPROVEN, hears=LOGS),
    Scene("moves", "svcrack, then from another address", _moves, (ATTACKER, ATTACKER_MOVED)),
    Scene("flood", "INVITE, 400/s", _flood, (ATTACKER,)),
    Scene("flood_register", "REGISTER, 350/s", _register_flood, (ATTACKER,)),
    Scene("flood_invented", "600/s, each from an invented sender", _invented, (FORGED_NETWORK,),
          goal=_ANY),
    Scene("toll_hunt", "a number behind twenty prefixes, no account", _hunt, (ATTACKER,)),
    Scene("toll_stolen", "the same with a stolen account", _stolen, (ATTACKER_SECOND,)),
)  # fmt: skip
