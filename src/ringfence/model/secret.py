"""A secret as a phone system's settings hold it. It is weighed, and never shown.

Neither `repr` nor an error may hold what it says: the text and the hash are kept out of both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a secret opens. The value is its name in a sentence."""

    PASSWORD = "authentication password"  # noqa: S105  a name, not a password
    AUTH_ID = "authentication ID"  # half a secret: an attacker has to know it too
    PIN = "PIN"  # typed on a keypad: digits
    VOICEMAIL = "voicemail PIN"  # the same, of the mailbox
    WEB = "web password of the phone"
    SERVICE = "service password"
    LOGIN = "login password"  # of the user at the phone system's own pages
    TRUNK = "trunk password"
    MANAGER = "manager password"  # AMI, ARI, the event socket


# Those that are typed on a keypad and can be nothing but digits.
DIGITS = frozenset({Kind.PIN, Kind.VOICEMAIL})


@dataclass(frozen=True, slots=True)
class Hashed:
    """H(user:realm:password) of RFC 2617 §3.2.2.2 and RFC 8760, where no more is kept."""

    algorithm: str  # "MD5", "SHA-256", "SHA-512-256"
    user: str
    realm: str
    hexdigest: str = field(repr=False)  # in small letters


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of one extension. `text` is empty where only its hash is known."""

    kind: Kind
    text: str = field(repr=False, default="")
    hashed: Hashed | None = None
    column: str = ""  # as the source calls it: "AuthPassword", "vm-password"
