"""`wire/_parts.parts`: the finer columns of a row.

Invariant: for any message that `_sip.message` takes, filling the parts raises
nothing; every span lies inside the message; ports are 0 to 65535; what stands
around the message changes nothing, and filling again changes nothing.
"""

from __future__ import annotations

from fuzz.harness import hold
from fuzz.messages import CHALLENGE, CREDENTIALS, SDP, request, response, samples
from fuzz.rows import GUARDS, Desk
from ringfence.wire import _columns as columns
from ringfence.wire._parts import parts
from ringfence.wire._sip import message

TOKENS = (
    b"<sip:", b"sips:", b"tel:", b'"', b'\\"', b">", b";tag=", b";branch=", b";received=",
    b";rport=", b"[2001:db8::1]", b"@", b":", b"%40", b"Digest ", b"username=", b"realm=",
    b"nonce=", b"response=", b"uri=", b"algorithm=", b"nc=", b"qop=", b"auth-int", b",", b"v=0\r\n",
    b"c=IN IP4 ", b"m=audio ", b"\r\n\r\n", b"/127", b"65536", b"ffffffff",
)  # fmt: skip

_DESK = Desk()
_PORTS = (columns.RPORT, columns.SDP_PORT, columns.SOURCE_PORT)


def quick(octets: bytes) -> object:
    """Spans inside the message."""
    start, end = _DESK.lay(octets)
    _DESK.batch.source_port = 5060
    if not message(_DESK.batch, start, end):
        return None
    parts(_DESK.batch, 0, 1)
    _DESK.check_row(0, start, end)
    for port in _PORTS:
        hold(0 <= _DESK.slots[port] <= 65535, "a port beyond 65535")
    hold(-1 <= _DESK.slots[columns.AUTH_NC] < 1 << 28, "nonce count beyond its digits")
    return _DESK.row(0)


def check(octets: bytes) -> object:
    """The same with another guard, and when it is filled twice."""
    seen = quick(octets)
    if seen is None:
        return None
    parts(_DESK.batch, 0, 1)
    hold(_DESK.row(0) == seen, "filling again changes the row")
    start, end = _DESK.lay(octets, GUARDS[1])
    message(_DESK.batch, start, end)
    parts(_DESK.batch, 0, 1)
    hold(_DESK.row(0) == seen, "it reads what is not its own")
    return seen


def seeds() -> list[bytes]:
    """Messages of each shape, and odd values of the headers that are taken apart."""
    odd = [
        b'From: "a;tag=1" <sip:a;x@b>;tag=2',
        b"From: sip:a@b;tag",
        b"To: <tel:+1-212-555-0100;phone-context=example.com>",
        b"Via: SIP/2.0/UDP [2001:db8::1]:5060;received=[2001:db8::2];branch=z9hG4bK,x",
        b'Authorization: Digest ,,username="a\\"b, realm=x y,nc=0000000g,qop="auth-int"',
        b"Authorization: Basic dXNlcjpwYXNz",
        b'WWW-Authenticate: Digest realm = "r" , nonce = n ,realm=2',
    ]
    return [
        *samples(),
        *(request(b"REGISTER", line) for line in odd),
        request(b"REGISTER", b"Authorization: " + CREDENTIALS),
        response(b"401 Unauthorized", b"WWW-Authenticate: " + CHALLENGE),
        request(body=SDP + b"m=audio\r\nc=\r\n"),
        request(uri=b"tel:+12125550100;x=1"),
        request(uri=b"<sip:a@b>"),
    ]
