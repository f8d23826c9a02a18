"""What the judge found: its values, how a person reads them, what changed since the last run."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from lab.labels import KINDS
from ringfence.detect.verdict import ATTACKER, ATTACKER_DB, SUSPECT, SUSPECT_DB

SCHEMA: Final = "ringfence.judge/1"
# Attackers of one sort in one capture from which they share a line.
_MANY: Final = 4


@dataclass(frozen=True, slots=True)
class Attack:
    """One labelled attacker (an address, or a network of invented ones) and what was said."""

    capture: str
    address: str
    what: str
    verdict: str
    weight_db: float
    kinds_wanted: list[str]
    kinds_said: list[str]
    # Where success and proof differ from the label, in words.
    wrong: list[str]
    messages: int
    # Messages of this attacker until the verdict fell; None when it did not.
    messages_needed: int | None
    # Invented senders prove nothing of anybody: to suspect them is to find them.
    is_invented: bool = False

    @property
    def is_found(self) -> bool:
        return self.verdict == ATTACKER or (self.is_invented and self.verdict == SUSPECT)


@dataclass(frozen=True, slots=True)
class Accusation:
    """An innocent who was called attacker or suspect."""

    capture: str
    address: str
    what: str
    verdict: str
    weight_db: float
    clues: list[str]


@dataclass(frozen=True, slots=True)
class Near:
    """The source that is nearest to a threshold, and how far it is on the right side."""

    capture: str
    address: str
    weight_db: float
    margin_db: float


@dataclass(slots=True)
class Outcome:
    """All that the judge found; it is written as JSON."""

    schema: str = SCHEMA
    captures: int = 0
    innocents: int = 0
    attacks: list[Attack] = field(default_factory=list)
    accused: list[Accusation] = field(default_factory=list)
    # By kind: right, missed, said of an attacker without it, said of an innocent.
    kinds: dict[str, list[int]] = field(
        default_factory=lambda: {kind: [0, 0, 0, 0] for kind in KINDS}
    )
    trouble_missed: list[str] = field(default_factory=list)
    trouble_invented: list[str] = field(default_factory=list)
    nearest_innocents: list[Near] = field(default_factory=list)
    nearest_attackers: list[Near] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def lost(self) -> list[Attack]:
        return [attack for attack in self.attacks if not attack.is_found]


def report(outcome: Outcome) -> Iterator[str]:
    """The outcome as lines for a person."""
    found = len(outcome.attacks) - len(outcome.lost)
    yield (
        f"{outcome.captures} captures: {found} of {len(outcome.attacks)} attackers found, "
        f"{len(outcome.accused)} accused of {outcome.innocents} labelled innocents and others"
    )
    yield ""
    yield f"{'kind':20}{'right':>7}{'missed':>8}{'said too':>10}{'of innocents':>14}"
    for kind, counts in outcome.kinds.items():
        yield f"{kind:20}{counts[0]:7}{counts[1]:8}{counts[2]:10}{counts[3]:14}"
    yield ""
    yield f"{'attacker':48}{'dB':>7}{'messages':>10}{'needed':>8}  kinds"
    for _, group in groupby(outcome.attacks, key=lambda a: (a.capture, a.what, a.kinds_said)):
        yield from _attack_lines(list(group))
    yield ""
    yield from _needed_lines(outcome)
    yield from _margin_lines(outcome)
    for accusation in outcome.accused:
        yield (
            f"ACCUSED {accusation.capture} {accusation.address} ({accusation.what}): "
            f"{accusation.verdict} {accusation.weight_db} dB, {', '.join(accusation.clues)}"
        )
    for attack in outcome.lost:
        yield f"LOST {attack.capture} {attack.address} ({attack.what}): {attack.verdict}"
    yield from (f"in trouble, not told: {line}" for line in outcome.trouble_missed)
    yield from (f"not in trouble, but told so: {line}" for line in outcome.trouble_invented)
    yield from (f"not read: {line}" for line in outcome.unread)


def _attack_lines(attacks: list[Attack]) -> Iterator[str]:
    """A line for each, or one for all of a sort; then what is wrong with each."""
    if len(attacks) < _MANY:
        for attack in attacks:
            yield _attack_line(attack, f"{attack.capture[:28]} {attack.address}")
    else:
        slowest = max(attacks, key=lambda a: a.messages_needed or a.messages)
        yield _attack_line(slowest, f"{slowest.capture[:28]} {len(attacks)} of a sort, the slowest")
    for attack in attacks:
        yield from (f"{'':6}wrong: {attack.address} {fault}" for fault in attack.wrong)


def _attack_line(attack: Attack, name: str) -> str:
    kinds = [
        *(kind for kind in attack.kinds_wanted if kind in attack.kinds_said),
        *(f"MISSED {kind}" for kind in attack.kinds_wanted if kind not in attack.kinds_said),
        *(f"too: {kind}" for kind in attack.kinds_said if kind not in attack.kinds_wanted),
    ]
    needed = "-" if attack.messages_needed is None else str(attack.messages_needed)
    return f"{name:48}{attack.weight_db:7.1f}{attack.messages:10}{needed:>8}  {', '.join(kinds)}"


def _needed_lines(outcome: Outcome) -> Iterator[str]:
    needed = [a.messages_needed for a in outcome.attacks if a.messages_needed is not None]
    if not needed:
        return
    yield f"messages until the verdict: median {statistics.median(needed):g}, worst {max(needed)}"
    for kind in KINDS:
        of_kind = [
            a.messages_needed
            for a in outcome.attacks
            if kind in a.kinds_wanted and a.messages_needed is not None
        ]
        if of_kind:
            yield f"  {kind:20} median {statistics.median(of_kind):g}, worst {max(of_kind)}"


def _margin_lines(outcome: Outcome) -> Iterator[str]:
    for title, nearest, threshold in (
        ("innocents nearest to suspicion", outcome.nearest_innocents, SUSPECT_DB),
        ("attackers nearest to escape", outcome.nearest_attackers, ATTACKER_DB),
    ):
        yield f"{title} ({threshold:g} dB):"
        for near in nearest[:3]:
            where = f"{near.capture} {near.address}"
            yield f"  {where:52}{near.weight_db:7.1f} dB, margin {near.margin_db:.1f}"


def read_outcome(path: Path) -> Outcome | None:
    """The outcome of the last run; None when there is none or it is of another version."""
    try:
        before = msgspec.json.decode(path.read_bytes(), type=Outcome)
    except (OSError, msgspec.MsgspecError):
        return None
    return before if before.schema == SCHEMA else None


def knows_more(before: Outcome | None, now: Outcome) -> bool:
    """Whether the last run saw captures that this one did not."""
    if before is None:
        return False
    return bool({a.capture for a in before.attacks} - {a.capture for a in now.attacks})


def changes(before: Outcome | None, now: Outcome) -> Iterator[str]:
    """What is different from the last run, worst first."""
    if before is None:
        yield "no earlier run to compare with"
        return
    accused = {(a.capture, a.address) for a in before.accused}
    for one in now.accused:
        if (one.capture, one.address) not in accused:
            yield f"newly accused: {one.capture} {one.address}"
    earlier = {(a.capture, a.address): a for a in before.attacks}
    for attack in now.attacks:
        old = earlier.get((attack.capture, attack.address))
        if old is not None:
            yield from _attack_changes(old, attack)


def _attack_changes(old: Attack, new: Attack) -> Iterator[str]:
    name = f"{new.capture} {new.address}"
    if old.is_found != new.is_found:
        yield f"{'newly lost' if old.is_found else 'found again'}: {name}"
    elif old.kinds_said != new.kinds_said:
        yield f"other kinds: {name} {' '.join(old.kinds_said)} -> {' '.join(new.kinds_said)}"
    if old.messages_needed and new.messages_needed and old.messages_needed != new.messages_needed:
        yield f"messages needed: {name} {old.messages_needed} -> {new.messages_needed}"
