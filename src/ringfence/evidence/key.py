"""The key that this machine signs evidence with: made on first use, kept from others.

It is an OpenSSH key without a passphrase, readable by its owner alone: it says that
this installation sealed something, as a door seal says which office closed the door.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from ringfence.evidence import signature
from ringfence.evidence.manifest import read_bounded
from ringfence.model.evidence import EvidenceError, PublicKey

_MAX_KEY = 16_384


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private key, and what may be told of it."""

    private: Ed25519PrivateKey
    public: PublicKey

    def sign(self, octets: bytes) -> bytes:
        """An armoured SSH signature over these octets."""
        return signature.sign(self.private, octets)


def load_key(path: Path) -> SigningKey:
    """The key of this file, which is made when it is not there. Raises EvidenceError."""
    try:
        made = not os.path.lexists(path) and _make(path)
        return _load(path, is_new=made)
    except OSError as error:
        raise EvidenceError(f"{error.filename or path}: {error.strerror or error}") from error


def known_key(path: Path) -> bytes | None:
    """Key blob of the public half beside this file, or of an allowed_signers file; None: no key."""
    for place in (path.with_name(path.name + ".pub"), path):
        try:
            octets = read_bounded(place, _MAX_KEY)
            return signature.read_key_line((octets or b"").decode())
        except (OSError, EvidenceError, ValueError):
            continue
    return None


def _make(path: Path) -> bool:
    """Write a new key, whole or not at all; False when another process was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate()
    octets = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            if os.geteuid() == 0:  # the folder may be the guard's, who seals with it as well
                owner = path.parent.stat()
                os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(part, path)  # unlike a rename it replaces nothing
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    line = signature.key_line(signature.key_blob(private.public_key()), signature.SIGNER)
    path.with_name(path.name + ".pub").write_text(line + "\n")
    return True


def _load(path: Path, *, is_new: bool) -> SigningKey:
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise EvidenceError(f"{path}: this is no key file")
        if status.st_mode & 0o077:
            raise EvidenceError(
                f"{path}: others can read this key, so a signature by it says nothing; "
                f"if nobody did: chmod 600 {path}"
            )
        octets = stream.read(_MAX_KEY)
    try:
        private = load_ssh_private_key(octets, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EvidenceError(
            f"{path}: no OpenSSH key without a passphrase ({error}); name another with --key"
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise EvidenceError(f"{path}: not an Ed25519 key; name another with --key")
    blob = signature.key_blob(private.public_key())
    line = signature.key_line(blob, signature.SIGNER)
    public = PublicKey(str(path), line, signature.fingerprint(blob), is_new)
    return SigningKey(private, public)
