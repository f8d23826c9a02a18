"""All sources at once: who is looked at, who is shed, and how much memory that may take."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

import ringfence
from ringfence import flow
from ringfence.detect import _fields as f
from ringfence.detect.profile import MAX_CALLS, MAX_NUMBERS, MAX_SAMPLES
from ringfence.detect.watch import Watch
from ringfence.flow import investigation
from ringfence.wire._batch import Batch
from ringfence.wire._sip import message
from ringfence.wire.decoder import Decoder
from ringfence.wire.gathering import ROWS
from ringfence.wire.table import MessageTable
from tests.conversations.script import capture_of, read_scene
from tests.conversations.trial import deeds_of, watch_packets, watch_text
from tests.wire_cases.compile import Packet
from tests.wire_cases.reading import tables

ATTACK = """
pbx 192.0.2.10
phone 198.51.100.7 agent="Yealink SIP-T46S 66.86.0.15"
eve 203.0.113.66 agent="Z 3.15" call=new
at 2:00
phone REGISTER 201 > 401 auth 200
eve REGISTER {100..109} > 404
eve REGISTER 240 > 401 auth=1 401
eve REGISTER 240 > 401 auth=2 401
eve REGISTER 240 > 401 auth 200
eve INVITE 9011442079460123 > 407 auth 100 183 200 media=10 bye=60
"""


def test_phone_that_registers_is_unremarkable() -> None:
    scene = read_scene(ATTACK)
    sources = watch_packets(scene.packets).sources()
    found = {deeds.address for deeds in sources.remarkable}
    assert scene.parties["eve"].address in found
    assert scene.parties["phone"].address not in found
    assert sources.unremarkable == 3 - len(found)


def test_servers_are_those_who_were_asked() -> None:
    scene = read_scene(ATTACK)
    servers = watch_packets(scene.packets).sources().servers
    assert set(servers) == {scene.parties["pbx"].address}
    assert servers[scene.parties["pbx"].address].clients == 2


def test_deeds_know_the_server_that_was_asked() -> None:
    assert str(watch_text(ATTACK)["eve"].server) == "192.0.2.10"


def test_media_of_an_answered_call_is_measured() -> None:
    (call,) = watch_text(ATTACK)["eve"].foreign_answered
    assert call.media_packets == 20
    assert call.seconds is not None
    assert 60 <= call.seconds < 61


def test_two_tables_or_one_make_the_same_profile() -> None:
    scene = read_scene(ATTACK)
    apart = deeds_of(scene, watch_packets(scene.packets, rows=2))["eve"]
    whole = deeds_of(scene, watch_packets(scene.packets, rows=1024))["eve"]
    assert apart.counts.row[2:6] == whole.counts.row[2:6]
    for what in ("accounts", "refused_accounts", "missing_accounts", "accepted_accounts"):
        assert apart.profile.texts(what) == whole.profile.texts(what)


# ------------------------------------------------------------ floods of addresses


class Flood:
    """Invented senders straight into a watch: one INVITE of each, rewritten in place."""

    TEXT = (
        b"INVITE sip:100@192.0.2.10 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK0000000000\r\n"
        b"From: <sip:1000@192.0.2.10>;tag=00000000\r\nTo: <sip:100@192.0.2.10>\r\n"
        b"Call-ID: 0000000000@x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    )

    def __init__(self, watch: Watch, rows: int = ROWS) -> None:
        self.watch = watch
        self.buffer = bytearray(bytes(8) + self.TEXT + bytes(8))
        self.batch = Batch(self.buffer, rows)
        self.number = 0

    def send(self, senders: int) -> None:
        """One message of each of so many addresses never seen before."""
        batch, end = self.batch, self.number + senders
        while self.number < end:
            batch.n = 0
            while batch.n < batch.capacity and self.number < end:
                self.number += 1
                batch.source_high = 0x2001_0DB8 << 32
                batch.source_low = self.number
                batch.destination_high, batch.destination_low = 0, 0xFFFF_C000_020A
                batch.source_port = batch.destination_port = 5060
                batch.time = 1_791_165_600_000_000_000 + self.number
                batch.transport = 1
                assert message(batch, 8, 8 + len(self.TEXT))
            self.watch.take(MessageTable(batch, self.buffer), 0)


def feed(watch: Watch, packets: Sequence[Packet]) -> None:
    """Let a watch take a few packets more."""
    for table in tables(Decoder(ROWS), capture_of(list(packets))):
        watch.take(table, 0)


# Scaled down where the kernels are interpreted.
BOUND, SENDERS = (8_192, 1_000_000) if ringfence.compiled() else (256, 4_000)
# Messages of the flood between two of a slow attacker.
SLOW = 50_000 if ringfence.compiled() else 200


def test_million_invented_senders_do_not_push_out_a_known_attacker() -> None:
    scene = read_scene(ATTACK)
    watch = watch_packets(scene.packets, max_sources=BOUND, rows=ROWS)
    before = deeds_of(scene, watch)["eve"]
    Flood(watch).send(SENDERS)
    after = deeds_of(scene, watch)["eve"]
    assert after.counts.row[2:14] == before.counts.row[2:14]
    assert after.profile.texts("accepted_accounts") == ("240",)
    assert [call.number for call in after.foreign_answered] == ["9011442079460123"]
    assert after.address in {deeds.address for deeds in watch.sources().remarkable}


def test_attacker_before_during_and_after_the_flood_is_one_attacker() -> None:
    """Ten guesses, each with a tenth of the flood behind it: not one of them is lost."""
    scene = read_scene(
        "pbx 192.0.2.10\neve 203.0.113.66\neve REGISTER 201 nonce=n1 auth={1000..1009} > 401"
    )
    watch = Watch(ROWS, max_sources=BOUND)
    flood = Flood(watch)
    for at in range(0, len(scene.packets), 2):
        feed(watch, scene.packets[at : at + 2])
        flood.send(SENDERS // 10)
    eve = deeds_of(scene, watch)["eve"]
    assert (eve.counts.registers, eve.counts.refused, eve.counts.accounts) == (10, 10, 1)
    assert eve.profile.texts("refused_accounts") == ("201",)
    assert eve.address in {deeds.address for deeds in watch.sources().remarkable}
    assert watch._tally.sources <= BOUND


def test_slow_attacker_in_a_flood_is_not_forgotten() -> None:
    """One name asked for in fifty thousand messages of others, each from a new address."""
    names = SENDERS // SLOW
    scene = read_scene(
        f"pbx 192.0.2.10\neve 203.0.113.66\neve REGISTER {{100..{99 + names}}} every=60 > 404"
    )
    watch = Watch(ROWS, max_sources=BOUND)
    flood = Flood(watch)
    for at in range(0, len(scene.packets), 2):
        feed(watch, scene.packets[at : at + 2])
        flood.send(SLOW)
    eve = deeds_of(scene, watch)["eve"]
    assert (eve.counts.not_found, eve.counts.accounts) == (names, names)
    assert set(eve.profile.texts("missing_accounts")) == {str(100 + n) for n in range(names)}


def test_distinct_things_are_still_counted_after_the_flood() -> None:
    """The flood's own names and hosts leave the set with their senders."""
    watch = Watch(ROWS, max_sources=BOUND)
    Flood(watch).send(SENDERS)
    assert watch._tally.pair_count < 100
    scene = read_scene("pbx 192.0.2.10\neve 203.0.113.66\neve REGISTER {100..149} > 404")
    feed(watch, scene.packets)
    assert deeds_of(scene, watch)["eve"].counts.accounts == 50


def test_server_is_still_known_after_the_flood() -> None:
    scene = read_scene(ATTACK)
    watch = watch_packets(scene.packets, max_sources=256, rows=ROWS)
    Flood(watch).send(2_000)
    assert str(deeds_of(scene, watch)["eve"].server) == "192.0.2.10"
    busiest = max(watch.sources().servers.items(), key=lambda item: item[1].requests)
    assert str(busiest[0]) == "192.0.2.10"


def test_nobody_is_lost_from_the_count() -> None:
    scene = read_scene(ATTACK)
    watch = watch_packets(scene.packets, max_sources=256, rows=ROWS)
    Flood(watch).send(2_000)
    sources = watch.sources()
    assert len(sources.remarkable) + sources.unremarkable == 2_003


def test_memory_has_a_bound() -> None:
    watch = Watch(ROWS, max_sources=512)
    Flood(watch).send(3_000)
    t = watch._tally
    assert t.sources <= 512
    assert len(t.rows) == t.sources * f.ROW_WIDTH
    assert len(t.index) == 4 * t.sources
    assert len(watch._profiles) <= 512
    assert watch.shed > 2_000


def test_attack_may_go_on_after_the_flood() -> None:
    """The next request of a source that was moved to another row is joined with its history."""
    scene = read_scene(ATTACK)
    watch = watch_packets(scene.packets, max_sources=256, rows=ROWS)
    Flood(watch).send(2_000)
    later = ATTACK.replace("at 2:00", "at 3:00").replace("{100..109}", "{110..119}")
    more = read_scene(later.replace("eve", "eva"))  # another name: other Call-IDs
    decoder = Decoder(ROWS)
    for table in tables(decoder, capture_of(more.packets)):
        watch.take(table, 0)
    assert deeds_of(scene, watch)["eve"].counts.not_found == 20


def test_open_transactions_survive_a_change_of_rows() -> None:
    """The request before the flood, its refusal after it."""
    scene = read_scene(
        "pbx 192.0.2.10\neve 203.0.113.66\n"
        "eve REGISTER {100..104} > 404\neve REGISTER 201 nonce=n1 auth=1 > 401"
    )
    packets = scene.packets
    watch = watch_packets(packets[:-1], max_sources=256, rows=ROWS)
    Flood(watch).send(1_000)
    decoder = Decoder(ROWS)
    for table in tables(decoder, capture_of(packets[-1:])):
        watch.take(table, 0)
    assert deeds_of(scene, watch)["eve"].counts.refused == 1


@pytest.mark.parametrize("what", ["accounts", "numbers"])
def test_samples_of_one_source_have_a_bound(what: str) -> None:
    text = "pbx 192.0.2.10\neve 203.0.113.66 agent=friendly-scanner\n"
    text += "eve REGISTER {10000..10999} every=0.01 > 404\n"
    text += "eve INVITE 0049309018{1000..2199} every=0.01 > 403\n"
    deeds = watch_text(text)["eve"]
    bound = {"accounts": MAX_SAMPLES, "numbers": MAX_NUMBERS}[what]
    assert 0 < len(deeds.profile.texts(what)) <= bound
    assert len(deeds.profile.calls) <= MAX_CALLS


def test_source_is_named_by_its_own_address() -> None:
    text = "pbx 2001:db8:10::10\neve 2001:db8:66::66\neve REGISTER {100..104} > 404"
    assert watch_text(text)["eve"].address == ip_address("2001:db8:66::66")


def test_each_investigation_has_a_seed_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that is written in the code is known to everybody."""
    seeds = []

    class Seen(Watch):
        def __init__(self, rows: int, *, seed: int) -> None:
            seeds.append(seed)
            super().__init__(rows, seed=seed)

    monkeypatch.setattr(investigation, "Watch", Seen)
    path = tmp_path / "night.pcap"
    path.write_bytes(read_scene(ATTACK).capture())
    incidents = [flow.investigate([str(path)]).incident for _ in range(2)]
    assert seeds[0] != seeds[1]
    assert incidents[0] == incidents[1]
