"""Incidents for tests of measures, in a line each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ringfence.model.incident import SCHEMA, AnsweredCall, Clue, Incident, InTrouble, Suspect
from ringfence.model.measure import Block, BlockPlan, Withheld

CASE = "RF-20261125-7f3a2c"
NOW = datetime(2026, 11, 25, 3, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
UNTIL = "2026-12-02T03:12:00Z"


def accused(address: str, **facts: object) -> Suspect:
    """An attacker with a proven address, but for what is said otherwise."""
    plain = Suspect(
        address=address, verdict="attacker", kinds=["password_guessing"], weight_db=62.0,
        proven="nonce", clues=[], messages=300, first_seen="2026-11-25T03:00:00.000000Z",
        last_seen="2026-11-25T03:10:00.000000Z", ports=[5060], claimed_user_agents=["evil"],
        methods={"REGISTER": 300}, accounts_tried=1, accounts_tried_sample=["200"], guesses=150,
        guesses_masked=[], accounts_taken=[], numbers_dialled=[], dialled_sample=[],
        calls_answered=[], minutes=0.0, estimated_cost=None, currency=None, campaign=None,
    )  # fmt: skip
    return replace(plain, **facts)  # type: ignore[arg-type]


def clue(rule: str) -> Clue:
    """A clue of this rule."""
    return Clue(rule, 1.0, "said", [])


def call(number: str = "+882161234567") -> AnsweredCall:
    """A call that was answered."""
    return AnsweredCall(
        number, number, None, "satellite", "200", "2026-11-25T03:05:00Z", 60.0, 0, None
    )


def incident(
    *suspects: Suspect,
    defended: tuple[str, ...] = ("192.0.2.10",),
    in_trouble: tuple[str, ...] = (),
) -> Incident:
    """An incident with these suspects."""
    troubles = [InTrouble(a, "204", "why", "since", "bad_pin", "say") for a in in_trouble]
    return Incident(SCHEMA, [], list(defended), list(suspects), troubles, 7, [])


def plan(*blocks: Block, case_id: str = CASE, withheld: tuple[Withheld, ...] = ()) -> BlockPlan:
    """A plan made at NOW."""
    return BlockPlan(case_id, "2026-11-25T03:12:00Z", blocks, withheld)


def block(address: str, *ports: int, reason: str = "scan, +50 dB", until: str = UNTIL) -> Block:
    """A block for a week."""
    return Block(address, reason, until, ports)


# What the golden files are made of: both families, a narrowed one, one left out.
EXAMPLE = plan(
    block("203.0.113.66", reason="password guessing, +62 dB, its address is proven"),
    block("2001:db8::66"),
    block("198.51.100.9", 40000, 40001),
    withheld=(Withheld("203.0.113.7", "its address may be forged: limit its rate instead"),),
)
EMPTY = plan()
MANY = plan(*(block(f"198.18.{n >> 8}.{n & 255}") for n in range(5000)),
            *(block(f"2001:db8::{n:x}") for n in range(1, 5001)))  # fmt: skip
