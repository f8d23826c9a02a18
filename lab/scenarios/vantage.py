"""The same things seen from elsewhere: at the router, before it, on the phones' side."""

from typing import Final

from lab import tools
from lab.addresses import ATTACKER, PBX
from lab.deskphone import Manner
from lab.kamailio import Manners
from lab.scenarios.office import a_few_calls, open_office
from lab.stage import Scenario, Stage, Thinning
from lab.stranger import Stranger


async def _sweep(stage: Stage) -> None:
    """A svmap over the whole office network, then the names of the server it found."""
    stage.declare(ATTACKER, "attacker", "svmap over a network, then svwar",
                  kinds=("scan", "enumeration"))  # fmt: skip
    office = await open_office(stage, 6)
    await tools.sipvicious(
        stage.processes, stage.folder, "svmap", ["192.0.2.0/27"], source=ATTACKER
    )
    await tools.svwar(stage.processes, stage.folder, ATTACKER, "195-225")
    await a_few_calls(stage, office, 2, pause_s=10)


async def _guess(stage: Stage) -> None:
    """Guessing while the office works, seen on the line to the Internet."""
    stage.declare(ATTACKER, "attacker", "svcrack", kinds=("password_guessing",),
                  accounts=("210",))  # fmt: skip
    await open_office(stage, 6, label=False)  # not seen from there
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "210", "1000-1040")


def _vishing(number: int, target: str) -> bytes:
    return (
        f"INVITE sip:{201 + number}@{target}:5060 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {ATTACKER}:5065;branch=z9hG4bK77{number:06d}\r\n"
        f'From: "IT Helpdesk" <sip:200@{PBX}>;tag=7700{number}\r\n'
        f"To: <sip:{201 + number}@{target}>\r\nCall-ID: 77{number}@{ATTACKER}\r\n"
        f"CSeq: 1 INVITE\r\nContact: <sip:200@{ATTACKER}:5065>\r\nMax-Forwards: 70\r\n"
        "User-Agent: Metasploit\r\nContent-Length: 0\r\n\r\n"
    ).encode()


async def _past_the_server(stage: Stage) -> None:
    """Phones are called directly, in the helpdesk's name: the server never hears of it."""
    stage.declare(ATTACKER, "attacker", "calls phones directly in the helpdesk's name",
                  kinds=("spoofed_call",))  # fmt: skip
    office = await open_office(stage, 8)
    stranger = Stranger(stage.world, "internet", ATTACKER)
    for number, phone in enumerate(office):
        phone.manner = Manner(status=480, ring_s=0.1)
        text = [_vishing(number, phone.where.address)]
        await stranger.say(text, pause_s=0.25, target=phone.where.address)


SCENARIOS: Final = (
    Scenario("vantage_router", "on all ports of the router: every packet several times",
             _sweep, vantage=("router", "any"), manners=Manners(leaky=True),
             thinning=Thinning(keep=1)),
    Scenario("vantage_mirror", "a mirror of the office's side", _sweep,
             vantage=("router", "br-office"), manners=Manners(leaky=True)),
    Scenario("vantage_line", "on the line to the Internet", _guess,
             vantage=("router", "br-internet")),
    Scenario("vantage_past_the_server", "direct calls to phones, seen by the router",
             _past_the_server, vantage=("router", "br-office")),
)  # fmt: skip
