"""Of a password five hexadecimal digits of a hash leave, and nothing else."""

from __future__ import annotations

import hashlib

from ringfence.audit.breached import MAX_ASKED, RANGE_URL, RangeLookUp

DIGEST = hashlib.sha1(b"hunter2x", usedforsecurity=False).hexdigest().upper()


def test_only_five_digits_leave() -> None:
    asked: list[str] = []

    def get(url: str) -> str:
        asked.append(url)
        return f"{DIGEST[5:]}:12\r\n{'0' * 35}:0\r\n"

    assert RangeLookUp(get)("hunter2x")
    assert asked == [RANGE_URL + DIGEST[:5]]


def test_padding_is_no_finding() -> None:
    assert not RangeLookUp(lambda url: f"{DIGEST[5:]}:0\r\n")("hunter2x")


def test_a_range_is_asked_once() -> None:
    look_up = RangeLookUp(lambda url: "")
    assert [look_up("hunter2x"), look_up("hunter2x")] == [False, False]
    assert look_up.asked == 1


def test_no_answer_is_counted() -> None:
    def get(url: str) -> str:
        raise OSError("no route")

    look_up = RangeLookUp(get)
    assert not look_up("hunter2x")
    assert look_up.failed == 1


def test_questions_are_bounded() -> None:
    look_up = RangeLookUp(lambda url: "")
    for number in range(MAX_ASKED + 40):
        look_up(f"password {number}")
    assert look_up.asked <= MAX_ASKED
    assert look_up.left_out > 0
