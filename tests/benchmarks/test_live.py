"""A wire, a sender and readers, for real and small."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from benchmarks.live import READERS, bench, is_possible
from benchmarks.live_send import BATCH, PBX, SOURCES, messages
from ringfence.wire.feed import Feed

COUNT = 3000
NAMES = ("ringfence", "libpcap", "tcpdump")


def test_messages_that_are_sent_are_sound_of_one_length_and_all_different() -> None:
    made = [one for source in (0, 99, 100, SOURCES - 1) for one in messages(source)]
    assert len({len(one) for one in made}) == 1
    assert len(made[0]) * BATCH < 65_000, "what the kernel takes at once"
    feed, sender = Feed(), ip_address("198.18.100.100")
    for number, one in enumerate(made):
        assert feed.put(one, sender, 5062, ip_address(PBX), 5060, "udp", 10**18 + number)
    (table,) = feed.tables()
    assert len(table) == len(set(table.wide["call_hash"].tolist())) == len(made)
    table.fill_parts()
    assert {table.number(row, "anomalies") for row in table.rows()} == {0}


@pytest.mark.slow
def test_every_reader_sees_what_is_sent_slowly() -> None:
    if why := is_possible():
        pytest.skip(why)
    readers = [reader for reader in READERS if reader.name.startswith(NAMES)]
    rows = bench(readers, [3000], seconds=COUNT / 3000, say=print)
    assert {row.seen for row in rows} == {COUNT}
    assert {row.sent for row in rows} == {COUNT}
