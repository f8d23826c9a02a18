"""What the attacker tried: words, and answers that fit a secret in hand."""

from __future__ import annotations

from collections.abc import Callable

from ringfence.audit.digest import Answer, hash_of, secret_hash
from ringfence.audit.guesses import guesses_of
from ringfence.model.pbx import Extension
from ringfence.model.secret import Hashed, Kind, Secret

Made = Callable[..., Extension]
PLANTED = "hT7kRw9xQd4mYc3NfGeP"


def answer(password: str) -> Answer:
    secret = secret_hash("MD5", "200", "asterisk", password)
    deed = hash_of("MD5", b"REGISTER:sip:192.0.2.10")
    response = hash_of("MD5", f"{secret}:n:{deed}".encode())
    return Answer("200", "asterisk", "n", "sip:192.0.2.10", "REGISTER", response)


def test_his_answer_fits_the_present_password(anna: Made) -> None:
    guesses = guesses_of(None, answers=[answer(PLANTED)])
    assert guesses.holds(Secret(Kind.PASSWORD, PLANTED), anna())
    assert not guesses.holds(Secret(Kind.PASSWORD, "another one"), anna())


def test_his_answer_fits_a_hash(anna: Made) -> None:
    kept = Hashed("MD5", "200", "asterisk", secret_hash("MD5", "200", "asterisk", PLANTED))
    guesses = guesses_of(None, answers=[answer(PLANTED)])
    assert guesses.holds(Secret(Kind.PASSWORD, hashed=kept), anna())


def test_his_word_at_another_account_is_on_his_list(anna: Made) -> None:
    guesses = guesses_of(None, words=[("300", PLANTED)])
    assert guesses.knows(Secret(Kind.PIN, PLANTED))
    assert not guesses.holds(Secret(Kind.PIN, PLANTED), anna())


def test_an_account_that_he_asked_for(anna: Made) -> None:
    assert guesses_of(None, accounts=["k4xq7t9w"]).tried(anna())
    assert not guesses_of(None, accounts=["999"]).tried(anna())


def test_words_are_not_in_its_repr() -> None:
    assert PLANTED not in repr(guesses_of(None, [("200", PLANTED)], [answer(PLANTED)]))
