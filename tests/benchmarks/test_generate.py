"""The generator's captures are what their truth says, read here with nothing of the project."""

import hashlib
import json
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.captures import truth_path
from benchmarks.generate import Order, make, size_in_octets

PHONE_HEADERS = {
    b"v": b"via",
    b"f": b"from",
    b"t": b"to",
    b"i": b"call-id",
    b"l": b"content-length",
}


@dataclass(frozen=True, slots=True)
class Packet:
    time_us: int
    source: bytes
    destination: bytes
    sum_of_words: int
    payload: bytes


def pcap_frames(octets: bytes) -> Iterator[tuple[int, bytes]]:
    assert octets[:4] == b"\xd4\xc3\xb2\xa1"
    at = 24
    while at < len(octets):
        seconds, micros, length, original = struct.unpack_from("<4I", octets, at)
        assert length == original
        yield seconds * 1_000_000 + micros, octets[at + 16 : at + 16 + length]
        at += 16 + length
    assert at == len(octets)


def pcapng_frames(octets: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(octets):
        kind, total = struct.unpack_from("<2I", octets, at)
        assert struct.unpack_from("<I", octets, at + total - 4) == (total,)
        if kind == 6:
            high, low, length = struct.unpack_from("<3I", octets, at + 12)
            yield high << 32 | low, octets[at + 28 : at + 28 + length]
        at += total
    assert at == len(octets)


def packet(time_us: int, frame: bytes) -> Packet:
    at = 18 if frame[12:14] == b"\x81\x00" else 14
    size, first, udp = (4, at + 12, at + 20) if frame[at] >> 4 == 4 else (16, at + 8, at + 40)
    source, destination = frame[first : first + size], frame[first + size : first + 2 * size]
    length = int.from_bytes(frame[udp + 4 : udp + 6], "big")
    assert udp + length == len(frame)
    covered = frame[first:] + bytes(len(frame[first:]) % 2)
    total = sum(struct.unpack(f">{len(covered) // 2}H", covered)) + 17 + length
    return Packet(time_us, source, destination, total, frame[udp + 8 :])


def packets(capture: Path) -> list[Packet]:
    octets = capture.read_bytes()
    frames = pcapng_frames if capture.suffix == ".pcapng" else pcap_frames
    return [packet(time_us, frame) for time_us, frame in frames(octets)]


def headers(message: bytes) -> dict[bytes, bytes]:
    lines = message.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    named = (line.split(b": ", 1) for line in lines)
    return {PHONE_HEADERS.get(name.lower(), name.lower()): value for name, value in named}


def label(message: bytes) -> str:
    words = message.split(b" ", 2)
    return (words[1] if words[0] == b"SIP/2.0" else words[0]).decode()


@pytest.fixture(scope="module", params=["pcap", "pcapng"])
def capture(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    order = Order(size="3M", format=request.param, seed=5, sources=500)
    return make(order, tmp_path_factory.mktemp("captures"))


@pytest.fixture(scope="module")
def found(capture: Path) -> list[Packet]:
    return packets(capture)


@pytest.fixture(scope="module")
def messages(found: list[Packet]) -> list[Packet]:
    return [one for one in found if one.payload[0] < 0x80]


def test_truth_counts_what_is_in_the_file(
    capture: Path, found: list[Packet], messages: list[Packet]
) -> None:
    truth = json.loads(truth_path(capture).read_text())
    assert truth["packets"] == len(found)
    assert truth["sip_messages"] == len(messages)
    assert truth["rtp_packets"] == len(found) - len(messages)
    counted = Counter(label(one.payload) for one in messages)
    assert truth["requests"] | truth["responses"] == counted
    assert truth["sha256"] == hashlib.sha256(capture.read_bytes()).hexdigest()
    assert truth["first_seen_us"] == found[0].time_us
    assert truth["last_seen_us"] == found[-1].time_us


def test_time_never_goes_back(found: list[Packet]) -> None:
    times = [one.time_us for one in found]
    assert times == sorted(times)


def test_checksums_are_right(found: list[Packet]) -> None:
    assert {one.sum_of_words % 0xFFFF for one in found} == {0}


def test_size_and_mix_are_as_ordered(
    capture: Path, found: list[Packet], messages: list[Packet]
) -> None:
    assert capture.stat().st_size == pytest.approx(3_000_000, rel=0.02)
    assert len(messages) / len(found) == pytest.approx(0.842, abs=0.01)
    truth = json.loads(truth_path(capture).read_text())
    requests = [one for one in messages if not one.payload.startswith(b"SIP/2.0")]
    assert truth["sources"] == len({one.source for one in requests})
    assert truth["attacking_sources"] == 10


def test_content_length_is_the_bodys(messages: list[Packet]) -> None:
    for one in messages:
        body = one.payload.partition(b"\r\n\r\n")[2]
        assert int(headers(one.payload)[b"content-length"]) == len(body)


def test_each_response_repeats_its_request(messages: list[Packet]) -> None:
    asked: dict[bytes, dict[bytes, bytes]] = {}
    answered = 0
    for one in messages:
        said = headers(one.payload)
        branch = said[b"via"].partition(b"branch=")[2].partition(b";")[0]
        if not one.payload.startswith(b"SIP/2.0"):
            asked.setdefault(branch, said)
            continue
        request = asked[branch]
        answered += 1
        assert said[b"call-id"] == request[b"call-id"]
        assert said[b"cseq"] == request[b"cseq"]
        assert said[b"from"] == request[b"from"]
        assert said[b"to"].startswith(request[b"to"])
    assert answered == sum(one.payload.startswith(b"SIP/2.0") for one in messages) > 1_000


def test_guesses_use_a_nonce_that_was_sent_to_them(messages: list[Packet]) -> None:
    sent: set[tuple[bytes, bytes]] = set()
    for one in messages:
        said = headers(one.payload)
        if challenge := said.get(b"www-authenticate"):
            sent.add((one.destination, _nonce(challenge)))
        if credentials := said.get(b"authorization"):
            assert (one.source, _nonce(credentials)) in sent


def _nonce(header: bytes) -> bytes:
    return header.partition(b' nonce="')[2].partition(b'"')[0]


def test_some_accounts_are_taken(capture: Path) -> None:
    truth = json.loads(truth_path(capture).read_text())
    assert sum(attacker.get("taken", False) for attacker in truth["attackers"]) == 5


def test_the_same_order_gives_the_same_octets(tmp_path: Path) -> None:
    order = Order(size="300k", seed=9, sources=500)
    first, second = make(order, tmp_path / "a"), make(order, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_another_seed_gives_other_octets(tmp_path: Path) -> None:
    first, second = (make(Order("300k", seed=seed, sources=500), tmp_path) for seed in (1, 2))
    assert first.read_bytes() != second.read_bytes()


def test_a_cached_capture_is_not_made_again(tmp_path: Path) -> None:
    order = Order(size="300k", sources=500)
    made = make(order, tmp_path).stat().st_ino
    assert make(order, tmp_path).stat().st_ino == made


def test_a_cut_capture_is_made_again(tmp_path: Path) -> None:
    order = Order(size="300k", sources=500)
    capture = make(order, tmp_path)
    whole = capture.read_bytes()
    capture.write_bytes(whole[:1000])
    assert make(order, tmp_path).read_bytes() == whole


@pytest.mark.parametrize("number", [1, 700])
def test_even_shape_gives_every_source_its_turn(number: int, tmp_path: Path) -> None:
    capture = make(Order("1M", sources=number, shape="even"), tmp_path)
    found = packets(capture)
    asking = {one.source for one in found if not one.payload.startswith(b"SIP/2.0")}
    assert len(asking) == number
    assert {len(source) for source in asking} == {16}
    assert 2 * sum(one.source in asking for one in found) == len(found)


@pytest.mark.parametrize(
    ("text", "octets"), [("300", 300), ("20k", 20_000), ("100M", 10**8), ("4G", 4 * 10**9)]
)
def test_size_is_read(text: str, octets: int) -> None:
    assert size_in_octets(text) == octets


@pytest.mark.parametrize("text", ["", "M", "0", "-1M", "1.5G", "1T", "1g"])
def test_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        size_in_octets(text)
