"""The one-time code of a drill, and what the phone system's machine and the drill say with it.

Each datagram is HMAC-SHA256 over its JSON, a space, and that JSON. What it says holds who
speaks to whom, so that nothing can be sent back to where it came from. The code itself never
leaves the two machines.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

# Without what is read as something else; sixteen of them are 79 bits.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH, _GROUP = 16, 4
# A question and its answer; what is longer is none.
MAX_OCTETS = 1024
TO_HOST, TO_DRILL = "host", "drill"


def new_code() -> str:
    """A code to type: ABCD-EFGH-JKMN-PQRS."""
    text = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(text[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def key_of(code: str) -> bytes:
    """What seals, by the code as somebody typed it. Raises ValueError; never says the code."""
    plain = "".join(code.upper().replace("-", " ").split())
    if len(plain) != _LENGTH or not set(plain) <= set(_LETTERS):
        raise ValueError("that is no code of `ringfence drill token`: 16 letters and digits")
    return hashlib.sha256(b"ringfence drill 1 " + plain.encode()).digest()


def sealed(key: bytes, said: dict[str, object]) -> bytes:
    """A datagram."""
    body = json.dumps(said, separators=(",", ":"), sort_keys=True).encode()
    return _mac(key, body) + b" " + body


def opened(key: bytes, octets: bytes, to: str) -> dict[str, object] | None:
    """What was said to `to` with this key; None for anything else."""
    mac, _, body = octets.partition(b" ")
    if len(octets) > MAX_OCTETS or not hmac.compare_digest(mac, _mac(key, body)):
        return None
    said = json.loads(body)  # sealed with our code: ours
    return said if isinstance(said, dict) and said.get("to") == to else None


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).hexdigest().encode()
