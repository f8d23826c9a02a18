from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.wire import tcp
from ringfence.wire.tcp import ACK, FIN, RST, SYN, Run, StreamKey, TcpStreams

ATTACKER = bytes([203, 0, 113, 7])
PBX = bytes([192, 0, 2, 1])
THERE: StreamKey = (ATTACKER, PBX, 40000, 5060)
BACK: StreamKey = (PBX, ATTACKER, 5060, 40000)
SECOND = 1_000_000_000
ISN = 0xFFFFFFF0  # the first message wraps


class Sender:
    """Segments of one direction, by position of their first octet."""

    def __init__(self, isn: int = ISN, key: StreamKey = THERE) -> None:
        self.streams = TcpStreams()
        self.isn = isn
        self.key = key
        self.runs: list[Run] = []
        self.now = 0

    def send(self, at: int, octets: bytes = b"", flags: int = ACK, cut: int = 0) -> list[Run]:
        sequence = (self.isn + 1 + at) & 0xFFFFFFFF
        runs = list(self.streams.segment(self.key, sequence, flags, octets, self.now, cut=cut))
        self.runs += runs
        return runs

    def syn(self) -> None:
        assert not self.streams.segment(self.key, self.isn, SYN, b"", self.now)

    def answer(self, acknowledged: int) -> list[Run]:
        """The other direction says that it has everything before this position."""
        sequence = (self.isn + 1 + acknowledged) & 0xFFFFFFFF
        key = (self.key[1], self.key[0], self.key[3], self.key[2])
        return list(self.streams.segment(key, 1, ACK, b"", self.now, acknowledged=sequence))

    @property
    def octets(self) -> bytes:
        return b"".join(run.octets for run in self.runs)


@pytest.fixture
def sender() -> Sender:
    sender = Sender()
    sender.syn()
    return sender


TEXT = bytes(range(65, 91)) * 4


def test_segments_in_order_over_the_wrap(sender: Sender) -> None:
    first, second = sender.send(0, TEXT[:10]) + sender.send(10, TEXT[10:])
    assert first == Run(THERE, TEXT[:10], 0, new_connection=True)
    assert second == Run(THERE, TEXT[10:], 0)


def test_out_of_order_waits_for_the_hole(sender: Sender) -> None:
    assert not sender.send(20, TEXT[20:])
    assert not sender.send(10, TEXT[10:20])
    sender.send(0, TEXT[:10])
    assert sender.octets == TEXT
    assert not any(run.after_gap for run in sender.runs)
    assert sender.streams.octets_waiting == 0


def test_a_run_keeps_the_time_of_its_own_segment(sender: Sender) -> None:
    sender.now = 1
    sender.send(10, TEXT[10:20])
    sender.now = 2
    assert [run.time_ns for run in sender.send(0, TEXT[:10])] == [2, 1]


def test_retransmission_and_partial_overlap(sender: Sender) -> None:
    for at, end in [(0, 10), (0, 10), (5, 15), (0, 20), (3, 7), (18, 26)]:
        sender.send(at, TEXT[at:end])
    assert sender.octets == TEXT[:26]
    assert not any(run.overlap_differs for run in sender.runs)


def test_connection_picked_up_in_the_middle() -> None:
    sender = Sender(isn=5)
    [run] = sender.send(0, TEXT)
    assert run == Run(THERE, TEXT, 0, new_connection=True)


def test_syn_captured_after_the_first_octets() -> None:
    sender = Sender()
    sender.send(0, TEXT[:10])
    sender.syn()
    sender.send(10, TEXT[10:])
    assert sender.octets == TEXT
    assert [run.new_connection for run in sender.runs] == [True, False]


def test_repeated_syn_changes_nothing(sender: Sender) -> None:
    sender.send(0, TEXT[:10])
    sender.syn()
    sender.send(10, TEXT[10:])
    assert sender.octets == TEXT


def test_octets_with_the_syn(sender: Sender) -> None:
    other = Sender()
    runs = other.streams.segment(THERE, ISN, SYN, TEXT, 0)
    assert [run.octets for run in runs] == [TEXT]


def test_two_versions_of_the_same_octets_first_wins(sender: Sender) -> None:
    sender.send(0, b"REGISTER alice")
    assert not sender.send(0, b"REGISTER mary!")
    [run] = sender.send(14, b"more")
    assert run.overlap_differs
    assert sender.octets == b"REGISTER alicemore"
    assert sender.streams.overlaps_differing == 1


def test_two_versions_behind_a_hole_first_wins(sender: Sender) -> None:
    sender.send(4, b"good")
    sender.send(4, b"evil")
    sender.send(2, b"..evil..")
    sender.send(0, b"ab")
    assert sender.octets == b"ab..good.."
    assert sender.runs[0].overlap_differs


def test_keep_alive_probe_is_not_a_contradiction(sender: Sender) -> None:
    sender.send(0, TEXT)
    sender.send(len(TEXT) - 1, b"\x00")
    sender.send(len(TEXT) - 1, b"")
    [run] = sender.send(len(TEXT), b"more")
    assert not run.overlap_differs
    assert sender.octets == TEXT + b"more"


# -- loss ------------------------------------------------------------------------------


def test_hole_that_the_receiver_acknowledged_is_given_up(sender: Sender) -> None:
    sender.send(0, TEXT[:10])
    sender.send(20, TEXT[20:])
    assert not sender.answer(acknowledged=15)
    [run] = sender.answer(acknowledged=len(TEXT))
    assert run == Run(THERE, TEXT[20:], 0, after_gap=True)
    assert not sender.send(10, TEXT[10:20])  # too late
    assert sender.streams.holes == 1


def test_acknowledgement_rides_on_octets_of_the_other_direction(sender: Sender) -> None:
    sender.send(20, TEXT[20:])
    sequence = (ISN + 1 + len(TEXT)) & 0xFFFFFFFF
    runs = sender.streams.segment(BACK, 1, ACK, b"SIP/2.0", 0, acknowledged=sequence)
    assert [(run.key, run.octets) for run in runs] == [(THERE, TEXT[20:]), (BACK, b"SIP/2.0")]


def test_hole_is_given_up_after_a_while_of_capture_time(sender: Sender) -> None:
    sender.send(20, TEXT[20:])
    sender.now = tcp.MAX_HOLE_NS
    assert not sender.streams.segment(BACK, 1, 0, b"", sender.now)
    [run] = sender.streams.segment(BACK, 1, 0, b"", sender.now + 1)
    assert (run.octets, run.after_gap) == (TEXT[20:], True)


def test_each_hole_has_its_own_time(sender: Sender) -> None:
    sender.send(2, b"c")
    sender.send(4, b"e")
    sender.now = tcp.MAX_HOLE_NS
    sender.send(0, b"ab")
    sender.now += tcp.MAX_HOLE_NS
    assert not sender.send(4, b"e")
    sender.now += 1
    assert [run.octets for run in sender.send(4, b"e")] == [b"e"]


def test_hole_is_given_up_when_too_much_waits(sender: Sender) -> None:
    block = b"x" * 65_000
    for n in range(4):
        assert not sender.send(10 + n * 65_000, block)
    assert sender.send(10 + 4 * 65_000, block)[0].after_gap
    assert sender.streams.octets_waiting == 0


def test_tiny_segments_behind_a_hole_are_bounded(sender: Sender) -> None:
    for n in range(tcp.MAX_WAITING_SEGMENTS):
        assert not sender.send(10 + 2 * n, b"x")
    assert sender.send(10 + 2 * tcp.MAX_WAITING_SEGMENTS, b"x")
    assert sender.octets == b"x"


def test_message_sent_backwards_octet_by_octet(sender: Sender) -> None:
    for at in reversed(range(len(TEXT))):
        sender.send(at, TEXT[at : at + 1])
    assert sender.octets == TEXT


def test_holes_of_many_streams_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_OCTETS", 10_000)
    streams = TcpStreams()
    out: list[Run] = []
    for port in range(50):
        key = (ATTACKER, PBX, port, 5060)
        streams.segment(key, 0, SYN, b"", 0)
        out += streams.segment(key, 5, ACK, b"x" * 1000, port)
        assert streams.octets_waiting <= 10_000
    assert [run.key[2] for run in out] == list(range(40))
    assert all(run.after_gap for run in out)


def test_octets_that_the_capture_cut_off_make_a_gap_at_once(sender: Sender) -> None:
    sender.send(0, TEXT[:10], cut=5)
    [run] = sender.send(15, TEXT[15:])
    assert run == Run(THERE, TEXT[15:], 0, after_gap=True)


def test_finish_hands_out_what_waits(sender: Sender) -> None:
    sender.now = 7
    sender.send(20, TEXT[20:])
    assert sender.streams.finish() == [
        Run(THERE, TEXT[20:], 7, after_gap=True, new_connection=True)
    ]
    assert not sender.streams.finish()


# -- ends and new connections ----------------------------------------------------------


def test_fin_ends_the_stream_once(sender: Sender) -> None:
    sender.send(0, TEXT, ACK | FIN)
    sender.send(0, TEXT, ACK | FIN)
    assert [run.last for run in sender.runs] == [False, True]


def test_fin_before_the_octets_that_precede_it(sender: Sender) -> None:
    assert not sender.send(10, TEXT[10:], FIN)
    sender.send(0, TEXT[:10])
    assert [run.octets for run in sender.runs] == [TEXT[:10], TEXT[10:], b""]
    assert sender.runs[-1].last


def test_forged_reset_ends_nothing(sender: Sender) -> None:
    sender.send(0, TEXT[:10])
    assert not sender.send(50, b"", RST)
    assert not sender.send(-5, b"", RST)
    sender.send(10, TEXT[10:])
    assert sender.octets == TEXT
    [end] = sender.send(len(TEXT), b"", RST)
    assert end.last


def test_ports_are_used_again_with_syn(sender: Sender) -> None:
    sender.send(0, TEXT[:10])
    sender.send(20, b"waits")
    sender.isn = 12345
    runs = list(sender.streams.segment(THERE, sender.isn, SYN, b"", 0))
    assert [(run.octets, run.after_gap, run.last) for run in runs] == [
        (b"waits", True, False),
        (b"", False, True),
    ]
    [run] = sender.send(0, TEXT)
    assert run == Run(THERE, TEXT, 0, new_connection=True)


def test_ports_are_used_again_and_the_syn_was_not_captured(sender: Sender) -> None:
    sender.send(0, TEXT, FIN)
    sender.isn = 0x40000000
    [run] = sender.send(0, TEXT)
    assert run == Run(THERE, TEXT, 0, new_connection=True)


def test_stream_goes_on_far_away_and_nothing_is_lost(sender: Sender) -> None:
    sender.send(0, TEXT[:10])
    far = 0x30000000
    assert not sender.send(far, TEXT[:50])
    runs = sender.send(far + 50, TEXT[50:])
    assert [(run.octets, run.after_gap) for run in runs] == [
        (TEXT[:50], True),
        (TEXT[50:], False),
    ]


def test_lone_segment_far_away_is_handed_out_in_the_end(sender: Sender) -> None:
    sender.send(0, TEXT[:10])
    sender.send(0x30000000, b"far")
    assert [(run.octets, run.after_gap) for run in sender.streams.finish()] == [(b"far", True)]


def test_forged_segments_far_away_do_not_move_the_stream(sender: Sender) -> None:
    for at in range(0, 100, 10):
        sender.send(at, TEXT[at : at + 10])
        sender.send(0x30000000 + 1000 * at, b"forged")
    assert sender.octets == TEXT[:100]
    assert sender.streams.strays == 9
    assert [run.octets for run in sender.streams.finish()] == [b"forged"]  # nothing came after it
    assert sender.streams.octets_waiting == 0


def test_acknowledgements_without_octets_open_nothing() -> None:
    sender = Sender()
    assert not sender.send(0, b"")
    assert not sender.send(0, b"", FIN)
    assert len(sender.streams) == 0


# -- bounds ----------------------------------------------------------------------------


def test_connection_flood_evicts_the_longest_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_STREAMS", 10)
    streams = TcpStreams()
    out: list[Run] = []
    for port in range(15):
        out += streams.segment((ATTACKER, PBX, port, 5060), 0, SYN, b"", 0)
    assert len(streams) == 10
    assert streams.evicted == 5
    assert [(run.key[2], run.last) for run in out] == [(port, True) for port in range(5)]


def test_ended_streams_are_evicted_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_STREAMS", 2)
    sender = Sender()
    sender.syn()
    sender.send(0, TEXT)
    for port in range(20):
        sender.streams.segment((ATTACKER, PBX, port, 5060), 0, ACK | FIN, b"x", 0)
    assert sender.streams.evicted == 0
    sender.send(len(TEXT), b"still followed")
    assert sender.octets == TEXT + b"still followed"


def test_evicted_stream_hands_out_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_STREAMS", 1)
    sender = Sender()
    sender.syn()
    sender.send(20, TEXT[20:])
    runs = sender.streams.segment((ATTACKER, PBX, 1, 5060), 0, SYN, b"", 0)
    assert [(run.octets, run.last) for run in runs] == [(TEXT[20:], False), (b"", True)]
    assert sender.streams.octets_waiting == 0


def test_ignored_stream_costs_nothing_until_it_begins_anew(sender: Sender) -> None:
    sender.send(20, TEXT[20:])
    sender.streams.ignore(THERE)
    assert sender.streams.ignores(THERE)
    assert sender.streams.octets_waiting == 0
    assert not sender.send(0, TEXT)
    assert len(sender.streams) == 0
    sender.isn = 77
    sender.syn()
    assert sender.send(0, TEXT)


def test_ignored_streams_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_IGNORED", 3)
    streams = TcpStreams()
    for port in range(5):
        streams.ignore((ATTACKER, PBX, port, 443))
    ignored = [port for port in range(5) if streams.ignores((ATTACKER, PBX, port, 443))]
    assert ignored == [2, 3, 4]


@pytest.mark.parametrize("isn", [0, ISN])
def test_work_is_linear_for_hostile_overlaps(isn: int) -> None:
    def work(rounds: int) -> int:
        sender = Sender(isn)
        sender.syn()
        for n in range(rounds):
            sender.send(1000 * n + 1, b"x" * 999)
            sender.send(1000 * n + 1, b"y" * 999)
            sender.send(1000 * n, b"z" * 1000)
            sender.send(1000 * n, b"z" * 1000)
        return sender.streams.octets_compared

    assert work(200) <= 2.1 * work(100)


# -- properties ------------------------------------------------------------------------


@given(st.binary(min_size=1, max_size=600), st.randoms(use_true_random=False), st.data())
def test_shuffled_duplicated_overlapping_segments_make_the_same_octets(
    octets: bytes, rng: random.Random, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(octets)), max_size=12)) | {len(octets)})
    spans = list(zip([0, *cuts], cuts, strict=False))
    for _ in range(data.draw(st.integers(0, 8))):
        start = rng.randrange(len(octets))
        spans.append((start, rng.randint(start, len(octets))))
    rng.shuffle(spans)
    sender = Sender(data.draw(st.integers(0, 0xFFFFFFFF)))
    sender.syn()
    for start, end in spans:
        sender.send(start, octets[start:end])
    assert sender.octets == octets
    assert not any(run.after_gap or run.overlap_differs for run in sender.runs)
    assert sender.streams.octets_waiting == 0
    assert sender.streams.overlaps_differing == 0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.one_of(st.integers(0, 40), st.integers(0, 0xFFFFFFFF)),
            st.sampled_from([0, ACK, SYN, FIN, RST, ACK | FIN, SYN | ACK]),
            st.binary(max_size=12),
            st.integers(0, 30),
            st.integers(0, 60),
            st.integers(0, 5),
        ),
        max_size=60,
    )
)
def test_anything_leaves_the_accounts_straight(
    segments: list[tuple[int, int, int, bytes, int, int, int]],
) -> None:
    streams = TcpStreams()
    given_out = taken_in = 0
    for port, sequence, flags, octets, second, acknowledged, cut in segments:
        key = THERE if port == 3 else (PBX, ATTACKER, 5060, 40000 + port)
        taken_in += len(octets)
        runs = streams.segment(
            key, sequence, flags, octets, second * SECOND, acknowledged=acknowledged, cut=cut
        )
        given_out += sum(len(run.octets) for run in runs)
        waiting = {key: s.octets_waiting for key, s in streams._streams.items()}
        assert streams.octets_waiting == sum(waiting.values())
        assert set(streams._waiting) == {key for key, n in waiting.items() if n}
        assert given_out + streams.octets_waiting <= taken_in
    given_out += sum(len(run.octets) for run in streams.finish())
    assert given_out <= taken_in
    assert streams.octets_waiting == 0
