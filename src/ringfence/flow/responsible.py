"""Addresses, or the sources of a case, to those who answer for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from platformdirs import user_data_path

from ringfence.model.responsible import SCHEMA, AttributionError, Responsible, WhoOptions
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.attribute.bootstrap import Bootstrap
    from ringfence.attribute.doors import Doors
    from ringfence.attribute.lookup import LookUp
    from ringfence.attribute.playback import Playback
    from ringfence.store.lookups import LookupStore

__all__ = ["AttributionError", "look_up", "report_document", "sources_of_case", "update_data"]


def look_up(
    addresses: Iterable[str],
    options: WhoOptions,
    store: str | None = None,
    notes: list[str] | None = None,
) -> Iterator[Responsible]:
    """Who answers for each address, one after the other; `notes` gets what went wrong beside it.

    Raises AttributionError for what is no address, or no place to ask.
    """
    with _looking_up(options, store, notes if notes is not None else []) as ask:
        for address in dict.fromkeys(addresses):
            yield replace(ask(address), exercise=options.registry is not None)


def sources_of_case(name: str, store: str | None) -> list[str]:
    """Addresses of all that a case accuses. Raises CaseError, StoreError."""
    from ringfence.flow.casebook import Casebook

    with Casebook(store) as book:
        return [source.address for source in book.sources(book.find(name))]


def keep_for_case(name: str, found: Iterable[Responsible], store: str | None) -> None:
    """Keep in a case who answers for its addresses. Raises CaseError, StoreError."""
    from ringfence.flow.casebook import Casebook

    with Casebook(store) as book:
        case = book.find(name)
        sources = {source.address for source in book.sources(case)}
        book.record_attribution(case, [one for one in found if one.address in sources])


def report_document(found: Sequence[Responsible], *, exercise: bool = False) -> bytes:
    """All of it as one JSON document."""
    document = {"schema": SCHEMA, "exercise": exercise, "addresses": found}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def update_data(base: str | None = None) -> tuple[str, dict[str, str]]:
    """Fetch IANA's bootstrap; where it was written, and the dates. Raises AttributionError."""
    from ringfence.attribute import bootstrap
    from ringfence.attribute.client import HttpClient
    from ringfence.attribute.doors import Doors, origin_of
    from ringfence.attribute.memory import Memory
    from ringfence.attribute.pacing import Clock

    clock = Clock()
    doors = Doors(origins=frozenset([origin_of(base)]) if base else frozenset())
    client = HttpClient(doors, Memory(clock), clock)
    found = bootstrap.fetch(client, f"{base.rstrip('/')}/" if base else bootstrap.IANA)
    before = bootstrap.load(data_folder()).published
    if any(found.published[family] < before[family] for family in bootstrap.FAMILIES):
        raise AttributionError(
            "what was fetched is older than what is here: nothing was changed "
            f"({', '.join(found.published.values())})"
        )
    try:
        where = bootstrap.store(found, data_folder())
    except OSError as error:
        raise AttributionError(f"{data_folder()}: {error.strerror or error}") from error
    return str(where), found.published


def data_folder() -> Path:
    """Where fetched data lies."""
    return user_data_path("ringfence") / "data"


@contextmanager
def _looking_up(options: WhoOptions, where: str | None, notes: list[str]) -> Iterator[LookUp]:
    from functools import partial

    from ringfence.attribute import bootstrap
    from ringfence.attribute.client import HttpClient
    from ringfence.attribute.dns_text import text_records
    from ringfence.attribute.doors import Doors
    from ringfence.attribute.location import Locations
    from ringfence.attribute.lookup import LookUp
    from ringfence.attribute.memory import Memory
    from ringfence.attribute.pacing import Clock, Pacer
    from ringfence.attribute.special import why_special
    from ringfence.attribute.whois import WhoisClient

    clock = Clock()
    book = bootstrap.load(data_folder())
    recorded = _recorded(options)
    if recorded is not None:
        options = replace(options, registry=recorded.base)
    doors = Doors() if recorded else _doors(options, book)
    locations = Locations(options.geo) if options.geo else None
    # An exercise is no knowledge: it must not answer for real addresses tomorrow.
    with _lasting(None if options.registry else where, options, notes) as lasting:
        memory, pacer = Memory(clock, lasting), Pacer(clock)
        asking = recorded or HttpClient(doors, memory, clock, pacer)
        try:
            yield LookUp(
                options,
                book,
                asking,
                WhoisClient(doors, memory, clock, pacer),
                text_records(),
                memory,
                clock,
                locations,
                special=partial(why_special, exercise=options.registry is not None),
            )
        finally:
            if locations is not None:
                locations.close()


@contextmanager
def _lasting(
    where: str | None, options: WhoOptions, notes: list[str]
) -> Iterator[LookupStore | None]:
    """The part of the memory that lasts; without it everything is asked again."""
    if options.registry:
        yield None
        return
    from ringfence.flow.casebook import default_store
    from ringfence.model.case import StoreError
    from ringfence.store.lookups import LookupStore
    from ringfence.store.opening import Database

    try:
        database = Database(where or default_store())
    except StoreError as error:
        notes.append(f"{error}; what registries answer is not remembered")
        yield None
        return
    try:
        yield LookupStore(database)
    finally:
        database.close()


def _recorded(options: WhoOptions) -> Playback | None:
    """The folder of recorded answers, where the exercise has one in place of a server."""
    if options.registry is None or "://" in options.registry:
        return None
    from ringfence.attribute.playback import Playback

    folder = Path(options.registry)
    if not folder.is_dir():
        raise AttributionError(
            f"{shown(options.registry[:200])}: an address like https://rdap.example/ is meant, "
            "or a folder of recorded answers"
        )
    return Playback.of_folder(folder)


def _doors(options: WhoOptions, book: Bootstrap) -> Doors:
    from ringfence.attribute.doors import Doors, origin_of

    known = {url.partition("://")[2].partition("/")[0] for url in book.bases.values()}
    known |= {host.lower() for host in options.allow_hosts}
    origins = [origin_of(options.registry)] if options.registry else []
    return Doors(frozenset(known), frozenset(origins))
