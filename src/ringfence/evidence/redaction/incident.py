"""The incident document, redacted: fit to be read by those whom it was not written for.

What accuses stays: addresses of the accused, clues with their weights, claimed agents,
numbers dialled, calls, hashes of the captures, who answers for an accused address.
Accounts of real users become pseudonyms, those in trouble are left out, paths lose their
names. Who answers for an address that became a pseudonym would tell it again: left out,
like what the owner still has to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from typing import Final

from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import Pseudonyms
from ringfence.model.incident import AnsweredCall, Campaign, Clue, Incident, Input, Suspect

# What a capture's name may tell: what kind of file it is.
_SUFFIX = re.compile(r"(\.(?:pcapng|pcap|cap))?(\.(?:gz|xz|zst))?\Z")
_PROBLEM: Final = "a problem with this capture, told to its owner"


def redact_incident(incident: Incident, people: People, pseudonyms: Pseudonyms) -> Incident:
    """The document without real users; the same pseudonyms as in the packets."""
    return _Document(Names(people, pseudonyms)).incident(incident)


class _Document:
    def __init__(self, names: Names) -> None:
        self._names = names

    def incident(self, incident: Incident) -> Incident:
        return replace(
            incident,
            inputs=[_input(one, number) for number, one in enumerate(incident.inputs, 1)],
            defended=[self._address(address) for address in incident.defended],
            suspects=[self._suspect(suspect) for suspect in incident.suspects],
            in_trouble=[],
            campaigns=[self._campaign(campaign) for campaign in incident.campaigns],
            attribution=[
                replace(one, addresses=named)
                for one in incident.attribution
                if (named := [a for a in one.addresses if self._address(a) == a])
            ],
            follow_up=[],
        )

    def _suspect(self, suspect: Suspect) -> Suspect:
        """One of them; who is not accused for certain is treated as a user."""
        claimed = ip_address(suspect.address).packed in self._names.people.accused

        def account(text: str) -> str:
            return _text(self._names.account(text.encode(), claimed=claimed))

        return replace(
            suspect,
            address=self._address(suspect.address),
            clues=[self._clue(clue) for clue in suspect.clues],
            claimed_user_agents=[self._prose(agent) for agent in suspect.claimed_user_agents],
            accounts_tried_sample=[account(one) for one in suspect.accounts_tried_sample],
            guesses_masked=[
                replace(shape, account=account(shape.account)) for shape in suspect.guesses_masked
            ],
            accounts_taken=[self._taken(account) for account in suspect.accounts_taken],
            numbers_dialled=[account(number) for number in suspect.numbers_dialled],
            dialled_sample=[account(number) for number in suspect.dialled_sample],
            calls_answered=[self._call(call, account) for call in suspect.calls_answered],
        )

    def _call(self, call: AnsweredCall, dialled: Callable[[str], str]) -> AnsweredCall:
        return replace(
            call,
            number=dialled(call.number),
            dialled=dialled(call.dialled),
            account=self._taken(call.account) if call.account else call.account,
        )

    def _clue(self, clue: Clue) -> Clue:
        return replace(clue, says=self._prose(clue.says))

    def _campaign(self, campaign: Campaign) -> Campaign:
        return replace(
            campaign,
            sources=[self._address(address) for address in campaign.sources],
            fingerprint=self._prose(campaign.fingerprint),
            traits=[self._trait(trait) for trait in campaign.traits],
        )

    def _trait(self, trait: str) -> str:
        """An account becomes its pseudonym; what else joins cases is the attackers' own."""
        kind, _, value = trait.partition(":")
        if kind in ("account", "target"):
            return f"{kind}:{self._taken(value)}"
        return f"{kind}:{self._prose(value)}"

    def _address(self, text: str) -> str:
        packed = ip_address(text).packed
        return str(ip_address(self._names.address(packed, claimed=False)))

    def _taken(self, text: str) -> str:
        """An account that exists."""
        return _text(self._names.account(text.encode(), claimed=False))

    def _prose(self, text: str) -> str:
        """A sentence of ours, perhaps with a name in it."""
        return _text(self._names.kept(text.encode(), short_words=True))


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def _input(one: Input, number: int) -> Input:
    suffix = _SUFFIX.search(one.path.lower())
    path = f"capture-{number}{suffix.group() if suffix else ''}"
    return replace(one, path=path, problems=[_PROBLEM for _ in one.problems])
