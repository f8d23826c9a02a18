"""All sources at one moment: what the owner says decides who is ours and who is known."""

from __future__ import annotations

from ringfence.detect.assess import assess
from ringfence.detect.verdict import Verdict, weigh
from tests.conversations.script import read_scene
from tests.conversations.trial import watch_packets

ATTACK = """
pbx 192.0.2.10
eve 203.0.113.66 agent=friendly-scanner tag=svwar
eve REGISTER {100..130} > 404
"""


def verdicts(*, ours: bool = False, known: bool = False) -> dict[str, Verdict]:
    scene = read_scene(ATTACK)
    eve = (scene.parties["eve"].address,)
    watch = watch_packets(scene.packets)
    found = assess(watch.sources(), eve if ours else (), eve if known else ())
    return {str(v.deeds.address): v for v in found.verdicts}


def test_who_is_asked_is_ours_when_nobody_says() -> None:
    scene = read_scene(ATTACK)
    found = assess(watch_packets(scene.packets).sources())
    assert found.ours == (scene.parties["pbx"].address,)


def test_owners_word_counts() -> None:
    assert verdicts()["203.0.113.66"].verdict == "attacker"
    assert verdicts(ours=True)["203.0.113.66"].verdict == "ordinary"
    assert "known" in {clue.rule for clue in verdicts(known=True)["203.0.113.66"].clues}


def test_another_way_of_weighing_is_asked_for_each_source() -> None:
    scene, asked = read_scene(ATTACK), []

    def noted(deeds: object) -> Verdict:
        asked.append(deeds)
        return weigh(deeds)  # type: ignore[arg-type]

    sources = watch_packets(scene.packets).sources()
    assess(sources, weigh=noted)
    assert len(asked) == len(sources.remarkable)
