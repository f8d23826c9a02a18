"""Messages without a capture file: rows like those of a file, and nothing that an agent made up."""

from __future__ import annotations

import zlib
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from fuzz.messages import request
from fuzz.packets import hep1, hep3, hep_chunk, udp
from ringfence.wire import _columns as columns
from ringfence.wire.feed import (
    FEED_OCTETS,
    FROM_HEP,
    FROM_LOGS,
    MAX_OCTETS,
    MAX_SKEW_NS,
    Feed,
)

SIP = request(b"REGISTER")
ASKER, SERVER = IPv4Address("203.0.113.7"), IPv4Address("192.0.2.1")
# What `hep3` says: 0x65000000 s and 9 µs.
SAID_NS = 0x65000000 * 10**9 + 9000
NOW_NS = SAID_NS + 10**9


def put(feed: Feed, octets: bytes = SIP, transport: str = "udp") -> bool:
    return feed.put(octets, ASKER, 5062, SERVER, 5060, transport, NOW_NS)


def only_row(feed: Feed) -> dict[str, object]:
    (table,) = feed.tables()
    assert len(table) == 1
    names = ("source_port", "destination_port", "transport", "interface", "time", "packet")
    return {name: table.number(0, name) for name in names} | {
        "source": str(ip_address(table.address(0, "source"))),
        "destination": str(ip_address(table.address(0, "destination"))),
        "message": table.message(0),
    }


def test_a_message_is_a_row_with_what_stands_around_it() -> None:
    feed = Feed(FROM_LOGS)
    assert put(feed, transport="tls")
    assert only_row(feed) == {
        "source": "203.0.113.7", "destination": "192.0.2.1", "source_port": 5062,
        "destination_port": 5060, "transport": columns.T_TLS, "interface": FROM_LOGS,
        "time": NOW_NS, "packet": 1, "message": SIP,
    }  # fmt: skip


def test_ipv6_keeps_all_its_bits() -> None:
    feed = Feed()
    asker = IPv6Address("2001:db8::1:2")
    feed.put(SIP, asker, 5062, IPv6Address("2001:db8::9"), 5060, "udp", NOW_NS)
    row = only_row(feed)
    assert (row["source"], row["destination"]) == ("2001:db8::1:2", "2001:db8::9")


@pytest.mark.parametrize("packet", [
    hep3(SIP), hep3(zlib.compress(SIP), 16), hep1(SIP), hep1(SIP, 1),
], ids=["3", "3 packed", "2", "1"])  # fmt: skip
def test_every_version_of_hep_names_the_addresses(packet: bytes) -> None:
    feed = Feed(FROM_HEP)
    assert feed.put_hep(packet, NOW_NS)
    row = only_row(feed)
    assert (row["source"], row["destination"], row["source_port"], row["message"]) == (
        "203.0.113.7", "192.0.2.1", 5062, SIP,
    )  # fmt: skip
    assert row["interface"] == FROM_HEP


def test_versions_one_and_two_leave_the_message_before_as_it_was() -> None:
    feed = Feed(FROM_HEP)
    for packet in (hep3(SIP), hep1(SIP), hep1(SIP, 1), hep3(SIP)):
        feed.put_hep(packet, NOW_NS)
    (table,) = feed.tables()
    assert [table.message(row) for row in table.rows()] == [SIP] * 4


def test_tls_of_kamailio_is_no_udp() -> None:
    """Its siptrace writes protocol 22 (IPPROTO_IDP) for TLS and WebSocket."""
    feed = Feed(FROM_HEP)
    feed.put_hep(hep3(SIP).replace(hep_chunk(2, b"\x11"), hep_chunk(2, b"\x16")), NOW_NS)
    assert only_row(feed)["transport"] == columns.T_TLS


def test_agent_that_names_no_addresses_accuses_nobody() -> None:
    feed = Feed(FROM_HEP)
    payload = hep_chunk(15, SIP)
    feed.put_hep(hep3(SIP), NOW_NS)
    feed.put_hep(b"HEP3" + (6 + len(payload)).to_bytes(2, "big") + payload, NOW_NS)
    (table,) = feed.tables()
    assert len(table) == 1
    assert feed.unnamed == 1


@pytest.mark.parametrize(("asker", "server", "rows"), [
    (b"\xcb\x00\x71\x07", b"\0\0\0\0", 1), (b"\0\0\0\0", b"\xc0\x00\x02\x01", 0),
])  # fmt: skip
def test_agent_may_say_any_of_itself_and_not_of_who_asks(
    asker: bytes, server: bytes, rows: int
) -> None:
    """Asterisk that listens on 0.0.0.0 names that address as its own."""
    answer = SIP.replace(b"REGISTER sip:100@192.0.2.1 SIP/2.0", b"SIP/2.0 401 No")
    for payload, source, target in ((SIP, asker, server), (answer, server, asker)):
        feed = Feed(FROM_HEP)
        packet = hep3(payload)
        packet = packet.replace(hep_chunk(3, ASKER.packed), hep_chunk(3, source))
        packet = packet.replace(hep_chunk(4, SERVER.packed), hep_chunk(4, target))
        feed.put_hep(packet, NOW_NS)
        assert sum(len(table) for table in feed.tables()) == rows
        assert feed.unnamed == 1 - rows


@pytest.mark.parametrize(("off_ns", "believed"), [
    (0, True), (MAX_SKEW_NS, True), (MAX_SKEW_NS + 1, False), (-MAX_SKEW_NS - 1, False),
])  # fmt: skip
def test_clock_of_an_agent_that_is_far_off_is_not_believed(off_ns: int, believed: bool) -> None:
    feed = Feed(FROM_HEP)
    feed.put_hep(hep3(SIP), SAID_NS + off_ns)
    assert only_row(feed)["time"] == (SAID_NS if believed else SAID_NS + off_ns)
    assert feed.clocks_off == int(not believed)
    assert feed.skew_ns == off_ns


@pytest.mark.parametrize("octets", [
    b"", b"HEP3", b"HEP3\xff\xff", b"HEP3\x00\x06", hep3(SIP)[:-1], b"\x02\x10", b"GET / HTTP/1.1",
    hep3(b"x" * 2000, 16), hep1(SIP)[:20], SIP, udp(SIP), hep3(hep3(SIP)), hep3(b"\x80" * 40),
])  # fmt: skip
def test_what_is_no_hep_or_holds_no_message_gives_no_row(octets: bytes) -> None:
    feed = Feed(FROM_HEP)
    assert feed.put_hep(octets, NOW_NS)
    assert list(feed.tables()) == []


def test_a_packed_bomb_needs_no_more_room_than_a_message() -> None:
    feed = Feed(FROM_HEP)
    feed.put_hep(hep3(zlib.compress(SIP + bytes(50_000_000)), 16), NOW_NS)
    assert list(feed.tables()) == []
    assert feed.batch.counts[columns.R_HEP_DAMAGED] == 1
    assert len(feed.buffer) == FEED_OCTETS


def test_a_full_feed_takes_nothing_until_its_tables_were_asked_for() -> None:
    feed = Feed(rows=3)
    assert [put(feed) for _ in range(5)] == [True, True, True, False, False]
    (table,) = feed.tables()
    assert [table.number(row, "packet") for row in table.rows()] == [1, 2, 3]
    assert put(feed)
    assert only_row(feed)["packet"] == 4


def test_long_messages_fill_it_as_well() -> None:
    feed = Feed(FROM_HEP)
    long = SIP.ljust(60_000, b" ")
    taken = 0
    while feed.put_hep(hep3(long), NOW_NS):
        taken += 1
    (table,) = feed.tables()
    assert 10 < taken == len(table)
    assert len(feed.room()) == MAX_OCTETS


def test_octets_beyond_any_message_are_cut() -> None:
    feed = Feed()
    assert put(feed, SIP.ljust(200_000, b" "))
    (table,) = feed.tables()
    assert len(table) == 1


def test_octets_that_are_no_sip_are_counted() -> None:
    feed = Feed()
    assert put(feed, b"hello")
    assert list(feed.tables()) == []
    assert feed.batch.counts[columns.R_UDP_OTHER] == 1
