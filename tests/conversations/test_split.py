"""Order must not matter: however packets are shared out, the verdicts are the same.

Over two files, read in turn by one watch; or over two watches that never saw each
other's packets, and are merged.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

import ringfence
from ringfence.detect._tally import COSTLY_DIGITS
from ringfence.detect.links import link
from ringfence.detect.profile import Call
from ringfence.detect.servers import find_ours
from ringfence.detect.verdict import Verdict, weigh
from ringfence.flow import investigate
from tests.conversations.script import FOLDER, Scene, capture_of, read_scene
from tests.conversations.trial import watch_packets
from tests.wire_cases.compile import Packet

# Over TCP a segment that is in the other file is lost to its stream: those are left out.
SCENES = sorted(
    f"{path.parent.name}/{path.stem}"
    for folder in ("attacks", "innocents")
    for path in (FOLDER / folder).glob("*.txt")
    if " tcp" not in path.read_text()
)
EXAMPLES = 120 if ringfence.compiled() else 25


@dataclass(frozen=True)
class Told:
    """What is said of one source."""

    verdict: str
    kinds: tuple[str, ...]
    accounts_tried: int
    guesses: int
    taken: tuple[str, ...]
    calls: tuple[tuple[str, int], ...]
    proven: str


@cache
def scene(name: str) -> Scene:
    return read_scene((FOLDER / f"{name}.txt").read_text())


@cache
def told_whole(name: str) -> dict[str, Told]:
    return told([scene(name).packets])


def told(files: list[list[Packet]]) -> dict[str, Told]:
    """What is said when these files are investigated together.

    The seed is that of the merged watches: one in thousands puts more requests into one
    bucket than it has places, and what is read one direction after the other then lacks one.
    """
    with tempfile.TemporaryDirectory() as folder, patch.object(os, "urandom", bytes):
        paths = []
        for number, packets in enumerate(files):
            path = Path(folder) / f"{number}.pcap"
            path.write_bytes(capture_of(packets))
            paths.append(str(path))
        return _told(investigate(paths).verdicts)


def told_merged(parts: list[list[Packet]]) -> dict[str, Told]:
    """What is said when each part went to a watch of its own, and those were merged."""
    watch, *others = [watch_packets(part) for part in parts]
    for other in others:
        watch.merge(other)
    sources = watch.sources()
    weighed = [weigh(deeds) for deeds in sources.remarkable]
    return _told(link(weighed, find_ours(sources.servers), ()))


def _told(verdicts: Iterable[Verdict]) -> dict[str, Told]:
    """Of every source that did anything wrong, or was let in."""
    return {
        str(v.deeds.address): Told(
            v.verdict,
            v.kinds,
            v.deeds.counts.accounts,
            v.deeds.counts.refused,
            tuple(sorted(v.deeds.profile.texts("accepted_accounts"))),
            tuple(sorted(_costly(v.deeds.calls_charged))),
            v.deeds.proven,
        )
        for v in verdicts
        if v.verdict != "ordinary"
    }


def _costly(calls: Iterable[Call]) -> Iterator[tuple[str, int]]:
    """Calls that may cost something, and how long each lasted; those to extensions are samples."""
    for call in calls:
        if len(call.number) >= COSTLY_DIGITS:
            yield call.number, call.ended_ns - call.answered_ns if call.ended_ns else 0


def _parts(packets: list[Packet], how: str, seed: int) -> list[list[Packet]]:
    """Two files: cut at a time, by direction, at random, or in bursts."""
    random = Random(seed)  # noqa: S311  seeded on purpose
    if how == "cut":
        at = random.randrange(len(packets) + 1)
        return [packets[:at], packets[at:]]
    if how == "direction":
        server = packets[0].octets[30:34]
        mine = [packet.octets[26:30] == server for packet in packets]
    elif how == "bursts":
        mine, state = [], False
        for _ in packets:
            state ^= random.random() < 0.1
            mine.append(state)
    else:
        share = random.random()
        mine = [random.random() < share for _ in packets]
    pairs = list(zip(packets, mine, strict=True))
    return [[p for p, is_mine in pairs if is_mine], [p for p, is_mine in pairs if not is_mine]]


ANY_SHARES = {
    "name": st.sampled_from(SCENES),
    "how": st.sampled_from(["cut", "direction", "bursts", "random"]),
    "seed": st.integers(0, 10_000),
    "swapped": st.booleans(),
}


@settings(max_examples=EXAMPLES, derandomize=True)
@given(**ANY_SHARES)
@example(name="attacks/prefix_hunting_404", how="direction", seed=0, swapped=True)
@example(name="innocents/called_abroad", how="bursts", seed=4, swapped=False)
def test_split_captures_give_the_same_verdicts(
    name: str, how: str, seed: int, *, swapped: bool
) -> None:
    parts = _parts(scene(name).packets, how, seed)
    assert told(parts[::-1] if swapped else parts) == told_whole(name)


@settings(max_examples=EXAMPLES, derandomize=True)
@given(**ANY_SHARES)
@example(name="attacks/guessing_spread_over_accounts", how="direction", seed=0, swapped=False)
def test_merged_watches_give_the_same_verdicts(
    name: str, how: str, seed: int, *, swapped: bool
) -> None:
    parts = _parts(scene(name).packets, how, seed)
    assert told_merged(parts[::-1] if swapped else parts) == told_whole(name)
