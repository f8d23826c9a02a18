"""`ringfence who`: who answers for an address, and how to reach them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import fail, warn
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.model.responsible import Contact, Network, Responsible

REACHABLE = 0
NOBODY_TO_WRITE_TO = 1

# Addresses of one network that are named in a line.
_NAMED = 5


def who(
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="ADDRESS...", help="IPv4 or IPv6 addresses.")
    ] = None,
    case: Annotated[
        str | None, typer.Option(metavar="CASE", help="All addresses that this case accuses.")
    ] = None,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write all of it as JSON; - prints that alone."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody; say only what is remembered.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask again what is remembered from before.")
    ] = False,
    ripestat: Annotated[
        bool, typer.Option("--ripestat/--no-ripestat", help="Whether RIPEstat may be asked.")
    ] = True,
    abusix: Annotated[
        bool, typer.Option("--abusix/--no-abusix", help="Whether Abusix may be asked, by DNS.")
    ] = True,
    whois: Annotated[
        bool, typer.Option("--whois/--no-whois", help="Whether WHOIS may be asked (port 43).")
    ] = True,
    cymru: Annotated[
        bool, typer.Option("--cymru/--no-cymru", help="Whether Cymru may be asked, by DNS.")
    ] = True,
    geo: Annotated[
        str | None, typer.Option(metavar="FILE", help="Your mmdb file: where it puts the address.")
    ] = None,
    registry: Annotated[
        str | None,
        typer.Option(
            metavar="URL|DIR",
            help="Ask this RDAP server, or a folder of recorded answers, in place of the "
            "registries: an exercise.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="A redirect may lead to this host, too. Repeatable."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="FILE|URL", help="The store of cases and of what was asked before."),
    ] = None,
) -> None:
    """Find who answers for an address: holder, network, and the contacts for abuse.

    Exit status: 0 each has somebody to write to, 1 one of them has not, 2 error.
    """
    from ringfence.flow import responsible as flow
    from ringfence.flow.casebook import CaseError, StoreError
    from ringfence.model.responsible import WhoOptions

    options = WhoOptions(
        offline, ripestat, abusix, whois, cymru, fresh, registry, tuple(allow_host or ()), geo
    )
    notes: list[str] = []
    try:
        wanted = [*(addresses or ()), *(flow.sources_of_case(case, store) if case else ())]
        if not wanted:
            fail("name an address, or a case with --case")
        found = list(_told(flow.look_up(wanted, options, store, notes), len(set(wanted))))
        for note in notes:
            warn(note)
        _write(found, json, registry)
        if case:
            flow.keep_for_case(case, found, store)
    except (flow.AttributionError, CaseError, StoreError, OSError) as error:
        fail(str(error))
    reached = all(one.best is not None or one.forms for one in found)
    raise typer.Exit(REACHABLE if reached else NOBODY_TO_WRITE_TO)


def _told(found: Iterator[Responsible], total: int) -> Iterator[Responsible]:
    """Each answer, and on a terminal how far it got: a pause of a registry takes seconds."""
    for number, one in enumerate(found, 1):
        if total > 1 and sys.stderr.isatty():
            typer.echo(f"\r{number} of {total}", err=True, nl=number == total)
        yield one


def _write(found: Sequence[Responsible], json: str | None, registry: str | None) -> None:
    from ringfence.flow.responsible import report_document

    if json is not None:
        document = report_document(found, exercise=registry is not None)
        if json == "-":
            sys.stdout.buffer.write(document)
            sys.stdout.buffer.flush()
            return
        Path(json).write_bytes(document)
    if registry is not None:
        typer.echo(f"An exercise: {shown(registry)} answers, and no registry was asked.")
    for number, group in enumerate(_groups(found)):
        if number or registry is not None:
            typer.echo("")
        for line in describe(group):
            typer.echo(shown(line))


def describe(group: Sequence[Responsible]) -> Iterator[str]:
    """Lines about addresses that share an answer."""
    from ringfence.model.responsible import FOUND

    one = group[0]
    more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
    yield ", ".join(r.address for r in group[:_NAMED]) + more
    yield f"  {one.says}"
    if one.network is not None:
        yield f"  network   {_network(one.network)}"
    for responsible in group[:_NAMED]:
        if place := responsible.location:
            parts = [p for p in (place.city, place.region, place.country) if p]
            yield (
                f"  location  {responsible.address}: {', '.join(parts)} "
                f"(a hint only: {place.source})"
            )
    for contact in one.contacts:
        yield from _contact(contact)
    if one.best is None or one.state != FOUND:
        for asked in one.asked:
            yield f"  asked     {asked.source}: {asked.outcome}"
    if one.at:
        remembered = ", remembered" if one.remembered else ""
        yield f"  as of     {one.at}{remembered}"


def _network(network: Network) -> str:
    prefixes = ", ".join(network.prefixes[:_NAMED]) or f"{network.first} - {network.last}"
    more = " ..." if len(network.prefixes) > _NAMED else ""
    number = f"AS{network.asn} {network.as_name or ''}".strip() if network.asn else None
    parts = (network.name, network.country, number, network.registry)
    return ", ".join([prefixes + more, *(part for part in parts if part)])


def _contact(contact: Contact) -> Iterator[str]:
    from ringfence.model.responsible import COPY

    what = contact.email or contact.form or contact.phone or contact.name or contact.handle or "?"
    phone = f", phone {contact.phone}" if contact.phone and what != contact.phone else ""
    where = f"{contact.source} {contact.where}"
    if not contact.usable:
        yield f"  unusable  {what}: {contact.why_not} ({where})"
        return
    kind = "mail" if contact.email else "form" if contact.form else "phone"
    kind = "copy to" if contact.grade == COPY else kind
    yield f"  {kind:9} {what}{phone}"
    yield f"            {contact.because} ({where})"


def _groups(found: Sequence[Responsible]) -> list[list[Responsible]]:
    """Addresses with the same network and the same answer together, in the order given."""
    groups: dict[object, list[Responsible]] = {}
    for one in found:
        key = (one.network, one.state, one.says) if one.network else one.address
        groups.setdefault(key, []).append(one)
    return list(groups.values())
