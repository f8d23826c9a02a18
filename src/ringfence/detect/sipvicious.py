"""From tags of SIPVicious tell the tool's target and its guess.

`createTag` of its svhelper writes hex of the target data, the octet 01, and a
random number: svmap puts address and port there, svwar the extension, svcrack
user and password. Read here, shown to the owner, redacted for everybody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEX = re.compile(rb"(?:[0-9a-f]{2}){4,256}\Z")
_ENDPOINT = re.compile(r"[0-9a-f]{12}")  # address and port of svmap's target


@dataclass(frozen=True, slots=True)
class Leak:
    """What a From tag gives away: the tool, and its target, or account and guess."""

    tool: str
    target: str
    guess: str | None = None


def read_tag(tag: bytes) -> Leak | None:
    """What this From tag says, None when SIPVicious did not write it."""
    if tag == b"3206210844":
        return Leak("svcrack", "")
    if not _HEX.match(tag):
        return None
    data, _, random_part = bytes.fromhex(tag.decode()).partition(b"\x01")
    text = data.decode("ascii", "replace")
    if not text or not random_part.isdigit() or "\ufffd" in text or not text.isprintable():
        return None
    if _ENDPOINT.fullmatch(text):
        octets = bytes.fromhex(text[:8])
        return Leak("svmap", f"{'.'.join(map(str, octets))}:{int(text[8:], 16)}")
    account, colon, guess = text.partition(":")
    if colon:
        return Leak("svcrack", account, guess)
    return Leak("svwar", text)
