from __future__ import annotations

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire.counts import REASONS, not_decoded
from tests.wire_cases.compile import cases


def test_every_reason_has_words_of_its_own() -> None:
    assert set(REASONS) == set(range(columns.REASONS)) - {columns.R_SIP_START_ONLY}
    assert len(set(REASONS.values())) == len(REASONS)


def test_reasons_that_did_not_occur_are_left_out() -> None:
    batch = Batch(bytearray(8), 1)
    assert not_decoded(batch) == {}
    batch.counts[columns.R_MEDIA] = 3
    batch.counts[columns.R_NOT_IP] = 1
    assert not_decoded(batch) == {"not IP": 1, "media (RTP), counted only": 3}


def test_every_reason_is_shown_by_a_wire_case() -> None:
    """A reason that nothing reaches is a reason that nobody tested."""
    shown = {line.split()[0] for case in cases() for line in case.expected}
    reasons = {name for name in vars(columns) if name.startswith("R_")}
    assert reasons - shown == {"R_RECORD_DAMAGED", "R_SIP_START_ONLY"}
