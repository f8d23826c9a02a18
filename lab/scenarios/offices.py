"""Innocent crowds: NAT, storms, keep-alives, provisioning, a busy day."""

import asyncio
import os
import signal
from typing import Final

from lab.addresses import (
    BRANCH_PHONES,
    HOME_WORKER6,
    NAT_OFFICE,
    PBX,
    PBX6,
    PROVISIONED,
    TRUNK_INBOUND,
    branch_phone,
)  # fmt: skip
from lab.deskphone import DeskPhone
from lab.endpoint import Where
from lab.kamailio import Manners
from lab.makes import DESK, YEALINK, ZOIPER
from lab.scenarios.office import LAST_SPRING, a_few_calls, open_office, watch_lamps
from lab.stage import Scenario, Stage
from lab.stranger import Stranger

_OLD_PASSWORD_USER: Final = 255


async def _branch(stage: Stage) -> list[DeskPhone]:
    """Forty-one phones behind one NAT address; the last has an old password."""
    users = range(_OLD_PASSWORD_USER - BRANCH_PHONES + 1, _OLD_PASSWORD_USER + 1)
    stage.declare(
        NAT_OFFICE, "innocent", "NAT: forty good phones and one with an old password",
        accounts=tuple(map(str, users)),
        in_trouble=f"old password of {_OLD_PASSWORD_USER}; forty others at this address are well",
    )  # fmt: skip
    return [
        await stage.plug_in(Where("branch", branch_phone(n), 5060), str(user), DESK[n % len(DESK)])
        for n, user in enumerate(users)
    ]


async def _nat(stage: Stage) -> None:
    """A working day behind NAT: everybody registers every half hour, one in vain."""
    phones = await _branch(stage)
    for _ in range(3):
        for phone in phones[:-1]:
            await phone.register()
            stage.clock.skip(stage.rng.uniform(5, 40))
        for _ in range(4):
            await phones[-1].register(password=LAST_SPRING)
            stage.clock.skip(60)
        caller, called = stage.rng.sample(phones[:-1], 2)
        await caller.call(called.account.user, 0.2)


async def _nat_short(stage: Stage) -> None:
    """An hour of the same."""
    phones = await _branch(stage)
    for n, phone in enumerate(phones[:-1]):
        await phone.register()
        if n % 4 == 0:
            await phones[-1].register(password=LAST_SPRING)
        stage.clock.skip(stage.rng.uniform(5, 40))


async def _storm(stage: Stage) -> None:
    """Power is back: every phone of the house registers within two seconds, twice."""
    office = [await stage.phone(n) for n in range(38)]
    for _ in range(2):
        await asyncio.gather(*(_after(stage, phone) for phone in office))
        stage.clock.skip(45)


async def _after(stage: Stage, phone: DeskPhone) -> None:
    await asyncio.sleep(stage.rng.uniform(0, 1.5))
    await phone.register()


async def _outage(stage: Stage) -> None:
    """The server hangs for four seconds: all repeat themselves, then all register."""
    office = await open_office(stage, 16)
    os.killpg(stage.pbx.pid, signal.SIGSTOP)
    try:
        tries = [asyncio.create_task(phone.register()) for phone in office]
        await asyncio.sleep(4)
    finally:
        os.killpg(stage.pbx.pid, signal.SIGCONT)
    await asyncio.gather(*tries)
    await asyncio.gather(*(phone.register() for phone in office))


def qualify(number: int) -> bytes:
    """The carrier's OPTIONS number `number`."""
    return (
        f"OPTIONS sip:{PBX}:5060 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {TRUNK_INBOUND}:5060;branch=z9hG4bKsbc{number:06d}\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:ping@{TRUNK_INBOUND}>;tag=sbc{number}\r\n"
        f"To: <sip:{PBX}>\r\nCall-ID: ping-{number}@{TRUNK_INBOUND}\r\n"
        f"CSeq: {number} OPTIONS\r\nContact: <sip:ping@{TRUNK_INBOUND}:5060>\r\n"
        "User-Agent: Carrier-SBC/7.4\r\nContent-Length: 0\r\n\r\n"
    ).encode()


async def _trunk_options(stage: Stage) -> None:
    """The carrier asks every thirty seconds whether we live, and hears 404."""
    office = await open_office(stage, 6)
    await a_few_calls(stage, office, 2, pause_s=30)
    pings = [qualify(number) for number in range(1, 61)]
    with stage.clock.stretched(600):
        sbc = Stranger(stage.world, "carrier", TRUNK_INBOUND, 5060)
        await sbc.say(pings, pause_s=0.05)
    await a_few_calls(stage, office, 1)


async def _keepalive(stage: Stage) -> None:
    """The server asks its phones with OPTIONS; they answer, for an hour."""
    office = await open_office(stage, 14)
    with stage.clock.stretched(300):
        await asyncio.sleep(6)
    await a_few_calls(stage, office, 1)


async def _provisioning(stage: Stage) -> None:
    """New phones ask for everything: profiles (489), voice mail (403), presence (489)."""
    phones = [await stage.phone(n) for n in range(10)]
    for phone in phones:
        await phone.subscribe("", "ua-profile", "application/url")
        await phone.options()
        await phone.register()
        await phone.subscribe(phone.account.user, "message-summary",
                              "application/simple-message-summary")  # fmt: skip
        await phone.publish()
        await phone.subscribe("299", "presence", "application/pidf+xml")
        stage.clock.skip(20)
    stage.declare(PROVISIONED, "innocent", "unconfigured phone, asks for a profile only")
    fresh = await stage.plug_in(Where("office", PROVISIONED), "2000", YEALINK)
    for _ in range(6):
        await fresh.subscribe("", "ua-profile", "application/url")
        stage.clock.skip(30)


async def _stale_lamps(stage: Stage) -> None:
    """A reception's lamps: thirty colleagues, half of whom left long ago (404)."""
    office = await open_office(stage, 4)
    for round_ in range(2):
        for number in range(30):
            user = str(202 + number % 3) if number % 2 else str(310 + number)
            await office[0].subscribe(user)
        stage.clock.skip(600 if round_ == 0 else 0)


async def _busy_day(stage: Stage) -> None:
    """Dozens of phones: lamps, calls, hold, transfer, wrong numbers, busy, hung up."""
    office = await open_office(stage, 34, tcp_every=6)
    stage.clock.skip(200)
    await watch_lamps(office[:12], 2)
    stage.clock.skip(200)
    await asyncio.gather(
        office[0].call(office[5].account.user, 0.3, hold_s=0.4),
        office[1].call("912125550133", 0.3, hold_s=0.3),
        office[2].call(office[8].account.user, 0.3, transfer_to=office[9].account.user),
    )
    await _ipv6_worker(stage)
    await a_few_calls(stage, office, 18, pause_s=90)


async def _ipv6_worker(stage: Stage) -> None:
    stage.declare(HOME_WORKER6, "innocent", "home worker over IPv6", accounts=("260",))
    where = Where("internet", HOME_WORKER6, 5060, server=PBX6)
    worker = await stage.plug_in(where, "260", ZOIPER)
    await worker.register()
    await worker.options()


SCENARIOS: Final = (
    Scenario("nat_office", "forty good phones and one bad behind one address", _nat),
    Scenario("nat_office_short", "the same for an hour", _nat_short, example="nat_office"),
    Scenario("reboot_storm", "every phone registers at once, twice", _storm,
             manners=Manners(leaky=True), example="reboot_storm"),
    Scenario("outage", "the server hangs, then all come back", _outage),
    Scenario("trunk_options_404", "the carrier's OPTIONS are answered 404", _trunk_options,
             manners=Manners(trunk_404=True), example="trunk_options"),
    Scenario("keepalive", "phones answer the server's OPTIONS", _keepalive,
             manners=Manners(keepalive=True)),
    Scenario("provisioning", "phones ask for what the server does not have", _provisioning),
    Scenario("stale_lamps", "lamps of colleagues who left", _stale_lamps,
             manners=Manners(leaky=True)),
    Scenario("office_day", "a working day of thirty-four phones", _busy_day),
)  # fmt: skip
