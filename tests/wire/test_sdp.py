from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.sdp import MAX_LINES, MAX_MEDIA, decode_sdp

OFFER = b"""\
v=0
o=- 20518 0 IN IP4 192.0.2.1
s=call
c=IN IP4 192.0.2.1/127
t=0 0
a=recvonly
m=audio 49170/2 RTP/SAVP 0 101
a=rtpmap:101 telephone-event/8000
a=sendrecv
m=video 0 RTP/AVP 31
c=IN IP4 media.example.com
"""


@pytest.mark.parametrize("offer", [OFFER, OFFER.replace(b"\n", b"\r\n"), OFFER + b"\r\n"])
def test_where_media_goes(offer: bytes) -> None:
    sdp, notes = decode_sdp(offer)
    assert notes == NONE
    assert (sdp.origin, sdp.name) == (b"- 20518 0 IN IP4 192.0.2.1", b"call")
    assert sdp.address == b"192.0.2.1"
    audio, video = sdp.media
    assert (audio.kind, audio.port, audio.protocol, audio.formats) == (
        b"audio",
        49170,
        b"RTP/SAVP",
        (b"0", b"101"),
    )
    assert audio.connection == sdp.connection
    assert (audio.direction, video.direction) == (b"sendrecv", b"recvonly")
    assert video.connection is not None
    assert (video.port, video.connection.address) == (0, b"media.example.com")


@pytest.mark.parametrize(
    ("sound", "odd"),
    [
        (b"v=0", b"v=1"),
        (b"v=0\n", b""),
        (b"o=", b"x="),
        (b"s=call\n", b""),
        (b"t=0 0\n", b""),
        (b"s=call", b"s =call"),
        (b"s=call", b"testing=123"),
        (b"49170/2", b"-1"),
        (b"49170/2", b"65536"),
        (b"RTP/SAVP 0 101", b"RTP/SAVP"),
        (b"c=IN IP4 192.0.2.1/127\n", b""),
        (b"c=IN IP4 192.0.2.1", b"c=IN IP4 192.0.2.999"),
        (b"c=IN IP4 192.0.2.1", b"c=IN IP4 2001:db8::1"),
        (b"c=IN IP4 192.0.2.1", b"c=IN IPX 192.0.2.1"),
        (b"c=IN IP4 192.0.2.1", b"c=IP4 192.0.2.1"),
    ],
)
def test_a_description_without_what_it_must_have(sound: bytes, odd: bytes) -> None:
    assert decode_sdp(OFFER.replace(sound, odd, 1))[1] == Anomaly.SDP_INVALID


def test_media_without_end_are_cut() -> None:
    sdp, notes = decode_sdp(OFFER + b"m=audio 1 RTP/AVP 0\na=inactive\n" * 100)
    assert len(sdp.media) == MAX_MEDIA
    assert notes == Anomaly.TOO_MANY_PARTS
    assert sdp.media[1].direction == b"recvonly"


def test_lines_without_end_are_cut() -> None:
    sdp, notes = decode_sdp(OFFER + b"a=x\n" * MAX_LINES)
    assert len(sdp.media) == 2
    assert notes == Anomaly.TOO_MANY_PARTS


def test_nothing_is_no_description() -> None:
    sdp, notes = decode_sdp(b"")
    assert (sdp.media, sdp.address, notes) == ((), None, Anomaly.SDP_INVALID)
