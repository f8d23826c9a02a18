"""`evidence/redaction/message`: one message, redacted for whoever wrote it.

Invariant: any octets end in as many octets, and nothing is raised; start line, names
of known headers and the empty line stay where they are. Neither a user's name nor a
private address of the house is in what comes out, in either case; nor, in what an
accused source did not write, the password and the words of the message.
"""

from __future__ import annotations

import re

from fuzz.harness import hold
from fuzz.messages import samples
from ringfence.evidence.redaction.message import MessageRedactor
from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import KEY_OCTETS, Pseudonyms
from ringfence.wire.errors import WireError
from ringfence.wire.message import parse_message

USER, HOST, PASSWORD, WORD = b"qzvalerie", b"pbx.qzhouse.example", b"Qz-Winter!7", b"qzwhisper"
INSIDE = b"10.66.77.88"
# Of a user: nowhere in what comes out. Of others: not in what the accused did not write.
_NEVER = (USER, b"qzhouse.example")
# As an address of its own: 110.66.77.88 is another.
_INSIDE = re.compile(rb"(?<![0-9])10\.66\.77\.88(?![0-9])")
_NOT_OF_OTHERS = (PASSWORD.lower(), WORD)

TOKENS = (
    USER, HOST, INSIDE, PASSWORD, WORD, b"QzValerie", b"\r\n ", b"\r\n", b'"', b"<", b">", b";",
    b",", b"@", b":", b"=", b"\\", b"%71", b"sip:", b"tel:", b"tag=", b"branch=z9hG4bK",
    b"Digest username=", b"[::1]", b"Call-ID: ", b"User-Agent: ", b"Contact: ", b"v=0\r\n",
    b"SIP/2.0 200 OK\r\n", b"1.10.66.77.88", b"710.66.77.88",
)  # fmt: skip

# More digits than that are no status, and may be a number that somebody has.
_LARGEST = 9_999_999_999
_REDACTOR = MessageRedactor(
    People(
        frozenset((bytes((203, 0, 113, 7)),)),
        frozenset((bytes((192, 0, 2, 1)),)),
        accounts=frozenset((USER,)),
        hosts=frozenset((HOST, b"qzhouse.example")),
    ),
    Pseudonyms(bytes(range(KEY_OCTETS))),
)


def check(octets: bytes) -> object:
    """As the accused wrote it, and as somebody else did."""
    made = []
    for by_accused in (True, False):
        redacted = _REDACTOR.redact(octets, by_accused=by_accused)
        hold(len(redacted) == len(octets), "another length")
        plain = redacted.lower()
        for secret in _NEVER if by_accused else (*_NEVER, *_NOT_OF_OTHERS):
            hold(secret not in plain, f"{secret!r} in what comes out")
        hold(not _INSIDE.search(plain), "a private address in what comes out")
        _compare(octets, redacted)
        made.append(redacted)
    return made


def quick(octets: bytes) -> object:
    """The same for the accused alone."""
    redacted = _REDACTOR.redact(octets, by_accused=True)
    hold(len(redacted) == len(octets), "another length")
    plain = redacted.lower()
    hold(not any(secret in plain for secret in _NEVER), "a secret in what comes out")
    hold(not _INSIDE.search(plain), "a private address in what comes out")
    return redacted


def _compare(octets: bytes, redacted: bytes) -> None:
    try:
        before = parse_message(octets)
    except WireError:
        return
    after = parse_message(redacted)
    hold(before.status == after.status or (before.status or 0) > _LARGEST, "another status")
    hold(len(before.head) == len(after.head), "another head")
    pairs = zip(before.headers_in_order, after.headers_in_order, strict=True)
    hold(all(one.offset == other.offset for one, other in pairs), "a header elsewhere")


def seeds() -> list[bytes]:
    """Messages of each shape, and one with secrets in most places."""
    planted = (
        b"REGISTER sip:%(host)b SIP/2.0\r\nVia: SIP/2.0/UDP %(inside)b:5060;branch=z9hG4bK%(user)b"
        b'\r\nFrom: "%(user)b" <sip:%(user)b:%(password)b@%(host)b>;tag=1%(inside)b\r\n'
        b"To: %(user)b <tel:%(user)b>\r\nCall-ID: %(user)b7@%(inside)b\r\nCSeq: 1 REGISTER\r\n"
        b"Contact: <sip:%(user)b@%(inside)b>;+sip.instance=%(word)b\r\nUser-Agent: x%(user)b\r\n"
        b'Authorization: Digest username="%(user)b",realm="%(host)b",nonce="%(word)b",'
        b'response="%(password)b"\r\nSubject: %(word)b\r\n %(word)b\r\nX-%(word)b: %(word)b\r\n'
        b"Content-Type: application/sdp\r\n\r\nv=0\r\no=%(word)b 1 1 IN IP4 %(inside)b\r\n"
        b"s=%(word)b\r\nc=IN IP4 %(inside)b\r\nt=0 0\r\na=crypto:%(password)b\r\n"
    ) % {
        b"host": HOST,
        b"inside": INSIDE,
        b"user": USER,
        b"password": PASSWORD,
        b"word": WORD,
    }
    return [*samples(), planted, planted.replace(b"\r\n", b"\n"), planted[:400]]
