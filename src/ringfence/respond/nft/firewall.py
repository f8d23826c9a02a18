"""The responder for nftables: tables that stand, measures put into them and taken out again.

How it works: tables are made once, in one transaction; after that a measure is an element
of a set, all measures of a batch one transaction, and the kernel ends each by itself. What
is in force is always read from the kernel: a crash or a restart of ours changes nothing.
Who may not be blocked is for `respond/keep.py`; what the allow list says is also in the
tables themselves, before any rule that drops.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

from ringfence.model.endpoint import Address
from ringfence.model.measure import FirewallError, Held, Measure, MeasureError
from ringfence.respond.nft import ruleset
from ringfence.respond.nft.elements import (
    INET,
    NETDEV,
    TABLE,
    Element,
    Network,
    create,
    elements_of,
    fill,
    known,
    put,
    take,
    text_of,
)
from ringfence.respond.nft.listing import Listing, carried, held, listing_of
from ringfence.respond.nft.program import ExistsError, Program, TableMissingError, transaction
from ringfence.respond.nft.shape import Shape
from ringfence.respond.plan import MAX_LASTS


class Nftables:
    """Our part of this machine's firewall. Every method raises FirewallError."""

    def __init__(
        self, program: Program | None = None, is_device: Callable[[str], bool] | None = None
    ) -> None:
        self._program = program or Program()
        self._is_device = is_device or _is_device
        self._shape: Shape | None = None
        self._friends: tuple[Element, ...] | None = None  # None: as they stand

    def stand(self, shape: Shape | None = None, *, anew: bool = False) -> bool:
        """Tables of this shape; whether they had to be made, or mended, now.

        What they hold is kept, whatever changes. Without a shape: as they stand, or plain
        ones where there are none. `anew` is for an interface that went and came back: older
        kernels forget its hook, and nft does not tell.
        """
        listing = self._listing()
        wanted = shape or listing.shape or Shape()
        if listing.whole and listing.shape == wanted and not anew:
            self._shape = wanted
            return False
        # Newer kernels take names of interfaces that may come some day: a slip of the pen as well.
        for device in wanted.devices:
            if not self._is_device(device):
                raise FirewallError(f"no interface {device}: see `ip link`, or leave out --device")
        try:
            held = {family: self._befriended(e) for family, e in carried(listing).items()}
            self._program.load(ruleset.tables(wanted, held, listing.present))
        except TableMissingError as error:
            raise FirewallError(
                f"{error}; is there no ingress hook (CONFIG_NETFILTER_INGRESS) in this kernel? "
                "Leave out --device"
            ) from error
        self._shape = wanted
        return True

    def standing(self) -> Shape | None:
        """The shape of the tables; None where there are none, or none that are whole."""
        listing = self._listing()
        return listing.shape if listing.whole else None

    def apply(
        self,
        measures: Sequence[Measure],
        now: datetime | None = None,
        instead_of: Iterable[Measure | Held] = (),
    ) -> bool:
        """All of these in force, or none: those that are already begin anew. Raises MeasureError.

        In the same transaction the others come to an end. Whether the tables had to be made
        anew, because another program took them away, and with them what they held.
        """
        elements = _elements(measures, now or datetime.now(UTC))
        ended = _all_elements(instead_of)
        if not ended and self._create(elements):
            return False
        return self._change(lambda families: [*take(families, ended), *put(families, elements)])

    def withdraw(self, measures: Iterable[Measure | Held]) -> None:
        """None of these in force any more, whether they were or not."""
        elements = _all_elements(measures)
        if self._shape is not None or self.standing():
            self._change(lambda families: take(families, elements))

    def befriend(self, allowed: Iterable[Network], ssh: Iterable[Address] = ()) -> None:
        """These networks pass always, and those addresses to the SSH port; nobody else does."""
        networks = {"allow": list(allowed), "ssh": [ip_network(address) for address in ssh]}
        members = {
            f"{name}{version}": _collapsed([one for one in found if one.version == version])
            for name, found in networks.items()
            for version in (4, 6)
        }
        self._friends = tuple(
            Element(name, (text_of(network),), 0)
            for name, found in members.items()
            for network in found
        )
        self._change(
            lambda families: [
                command
                for name, found in members.items()
                for command in fill(families, name, found)
            ]
        )

    def know(self, addresses: Iterable[Address], seconds: int) -> None:
        """Users were let in from these, or we call them: they are no strangers for so long."""
        elements = known(addresses, seconds)
        self._change(lambda families: put(families, elements))

    def held(self) -> tuple[Held, ...]:
        """What is in force, with its counters."""
        return held(self._listing())

    def slowed(self) -> dict[str, int]:
        """Packets that were dropped for their rate: limited, strangers, crowd."""
        return dict(self._listing().counters)

    def remove(self) -> None:
        """Nothing of ours is left."""
        self._program.load(ruleset.removal(self._listing().present))
        self._shape = None

    def preview(
        self, measures: Sequence[Measure], shape: Shape, now: datetime | None = None
    ) -> tuple[str, str]:
        """What would be loaded: the tables, and the transaction that fills them."""
        elements = _elements(measures, now or datetime.now(UTC))
        commands = put(ruleset.families(shape), elements)
        return ruleset.tables(shape), transaction(commands).decode()

    def _create(self, elements: Sequence[Element]) -> bool:
        """The short way, for what is new, in tables that stand; whether it could be gone."""
        if self._shape is None or not elements:
            return False
        try:
            self._program.change(create(ruleset.families(self._shape), elements))
        except (ExistsError, TableMissingError):
            return False
        return True

    def _change(self, commands: Callable[[Sequence[str]], list[dict[str, Any]]]) -> bool:
        """One transaction; again after the tables were made, where somebody took them away."""
        made = False
        if self._shape is None:
            made = self.stand()
        for again in (False, True):
            shape = self._shape or Shape()
            todo = commands(ruleset.families(shape))
            if not todo:
                break
            try:
                self._program.change(todo)
            except TableMissingError:
                if again:
                    raise
                made = self.stand(shape)
            else:
                break
        return made

    def _befriended(self, elements: Iterable[Element]) -> tuple[Element, ...]:
        """What tables hold, with the friends that we know of: no moment without them."""
        if self._friends is None:
            return tuple(elements)
        others = (one for one in elements if one.set[:-1] not in ("allow", "ssh"))
        return (*self._friends, *others)

    def _listing(self) -> Listing:
        return listing_of(
            {family: self._program.listed(family, TABLE) for family in (NETDEV, INET)}
        )


def _elements(measures: Iterable[Measure], now: datetime) -> list[Element]:
    return [e for one in measures for e in elements_of(one, seconds_left(one, now))]


def _all_elements(measures: Iterable[Measure | Held]) -> list[Element]:
    return [e for one in measures for e in elements_of(_plain(one), 1)]


def seconds_left(measure: Measure, now: datetime) -> int:
    """Until the measure ends. Raises MeasureError where it has no end, or is over."""
    try:
        until = datetime.fromisoformat(measure.until)
        left = math.ceil((until - now).total_seconds())
    except (ValueError, TypeError):
        raise MeasureError(f"{measure.address}: a measure needs its end, in UTC") from None
    if not 0 < left <= MAX_LASTS.total_seconds() + 1:
        raise MeasureError(
            f"{measure.address}: until {measure.until} is over, or more than "
            f"{MAX_LASTS.days} days away"
        )
    return left


def _plain(one: Measure | Held) -> Measure:
    if isinstance(one, Held):
        return Measure(one.id or "00000000", one.action, one.address, "", "", "", "", one.ports)
    return replace(one, ended_at="")


def _is_device(name: str) -> bool:
    try:
        return socket.if_nametoindex(name) > 0
    except OSError:
        return False


def _collapsed(networks: Sequence[Network]) -> list[Network]:
    """No network twice, or within another: the kernel refuses intervals that overlap."""
    four = [one for one in networks if isinstance(one, IPv4Network)]
    six = [one for one in networks if isinstance(one, IPv6Network)]
    return [*collapse_addresses(four), *collapse_addresses(six)]
