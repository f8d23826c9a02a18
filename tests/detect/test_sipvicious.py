"""From tags of SIPVicious: what they give away, and what only looks like one."""

from __future__ import annotations

import pytest

from ringfence.detect.sipvicious import Leak, read_tag


def tag(data: bytes, random: bytes = b"1234567890") -> bytes:
    """As createTag of svhelper.py writes it."""
    return (data + b"\x01" + random).hex().encode()


@pytest.mark.parametrize(
    ("written", "leak"),
    [
        (tag(b"c000020a13c4"), Leak("svmap", "192.0.2.10:5060")),
        (tag(b"cb00710913c6"), Leak("svmap", "203.0.113.9:5062")),
        (tag(b"1001"), Leak("svwar", "1001")),
        (tag(b"anna.lee"), Leak("svwar", "anna.lee")),
        (tag(b"1001:Winter2024"), Leak("svcrack", "1001", "Winter2024")),
        (tag(b"1001:a:b"), Leak("svcrack", "1001", "a:b")),
        (tag(b"1001:"), Leak("svcrack", "1001", "")),
        (b"3206210844", Leak("svcrack", "")),
    ],
)
def test_tag_gives_away_tool_target_and_guess(written: bytes, leak: Leak) -> None:
    assert read_tag(written) == leak


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"3206210845",
        b"as7d8f",
        tag(b"lee").upper(),
        tag(b"1001")[:-1],
        tag(b"1001", b"12x4"),
        tag(b"1001", b""),
        tag(b""),
        tag(b"\xff\xfe"),
        tag(b"\x07bell"),
        b"31303031",
        b"0131323334",
        tag(b"1001") + b" ",
        tag(b"A" * 300),
    ],
)
def test_what_only_looks_like_one_is_nothing(written: bytes) -> None:
    assert read_tag(written) is None


def test_twelve_hex_digits_of_an_extension_are_read_as_an_address() -> None:
    """Nobody has extensions of twelve hex digits; svmap's targets always are."""
    assert read_tag(tag(b"000000000000")) == Leak("svmap", "0.0.0.0:0")
