"""From tags of SIPVicious: readable, without the password."""

from __future__ import annotations

import pytest

from ringfence.detect.sipvicious import read_tag
from ringfence.evidence.redaction.tags import redact_tag


def tag(data: bytes) -> bytes:
    return (data + b"\x011234567").hex().encode()


def redact(octets: bytes) -> bytes | None:
    return redact_tag(octets, bytes.swapcase, lambda g: b"*" * len(g), lambda a: a[::-1])


def test_the_guess_of_svcrack_is_masked_and_its_tool_seen() -> None:
    made = redact(tag(b"alice:Winter2024"))
    assert made is not None
    leak = read_tag(made)
    assert leak is not None
    assert (leak.tool, leak.target, leak.guess) == ("svcrack", "ALICE", "*" * 10)
    assert len(made) == len(tag(b"alice:Winter2024"))


def test_the_target_of_svmap_follows_the_address() -> None:
    made = redact(tag(b"0a00000513c4"))
    assert made is not None
    leak = read_tag(made)
    assert leak is not None
    assert (leak.tool, leak.target) == ("svmap", "5.0.0.10:5060")


def test_svwar_tells_an_extension() -> None:
    made = redact(tag(b"bob"))
    assert made == tag(b"BOB")


@pytest.mark.parametrize("octets", [b"abc", b"zz" * 8, b"6162", b"00" * 9, tag(b"")])
def test_other_tags_are_none_of_its_business(octets: bytes) -> None:
    assert redact(octets) is None
