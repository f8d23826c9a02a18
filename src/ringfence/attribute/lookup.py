"""One look-up: the registry first, then what helps where it names no desk.

How it works: RDAP over the bootstrap; the national registry where the answer is only
a mirror of it; then WHOIS, RIPEstat and Abusix in the order that fits, until a desk
is known; at last the number of the network from Cymru. Everything about one subject
stands in a `Subject` that is made for it and thrown away: nothing of one look-up is
there in the next but what the memory holds by network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ringfence.attribute.abusix import SOURCE as ABUSIX
from ringfence.attribute.abusix import ask_abusix
from ringfence.attribute.answer import Answer, national, read_answer
from ringfence.attribute.bootstrap import Bootstrap
from ringfence.attribute.client import Asking, Body
from ringfence.attribute.contacts import contacts_of, ranked
from ringfence.attribute.cymru import SOURCE as CYMRU
from ringfence.attribute.cymru import ask_cymru
from ringfence.attribute.dns_text import TextRecords
from ringfence.attribute.errors import PausedError
from ringfence.attribute.holding import announced, filled, is_closer
from ringfence.attribute.location import Locations
from ringfence.attribute.loose import read_json
from ringfence.attribute.memory import Memory, stamp
from ringfence.attribute.pacing import Clock, Rests
from ringfence.attribute.registries import BY_NAME, NATIONAL, Registry
from ringfence.attribute.remarks import is_truncated
from ringfence.attribute.ripestat import BASE as RIPESTAT
from ringfence.attribute.ripestat import ask_ripestat
from ringfence.attribute.special import IP, read_address, why_special
from ringfence.attribute.subject import Noted, Subject
from ringfence.attribute.whois import WhoisClient
from ringfence.model.responsible import (
    COPY,
    FOUND,
    NOT_FOUND,
    NOT_LOOKED_UP,
    UNREACHABLE,
    Asked,
    Contact,
    Responsible,
    WhoOptions,
)

_NIRS = {registry.name: registry.rdap for registry in NATIONAL if registry.rdap}
_OFF = "not asked: switched off"


@dataclass(slots=True)
class LookUp:
    """Looks addresses up, one after the other."""

    options: WhoOptions
    bootstrap: Bootstrap
    client: Asking
    whois: WhoisClient
    records: TextRecords
    memory: Memory
    clock: Clock = field(default_factory=Clock)
    locations: Locations | None = None
    ripestat: str = RIPESTAT
    nirs: dict[str, str] = field(default_factory=lambda: dict(_NIRS))
    special: Callable[[IP], str | None] = why_special
    rests: Rests | None = None

    def __call__(self, text: str) -> Responsible:
        """Who answers for it. Raises AttributionError for what is no address."""
        address = read_address(text)
        answer = self._answer(address)
        where = self.locations.find(address) if self.locations else None
        return replace(answer, location=where)

    def _answer(self, address: IP) -> Responsible:
        if why := self.special(address):
            return Responsible(str(address), NOT_LOOKED_UP, f"not looked up: {why}")
        known = self.memory.find(address, of_this_run=self.options.fresh)
        if known is not None:
            return replace(known, address=str(address), remembered=True)
        if self.options.offline:
            says = "not looked up: offline, and nothing about it is remembered"
            return Responsible(str(address), NOT_LOOKED_UP, says)
        subject = Subject(address)
        self._ask_everybody(subject)
        answer = self._concluded(subject)
        self.memory.keep(answer, address, lasting=subject.enough() or not subject.lacking)
        return answer

    def _ask_everybody(self, subject: Subject) -> None:
        self._ask_registry(subject)
        steps = [self._ask_ripestat, self._ask_abusix, self._ask_whois]
        # Where the registry holds back, or another one keeps the book, it must be asked itself.
        if subject.truncated or subject.nir:
            steps = [self._ask_whois, self._ask_ripestat, self._ask_abusix]
        for step in steps:
            if not subject.enough():
                step(subject)
        if subject.network is None:
            self._ask_other_registry(subject)
        if subject.network is None:
            self._ask_whois(subject)
        self._ask_cymru(subject)

    # ---- RDAP ------------------------------------------------------------

    def _ask_registry(self, subject: Subject) -> None:
        subject.rir = self.bootstrap.registry_of(subject.address)
        base = self.options.registry or self.bootstrap.base_of(subject.address)
        if base is None:
            outcome = "IANA gave the address to no registry"
            subject.asked.append(Asked("bootstrap", outcome))
            subject.denied = True
            return
        answer = self._rdap(subject, base)
        if answer is None:
            return
        self._take(subject, answer)
        nir = BY_NAME.get(national(answer) or "")
        if nir is not None:
            subject.nir = nir.name
            nir_base = self.nirs.get(nir.name)
            if nir_base and not self.options.registry and not subject.enough():
                closer = self._rdap(subject, nir_base)
                if closer is not None:
                    self._take(subject, closer)
        if answer.parent and not subject.enough():
            self._ask_parent(subject, answer.parent)

    def _ask_parent(self, subject: Subject, url: str) -> None:
        """ARIN shows no desk for a customer's network; that of the provider around it counts."""
        source = url.partition("://")[2].partition("/")[0]
        with self._noted(subject, source) as noted:
            body = self.client.get(url)
            answer = self._read(body, subject.address)
            above = answer.network.prefixes[0] if answer.network else "it"
            subject.contacts += [
                replace(c, because=f"{c.because}, of the network around it ({above})")
                for c in contacts_of(answer)
            ]
            noted.says(f"{body.host} answered about the network around it, {above}")

    def _ask_other_registry(self, subject: Subject) -> None:
        """Space that moved: RIPEstat knows another registry than the bootstrap."""
        base = self.bootstrap.bases.get(subject.rir or "")
        moved = subject.rir != self.bootstrap.registry_of(subject.address)
        if base is not None and moved and not self.options.registry:
            answer = self._rdap(subject, base)
            if answer is not None:
                self._take(subject, answer)

    def _rdap(self, subject: Subject, base: str) -> Answer | None:
        source = base.partition("://")[2].partition("/")[0]
        address = str(subject.address)
        if self._is_resting(subject, source):
            return None
        with self._noted(subject, source, is_register=True) as noted:
            body = self.client.get(f"{base.rstrip('/')}/ip/{address}")
            answer = self._read(body, subject.address)
            through = "" if body.host == source.partition(":")[0] else f", through {source}"
            noted.says(f"{body.host} answered{through}")
            return answer
        return None

    def _take(self, subject: Subject, answer: Answer) -> None:
        if answer.network is not None and is_closer(answer.network, subject.network):
            subject.network = filled(answer.network, subject.network)
        elif answer.network is not None and subject.network is not None:
            subject.network = filled(subject.network, answer.network)
        subject.contacts += contacts_of(answer)
        subject.truncated |= is_truncated(
            [*answer.remarks, *(r for party in answer.parties for r in party.remarks)]
        )

    # ---- where the registry names no desk --------------------------------

    def _ask_ripestat(self, subject: Subject) -> None:
        if not self._is_on(subject, "RIPEstat", self.options.ripestat):
            return
        with self._noted(subject, "RIPEstat") as noted:
            finding = ask_ripestat(subject.address, self.client, self.ripestat)
            subject.contacts += finding.contacts
            subject.rir = finding.registry or subject.rir
            noted.says(_count(finding.contacts))

    def _ask_abusix(self, subject: Subject) -> None:
        if not self._is_on(subject, ABUSIX, self.options.abusix):
            return
        with self._noted(subject, ABUSIX) as noted:
            contacts = ask_abusix(subject.address, self.records)
            subject.contacts += contacts
            noted.says(_count(contacts))

    def _ask_whois(self, subject: Subject) -> None:
        registry = self._keeper(subject)
        if registry is None or any(a.source == f"whois {registry.name}" for a in subject.asked):
            return
        if not self._is_on(subject, f"whois {registry.name}", self.options.whois):
            return
        with self._noted(subject, f"whois {registry.name}", is_register=True) as noted:
            answer = self.whois.look_up(subject.address, registry)
            if answer.network is not None and subject.network is None:
                subject.network = answer.network
            elif answer.network is not None and subject.nir:
                subject.network = filled(answer.network, subject.network)
            subject.contacts += answer.contacts
            noted.says(_count(answer.contacts))

    def _keeper(self, subject: Subject) -> Registry | None:
        named = (subject.network.registry if subject.network else None) or subject.rir
        return BY_NAME.get(subject.nir or named or "")

    def _ask_cymru(self, subject: Subject) -> None:
        network = subject.network
        if network is not None and network.asn is not None and network.as_name is not None:
            return
        if not self._is_on(subject, CYMRU, self.options.cymru):
            return
        with self._noted(subject, CYMRU) as noted:
            origin = ask_cymru(subject.address, self.records)
            noted.says(f"announced by AS{origin.asn} as {origin.prefix}")
            if network is None:
                return  # an announcement is no registration: it names nobody
            subject.network = announced(network, origin)

    def _is_on(self, subject: Subject, source: str, on: bool) -> bool:
        if on and not self.options.registry:
            return not self._is_resting(subject, source)
        if on:
            subject.asked.append(Asked(source, "not asked: an exercise asks its own server only"))
        else:
            subject.asked.append(Asked(source, _OFF))
        subject.lacking = True
        return False

    def _is_resting(self, subject: Subject, source: str) -> bool:
        if not self._rests().is_resting(source):
            return False
        subject.asked.append(Asked(source, "not asked: it was silent just now"))
        subject.lacking = True
        return True

    def _rests(self) -> Rests:
        if self.rests is None:
            self.rests = Rests(self.clock)
        return self.rests

    def _noted(self, subject: Subject, source: str, *, is_register: bool = False) -> Noted:
        return Noted(subject, source, self._rests(), is_register=is_register)

    def _read(self, body: Body, address: IP) -> Answer:
        """The answer; a quota that is told with status 200 is a pause like any other."""
        try:
            return read_answer(read_json(body.octets, body.host), body.host, address)
        except PausedError as error:
            self.memory.pause(body.host, error.pause_s)
            raise

    # ---- the sum ----------------------------------------------------------

    def _concluded(self, subject: Subject) -> Responsible:
        contacts = subject.contacts
        registry = BY_NAME.get((subject.network and subject.network.registry) or "")
        if registry is not None and registry.copy_to:
            contacts = [*contacts, _copy(registry)]
        answer = Responsible(
            str(subject.address),
            FOUND,
            "",
            subject.network,
            ranked(contacts),
            tuple(subject.asked),
            stamp(self.clock.now()),
        )
        state, says = _verdict(answer, subject)
        return replace(answer, state=state, says=says)


def _verdict(answer: Responsible, subject: Subject) -> tuple[str, str]:
    network, best = answer.network, answer.best
    if network is None and not answer.contacts:
        if subject.denied:
            return NOT_FOUND, "no registry knows who holds it"
        return UNREACHABLE, "nobody could be asked: see what each of them said"
    holder = (network and network.holder) or "somebody whom no registry named"
    if best is not None:
        return FOUND, f"{holder} answers for it: write to {best.email}"
    if answer.forms:
        return FOUND, f"{holder} answers for it: use the form {answer.forms[0]}"
    phone = next((c.phone for c in answer.contacts if c.usable and c.phone), None)
    if phone:
        return FOUND, f"{holder} answers for it: no mailbox can be used, phone {phone}"
    return FOUND, f"{holder} answers for it, and no contact can be used"


def _copy(registry: Registry) -> Contact:
    because = f"it wants a copy of every report about networks of {registry.name.upper()}"
    return Contact(
        registry.copy_to, None, None, None, None, (), registry.name, "rule of the registry",
        COPY, because,
    )  # fmt: skip


def _count(contacts: tuple[Contact, ...]) -> str:
    usable = sum(1 for c in contacts if c.usable)
    return f"answered: {usable} of {len(contacts)} contacts can be used" if contacts else (
        "answered: it knows no contact"
    )  # fmt: skip
