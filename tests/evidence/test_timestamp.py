"""Time stamps: asked of an authority on loopback, and every way in which it can misbehave."""

from __future__ import annotations

import random
import socket
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ringfence.evidence import timestamp
from ringfence.evidence.timestamp import (
    MAX_ANSWER,
    StampError,
    ask_for_stamp,
    check_url,
    read_roots,
    read_stamp,
    require_timestamping,
)
from ringfence.model.evidence import EvidenceError
from tests.evidence.tsa import Authority

if TYPE_CHECKING:
    from cryptography import x509

OCTETS = b"what is sealed"


@pytest.fixture
def roots(authority: Authority) -> tuple[x509.Certificate, ...]:
    return read_roots(str(authority.root))


def test_a_stamp_says_when_and_by_whom(
    authority: Authority, roots: tuple[x509.Certificate, ...]
) -> None:
    with authority.serving() as url:
        answer = ask_for_stamp(url, OCTETS, roots)
    stamp = read_stamp(answer, OCTETS, roots)
    assert abs(datetime.fromisoformat(stamp.at) - datetime.now(UTC)) < timedelta(minutes=5)
    assert stamp.by == "CN=Authority of a test"
    assert stamp.is_checked
    assert not read_stamp(answer, OCTETS).is_checked


def test_a_stamp_for_something_else_is_none(authority: Authority) -> None:
    with authority.serving() as url:
        answer = ask_for_stamp(url, OCTETS, ())
    with pytest.raises(StampError, match="something else"):
        read_stamp(answer, OCTETS + b"x")


def test_an_answer_of_yesterday_is_none_to_todays_question(authority: Authority) -> None:
    with authority.serving() as url:
        authority.octets = ask_for_stamp(url, OCTETS, ())
        with pytest.raises(StampError, match="nonce"):
            ask_for_stamp(url, OCTETS, ())


def test_an_authority_that_was_not_named_does_not_count(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Authority(tmp_path_factory.mktemp("other"))
    with authority.serving() as url, pytest.raises(StampError, match="does not lead"):
        ask_for_stamp(url, OCTETS, read_roots(str(other.root)))


def test_every_octet_that_is_signed_counts(
    authority: Authority, roots: tuple[x509.Certificate, ...]
) -> None:
    with authority.serving() as url:
        answer = ask_for_stamp(url, OCTETS, roots)
    moment = answer.index(b"Z", answer.index(b"20"))
    for at in (moment - 1, moment - 3, len(answer) - 3):
        changed = bytearray(answer)
        changed[at] ^= 1
        with pytest.raises(StampError):
            read_stamp(bytes(changed), OCTETS, roots)


@pytest.mark.parametrize("octets", [b"", b"<html>busy</html>", b"\x30\x84\xff\xff\xff\xff", b"\0"])
def test_what_is_no_answer_is_refused(authority: Authority, octets: bytes) -> None:
    authority.octets = octets
    with authority.serving() as url, pytest.raises(StampError, match="no answer of a time stamp"):
        ask_for_stamp(url, OCTETS, ())


def test_a_refusal_is_told_with_its_reason(authority: Authority) -> None:
    authority.octets = authority.answer(b"\x30\x03\x02\x01\x01")
    with authority.serving() as url, pytest.raises(StampError, match="refuses"):
        ask_for_stamp(url, OCTETS, ())


def test_an_endless_answer_is_cut(authority: Authority) -> None:
    authority.octets = b"x" * (MAX_ANSWER + 1)
    with authority.serving() as url, pytest.raises(StampError, match=f"more than {MAX_ANSWER}"):
        ask_for_stamp(url, OCTETS, ())


@pytest.mark.parametrize("status", [301, 302, 403, 500])
def test_redirections_are_not_followed_and_errors_named(authority: Authority, status: int) -> None:
    authority.status = status
    with authority.serving() as url, pytest.raises(StampError, match=f"answers {status}"):
        ask_for_stamp(url, OCTETS, ())


def test_nobody_listens() -> None:
    pytest.importorskip("rfc3161_client")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(StampError, match="no answer"):
        ask_for_stamp(f"http://127.0.0.1:{port}/", OCTETS, ())


def test_who_never_answers_is_not_waited_for() -> None:
    pytest.importorskip("rfc3161_client")
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(StampError, match="no answer"):
            ask_for_stamp(url, OCTETS, (), timeout_s=0.1)


def test_who_answers_an_octet_at_a_time_is_not_waited_for() -> None:
    pytest.importorskip("rfc3161_client")
    done = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            while not done.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        try:
            with pytest.raises(StampError, match="too long"):
                ask_for_stamp(f"http://127.0.0.1:{server.getsockname()[1]}/", OCTETS, (), 0.3)
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize("url", [
    "file:///etc/passwd", "ftp://192.0.2.1/", "tsa.example", "http://", "", "http:///x", "//x/",
])  # fmt: skip
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(StampError, match="--timestamp"):
        check_url(url)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(timestamp, "import_module", missing)
    with pytest.raises(StampError, match=r"pip install 'ringfence\[timestamp\]'"):
        require_timestamping()


def test_roots_that_are_none_are_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("roots") / "x.pem"
    with pytest.raises(EvidenceError, match="No such file"):
        read_roots(str(path))
    path.write_text("hello")
    with pytest.raises(EvidenceError, match="no certificates"):
        read_roots(str(path))


def test_an_answer_damaged_anyhow_is_a_stamp_or_an_error_of_ours(authority: Authority) -> None:
    with authority.serving() as url:
        answer = ask_for_stamp(url, OCTETS, ())
    roots = read_roots(str(authority.root))
    chance = random.Random(7)  # noqa: S311  the same damage each time
    refused = 0
    for _ in range(600):
        damaged = bytearray(answer)
        at = chance.randrange(len(damaged))
        damaged[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        for trusted in ((), roots):
            try:
                read_stamp(bytes(damaged), OCTETS, trusted)
            except StampError:
                refused += 1
    assert refused > 300
