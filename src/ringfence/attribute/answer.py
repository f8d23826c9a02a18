"""An RDAP answer (RFC 9083) as a value: its network, its parties, its remarks.

How it works: one walk over the entities, those inside others included, bounded in
depth and number; every party keeps its path. Roles may be null, lists may be objects,
numbers may be texts, addresses may be padded with zeros: registries send all of it.
A value or BadAnswerError comes out, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.attribute.card import Card, read_card
from ringfence.attribute.errors import BadAnswerError, NotRegisteredError, PausedError
from ringfence.attribute.loose import Fields, items, number, objects, plain, short, texts
from ringfence.attribute.place import country_code
from ringfence.attribute.registries import BY_NAME, NATIONAL, is_registry, registry_of_host
from ringfence.attribute.remarks import Remark, read_remarks
from ringfence.attribute.span import (
    Span,
    holds,
    is_as_wide_as_a_registrys,
    is_wider_than_any_holders,
    prefix_span,
    prefixes_of,
    size,
    span_of,
)
from ringfence.attribute.special import IP
from ringfence.model.responsible import Network

# Entities inside of entities; real answers go two deep.
MAX_DEPTH = 6
# Parties of one answer; the fullest seen has some 40.
MAX_PARTIES = 400
PAUSE_S = 300.0
_OF_OBJECTS = ("startAddress", "startAutnum", "handle", "entities", "records")
# Registries with national ones below them.
_PARENTS = ("apnic", "lacnic")
_QUOTA = re.compile(
    r"quota|rate.?limit|too many|limit (?:has been |was )?(?:exceeded|reached)"
    r"|exceeded .{0,40}(?:limit|queries)|temporarily blocked",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?:iana-(?:net)?block|eu-zz-\d|non-ripe-ncc-managed-address-block|erx-netblock|ee-zz"
    r"|(?:apnic|arin|ripe|lacnic|afrinic)(?:-ap)?-erx|unallocated|apnic-reserved)",
    re.IGNORECASE,
)
_GIVEN_ON = re.compile(
    r"early registration addresses|not (?:registered|administered|managed|assigned) (?:in|by|to)"
    r" (?:the )?(?:arin|ripe|apnic|lacnic|afrinic|any)|general placeholder"
    r"|allocated to (?:ripe|apnic|lacnic|afrinic|arin)|not under the responsibility"
    r"|have been further assigned to users in the",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Party:
    """An entity of the answer: who, in which roles, and how to reach it."""

    path: str
    handle: str | None
    roles: tuple[str, ...]
    card: Card
    remarks: tuple[Remark, ...]
    depth: int
    validated: bool

    @property
    def name(self) -> str | None:
        """Its name, unless it is only its handle again."""
        name = self.card.name or self.card.organisation
        return None if name is None or name == self.handle else name


@dataclass(frozen=True, slots=True)
class Answer:
    """What a registry says of addresses, a number of a network, or a party."""

    source: str
    network: Network | None
    parties: tuple[Party, ...]
    remarks: tuple[Remark, ...]
    nir: str | None = None  # the national registry that it comes from, or belongs to
    parent: str | None = None  # where to ask about the network around it


def read_answer(document: Fields, source: str, asked: IP | None = None) -> Answer:
    """The answer in words of ours. Raises BadAnswerError, NotRegisteredError, PausedError."""
    _refuse_errors(document, source)
    notices_of = document
    document, path = _current(document)
    parties = tuple(_parties(document, path))
    remarks = tuple(read_remarks(document.get("remarks"), path))
    notices = read_remarks(notices_of.get("notices"), "")
    nir = _nir(document, parties, (*remarks, *notices), source)
    network = _network(document, parties, remarks, source, nir)
    if network is None and asked is not None:
        raise BadAnswerError(f"{source} answered without a network")
    if network is not None and asked is not None:
        _check_network(network, remarks, source, asked)
    return Answer(source, network, parties, remarks, nir, _parent(document))


def _refuse_errors(document: Fields, source: str) -> None:
    """Errors come as an object with errorCode, a quota also with status 200 and a notice."""
    said = [r.title + " " + r.text for r in read_remarks(document.get("notices"), "")]
    title = plain(document.get("title"))
    said += [title, *texts(document.get("description"))]
    has_object = any(key in document for key in _OF_OBJECTS)
    if not has_object and any(_QUOTA.search(text) for text in said):
        raise PausedError(f"{source} wants fewer questions", PAUSE_S)
    code = number(document.get("errorCode"))
    if code == 429:
        raise PausedError(f"{source} wants fewer questions", PAUSE_S)
    if code == 404:
        raise NotRegisteredError(f"{source} knows no such object")
    if code is not None and not has_object:
        raise BadAnswerError(f"{source} answered with error {code}: {title[:100]}")


def _current(document: Fields) -> tuple[Fields, str]:
    """Of a history (APNIC) the record that still holds, with its path; else the answer itself."""
    if "records" not in document or "objectClassName" in document:
        return document, ""
    for place, record in reversed(list(objects(document.get("records")))):
        content = record.get("content")
        if isinstance(content, dict) and not record.get("applicableUntil"):
            return content, f"records[{place}].content"
    return document, ""


def _parent(document: Fields) -> str | None:
    """The link to the network around it: rel "up", or "rdap-up" with what it is about."""
    for _, link in objects(document.get("links")):
        rel = plain(link.get("rel")).lower().split()
        href = plain(link.get("href"))
        if ("up" in rel or "rdap-up" in rel) and href.startswith(("https://", "http://")):
            return href
    return None


def _parties(document: Fields, path: str) -> Iterator[Party]:
    """All entities, an object before those inside it; the answer itself where it is one."""
    left = [MAX_PARTIES]
    if plain(document.get("objectClassName")).lower() == "entity" or (
        "vcardArray" in document and "startAddress" not in document
    ):
        yield _party(document, path, 0)
    yield from _inside(document, path, 1, left)


def _inside(holder: Fields, path: str, depth: int, left: list[int]) -> Iterator[Party]:
    if depth > MAX_DEPTH:
        return
    for place, entity in objects(holder.get("entities")):
        left[0] -= 1
        if left[0] < 0:
            return
        here = f"{path}.entities[{place}]".lstrip(".")
        yield _party(entity, here, depth)
        yield from _inside(entity, here, depth + 1, left)


def _party(entity: Fields, path: str, depth: int) -> Party:
    roles = tuple(dict.fromkeys(role.lower()[:40] for role in texts(entity.get("roles"))))
    return Party(
        path,
        short(entity.get("handle")),
        roles[:20],
        read_card(entity, path),
        tuple(read_remarks(entity.get("remarks"), path)),
        depth,
        "validated" in (status.lower() for status in texts(entity.get("status"))),
    )


def _network(
    document: Fields,
    parties: tuple[Party, ...],
    remarks: tuple[Remark, ...],
    source: str,
    nir: str | None,
) -> Network | None:
    span = _span(document)
    asn = _autnum(document)
    if span is None and "startAutnum" not in document:
        return None
    first, last = (str(a) for a in span) if span else ("", "")
    registry = registry_of_host(plain(document.get("port43"))) or registry_of_host(source)
    name = short(document.get("name"))
    is_nir_own = nir is not None and (registry is None or registry.national)
    return Network(
        first,
        last,
        prefixes_of(span) if span else (),
        _holder(parties, remarks) or name or short(document.get("handle")),
        name,
        short(document.get("handle")),
        country_code(plain(document.get("country"))) or _country(parties),
        nir if is_nir_own else (registry.name if registry else None),
        asn,
    )


def _span(document: Fields) -> Span | None:
    span = span_of(plain(document.get("startAddress")), plain(document.get("endAddress")))
    cidrs = _cidrs(document)
    if span is None:
        return cidrs[0] if cidrs else None
    if size(span) == 1 and not cidrs and (wide := _handle_prefix(document, span[0])):
        return wide
    return span


def _handle_prefix(document: Fields, first: IP) -> Span | None:
    """RIPE and LACNIC once gave the first address as the last one, too; the handle is right."""
    prefix, _, bits = plain(document.get("handle")).partition("/")
    span = prefix_span(prefix, bits)
    return span if span is not None and span[0].version == first.version else None


def _cidrs(document: Fields) -> list[Span]:
    found = []
    for _, cidr in objects(document.get("cidr0_cidrs")):
        prefix = plain(cidr.get("v4prefix")) or plain(cidr.get("v6prefix"))
        if (span := prefix_span(prefix, plain(cidr.get("length")))) is not None:
            found.append(span)
    return found


def _autnum(document: Fields) -> int | None:
    """The number of the network that announces it, where the registry says so."""
    for key in (
        "arin_originas0_originautnums", "lacnic_originAutnum", "nicbr_autnum", "startAutnum",
    ):  # fmt: skip
        for value in items(document.get(key)):
            found = number(value)
            if found:
                return found
    return None


def _holder(parties: tuple[Party, ...], remarks: tuple[Remark, ...]) -> str | None:
    """The registrant with a name, then what the registry calls the description."""
    owners = [p for p in parties if "registrant" in p.roles and p.depth <= 1 and _is_named(p)]
    for party in sorted(owners, key=lambda p: p.card.kind == "individual"):
        return party.name
    for remark in remarks:
        if "description" in remark.title.lower() and remark.text.strip():
            return short(remark.text.strip().split("\n")[0])
    for party in parties:
        if party.card.kind == "org" and _is_named(party) and party.depth <= 1:
            return party.name
    return next((p.card.name for p in parties if p.card.kind == "org" and p.card.name), None)


def _is_named(party: Party) -> bool:
    """A maintainer (RIPE-NCC-END-MNT) keeps the object, and holds nothing."""
    return party.name is not None and not (party.handle or "").upper().endswith("-MNT")


def _country(parties: tuple[Party, ...]) -> str | None:
    ranked = sorted(parties, key=lambda p: ("registrant" not in p.roles, p.depth))
    return next((code for p in ranked if (code := country_code(p.card.country or ""))), None)


def _nir(
    document: Fields, parties: tuple[Party, ...], remarks: tuple[Remark, ...], source: str
) -> str | None:
    """The national registry whose mark the answer bears."""
    own = registry_of_host(plain(document.get("port43"))) or registry_of_host(source)
    if own is not None and (own.national or own.name not in _PARENTS):
        return own.name if own.national else None
    shown = [plain(document.get("port43")), *(r.text for r in remarks)]
    for party in parties:
        shown += [party.handle or "", *(m.text.rpartition("@")[2] for m in party.card.mails)]
    text = "\n".join(shown).lower()
    for registry in NATIONAL:
        if any(re.search(rf"(?<![a-z]){re.escape(m)}(?![a-z])", text) for m in registry.marks):
            return registry.name
    return None


def _check_network(network: Network, remarks: tuple[Remark, ...], source: str, asked: IP) -> None:
    """A lie, or a block that is only a placeholder, must not become a holder."""
    span = span_of(network.first, network.last)
    if span is None or span[0].version != asked.version:
        raise BadAnswerError(f"{source} answered about another kind of address")
    if not holds(span, asked):
        raise BadAnswerError(f"{source} answered about another network ({network.first})")
    if is_wider_than_any_holders(span):
        raise NotRegisteredError(f"{source} knows only the whole block {network.prefixes[0]}")
    names = (network.name or "", network.handle or "")
    if any(_PLACEHOLDER.match(name) for name in names) or any(
        _GIVEN_ON.search(remark.text) for remark in remarks
    ):
        raise NotRegisteredError(f"{source} has a placeholder ({network.name}), no holder")
    if is_as_wide_as_a_registrys(span) and is_registry(network.holder or ""):
        raise NotRegisteredError(f"{source} names a registry as holder ({network.holder})")


def national(answer: Answer) -> str | None:
    """The national registry that must be asked itself, where the answer is only a mirror."""
    if answer.nir is None or answer.nir == (answer.network.registry if answer.network else None):
        return None
    return answer.nir if answer.nir in BY_NAME else None
