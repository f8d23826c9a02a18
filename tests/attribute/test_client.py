"""HTTP against a server with every vice."""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ringfence.attribute.client import HttpClient
from ringfence.attribute.doors import Doors
from ringfence.attribute.errors import (
    BadAnswerError,
    ForbiddenError,
    NotRegisteredError,
    PausedError,
    SilentError,
)
from ringfence.attribute.memory import Memory
from ringfence.attribute.pacing import Pacer
from tests.attribute.scene import FakeTime, client_of
from tests.attribute.server import Play, Registry, registry

BODY = b'{"objectClassName": "ip network"}'


@pytest.fixture
def server() -> Iterator[Registry]:
    with registry() as one:
        yield one


def test_answer_comes_back_with_who_gave_it(server: Registry) -> None:
    server.play("/ip/203.0.113.5", Play(BODY))
    body = client_of(server.url).get(f"{server.url}/ip/203.0.113.5")
    assert (body.octets, body.host) == (BODY, "127.0.0.1")


def test_question_says_what_it_accepts_and_who_asks(server: Registry) -> None:
    server.play("/x", Play(BODY))
    client_of(server.url).get(f"{server.url}/x")
    (seen,) = server.seen
    assert seen.headers["accept"].startswith("application/rdap+json")
    assert seen.headers["user-agent"].startswith("ringfence/")
    assert "cookie" not in seen.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_to_another_registry_is_followed(server: Registry, status: int) -> None:
    with registry() as other:
        server.play("/ip/x", Play(status=status, headers={"Location": f"{other.url}/rdap/ip/x"}))
        other.play("/rdap/ip/x", Play(BODY))
        body = client_of(server.url, other.url).get(f"{server.url}/ip/x")
        assert (body.octets, body.url) == (BODY, f"{other.url}/rdap/ip/x")


def test_relative_redirect_is_followed(server: Registry) -> None:
    server.play("/a/ip/x", Play(status=302, headers={"Location": "../b"}))
    server.play("/a/b", Play(BODY))
    assert client_of(server.url).get(f"{server.url}/a/ip/x").octets == BODY


def test_redirect_into_the_house_is_not_followed(server: Registry) -> None:
    with registry() as inside:
        inside.play("/secret", Play(b"{}"))
        server.play("/x", Play(status=302, headers={"Location": f"{inside.url}/secret"}))
        with pytest.raises(ForbiddenError):
            client_of(server.url).get(f"{server.url}/x")
        assert inside.seen == []


@pytest.mark.parametrize(
    "place",
    ["https://evil.example/", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd",
     "https://[", "gopher://rdap.arin.net/"],
)  # fmt: skip
def test_redirect_to_a_stranger_is_not_followed(server: Registry, place: str) -> None:
    server.play("/x", Play(status=302, headers={"Location": place}))
    with pytest.raises(ForbiddenError):
        client_of(server.url).get(f"{server.url}/x")
    assert len(server.seen) == 1


def test_redirect_to_a_registry_whose_name_was_bent_is_not_followed(server: Registry) -> None:
    server.play("/x", Play(status=302, headers={"Location": "https://rdap.arin.net/ip/x"}))
    client = client_of(server.url, resolve=lambda _host, _port: ["127.0.0.1"])
    with pytest.raises(ForbiddenError, match=r"loopback.*not connected"):
        client.get(f"{server.url}/x")


def test_name_is_resolved_once_and_connected_to_that_address(server: Registry) -> None:
    """A name that changes its address after the check (DNS rebinding) changes nothing."""
    asked: list[str] = []

    def bend(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    url = f"http://registry.example:{server.port}"
    server.play("/x", Play(BODY))
    assert client_of(url, resolve=bend).get(f"{url}/x").octets == BODY
    assert asked == ["registry.example"]
    assert server.seen[0].headers["host"] == f"registry.example:{server.port}"


def test_proxy_of_the_environment_is_not_used(
    server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would resolve names by itself, past the check."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server.play("/x", Play(BODY))
    assert client_of(server.url).get(f"{server.url}/x").octets == BODY


def test_circle_of_redirects_ends(server: Registry) -> None:
    server.play("/x", Play(status=302, headers={"Location": "/x"}))
    with pytest.raises(BadAnswerError, match="more than 5 redirects"):
        client_of(server.url).get(f"{server.url}/x")
    assert len(server.seen) == 6


def test_redirect_to_nowhere(server: Registry) -> None:
    server.play("/x", Play(status=302))
    with pytest.raises(BadAnswerError, match="redirects to nowhere"):
        client_of(server.url).get(f"{server.url}/x")


# ---- manners ----------------------------------------------------------------


def test_questions_to_one_host_are_a_second_apart(server: Registry) -> None:
    fake = FakeTime()
    server.play("/x", Play(BODY))
    client = client_of(server.url, time=fake)
    for _ in range(3):
        client.get(f"{server.url}/x")
    assert fake.waited == [1.0, 1.0]


def test_short_retry_after_is_waited_for_once(server: Registry) -> None:
    fake = FakeTime()
    server.play("/x", Play(status=429, headers={"Retry-After": "7"}), Play(BODY))
    assert client_of(server.url, time=fake).get(f"{server.url}/x").octets == BODY
    assert fake.waited == [7.0]


@pytest.mark.parametrize("status", [403, 422, 429, 503])
def test_server_that_wants_fewer_questions_is_left_alone(server: Registry, status: int) -> None:
    fake = FakeTime()
    html = b"<html>Too many requests</html>"
    server.play("/x", Play(html, status, {"Retry-After": "120"}), Play(BODY))
    client = client_of(server.url, time=fake)
    for _ in range(3):
        with pytest.raises(PausedError):
            client.get(f"{server.url}/x")
    assert len(server.seen) == 1, "asked again before its time"
    fake.later(121)
    assert client.get(f"{server.url}/x").octets == BODY


def test_refusal_without_a_time_is_a_pause_of_minutes(server: Registry) -> None:
    server.play("/x", Play(status=403))
    with pytest.raises(PausedError) as caught:
        client_of(server.url).get(f"{server.url}/x")
    assert caught.value.pause_s == 300.0


def test_server_that_never_has_enough_is_asked_twice_at_most(server: Registry) -> None:
    server.play("/x", Play(status=429, headers={"Retry-After": "1"}))
    with pytest.raises(PausedError):
        client_of(server.url).get(f"{server.url}/x")
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_that_stumbles_is_asked_once_more(server: Registry, status: int) -> None:
    server.play("/x", Play(status=status), Play(BODY))
    assert client_of(server.url).get(f"{server.url}/x").octets == BODY


def test_server_out_of_order_is_given_up(server: Registry) -> None:
    server.play("/x", Play(status=502))
    with pytest.raises(SilentError, match="answered 502"):
        client_of(server.url).get(f"{server.url}/x")
    assert len(server.seen) == 2


def test_what_is_not_registered(server: Registry) -> None:
    server.play("/x", Play(b'{"errorCode": 404}', 404))
    with pytest.raises(NotRegisteredError):
        client_of(server.url).get(f"{server.url}/x")


def test_status_that_nobody_expects(server: Registry) -> None:
    server.play("/x", Play(status=418))
    with pytest.raises(BadAnswerError, match="answered 418"):
        client_of(server.url).get(f"{server.url}/x")


# ---- bounds ---------------------------------------------------------------


@pytest.mark.parametrize("vice", ["silent", "drip", "headers"])
def test_slow_server_is_given_up_in_time(server: Registry, vice: str) -> None:
    server.play("/x", Play(b"{", vice=vice))
    begun = time.monotonic()
    with pytest.raises(SilentError, match=r"longer than|no answer"):
        client_of(server.url, timeout_s=0.3).get(f"{server.url}/x")
    assert time.monotonic() - begun < 5


def test_endless_body_is_cut_off(server: Registry) -> None:
    server.play("/x", Play(b"{", vice="endless"))
    with pytest.raises(BadAnswerError, match="more than 100,000 octets"):
        client_of(server.url, max_octets=100_000).get(f"{server.url}/x")


def test_body_that_breaks_off_is_no_answer(server: Registry) -> None:
    server.play("/x", Play(BODY, vice="cut"))
    with pytest.raises(SilentError):
        client_of(server.url).get(f"{server.url}/x")


def test_packed_body_is_unpacked_although_nobody_asked(server: Registry) -> None:
    server.play("/x", Play(gzip.compress(BODY), headers={"Content-Encoding": "gzip"}))
    assert client_of(server.url).get(f"{server.url}/x").octets == BODY


def test_bomb_is_not_unpacked(server: Registry) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    server.play("/x", Play(bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(BadAnswerError, match="more than 200,000 octets"):
        client_of(server.url, max_octets=200_000).get(f"{server.url}/x")


def test_broken_gzip_is_named(server: Registry) -> None:
    server.play("/x", Play(b"no gzip", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(BadAnswerError, match="broken gzip"):
        client_of(server.url).get(f"{server.url}/x")


def test_nobody_there_is_silence(server: Registry) -> None:
    url = "http://127.0.0.1:1"
    with pytest.raises(SilentError, match="no answer"):
        client_of(url).get(f"{url}/x")


# ---- TLS --------------------------------------------------------------------


@pytest.mark.parametrize(("name", "fits"), [("registry.example", True), ("other.example", False)])
def test_certificate_must_be_for_the_name_although_an_address_is_connected(
    tmp_path: Path, name: str, fits: bool
) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(_certificate(tmp_path / "server.pem", name))
    trusted = ssl.create_default_context(cafile=tmp_path / "server.pem")
    fake = FakeTime()
    with registry(served) as one:
        one.play("/x", Play(BODY))
        origin = ("https", "registry.example", one.port)
        client = HttpClient(
            Doors(origins=frozenset({origin})), Memory(fake.clock), fake.clock,
            Pacer(fake.clock), lambda _host, _port: ["127.0.0.1"], _tls=trusted,
        )  # fmt: skip
        url = f"https://registry.example:{one.port}/x"
        if fits:
            assert client.get(url).octets == BODY
        else:
            with pytest.raises(SilentError, match="certificate"):
                client.get(url)


def _certificate(path: Path, name: str) -> Path:
    """A certificate for a name, and its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
