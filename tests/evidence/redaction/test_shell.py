"""A packet that begins empty."""

from __future__ import annotations

import pytest

from ringfence.evidence.redaction.shell import Shell


def shell() -> Shell:
    made = Shell(b"head0123456789tail", bytearray(18))
    made.start, made.end = 4, 14
    return made


def test_what_nobody_copies_stays_zero() -> None:
    assert shell().finish() == bytes(18)


@pytest.mark.parametrize(
    ("at", "octets", "out"),
    [
        (0, b"abc", b"abc" + bytes(7)),
        (8, b"abcdef", bytes(8) + b"ab"),
        (-2, b"abc", b"c" + bytes(9)),
        (-5, b"abc", bytes(10)),
        (20, b"abc", bytes(10)),
        (0, b"a" * 40, b"a" * 10),
    ],
)
def test_nothing_is_filled_outside_of_the_payload(at: int, octets: bytes, out: bytes) -> None:
    made = shell()
    made.fill(at, octets)
    assert made.finish() == bytes(4) + out + bytes(4)


def test_the_innermost_checksum_comes_first() -> None:
    made, order = shell(), []
    made.fixes += [lambda: order.append("outer"), lambda: order.append("inner")]
    made.finish()
    made.finish()
    assert order == ["inner", "outer"]
