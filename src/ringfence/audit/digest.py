"""Digests as RFC 7616 and RFC 8760 reckon them: to try a password, never to log in with one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

# Names of algorithms, in small letters, as hashlib calls them.
_HASHES = {"md5": "md5", "sha-256": "sha256", "sha-512-256": "sha512_256"}
_SESSION = "-sess"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one who logs in sent: an answer to a challenge. Kept in memory, for one audit."""

    user: str
    realm: str
    nonce: str = field(repr=False)
    uri: str
    method: str
    response: str = field(repr=False)
    algorithm: str = "MD5"
    qop: str = ""  # "auth", "auth-int", or empty: RFC 2617 without it
    nc: str = ""
    cnonce: str = field(repr=False, default="")
    body_hash: str = field(repr=False, default="")  # H(body), for auth-int


def hash_of(algorithm: str, octets: bytes) -> str:
    """H(octets) in hexadecimal; empty where the algorithm is none that we know."""
    name = _HASHES.get(algorithm.lower().removesuffix(_SESSION))
    if name is None:
        return ""
    return hashlib.new(name, octets, usedforsecurity=False).hexdigest()


def begin(algorithm: str, text: str) -> hashlib._Hash:
    """A hash that has read the text, to be copied and gone on with."""
    octets = text.encode(errors="surrogateescape")
    return hashlib.new(_HASHES[algorithm.lower()], octets, usedforsecurity=False)


def is_hex(text: str) -> bool:
    """Whether it is octets in hexadecimal."""
    return len(text) % 2 == 0 and all(sign in "0123456789abcdef" for sign in text)


def secret_hash(algorithm: str, user: str, realm: str, password: str) -> str:
    """H(user:realm:password), as phone systems keep it."""
    return hash_of(algorithm, f"{user}:{realm}:{password}".encode(errors="surrogateescape"))


def can_try(answer: Answer) -> bool:
    """Whether all is there that the answer was reckoned from."""
    if not hash_of(answer.algorithm, b""):
        return False
    if answer.qop and not (answer.nc and answer.cnonce):
        return False
    if answer.algorithm.lower().endswith(_SESSION) and not answer.cnonce:
        return False
    return answer.qop in {"", "auth"} or (answer.qop == "auth-int" and bool(answer.body_hash))


def is_right(answer: Answer, secret: str) -> bool:
    """Whether H(user:realm:password) gives this answer (RFC 7616 3.4.1)."""
    algorithm = answer.algorithm
    if algorithm.lower().endswith(_SESSION):
        secret = _joined(algorithm, secret, answer.nonce, answer.cnonce)
    deed = [answer.method, answer.uri]
    if answer.qop == "auth-int":
        deed.append(answer.body_hash)
    done = _joined(algorithm, *deed)
    middle = [answer.nonce]
    if answer.qop:
        middle += (answer.nc, answer.cnonce, answer.qop)
    return _joined(algorithm, secret, *middle, done) == answer.response.lower()


def _joined(algorithm: str, *parts: str) -> str:
    return hash_of(algorithm, ":".join(parts).encode(errors="surrogateescape"))
