"""The page over real TLS: guesses, scanners, slow and oversized requests, forged headers."""

# ruff: noqa: S104  addresses that must be refused

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.flow import door_server
from ringfence.flow.door_server import DoorServer, request_of
from ringfence.model.door import Answer, DoorError
from tests.mail_server import Certificate, certificate_of

TOKEN = "T" * 71
GOOD = f"/door/{TOKEN}"
HOME = "198.51.100.7"


class Keeper:
    """Knows one link, and writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.fails = False

    def __call__(self, word: str, token: str, address: str) -> Answer:
        self.asked.append((word, token, address))
        if self.fails:
            raise DoorError("no firewall")
        is_good = token == TOKEN
        return Answer("Anna", address, 1_800_000_000.0) if is_good else Answer(why="not valid")

    @property
    def opened(self) -> list[str]:
        return [address for word, token, address in self.asked if (word, token) == ("open", TOKEN)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_of(tmp_path_factory.mktemp("tls"))


@contextmanager
def served(
    keeper: Keeper, certificate: Certificate | None, behind: str | None = "127.0.0.1"
) -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()
    server = DoorServer(
        listening, keeper, certificate.context() if certificate else None,
        ip_address(behind) if behind else None,
    )  # fmt: skip
    task = loop.create_task(server.serve())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
        listening.close()


Say = Callable[..., str]


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def say(keeper: Keeper, certificate: Certificate) -> Iterator[Say]:
    """Octets over TLS; what comes back. All are from HOME, as the proxy says."""
    context = ssl.create_default_context(cafile=str(certificate.root))

    with served(keeper, certificate) as port:

        def say(octets: str, forwarded: str | None = HOME) -> str:
            if forwarded is not None:
                octets = octets.replace("\r\n", f"\r\nX-Forwarded-For: {forwarded}\r\n", 1)
            with (
                socket.create_connection(("127.0.0.1", port), 5) as plain,
                context.wrap_socket(plain, server_hostname="localhost") as tls,
            ):
                tls.sendall(octets.encode("latin-1"))
                heard = b""
                try:
                    while more := tls.recv(65536):
                        heard += more
                except (ConnectionError, ssl.SSLError):
                    pass
                return heard.decode()

        yield say


def get(path: str, more: str = "") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: pbx.example\r\n{more}\r\n"


def post(path: str, more: str = "Content-Length: 0\r\n", body: str = "") -> str:
    return f"POST {path} HTTP/1.1\r\nHost: pbx.example\r\n{more}\r\n{body}"


def test_get_shows_a_button_and_post_opens(say: Say, keeper: Keeper) -> None:
    page = say(get(GOOD))
    assert page.startswith("HTTP/1.1 200 OK\r\n")
    assert "Open the phone system for the address 198.51.100.7 until 2027-01-15" in page
    assert keeper.opened == []
    assert "The phone system is open for you" in say(post(GOOD))
    assert keeper.opened == [HOME]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "get"])
def test_a_mail_scanner_that_follows_links_opens_nothing(
    say: Say, keeper: Keeper, method: str
) -> None:
    say(f"{method} {GOOD} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert keeper.opened == []


def test_another_site_cannot_press_the_button(say: Say, keeper: Keeper) -> None:
    heard = say(post(GOOD, "Content-Length: 0\r\nSec-Fetch-Site: cross-site\r\n"))
    assert heard.startswith("HTTP/1.1 403")
    assert keeper.asked == []


def test_a_thousand_guesses_get_a_dozen_answers(say: Say, keeper: Keeper) -> None:
    heard = [say(post(f"/door/{number:071}")).partition("\r\n")[0] for number in range(1000)]
    assert heard[:12] == ["HTTP/1.1 404 Not Found"] * 12
    assert set(heard[12:]) == {"HTTP/1.1 429 Too Many Requests"}
    assert len(keeper.asked) == 12
    assert keeper.opened == []


def test_guesses_from_one_customers_network_are_counted_together(say: Say) -> None:
    heard = [say(post(f"/door/{'x' * 71}"), f"2001:db8::{n + 1:x}")[9:12] for n in range(20)]
    assert heard == ["404"] * 12 + ["429"] * 8
    assert say(get(GOOD), "2001:db8:0:1::1").startswith("HTTP/1.1 200")


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (HOME, HOME),
        ("203.0.113.66, 198.51.100.7", HOME),
        ("203.0.113.66\r\nX-Forwarded-For: 198.51.100.7", HOME),
        ("203.0.113.66,10.0.0.1,198.51.100.7", HOME),
    ],
)
def test_what_the_visitor_claims_before_the_proxy_is_not_believed(
    say: Say, keeper: Keeper, forwarded: str, address: str
) -> None:
    say(post(GOOD), forwarded)
    assert keeper.opened == [address]


@pytest.mark.parametrize(
    "forwarded", [None, "", "unknown", "198.51.100.0/24", "10.0.0.1", "127.0.0.1", "0.0.0.0", "::",
                  "198.51.100.7, ", "fe80::1%eth0", "198.51.100.7:5060"],
)  # fmt: skip
def test_no_address_of_the_internet_opens_nothing(
    say: Say, keeper: Keeper, forwarded: str | None
) -> None:
    assert say(post(GOOD), forwarded)[9:12] in ("400", "403")
    assert keeper.asked == []


def test_a_visitor_who_is_not_the_proxy_is_not_believed(certificate: Certificate) -> None:
    keeper = Keeper()
    context = ssl.create_default_context(cafile=str(certificate.root))
    with (
        served(keeper, certificate, behind=None) as port,
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        octets = post(GOOD, f"Content-Length: 0\r\nX-Forwarded-For: {HOME}\r\n")
        tls.sendall(octets.encode())
        assert tls.recv(65536).startswith(b"HTTP/1.1 403")
    assert keeper.asked == []


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (get(GOOD, "A: " + "x" * 5000 + "\r\n"), "413"),
        (get("/door/" + "x" * 5000), "413"),
        (get(GOOD, "A: b\r\n" * 100), "400"),
        (post(GOOD, "Content-Length: 1025\r\n"), "413"),
        (post(GOOD, "Content-Length: 99999999999999999999\r\n"), "413"),
        (post(GOOD, "Content-Length: -1\r\n"), "400"),
        (post(GOOD, "Content-Length: 0\r\nContent-Length: 5\r\n"), "400"),
        (post(GOOD, "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"),
        (post(GOOD, ""), "411"),
        (get(GOOD, "A: b\n X-Forwarded-For: 203.0.113.66\r\n"), "400"),
        (get(GOOD, "A: b\rc\r\n"), "400"),
        (get(GOOD, "A : b\r\n"), "400"),
        (get(GOOD, " folded\r\n"), "400"),
        (get(GOOD, "A: \0\r\n"), "400"),
        (get(GOOD + "%0d%0aSet-Cookie:x"), "404"),
        (get("/../" + GOOD), "404"),
        (get(f"https://x{GOOD}"), "400"),
        (get(GOOD + "?x=<script>"), "404"),
        ("\x16\x03\x01\r\n\r\n", "400"),
    ],
)
def test_what_is_oversized_or_has_two_meanings_is_refused(
    say: Say, keeper: Keeper, octets: str, status: str
) -> None:
    heard = say(octets)
    assert heard[9:12] == status
    assert keeper.asked == []
    assert "<script" not in heard
    assert "Set-Cookie" not in heard


def test_every_answer_has_its_headers_and_says_nothing_of_the_server(say: Say) -> None:
    for heard in (say(get(GOOD)), say(get("/")), say("x\r\n\r\n"), say(post("/door/x"))):
        head = heard.partition("\r\n\r\n")[0]
        assert "Content-Security-Policy: default-src 'none'" in head
        assert "X-Content-Type-Options: nosniff" in head
        assert "Referrer-Policy: no-referrer" in head
        assert "\r\nServer:" not in head
        assert TOKEN not in heard


def test_head_has_no_body(say: Say) -> None:
    assert say(f"HEAD {GOOD} HTTP/1.1\r\nHost: x\r\n\r\n").endswith("\r\n\r\n")


def test_a_door_that_fails_says_so_and_not_why(say: Say, keeper: Keeper) -> None:
    keeper.fails = True
    heard = say(post(GOOD))
    assert heard.startswith("HTTP/1.1 503")
    assert "no firewall" not in heard


@pytest.mark.parametrize("start", [b"", b"\x16\x03\x01\x02\x00", b"GET / HT"])
def test_slow_senders_are_cut_and_keep_nobody_out(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    """A hundred that say nothing, of one address: four are let in, and those not for long."""
    monkeypatch.setattr(door_server, "HANDSHAKE_S", 0.5)
    monkeypatch.setattr(door_server, "TIMEOUT_S", 0.8)
    keeper = Keeper()
    with served(keeper, certificate, behind=None) as port:
        many = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(100)]
        for one in many:
            try:
                one.sendall(start)
            except OSError:  # cut already
                continue
        for one in many:
            one.settimeout(5)
            try:
                while one.recv(4096):
                    pass
            except ConnectionError:
                pass
            one.close()
        context = ssl.create_default_context(cafile=str(certificate.root))
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as tls,
        ):
            tls.sendall(get("/").encode())
            assert tls.recv(65536).startswith(b"HTTP/1.1 404")


def test_a_slow_head_over_tls_is_cut(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_server, "TIMEOUT_S", 0.5)
    context = ssl.create_default_context(cafile=str(certificate.root))
    with (
        served(Keeper(), certificate) as port,
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        tls.sendall(b"GET / HTTP/1.1\r\nA: ")
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            assert tls.recv(4096) == b""


@pytest.mark.parametrize(("host", "behind"), [("127.0.0.1", None), ("0.0.0.0", "127.0.0.1")])
def test_links_never_cross_a_network_in_the_clear(host: str, behind: str | None) -> None:
    with (
        socket.create_server((host, 0)) as listening,
        pytest.raises(DoorError, match="loopback only"),
    ):
        DoorServer(listening, Keeper(), None, ip_address(behind) if behind else None)


def test_plain_http_behind_a_proxy_on_loopback_is_served() -> None:
    keeper = Keeper()
    with (
        served(keeper, None) as port,
        socket.create_connection(("127.0.0.1", port), 5) as plain,
    ):
        plain.sendall(post(GOOD, f"Content-Length: 0\r\nX-Forwarded-For: {HOME}\r\n").encode())
        assert plain.recv(65536).startswith(b"HTTP/1.1 200")
    assert keeper.opened == [HOME]


def test_addresses_that_ask_are_forgotten_oldest_first() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = DoorServer(listening, Keeper(), None, ip_address("127.0.0.1"))
        first = ip_address("198.18.0.0")
        for number in range(door_server.MAX_ASKING + 500):
            server._is_too_often(first + number)
        assert len(server._asked) == door_server.MAX_ASKING


def test_a_head_is_read_as_it_is() -> None:
    request = request_of(b"GET /x HTTP/1.1\r\nHost:  a \r\nX-Y: \xe9")
    assert request.headers == (("host", "a"), ("x-y", "\xe9"))


def test_the_certificate_of_the_test_is_its_own(certificate: Certificate) -> None:
    assert Path(certificate.root).read_bytes().startswith(b"-----BEGIN CERTIFICATE")
