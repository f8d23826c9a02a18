"""Verdicts to the incident document."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.detect.profile import Call
from ringfence.detect.trouble import users_in_trouble
from ringfence.detect.verdict import ATTACKER, ORDINARY, SUSPECT, Verdict, WeighedClue
from ringfence.detect.campaigns import find_campaigns
from ringfence.detect.deeds import Address
from ringfence.model.incident import (
    SCHEMA,
    AnsweredCall,
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
    inputs: list[Input], verdicts: tuple[Verdict, ...], unremarkable: int, ours: Sequence[Address]
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
        suspects=[_suspect(v, member_of.get(str(v.deeds.address))) for v in accused],
        in_trouble=users_in_trouble(verdicts),
        ordinary=unremarkable + sum(v.verdict == ORDINARY for v in verdicts),
        campaigns=campaigns,
    )


def _suspect(v: Verdict, campaign: str | None) -> Suspect:
    d, counts, profile = v.deeds, v.deeds.counts, v.deeds.profile
    taken = dict.fromkeys(profile.texts("accepted_accounts"))
    if counts.credentials:
        taken |= dict.fromkeys(c.account for c in profile.calls.values() if c.answered_ns and c.account)
    answered = [_answered(call) for call in profile.calls.values() if call.answered_ns]
    minutes = sum(call.seconds or 0.0 for call in answered) / 60
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
        methods={
            "REGISTER": counts.registers,
            "INVITE": counts.invites,
            "OPTIONS": counts.options,
            "ACK": counts.acks,
            "other": counts.others,
        },
        accounts_tried=counts.accounts,
        accounts_tried_sample=[shown(a) for a in profile.texts("accounts")][:_SHOWN_ACCOUNTS],
        guesses=counts.refused,
        accounts_taken=[shown(account) for account in taken],
        numbers_dialled=[shown(n) for n in profile.texts("numbers")],
        calls_answered=answered,
        minutes=round(minutes, 2),
        estimated_cost=None,
        campaign=campaign,
    )


def _clue(clue: WeighedClue) -> Clue:
    places = [MessageReference(n, packet, utc(time) or "") for n, packet, time in clue.places]
    return Clue(clue.rule, clue.weight_db, shown(clue.says), places)


def _answered(call: Call) -> AnsweredCall:
    return AnsweredCall(
        number=shown(call.number),
        account=shown(call.account),
        answered_at=utc(call.answered_ns) or "",
        seconds=call.seconds,
        media_packets=call.media_packets,
    )
