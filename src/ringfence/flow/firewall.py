"""Measures, composed: asked whether they hurt, put into the firewall, kept in the store.

How it works: the firewall first, then the store. Who is killed between both leaves a block
that holds and ends by itself, and that `standing` tells of all the same, for everything
that is in force is read from the kernel. What the store has and the kernel has not is told
as gone. Limits are for a minute, of addresses that anybody may forge: the store keeps none.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.cases import steps
from ringfence.flow.moment import host, utc, whoami
from ringfence.model.decision import BLOCK, LIMIT, NARROW, Decision
from ringfence.model.endpoint import Address
from ringfence.model.measure import (
    UNKNOWN,
    Allowed,
    Effect,
    FirewallError,
    Held,
    Kept,
    Measure,
    MeasureError,
    Withheld,
)
from ringfence.respond import keep
from ringfence.respond.nft.elements import source_of, text_of
from ringfence.respond.nft.firewall import Nftables, seconds_left
from ringfence.respond.nft.shape import CROWD, STRANGER, Rate, Shape
from ringfence.respond.plan import LASTS
from ringfence.respond.verify import Look, Watching, effect_of

if TYPE_CHECKING:
    from ringfence.flow.casebook import Casebook
    from ringfence.model.case import Case

__all__ = [
    "CROWD",
    "STRANGER",
    "Firewall",
    "FirewallError",
    "InForce",
    "Look",
    "MeasureError",
    "Nftables",
    "Rate",
    "Shape",
    "Watching",
    "lasts_of",
    "measure_of",
    "new_measure",
]

# An address that is not proven may be anybody's: slowed down for a minute, and again while
# it goes on.
UNPROVEN_LASTS = timedelta(minutes=1)
GUARD = "guard"
# Networks of friends: nobody's is wider, and an attacker is in it then.
_WIDEST = {4: 8, 6: 19}


@dataclass(frozen=True, slots=True)
class InForce:
    """A measure as it stands now."""

    measure: Measure
    held: Held | None  # None: it is no longer in the firewall, or that may not be asked
    effect: Effect


def new_measure(
    address: str,
    why: str,
    lasts: timedelta,
    now: datetime,
    *,
    ports: Sequence[int] = (),
    case_id: str = "",
    by: str = "",
) -> Measure:
    """A block, or with ports a narrow one. Raises MeasureError."""
    made = Measure(
        secrets.token_hex(4), NARROW if ports else BLOCK,
        text_of(source_of(address)), why, by or whoami(),
        utc(now), utc(now + lasts), tuple(sorted(set(ports))), case_id, host=host(),
    )  # fmt: skip
    seconds_left(made, now)
    return made


def measure_of(decision: Decision, now: datetime, case_id: str = "") -> Measure | None:
    """What a decision asks of the firewall; None where it asks nothing. Raises MeasureError."""
    if decision.action not in (BLOCK, NARROW, LIMIT):
        return None
    made = new_measure(
        decision.address, decision.reason, lasts_of(decision), now,
        ports=decision.ports if decision.action == NARROW else (), case_id=case_id, by=GUARD,
    )  # fmt: skip
    return replace(made, action=decision.action)


def lasts_of(decision: Decision) -> timedelta:
    """How long what it asks of the firewall holds."""
    if decision.lasts_s:
        return timedelta(seconds=decision.lasts_s)
    return UNPROVEN_LASTS if decision.action == LIMIT else LASTS


class Firewall:
    """This machine's firewall and the store's knowledge of it, for commands and the guard.

    Raises FirewallError, MeasureError, StoreError, CaseError.
    """

    def __init__(
        self,
        book: Casebook,
        nft: Nftables | None = None,
        environment: Mapping[str, str] | None = None,
        root: Path = Path("/"),
    ) -> None:
        from ringfence.store.measures import MeasureStore

        self._book, self._nft = book, nft or Nftables()
        self._store = MeasureStore(book.database)
        self._environment = keep.environment() if environment is None else environment
        self._root = root
        self._kept: tuple[Kept, ...] | None = None
        self._allowed: tuple[Allowed, ...] = ()
        self._active: dict[str, list[Measure]] = {}
        self._friends: object = None  # as the firewall was told them
        self._watching: dict[str, tuple[Watching, datetime]] = {}  # since when exactly, by measure

    # ------------------------------------------------- tables

    def stand(self, shape: Shape | None = None, *, anew: bool = False) -> bool:
        """Tables of this shape, their friends up to date; whether they were made now."""
        self.refresh()
        made = self._nft.stand(self._with_ssh(shape), anew=anew)
        self._friends = None
        self._befriend()
        return made

    def refresh(self) -> None:
        """Read anew whom nobody may block, and what is in force: others may have changed it."""
        self._kept = keep.kept(self._environment, self._root)
        self._allowed = tuple(self._store.allowed())
        self._active = {}
        for measure in self._store.in_force(utc(datetime.now(UTC)), host()):
            self._active.setdefault(measure.address, []).append(measure)

    def at_device(self, devices: Sequence[str]) -> bool:
        """Tables that stand, also at the ingress of these; whether they were made now."""
        shape = self._nft.standing() or Shape()
        more = tuple(one for one in dict.fromkeys(devices) if one not in shape.devices)
        return self.stand(replace(shape, devices=(*shape.devices, *more)))

    def remove(self, why: str) -> list[Measure]:
        """Nothing of ours is left in the firewall, and every measure has come to its end."""
        self.refresh()
        ended = [one for measures in self._active.values() for one in measures]
        self._nft.remove()
        self._ended(ended, why)
        return ended

    # ------------------------------------------------- measures

    def objection(self, address: str) -> str | None:
        """Why this address may not be blocked; None where nobody objects."""
        if self._kept is None:
            self.refresh()
        return keep.objection(address, self._kept or (), self._allowed)

    def keeps_ssh(self, address: str) -> bool:
        """Whether a block leaves it its connections to the SSH port."""
        peers = {str(one) for one in keep.ssh_peers(self._kept or ())}
        return address in peers

    def apply(
        self, measures: Sequence[Measure], now: datetime | None = None
    ) -> tuple[list[Measure], list[Withheld]]:
        """Those that are in force now, in one transaction, and those that were left alone."""
        done: dict[str, Measure] = {}  # the last of each address
        withheld: list[Withheld] = []
        for measure in measures:
            why = self.objection(measure.address)
            if why is None:
                done[measure.address] = measure
            else:
                withheld.append(Withheld(measure.address, why))
        when = now or datetime.now(UTC)
        hard = [one for one in done.values() if one.action != LIMIT]
        limits = [one for one in done.values() if one.action == LIMIT]
        self._apply(hard, when)
        if limits:
            try:  # apart: a flood of forged addresses fills their set, and no block shall wait
                self._nft.apply(limits, when)
            except FirewallError as error:
                withheld += [Withheld(one.address, str(error)) for one in limits]
                limits = []
        return [*hard, *limits], withheld

    def _apply(self, measures: Sequence[Measure], now: datetime) -> None:
        if not measures:
            return
        self._befriend()
        old = [one for m in measures for one in self._active.get(m.address, ())]
        if self._nft.apply(measures, now, instead_of=old) and self._active:
            replaced = {one.id for one in old}
            others = [one for found in self._active.values() for one in found]
            self._nft.apply(
                [o for o in others if o.id not in replaced and not _is_over(o, now)], now
            )
        for measure in measures:
            self._active[measure.address] = [measure]
            self._watching[measure.id] = (Watching(measure), datetime.now(UTC))
        self._keep(measures, old, now)

    def release(self, address: str, why: str) -> list[Measure | Held]:
        """What was in force against it, and is no more."""
        wanted = text_of(source_of(address))
        self.refresh()
        in_firewall = self._nft.held()
        held = [one for one in in_firewall if one.address == wanted]
        wider = next((h.address for h in in_firewall if _within(wanted, h.address)), None)
        if wider is not None and not held:
            raise MeasureError(
                f"{wanted} is blocked with all of {wider}: ringfence unblock {wider}"
            )
        known = self._active.pop(wanted, [])
        self._nft.withdraw([*known, *held])
        self._ended(known, why)
        ids = {one.id for one in known}
        return [*known, *(one for one in held if one.id not in ids)]

    def standing(self, now: datetime | None = None) -> list[InForce]:
        """All that is in force or should be, each with whether it works, oldest first."""
        when = now or datetime.now(UTC)
        self.refresh()
        known = {one.id: one for one in self._store.in_force(utc(when), host())}
        held = {one.id: one for one in self._nft.held()}
        found = [
            InForce(one, held.get(id_), effect_of(one, held.get(id_), self._allowing(one.address)))
            for id_, one in known.items()
        ]
        for one in held.values():
            if one.id not in known:
                adopted = _adopted(one, when)
                effect = effect_of(adopted, one, self._allowing(one.address))
                found.append(InForce(adopted, one, effect))
        return found

    def look(
        self,
        heard: Mapping[str, int] | None = None,
        moved: Mapping[str, str] | None = None,
        now: datetime | None = None,
    ) -> list[InForce]:
        """The same, as seen by who looks again and again: with seconds, and what was told beside.

        `heard` are messages that the phone system told of since LAG_S after a measure began,
        `moved` where the same hand goes on; both by the address of the measure.
        """
        when = now or datetime.now(UTC)
        found = []
        for one in self.standing(when):
            measure = one.measure
            watching, since = self._watching.get(measure.id) or (Watching(measure), when)
            self._watching[measure.id] = (watching, since)
            look = Look(
                (when - since).total_seconds(), one.held, (heard or {}).get(measure.address, 0),
                self._allowing(measure.address), (moved or {}).get(measure.address, ""),
            )  # fmt: skip
            found.append(replace(one, effect=watching.look(look)))
        ids = {one.measure.id for one in found}
        self._watching = {id_: kept for id_, kept in self._watching.items() if id_ in ids}
        return found

    def recorded(self, now: datetime | None = None) -> list[InForce]:
        """The same by the store alone, where the firewall may not be asked."""
        effect = Effect(UNKNOWN, "the firewall was not asked")
        return [
            InForce(one, None, effect)
            for one in self._store.in_force(utc(now or datetime.now(UTC)), host())
        ]

    def restore(self, now: datetime | None = None) -> list[Measure]:
        """What should be in force and is not, put back for what is left of its time."""
        when = now or datetime.now(UTC)
        gone = [one.measure for one in self.standing(when) if one.held is None]
        back = [one for one in gone if self.objection(one.address) is None]
        if back:
            self.stand()
            self._nft.apply(back, when)
        return back

    def preview(self, measures: Sequence[Measure], devices: Sequence[str]) -> tuple[str, str]:
        """What nft would get: the tables, where they do not stand, and the transaction."""
        shape = self._with_ssh(Shape(devices=tuple(devices))) or Shape()
        return self._nft.preview(measures, shape)

    # ------------------------------------------------- friends

    def allowed(self) -> list[Allowed]:
        """The allow list."""
        return self._store.allowed()

    def allow(self, network: str, why: str, now: datetime | None = None) -> list[Measure | Held]:
        """Never block this network; what was in force against it, and is no more.

        Kept before the firewall hears of it: it counts from the next measure on in any case.
        """
        text = _any_network(network)
        self._store.allow(Allowed(text, why, whoami(), utc(now or datetime.now(UTC))))
        self.refresh()
        ended: list[Measure | Held] = []
        with _told_apart(f"{text} is on the allow list, but the firewall was not told"):
            for one in self._nft.held():
                if _overlap(one.address, text):
                    ended += self.release(one.address, f"allowed: {why}" if why else "allowed")
            if self._nft.standing():
                self._befriend()
        return ended

    def disallow(self, network: str) -> bool:
        """Whether it was on the allow list."""
        text = _any_network(network)
        found = self._store.disallow(text)
        self.refresh()
        with _told_apart(f"{text} is off the allow list, but the firewall was not told"):
            if found and self._nft.standing():
                self._befriend()
        return found

    def know(self, addresses: Iterable[Address], lasts: timedelta) -> None:
        """Users were let in from these, or we call them: they are not slowed down as strangers."""
        self._nft.know(addresses, math.ceil(lasts.total_seconds()))

    def slowed(self) -> dict[str, int]:
        """Packets dropped for their rate: `limited`, `strangers`, `crowd`."""
        return self._nft.slowed()

    def _befriend(self) -> None:
        """Tell the firewall who passes always, where that is not what it was told last."""
        if self._kept is None:
            self.refresh()
        kept = self._kept or ()
        friends = (tuple(keep.friends(kept, self._allowed)), tuple(keep.ssh_peers(kept)))
        if friends != self._friends:
            self._nft.befriend(*friends)
            self._friends = friends

    def _with_ssh(self, shape: Shape | None) -> Shape | None:
        """The shape with the ports where this machine answers SSH, whoever asked for it."""
        if shape is None and (shape := self._nft.standing()) is not None:
            return shape
        ports = keep.ssh_ports(self._environment, self._root)
        return replace(shape or Shape(), ssh_ports=ports)

    def _allowing(self, address: str) -> str:
        return next((a.network for a in self._allowed if _overlap(address, a.network)), "")

    # ------------------------------------------------- the store

    def _keep(self, done: Sequence[Measure], old: Sequence[Measure], now: datetime) -> None:
        at = utc(now)
        done, old = self._not_kept(done, old)
        if old:
            self._store.end([one.id for one in old], at, "replaced")
        for case_id, measures in _by_case(done).items():
            if not case_id:
                self._store.add(measures)
                continue
            case = self._case(case_id)
            changed, entry = steps.apply_measures(case, measures, at, measures[0].by)
            self._store.add(measures, changed, entry)

    def _not_kept(
        self, done: Sequence[Measure], old: Sequence[Measure]
    ) -> tuple[list[Measure], list[Measure]]:
        """Without those that are asked for again, as their answer was lost on the way."""
        again = {one.id for one in done} & {one.id for one in old}
        kept = self._store.known(again) if again else set()
        return [o for o in done if o.id not in kept], [o for o in old if o.id not in again]

    def _ended(self, measures: Sequence[Measure], why: str) -> None:
        at = utc(datetime.now(UTC))
        for case_id, ended in _by_case(measures).items():
            ids = [one.id for one in ended]
            if not case_id:
                self._store.end(ids, at, why)
                continue
            changed, entry = steps.end_measures(self._case(case_id), ended, why, at, whoami())
            self._store.end(ids, at, why, changed, entry)

    def _case(self, case_id: str) -> Case:
        return self._book.find(case_id)


@contextmanager
def _told_apart(what: str) -> Iterator[None]:
    """What was done all the same, before the firewall failed."""
    try:
        yield
    except FirewallError as error:
        raise FirewallError(f"{what}: {error}") from error


def _by_case(measures: Iterable[Measure]) -> dict[str, list[Measure]]:
    cases: dict[str, list[Measure]] = {}
    for measure in measures:
        cases.setdefault(measure.case_id, []).append(measure)
    return cases


def _adopted(held: Held, now: datetime) -> Measure:
    """A measure that is in the firewall and not in the store: its record was lost."""
    until = utc(now + timedelta(seconds=held.left_s))
    why = "not proven: slowed down" if held.action == LIMIT else "not in this store"
    return Measure(held.id, held.action, held.address, why, "", "", until, held.ports)


def _any_network(text: str) -> str:
    """A network of any length, for the allow list; a single address as such."""
    try:
        return text_of(source_of(text))
    except MeasureError:
        pass
    try:
        network = ip_network(text) if "%" not in text else None
    except ValueError:
        network = None
    if network is not None and network.prefixlen >= _WIDEST[network.version]:
        return str(network)
    if network is not None:
        raise MeasureError(f"{network}: so wide that nobody could be blocked any more")
    raise MeasureError(f"{text[:60]!r}: no address or network (like 198.51.100.0/24)")


def _overlap(one: str, other: str) -> bool:
    mine, theirs = ip_network(one), ip_network(other)
    return mine.version == theirs.version and mine.overlaps(theirs)


def _within(one: str, other: str) -> bool:
    return one != other and "/" in other and _overlap(one, other)


def _is_over(measure: Measure, now: datetime) -> bool:
    return measure.until <= utc(now)
