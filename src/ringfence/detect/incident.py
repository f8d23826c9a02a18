"""Verdicts to the incident document."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.detect.campaigns import find_campaigns
from ringfence.detect.counts import Counts
from ringfence.detect.deeds import Address
from ringfence.detect.guesses import shapes_of
from ringfence.detect.toll import LeftOut, Tariff, bill
from ringfence.detect.trouble import users_in_trouble
from ringfence.detect.verdict import ATTACKER, ORDINARY, SUSPECT, Verdict, WeighedClue
from ringfence.model.incident import (
    SCHEMA,
    Clue,
    Incident,
    Input,
    MessageReference,
    Suspect,
)
from ringfence.model.text import shown
from ringfence.wire.counts import utc

# Samples of accounts that the document shows.
_SHOWN_ACCOUNTS = 20


def file_incident(
    inputs: list[Input],
    verdicts: tuple[Verdict, ...],
    unremarkable: int,
    ours: Sequence[Address],
    tariff: Tariff,
) -> Incident:
    """The document of one investigation; `ours` are the servers that were asked."""
    accused = [v for v in verdicts if v.verdict in (ATTACKER, SUSPECT)]
    accused.sort(key=lambda v: (-v.weight_db, int(v.deeds.address)))
    campaigns = find_campaigns(verdicts)
    member_of = {address: c.id for c in campaigns for address in c.sources}
    return Incident(
        schema=SCHEMA,
        inputs=inputs,
        defended=[str(address) for address in ours],
        suspects=[_suspect(v, member_of.get(str(v.deeds.address)), tariff) for v in accused],
        in_trouble=users_in_trouble(verdicts),
        ordinary=unremarkable + sum(v.verdict == ORDINARY for v in verdicts),
        campaigns=campaigns,
    )


def _suspect(v: Verdict, campaign: str | None, tariff: Tariff) -> Suspect:
    d, counts, profile = v.deeds, v.deeds.counts, v.deeds.profile
    left_out = LeftOut(d.calls_left_out, d.seconds_left_out)
    toll = bill(d.numbers_charged, d.calls_charged, tariff, left_out)
    return Suspect(
        address=str(d.address),
        verdict=v.verdict,
        kinds=list(v.kinds),
        weight_db=v.weight_db,
        proven=d.proven,
        clues=[_clue(clue) for clue in v.clues],
        messages=counts.messages,
        first_seen=utc(counts.first) or "",
        last_seen=utc(counts.last) or "",
        ports=sorted(profile.ports)[:16] or [counts.port],
        claimed_user_agents=[shown(a) for a in d.agents],
        methods=_methods(counts),
        accounts_tried=counts.accounts,
        accounts_tried_sample=[shown(a) for a in profile.texts("accounts")][:_SHOWN_ACCOUNTS],
        guesses=counts.refused,
        guesses_masked=shapes_of(profile.texts("guesses")),
        accounts_taken=[shown(account) for account in d.accounts_let_in],
        numbers_dialled=toll.numbers,
        dialled_sample=[shown(n) for n in d.numbers_charged][:_SHOWN_ACCOUNTS],
        calls_answered=toll.calls,
        minutes=toll.minutes,
        estimated_cost=toll.cost,
        currency=toll.currency,
        campaign=campaign,
        calls_unlisted=toll.unlisted,
    )


def _methods(c: Counts) -> dict[str, int]:
    """Requests by method, retransmissions left out; `other` holds what is within a call."""
    counted = {"REGISTER": c.registers, "INVITE": c.invites, "OPTIONS": c.options, "ACK": c.acks}
    return counted | {"other": c.messages - c.repeated - sum(counted.values())}


def _clue(clue: WeighedClue) -> Clue:
    places = [MessageReference(n, packet, utc(time) or "") for n, packet, time in clue.places]
    return Clue(clue.rule, clue.weight_db, shown(clue.says), places)
