"""An incident and who answers for its suspects: asked, grouped by network, written into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ringfence.flow.responsible import look_up
from ringfence.model.incident import AttributedContact, Attribution, Incident
from ringfence.model.responsible import (
    NOT_LOOKED_UP,
    AttributionError,
    Contact,
    Network,
    Responsible,
    WhoOptions,
)
from ringfence.model.text import count

# A flood of forged addresses may name thousands of networks, and a registry wants a second
# between two questions: so many are asked, for the surest suspects; the others are named.
MAX_QUESTIONS = 50
# Addresses that are looked up; those of a network that is known cost no question.
MAX_ADDRESSES = 2_000
# Contacts of one network that the document keeps; the fullest answer seen has 20.
MAX_CONTACTS = 20


def ask_about(
    incident: Incident,
    options: WhoOptions,
    store: str | None = None,
    notes: list[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Responsible]:
    """Who answers for the suspects of an incident, the surest asked about first.

    Never raises for a look-up that fails: `notes` gets why, and what was found stays.
    """
    told = notes if notes is not None else []
    addresses = [suspect.address for suspect in incident.suspects]
    found: list[Responsible] = []
    questions = 0
    try:
        for one in look_up(addresses[:MAX_ADDRESSES], options, store, told):
            found.append(one)
            questions += one.at is not None and not one.remembered
            if progress is not None:
                progress(len(found))
            if questions >= MAX_QUESTIONS:
                break
    except (AttributionError, OSError) as error:
        told.append(f"who answers for the addresses is not known: {error}")
    except KeyboardInterrupt:
        told.append("asking was broken off; `ringfence who` asks again")
    return found


def attribute(incident: Incident, found: Sequence[Responsible]) -> Incident:
    """The incident with these answers, one entry a network, in the order of its suspects.

    Suspects without an answer are named in an entry of their own; answers about others
    are left out. Without any answer nothing was asked, and the list is empty.
    """
    accused = list(dict.fromkeys(suspect.address for suspect in incident.suspects))
    answers = {one.address: one for one in found}
    groups: dict[object, list[Responsible]] = {}
    for address in accused:
        if (one := answers.get(address)) is not None:
            groups.setdefault((one.network, one.state, one.says, one.exercise), []).append(one)
    entries = [_entry(group) for group in groups.values()]
    left = [address for address in accused if address not in answers]
    if left and entries:
        entries.append(_left_out(left, exercise=any(one.exercise for one in found)))
    return replace(incident, attribution=entries)


def _entry(group: Sequence[Responsible]) -> Attribution:
    one, network = group[0], group[0].network
    return Attribution(
        addresses=[r.address for r in group],
        state=one.state,
        says=one.says,
        prefixes=_prefixes(network),
        holder=network.holder if network else None,
        country=network.country if network else None,
        registry=network.registry if network else None,
        asn=network.asn if network else None,
        as_name=network.as_name if network else None,
        contacts=_contacts(one.contacts),
        asked_at=one.at,
        exercise=one.exercise,
    )


def _left_out(addresses: list[str], *, exercise: bool) -> Attribution:
    number = count(len(addresses), "address", "addresses")
    says = (
        f"not looked up: {number}; {MAX_QUESTIONS} networks are asked about at most, the surest "
        "first. `ringfence who ADDRESS` asks about one"
    )
    return Attribution(
        addresses, NOT_LOOKED_UP, says, [], None, None, None, None, None, [], None, exercise
    )


def _prefixes(network: Network | None) -> list[str]:
    if network is None:
        return []
    return list(network.prefixes) or [f"{network.first} - {network.last}"]


def _contacts(contacts: Iterable[Contact]) -> list[AttributedContact]:
    """The best of them; those that cannot be used stand last, and say why."""
    kept = [
        AttributedContact(
            c.email, c.phone, c.form, c.grade, c.because, c.source, c.where, c.usable, c.why_not
        )
        for c in contacts
    ]
    return kept[:MAX_CONTACTS]
