"""Secrets of which only a hash is kept, tried with what an attacker tries first."""

from __future__ import annotations

from ringfence.audit.candidates import MAX_CANDIDATES, Candidate, classed
from ringfence.audit.digest import begin, hash_of, is_hex, secret_hash
from ringfence.model.pbx import Extension
from ringfence.model.secret import Hashed


def crack(hashed: Hashed, extension: Extension, limit: int = MAX_CANDIDATES) -> Candidate | None:
    """Which of the first `limit` candidates the hash is of; None when of none of them."""
    if not can_check(hashed):
        return None
    # The beginning is the same for all of them, and is reckoned once.
    begun = begin(hashed.algorithm, f"{hashed.user}:{hashed.realm}:")
    wanted = bytes.fromhex(hashed.hexdigest) if is_hex(hashed.hexdigest) else b""
    for candidate in classed(extension, limit):
        tried = begun.copy()
        tried.update(candidate.text.encode(errors="surrogateescape"))
        if tried.digest() == wanted:
            return candidate
    return None


def can_check(hashed: Hashed) -> bool:
    """Whether its algorithm is one that we can reckon."""
    return bool(hash_of(hashed.algorithm, b""))


def fits(hashed: Hashed, text: str) -> bool:
    """Whether the hash is of this password."""
    return secret_hash(hashed.algorithm, hashed.user, hashed.realm, text) == hashed.hexdigest
