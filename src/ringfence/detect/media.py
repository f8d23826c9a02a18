"""Media of answered calls: which packets towards which port belong to which call.

Ports are used again all day. What reaches a port belongs to the call in which it
began: after the INVITE that asked for it there, before that call ended, and before
the next call asked for media at the same port.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, ip_address

from ringfence.detect.profile import Call
from ringfence.wire._batch import MEDIA_BUCKETS, MEDIA_STREAM, MEDIA_WAYS, MEDIA_WIDTH, media_hash

# Where media is wanted: two words of an address, and a port.
_End = tuple[int, int, int]
_FOREVER = 2**64


def measure_media(media: Sequence[int], calls: Iterable[Call]) -> None:
    """Give each call what reached either of its ends (packets, first, last), and no other's."""
    wanted: dict[_End, list[Call]] = defaultdict(list)
    for call in calls:
        for end in _ends_of(call):
            wanted[end].append(call)
    for end, users in wanted.items():
        flows = _flows(media, end)
        if flows:
            users.sort(key=_asked)
            _share_out(flows, users)


def _asked(call: Call) -> int:
    return call.asked_ns


def _share_out(flows: list[tuple[int, int, int]], users: list[Call]) -> None:
    """Flows (packets, first, last) to the calls that took turns at one port."""
    begins = [call.asked_ns for call in users]
    for packets, first, last in flows:
        at = bisect_right(begins, first) - 1
        if at < 0:
            continue
        call = users[at]
        until = begins[at + 1] if at + 1 < len(users) else _FOREVER
        if call.ended_ns:
            until = min(until, call.ended_ns)
        if first > until:
            continue
        call.media_packets += packets
        call.media_first_ns = min(call.media_first_ns or first, first)
        call.media_last_ns = max(call.media_last_ns, min(last, until))


def _flows(media: Sequence[int], end: _End) -> list[tuple[int, int, int]]:
    """What the decoder counted towards this end, a flow for each stream."""
    key = media_hash(*end)
    bucket = (key % MEDIA_BUCKETS) * MEDIA_WAYS * MEDIA_WIDTH
    return [
        (media[o + 1], media[o + 2], media[o + 3])
        for o in range(bucket, bucket + MEDIA_WAYS * MEDIA_WIDTH, MEDIA_WIDTH)
        if media[o] and (media[o] ^ key) <= MEDIA_STREAM
    ]


def _ends_of(call: Call) -> set[_End]:
    """Behind NAT the stated address is not the real one: both are looked at."""
    ends: set[_End] = set()
    for high, low, port, stated in call.media:
        ends.add((high, low, port))
        ends |= {(*words, port) for words in _words_of(stated)}
    return ends


def _words_of(stated: bytes) -> list[tuple[int, int]]:
    """The two words of an address as the kernels keep it; none when it is no address."""
    try:
        address = ip_address(stated.decode("ascii", "replace"))
    except ValueError:
        return []
    if isinstance(address, IPv4Address):
        return [(0, 0xFFFF00000000 | int(address))]
    return [(int(address) >> 64, int(address) & 0xFFFFFFFFFFFFFFFF)]
