"""What a body says about media: a session description (RFC 8866), as far as calls need it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connection:
    """Where media should be sent: "IP4" or "IP6", and an address or a name."""

    address_type: bytes
    address: bytes  # without the TTL and count of multicast


@dataclass(frozen=True, slots=True)
class Media:
    """One stream offered: its own connection or that of its session; port 0 refuses it."""

    kind: bytes  # audio, video, image, ...
    port: int | None
    protocol: bytes  # RTP/AVP, RTP/SAVP, udptl, ...
    formats: tuple[bytes, ...]
    connection: Connection | None
    direction: bytes  # sendrecv, sendonly, recvonly, inactive


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """Who made it, and its media in their order."""

    origin: bytes  # text of the o= line
    name: bytes  # text of the s= line
    connection: Connection | None  # of the session
    media: tuple[Media, ...]

    @property
    def address(self) -> bytes | None:
        """The first connection address, of the session or of its first medium."""
        connections = (self.connection, *(medium.connection for medium in self.media))
        return next((c.address for c in connections if c is not None), None)
