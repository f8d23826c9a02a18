from __future__ import annotations

from ringfence.model import anomaly as words
from ringfence.wire import anomaly


def test_decoders_and_rules_mean_the_same_set() -> None:
    assert anomaly.Anomaly is words.Anomaly
    assert anomaly.NONE is words.NONE
    assert anomaly.INFORMATIVE == words.INFORMATIVE
