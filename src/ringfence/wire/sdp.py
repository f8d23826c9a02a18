"""Session descriptions (RFC 8866): connection addresses and media, as far as calls need them.

How it works: lines of one letter, "=" and text; what stands before the first m=
belongs to the session, what follows to that medium. Lines that say nothing about
where media goes are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ringfence.model.session import Connection, Media, SessionDescription
from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.grammar import decode_number
from ringfence.wire.uri import MAX_PORT, is_host, is_ipv6

# Media streams in one description: a video conference may offer dozens.
MAX_MEDIA = 64
# Lines: WebRTC offers a few hundred (ICE candidates).
MAX_LINES = 2048

_DIRECTIONS: Final = frozenset((b"sendrecv", b"sendonly", b"recvonly", b"inactive"))
# v=, o=, s= and t= must stand in every description (RFC 8866 9: session-description).
_NEEDED: Final = frozenset(b"vost")


@dataclass(slots=True)
class _Part:
    """The session, or one medium, while its lines are read."""

    words: list[bytes]  # of the m= line
    connection: Connection | None = None
    direction: bytes = b""


@dataclass(slots=True)
class _Reading:
    seen: set[int] = field(default_factory=set)
    texts: dict[int, bytes] = field(default_factory=dict)
    session: _Part = field(default_factory=lambda: _Part([]))
    media: list[_Part] = field(default_factory=list)
    current: _Part | None = None  # the medium whose lines are read; None: still the session
    notes: Anomaly = NONE


def decode_sdp(body: bytes) -> tuple[SessionDescription, Anomaly]:
    """The description that stands in a body; SDP_INVALID when it lacks what it must have."""
    reading = _Reading()
    lines = body.split(b"\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        reading.notes |= Anomaly.TOO_MANY_PARTS
    for line in lines[:MAX_LINES]:
        _read_line(reading, line.rstrip(b"\r"))
    if not reading.seen >= _NEEDED or body[:3] != b"v=0":
        reading.notes |= Anomaly.SDP_INVALID
    description = SessionDescription(
        reading.texts.get(ord("o"), b""),
        reading.texts.get(ord("s"), b""),
        reading.session.connection,
        tuple(_decode_media(reading, medium) for medium in reading.media),
    )
    return description, reading.notes


def _read_line(reading: _Reading, line: bytes) -> None:
    if not line.strip():
        return
    if line[1:2] != b"=" or not line[:1].isalpha():
        reading.notes |= Anomaly.SDP_INVALID
        return
    letter, text = line[0], line[2:]
    reading.seen.add(letter)
    part = reading.current or reading.session
    if letter == ord("m"):
        _begin_medium(reading, text)
    elif letter == ord("c") and part.connection is None:
        part.connection, notes = _decode_connection(text)
        reading.notes |= notes
    elif letter == ord("a") and text in _DIRECTIONS:
        part.direction = text
    elif reading.current is None:
        reading.texts.setdefault(letter, text)


def _begin_medium(reading: _Reading, text: bytes) -> None:
    reading.current = _Part(text.split())
    if len(reading.media) < MAX_MEDIA:
        reading.media.append(reading.current)
    else:
        reading.notes |= Anomaly.TOO_MANY_PARTS


def _decode_connection(text: bytes) -> tuple[Connection | None, Anomaly]:
    """c=IN IP4 192.0.2.1/127/3 (RFC 8866 5.7)."""
    words = text.split()
    if len(words) != 3 or words[0] != b"IN":
        return None, Anomaly.SDP_INVALID
    address = words[2].partition(b"/")[0]
    sound = (words[1] == b"IP6" and is_ipv6(address)) or (
        words[1] in (b"IP4", b"IP6") and is_host(address)
    )
    return Connection(words[1], address), NONE if sound else Anomaly.SDP_INVALID


def _decode_media(reading: _Reading, medium: _Part) -> Media:
    """m=audio 49170/2 RTP/AVP 0 8 (RFC 8866 5.14)."""
    words = [*medium.words, b"", b"", b""]
    port = decode_number(words[1].partition(b"/")[0])
    connection = medium.connection or reading.session.connection
    if port is None or port > MAX_PORT or len(medium.words) < 4 or connection is None:
        reading.notes |= Anomaly.SDP_INVALID
    return Media(
        kind=words[0],
        port=port if port is not None and port <= MAX_PORT else None,
        protocol=words[2],
        formats=tuple(medium.words[3:]),
        connection=connection,
        direction=medium.direction or reading.session.direction or b"sendrecv",
    )
