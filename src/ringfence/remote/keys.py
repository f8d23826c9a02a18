"""Keys of WireGuard: made here, written once, shown never."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from ringfence.model.remote import RemoteError, is_key


@dataclass(frozen=True, slots=True)
class Pair:
    """A private key and its public one (RFC 7748 §5)."""

    private: str = field(repr=False)
    public: str


def new_pair() -> Pair:
    """A pair that nobody had before."""
    made = X25519PrivateKey.generate()
    return Pair(_text(made.private_bytes_raw()), _text(made.public_key().public_bytes_raw()))


def public_of(private: str) -> str:
    """The public key. Raises RemoteError."""
    if not is_key(private):
        raise RemoteError("the private key of this machine is damaged")
    made = X25519PrivateKey.from_private_bytes(base64.b64decode(private))
    return _text(made.public_key().public_bytes_raw())


def is_public(text: str) -> bool:
    """Whether a peer's own public key may be used: no zeros, nothing of another size."""
    if not is_key(text):
        return False
    octets = base64.b64decode(text)
    X25519PublicKey.from_public_bytes(octets)
    return any(octets)


def new_preshared() -> str:
    """Thirty-two octets that both ends share: who records today cannot read it later."""
    return _text(secrets.token_bytes(32))


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
