"""Floods, and packets whose sender is a lie."""

from collections.abc import Iterator
from random import Random
from typing import Final

from lab import forge, sipp
from lab.addresses import (
    ATTACKER,
    FORGED_NETWORK,
    PBX,
    TRUNK,
    TRUNK_INBOUND,
)  # fmt: skip
from lab.labels import Call
from lab.scenarios.office import a_few_calls, open_office
from lab.stage import Scenario, Stage

_FLOOD: Final = 1500
_FORGED: Final = 1500


async def _invites(stage: Stage) -> None:
    await _invite_flood(stage, _FLOOD)


async def _invites_short(stage: Stage) -> None:
    """Half a second of the same."""
    await _invite_flood(stage, 200)


async def _invite_flood(stage: Stage, calls: int) -> None:
    stage.declare(ATTACKER, "attacker", "INVITE flood", kinds=("flood",))
    lines = [sipp.Line("100", "", "201", "friendly-scanner")]
    bulk = sipp.Bulk("flood", "internet", ATTACKER, rate=400, calls=calls)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _registers(stage: Stage) -> None:
    """REGISTER without end for one account, no password ever given."""
    stage.declare(ATTACKER, "attacker", "REGISTER flood", kinds=("flood",), accounts=("201",))
    lines = [sipp.Line("201", user_agent="Cisco-CP7960G/8.0")]
    bulk = sipp.Bulk("register", "internet", ATTACKER, rate=350, calls=_FLOOD)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


def _request(method: str, number: int, source: str, rng: Random, to: str, who: str) -> str:
    return (
        f"{method} sip:{to} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {source}:5060;branch=z9hG4bK{rng.randrange(1 << 40):010x}\r\n"
        f"From: <sip:{who}@{PBX}>;tag={rng.randrange(1 << 32):08x}\r\n"
        f"To: <sip:{to}>\r\nCall-ID: {rng.randrange(1 << 60):015x}\r\n"
        f"CSeq: {number} {method}\r\nContact: <sip:{who}@{source}:5060>\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )


def invented(
    rng: Random, count: int = _FORGED, senders: Random | None = None
) -> Iterator[forge.Forgery]:
    """A flood's packets, each from a sender that does not exist (drawn from `senders`)."""
    drawn = senders or rng
    for number in range(1, count + 1):
        source = f"198.{drawn.choice((18, 19))}.{drawn.randrange(256)}.{drawn.randrange(1, 255)}"
        to, who = f"{rng.randrange(201, 260)}@{PBX}", str(rng.randrange(1000, 9999))
        text = _request(rng.choice(("INVITE", "REGISTER")), number, source, rng, to, who)
        yield forge.Forgery(source, rng.randrange(1024, 65535), text, rng.randrange(40, 64))


async def _spoofed(stage: Stage) -> None:
    """Every packet from another sender that does not exist, while the office works."""
    stage.declare(FORGED_NETWORK, "attacker", "invented senders of one flood", kinds=("flood",),
                  campaign="spoofed flood", forged=True)  # fmt: skip
    office = await open_office(stage, 8)
    await forge.send(stage.world, "internet", invented(stage.rng), per_s=600)
    await a_few_calls(stage, office, 3, pause_s=60)


def as_trunk(rng: Random, count: int = 120) -> Iterator[forge.Forgery]:
    """What would get the trunk blocked: a scan, guesses, a flood, all in its name."""
    for number in range(1, count + 1):
        user = str(rng.randrange(190, 260))
        method = ("OPTIONS", "REGISTER", "INVITE")[number % 3]
        to = f"{user}@{PBX}"
        yield forge.Forgery(TRUNK, 5060, _request(method, number, TRUNK, rng, to, user))


async def _trunk_forged(stage: Stage) -> None:
    """Somebody writes the trunk's address into his packets; calls go on over the trunk."""
    stage.declare(TRUNK, "trunk", "the carrier's gateway; somebody forges its address",
                  forged=True)  # fmt: skip
    office = await open_office(stage, 6)
    await a_few_calls(stage, office, 2, pause_s=20)
    await forge.send(stage.world, "internet", as_trunk(stage.rng), per_s=120)
    await a_few_calls(stage, office, 2, pause_s=20)


def _ghost_calls(rng: Random) -> Iterator[forge.Forgery]:
    for number in range(1, 25):
        to = f"{201 + number % 6}@{PBX}"
        text = _request("INVITE", number, TRUNK_INBOUND, rng, to, "12125550100")
        yield forge.Forgery(TRUNK_INBOUND, 5060, text)


async def _spoofed_call(stage: Stage) -> None:
    """Phones ring: a stranger calls in the name of the carrier's inbound gateway."""
    stage.declare(
        TRUNK_INBOUND, "trunk", "calls from outside; a stranger forges its address",
        forged=True, kinds=("spoofed_call",),
    )  # fmt: skip
    office = await open_office(stage, 6)
    for phone in office:
        phone.manner = phone.manner.__class__(status=480, ring_s=0.4)
    await forge.send(stage.world, "internet", _ghost_calls(stage.rng), per_s=8)


async def _inbound(stage: Stage) -> None:
    """The same gateway on an ordinary day: real calls from outside (for comparison)."""
    office = await open_office(stage, 6)
    stage.declare(
        TRUNK_INBOUND, "trunk", "calls from outside",
        calls_answered=tuple(Call(phone.account.user) for phone in office[:4]),
    )  # fmt: skip
    lines = [sipp.Line("12125550100", "", phone.account.user, "Carrier-SBC/7.4")
             for phone in office[:4]]  # fmt: skip
    bulk = sipp.Bulk("inbound", "carrier", TRUNK_INBOUND, port=5060, rate=3, talk_ms=700)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


SCENARIOS: Final = (
    Scenario("flood_invite", "INVITE flood", _invites),
    Scenario("flood_invite_short", "half a second of an INVITE flood", _invites_short,
             example="flood"),
    Scenario("flood_register", "REGISTER flood", _registers),
    Scenario("flood_spoofed", "a flood from invented senders", _spoofed),
    Scenario("forged_trunk", "packets in the trunk's name", _trunk_forged,
             example="forged_trunk"),
    Scenario("spoofed_calls", "calls in the inbound gateway's name", _spoofed_call),
    Scenario("inbound_calls", "real calls from outside", _inbound),
)  # fmt: skip
