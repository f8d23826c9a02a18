from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.wire import connections
from ringfence.wire.connections import Carried, TcpMessages
from ringfence.wire.tcp import ACK, FIN, RST, SYN, StreamKey

ATTACKER = bytes([203, 0, 113, 7])
PBX = bytes([192, 0, 2, 1])
THERE: StreamKey = (ATTACKER, PBX, 40000, 5060)


def register(n: int, *, body: bytes = b"", length: int | None = None) -> bytes:
    said = len(body) if length is None else length
    return (
        f"REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 203.0.113.7\r\n"
        f"CSeq: {n} REGISTER\r\nContent-Length: {said}\r\n\r\n"
    ).encode() + body


class Connection:
    def __init__(self, messages: TcpMessages | None = None, port: int = 40000) -> None:
        self.messages = messages or TcpMessages()
        self.key: StreamKey = (ATTACKER, PBX, port, 5060)
        self.at = 100
        self.now = 0
        self.messages.segment(self.key, 99, SYN, b"", 0)

    def send(self, octets: bytes, flags: int = ACK) -> list[Carried]:
        found = self.messages.segment(self.key, self.at, flags, octets, self.now)
        self.at += len(octets)
        return list(found)


def octets_of(carried: list[Carried]) -> list[bytes]:
    return [one.found.octets for one in carried]


def test_message_in_three_segments() -> None:
    connection = Connection()
    octets = register(1, body=b"x" * 50)
    assert not connection.send(octets[:20])
    assert not connection.send(octets[20:60])
    connection.now = 5
    [carried] = connection.send(octets[60:] + b"\r\n")
    assert (carried.key, carried.time_ns, carried.verdict) == (THERE, 5, "sip")
    assert carried.found.octets == octets


@pytest.mark.parametrize("flags", [FIN | ACK, RST])
def test_connection_ends_inside_a_message(flags: int) -> None:
    connection = Connection()
    connection.send(register(1, length=500))
    [carried] = connection.send(b"", flags)
    assert carried.found.octets == register(1, length=500)
    assert not carried.found.complete
    assert connection.messages.octets_held == 0


def test_ports_are_used_again_for_another_protocol() -> None:
    connection = Connection()
    connection.send(b"\x16\x03\x01\x02\x00" + bytes(50))
    assert connection.messages.ignores(THERE)
    assert connection.messages.encrypted == 1
    assert not connection.send(register(1))
    connection.messages.segment(THERE, 99_999, SYN, b"", 0)
    connection.at = 100_000
    assert octets_of(connection.send(register(2))) == [register(2)]


def test_new_connection_starts_with_nothing_of_the_old_one() -> None:
    connection = Connection()
    connection.send(register(1, length=500))
    [begun] = connection.messages.segment(THERE, 99_999, SYN, b"", 0)
    assert not begun.found.complete
    connection.at = 100_000
    [carried] = connection.send(register(2))
    assert carried.found.octets == register(2)
    assert not carried.found.resynchronised


def test_other_protocols_are_counted_and_ignored() -> None:
    connection = Connection()
    connection.send(b"SSH-2.0-x\r\n" * 1000)
    assert connection.messages.other == 1
    assert connection.messages.ignores(THERE)
    assert len(connection.messages._messages) == 0


def test_both_directions_are_read_apart() -> None:
    connection = Connection()
    connection.send(register(1)[:50])
    answer = b"SIP/2.0 401 Unauthorized\r\nl: 0\r\n\r\n"
    back = (PBX, ATTACKER, 5060, 40000)
    assert octets_of(list(connection.messages.segment(back, 7, ACK, answer, 0))) == [answer]
    assert octets_of(connection.send(register(1)[50:])) == [register(1)]


def test_lost_segment_costs_its_message_only() -> None:
    connection = Connection()
    sent = [register(n, body=b"b" * 40) for n in range(5)]
    found = connection.send(sent[0])
    connection.at += len(sent[1])
    found += connection.send(sent[2]) + connection.send(sent[3]) + connection.messages.finish()
    assert octets_of(found) == [sent[0], sent[2], sent[3]]
    assert [one.found.resynchronised for one in found] == [False, True, False]


def test_false_content_length_is_cut_after_the_transaction_timeout() -> None:
    connection = Connection()
    other = Connection(connection.messages, port=40001)
    connection.send(register(1, length=60_000))
    connection.now = connections.MAX_HELD_NS
    connection.send(b"slowly")  # does not buy time
    other.now = connections.MAX_HELD_NS
    assert not other.send(b"\r\n\r\n")
    other.now += 1
    [carried] = other.send(b"\r\n\r\n")
    assert (carried.key, carried.found.complete) == (connection.key, False)
    assert connection.messages.cut == 1
    assert octets_of(connection.send(register(2))) == [register(2)]


def test_time_counts_from_the_message_that_waits() -> None:
    connection = Connection()
    connection.send(register(1)[:-2])
    connection.now = connections.MAX_HELD_NS
    assert connection.send(register(1)[-2:] + register(2)[:-2])
    connection.now *= 2
    assert octets_of(connection.send(register(2)[-2:])) == [register(2)]
    assert connection.messages.cut == 0


def test_many_begun_messages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_HELD", 20_000)
    messages = TcpMessages()
    cut: list[Carried] = []
    for port in range(100):
        cut += Connection(messages, port).send(register(port, body=b"x" * 900, length=60_000))
        assert messages.octets_held <= 20_000
    assert messages.cut == len(cut) > 70
    assert [one.key[2] for one in cut] == list(range(len(cut)))
    assert len(messages.finish()) == 100 - len(cut)
    assert messages.octets_held == 0


def test_windows_of_compressed_websockets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_WINDOWS", 3)
    messages = TcpMessages()
    upgrade = b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n"
    deflate = zlib.compressobj(wbits=-15)
    payload = (deflate.compress(register(1)) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    frame = bytes([0xC1, len(payload)]) + payload
    found = [Connection(messages, port).send(upgrade + frame) for port in range(6)]
    assert all(octets_of(one) == [register(1)] for one in found)
    assert sum(stream.has_window for stream in messages._messages.values()) == 3


def test_evicted_connection_hands_out_its_begun_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringfence.wire.tcp.MAX_STREAMS", 1)
    connection = Connection()
    connection.send(register(1, length=500))
    [carried] = connection.messages.segment((ATTACKER, PBX, 1, 5060), 0, SYN, b"", 0)
    assert carried.key == THERE
    assert not connection.messages._messages
    assert connection.messages.octets_held == 0


@given(
    st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"S", b"s")), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
    st.data(),
)
def test_shuffled_duplicated_overlapped_segments_give_the_same_messages(
    bodies: list[bytes], rng: random.Random, data: st.DataObject
) -> None:
    sent = [register(n, body=body) for n, body in enumerate(bodies)]
    octets = b"\r\n\r\n".join(sent)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(octets)), max_size=15)) | {len(octets)})
    spans = list(zip([0, *cuts], cuts, strict=False))
    for _ in range(data.draw(st.integers(0, 5))):
        start = rng.randrange(len(octets))
        spans.append((start, rng.randint(start, len(octets))))
    rng.shuffle(spans)
    isn = data.draw(st.integers(0, 0xFFFFFFFF))
    messages = TcpMessages()
    messages.segment(THERE, isn, SYN, b"", 0)
    found: list[Carried] = []
    for start, end in spans:
        sequence = (isn + 1 + start) & 0xFFFFFFFF
        found += messages.segment(THERE, sequence, ACK, octets[start:end], 0)
    assert octets_of(found) == sent
    assert all(one.found.complete and not one.found.resynchronised for one in found)
    assert messages.octets_held == 0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.one_of(st.integers(0, 300), st.integers(0, 0xFFFFFFFF)),
            st.sampled_from([0, ACK, SYN, FIN, RST]),
            st.sampled_from([b"", register(1), register(2)[:40], register(3, length=900), b"zz"]),
            st.integers(0, 70),
        ),
        max_size=40,
    )
)
def test_anything_leaves_the_accounts_straight(
    segments: list[tuple[int, int, int, bytes, int]],
) -> None:
    messages = TcpMessages()
    for port, sequence, flags, octets, second in segments:
        key = (ATTACKER, PBX, 40000 + port, 5060)
        messages.segment(key, sequence, flags, octets, second * 1_000_000_000)
        held = {key: one.octets_held for key, one in messages._messages.items()}
        assert messages.octets_held == sum(held.values())
        assert set(messages._held) == {key for key, n in held.items() if n}
        assert set(messages._messages) <= set(messages.streams._streams)
    messages.finish()
    assert messages.octets_held == 0
