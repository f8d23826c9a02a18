"""Answers from the wire: the class of a weak password, for extensions that are named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ringfence.audit.answers import MAX_EACH, crack, tried_of, weak
from ringfence.audit.digest import Answer, hash_of, secret_hash
from ringfence.model.pbx import Extension

Made = Callable[..., Extension]


def answer(user: str, password: str, nonce: str = "n1") -> Answer:
    secret = secret_hash("MD5", user, "asterisk", password)
    deed = hash_of("MD5", b"REGISTER:sip:192.0.2.10")
    response = hash_of("MD5", f"{secret}:{nonce}:{deed}".encode())
    return Answer(user, "asterisk", nonce, "sip:192.0.2.10", "REGISTER", response)


def test_an_extension_that_uses_its_own_number_is_told_by_class(anna: Made) -> None:
    (found,) = weak([answer("k4xq7t9w", "200")], [anna()])
    assert found.rule == "is-number"
    assert found.says == "Extension 200 logs in with its own number as password."


def test_an_extension_without_a_password_is_told(anna: Made) -> None:
    (found,) = weak([answer("200", "")], [anna()])
    assert found.rule == "missing"


def test_a_strong_password_is_no_finding(anna: Made) -> None:
    assert weak([answer("200", "hT7kRw9xQd4mYc3NfGeP")], [anna()]) == []


def test_a_stranger_is_not_tried(anna: Made) -> None:
    assert weak([answer("999", "999")], [anna()]) == []
    assert tried_of([answer("999", "999")], [anna()]) == 0


def test_a_phone_that_answers_all_day_is_tried_a_few_times(anna: Made) -> None:
    many = [answer("200", "hT7kRw9xQd4mYc3NfGeP", f"n{n}") for n in range(50)]
    assert tried_of(many, [anna()]) == MAX_EACH


def test_an_answer_of_another_password_fits_none(anna: Made) -> None:
    assert crack(replace(answer("200", "200"), response="0" * 32), anna()) is None
