"""Who answers for an address: the network, its contacts, and how each fact was come by."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

SCHEMA = "ringfence.who/1"

# How much a contact is worth, best first. `GRADES` explains them.
ABUSE_MAILBOX = "abuse_mailbox"
ABUSE_ROLE = "abuse_role"
ASKED_FOR = "asked_for"
ABUSE_UNANSWERED = "abuse_unanswered"
OTHER_REGISTER = "other_register"
SOUNDS_RIGHT = "sounds_right"
OPERATIONS = "operations"
ANYBODY = "anybody"
COPY = "copy"

GRADES = {
    ABUSE_MAILBOX: "the register marks this very mailbox for abuse",
    ABUSE_ROLE: "belongs to the party that the register names for abuse",
    ASKED_FOR: "the holder asks in a remark that reports go there",
    ABUSE_UNANSWERED: "named for abuse, but the registry got no answer when it asked",
    OTHER_REGISTER: "named for abuse by a directory other than the registry",
    SOUNDS_RIGHT: "its name says abuse, cert, noc or security",
    OPERATIONS: "belongs to those who run the network",
    ANYBODY: "belongs to the holder or to a person there",
    COPY: "a national response team that wants a copy",
}
# From here on a letter reaches somebody, not the desk.
DESK = (ABUSE_MAILBOX, ABUSE_ROLE, ASKED_FOR, ABUSE_UNANSWERED, OTHER_REGISTER, SOUNDS_RIGHT)

FOUND = "found"
NOT_FOUND = "not_found"  # asked, and nobody knows a holder
UNREACHABLE = "unreachable"  # nobody could be asked, or nobody answered
NOT_LOOKED_UP = "not_looked_up"  # offline, or an address that nobody holds


class AttributionError(Exception):
    """A look-up that cannot be made: names the value, the reason, and what to do."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach somebody: a mailbox, a web form or a telephone.

    `where` is the place in the answer of `source`: entities[0].vcardArray[3] is the
    fourth property of the card of the first entity; line 17 that of a WHOIS answer.
    """

    email: str | None
    phone: str | None
    form: str | None  # a web page where reports are taken
    name: str | None
    handle: str | None
    roles: tuple[str, ...]
    source: str  # rdap.arin.net
    where: str
    grade: str  # one of GRADES
    because: str
    usable: bool = True
    why_not: str | None = None
    also_at: tuple[str, ...] = ()  # the same again, elsewhere in the answer


@dataclass(frozen=True, slots=True)
class Network:
    """Addresses that one holder answers for, as a registry returned them."""

    first: str
    last: str
    prefixes: tuple[str, ...]
    holder: str | None
    name: str | None
    handle: str | None
    country: str | None  # ISO 3166-1 alpha-2
    registry: str | None  # arin, ripe, apnic, lacnic, afrinic, or a national one
    asn: int | None = None
    as_name: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: who was asked, and what came of it, in a sentence."""

    source: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Location:
    """Where a geolocation file puts an address: a hint, never a proof."""

    country: str | None
    region: str | None
    city: str | None
    source: str  # name of the file and its date


@dataclass(frozen=True, slots=True)
class Responsible:
    """The answer for one address. Contacts stand best first, usable ones before the others."""

    address: str
    state: str
    says: str
    network: Network | None = None
    contacts: tuple[Contact, ...] = ()
    asked: tuple[Asked, ...] = ()
    at: str | None = None  # when the registry was asked, UTC
    remembered: bool = False  # answered from what was asked before
    location: Location | None = None
    exercise: bool = False  # an example registry said so: no knowledge of anybody

    @property
    def key(self) -> str:
        """How its network is named in letters and steps: its first prefix, else the address."""
        for prefix in self.network.prefixes if self.network else ():
            try:
                return str(ip_network(prefix, strict=False))
            except ValueError:
                continue
        return self.address

    @property
    def best(self) -> Contact | None:
        """The usable contact with a mailbox that stands first."""
        usable = (c for c in self.contacts if c.usable and c.email and c.grade != COPY)
        return next(usable, None)

    @property
    def forms(self) -> tuple[str, ...]:
        """Web forms that may be used as well."""
        return tuple(c.form for c in self.contacts if c.usable and c.form)


@dataclass(frozen=True, slots=True)
class WhoOptions:
    """What may be asked, and where. Everything is on but what is named."""

    offline: bool = False
    ripestat: bool = True
    abusix: bool = True
    whois: bool = True
    cymru: bool = True
    fresh: bool = False  # ask again what is remembered
    registry: str | None = None  # one server in place of all registries: an exercise
    allow_hosts: tuple[str, ...] = ()  # redirects may lead there, too
    geo: str | None = None  # the user's mmdb file
