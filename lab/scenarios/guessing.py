"""Somebody guesses passwords: fast, slow, from one address or from fifty."""

import asyncio
from collections.abc import Sequence
from typing import Final

from lab import sipp, tools
from lab.accounts import account
from lab.addresses import ATTACKER, ATTACKER6, ATTACKER_MOVED, ATTACKER_SECOND, PBX6, SPREAD
from lab.kamailio import Manners
from lab.stage import Scenario, Stage
from lab.stranger import Stranger

_KIND: Final = ("password_guessing",)
# A guess every 50 ms in the lab, every half hour as it is written.
_DAYS: Final = (0.03, 38_000.0)
_WORDS: Final = (
    "admin", "1234", "password", "12345", "0000", "1111", "secret", "changeme", "asterisk",
    "voip", "phone", "letmein", "qwerty", "123456", "freepbx", "test", "sip", "cisco",
)  # fmt: skip


async def _fails(stage: Stage) -> None:
    stage.declare(ATTACKER, "attacker", "svcrack", kinds=_KIND, accounts=("210",))
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "210", "1000-1100")


async def _succeeds(stage: Stage) -> None:
    stage.declare(ATTACKER, "attacker", "svcrack that finds the password", kinds=_KIND,
                  accounts=("240",), accounts_taken=("240",))  # fmt: skip
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "240", "2340-2500")


async def _same_nonce(stage: Stage) -> None:
    """One challenge, many answers (svcrack -n does this, but dies of a fault of its own)."""
    stage.declare(ATTACKER, "attacker", "one nonce for all guesses", kinds=_KIND,
                  accounts=("211",))  # fmt: skip
    passwords = [f"{n:04d}" for n in range(1000, 1120)]
    await Stranger(stage.world, "internet", ATTACKER).guess("211", passwords, rng=stage.rng)


async def _made_up_nonce(stage: Stage) -> None:
    """Answers to a challenge that nobody gave."""
    stage.declare(ATTACKER, "attacker", "answers without having been asked", kinds=_KIND,
                  accounts=("217",))  # fmt: skip
    await Stranger(stage.world, "internet", ATTACKER).guess(
        "217", _WORDS * 4, rng=stage.rng, nonce="1cec4341ae6cbe5a359ea9c8e88df84f"
    )


async def _disguised(stage: Stage) -> None:
    """Svcrack under a phone's name, over four accounts."""
    users = ("205", "206", "207", "208")
    stage.declare(ATTACKER, "attacker", "svcrack that calls itself a Grandstream phone",
                  kinds=_KIND, accounts=users)  # fmt: skip
    for user in users:
        await tools.sipvicious(
            stage.processes, stage.folder, "svcrack", ["-u", user, "-r", "1-25", "-z", "4",
            "192.0.2.10"], source=ATTACKER, user_agent="Grandstream GXP2170 1.0.9.135",
            within_s=2.5,
        )  # fmt: skip


async def _spread(stage: Stage) -> None:
    """Fifty machines, three guesses each, over three days: nobody guesses twice an hour."""
    await _spread_over(stage, 150, taken=False)


async def _spread_short(stage: Stage) -> None:
    """The same, with hardly two guesses from each."""
    await _spread_over(stage, 95, taken=False)


async def _spread_taken(stage: Stage) -> None:
    """The same, and the last machine is right."""
    await _spread_over(stage, 150, taken=True)


async def _spread_over(stage: Stage, guesses: int, *, taken: bool) -> None:
    order = [*SPREAD, *stage.rng.sample(SPREAD * 2, guesses - len(SPREAD))]
    stage.rng.shuffle(order)
    lines = [
        sipp.Line("244", f"{4000 + n}", user_agent="Zoiper rv2.10.3.2", source=source)
        for n, source in enumerate(order)
    ]
    winner = order[-1] if taken else ""
    if taken:
        lines.append(sipp.Line("244", account("244").password,
                               user_agent="Zoiper rv2.10.3.2", source=winner))  # fmt: skip
    for source in SPREAD:
        stage.declare(
            source, "attacker", "one of fifty that guess in turn", kinds=_KIND,
            accounts=("244",), campaign="the fifty",
            accounts_taken=("244",) if source == winner else (),
        )  # fmt: skip
    bulk = sipp.Bulk("guess", "internet", rate=20)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _slow(stage: Stage) -> None:
    """One guess in twenty minutes over five accounts, two days long."""
    users = ("221", "222", "223", "224", "225")
    stage.declare(ATTACKER_SECOND, "attacker", "one guess every twenty minutes", kinds=_KIND,
                  accounts=users)  # fmt: skip
    lines = [sipp.Line(users[n % 5], word, user_agent="Linphone/3.12.0 (belle-sip/1.6.3)")
             for n, word in enumerate(_WORDS * 8)]  # fmt: skip
    bulk = sipp.Bulk("guess", "internet", ATTACKER_SECOND, rate=20)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _tcp(stage: Stage) -> None:
    stage.declare(ATTACKER, "attacker", "guessing over TCP", kinds=_KIND, accounts=("214",))
    bulk = sipp.Bulk("guess", "internet", ATTACKER, rate=25, transport="t1")
    await sipp.place(stage.processes, stage.folder, bulk, _guesses("214", 70))


async def _ipv6(stage: Stage) -> None:
    stage.declare(ATTACKER6, "attacker", "guessing over IPv6", kinds=_KIND, accounts=("215",))
    bulk = sipp.Bulk("guess", "internet", ATTACKER6, rate=25, server=PBX6)
    await sipp.place(stage.processes, stage.folder, bulk, _guesses("215", 60))


async def _by_invite(stage: Stage) -> None:
    """The password is tried on calls instead of registrations."""
    stage.declare(
        ATTACKER, "attacker", "guessing by INVITE, to call abroad",
        kinds=("password_guessing", "toll_fraud"), accounts=("216",),
    )  # fmt: skip
    lines = [sipp.Line("216", f"{n:04d}", "9011449098790122", "sipcli/v1.8") for n in range(60)]
    bulk = sipp.Bulk("call", "internet", ATTACKER, rate=15)
    await sipp.place(stage.processes, stage.folder, bulk, lines)


async def _moves(stage: Stage) -> None:
    """Blocked half way, he goes on from another network."""
    for source in (ATTACKER, ATTACKER_MOVED):
        stage.declare(
            source, "attacker", "svcrack, before and after it moved", kinds=_KIND,
            accounts=("250",), campaign="the one who moved",
            accounts_taken=("250",) if source == ATTACKER_MOVED else (),
        )  # fmt: skip
    await tools.svcrack(stage.processes, stage.folder, ATTACKER, "250", "1860-1910")
    stage.clock.skip(1100)
    await tools.svcrack(
        stage.processes, stage.folder, ATTACKER_MOVED, "250", "1911-1990", host="moved"
    )


async def _two_at_once(stage: Stage) -> None:
    """Two who do not know of each other."""
    stage.declare(ATTACKER, "attacker", "svcrack", kinds=_KIND, accounts=("212",), campaign="one")
    stage.declare(ATTACKER_SECOND, "attacker", "guesses names and common words",
                  kinds=_KIND, accounts=("213",), campaign="two")  # fmt: skip
    bulk = sipp.Bulk("guess", "internet", ATTACKER_SECOND, port=5080, rate=12)
    words = [sipp.Line("213", word, user_agent="Z 3.15.40006 rv2.8.20") for word in _WORDS * 2]
    await asyncio.gather(
        tools.svcrack(stage.processes, stage.folder, ATTACKER, "212", "1000-1100"),
        sipp.place(stage.processes, stage.folder, bulk, words),
    )


def _guesses(user: str, count: int) -> Sequence[sipp.Line]:
    return [sipp.Line(user, f"{1000 + n}", user_agent="PolycomSoundPointIP-SPIP_331-UA/3.3.1")
            for n in range(count)]  # fmt: skip


SCENARIOS: Final = (
    Scenario("guessing_fails", "svcrack in vain", _fails, example="guessing"),
    Scenario("guessing_fails_403", "svcrack in vain; the server says 403", _fails,
             manners=Manners(forbids=True)),
    Scenario("guessing_succeeds", "svcrack finds the password", _succeeds,
             manners=Manners(leaky=True), example="guessing_succeeds"),
    Scenario("guessing_same_nonce", "one nonce for all guesses", _same_nonce),
    Scenario("guessing_made_up_nonce", "guesses without a challenge", _made_up_nonce),
    Scenario("guessing_disguised", "svcrack with a phone's User-Agent, four accounts", _disguised),
    Scenario("guessing_spread", "fifty addresses, three days, in vain", _spread,
             gaps=_DAYS),
    Scenario("guessing_spread_short", "fifty addresses, one or two guesses each", _spread_short,
             gaps=_DAYS, example="guessing_spread"),
    Scenario("guessing_spread_taken", "fifty addresses, three days, the last one is right",
             _spread_taken, gaps=_DAYS),
    Scenario("guessing_slow", "a guess every twenty minutes for two days", _slow,
             gaps=(0.03, 26_000), manners=Manners(forbids=True)),
    Scenario("guessing_tcp", "guessing over TCP", _tcp),
    Scenario("guessing_ipv6", "guessing over IPv6", _ipv6),
    Scenario("guessing_by_invite", "guessing with calls", _by_invite),
    Scenario("guessing_moves", "the guesser changes his address and is right", _moves),
    Scenario("guessing_two_at_once", "two guessers at the same time", _two_at_once),
)  # fmt: skip
