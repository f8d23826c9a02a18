"""From tags of SIPVicious, redacted: tool and target stay readable, the guess does not.

`createTag` writes hex of its data, the octet 01, and a random number. svcrack's data
is user and password in clear, svmap's an address and port in hexadecimal, svwar's
an extension. What is put there instead is as long, so the tag is still one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){3,4096}\Z")
_SCANNED = re.compile(rb"[0-9a-f]{12}\Z")
_END: Final = b"\x01"

Rule = Callable[[bytes], bytes]


def redact_tag(tag: bytes, account: Rule, guess: Rule, address: Rule) -> bytes | None:
    """The tag with each part through its rule (octets for `address`); None: not such a tag."""
    if not _HEX.match(tag):
        return None
    data, end, random_part = bytes.fromhex(tag.decode()).partition(_END)
    if not end or not data or not random_part.isdigit():
        return None
    if not all(32 <= octet < 127 for octet in data):
        return None
    made = _redact(data, account, guess, address) + end + random_part
    return made.hex().encode()


def _redact(data: bytes, account: Rule, guess: Rule, address: Rule) -> bytes:
    if _SCANNED.match(data):
        packed = bytes.fromhex(data[:8].decode())
        return address(packed).hex().encode() + data[8:]
    user, colon, password = data.partition(b":")
    return account(user) + colon + (guess(password) if password else b"")
