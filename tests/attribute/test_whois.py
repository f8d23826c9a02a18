"""WHOIS against servers on loopback."""

from __future__ import annotations

import time
from ipaddress import ip_address

import pytest

from ringfence.attribute.doors import Doors
from ringfence.attribute.errors import BadAnswerError, ForbiddenError, PausedError, SilentError
from ringfence.attribute.memory import Memory
from ringfence.attribute.pacing import Pacer
from ringfence.attribute.registries import BY_NAME
from ringfence.attribute.whois import WhoisClient
from tests.attribute.answers import mails
from tests.attribute.scene import FakeTime, nobody
from tests.attribute.server import whois_server

ASKED = ip_address("203.0.113.5")
NETWORK = b"inetnum: 203.0.113.0 - 203.0.113.255\nremarks: abuse: desk@hosting.example\n"


def client(*ports: int, fake: FakeTime | None = None, **more: object) -> WhoisClient:
    """A client for which every registry is the first of these servers."""
    clock = (fake or FakeTime()).clock
    doors = Doors(origins=frozenset(("whois", "127.0.0.1", port) for port in ports))
    servers = dict.fromkeys(BY_NAME, ("127.0.0.1", ports[0]))
    return WhoisClient(doors, Memory(clock), clock, Pacer(clock), nobody, servers, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("registry", "question"),
    [
        ("arin", "n + 203.0.113.5"),
        ("ripe", "-B 203.0.113.5"),
        ("jpnic", "203.0.113.5/e"),
        ("nicbr", "203.0.113.5"),
    ],
)
def test_each_registry_is_asked_in_its_own_way(registry: str, question: str) -> None:
    asked: list[str] = []

    def reply(line: str) -> bytes:
        asked.append(line)
        return NETWORK

    with whois_server(reply) as port:
        found = client(port).look_up(ASKED, BY_NAME[registry])
    assert asked == [question]
    assert mails(found.contacts) == ["desk@hosting.example"]


def test_latin_1_is_read() -> None:
    with whois_server(lambda _: NETWORK + "owner: Garc\xeda\n".encode("latin-1")) as port:
        found = client(port).look_up(ASKED, BY_NAME["lacnic"])
    assert found.network is not None
    assert found.network.holder == "García"


def test_handle_of_a_contact_is_asked_for() -> None:
    def reply(line: str) -> bytes:
        if line == "JP00000001/e":
            return b"[Group Handle] JP00000001\n[E-Mail] noc@example-kk.example\n"
        return b"a. [Network Number] 203.0.113.0/24\nn. [Technical Contact] JP00000001\n"

    with whois_server(reply) as port:
        found = client(port).look_up(ASKED, BY_NAME["jpnic"])
    assert mails(found.contacts) == ["noc@example-kk.example"]


def test_referral_to_another_registry_is_followed_in_its_own_way() -> None:
    asked: list[str] = []

    def reply(line: str) -> bytes:
        asked.append(line)
        return NETWORK if line.startswith("-B") else b"ReferralServer: whois://whois.ripe.net\n"

    with whois_server(reply) as port:
        asker = client(port)
        asker.doors = Doors(
            origins=frozenset({("whois", "127.0.0.1", port), ("whois", "whois.ripe.net", port)})
        )
        asker.servers["ripe"] = ("whois.ripe.net", port)
        asker.resolve = lambda _host, _port: ["127.0.0.1"]
        found = asker.look_up(ASKED, BY_NAME["arin"])
    assert asked == ["n + 203.0.113.5", "-B 203.0.113.5"]
    assert found.network is not None
    assert found.network.registry == "ripe"


def test_referral_to_a_stranger_is_not_followed() -> None:
    with (
        whois_server(lambda _: b"ReferralServer: whois://evil.example\n") as port,
        pytest.raises(ForbiddenError, match=r"evil\.example"),
    ):
        client(port).look_up(ASKED, BY_NAME["arin"])


def test_endless_answer_is_cut_off() -> None:
    with (
        whois_server(lambda _: b"remarks: x\n" * 100_000) as port,
        pytest.raises(BadAnswerError, match="more than 1,000 octets"),
    ):
        client(port, max_octets=1000).look_up(ASKED, BY_NAME["ripe"])


def test_server_that_keeps_the_line_open_is_given_up_in_time() -> None:
    fake = FakeTime()
    with whois_server(lambda _: NETWORK, hold=True) as port:
        begun = time.monotonic()
        with pytest.raises(SilentError):
            client(port, fake=fake, timeout_s=0.3).look_up(ASKED, BY_NAME["ripe"])
        assert time.monotonic() - begun < 5


def test_nothing_and_nobody() -> None:
    with whois_server(lambda _: b"") as port, pytest.raises(SilentError, match="with nothing"):
        client(port).look_up(ASKED, BY_NAME["ripe"])
    with pytest.raises(SilentError, match="no answer"):
        client(1).look_up(ASKED, BY_NAME["ripe"])
    asker = client(1)
    asker.servers = {}
    with pytest.raises(SilentError, match="no WHOIS server"):
        asker.look_up(ASKED, BY_NAME["vnnic"])


def test_denied_access_is_a_pause_and_obeyed() -> None:
    asked: list[str] = []

    def reply(line: str) -> bytes:
        asked.append(line)
        return b"%ERROR:201: access denied for 192.0.2.1\n"

    with whois_server(reply) as port:
        asker = client(port)
        for _ in range(3):
            with pytest.raises(PausedError):
                asker.look_up(ASKED, BY_NAME["ripe"])
    assert len(asked) == 1


def test_server_in_its_pause_is_not_asked() -> None:
    asked: list[str] = []

    def reply(line: str) -> bytes:
        asked.append(line)
        return NETWORK

    with whois_server(reply) as port:
        asker = client(port)
        asker.pauses.pause("whois 127.0.0.1", 60)
        with pytest.raises(PausedError, match="left alone"):
            asker.look_up(ASKED, BY_NAME["ripe"])
    assert asked == []
