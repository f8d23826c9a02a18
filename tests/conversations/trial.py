"""A conversation before the judge: through the whole flow, and what is wrong with the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ringfence.detect import _fields as f
from ringfence.detect._tally import MAX_SOURCES
from ringfence.detect.counts import Counts
from ringfence.detect.crowds import NO_CROWD
from ringfence.detect.deeds import Deeds
from ringfence.detect.profile import Profile
from ringfence.detect.verdict import ATTACKER, ORDINARY, SUSPECT, Verdict
from ringfence.detect.watch import Watch
from ringfence.flow import Investigation, investigate
from ringfence.wire.decoder import Decoder
from tests.conversations.script import Expected, Scene, capture_of, read_scene
from tests.wire_cases.compile import Packet
from tests.wire_cases.reading import tables


def try_scene(scene: Scene, folder: Path) -> Investigation:
    """Write the conversation as a capture and investigate it."""
    path = folder / "scene.pcap"
    path.write_bytes(scene.capture())
    return investigate([str(path)])


def watch_packets(
    packets: Sequence[Packet], max_sources: int = MAX_SOURCES, rows: int = 64, seed: int = 0
) -> Watch:
    """What the tally and its readers make of packets, in the order given."""
    watch, decoder = Watch(rows, max_sources, seed), Decoder(rows)
    for table in tables(decoder, capture_of(list(packets))):
        watch.take(table, 0)
    watch.measure_media(decoder.batch)
    return watch


def watch_text(text: str) -> dict[str, Deeds]:
    """Deeds of every party of a conversation, remarkable or not."""
    scene = read_scene(text)
    return deeds_of(scene, watch_packets(scene.packets))


def deeds_of(scene: Scene, watch: Watch) -> dict[str, Deeds]:
    """Deeds by the names of the parties; those that were never seen are left out."""
    watch.sources()  # how servers treat those who come is known only when all came
    by_address = {watch._address(i): i for i in range(watch._tally.n)}
    found = {}
    for name, party in scene.parties.items():
        i = by_address.get(party.address)
        if i is not None:
            row = tuple(watch._tally.rows[i * f.ROW_WIDTH : (i + 1) * f.ROW_WIDTH])
            profile = watch._read(i) or Profile()
            found[name] = watch._deeds(i, Counts(row), profile, NO_CROWD)
    return found


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
    is_meant = {"*": True, "accused": said in (ATTACKER, SUSPECT)}
    if not is_meant.get(expected.verdict, said == expected.verdict):
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
