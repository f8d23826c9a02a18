"""`detect/sipvicious.read_tag`: what a From tag of SIPVicious gives away.

Invariant: for any octets it returns None or a Leak, and raises nothing; a Leak
says only what stands in the tag: printable, and no longer than the tag.
"""

from __future__ import annotations

from fuzz.harness import hold
from ringfence.detect.sipvicious import read_tag

TOKENS = (b"01", b"3a", b"3130303a", b"3206210844", b"31323334")


def check(octets: bytes) -> object:
    """Any tag."""
    leak = read_tag(octets)
    if leak is None:
        return None
    hold(leak.tool in ("svmap", "svwar", "svcrack"), "a tool that does not exist")
    said = leak.target + (leak.guess or "")
    hold(said.isprintable() and said.isascii(), "not printable")
    hold(len(said) <= len(octets), "says more than the tag")
    return leak


def seeds() -> list[bytes]:
    """One tag of each tool, and near misses."""
    return [
        b"3206210844",
        b"3130303a7365637265740133333435",
        b"3130300133333435",
        b"63303030303230313133633401353637383930",
        b"313030013a",
        b"31303001",
        b"0133333435",
        b"ff013333",
    ]
