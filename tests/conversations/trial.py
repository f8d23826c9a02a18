"""A conversation before the judge: through the whole flow, and what is wrong with the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ringfence.detect.verdict import ATTACKER, ORDINARY, SUSPECT, Verdict
from ringfence.flow import Investigation, investigate
from tests.conversations.script import Expected, Scene


def try_scene(scene: Scene, folder: Path) -> Investigation:
    """Write the conversation as a capture and investigate it."""
    path = folder / "scene.pcap"
    path.write_bytes(scene.capture())
    return investigate([str(path)])


def verdict_of(scene: Scene, investigation: Investigation, party: str) -> Verdict | None:
    """What was said of a party; None when there was nothing to say."""
    address = scene.parties[party].address
    return next((v for v in investigation.verdicts if v.deeds.address == address), None)


def complaints(scene: Scene, investigation: Investigation) -> list[str]:
    """Where verdicts differ from what the conversation expects, in words."""
    found = []
    named = {scene.parties[expected.party].address for expected in scene.expected}
    for expected in scene.expected:
        verdict = verdict_of(scene, investigation, expected.party)
        found += [f"{expected.party}: {fault}" for fault in _faults(expected, verdict)]
    for verdict in investigation.verdicts:
        if verdict.deeds.address not in named and verdict.verdict in (ATTACKER, SUSPECT):
            found.append(f"{verdict.deeds.address}: accused, {_shown(verdict)}")
    return found


def _faults(expected: Expected, v: Verdict | None) -> Iterator[str]:
    said = v.verdict if v else ORDINARY
    borne = {clue.rule for clue in v.clues} if v else set()
    if expected.verdict not in ("*", said):
        yield f"{said} instead of {expected.verdict}, {_shown(v)}"
    if expected.kinds and (v is None or set(v.kinds) != expected.kinds):
        yield f"kinds {sorted(v.kinds) if v else []} instead of {sorted(expected.kinds)}"
    if expected.bears - borne:
        yield f"does not bear {sorted(expected.bears - borne)}, {_shown(v)}"
    if expected.lacks & borne:
        yield f"bears {sorted(expected.lacks & borne)}, {_shown(v)}"
    if expected.proof and (v is None or v.deeds.proven != expected.proof):
        yield f"proof {v.deeds.proven if v else 'none'} instead of {expected.proof}"


def _shown(v: Verdict | None) -> str:
    if v is None:
        return "nothing seen"
    return f"{v.weight_db} dB: " + ", ".join(f"{c.rule} {c.weight_db}" for c in v.clues)
