"""The state of a walk: what a packet leaves, what media flows leave."""

from __future__ import annotations

import random

import pytest

from ringfence.wire import _columns as columns
from ringfence.wire._batch import (
    MEDIA_BUCKETS,
    MEDIA_GAP_NS,
    MEDIA_STREAM,
    MEDIA_WIDTH,
    Batch,
    media_hash,
    note_media,
    stream_hash,
)

SECOND = 1_000_000_000


@pytest.fixture
def batch() -> Batch:
    return Batch(bytearray(64), 3)


HERE = 0xFFFF_C000_0201


def note(batch: Batch, port: int, time: int, low: int = HERE, stream: int = 7) -> None:
    batch.destination_low, batch.destination_port, batch.time = low, port, time
    note_media(batch, stream)


def flow(port: int, stream: int = 7) -> int:
    """The key of a stream towards a port here."""
    return media_hash(0, HERE, port) & ~MEDIA_STREAM | stream


def flows(batch: Batch) -> dict[int, tuple[int, int, int]]:
    """Packets, first and last time of each flow."""
    found = {}
    for o in range(0, len(batch.media), MEDIA_WIDTH):
        key, count, first, last = batch.media[o : o + MEDIA_WIDTH]
        if key:
            found[key] = (count, first, last)
    return found


def test_sizes_follow_the_rows(batch: Batch) -> None:
    assert batch.capacity == 3
    assert len(batch.slots) == 3 * columns.SLOT_WIDTH
    assert len(batch.wide) == 3 * columns.WIDE_WIDTH
    assert len(batch.counts) == columns.REASONS


def test_start_packet_forgets_the_one_before(batch: Batch) -> None:
    batch.time, batch.source_low, batch.notes, batch.help_more, batch.cut = 1, 2, 3, 1, 1
    batch.packets = 7
    batch.start_packet()
    assert (batch.time, batch.source_low, batch.notes, batch.help_more, batch.cut) == (0,) * 5
    assert batch.packets == 7


def test_media_is_counted_by_where_it_goes(batch: Batch) -> None:
    for time, port in ((10, 4000), (11, 4000), (12, 4002), (13, 4000)):
        note(batch, port, time)
    assert flows(batch) == {
        flow(4000): (3, 10, 13),
        flow(4002): (1, 12, 12),
    }


def test_streams_towards_one_port_are_told_apart(batch: Batch) -> None:
    """A call after another takes the same port within a second, with an SSRC of its own."""
    for time, stream in ((10, 1), (11, 1), (12, 0xFFFF_FFFF)):
        note(batch, 4000, time, stream=stream)
    assert flows(batch) == {flow(4000, 1): (2, 10, 11), flow(4000, 0xFFFF_FFFF): (1, 12, 12)}


def test_silence_ends_a_flow(batch: Batch) -> None:
    """The port is used again by a later call."""
    for time in (SECOND, 2 * SECOND, 2 * SECOND + MEDIA_GAP_NS):
        note(batch, 4000, time)
    key = flow(4000)
    assert flows(batch)[key] == (3, SECOND, 2 * SECOND + MEDIA_GAP_NS)
    note(batch, 4000, 2 * SECOND + 2 * MEDIA_GAP_NS + 1)
    assert flows(batch)[key][0] == 1


def test_flood_of_flows_takes_the_place_of_the_oldest(batch: Batch) -> None:
    """The table is bounded; who is silent longest goes."""
    random_source = random.Random(1)  # noqa: S311  seeded on purpose
    for time in range(1, 6 * MEDIA_BUCKETS):
        note(batch, random_source.randrange(65536), time, random_source.getrandbits(48))
    note(batch, 4000, 10**9)
    held = flows(batch)
    assert len(held) <= 4 * MEDIA_BUCKETS
    assert held[flow(4000)] == (1, 10**9, 10**9)


def test_directions_are_told_apart(batch: Batch) -> None:
    seen = set()
    for source, destination, port, to in ((1, 2, 3, 4), (2, 1, 3, 4), (1, 2, 4, 3), (1, 2, 3, 5)):
        batch.source_low, batch.destination_low = source, destination
        batch.source_port, batch.destination_port = port, to
        seen.add(stream_hash(batch))
        batch.source_high = 1
        seen.add(stream_hash(batch))
        batch.source_high = 0
    assert len(seen) == 8
