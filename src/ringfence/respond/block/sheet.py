"""What all block lists share: addresses that were checked, and the words at the top.

Rules: nothing goes into a file but addresses that `ipaddress` wrote, numbers, the case
number, and our words. What somebody may have slipped into a reason is cut down to
letters, digits and a few signs that no shell, firewall or router obeys.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from ringfence.model.endpoint import plain_address
from ringfence.model.measure import BlockPlan, Withheld

T = TypeVar("T")

_CASE = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", re.ASCII)
# Case numbers are 18 characters long; sets, rules and tables are named after them.
MAX_CASE = 24
# Our sentences are shorter; who slipped a longer one in is cut.
MAX_WORDS = 400
# Comments of nftables have 128 octets.
MAX_COMMENT = 120
# Addresses that a heading names; README.md has more.
_NAMED = 20
_WIDTH = 108
_INDENT = " " * 9
_OBEYED = re.compile(r"[^A-Za-z0-9 .,:()/+=-]+")


class PlanError(ValueError):
    """A plan that cannot be written down: no script is better than a wrong one."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address to block, checked; `ports` narrows it, () is all of them."""

    address: IPv4Address | IPv6Address
    seconds: int
    until: str
    reason: str
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan that was checked, by kind of address."""

    case_id: str
    made_at: datetime
    targets: tuple[Target, ...]
    withheld: tuple[Withheld, ...] = ()

    @property
    def v4(self) -> tuple[Target, ...]:
        """Whole IPv4 addresses."""
        return tuple(t for t in self.targets if t.address.version == 4 and not t.ports)

    @property
    def v6(self) -> tuple[Target, ...]:
        """Whole IPv6 addresses."""
        return tuple(t for t in self.targets if t.address.version == 6 and not t.ports)

    @property
    def whole(self) -> tuple[Target, ...]:
        """Addresses of which every port is blocked."""
        return self.v4 + self.v6

    @property
    def narrowed(self) -> tuple[Target, ...]:
        """Addresses that users share: some source ports only."""
        return tuple(t for t in self.targets if t.ports)

    @property
    def last(self) -> datetime:
        """When the last block ends; when it was made, if there is none."""
        return max((_moment(t.until) for t in self.targets), default=self.made_at)


def sheet_of(plan: BlockPlan | Sheet) -> Sheet:
    """The plan, checked once. Raises PlanError for what is no address, case number or time."""
    if isinstance(plan, Sheet):
        return plan
    if not _CASE.fullmatch(plan.case_id) or len(plan.case_id) > MAX_CASE:
        raise PlanError(f"{plan.case_id!r} is no case number")
    made_at = _moment(plan.made_at)
    targets = {}
    for block in plan.blocks:
        address = plain_address(block.address)
        if address is None:
            raise PlanError(f"{block.address!r} is no address to block")
        if any(not 0 < port < 65536 for port in block.ports):
            raise PlanError(f"{address} has a port that is none")
        ends = _moment(block.until)
        seconds = int((ends - made_at).total_seconds())
        if seconds <= 0:
            raise PlanError(f"the block of {address} ends before it begins")
        ports = tuple(sorted(set(block.ports)))
        targets[address] = Target(address, seconds, utc(ends), our_words(block.reason), ports)
    in_order = sorted(targets.values(), key=lambda t: (t.address.version, int(t.address)))
    return Sheet(plan.case_id, made_at, tuple(in_order), plan.withheld)


def our_words(text: str) -> str:
    """The text without anything that a shell, a firewall or a router could obey."""
    return re.sub(r"\s+", " ", _OBEYED.sub(" ", text)).strip()[:MAX_WORDS].rstrip()


def comment_of(target: Target) -> str:
    """The reason, as many of its clauses as a firewall's comment holds."""
    if len(target.reason) <= MAX_COMMENT:
        return target.reason
    return target.reason[: MAX_COMMENT + 1].rpartition(", ")[0] or target.reason[:MAX_COMMENT]


def heading(
    sheet: Sheet,
    title: str,
    *,
    apply: str,
    undo: str,
    expires: str,
    notes: Sequence[str] = (),
    mark: str = "#",
) -> list[str]:
    """Comment lines: which case, made when, why, until when, how to apply and undo."""
    lines = [
        f"Ringfence block list: {title}",
        "",
        f"Case:    {sheet.case_id}",
        f"Made:    {utc(sheet.made_at)}",
        f"Blocks:  {_count(sheet)}",
        (
            "Why:     these addresses attacked the phone system over SIP, and are proven not to be "
            "forged; README.md beside this file has the reason of each, and who was left out"
        ),
        f"Expires: {expires}",
        f"Apply:   {apply}",
        f"Undo:    {undo}",
        *(f"Note:    {note}" for note in notes),
    ]
    if not sheet.targets:
        lines += ["", "Nothing to block: this file changes nothing that is not of this case."]
    return [f"{mark} {part}".rstrip() for line in lines for part in _wrapped(line)]


def without_ports(sheet: Sheet) -> list[str]:
    """A note for firewalls that cannot narrow a block to source ports."""
    if not sheet.narrowed:
        return []
    left_out = ", ".join(str(t.address) for t in sheet.narrowed[:_NAMED])
    more = len(sheet.narrowed) - _NAMED
    left_out += f" and {more} more" if more > 0 else ""
    return [f"left out, because users share them and only ports may be blocked: {left_out}"]


def widening(how: str = "write ADDRESS/64 in place of the address") -> str:
    """How to block more of an IPv6 attacker, said once."""
    return (
        f"an IPv6 attacker often owns a whole /64: {how}, after checking that no user of yours "
        "is in it"
    )


def utc(when: datetime) -> str:
    """ISO 8601 with Z, to the second."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def ended(lines: Iterable[str]) -> str:
    """Lines as a text file."""
    return "\n".join(lines) + "\n"


def in_parts(things: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """In turn, so many at a time."""
    for at in range(0, len(things), most):
        yield things[at : at + most]


def _wrapped(line: str) -> list[str]:
    """Long lines folded under their word; never within an address or an option."""
    return textwrap.wrap(
        line,
        _WIDTH,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _count(sheet: Sheet) -> str:
    if not sheet.targets:
        return "nothing"
    number = len(sheet.targets)
    text = f"{number} address{'es' if number > 1 else ''}"
    if sheet.narrowed:
        text += f", {len(sheet.narrowed)} of them by source port only"
    return text + (f"; left out: {len(sheet.withheld)} of the accused" if sheet.withheld else "")


def _moment(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise PlanError(f"{text!r} is no time") from None
    if when.tzinfo is None:
        raise PlanError(f"{text!r} has no zone")
    return when.astimezone(UTC)
