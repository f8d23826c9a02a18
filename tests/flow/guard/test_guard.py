"""The guard whole: written conversations as HEP in, a wall in memory, cases and alarms out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from urllib.request import urlopen

import pytest

from ringfence.detect._tally import MAX_SOURCES
from ringfence.detect.live import LetIn
from ringfence.flow.casebook import Casebook
from ringfence.flow.guard.bearing import read_bearing
from ringfence.flow.guard.ears import Piece
from ringfence.flow.guard.guard import Guard
from ringfence.flow.guard.ledger import MAX_ATTACKS
from ringfence.flow.log_lines import LogLines
from ringfence.flow.moment import host
from ringfence.flow.regular_book import RegularBook
from ringfence.flow.would_have import would_have
from ringfence.model.alarm import BREAK_IN
from ringfence.model.case import StoreError
from ringfence.model.endpoint import Address
from ringfence.model.guard_status import OK
from ringfence.model.guarding import Guarding
from ringfence.model.measure import FirewallError
from ringfence.model.settings import Alerts, Settings
from ringfence.sources.hep_recording import RAW_IP, datagram_of
from ringfence.store.alerts import AlertStore
from ringfence.store.regulars import RegularStore
from ringfence.wire.decoder import Decoder
from ringfence.wire.feed import Feed
from ringfence.wire.records import PacketKeeper, Record
from tests.conversations.script import MIDNIGHT_NS, read_scene
from tests.flow.guard.agent import (
    ANN,
    CAST,
    EVE,
    GUESSES,
    TWO,
    Pause,
    Tables,
    free_port,
    guarding,
    hears_log,
    wanted,
)
from tests.wire_cases.reading import tables

PBX6 = IPv6Address("2001:db8:ffff::10")
TOLD = Settings(alerts=Alerts(syslog="udp://127.0.0.1:9", minimum="note"))


class Fed:
    """A guard without a thread of its own: tables come in, and time passes, as the test says."""

    keeper: PacketKeeper | None = None

    def __init__(self, asked: Guarding) -> None:
        self.wall = Tables()
        log = LogLines(lambda _: None, time.monotonic, lambda: datetime.now(UTC))
        self.guard = Guard(asked, Settings(), log, self.wall)
        self.guard._clerk._command = ("false",)  # cases have tests of their own
        self._packets: dict[int, Record] = {}

    def hear(self, scene: str, shift_s: int = 0) -> None:
        """A conversation, by a clock that is off by so much."""
        decoder = Decoder(64)
        for table in tables(decoder, read_scene(CAST + scene).capture()):
            table.wide["time"][:] = (table.wide["time"].astype("i8") + shift_s * 10**9).astype("u8")
            self.guard._take(Piece(table, 0, decoder))

    def flood(self, until: int, since: int = 0) -> None:
        """A message of each of these senders."""
        feed = Feed()
        for number in range(since, until):
            sender = IPv6Address(f"2001:db8:{number >> 16:x}:{number & 65535:x}::1")
            text = (
                f"INVITE sip:00442{number}@x SIP/2.0\r\nVia: SIP/2.0/UDP [{sender}];branch=z9hG4bK"
                f"{number}\r\nFrom: <sip:{number}@x>;tag={number}\r\nTo: <sip:1@x>\r\n"
                f"Call-ID: {number}\r\nCSeq: 1 INVITE\r\n\r\n"
            ).encode()
            at_ns = MIDNIGHT_NS + number * 50_000
            framed = datagram_of(text, sender, PBX6, 5060, 5060)
            if not feed.put(text, sender, 5060, PBX6, 5060, "udp", at_ns):
                self._drain(feed)
                assert feed.put(text, sender, 5060, PBX6, 5060, "udp", at_ns)
            packet = feed.batch.packets
            self._packets[packet] = Record(packet, at_ns, RAW_IP, framed, len(framed))
        self._drain(feed)

    def _drain(self, feed: Feed) -> None:
        for table in feed.tables():
            self.guard._take(Piece(table, 0, self))
            self.guard._tick()
        self._packets.clear()

    def record_at(self, position: int, packet: int, time_ns: int) -> Record | None:  # noqa: ARG002
        return self._packets.get(packet)

    def wall_has(self, address: str) -> bool:
        """Whether it is blocked, once the firewall's thread has done what it was asked."""
        ends, pause = time.monotonic() + 20, Pause()
        assert self.guard._hand is not None
        while self.guard._hand._waiting or self.guard._hand._asked_to_apply:
            assert time.monotonic() < ends
            self.guard._tick()
            pause.wait()
        return address in self.wall.blocked

    def memory(self) -> int:
        self.guard._tick(last=True)
        return self.guard.status.memory_octets


@contextmanager
def fed(asked: Guarding) -> Iterator[Fed]:
    Path(asked.run).mkdir(parents=True)
    made = Fed(asked)
    try:
        yield made
    finally:
        assert made.guard._hand is not None
        made.guard._hand.close()
        made.guard._herald.close(10)
        made.guard._clerk.close(60)


def test_guesser_is_dropped_filed_and_told_of(tmp_path: Path) -> None:
    """From the first packet to the case, and who rings meanwhile is known to the firewall."""
    wall = Tables()
    asked = wanted(tmp_path)
    with guarding(asked, wall, TOLD) as running:
        running.hear("ann REGISTER 202 > 401 auth 200\n" + GUESSES)
        running.until(lambda: EVE in wall.blocked)
        running.until(lambda: ANN in wall.known)
        running.until(lambda: any(one.case_id for one in running.guard.status.attacks), 60)
        stands, is_fresh = read_bearing(Path(asked.run))
    assert is_fresh
    assert (stands.enforcing, stands.blocked, stands.got_in) == (True, 1, False)
    assert stands.attacks[0].addresses == (EVE,)
    assert stands.attacks[0].state == "blocked"
    assert ANN not in wall.blocked
    (folder,) = (tmp_path / "cases").glob("ringfence-RF-*")
    incident = json.loads((folder / "incident.json").read_bytes())
    (attacker,) = [s for s in incident["suspects"] if s["verdict"] == "attacker"]
    assert attacker["address"] == EVE
    names = [Path(one["path"]).name for one in incident["inputs"]]
    assert names[0].endswith("-before.pcapng"), "what he sent until the verdict"
    assert (folder / "evidence").is_dir()
    with Casebook(asked.store) as book:
        assert [case.id for case in book.cases()] == [stands.attacks[0].case_id]
        assert sum(AlertStore(book.database).counts().values()) > 0
    told = would_have(asked.store)
    assert [hit.address for hit in told.hits] == [EVE]


def test_without_enforce_nothing_is_done_and_it_is_said_what_would_be(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    with guarding(asked) as running:
        running.hear(GUESSES)
        running.until(
            lambda: [one.state for one in running.guard.status.attacks] == ["would be blocked"]
        )
        assert running.guard.status.blocked == 0
    assert any('"event":"would_block"' in line for line in running.lines)
    (hit,) = would_have(asked.store).hits
    assert hit.address == EVE


def test_guesser_who_gets_in_is_the_loudest_alarm(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    with guarding(asked, Tables(), TOLD) as running:
        running.hear(GUESSES + "eve REGISTER 201 > 401 auth=secret 200\n")
        running.until(lambda: running.guard.status.got_in)
        (attack,) = running.guard.status.attacks
        assert attack.accounts_taken == ("201",)

        def is_told() -> bool:
            with Casebook(asked.store) as book:
                due = AlertStore(book.database).due("9999", 50)
                return any(one.severity == BREAK_IN and "201" in one.text for one in due)

        running.until(is_told)


def test_trunk_that_was_named_is_never_blocked_whoever_forges_it(tmp_path: Path) -> None:
    """Ten thousand forged packets with its address."""
    wall = Tables()
    asked = replace(wanted(tmp_path), trunks=(ip_address(EVE),))
    with guarding(asked, wall) as running:
        for _ in range(10):
            running.hear("eve INVITE 0044207 every=0.001 times=1000 > 401\n")
        running.until(lambda: running.guard.status.messages >= 10_000)
    assert EVE not in wall.blocked


def test_wrong_pin_blocks_nobody(tmp_path: Path) -> None:
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        running.hear("ann REGISTER 202 every=0.0005 times=16 > 401 auth=4711 401\n")
        running.until(lambda: running.guard.status.messages >= 32)
    assert wall.blocked == {}


def test_user_of_earlier_days_is_no_stranger_to_a_guard_that_was_started_again(
    tmp_path: Path,
) -> None:
    """Somebody with his address guesses: it is told, and his whole address is not blocked."""
    wall, asked = Tables(), wanted(tmp_path)
    days_ago = datetime.now(UTC) - timedelta(days=3)
    with Casebook(asked.store) as book:
        regulars = RegularBook(book, lambda: days_ago)
        regulars.note([LetIn(ip_address(EVE), ("201",), is_peer=False)])
        regulars.write()
    with guarding(asked, wall, TOLD) as running:
        running.hear("ann REGISTER 202 > 401 auth 200\n" + GUESSES + GUESSES)
        running.until(lambda: any('"event":"narrow"' in line for line in running.lines))
        running.until(lambda: EVE in wall.blocked)
    assert [one.action for one in wall.blocked.values()] == ["narrow"]
    with Casebook(asked.store) as book:
        kept = RegularStore(book.database).since("", host())
    assert {(one.address, one.account) for one in kept} == {(ANN, "202"), (EVE, "201")}


def test_attacker_who_was_let_in_an_hour_ago_is_no_regular(tmp_path: Path) -> None:
    """A guard that was started again blocks him, and forgets that he was let in."""
    wall, asked = Tables(), wanted(tmp_path)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with Casebook(asked.store) as book:
        regulars = RegularBook(book, lambda: hour_ago)
        regulars.note([LetIn(ip_address(EVE), ("201",), is_peer=False)])
        regulars.write()
    with guarding(asked, wall) as running:
        running.hear(GUESSES)
        running.until(lambda: EVE in wall.blocked)
    assert [one.action for one in wall.blocked.values()] == ["block"]
    with Casebook(asked.store) as book:
        assert RegularStore(book.database).since("", host()) == []


def test_store_that_does_not_say_who_was_there_keeps_no_guard_from_guarding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: RegularBook) -> dict[Address, int]:
        raise StoreError("store: it is damaged")

    monkeypatch.setattr(RegularBook, "remembered", broken)
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        assert any("earlier days is not known" in line for line in running.lines)
        running.hear(GUESSES)
        running.until(lambda: EVE in wall.blocked)


def test_campaign_that_moves_is_one_attack(tmp_path: Path) -> None:
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        tool = "{} REGISTER 201 tag=svcrack every=0.05 > 401 auth={{1,2,3,4,5,6}} 401\n"
        running.hear(tool.format("eve"))
        running.until(lambda: EVE in wall.blocked)
        running.hear(tool.format("two"))
        running.until(lambda: TWO in wall.blocked)
        running.until(
            lambda: {a for one in running.guard.status.attacks for a in one.addresses} == {EVE, TWO}
        )


def test_firewall_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        wall.error = FirewallError("nft is missing: sudo apt install nftables")
        running.hear(GUESSES)
        running.until(lambda: any("nft is missing" in s for s in running.guard.status.wrong))
        assert EVE not in wall.blocked
        wall.error = None
        running.until(lambda: EVE in wall.blocked)
        running.until(lambda: not running.guard.status.wrong)


def write_refusals(log: Path, lines: int, since: int = 0) -> None:
    """As Kamailio tells of EVE's, by our route."""
    line = (
        "{:%b %d %H:%M:%S} pbx kamailio[7]: WARNING: <script>: ringfence/w0rd kind=refused "
        "src=203.0.113.66 port=5071 proto=udp dst=192.0.2.10 dport=5060 method=REGISTER user=201 "
        "number=201 callid=c{} ua=Z\n"
    )
    with log.open("a") as stream:
        for number in range(since, since + lines):
            stream.write(line.format(datetime.now(), number))  # noqa: DTZ005  as syslog does


def test_logs_alone_are_enough(tmp_path: Path) -> None:
    """No packet is seen: the phone system's own log tells of the guesser, who is slowed down."""
    log = tmp_path / "kamailio.log"
    log.touch()
    wall = Tables()
    asked = replace(wanted(tmp_path), hears=hears_log("kamailio", log, "w0rd"))
    with guarding(asked, wall) as running:
        write_refusals(log, 60)
        running.until(lambda: EVE in wall.blocked)
        running.until(lambda: [one.understood for one in running.guard.status.sources] == [60])


def test_metrics_and_health_are_told(tmp_path: Path) -> None:
    port = free_port()
    with guarding(replace(wanted(tmp_path), metrics_port=port), Tables()) as running:
        running.hear(GUESSES)
        running.until(lambda: running.guard.status.blocked == 1)
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
        with urlopen(f"http://127.0.0.1:{port}/health") as answer:
            assert answer.read() == b"ok\n"
    assert "ringfence_blocked 1" in text
    assert "ringfence_enforcing 1" in text


def test_log_that_is_rotated_while_the_phone_system_starts_again_loses_no_guess(
    tmp_path: Path,
) -> None:
    """Renamed, gone for a moment, and there again: both halves make one guesser."""
    log, wall = tmp_path / "kamailio.log", Tables()
    log.touch()
    asked = replace(wanted(tmp_path), hears=hears_log("kamailio", log, "w0rd"))
    with guarding(asked, wall) as running:

        def understood(lines: int) -> bool:
            return [one.understood for one in running.guard.status.sources] == [lines]

        write_refusals(log, 30)
        running.until(lambda: understood(30))
        log.rename(tmp_path / "kamailio.log.1")
        running.until(lambda: running.guard.status.sources[0].state == OK)
        write_refusals(log, 30, since=30)
        running.until(lambda: understood(60))
        running.until(lambda: EVE in wall.blocked)


@pytest.mark.parametrize("step_s", [-3600, 3600])
def test_clock_that_steps_by_an_hour_amid_the_guesses_stops_nobody(
    tmp_path: Path, step_s: int
) -> None:
    """The interface stamps packets by the clock of the machine, which NTP sets at its start."""
    with fed(wanted(tmp_path)) as guard:
        guard.hear("ann REGISTER 202 > 401 auth 200\neve REGISTER 201 times=2 > 401 auth=1 401\n")
        guard.hear("ann REGISTER 202 > 401 auth 200\n" + GUESSES, step_s)
        assert guard.wall_has(EVE)
        guard.hear(GUESSES.replace("eve", "two"), step_s)
        assert guard.wall_has(TWO)
        assert not guard.wall_has(ANN)


@pytest.mark.parametrize("senders", [5_000, pytest.param(200_000, marks=pytest.mark.slow)])
def test_invented_senders_fill_nothing_and_hide_no_guesser(tmp_path: Path, senders: int) -> None:
    """Each sends one message, and none twice: what is kept of them is bounded everywhere."""
    asked = wanted(tmp_path)
    with fed(asked) as guard:
        guard.flood(min(senders, MAX_SOURCES))  # tables are full then
        before = guard.memory()
        guard.flood(senders, since=MAX_SOURCES)
        assert guard.memory() - before < 150 * 1024 * 1024
        status = guard.guard.status
        assert status.kept_octets <= asked.buffer_octets
        assert len(guard.guard._ledger.status(10**6)) <= MAX_ATTACKS
        assert guard.guard._engine.live.watch.n <= MAX_SOURCES
        guard.hear(GUESSES, 60)
        assert guard.wall_has(EVE)


def test_clock_that_is_set_back_an_hour_stops_nobody(tmp_path: Path) -> None:
    """Messages bear the time at which they came, whatever the clock of the agent says."""
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        engine = running.guard._engine
        engine.live._now = engine.live._beaten = engine.live._aged = 4 * 10**18
        running.hear(GUESSES)
        running.until(lambda: EVE in wall.blocked)
