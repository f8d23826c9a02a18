"""A wire, a sender and readers, for real and small."""

from __future__ import annotations

import pytest

from benchmarks.live import READERS, bench, is_possible
from benchmarks.live_send import frames
from tests.wire_cases.compile import Packet
from tests.wire_cases.files import Pcap
from tests.wire_cases.reading import decode

COUNT = 3000
NAMES = ("ringfence", "libpcap", "tcpdump")


def test_frames_that_are_sent_are_sound_messages() -> None:
    made = [Packet(10**18 + n, 1, one, len(one)) for n, one in enumerate(frames(50))]
    rows = decode(Pcap().file(made)).rows
    assert len({row["call_id"] for row in rows}) == 50
    assert {row["anomalies"] for row in rows} == {0}


@pytest.mark.slow
def test_every_reader_sees_what_is_sent_slowly() -> None:
    if why := is_possible():
        pytest.skip(why)
    readers = [reader for reader in READERS if reader.name.startswith(NAMES)]
    rows = bench(readers, [3000], seconds=COUNT / 3000, say=print)
    assert {row.seen for row in rows} == {COUNT}
    assert {row.sent for row in rows} == {COUNT}
