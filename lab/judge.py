"""`python -m lab.judge`: what detection says of captures whose truth is known.

How it works: each labelled capture goes through the whole flow. An innocent who is
called attacker or suspect is accused; an attacker who is called anything but
attacker is lost. How soon a verdict falls is found by halving: the capture is cut
behind a packet, and investigated again. The outcome is compared with that of the
last run.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

import msgspec

from lab.beginnings import Capture, read_capture
from lab.labelled import Labelled, labelled_set
from lab.labels import KINDS, Source
from ringfence.detect.verdict import ATTACKER, ATTACKER_DB, PRIOR_DB, SUSPECT, SUSPECT_DB
from ringfence.flow import CaptureError, Investigation, investigate
from ringfence.model.incident import Suspect

SCHEMA: Final = "ringfence.judge/1"
_OURS: Final = (Path("examples"), Path("build/lab"))
_ELSEWHERE: Final = Path(os.environ.get("RINGFENCE_SHARED_DATA", "../shared/data")) / "captures"
_RESULT: Final = Path("benchmarks/results/judge.json")
# A call's length may be off by this much: labels are rounded, answers travel.
_SECONDS_APART: Final = 2.0


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
    """All that the judge found; `main` writes it as JSON."""

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
        return [attack for attack in self.attacks if attack.verdict != ATTACKER]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all is well, 1 an innocent accused or an attacker lost, 2 nothing labelled."""
    asked = _parse(arguments)
    labelled = [
        one
        for one in labelled_set(asked.ours or _OURS, asked.elsewhere)
        if not asked.name or any(name in one.name for name in asked.name)
    ]
    if not labelled:
        print("judge: no labelled captures; `make lab` makes some", file=sys.stderr)
        return 2
    outcome = judge(labelled, count_messages=not asked.quick)
    print("\n".join(report(outcome)))
    if not asked.name and not asked.quick:
        before = _read(asked.out)
        print("\n".join(changes(before, outcome)))
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_bytes(msgspec.json.format(msgspec.json.encode(outcome), indent=1) + b"\n")
    return 1 if outcome.accused or outcome.lost else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.judge", description=__doc__)
    parser.add_argument("name", nargs="*", help="parts of names of captures; all when left out")
    parser.add_argument("--ours", type=Path, action="append", help="folders with labels of the lab")
    parser.add_argument("--elsewhere", type=Path, default=_ELSEWHERE, help="folder of MANIFEST.tsv")
    parser.add_argument("--out", type=Path, default=_RESULT)
    parser.add_argument("--quick", action="store_true", help="do not count messages until a verdict")
    return parser.parse_args(arguments)


# ------------------------------------------------------------ judging


def judge(labelled: Sequence[Labelled], *, count_messages: bool = True) -> Outcome:
    """Investigate every capture and compare with its label."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        for one in labelled:
            try:
                investigation = investigate([str(one.capture)])
            except CaptureError as error:
                outcome.unread.append(str(error))
                continue
            outcome.captures += 1
            counting = _Counting(one, Path(folder)) if count_messages else None
            _judge_attackers(one, investigation, counting, outcome)
            _judge_innocents(one, investigation, outcome)
    outcome.nearest_innocents.sort(key=lambda near: near.margin_db)
    outcome.nearest_attackers.sort(key=lambda near: near.margin_db)
    del outcome.nearest_innocents[10:], outcome.nearest_attackers[10:]
    return outcome


def covers(source: Source, address: str) -> bool:
    """Whether the label's address, or network, is or holds this address."""
    if "/" not in source.address:
        return ip_address(source.address) == ip_address(address)
    return ip_address(address) in ip_network(source.address)


def _suspects_of(source: Source, investigation: Investigation) -> list[Suspect]:
    """Those accused that the label means, the surest first."""
    return [s for s in investigation.incident.suspects if covers(source, s.address)]


def _judge_attackers(
    one: Labelled, investigation: Investigation, counting: "_Counting | None", outcome: Outcome
) -> None:
    for source in one.attackers:
        suspects = _suspects_of(source, investigation)
        said = {kind for s in suspects for kind in s.kinds}
        verdict = suspects[0].verdict if suspects else "none"
        weight = suspects[0].weight_db if suspects else _weight_of(source, investigation)
        needed = counting.messages_needed(source) if counting and verdict == ATTACKER else None
        attack = Attack(
            one.name, source.address, source.what, verdict, weight,
            [kind for kind in KINDS if kind in source.kinds],
            [kind for kind in KINDS if kind in said],
            list(_wrong(source, suspects)) if one.is_ours else [],
            sum(s.messages for s in suspects), needed,
        )  # fmt: skip
        outcome.attacks.append(attack)
        margin = round(weight - ATTACKER_DB, 1)
        outcome.nearest_attackers.append(Near(one.name, source.address, weight, margin))
        for kind in KINDS:
            _count_kind(outcome.kinds[kind], kind in source.kinds, kind in said)


def _count_kind(counts: list[int], wanted: bool, said: bool) -> None:
    if wanted:
        counts[0 if said else 1] += 1
    elif said:
        counts[2] += 1


def _weight_of(source: Source, investigation: Investigation) -> float:
    weights = [
        v.weight_db for v in investigation.verdicts if covers(source, str(v.deeds.address))
    ]
    return max(weights, default=PRIOR_DB)


def _wrong(source: Source, suspects: Sequence[Suspect]) -> Iterator[str]:
    """Success and proof that differ from the label."""
    taken = {account for s in suspects for account in s.accounts_taken}
    if taken != set(source.accounts_taken):
        yield f"accounts taken {sorted(taken)}, labelled {sorted(source.accounts_taken)}"
    calls = [call for s in suspects for call in s.calls_answered]
    wanted = sorted(call.number for call in source.calls_answered)
    if sorted({call.dialled for call in calls}) != sorted(set(wanted)):
        yield f"answered {sorted({c.dialled for c in calls})}, labelled {sorted(set(wanted))}"
    for label in source.calls_answered:
        lengths = [call.seconds or 0.0 for call in calls if call.dialled == label.number]
        if label.seconds and lengths and abs(max(lengths) - label.seconds) > _SECONDS_APART:
            yield f"{label.number} lasted {max(lengths)} s, labelled {label.seconds}"
    proofs = {s.proven for s in suspects}
    if suspects and source.proof and source.proof not in proofs:
        yield f"proof {'/'.join(sorted(proofs))}, labelled {source.proof}"


def _judge_innocents(one: Labelled, investigation: Investigation, outcome: Outcome) -> None:
    in_trouble = {entry.address for entry in investigation.incident.in_trouble}
    outcome.innocents += sum(s.role != "attacker" for s in one.sources)
    for v in investigation.verdicts:
        address = str(v.deeds.address)
        label = next((s for s in one.sources if covers(s, address)), None)
        if label is not None and label.role == "attacker":
            continue
        # Somebody forges this address: to suspect it of just that is no accusation.
        suspected = v.verdict == SUSPECT and not (label and label.forged and label.kinds)
        if v.verdict == ATTACKER or suspected:
            clues = [f"{clue.rule} {clue.weight_db:+}" for clue in v.clues]
            what = label.what if label else "nobody who attacks"
            outcome.accused.append(
                Accusation(one.name, address, what, v.verdict, v.weight_db, clues)
            )
            for kind in v.kinds:
                outcome.kinds[kind][3] += 1
        margin = round(SUSPECT_DB - v.weight_db, 1)
        outcome.nearest_innocents.append(Near(one.name, address, v.weight_db, margin))
    for source in one.sources:
        if source.in_trouble and source.address not in in_trouble:
            outcome.trouble_missed.append(f"{one.name}: {source.address} {source.in_trouble}")
        elif one.is_ours and not source.in_trouble and source.address in in_trouble:
            outcome.trouble_invented.append(f"{one.name}: {source.address} {source.what}")


class _Counting:
    """Beginnings of one capture, investigated as often as needed and once each."""

    def __init__(self, one: Labelled, folder: Path) -> None:
        self._path = folder / "beginning.pcap"
        self._capture: Capture = read_capture(one.capture)
        self._known: dict[int, Investigation] = {}

    def messages_needed(self, source: Source) -> int:
        """Messages that the source had sent when it was first called an attacker."""
        low, high = 0, len(self._capture.ends)
        while low + 1 < high:
            middle = (low + high) // 2
            if self._accused(source, middle):
                high = middle
            else:
                low = middle
        suspects = self._accused(source, high)
        return sum(s.messages for s in suspects)

    def _accused(self, source: Source, packets: int) -> list[Suspect]:
        if packets not in self._known:
            self._path.write_bytes(self._capture.first(packets))
            self._known[packets] = investigate([str(self._path)])
        suspects = _suspects_of(source, self._known[packets])
        return suspects if suspects and suspects[0].verdict == ATTACKER else []


# ------------------------------------------------------------ telling


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
    yield f"{'attacker':44}{'dB':>7}{'messages':>10}{'needed':>8}  kinds"
    for attack in outcome.attacks:
        yield _attack_line(attack)
        for fault in attack.wrong:
            yield f"{'':6}wrong: {fault}"
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


def _attack_line(attack: Attack) -> str:
    kinds = [
        *(kind for kind in attack.kinds_wanted if kind in attack.kinds_said),
        *(f"MISSED {kind}" for kind in attack.kinds_wanted if kind not in attack.kinds_said),
        *(f"too: {kind}" for kind in attack.kinds_said if kind not in attack.kinds_wanted),
    ]
    name = f"{attack.capture[:26]} {attack.address}"
    needed = "-" if attack.messages_needed is None else str(attack.messages_needed)
    return f"{name:44}{attack.weight_db:7.1f}{attack.messages:10}{needed:>8}  {', '.join(kinds)}"


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


def _read(path: Path) -> Outcome | None:
    """The outcome of the last run; None when there is none or it is of another version."""
    try:
        before = msgspec.json.decode(path.read_bytes(), type=Outcome)
    except (OSError, msgspec.MsgspecError):
        return None
    return before if before.schema == SCHEMA else None


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
    gone = set(earlier) - {(a.capture, a.address) for a in now.attacks}
    yield from (f"no longer labelled: {capture} {address}" for capture, address in sorted(gone))


def _attack_changes(old: Attack, new: Attack) -> Iterator[str]:
    name = f"{new.capture} {new.address}"
    if (old.verdict == ATTACKER) != (new.verdict == ATTACKER):
        yield f"{'newly lost' if old.verdict == ATTACKER else 'found again'}: {name}"
    elif old.kinds_said != new.kinds_said:
        yield f"other kinds: {name} {' '.join(old.kinds_said)} -> {' '.join(new.kinds_said)}"
    if old.messages_needed and new.messages_needed and old.messages_needed != new.messages_needed:
        yield f"messages needed: {name} {old.messages_needed} -> {new.messages_needed}"


if __name__ == "__main__":
    sys.exit(main())
