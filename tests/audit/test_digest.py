"""Answers are reckoned as the RFCs print them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from ringfence.audit.digest import Answer, begin, can_try, hash_of, is_hex, is_right, secret_hash

# RFC 7616 3.9.1
MUFASA = Answer(
    "Mufasa", "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "/dir/index.html", "GET", "8ca523f5e9506fed4657c9700eebdbec", "MD5", "auth", "00000001",
    "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
)  # fmt: skip
SHA = replace(
    MUFASA, algorithm="SHA-256",
    response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
)  # fmt: skip
# RFC 2617 3.5 without qop is RFC 2069: reckoned by its formula.
OLD = Answer("200", "asterisk", "abc", "sip:192.0.2.10", "REGISTER", "", "MD5")


def right(answer: Answer, password: str) -> bool:
    return is_right(answer, secret_hash(answer.algorithm, answer.user, answer.realm, password))


@pytest.mark.parametrize("answer", [MUFASA, SHA])
def test_examples_of_the_rfc(answer: Answer) -> None:
    assert right(answer, "Circle of Life")
    assert not right(answer, "Circle of life")


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_without_qop() -> None:
    response = md5(f"{md5('200:asterisk:200')}:abc:{md5('REGISTER:sip:192.0.2.10')}")
    assert right(replace(OLD, response=response.upper()), "200")


def test_a_session_has_its_own_secret() -> None:
    session = replace(OLD, algorithm="MD5-sess", qop="auth", nc="00000001", cnonce="c")
    secret = md5(f"{md5('200:asterisk:200')}:abc:c")
    response = md5(f"{secret}:abc:00000001:c:auth:{md5('REGISTER:sip:192.0.2.10')}")
    assert right(replace(session, response=response), "200")


def test_the_body_is_part_of_it() -> None:
    whole = replace(
        OLD, qop="auth-int", nc="00000001", cnonce="c", body_hash=hash_of("MD5", b"v=0")
    )
    deed = md5(f"REGISTER:sip:192.0.2.10:{md5('v=0')}")
    response = md5(f"{md5('200:asterisk:200')}:abc:00000001:c:auth-int:{deed}")
    assert right(replace(whole, response=response), "200")
    assert not right(replace(whole, response=response, body_hash=md5("v=1")), "200")


@pytest.mark.parametrize("lacking", [
    replace(OLD, algorithm="SHA3"),
    replace(OLD, qop="auth"),
    replace(OLD, algorithm="MD5-sess"),
    replace(OLD, qop="auth-int", nc="1", cnonce="c"),
    replace(OLD, qop="invented", nc="1", cnonce="c"),
])  # fmt: skip
def test_what_lacks_a_part_is_not_tried(lacking: Answer) -> None:
    assert not can_try(lacking)


def test_a_begun_hash_goes_on() -> None:
    begun = begin("SHA-512-256", "200:asterisk:")
    begun.update(b"200")
    assert begun.hexdigest() == secret_hash("SHA-512-256", "200", "asterisk", "200")


def test_nothing_secret_is_in_its_repr() -> None:
    assert MUFASA.response not in repr(MUFASA)
    assert MUFASA.nonce not in repr(MUFASA)


@pytest.mark.parametrize(("text", "answer"), [("00ff", True), ("0", False), ("zz", False)])
def test_hexadecimal(text: str, answer: bool) -> None:
    assert is_hex(text) is answer
