from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.attribute.dns_text import MAX_LENGTH, MAX_RECORDS, reversed_name, text_records
from ringfence.attribute.errors import NotRegisteredError, SilentError
from tests.attribute.server import dns_server


def test_names_are_backwards() -> None:
    assert reversed_name(ip_address("203.0.113.5")) == "5.113.0.203"
    name = reversed_name(ip_address("2001:db8::5"))
    assert name == "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"


def test_texts_are_read() -> None:
    with dns_server({"a.example": ["one", "two words"]}) as port:
        ask = text_records(["127.0.0.1"], port)
        assert sorted(ask("a.example")) == ["one", "two words"]
        with pytest.raises(NotRegisteredError):
            ask("b.example")


def test_answers_are_bounded() -> None:
    with dns_server({"a.example": [f"{n:03}" + "x" * 40 for n in range(40)]}) as port:
        found = text_records(["127.0.0.1"], port)("a.example")
    assert len(found) == MAX_RECORDS
    assert all(len(text) <= MAX_LENGTH for text in found)


def test_silent_name_server_is_given_up_in_time() -> None:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        ask = text_records(["127.0.0.1"], deaf.getsockname()[1], timeout_s=0.3)
        with pytest.raises(SilentError, match="does not answer"):
            ask("a.example")


def test_name_that_is_none_is_an_error() -> None:
    with pytest.raises(SilentError):
        text_records(["127.0.0.1"], 1, timeout_s=0.2)("a." * 200)
