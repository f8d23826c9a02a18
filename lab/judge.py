"""`python -m lab.judge`: what detection says of captures whose truth is known.

How it works: each labelled capture goes through the whole flow. An innocent who is
called attacker or suspect is accused; an attacker who is called anything but
attacker is lost (suspect is enough for invented senders, who prove nothing). How
soon a verdict falls is found by halving: the capture is cut behind a packet, and
investigated again. The outcome is compared with that of the last run.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

import msgspec

from lab.beginnings import read_capture
from lab.judgement import (
    Accusation,
    Attack,
    Near,
    Outcome,
    changes,
    knows_more,
    read_outcome,
    report,
)
from lab.labelled import Labelled, labelled_set
from lab.labels import KINDS, Source
from ringfence.detect.verdict import ATTACKER, ATTACKER_DB, PRIOR_DB, SUSPECT, SUSPECT_DB
from ringfence.flow import CaptureError, Investigation, investigate
from ringfence.model.incident import Suspect

_OURS: Final = (Path("examples"), Path("build/lab"))
_ELSEWHERE: Final = Path(os.environ.get("RINGFENCE_SHARED_DATA", "../shared/data")) / "captures"
_RESULT: Final = Path("benchmarks/results/judge.json")
# A call's length may be off by this much: labels are rounded, answers travel.
_SECONDS_APART: Final = 2.0
# Sources nearest to a threshold that are written down.
_NEAREST: Final = 10


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
    before = read_outcome(asked.out)
    print("\n".join(changes(before, outcome)))
    if asked.name or asked.quick or knows_more(before, outcome):
        print(f"{asked.out} is kept: this run saw less than it tells of")
    else:
        _write(asked.out, outcome)
    return 1 if outcome.accused or outcome.lost else 0


def _write(path: Path, outcome: Outcome) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(outcome), indent=1) + b"\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.judge", description=__doc__)
    parser.add_argument("name", nargs="*", help="parts of names of captures; all when left out")
    parser.add_argument("--ours", type=Path, action="append", help="folders with labels of the lab")
    parser.add_argument("--elsewhere", type=Path, default=_ELSEWHERE, help="folder of MANIFEST.tsv")
    parser.add_argument("--out", type=Path, default=_RESULT)
    parser.add_argument(
        "--quick", action="store_true", help="do not count messages until a verdict"
    )
    return parser.parse_args(arguments)


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
    del outcome.nearest_innocents[_NEAREST:], outcome.nearest_attackers[_NEAREST:]
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
            sum(s.messages for s in suspects), needed, is_invented=source.forged,
        )  # fmt: skip
        outcome.attacks.append(attack)
        threshold = SUSPECT_DB if source.forged else ATTACKER_DB
        margin = round(weight - threshold, 1)
        outcome.nearest_attackers.append(Near(one.name, source.address, weight, margin))
        for kind in KINDS:
            _count_kind(outcome.kinds[kind], kind in source.kinds, kind in said)


def _count_kind(counts: list[int], wanted: bool, said: bool) -> None:
    if wanted:
        counts[0 if said else 1] += 1
    elif said:
        counts[2] += 1


def _weight_of(source: Source, investigation: Investigation) -> float:
    weights = [v.weight_db for v in investigation.verdicts if covers(source, str(v.deeds.address))]
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
        self._capture = read_capture(one.capture)
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


if __name__ == "__main__":
    sys.exit(main())
