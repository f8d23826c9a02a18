"""Signatures that `ssh-keygen -Y verify` checks: SSHSIG over Ed25519.

Source: OpenSSH, PROTOCOL.sshsig. What is signed is not the message but its SHA-512
within a blob that names the namespace, so that a signature made for one purpose is
none for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ringfence.model.evidence import EvidenceError

NAMESPACE = "ringfence-evidence"
# Who signs, in allowed_signers: the key decides, the name only stands for it.
SIGNER = "ringfence"
KIND = b"ssh-ed25519"
MAX_SIGNATURE = 4096

_MAGIC = b"SSHSIG"
_HASH = b"sha512"
_BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
_END = "-----END SSH SIGNATURE-----\n"
_COLUMNS = 70


def sign(key: Ed25519PrivateKey, octets: bytes) -> bytes:
    """The armoured signature."""
    public = key_blob(key.public_key())
    made = _string(KIND) + _string(key.sign(_signed(octets)))
    blob = struct.pack(">6sI", _MAGIC, 1) + _string(public) + _string(NAMESPACE.encode())
    return _armoured(blob + _string(b"") + _string(_HASH) + _string(made))


def check(signature: bytes, octets: bytes) -> bytes:
    """Key blob of who signed exactly these octets. Raises EvidenceError that says what is wrong."""
    public, made = _read(signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(made, _signed(octets))
    except (InvalidSignature, ValueError) as error:
        raise EvidenceError("the signature is not one over this file") from error
    return _string(KIND) + _string(public)


def key_blob(key: Ed25519PublicKey) -> bytes:
    """The key as SSH sends it."""
    return _string(KIND) + _string(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def key_line(blob: bytes, comment: str) -> str:
    """The key as it stands in authorized_keys."""
    return f"{KIND.decode()} {base64.b64encode(blob).decode()} {comment}"


def fingerprint(blob: bytes) -> str:
    """What `ssh-keygen -l` prints of a key."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def read_key_line(line: str) -> bytes:
    """Key blob of a line of a .pub or allowed_signers file. Raises EvidenceError."""
    words = line.split()
    try:
        encoded = words[words.index(KIND.decode()) + 1]
        blob = base64.b64decode(encoded, validate=True)
        kind, public = _strings(blob, 2)
    except (ValueError, IndexError, binascii.Error, struct.error) as error:
        raise EvidenceError("no Ed25519 key of SSH") from error
    if kind != KIND or len(public) != 32:
        raise EvidenceError("no Ed25519 key of SSH")
    return blob


def _read(signature: bytes) -> tuple[bytes, bytes]:
    """Public key and signature, 32 and 64 octets. Raises EvidenceError."""
    try:
        text = signature.decode("ascii")
        body = text.removeprefix(_BEGIN).removesuffix(_END)
        blob = base64.b64decode(body.replace("\n", ""), validate=True)
        magic, version = struct.unpack_from(">6sI", blob)
        public, namespace, _, algorithm, made = _strings(blob[10:], 5)
        (key_kind, key), (kind, octets) = _strings(public, 2), _strings(made, 2)
    except (ValueError, binascii.Error, struct.error) as error:
        raise EvidenceError("this is no SSH signature") from error
    if (magic, version, algorithm, key_kind, kind) != (_MAGIC, 1, _HASH, KIND, KIND):
        raise EvidenceError("a signature of another kind than ours: Ed25519 with SHA-512")
    if namespace != NAMESPACE.encode():
        raise EvidenceError(f"signed for another purpose than {NAMESPACE}")
    if _armoured(blob) != signature:
        raise EvidenceError("the signature is not in the form that it was written in")
    return key, octets


def _signed(octets: bytes) -> bytes:
    digest = hashlib.sha512(octets).digest()
    return _MAGIC + b"".join(map(_string, (NAMESPACE.encode(), b"", _HASH, digest)))


def _armoured(blob: bytes) -> bytes:
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + _COLUMNS] + "\n" for at in range(0, len(text), _COLUMNS)]
    return (_BEGIN + "".join(lines) + _END).encode()


def _string(octets: bytes) -> bytes:
    return struct.pack(">I", len(octets)) + octets


def _strings(octets: bytes, count: int) -> list[bytes]:
    """Exactly so many strings (RFC 4251 5). Raises ValueError, struct.error."""
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from(">I", octets)
        if length > len(octets) - 4:
            raise ValueError("a string that ends behind the end")
        found.append(octets[4 : 4 + length])
        octets = octets[4 + length :]
    if octets:
        raise ValueError("more than was announced")
    return found
