"""Order must not matter: a capture split over two files in any way gives the same verdicts."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

import ringfence
from ringfence.flow import Investigation, investigate
from tests.conversations.script import FOLDER, Scene, capture_of, read_scene
from tests.wire_cases.compile import Packet

# Over TCP a segment that is in the other file is lost to its stream: those are left out.
SCENES = sorted(
    f"{path.parent.name}/{path.stem}"
    for folder in ("attacks", "innocents")
    for path in (FOLDER / folder).glob("*.txt")
    if " tcp" not in path.read_text()
)
EXAMPLES = 120 if ringfence.compiled() else 25

Told = dict[str, tuple[str, tuple[str, ...], int, int]]


@cache
def scene(name: str) -> Scene:
    return read_scene((FOLDER / f"{name}.txt").read_text())


@cache
def told_whole(name: str) -> Told:
    return told([scene(name).packets])


def told(files: list[list[Packet]]) -> Told:
    """Verdict, kinds, accounts tried and guesses of every source that did anything wrong."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, packets in enumerate(files):
            path = Path(folder) / f"{number}.pcap"
            path.write_bytes(capture_of(packets))
            paths.append(str(path))
        return _told(investigate(paths))


def _told(investigation: Investigation) -> Told:
    return {
        str(v.deeds.address): (
            v.verdict,
            v.kinds,
            v.deeds.counts.accounts,
            v.deeds.counts.refused,
        )
        for v in investigation.verdicts
        if v.verdict != "ordinary"
    }


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


@settings(max_examples=EXAMPLES)
@given(
    name=st.sampled_from(SCENES),
    how=st.sampled_from(["cut", "direction", "bursts", "random"]),
    seed=st.integers(0, 10_000),
    swapped=st.booleans(),
)
def test_split_captures_give_the_same_verdicts(
    name: str, how: str, seed: int, *, swapped: bool
) -> None:
    parts = _parts(scene(name).packets, how, seed)
    assert told(parts[::-1] if swapped else parts) == told_whole(name), (name, how, seed, swapped)
