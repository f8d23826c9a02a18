from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.wire import stream
from ringfence.wire.framing import find_start
from ringfence.wire.stream import Found, MessageStream
from ringfence.wire.websocket import unmask

BODY = b"v=0\r\no=- 1 1 IN IP4 203.0.113.7\r\ns=-\r\n"


def request(method: bytes = b"INVITE", *, length: int | None = None, body: bytes = b"") -> bytes:
    said = len(body) if length is None else length
    return (
        method + b" sip:100@192.0.2.1 SIP/2.0\r\n"
        b"Via: SIP/2.0/TCP 203.0.113.7;branch=z9hG4bK-1\r\n"
        b"Call-ID: 1@203.0.113.7\r\n"
        b"Content-Length: " + str(said).encode() + b"\r\n\r\n" + body
    )


INVITE = request(body=BODY)
OPTIONS = request(b"OPTIONS")
# bare LF, compact
RINGING = b"SIP/2.0 180 Ringing\nv: SIP/2.0/TCP 203.0.113.7\ni: 1@203.0.113.7\nl : 4\n\nbody"
NO_LENGTH = b"BYE sip:100@192.0.2.1 SIP/2.0\r\nCall-ID: 1\r\n\r\n"
HUGE_LENGTH = request(b"REGISTER", length=stream.MAX_BODY + 1)


def read(*runs: bytes) -> list[Found]:
    messages = MessageStream()
    return [found for run in runs for found in messages.feed(run)]


def octets_of(found: list[Found]) -> list[bytes]:
    return [one.octets for one in found]


def one_by_one(octets: bytes) -> list[bytes]:
    return [octets[at : at + 1] for at in range(len(octets))]


# name: (octets, messages, which of them were resynchronised, which are incomplete)
Case = tuple[bytes, list[bytes], list[bytes], list[bytes]]
CASES: dict[str, Case] = {
    "one message": (INVITE, [INVITE], [], []),
    "several in one run": (INVITE + OPTIONS + RINGING, [INVITE, OPTIONS, RINGING], [], []),
    "keep-alives between": (
        b"\r\n\r\n" + INVITE + b"\r\n\r\n" + OPTIONS + b"\r\n" + b"\0\0\0\0" + RINGING,
        [INVITE, OPTIONS, RINGING],
        [],
        [],
    ),
    "no Content-Length": (NO_LENGTH + OPTIONS, [NO_LENGTH, OPTIONS], [], []),
    "no Content-Length but a body": (
        NO_LENGTH + BODY + OPTIONS,
        [NO_LENGTH, OPTIONS],
        [OPTIONS],
        [],
    ),
    "Content-Length too small": (
        request(length=10, body=BODY) + OPTIONS,
        [request(length=10, body=BODY[:10]), OPTIONS],
        [OPTIONS],
        [],
    ),
    "Content-Length too small, body without an end of line": (
        request(length=1, body=b"<xml/>") + OPTIONS,
        [request(length=1, body=b"<"), OPTIONS],
        [OPTIONS],
        [],
    ),
    "Content-Length too small, answer glued to the body": (
        request(length=1, body=b"<xml/>") + b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n",
        [request(length=1, body=b"<"), b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n"],
        [b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n"],
        [],
    ),
    "Content-Length beyond every bound": (
        HUGE_LENGTH + OPTIONS,
        [HUGE_LENGTH, OPTIONS],
        [OPTIONS],
        [HUGE_LENGTH],
    ),
    "Content-Length of a thousand digits": (
        request(length=int("9" * 1000)) + OPTIONS,
        [request(length=int("9" * 1000)), OPTIONS],
        [OPTIONS],
        [request(length=int("9" * 1000))],
    ),
    "negative Content-Length": (
        request(length=-5) + OPTIONS,
        [request(length=-5), OPTIONS],
        [],
        [],
    ),
    "start lines inside a body": (
        request(body=OPTIONS + NO_LENGTH) + RINGING,
        [request(body=OPTIONS + NO_LENGTH), RINGING],
        [],
        [],
    ),
    "junk lines first": (b"hello\r\n\x01\x02\r\n" + INVITE, [INVITE], [INVITE], []),
    "a start line that no header follows": (
        b"hello\r\nINVITE sip:x SIP/2.0\r\nis what one would say\r\n" + OPTIONS,
        [OPTIONS],
        [OPTIONS],
        [],
    ),
    "picked up in the middle of a message": (
        INVITE[20:] + OPTIONS,
        [OPTIONS],
        [OPTIONS],
        [],
    ),
    "PROXY protocol version 1": (
        b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 5060\r\n" + INVITE,
        [INVITE],
        [],
        [],
    ),
    "PROXY protocol version 2": (
        b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12) + INVITE,
        [INVITE],
        [],
        [],
    ),
    "HTTP CONNECT, then SIP": (
        b"CONNECT 192.0.2.1:5060 HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n" + INVITE,
        [INVITE],
        [INVITE],
        [],
    ),
    "Request-URI of 20 KiB": (
        b"INVITE sip:" + b"A" * 20_000 + b" SIP/2.0\r\nl: 0\r\n\r\n" + OPTIONS,
        [b"INVITE sip:" + b"A" * 20_000 + b" SIP/2.0\r\nl: 0\r\n\r\n", OPTIONS],
        [],
        [],
    ),
}


@pytest.mark.parametrize("how", ["whole", "one by one", "halves"])
@pytest.mark.parametrize("case", CASES)
def test_messages_of_a_stream(case: str, how: str) -> None:
    octets, messages, resynchronised, incomplete = CASES[case]
    half = len(octets) // 2
    runs = {
        "whole": [octets],
        "one by one": one_by_one(octets),
        "halves": [octets[:half], octets[half:]],
    }[how]
    found = read(*runs)
    assert octets_of(found) == messages
    assert [one.octets for one in found if one.resynchronised] == resynchronised
    assert [one.octets for one in found if not one.complete] == incomplete


def verdict(messages: MessageStream) -> str:
    return messages.verdict


def test_verdict_is_sip() -> None:
    messages = MessageStream()
    assert verdict(messages) == "unknown"
    messages.feed(INVITE[:-1])
    assert verdict(messages) == "sip"
    assert messages.octets_held == len(INVITE) - 1
    messages.feed(INVITE[-1:])
    assert messages.octets_held == 0


def test_body_of_64_kibibytes_is_believed() -> None:
    large = request(body=b"x" * stream.MAX_BODY)
    assert octets_of(read(large[:30_000], large[30_000:], OPTIONS)) == [large, OPTIONS]


@pytest.mark.parametrize("how", ["whole", "in pieces"])
def test_head_that_never_ends_is_cut(how: str) -> None:
    endless = b"INVITE sip:x SIP/2.0\r\n" + b"X-A: " + b"a" * 200_000 + b"\r\n\r\n"
    octets = endless + OPTIONS
    size = len(octets) if how == "whole" else 1000
    first, second = read(*[octets[at : at + size] for at in range(0, len(octets), size)])
    assert first == Found("sip", endless[: stream.MAX_HEAD], complete=False)
    assert second == Found("sip", OPTIONS, resynchronised=True)


def test_contradicting_retransmission_is_told_with_the_next_message() -> None:
    messages = MessageStream()
    messages.feed(INVITE[:10])
    first = messages.feed(INVITE[10:] + OPTIONS[:5], overlap_differs=True)
    second = messages.feed(OPTIONS[5:])
    assert [one.overlap_differs for one in first + second] == [True, False]


# -- gaps ------------------------------------------------------------------------------


def test_gap_in_a_body_gives_out_the_head_and_resynchronises() -> None:
    messages = MessageStream()
    messages.feed(INVITE[:-10])
    found = messages.feed(b"rest\r\n" + OPTIONS + NO_LENGTH, after_gap=True)
    assert found == [
        Found("sip", INVITE[:-10], complete=False),
        Found("sip", OPTIONS, resynchronised=True),
        Found("sip", NO_LENGTH),
    ]


def test_gap_before_a_start_line() -> None:
    messages = MessageStream()
    messages.feed(OPTIONS)
    assert messages.feed(INVITE, after_gap=True) == [Found("sip", INVITE, resynchronised=True)]


def test_gap_in_a_start_line_loses_that_message_alone() -> None:
    messages = MessageStream()
    messages.feed(OPTIONS[:12])
    assert octets_of(messages.feed(OPTIONS[15:] + INVITE, after_gap=True)) == [INVITE]


def test_connection_ends_while_a_false_length_waits() -> None:
    liar = request(b"REGISTER", length=60_000, body=b"x")
    messages = MessageStream()
    assert not messages.feed(liar)
    assert messages.cut() == [Found("sip", liar, complete=False)]
    assert not messages.cut()
    assert octets_of(messages.feed(OPTIONS)) == [OPTIONS]


def test_cut_between_messages_loses_nothing() -> None:
    messages = MessageStream()
    messages.feed(INVITE + b"\r\n\r\n")
    assert not messages.cut()
    assert messages.feed(OPTIONS) == [Found("sip", OPTIONS)]


@pytest.mark.parametrize("opening", [b"\x16\x03\x03", b"HEP3\x00\x10", b"GET / HTTP/1.1"])
def test_other_protocol_behind_a_gap_does_not_end_a_sip_stream(opening: bytes) -> None:
    messages = MessageStream()
    messages.feed(request(length=60_000))
    messages.cut()
    assert octets_of(messages.feed(opening + b"\r\n" + OPTIONS)) == [OPTIONS]
    assert messages.verdict == "sip"


# -- other protocols -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "verdict"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "tls"),
        (b"\x17\x03\x03\x00\x20" + b"\xaa" * 32, "tls"),
        (b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n" * 300, "other"),
        (b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(10_000), "other"),
        (b"\n" * 20_000 + b"x" * 10_000, "other"),
        (b"x" * 10_000 + INVITE, "other"),
        (b"INVITE sip:" + b"x" * 80_000, "other"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000, "other"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_streams_that_are_not_ours(octets: bytes, verdict: str, size: int) -> None:
    messages = MessageStream()
    for at in range(0, len(octets), size):
        assert not messages.feed(octets[at : at + size])
    assert messages.verdict == verdict
    assert not messages.is_of_interest
    assert messages.octets_held == 0
    assert not messages.feed(INVITE)


def test_unknown_stream_holds_little() -> None:
    messages = MessageStream()
    for _ in range(stream.MAX_UNKNOWN):
        messages.feed(b"x")
        assert messages.octets_held <= stream.MAX_LINE
    assert verdict(messages) == "unknown"
    messages.feed(b"x")
    assert verdict(messages) == "other"


def test_known_sip_stream_survives_much_junk_in_little_memory() -> None:
    messages = MessageStream()
    messages.feed(OPTIONS)
    for _ in range(100):
        messages.feed(b"x" * 5000)
        assert messages.octets_held <= stream.MAX_LINE
    assert octets_of(messages.feed(b"\r\n" + INVITE)) == [INVITE]


# -- WebSocket -------------------------------------------------------------------------

MASK = b"\xa1\xb2\xc3\xd4"
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 192.0.2.1:8088\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
)
SWITCHING = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Protocol: sip\r\n\r\n"
)
NO_PROTOCOL = UPGRADE.replace(b"Sec-WebSocket-Protocol: sip\r\n", b"")


def frame(payload: bytes, mask: bytes = MASK, first: int = 0x81) -> bytes:
    masked = 0x80 if mask else 0
    if len(payload) < 126:
        head = bytes([first, masked | len(payload)])
    else:
        head = bytes([first, masked | 126]) + len(payload).to_bytes(2, "big")
    return head + mask + unmask(payload, mask)


def compressed(payload: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    octets = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return frame(octets[:-4], first=0xC1)


SOCKETS = {
    "browser to server": (UPGRADE + frame(INVITE) + frame(OPTIONS), [INVITE, OPTIONS]),
    "server to browser": (SWITCHING + frame(RINGING, b""), [RINGING]),
    "ping and keep-alive between": (
        UPGRADE + frame(b"", first=0x89) + frame(b"\r\n\r\n") + frame(OPTIONS),
        [OPTIONS],
    ),
    "no subprotocol but SIP": (NO_PROTOCOL + frame(INVITE), [INVITE]),
    "message in two frames": (
        UPGRADE + frame(INVITE[:50], first=0x01) + frame(INVITE[50:], first=0x80),
        [INVITE],
    ),
    "picked up behind the upgrade": (frame(INVITE) + frame(OPTIONS), [INVITE, OPTIONS]),
    "picked up, compressed": (compressed(INVITE), [INVITE]),
    "upgrade refused, then tried again": (UPGRADE + UPGRADE + frame(OPTIONS), [OPTIONS]),
    "message without Content-Length": (UPGRADE + frame(NO_LENGTH + BODY), [NO_LENGTH + BODY]),
}


@pytest.mark.parametrize("how", ["whole", "one by one"])
@pytest.mark.parametrize("case", SOCKETS)
def test_sip_in_websocket(case: str, how: str) -> None:
    octets, messages = SOCKETS[case]
    found = read(*([octets] if how == "whole" else one_by_one(octets)))
    assert found == [Found("sip", message) for message in messages]


def test_websocket_verdict() -> None:
    messages = MessageStream()
    messages.feed(UPGRADE)
    assert messages.verdict == "websocket"


@pytest.mark.parametrize(
    "octets",
    [
        NO_PROTOCOL + frame(b'{"jsonrpc": 2.0}' * 50) * 20,  # Verto
        UPGRADE + frame(OPTIONS) + b"\xff" * 20,
    ],
    ids=["chat", "bad frame"],
)
def test_websocket_that_is_not_ours(octets: bytes) -> None:
    messages = MessageStream()
    messages.feed(octets)
    assert messages.verdict == "other"
    assert messages.octets_held == 0


def test_websocket_message_that_does_not_inflate_is_counted() -> None:
    messages = MessageStream()
    found = messages.feed(UPGRADE + frame(b"\xff" * 9, first=0xC1) + frame(OPTIONS))
    assert octets_of(found) == [OPTIONS]
    assert messages.undecodable == 1


@pytest.mark.parametrize("mask", [MASK, b""])
def test_websocket_after_a_gap_goes_on_where_a_run_starts_a_frame(mask: bytes) -> None:
    messages = MessageStream()
    messages.feed(UPGRADE + frame(OPTIONS, mask))
    whole = frame(INVITE, mask)
    assert messages.feed(whole[:100]) == []
    [begun] = messages.feed(whole[150:], after_gap=True)
    assert (begun.complete, INVITE.startswith(begun.octets)) == (False, True)
    assert messages.feed(frame(OPTIONS, mask) + frame(RINGING, mask)) == [
        Found("sip", OPTIONS, resynchronised=True),
        Found("sip", RINGING),
    ]
    assert messages.verdict == "websocket"


def test_messages_of_a_server_are_found_by_their_text_after_a_gap() -> None:
    messages = MessageStream()
    messages.feed(SWITCHING)
    lost = frame(INVITE, b"")[50:]
    found = messages.feed(lost + frame(OPTIONS, b"") + frame(RINGING, b""), after_gap=True)
    assert octets_of(found) == [OPTIONS, RINGING]


def test_window_of_a_compressed_websocket_can_be_freed() -> None:
    messages = MessageStream()
    messages.forget_window()
    messages.feed(UPGRADE + compressed(OPTIONS))
    assert messages.has_window
    messages.forget_window()
    assert not messages.has_window


# -- HEP -------------------------------------------------------------------------------


def hep(payload: bytes) -> bytes:
    chunks = b"\x00\x00\x00\x01\x00\x07\x02\x00\x00\x00\x02\x00\x07\x11"
    chunks += b"\x00\x00\x00\x0f" + (6 + len(payload)).to_bytes(2, "big") + payload
    return b"HEP3" + (6 + len(chunks)).to_bytes(2, "big") + chunks


HEPS = {
    "two packets": (hep(INVITE) + hep(OPTIONS), [hep(INVITE), hep(OPTIONS)]),
    "impossible length between": (
        hep(INVITE) + b"HEP3\x00\x05" + hep(OPTIONS),
        [hep(INVITE), hep(OPTIONS)],
    ),
    "picked up in the middle": (hep(INVITE)[9:] + hep(OPTIONS), [hep(OPTIONS)]),
    "text of packets is not taken for SIP": (hep(INVITE) + b"x" + hep(INVITE), [hep(INVITE)] * 2),
}


@pytest.mark.parametrize("how", ["whole", "one by one"])
@pytest.mark.parametrize("case", HEPS)
def test_hep_over_tcp(case: str, how: str) -> None:
    octets, packets = HEPS[case]
    if case == "picked up in the middle":
        octets = octets[octets.index(b"Via") - 9 :]
    messages = MessageStream()
    found: list[Found] = []
    for run in [octets] if how == "whole" else one_by_one(octets):
        found += messages.feed(run)
    assert octets_of(found) == packets
    assert {one.kind for one in found} == {"hep"}
    assert messages.verdict == "hep"


def test_hep_packet_cut_by_a_gap_goes_out_as_far_as_it_came() -> None:
    messages = MessageStream()
    messages.feed(hep(INVITE)[:150])
    assert messages.feed(b"..." + hep(OPTIONS), after_gap=True) == [
        Found("hep", hep(INVITE)[:150], complete=False),
        Found("hep", hep(OPTIONS), resynchronised=True),
    ]


# -- work ------------------------------------------------------------------------------

HOSTILE = {
    "head without an end": lambda n: b"INVITE sip:x SIP/2.0\r\n" + b"X: y\r\n" * n,
    "line without an end": lambda n: OPTIONS + b"x" * (6 * n),
    "start lines that nothing follows": lambda n: OPTIONS + b"x\r\n" + b"BYE x SIP/2.0\r\n" * n,
    "blank lines": lambda n: b"\r\n" * n,
    "long start lines": lambda n: OPTIONS + (b"x" * 4000 + b"BYE sip:x SIP/2.0\r\n") * (n // 500),
    "heads cut at the bound": lambda n: b"INVITE sip:x SIP/2.0\r\nX: " + b"y" * 20 * n,
    "HEP3 again and again": lambda n: b"HEP3\x00\x01" * n,
    "waiting for a body": lambda n: request(length=60_000) + b"x" * n,
}


@pytest.mark.parametrize("step", [1, 37])
@pytest.mark.parametrize("attack", HOSTILE)
def test_work_is_linear_when_fed_in_small_runs(attack: str, step: int) -> None:
    def work(n: int) -> tuple[int, int]:
        messages = MessageStream()
        octets = HOSTILE[attack](n)
        for at in range(0, len(octets), step):
            messages.feed(octets[at : at + step])
        return messages.octets_searched, len(octets)

    (small, _), (large, size) = work(2000), work(4000)
    assert large <= 2.2 * small + 10_000
    assert large <= 6 * size + 10_000


# -- properties ------------------------------------------------------------------------

PARTS = st.one_of(
    st.sampled_from([INVITE, OPTIONS, RINGING, NO_LENGTH, HUGE_LENGTH, INVITE[:60], BODY]),
    st.sampled_from([b"\r\n\r\n", b"\n", b"HEP3", hep(OPTIONS), UPGRADE, frame(OPTIONS)]),
    st.sampled_from([request(length=7, body=BODY), request(length=300, body=BODY), b"SIP/2.0 "]),
    st.sampled_from([b"\x16\x03\x01", b"\x81\x05", b"PROXY TCP4 1 2 3 4\r\n", b"x" * 9000]),
    st.binary(max_size=40),
)


@given(st.lists(PARTS, max_size=8), st.data())
def test_result_does_not_depend_on_where_runs_are_cut(
    parts: list[bytes], data: st.DataObject
) -> None:
    octets = b"".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(octets)), max_size=20)))
    runs = [octets[a:b] for a, b in zip([0, *cuts], [*cuts, len(octets)], strict=True)]

    def outcome(runs: list[bytes]) -> tuple[list[Found], str]:
        messages = MessageStream()
        found = [one for run in runs for one in messages.feed(run)]
        return found + messages.cut(), messages.verdict

    whole = outcome([octets])
    assert outcome(runs) == whole
    if len(octets) < 2000:
        assert outcome(one_by_one(octets)) == whole


@given(st.lists(st.tuples(PARTS, st.booleans()), max_size=10))
def test_anything_with_gaps_is_read_within_bounds(runs: list[tuple[bytes, bool]]) -> None:
    messages = MessageStream()
    for octets, after_gap in runs:
        for found in messages.feed(octets, after_gap):
            assert found.octets
        assert messages.octets_held <= stream.MAX_HEAD + stream.MAX_BODY
    messages.cut()
    assert messages.octets_held == 0


@given(st.lists(st.sampled_from([INVITE, OPTIONS, RINGING, NO_LENGTH]), min_size=1, max_size=6))
def test_messages_after_any_amount_of_lost_octets_are_found(sent: list[bytes]) -> None:
    for lost in range(0, len(INVITE), 11):
        found = octets_of(read(INVITE[lost:] + b"".join(sent)))
        skipped = 0 if lost == 0 else 1
        assert found[1 - skipped :] == sent


def test_start_lines_of_the_examples_are_found() -> None:
    assert all(find_start(one[: one.index(b"\n") + 1]) == 0 for one in [INVITE, RINGING])
