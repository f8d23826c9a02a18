"""Credentials and challenges (RFC 3261 22, RFC 7616, RFC 8760): what they say, and what they lack.

How it works: the first word is the scheme, then name=value with commas between;
values may be quoted. Other schemes are read the same way and noted.
"""

from __future__ import annotations

from typing import Final

from ringfence.model.message import Digest, Parameters
from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.grammar import decode_parameters, split_values

# Headers of credentials and of challenges, by key.
CREDENTIALS: Final = frozenset((b"authorization", b"proxy-authorization"))
CHALLENGES: Final = frozenset((b"www-authenticate", b"proxy-authenticate"))

_CREDENTIALS_NEED: Final = (b"username", b"realm", b"nonce", b"uri", b"response")
_CHALLENGE_NEEDS: Final = (b"realm", b"nonce")


def decode_digests(key: bytes, value: bytes) -> tuple[tuple[Digest, ...], Anomaly]:
    """The same as a list of one: SIP joins no credentials by commas (RFC 3261 7.3.1)."""
    digest, notes = decode_digest(key, value)
    return (digest,), notes


def decode_digest(key: bytes, value: bytes) -> tuple[Digest, Anomaly]:
    """What the header `key` with this value says."""
    words = value.split(None, 1)
    scheme = words[0] if words else b""
    rest = words[1] if len(words) > 1 else b""
    kind = scheme.lower()
    if kind == b"basic" and key in CREDENTIALS:
        return Digest(value, scheme, Parameters(), key), NONE  # one word of base64
    parts, notes = split_values(rest, b",") if rest else ([], NONE)
    params, more = decode_parameters(parts)
    if kind == b"digest":
        notes |= _lacks(params, _CREDENTIALS_NEED if key in CREDENTIALS else _CHALLENGE_NEEDS)
    elif kind != b"basic":
        notes |= Anomaly.AUTH_SCHEME_UNKNOWN
    return Digest(value, scheme, params, key), notes | more


def _lacks(params: Parameters, needed: tuple[bytes, ...]) -> Anomaly:
    found = {name.lower() for name, _ in params}
    return NONE if found.issuperset(needed) else Anomaly.AUTH_INCOMPLETE
