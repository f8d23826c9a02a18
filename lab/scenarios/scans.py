"""Somebody looks for servers and for the names of users."""

from collections.abc import Sequence
from typing import Final

from lab import sipp, tools
from lab.addresses import ATTACKER, ATTACKER6, ATTACKER_SECOND, LOAD_TESTER, PBX, PBX6
from lab.kamailio import Manners
from lab.stage import Scenario, Stage

_LEAKY: Final = Manners(leaky=True)
_YEALINK: Final = "Yealink SIP-T46S 66.86.0.15"


def _seeker(stage: Stage, what: str, *kinds: str, address: str = ATTACKER) -> None:
    stage.declare(address, "attacker", what, kinds=kinds)


async def _svmap(stage: Stage) -> None:
    _seeker(stage, "svmap", "scan")
    await tools.svmap(stage.processes, stage.folder, ATTACKER)


async def _svmap_disguised(stage: Stage) -> None:
    """Twelve visits over two days under a desk phone's name."""
    _seeker(stage, "svmap that calls itself a Yealink phone", "scan")
    for _ in range(3):
        await tools.sipvicious(
            stage.processes, stage.folder, "svmap", [PBX],
            source=ATTACKER, user_agent=_YEALINK,
        )  # fmt: skip
        stage.clock.skip(7 * 3600)


async def _nmap(stage: Stage) -> None:
    _seeker(stage, "nmap's SIP scripts", "scan", "enumeration")
    command = [
        "nmap",
        "-n",
        "-Pn",
        "-sU",
        "-p",
        "5060",
        "-S",
        ATTACKER,
        "-e",
        "eth0",
        "--script",
        "sip-methods,sip-enum-users",
        "--script-args",
        "sip-enum-users.minext=195,sip-enum-users.maxext=215",
        PBX,
    ]
    await stage.processes.run("internet", "nmap", command, within_s=20)  # fmt: skip


async def _options_sweep(stage: Stage) -> None:
    """OPTIONS to one name after another, as some tools look for users."""
    _seeker(stage, "OPTIONS to many names", "scan", "enumeration")
    lines = [sipp.Line(str(user), user_agent="VaxSIPUserAgent/3.5") for user in range(180, 240)]
    bulk = sipp.Bulk("options", "internet", ATTACKER, rate=40)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _svwar(stage: Stage) -> None:
    _seeker(stage, "svwar with REGISTER", "enumeration")
    await tools.svwar(stage.processes, stage.folder, ATTACKER, "170-300")


async def _svwar_invite(stage: Stage) -> None:
    _seeker(stage, "svwar with INVITE", "enumeration")
    await tools.svwar(stage.processes, stage.folder, ATTACKER, "150-215", "-m", "INVITE")


async def _svwar_disguised(stage: Stage) -> None:
    _seeker(stage, "svwar that calls itself a Yealink phone", "enumeration")
    await tools.sipvicious(
        stage.processes, stage.folder, "svwar", ["--force", "-e", "170-230", PBX],
        source=ATTACKER, user_agent=_YEALINK,
    )  # fmt: skip


async def _strict_register(stage: Stage) -> None:
    """A server that answers alike: the seeker asks on, and hears 401 each time."""
    _seeker(stage, "REGISTER for many names", "enumeration")
    bulk = sipp.Bulk("register", "internet", ATTACKER, rate=25)
    await sipp.place(stage.processes, stage.folder, bulk, _names(range(100, 180)))


async def _strict_invite(stage: Stage) -> None:
    _seeker(stage, "INVITE to many names", "enumeration")
    lines = [sipp.Line("100", "", str(user), "eyeBeam release 3006o") for user in range(190, 240)]
    bulk = sipp.Bulk("invite", "internet", ATTACKER, rate=25)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _enumeration_tcp(stage: Stage) -> None:
    _seeker(stage, "REGISTER for many names over TCP", "enumeration")
    bulk = sipp.Bulk("register", "internet", ATTACKER, rate=25, transport="t1")
    await sipp.place(stage.processes, stage.folder, bulk, _names(range(190, 240)))


async def _enumeration_ipv6(stage: Stage) -> None:
    _seeker(stage, "REGISTER for many names over IPv6", "enumeration", address=ATTACKER6)
    bulk = sipp.Bulk("register", "internet", ATTACKER6, rate=25, server=PBX6)
    await sipp.place(stage.processes, stage.folder, bulk, _names(range(190, 240)))


async def _enumeration_slow(stage: Stage) -> None:
    """One name every ten minutes, all night."""
    _seeker(stage, "one name every ten minutes", "enumeration", address=ATTACKER_SECOND)
    bulk = sipp.Bulk("register", "internet", ATTACKER_SECOND, rate=20)
    await sipp.place(stage.processes, stage.folder, bulk, _names(range(198, 250)))


async def _monitoring(stage: Stage) -> None:
    """Not an attack: the operator's own monitoring asks every minute."""
    stage.declare(LOAD_TESTER, "innocent", "monitoring with sipsak, every minute")
    command = ["sipsak", "-H", LOAD_TESTER, "-l", "5090", "-s", f"sip:{PBX}:5060"]
    for _ in range(15):
        await stage.processes.run("office", "sipsak", command, within_s=3)
        stage.clock.skip(59)


def _names(numbers: range) -> Sequence[sipp.Line]:
    return [sipp.Line(str(number), user_agent="MicroSIP/3.19.22") for number in numbers]


SCENARIOS: Final = (
    Scenario("scan_svmap", "OPTIONS scan of the network", _svmap, example="scan"),
    Scenario("scan_svmap_disguised", "OPTIONS scan, another User-Agent, over a day",
             _svmap_disguised, manners=_LEAKY),
    Scenario("scan_nmap", "nmap with its SIP scripts", _nmap, manners=_LEAKY),
    Scenario("scan_options_names", "OPTIONS to sixty names; the server leaks",
             _options_sweep, manners=_LEAKY),
    Scenario("enumeration_leaky", "svwar, REGISTER; the server leaks 404", _svwar,
             manners=_LEAKY, example="enumeration"),
    Scenario("enumeration_leaky_invite", "svwar, INVITE; the server leaks 404", _svwar_invite,
             manners=_LEAKY),
    Scenario("enumeration_disguised", "svwar with a phone's User-Agent", _svwar_disguised,
             manners=_LEAKY),
    Scenario("enumeration_strict", "REGISTER for names; the server answers alike",
             _strict_register),
    Scenario("enumeration_strict_invite", "INVITE to names; the server answers alike",
             _strict_invite),
    Scenario("enumeration_tcp", "REGISTER for names over TCP", _enumeration_tcp, manners=_LEAKY),
    Scenario("enumeration_ipv6", "REGISTER for names over IPv6", _enumeration_ipv6),
    Scenario("enumeration_slow", "one name every ten minutes, all night", _enumeration_slow,
             gaps=(0.03, 13_000),
             begins="2026-10-06T20:00:00+00:00"),
    Scenario("monitoring", "the operator's own OPTIONS, every minute", _monitoring),
)  # fmt: skip
