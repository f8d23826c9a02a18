"""A working office: what every scenario can have going on around it."""

import asyncio
from collections.abc import Sequence
from typing import Final

from lab.deskphone import DeskPhone, Manner
from lab.stage import Stage

# What a phone still says after everybody else was given a new one.
LAST_SPRING: Final = "spring-2025"
# Numbers that regulators keep free for films and examples.
LOCAL_NUMBERS: Final = tuple(f"9121255501{n:02d}" for n in range(10, 60))
ABROAD_NUMBERS: Final = tuple(f"9011442079460{n:03d}" for n in range(100, 140))


async def open_office(
    stage: Stage, phones: int, *, tcp_every: int = 0, label: bool = True
) -> list[DeskPhone]:
    """`phones` desk phones of several makes plugged in and registered."""
    office = [
        await stage.phone(n, tcp=bool(tcp_every) and n % tcp_every == tcp_every - 1, label=label)
        for n in range(phones)
    ]
    for group in _in_groups(office, 6):
        await asyncio.gather(*(phone.register() for phone in group))
    return office


def _in_groups(phones: Sequence[DeskPhone], size: int) -> list[Sequence[DeskPhone]]:
    return [phones[n : n + size] for n in range(0, len(phones), size)]


async def watch_lamps(office: Sequence[DeskPhone], each: int) -> None:
    """Every phone watches the lamps of the next `each` colleagues."""
    for n, phone in enumerate(office):
        for step in range(1, each + 1):
            await phone.subscribe(office[(n + step) % len(office)].account.user)


async def a_few_calls(
    stage: Stage, office: Sequence[DeskPhone], calls: int, *, pause_s: float = 0.0
) -> None:
    """Ordinary calls: inside, outside, a wrong number, a busy colleague, one hung up."""
    rng = stage.rng
    for n in range(calls):
        caller, called = rng.sample(list(office), 2)
        match n % 6:
            case 0:
                await caller.call(called.account.user, 0.2)
            case 1:
                await caller.call(rng.choice(LOCAL_NUMBERS), 0.3)
            case 2:
                called.manner = Manner(status=486)
                await caller.call(called.account.user)
                called.manner = Manner()
            case 3:
                await caller.call(str(rng.randrange(600, 700)))
            case 4:
                called.manner = Manner(ring_s=2.0)
                await caller.call(called.account.user, cancel_after_s=0.4)
                called.manner = Manner()
            case _:
                await caller.call(rng.choice(ABROAD_NUMBERS), 0.3)
        stage.clock.skip(pause_s * rng.uniform(0.5, 1.5))
