"""Honest users in trouble: what an operator should help, not block."""

import asyncio
from typing import Final

from lab import baresip
from lab.accounts import account
from lab.addresses import HOME_WORKER, HOME_WORKERS, LOAD_TESTER, PROVISIONED, office_phone
from lab.deskphone import DeskPhone
from lab.endpoint import Where
from lab.kamailio import Manners
from lab.makes import CISCO_SPA, GRANDSTREAM, MICROSIP, SNOM, YEALINK, ZOIPER
from lab.scenarios.office import LAST_SPRING, open_office
from lab.stage import Scenario, Stage

_NIGHT: Final = "2026-10-07T17:55:00+00:00"
# baresip's clock in the lab; its pauses (half a minute and more) are written as long again.
_FASTER: Final = 1600
_PAUSES: Final = (0.006, float(_FASTER))
_PIN: Final = "bad PIN: wrong password for its own account, again and again"


async def _baresip_night(stage: Stage) -> None:
    """As baresip is: sixteen tries in milliseconds, then pauses up to half an hour."""
    stage.declare(HOME_WORKER, "innocent", "softphone with a bad PIN, all night",
                  accounts=("232",), in_trouble=_PIN)  # fmt: skip
    phone = baresip.Softphone("homes", HOME_WORKER, "232", "4711")
    running = await baresip.start(stage.processes, stage.folder, phone, faster=_FASTER)
    await asyncio.sleep(22)
    await stage.processes.stop(running)


async def _baresip_tcp(stage: Stage) -> None:
    """The same on a connection: tries are answered on it, and it is opened again."""
    stage.declare(HOME_WORKER, "innocent", "softphone with a bad PIN, over TCP",
                  accounts=("237",), in_trouble=_PIN)  # fmt: skip
    phone = baresip.Softphone("homes", HOME_WORKER, "237", "4711", transport="tcp")
    running = await baresip.start(stage.processes, stage.folder, phone, faster=200)
    with stage.clock.stretched(200):
        await asyncio.sleep(8)
        await stage.processes.stop(running)


async def _desk_phones_night(stage: Stage) -> None:
    """Three desk phones with a mistyped password, each with its maker's patience."""
    patience = ((31, YEALINK, 60.0), (32, GRANDSTREAM, 20.0), (33, CISCO_SPA, 30.0))
    for number, make, _ in patience:
        stage.declare(
            office_phone(number), "innocent", f"desk phone with a bad PIN ({make.name})",
            accounts=(str(201 + number),), in_trouble=_PIN,
        )  # fmt: skip

    async def insist(number: int, phone: DeskPhone, pause_s: float) -> None:
        for _ in range(45):
            await phone.register(password="0000" if number != 32 else "wrong-pass")
            await asyncio.sleep(pause_s / 600)

    phones = [
        (number, await stage.plug_in(Where("office", office_phone(number)), str(201 + number),
                                     make), pause_s)
        for number, make, pause_s in patience
    ]  # fmt: skip
    with stage.clock.stretched(600):
        await asyncio.gather(*(insist(*one) for one in phones))


async def _wrong_user(stage: Stage) -> None:
    """An extension that was deleted: its phone asks for it all day."""
    stage.declare(
        PROVISIONED, "innocent", "phone of an extension that does not exist",
        accounts=("2177",), in_trouble="wrong user: the account does not exist on this server",
    )  # fmt: skip
    phone = await stage.plug_in(Where("office", PROVISIONED), "2177", SNOM)
    for _ in range(40):
        await phone.register()
        stage.clock.skip(stage.rng.uniform(295, 310))


async def _wrong_auth_name(stage: Stage) -> None:
    """Right password, but the display name typed where the user name belongs."""
    stage.declare(
        HOME_WORKERS[1], "innocent", "softphone with the wrong user name",
        accounts=("233", "9233"), in_trouble="wrong user: asks as a user that does not exist",
    )  # fmt: skip
    phone = await stage.plug_in(Where("homes", HOME_WORKERS[1]), "9233", MICROSIP)
    for _ in range(12):
        await phone.register(password=account("233").password)
        stage.clock.skip(300)
    right = await stage.plug_in(Where("homes", HOME_WORKERS[1], 5062), "233", MICROSIP)
    await right.register()


async def _corrected(stage: Stage) -> None:
    """Three times wrong, then right, then a call: the commonest story of all."""
    stage.declare(HOME_WORKERS[2], "innocent", "mistyped three times, then right",
                  accounts=("234",))  # fmt: skip
    phone = await stage.plug_in(Where("homes", HOME_WORKERS[2]), "234", ZOIPER)
    for password in ("sumer2026", "Sumer2026", "summer2026"):
        await phone.register(password=password)
        stage.clock.skip(25)
    await phone.register()
    await phone.call("912125550147", 0.4)


async def _unpaid_lines(stage: Stage) -> None:
    """A phone that calls with an old password: every call is refused, it redials."""
    stage.declare(
        office_phone(20), "innocent", "registered, but calls with an old password",
        accounts=("221",), in_trouble="old password on calls: registers, but cannot call",
    )  # fmt: skip
    phone = await stage.plug_in(Where("office", office_phone(20)), "221", YEALINK)
    await phone.register()
    for _ in range(8):
        await phone.call("912125550131", password=LAST_SPRING)
        stage.clock.skip(stage.rng.uniform(4, 40))


async def _unanswered(stage: Stage) -> None:
    """A phone set to the wrong port: it asks and asks, and nobody is there."""
    stage.declare(
        LOAD_TESTER, "innocent", "phone set to the wrong port",
        accounts=("245",), in_trouble="unanswered: asks a port where nobody listens",
    )  # fmt: skip
    await open_office(stage, 3)
    command = ["sipsak", "-U", "-C", f"sip:245@{LOAD_TESTER}", "-s", "sip:245@192.0.2.10:5070",
               "-H", LOAD_TESTER]  # fmt: skip
    for _ in range(4):
        await stage.processes.run("office", "sipsak", command, within_s=1.5)
        stage.clock.skip(120)


async def _roaming(stage: Stage) -> None:
    """A home worker whose address changes with every train he takes; always right."""
    for n, address in enumerate(HOME_WORKERS):
        stage.declare(address, "innocent", "one user on changing addresses", accounts=("236",),
                      campaign="one traveller")  # fmt: skip
        where = Where("homes", address, 5060 + 2 * n)
        phone = await stage.plug_in(where, "236", ZOIPER)
        await phone.register(expires_s=600)
        await phone.call("201" if n % 2 else "912125550118", 0.2)
        stage.clock.skip(2400)


SCENARIOS: Final = (
    Scenario("bad_pin_night", "baresip with a bad PIN for a night", _baresip_night,
             begins=_NIGHT, gaps=_PAUSES),
    Scenario("bad_pin_night_403", "the same; the server says 403", _baresip_night,
             begins=_NIGHT, gaps=_PAUSES, manners=Manners(forbids=True),
             example="bad_pin"),
    Scenario("bad_pin_tcp", "baresip with a bad PIN over TCP", _baresip_tcp, begins=_NIGHT),
    Scenario("bad_pin_desk_phones", "three desk phones with bad PINs", _desk_phones_night,
             begins=_NIGHT),
    Scenario("wrong_user", "a deleted extension; the server says 404", _wrong_user,
             begins=_NIGHT, manners=Manners(leaky=True), example="wrong_user"),
    Scenario("wrong_user_strict", "a deleted extension; the server asks again", _wrong_user,
             begins=_NIGHT),
    Scenario("wrong_auth_name", "the wrong user name, then the right one", _wrong_auth_name),
    Scenario("bad_pin_corrected", "mistyped three times, then right", _corrected),
    Scenario("old_password_on_calls", "registers, but cannot call", _unpaid_lines),
    Scenario("unanswered", "a phone that nobody answers", _unanswered),
    Scenario("roaming", "one user on changing addresses", _roaming),
)  # fmt: skip
