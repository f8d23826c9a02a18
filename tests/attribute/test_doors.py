"""Whom a look-up may ask, and that nobody gets it to ask our own house."""

from __future__ import annotations

import socket

import pytest

from ringfence.attribute.doors import MAX_ADDRESSES, Doors, origin_of, resolve
from ringfence.attribute.errors import ForbiddenError, SilentError

DOORS = Doors(frozenset({"rdap.hosting.example"}), frozenset({("http", "127.0.0.1", 8080)}))


@pytest.mark.parametrize(
    "url",
    [
        "https://rdap.arin.net/registry/ip/203.0.113.5",
        "https://jpnic.rdap.apnic.net/ip/203.0.113.5",
        "https://rdap.registro.br/ip/203.0.113.5",
        "https://stat.ripe.net/data/x.json?resource=203.0.113.5",
        "https://RDAP.DB.RIPE.NET./ip/x",
        "https://rdap.hosting.example/ip/x",
        "https://rdap.arin.net:443/ip/x",
    ],
)
def test_known_registries_are_open(url: str) -> None:
    target = DOORS.check(url)
    assert (target.scheme, target.port, target.trusted) == ("https", 443, False)


def test_plain_http_to_a_registry_becomes_https() -> None:
    assert DOORS.check("http://rdap.lacnic.net/rdap/ip/x").scheme == "https"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/ip/203.0.113.5",
        "https://rdap.arin.net.evil.example/",
        "https://evil-arin.net/",
        "https://rdap.arin.net@evil.example/",
        "https://evil.example\\@rdap.arin.net/",
        "https://rdap.arin.net:8443/",
        "http://rdap.arin.net:8080/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://203.0.113.5/",
        "http://127.0.0.1:8081/",
        "https://127.0.0.1:8080/",
        "http://localhost:8080/",
        "file:///etc/passwd",
        "ftp://rdap.arin.net/",
        "gopher://rdap.arin.net/",
        "//rdap.arin.net/",
        "/ip/203.0.113.5",
        "",
        "https://rdap.arin.net/\r\nHost: evil.example",
        "https://rdap.arin.net/a b",
        "https://rdap.ar\u0131n.net/",
        "https://[rdap.arin.net/",
        "https://rdap.arin.net:x/",
        "https://rdap.arin.net/" + "a" * 5000,
    ],
)
def test_everything_else_is_closed(url: str) -> None:
    with pytest.raises(ForbiddenError):
        DOORS.check(url)


def test_server_that_the_user_named_may_be_on_this_machine() -> None:
    target = DOORS.check("http://127.0.0.1:8080/ip/x?y=1")
    assert (target.trusted, target.path, target.authority) == (True, "/ip/x?y=1", "127.0.0.1:8080")
    assert DOORS.addresses(target, _never) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1%lo", "fd00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "100.64.0.1", "0.0.0.0", "224.0.0.1"],  # noqa: S104
)  # fmt: skip
def test_registry_whose_name_leads_into_the_house_is_not_connected(address: str) -> None:
    target = DOORS.check("https://rdap.arin.net/ip/x")
    with pytest.raises(ForbiddenError, match="not connected"):
        DOORS.addresses(target, lambda _host, _port: [address])


def test_of_several_addresses_only_public_ones_are_connected() -> None:
    target = DOORS.check("https://rdap.arin.net/ip/x")
    found = DOORS.addresses(target, lambda _host, _port: ["127.0.0.1", "172.32.0.1"])
    assert found == ["172.32.0.1"]


def test_addresses_of_a_name_are_bounded() -> None:
    target = DOORS.check("https://rdap.arin.net/ip/x")
    many = [f"172.32.0.{n}" for n in range(200)]
    assert len(DOORS.addresses(target, lambda _host, _port: many)) == MAX_ADDRESSES


def test_name_that_leads_nowhere_is_silence() -> None:
    def fail(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    target = DOORS.check("https://rdap.arin.net/ip/x")
    with pytest.raises(SilentError, match="leads nowhere"):
        DOORS.addresses(target, fail)
    with pytest.raises(SilentError, match="no address"):
        DOORS.addresses(target, lambda _host, _port: [])


def test_whois_servers_of_registries_only() -> None:
    doors = Doors(origins=frozenset({("whois", "127.0.0.1", 4343)}))
    assert doors.check_whois("whois.ripe.net").port == 43
    assert doors.check_whois("127.0.0.1", 4343).trusted
    for host, port in (("evil.example", 43), ("127.0.0.1", 43), ("whois.ripe.net", 22)):
        with pytest.raises(ForbiddenError):
            doors.check_whois(host, port)


def test_origin_of_what_the_user_named() -> None:
    assert origin_of("http://127.0.0.1:8080/rdap") == ("http", "127.0.0.1", 8080)
    assert origin_of("https://rdap.example") == ("https", "rdap.example", 443)
    for bad in ("rdap.example", "file:///x", "whois://rdap.example/"):
        with pytest.raises(ForbiddenError):
            origin_of(bad)


def test_system_resolves_an_address_to_itself() -> None:
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]


def test_errors_of_the_system_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(OSError, match="unknown"):
        resolve("rdap.example", 443)


def _never(host: str, port: int) -> list[str]:
    raise AssertionError(f"resolved {host}")
