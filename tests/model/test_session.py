from __future__ import annotations

import pytest

from ringfence.model.session import Connection, Media, SessionDescription

HERE = Connection(b"IP4", b"192.0.2.1")
THERE = Connection(b"IP6", b"2001:db8::1")


def medium(connection: Connection | None) -> Media:
    return Media(b"audio", 16384, b"RTP/AVP", (b"0",), connection, b"sendrecv")


@pytest.mark.parametrize(
    ("session", "media", "address"),
    [
        (HERE, [THERE], b"192.0.2.1"),
        (None, [None, THERE], b"2001:db8::1"),
        (None, [None], None),
        (None, [], None),
    ],
)
def test_the_first_address_that_is_named(
    session: Connection | None, media: list[Connection | None], address: bytes | None
) -> None:
    description = SessionDescription(b"", b"", session, tuple(medium(c) for c in media))
    assert description.address == address
