"""A WHOIS answer (port 43) as a network and its contacts.

How it works: the answer is cut into blocks at empty lines, each line into key and
value: "key: value" (RIPE, APNIC, AFRINIC, LACNIC, NIC.br, ARIN), "x. [Key] value"
(JPNIC), "Key : value" below a "[ Section ]" (KRNIC). The narrowest network that holds
the address counts, and the parties that it names by handle; where it names none, all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringfence.attribute.contacts import (
    form_contact,
    mail_contact,
    ranked,
    sounds_right,
)
from ringfence.attribute.errors import (
    AttributionError,
    BadAnswerError,
    NotRegisteredError,
    PausedError,
)
from ringfence.attribute.mailbox import read_mailboxes
from ringfence.attribute.phone import read_phone
from ringfence.attribute.place import country_code
from ringfence.attribute.registries import is_registry
from ringfence.attribute.remarks import Remark, asks_of, dead_mailboxes
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
from ringfence.model.responsible import (
    ABUSE_MAILBOX,
    ABUSE_ROLE,
    ANYBODY,
    OPERATIONS,
    SOUNDS_RIGHT,
    Contact,
    Network,
)

# Lines that are read; an answer with everything it refers to has some 300.
MAX_LINES = 5000
# Parties that a network names, and those that these name.
MAX_PARTIES = 40
PAUSE_S = 300.0
_PLAIN = re.compile(r"\s*([A-Za-z][A-Za-z0-9 _/-]{0,40}?)\s*:\s*(.*)")
_JPNIC = re.compile(r"\s*(?:[a-z]\.\s*)?\[([^\[\]]{2,40})\]\s*(.*)")
_SECTION = re.compile(r"\s*\[\s+([^\[\]]{3,60}?)\s+\]\s*")
_TAG = re.compile(r"<[^<>]{0,400}>")
_ABUSE_FOR = re.compile(r"[%#]\s*Abuse contact for '([^']*)' is '([^']*)'", re.IGNORECASE)
_QUOTA = re.compile(
    r"access denied|rate limit|too many|quota|limit exceeded|permission denied"
    r"|temporarily (?:banned|blocked)|exceeded the",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"no entries found|no match|not found|no data found|unallocated and unassigned"
    r"|not registered in|unallocated block",
    re.IGNORECASE,
)
# ARIN's NetType of blocks that are others' to give.
_GIVEN_ON = re.compile(r"allocated to|early registrations, transferred to", re.IGNORECASE)
_NETWORKS = ("inetnum", "inet6num", "netrange", "network number", "ipv4 address", "ipv6 address")
_HANDLES = ("nic-hdl", "nic-hdl-br", "irt", "organisation", "orgid", "ownerid")
_REFERENCES = ("admin-c", "tech-c", "abuse-c", "mnt-irt", "org", "owner-c", "ownerid")
_HOLDERS = (
    "orgname",
    "org-name",
    "owner",
    "organization",
    "organization name",
    "custname",
    "descr",
)
_NAMES = ("netname", "network name", "service name")
_ARIN = re.compile(r"(org|r|cust)(abuse|tech|noc|routing|dns)email")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number, its key in small letters, its value, the section above it."""

    number: int
    key: str
    value: str
    section: str


Block = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class WhoisAnswer:
    """What the server said of the network."""

    network: Network | None
    contacts: tuple[Contact, ...]
    refers_to: str | None = None  # another server, by name
    handles: tuple[str, ...] = ()  # of contacts that have to be asked for


def read_whois(text: str, source: str, registry: str | None, asked: IP) -> WhoisAnswer:
    """The answer. Raises NotRegisteredError, PausedError, BadAnswerError."""
    blocks = list(_blocks(text))
    found = [(span, block) for block in blocks for span in _spans(block) if holds(span, asked)]
    if not found:
        _refuse_quota(text, source)
    span, block = min(found, key=lambda one: size(one[0])) if found else (None, ())
    if span is None or _is_given_on(span, block):
        if refers := _referral(blocks):
            return WhoisAnswer(None, (), refers)
        raise _no_network(text, source, span)
    parties = _named_parties(blocks, block)
    network = _network(span, block, parties, registry)
    contacts = ranked(_contacts(text, [block, *parties], block, source, span))
    return WhoisAnswer(network, contacts, _referral([block, *parties]), _handles(block))


def _refuse_quota(text: str, source: str) -> None:
    if _QUOTA.search(_said(text)):
        raise PausedError(f"{source} wants fewer questions", PAUSE_S)


def _no_network(text: str, source: str, span: Span | None) -> AttributionError:
    if span is not None:
        return NotRegisteredError(f"{source} knows only a block of a registry ({span[0]})")
    if _NOTHING.search(_said(text)):
        return NotRegisteredError(f"{source} knows no such network")
    return BadAnswerError(f"{source} answered without a network that holds the address")


def _said(text: str) -> str:
    """What the server says by itself: its comments, and the beginning."""
    comments = [line for line in text.splitlines()[:MAX_LINES] if line[:1] in "%#"]
    return "\n".join([*comments, text[:2000]])


def _is_given_on(span: Span, block: Block) -> bool:
    """Whether the block is a registry's, which gave it, or will give it, to others."""
    if is_wider_than_any_holders(span) or _GIVEN_ON.match(_first([block], ("nettype",)) or ""):
        return True
    return is_as_wide_as_a_registrys(span) and _is_registrys([block])


def _blocks(text: str) -> Iterator[Block]:
    lines: list[Line] = []
    section = ""
    for number, raw in enumerate(text.splitlines()[:MAX_LINES], 1):
        line = _TAG.sub("", raw).rstrip()
        if match := _SECTION.fullmatch(line):
            section = match[1]
            # A new network begins: what came before belongs to another one.
            if lines and "network information" in section.lower():
                yield tuple(lines)
                lines = []
        elif match := _JPNIC.match(line) or _PLAIN.match(line):
            key = " ".join(match[1].lower().split())
            if key in _NETWORKS and lines and any(one.key in _NETWORKS for one in lines):
                yield tuple(lines)
                lines = []
            lines.append(Line(number, key, match[2].strip(), section))
        elif not line.strip() and lines and not _goes_on(lines):
            yield tuple(lines)
            lines = []
    if lines:
        yield tuple(lines)


def _is_registrys(blocks: list[Block]) -> bool:
    return is_registry(_first(blocks, ("organization", "orgname", "org-name", "descr")) or "")


def _goes_on(lines: list[Line]) -> bool:
    """ARIN and KRNIC part what belongs together by empty lines."""
    keys = {line.key for line in lines}
    return bool(keys & {"netrange", "orgname", "ipv4 address", "ipv6 address", "network number"})


def _spans(block: Block) -> Iterator[Span]:
    for line in block:
        if line.key in _NETWORKS and (span := read_span(line.value)):
            yield span


def read_span(text: str) -> Span | None:
    """A range or a prefix: 192.0.2.0 - 192.0.2.255 (/24), 200.57.128/19."""
    value = text.partition("(")[0].strip()
    first, dash, last = (part.strip() for part in value.partition(" - "))
    if dash:
        return span_of(first, last)
    prefix, _, bits = value.partition("/")
    dots = prefix.count(".")
    if ":" not in prefix and 0 <= dots < 3:
        prefix += ".0" * (3 - dots)
    return prefix_span(prefix, bits)


def _named_parties(blocks: list[Block], network: Block) -> list[Block]:
    """Blocks of parties that the network names, and those that these name."""
    by_handle = {
        line.value.upper(): block
        for block in blocks
        for line in block
        if line.key in _HANDLES and not any(one.key in _NETWORKS for one in block)
    }
    wanted = [line.value.upper() for line in network if line.key in _REFERENCES]
    found: dict[str, Block] = {}
    for handle in wanted:  # grows while it is read: an organisation names its abuse-c
        if handle in by_handle and handle not in found and len(found) < MAX_PARTIES:
            found[handle] = by_handle[handle]
            wanted += [line.value.upper() for line in by_handle[handle] if line.key == "abuse-c"]
    return list(found.values()) or [
        block for block in blocks if not any(line.key in _NETWORKS for line in block)
    ]


def _network(span: Span, block: Block, parties: list[Block], registry: str | None) -> Network:
    every = [block, *parties]
    asn = _first(every, ("originas", "aut-num", "origin"))
    digits = (asn or "").upper().removeprefix("AS").partition(",")[0].strip()
    return Network(
        str(span[0]),
        str(span[1]),
        prefixes_of(span),
        _first([_only(p, ("org-name", "orgname")) for p in parties], ("org-name", "orgname"))
        or _first(every, _HOLDERS),
        _first([block], _NAMES),
        _first([block], ("nethandle",)),
        country_code(_first(every, ("country",)) or ""),
        registry,
        int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else None,
    )


def _only(block: Block, keys: tuple[str, ...]) -> Block:
    return tuple(line for line in block if line.key in keys)


def _first(blocks: list[Block], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        for block in blocks:
            for line in block:
                if line.key == key and line.value:
                    return line.value[:400]
    return None


def _contacts(
    text: str, blocks: list[Block], network: Block, source: str, span: Span
) -> Iterator[Contact]:
    remarks = [remark for block in blocks if (remark := _remark(block)) is not None]
    dead = dead_mailboxes(remarks)
    for number, raw in enumerate(text.splitlines()[:MAX_LINES], 1):
        if (match := _ABUSE_FOR.match(raw)) and _is_about(match[1], span):
            for box in read_mailboxes(match[2]):
                because = "the registry's abuse contact"
                yield mail_contact(
                    box, source, f"line {number}: abuse contact", ABUSE_MAILBOX, because, dead
                )
    named = {line.value.upper() for line in network if line.key == "abuse-c"}
    named |= {line.value.upper() for b in blocks for line in b if line.key == "abuse-c"}
    for block in blocks:
        yield from _of_block(block, source, named, dead)
    for remark in remarks:
        for asks in asks_of(remark):
            if asks.mailbox is not None:
                because = "a remark names it for reports"
                yield mail_contact(asks.mailbox, source, asks.where, "asked_for", because, dead)
            elif asks.form is not None:
                yield form_contact(asks.form, source, asks.where)


def _is_about(what: str, span: Span) -> bool:
    """Whether the sentence is about this network, or one around it."""
    about = read_span(what)
    return about is None or (about[0].version == span[0].version and holds(about, span[0]))


def _of_block(block: Block, source: str, named: set[str], dead: set[str]) -> Iterator[Contact]:
    handle = next((line.value for line in block if line.key in _HANDLES), None)
    for_abuse = handle is not None and handle.upper() in named
    phones = {line.key: read_phone(line.value) for line in reversed(block)}
    common = next((p for key in ("phone", "tel", "phone number") if (p := phones.get(key))), None)
    name = next((line.value for line in block if line.key in ("person", "role", "name")), None)
    for line in block:
        for box in read_mailboxes(line.value) if "@" in line.value else []:
            grade = _grade(line, sounds=sounds_right(box), for_abuse=for_abuse)
            if grade is None:
                continue
            where = f"line {line.number}: {line.key}"
            phone = phones.get(line.key.replace("email", "phone")) if "email" in line.key else None
            because = f"{line.key}{' of the abuse-c' if for_abuse else ''}"
            contact = mail_contact(box, source, where, grade, because, dead)
            yield replace(contact, phone=phone or common, name=name, handle=handle)


def _grade(line: Line, *, sounds: bool, for_abuse: bool) -> str | None:
    if line.key in ("abuse-mailbox", "abuse", "abuse contact"):
        return ABUSE_MAILBOX
    if match := _ARIN.fullmatch(line.key):
        if match[2] == "abuse":
            return ABUSE_MAILBOX if match[1] == "r" else ABUSE_ROLE
        return SOUNDS_RIGHT if sounds else OPERATIONS
    if line.key in ("e-mail", "email", "reply mail", "mail", "spam-mail"):
        if for_abuse or "abuse" in line.section.lower():
            return ABUSE_ROLE
        return SOUNDS_RIGHT if sounds else ANYBODY
    return None


def _remark(block: Block) -> Remark | None:
    lines = [line for line in block if line.key in ("remarks", "descr", "comment")]
    if not lines:
        return None
    text = "\n".join(line.value for line in lines)[:8000]
    return Remark("", text, f"line {lines[0].number}: {lines[0].key}")


def _referral(blocks: list[Block]) -> str | None:
    for block in blocks:
        for line in block:
            if line.key in ("referralserver", "refer", "whois"):
                name = line.value.lower().removeprefix("whois://").partition("/")[0]
                return name.partition(":")[0] or None
    return None


def _handles(block: Block) -> tuple[str, ...]:
    """Contacts that JPNIC names and does not describe."""
    keys = ("administrative contact", "technical contact")
    found = [line.value for line in block if line.key in keys]
    return tuple(dict.fromkeys(v for v in found if re.fullmatch(r"[A-Z0-9]{3,20}", v)))[:3]
