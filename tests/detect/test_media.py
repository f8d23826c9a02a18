"""Media of calls: ports that come back, streams, ends that are behind NAT."""

from __future__ import annotations

import pytest

from ringfence.detect.media import measure_media
from ringfence.detect.profile import Call, MediaEnd
from ringfence.wire._batch import Batch, note_media
from tests.conversations.script import read_scene
from tests.conversations.trial import deeds_of, watch_packets

SECOND = 10**9
HERE = 0xFFFF_C000_0201
END: MediaEnd = (0, HERE, 4000, b"")


def call(asked_s: int, ended_s: int = 0, media: tuple[MediaEnd, ...] = (END,)) -> Call:
    asked = asked_s * SECOND
    return Call("1", "2", asked, 200, asked + SECOND, ended_s * SECOND, media)


def batch(*sounds: tuple[float, int], port: int = 4000, low: int = HERE) -> Batch:
    """Packets towards one port: (second, SSRC)."""
    found = Batch(bytearray(64), 1)
    for second, stream in sounds:
        found.destination_low, found.destination_port = low, port
        found.time = round(second * SECOND)
        note_media(found, stream)
    return found


def test_media_within_a_call_is_its_own() -> None:
    only = call(10)
    measure_media(batch((12, 1), (13, 1), (19, 1)).media, [only])
    assert (only.media_packets, only.media_last_ns) == (3, 19 * SECOND)
    assert only.seconds == 8


def test_streams_of_two_calls_at_one_port_are_each_of_their_call() -> None:
    one, two = call(10, ended_s=20), call(21)
    measure_media(batch((12, 1), (19, 1), (23, 2), (24, 2), (25, 2)).media, [two, one])
    assert (one.media_packets, two.media_packets) == (2, 3)
    assert (one.seconds, two.seconds) == (9, 3)


def test_phone_with_one_ssrc_for_ever_talks_no_longer_than_its_call() -> None:
    """No BYE was seen; the next INVITE that wants its sound there says it was over."""
    one, two = call(10), call(20)
    measure_media(batch(*((s, 1) for s in range(12, 30))).media, [one, two])
    assert one.media_last_ns == 20 * SECOND
    assert two.media_packets == 0


def test_media_behind_the_end_is_not_of_the_call() -> None:
    only = call(10, ended_s=20)
    measure_media(batch((12, 1), (30, 2)).media, [only])
    assert (only.media_packets, only.media_last_ns) == (1, 12 * SECOND)


def test_media_before_the_call_is_not_of_the_call() -> None:
    only = call(10)
    measure_media(batch((8, 1), (9, 1)).media, [only])
    assert only.media_packets == 0


@pytest.mark.parametrize(
    ("stated", "packets"),
    [(b"192.0.2.77", 1), (b"192.0.2.78", 0), (b"pbx.example", 0), (b"\xff", 0)],
)
def test_stated_address_is_looked_at_as_well(stated: bytes, packets: int) -> None:
    """Behind NAT the description states an address that the packet does not come from."""
    only = call(10, media=((0, 1, 4000, stated),))
    measure_media(batch((12, 1), low=0xFFFF_C000_024D).media, [only])
    assert only.media_packets == packets


def test_ipv6_is_an_address_as_well() -> None:
    only = call(10, media=((0, 1, 4000, b"2001:db8::7"),))
    found = batch()
    found.destination_high, found.destination_low = 0x2001_0DB8 << 32, 7
    found.destination_port, found.time = 4000, 12 * SECOND
    note_media(found, 1)
    measure_media(found.media, [only])
    assert only.media_packets == 1


def test_ports_that_come_back_all_night_are_each_of_their_call() -> None:
    """The PBX hangs up, and gives the next call the same ports: a call, not a conversation."""
    scene = read_scene(
        "pbx 192.0.2.10\n"
        'thief 203.0.113.66 agent="Z 3.15" user=240\n'
        "thief INVITE 003718110{10..23} every=24 rtp=4000 > 407 auth 200 media=50 hangup=20"
    )
    d = deeds_of(scene, watch_packets(scene.packets))["thief"]
    assert [round(c.seconds or 0) for c in d.foreign_answered] == [20] * 14
    assert d.concurrent_foreign == 1
    later = sorted(d.foreign_answered, key=lambda c: c.asked_ns)[-4:]
    assert all(50 <= c.media_packets <= 100 for c in later), "no more streams are kept of a port"
