from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.digest import decode_digest, decode_digests

CREDENTIALS = (
    b'Digest username="100",realm="pbx, \\"main\\"",nonce="84a4cc6f",uri="sip:192.0.2.1",'
    b'response="7587245234b3434cc3412213e5f113a5",algorithm=SHA-256,cnonce="0a4f113b",'
    b'qop=auth,nc=00000001 , opaque=""'
)


def test_each_field_of_credentials() -> None:
    digest, notes = decode_digest(b"authorization", CREDENTIALS)
    assert notes == NONE
    assert (digest.scheme, digest.header) == (b"Digest", b"authorization")
    assert (digest.username, digest.realm) == (b"100", b'pbx, "main"')
    assert (digest.nonce, digest.uri) == (b"84a4cc6f", b"sip:192.0.2.1")
    assert digest.response == b"7587245234b3434cc3412213e5f113a5"
    assert (digest.algorithm, digest.cnonce) == (b"SHA-256", b"0a4f113b")
    assert (digest.qop, digest.nc, digest.opaque) == (b"auth", b"00000001", b"")


def test_a_challenge() -> None:
    value = b'DIGEST realm="a", nonce="b", qop="auth,auth-int", stale=TRUE'
    (digest,), notes = decode_digests(b"www-authenticate", value)
    assert notes == NONE
    assert (digest.realm, digest.qop, digest.params.get(b"stale")) == (
        b"a",
        b"auth,auth-int",
        b"TRUE",
    )


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (b"authorization", b'Digest username="1",realm="a"', Anomaly.AUTH_INCOMPLETE),
        (b"www-authenticate", b'Digest realm="a"', Anomaly.AUTH_INCOMPLETE),
        (b"www-authenticate", b"Digest", Anomaly.AUTH_INCOMPLETE),
        (b"authorization", b"", Anomaly.AUTH_SCHEME_UNKNOWN),
        (b"authorization", b"Bearer eyJhbGciOi==", Anomaly.AUTH_SCHEME_UNKNOWN),
        (b"authorization", b"Basic MTAwOjEwMA==", NONE),
        (b"proxy-authenticate", b'Basic realm="a"', NONE),
        (b"www-authenticate", b'Digest realm="a",,nonce="b"', Anomaly.SEPARATOR_EXTRA),
        (b"www-authenticate", b'Digest realm="a",nonce="b",nonce=c', Anomaly.PARAMETER_REPEATED),
        (
            b"www-authenticate",
            b'Digest realm="a,nonce=b',
            Anomaly.QUOTE_NOT_CLOSED | Anomaly.AUTH_INCOMPLETE,
        ),
    ],
)
def test_what_is_lacking(key: bytes, value: bytes, expected: Anomaly) -> None:
    assert decode_digest(key, value)[1] == expected
