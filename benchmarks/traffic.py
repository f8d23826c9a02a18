"""Who talks in a made-up capture, what they say and how often: sources, conversations, time."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.fields import IPV4_SOURCES, Numbers, draw, keeps_one_call
from benchmarks.messages import COMPACT_PHONE, ODD_CASE_PHONE, TOLL_PREFIX_DIGITS, TOOLS

PACKETS_PER_SECOND = 2_000
ATTACKERS_OF_1000 = 20
ACCOUNTS_TAKEN = 5
TRUNKS = 20
RTP_PAIRS = 8

# Random numbers of a kind of conversations, by a salt.
Draws = Callable[[int], Numbers]

# Openings lie in the first second, so a guesser's nonce was sent before he uses it.
_OPENING_US = 900_000
_FIRST_US = 1_000_000
_ANSWERED_US = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """One packet of a conversation: its message (one of several), and how long after the last."""

    messages: tuple[str, ...]
    from_source: bool
    least_us: int
    spread_us: int = 1
    nth: int = 0  # which pair of RTP packets


@dataclass(frozen=True, slots=True)
class Turns:
    """The conversations of one kind: who, for the how-manieth time, and whether it is his last."""

    actor: Numbers
    turn: Numbers
    last: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of conversation; `share` is its part of all SIP messages."""

    name: str
    role: str
    share: float
    steps: tuple[Step, ...]
    choose: Callable[[Turns], NDArray[np.uint8]] | None = None

    @property
    def sip_steps(self) -> int:
        """How many of its packets are SIP."""
        return sum(not step.messages[0].startswith("rtp") for step in self.steps)


@dataclass(frozen=True, slots=True)
class Sources:
    """The senders: a range of numbers for each role, and what stays the same about each."""

    roles: dict[str, range]
    family: NDArray[np.uint8]
    vlan: NDArray[np.bool_]
    variant: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every packet of a capture in the order of time; equally long columns."""

    time_us: NDArray[np.int64]  # since the capture began
    step: NDArray[np.uint8]  # index into ALL_STEPS of its kinds
    choice: NDArray[np.uint8]
    actor: NDArray[np.uint32]
    ordinal: NDArray[np.uint32]
    turn: NDArray[np.uint32]


def _ask(*messages: str, least_us: int = 0, spread_us: int = 1) -> Step:
    return Step(messages, from_source=True, least_us=least_us, spread_us=spread_us)


def _reply(*messages: str, least_us: int = 300, spread_us: int = 4_000) -> Step:
    return Step(messages, from_source=False, least_us=least_us, spread_us=spread_us)


def _conversation_of_sound() -> tuple[Step, ...]:
    pairs = []
    for nth in range(RTP_PAIRS):
        pairs.append(Step(("rtp from phone",), from_source=True, least_us=495_000, nth=nth))
        pairs.append(Step(("rtp from pbx",), from_source=False, least_us=5_000, nth=nth))
    return tuple(pairs)


def _guess_outcome(turns: Turns) -> NDArray[np.uint8]:
    """403 for those that keep their nonce, else 401 with a new one; 200 for a few at the end."""
    refused = np.where(keeps_one_call(turns.actor), 0, 1)
    return np.where(turns.last & (turns.actor < ACCOUNTS_TAKEN), 2, refused).astype(np.uint8)


def _extension_outcome(turns: Turns) -> NDArray[np.uint8]:
    """One extension of 25 exists."""
    return np.where(turns.turn % np.uint64(25) == 0, 1, 0).astype(np.uint8)


def _toll_width(turns: Turns) -> NDArray[np.uint8]:
    """How long the prefix is, by turns."""
    return (turns.turn % np.uint64(len(TOLL_PREFIX_DIGITS))).astype(np.uint8)


def _toll(name: str) -> tuple[str, ...]:
    return tuple(f"{name} {digits}" for digits in TOLL_PREFIX_DIGITS)


# 84.2 % of the packets are SIP: the calls' share and RTP_PAIRS make the other 15.8 %.
MIX = (
    Kind("guess opening", "guesser", 0, (_ask("guess opening"), _reply("guess challenged"))),
    Kind("guess", "guesser", 0.360,
         (_ask("guess"), _reply("guess forbidden", "guess refused", "guess accepted")),
         _guess_outcome),
    Kind("enumerate", "enumerator", 0.080,
         (_ask("enumerate"), _reply("extension unknown", "extension exists")), _extension_outcome),
    Kind("probe", "scanner", 0.020, (_ask("probe"), _reply("probe answered"))),
    Kind("toll", "toll hunter", 0.100,
         (_ask(*_toll("toll")), _reply(*_toll("toll refused")),
          _ask(*_toll("toll ack"), least_us=5_000, spread_us=20_000)), _toll_width),
    Kind("registration", "phone", 0.270,
         (_ask("register"), _reply("register challenged"),
          _ask("register with digest", least_us=5_000, spread_us=30_000), _reply("registered"))),
    Kind("call", "phone", 0.0821,
         (_ask("invite"), _reply("trying"), _reply("ringing", least_us=20_000, spread_us=200_000),
          _reply("answered", least_us=1_000_000, spread_us=6_000_000),
          _ask("ack", least_us=5_000, spread_us=30_000), *_conversation_of_sound(),
          _ask("bye", least_us=100_000, spread_us=400_000), _reply("bye answered"))),
    Kind("trunk ping", "trunk", 0.0879, (_ask("options"), _reply("options answered"))),
)  # fmt: skip

# The same two messages from every source: only the number of sources differs.
EVEN = (Kind("steady", "phone", 1.0, (_ask("steady"), _reply("steady answered"))),)

SHAPES = {"mix": MIX, "even": EVEN}


def steps_of(kinds: tuple[Kind, ...]) -> list[tuple[int, Step]]:
    """Every step of the kinds with its kind's number; a packet names it by its place here."""
    return [(number, step) for number, kind in enumerate(kinds) for step in kind.steps]


def sources(shape: str, number: int) -> Sources:
    """The sources of a capture: one in fifty attacks (mix), or none does (even, all IPv6)."""
    actor = np.arange(number)
    if shape == "even":
        nothing = np.zeros(number, np.uint8)
        return Sources({"phone": range(number)}, nothing + np.uint8(6), nothing > 0, nothing)
    attackers = number * ATTACKERS_OF_1000 // 1000
    bad = actor < attackers
    family = np.where(bad & (actor % 20 == 3) | (actor >= IPV4_SOURCES), 6, 4)
    pick = draw(0, zlib.crc32(b"make"), actor.astype(np.uint64)) % np.uint64(64)
    make = np.where(
        pick < 3, COMPACT_PHONE, np.where(pick < 5, ODD_CASE_PHONE, pick % np.uint64(6))
    )
    return Sources(
        roles=_mixed_roles(attackers, number),
        family=family.astype(np.uint8),
        vlan=actor % 50 == 7,
        variant=np.where(bad, actor % len(TOOLS), make).astype(np.uint8),
    )


def _mixed_roles(attackers: int, number: int) -> dict[str, range]:
    """Of the attackers half guess, a fifth enumerates, a tenth scans, a fifth hunts for toll."""
    ends = [attackers * part // 10 for part in (5, 7, 8, 10)]
    trunks = min(TRUNKS, max(1, number // 50))
    return {
        "guesser": range(ends[0]),
        "enumerator": range(ends[0], ends[1]),
        "scanner": range(ends[1], ends[2]),
        "toll hunter": range(ends[2], ends[3]),
        "phone": range(attackers, number - trunks),
        "trunk": range(number - trunks, number),
    }


def timeline(kinds: tuple[Kind, ...], who: Sources, messages: int, seed: int) -> Timeline:
    """About `messages` SIP messages and their RTP, spread evenly over the capture's time."""
    span_us = int(messages / 0.842 / PACKETS_PER_SECOND * 1e6)
    parts, first_step = [], 0
    for number, kind in enumerate(kinds):
        actors = who.roles[kind.role]
        count = round(messages * kind.share / kind.sip_steps) if kind.share else len(actors)
        ordinal = np.arange(count, dtype=np.uint64)
        draws = partial(draw, seed, key=(ordinal << np.uint64(8)) | np.uint64(number))
        turns = _turns(ordinal, actors)
        start = _starts(kind, turns, draws, span_us)
        parts.append(_packets(kind, first_step, ordinal, turns, _times(kind, start, draws)))
        first_step += len(kind.steps)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return Timeline(*(column[order] for column in columns))


def _turns(ordinal: Numbers, actors: range) -> Turns:
    many = np.uint64(len(actors))
    last = ordinal + many >= np.uint64(len(ordinal))
    return Turns(ordinal % many + np.uint64(actors.start), ordinal // many, last)


def _starts(kind: Kind, turns: Turns, draws: Draws, span_us: int) -> NDArray[np.int64]:
    """When each conversation begins: all sources once, then all again in another order."""
    chance = (draws(1) >> np.uint64(40)) / float(1 << 24)
    if not kind.share:
        return (chance * _OPENING_US).astype(np.int64)
    rounds = int(turns.turn.max(initial=0)) + 1
    # A source's next turn comes after this one's answer, unless there is no time for that.
    period_us = span_us / rounds
    spread_us = min(max(0.0, period_us - _ANSWERED_US), 0.9 * period_us)
    return (_FIRST_US + turns.turn * period_us + spread_us * chance).astype(np.int64)


def _times(kind: Kind, start_us: NDArray[np.int64], draws: Draws) -> NDArray[np.int64]:
    """When each step of each conversation happens: (n, steps)."""
    times = np.empty((len(start_us), len(kind.steps)), np.int64)
    now = start_us
    for place, step in enumerate(kind.steps):
        wait = draws(100 + place) % np.uint64(step.spread_us)
        now = now + step.least_us + wait.astype(np.int64)
        times[:, place] = now
    return times


def _packets(
    kind: Kind, first_step: int, ordinal: Numbers, turns: Turns, times: NDArray[np.int64]
) -> tuple[NDArray[Any], ...]:
    """The columns of a Timeline for one kind, conversation by conversation."""
    many, count = len(kind.steps), len(ordinal)
    choice = kind.choose(turns) if kind.choose else np.zeros(count, np.uint8)
    forms = np.array([len(step.messages) for step in kind.steps], np.uint8)
    return (
        times.ravel(),
        np.tile(np.arange(first_step, first_step + many, dtype=np.uint8), count),
        np.minimum(choice[:, None], forms - 1).ravel(),
        *(
            np.repeat(column.astype(np.uint32), many)
            for column in (turns.actor, ordinal, turns.turn)
        ),
    )
