"""Heads of HTTP: enough is left to see that a WebSocket begins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.handshake import redact_handshake

HEAD = (
    b"GET /secret?token=1 HTTP/1.1\r\nHost: secret.example\r\nUpgrade: WebSocket\r\n"
    b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Protocol: sip, secret\r\n"
    b"Cookie: secret\r\nX-Secret: 1\r\n\r\n"
)


def test_the_upgrade_stays_and_the_rest_does_not() -> None:
    made = redact_handshake(HEAD)
    assert b"secret" not in made.lower()
    assert b"Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n" in made
    assert b"Sec-WebSocket-Protocol: sip, xxxxxx\r\n" in made
    assert made.startswith(b"GET /xxxxxxxxxxxxxx HTTP/1.1\r\n")


def test_the_answer() -> None:
    made = redact_handshake(b"HTTP/1.1 101 secret\r\nSec-WebSocket-Accept: secret\r\n\r\n")
    assert made == b"HTTP/1.1 101 xxxxxx\r\nSec-WebSocket-Accept: xxxxxx\r\n\r\n"


@given(st.binary(max_size=300))
def test_any_octets_keep_their_number(head: bytes) -> None:
    assert len(redact_handshake(head)) == len(head)
