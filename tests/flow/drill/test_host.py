"""The phone system's side of a drill: it tells nothing to who does not know the code."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from ringfence.flow.drill.code import TO_DRILL, TO_HOST, key_of, opened, sealed
from ringfence.flow.drill.host import (
    BEGIN,
    HELLO,
    LASTS,
    LIFTED_AFTER,
    STANDS,
    Host,
    addresses_of,
    listening,
    serve,
)
from ringfence.flow.drill.record import MAX_SOURCES, read_record
from ringfence.model.drill import DrillError

KEY = key_of("ABCD-EFGH-JKMN-PQRS")
PBX, US, EVE = "192.0.2.10", "192.0.2.77", "203.0.113.66"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Desk:
    """A host, and what is said to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nonces = iter(f"n{number}" for number in range(100))
        self.host = Host(
            KEY, [PBX], NOW, folder, lambda address, since: {"guard": f"{address} {since}"},
            lambda: next(self.nonces),
        )  # fmt: skip

    def say(
        self, ask: str, nonce: str = "", source: str = US, drill: str = "one", pbx: str = PBX,
        now: datetime = NOW,
    ) -> dict[str, object] | None:  # fmt: skip
        said: dict[str, object] = {
            "to": TO_HOST, "pbx": pbx, "drill": drill, "ask": ask, "nonce": nonce, "turn": 1,
        }  # fmt: skip
        octets = self.host.answer(sealed(KEY, said), source, now)
        return None if octets is None else opened(KEY, octets, TO_DRILL)

    def begin(self, source: str = US, drill: str = "one") -> None:
        hello = self.say(HELLO, source=source, drill=drill)
        assert hello is not None
        assert self.say(BEGIN, str(hello["nonce"]), source, drill) is not None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_who_knows_the_code_is_known_to_the_guard_and_told_how_it_did(desk: Desk) -> None:
    desk.begin()
    (source,) = read_record(desk.folder)
    assert (source.address, source.drill) == (US, "one")
    stands = desk.say(STANDS)
    assert stands is not None
    assert stands["guard"] == f"{US} 2026-11-26T12:00:00Z"


def test_hello_alone_names_nobody_to_the_guard(desk: Desk) -> None:
    """Who only sends on what he overheard, from his own address or a forged one."""
    desk.say(HELLO, source=EVE)
    assert desk.say(BEGIN, "n9", EVE) is None
    assert desk.say(STANDS, source=EVE) is None
    assert read_record(desk.folder) == []


def test_begin_of_another_that_is_repeated_is_worth_nothing(desk: Desk) -> None:
    hello = desk.say(HELLO)
    assert hello is not None
    nonce = str(hello["nonce"])
    desk.say(HELLO, source=EVE)
    assert desk.say(BEGIN, nonce, EVE) is None
    assert desk.say(BEGIN, nonce) is not None


def test_code_is_for_one_drill(desk: Desk) -> None:
    desk.begin()
    assert desk.say(HELLO, drill="two") is None


def test_drill_of_both_versions_of_ip_is_one(desk: Desk) -> None:
    desk.begin()
    desk.begin("2001:db8::77")
    assert [one.address for one in read_record(desk.folder)] == [US, "2001:db8::77"]


def test_code_ends_after_a_quarter_of_an_hour(desk: Desk) -> None:
    assert desk.say(HELLO, now=NOW + LASTS - timedelta(seconds=1)) is not None
    assert desk.say(HELLO, now=NOW + LASTS) is None


def test_code_is_bound_to_the_address_of_the_phone_system(desk: Desk) -> None:
    assert desk.say(HELLO, pbx="192.0.2.99") is None


def test_sources_that_say_hello_are_bounded(desk: Desk) -> None:
    answers = [desk.say(HELLO, source=f"203.0.113.{number}") for number in range(MAX_SOURCES + 5)]
    assert sum(one is not None for one in answers) == MAX_SOURCES


def test_stranger_gets_no_octet(desk: Desk) -> None:
    for octets in (b"", b"x" * 5000, b"OPTIONS sip:x SIP/2.0\r\n\r\n"):
        assert desk.host.answer(octets, EVE, NOW) is None


def test_it_answers_over_a_socket_until_its_end(tmp_path: Path) -> None:
    said: list[str] = []
    made = datetime.now(UTC) - LASTS + timedelta(seconds=3)
    host = Host(KEY, ["127.0.0.1"], made, tmp_path, lambda *_: {}, lambda: "n")
    sockets = listening(0)
    port = sockets[0].getsockname()[1]
    thread = Thread(target=serve, args=(host, sockets, said.append, said.append))
    thread.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(2)
        hello = {"to": TO_HOST, "pbx": "127.0.0.1", "drill": "one", "ask": HELLO, "turn": 1}
        asker.sendto(b"nonsense", ("127.0.0.1", port))
        asker.sendto(sealed(KEY, hello), ("127.0.0.1", port))
        heard = opened(KEY, asker.recv(2048), TO_DRILL)
        asker.sendto(sealed(KEY, {**hello, "ask": BEGIN, "nonce": "n"}), ("127.0.0.1", port))
        begun = opened(KEY, asker.recv(2048), TO_DRILL)
    thread.join(10)
    assert not thread.is_alive()
    for one in sockets:
        one.close()
    assert heard is not None
    assert heard["you"] == "127.0.0.1"
    assert begun is not None
    assert said == ["drill one has begun; the code is used"]


def test_port_that_is_taken_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))  # noqa: S104
        with pytest.raises(DrillError, match="name another with --port"):
            listening(taken.getsockname()[1])


def test_addresses_are_those_that_are_named() -> None:
    assert addresses_of([PBX, PBX, "2001:DB8::1"]) == (PBX, "2001:db8::1")
    with pytest.raises(DrillError, match="takes an address"):
        addresses_of(["pbx.example.com"])


def test_unnamed_addresses_are_those_of_this_machine_without_loopback() -> None:
    try:
        found = addresses_of([])
    except DrillError as error:  # a machine without any network
        assert "--pbx" in str(error)  # noqa: PT017
    else:
        assert not {"127.0.0.1", "::1"} & set(found)


def test_who_drilled_is_let_go_after_a_minute_and_nobody_else(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.host.over(NOW + LASTS) == [], "who has not proven that he knows the code"
    said = desk.say(HELLO)
    assert said is not None
    desk.say(BEGIN, str(said["nonce"]))
    assert desk.host.over(NOW + LIFTED_AFTER - timedelta(seconds=1)) == []
    assert desk.host.over(NOW + LIFTED_AFTER) == [US]
    assert desk.host.over(NOW + LIFTED_AFTER) == [], "once"
