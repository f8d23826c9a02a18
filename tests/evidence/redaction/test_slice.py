"""The redacted slice as a whole: no planted secret in it, and the attack still there."""

from __future__ import annotations

import gzip
import io
import struct
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.evidence.redaction.incident import redact_incident
from ringfence.evidence.redaction.people import Learning, People
from ringfence.evidence.redaction.pseudonyms import Pseudonyms
from ringfence.evidence.redaction.slice import RedactedSlice, new_packet, redact_slice
from ringfence.flow import Address, Owner, export_messages, investigate, read_messages
from ringfence.model.incident import Incident
from ringfence.model.question import Question
from ringfence.wire.pcapng_writer import PcapngWriter
from ringfence.wire.records import packets_of as records_of
from tests.evidence.redaction import scene
from tests.evidence.redaction.planted import Planter, leaks
from tests.wire_cases.compile import Case, Packet, cases

ATTACKER_TO_SERVER = "ip4 203.0.113.66 > 192.0.2.10"
CARRIERS = {
    "udp": f"eth\n{ATTACKER_TO_SERVER}\nudp 5071 > 5060",
    "vlan": f"eth\nvlan 42\n{ATTACKER_TO_SERVER}\nudp 5071 > 5060",
    "cooked": f"sll\n{ATTACKER_TO_SERVER}\nudp 5071 > 5060",
    "tunnel": f"eth\nip4 10.9.8.7 > 10.9.8.6\ngre key=77\n{ATTACKER_TO_SERVER}\nudp 5071 > 5060",
    "fragments": f"eth\n{ATTACKER_TO_SERVER} id=9 split=80,160,320\nudp 5071 > 5060",
    "ip6-fragments": (
        "eth\nip6 2001:db8::7 > 2001:db8::1\nfrag id=3 split=80,160,320\nudp 5071 > 5060"
    ),
    "tcp": f"eth\n{ATTACKER_TO_SERVER}\ntcp 40000 > 5060",
    "tcp-octets": (
        f"eth\n{ATTACKER_TO_SERVER}\ntcp 40000 > 5060 split="
        + ",".join(str(n) for n in range(1, 600))
    ),
    "sctp": f"eth\n{ATTACKER_TO_SERVER}\nsctp 40000 > 5060",
    "hep3": (
        "eth\nip4 10.9.8.7 > 10.9.8.6\nudp 40000 > 9060\n"
        "hep3 203.0.113.66:5071 > 192.0.2.10:5060"
    ),
    "hep2": (
        "eth\nip4 10.9.8.7 > 10.9.8.6\nudp 40000 > 9060\n"
        "hep2 203.0.113.66:5071 > 192.0.2.10:5060"
    ),
    "hep-packed": (
        "eth\nip4 10.9.8.7 > 10.9.8.6\nudp 40000 > 9060\n"
        "hep3 203.0.113.66:5071 > 192.0.2.10:5060 packed=gzip"
    ),
    "hep-in-tcp": (
        "eth\nip4 10.9.8.7 > 10.9.8.6\ntcp 40000 > 9060 split=40,41,90\n"
        "hep3 203.0.113.66:5071 > 192.0.2.10:5060"
    ),
}  # fmt: skip


def people_of(planter: Planter) -> People:
    """The accused under his address of either version."""
    who = scene.people(planter)
    return replace(who, accused=who.accused | {ip_address("2001:db8::7").packed})


def attack(planter: Planter) -> list[Packet]:
    """The whole scene over UDP."""
    packets: list[Packet] = []
    ends = {
        "user": (planter.value("user", "phone").decode(), scene.SERVER, 5060, 5060),
        "attacker": (scene.ATTACKER, scene.SERVER, 5071, 5060),
        "server": (scene.SERVER, scene.ATTACKER, 5060, 5071),
    }
    for at, (message, who) in enumerate(scene.messages(planter)):
        source, destination, port, to = ends[who]
        lines = f"eth\nip4 {source} > {destination}\nudp {port} > {to}"
        packets += [
            replace(packet, time_ns=packet.time_ns + at * 1_000_000_000)
            for packet in scene.carried(lines, message)
        ]
    return packets


def test_planted_secrets_are_found_before() -> None:
    """The test can fail: every secret is in the capture in a form that it looks for."""
    planter = Planter()
    capture = scene.capture_of(attack(planter))
    found = {leak.partition(": b")[0] for leak in leaks(planter, [capture])}
    assert found == set(planter.secrets)


def test_no_planted_secret_is_in_the_slice() -> None:
    planter = Planter()
    capture = scene.capture_of(attack(planter))
    redacted, counts = scene.redact(capture, scene.people(planter))
    assert counts.messages == 8
    assert leaks(planter, scene.texts(redacted)) == []


def test_messages_keep_their_place_and_length() -> None:
    planter = Planter()
    capture = scene.capture_of(attack(planter))
    redacted, counts = scene.redact(capture, scene.people(planter))
    assert scene.rows(redacted) == scene.rows(capture)[1:]  # the user's own is not in it
    assert counts.rebuilt == 0


@pytest.mark.parametrize("name", CARRIERS)
@pytest.mark.parametrize("attack_name", scene.ATTACKS)
def test_no_carrier_brings_a_secret_along(name: str, attack_name: str) -> None:
    planter = Planter()
    list(scene.messages(planter))
    capture = scene.capture_of(
        scene.carried(CARRIERS[name], planter.fill(scene.ATTACKS[attack_name]))
    )
    redacted, counts = scene.redact(capture, people_of(planter))
    assert counts.messages == 1
    planter.secrets |= {"inside:agent-of-hep": b"10.9.8.7", "inside:collector": b"10.9.8.6"}
    assert leaks(planter, scene.texts(redacted)) == []
    assert scene.rows(redacted) == scene.rows(capture)
    assert counts.rebuilt == (name == "hep-packed")


def test_a_message_cut_at_any_octet_of_tcp_leaks_nothing() -> None:
    planter = Planter()
    list(scene.messages(planter))
    message = planter.fill(scene.ATTACKS["guess"])
    who = scene.people(planter)
    for cut in range(1, len(message), 7):
        carrier = f"eth\n{ATTACKER_TO_SERVER}\ntcp 40000 > 5060 split={cut}"
        capture = scene.capture_of(scene.carried(carrier, message))
        redacted, counts = scene.redact(capture, who)
        assert (counts.packets, counts.rebuilt) == (2, 0)
        assert leaks(planter, scene.texts(redacted)) == []


def websocket(payload: bytes, *, mask: bytes) -> bytes:
    masked = bytes(octet ^ mask[at % 4] for at, octet in enumerate(payload))
    return b"\x81\xfe" + struct.pack(">H", len(payload)) + mask + masked


def test_websocket_frames_are_masked_again() -> None:
    planter = Planter()
    list(scene.messages(planter))
    head = planter.fill(
        "GET /{word:path} HTTP/1.1\nHost: {word:http-host}\nUpgrade: websocket\n"
        "Connection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Protocol: sip\n"
        "Sec-WebSocket-Key: {word:key|base64}\nCookie: {word:cookie}\nX-{word:http-name}: 1\n\n"
    )
    first = planter.fill(scene.ATTACKS["guess"])
    second = planter.fill(scene.ATTACKS["scan"])
    frames = websocket(first, mask=b"\x37\xfa\x21\x3d") + b"\x89\x03abc"
    frames += websocket(second, mask=b"\0\0\0\0")
    carrier = f"eth\n{ATTACKER_TO_SERVER}\ntcp 40000 > 80 split=30,300,700,1400"
    capture = scene.capture_of(scene.carried(carrier, head + frames))
    redacted, counts = scene.redact(capture, scene.people(planter))
    assert (counts.messages, counts.rebuilt) == (2, 0)
    assert scene.rows(redacted) == scene.rows(capture)
    assert leaks(planter, scene.texts(redacted)) == []


def test_several_messages_share_a_segment() -> None:
    planter = Planter()
    list(scene.messages(planter))
    names = ("guess", "scan", "guess", "digits")
    stream = b"\r\n\r\n".join(planter.fill(scene.ATTACKS[name]) for name in names)
    carrier = f"eth\n{ATTACKER_TO_SERVER}\ntcp 40000 > 5060 split=100,2000,2050"
    capture = scene.capture_of(scene.carried(carrier, stream))
    redacted, counts = scene.redact(capture, scene.people(planter))
    assert counts.rebuilt == 0
    assert scene.rows(redacted) == scene.rows(capture)
    assert leaks(planter, scene.texts(redacted)) == []


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_every_wire_case_is_read_again_after_redaction(case: Case) -> None:
    """All layers that the decoder knows: same messages, other addresses."""
    capture = scene.capture_of(case.packets)
    before = scene.rows(capture)
    sources = {
        table.address(row, "source") for _, _, table in scene.read(capture) for row in table.rows()
    }
    redacted, counts = scene.redact(capture, People(frozenset(sources), frozenset()))
    after = scene.rows(redacted)
    if counts.rebuilt:  # then the transport is UDP
        before = [(*row[:2], *row[3:]) for row in before]
        after = [(*row[:2], *row[3:]) for row in after]
    assert after == before


@pytest.mark.parametrize("carrier", ["udp", "tcp", "fragments", "ip6-fragments", "tunnel"])
def test_checksums_are_right(carrier: str) -> None:
    """Whoever checks them must not think that the packets were forged."""
    planter = Planter()
    list(scene.messages(planter))
    message = planter.fill(scene.ATTACKS["guess"])
    capture = scene.capture_of(scene.carried(CARRIERS[carrier], message))
    packets = RedactedSlice(scene.read(capture), people_of(planter), Pseudonyms(scene.KEY))
    whole = {"fragments": b"", "ip6-fragments": b""}
    for packet in packets:
        octets = packet.octets[14:]
        if octets[0] >> 4 == 4:
            assert ones_sum(octets[:20]) == 0xFFFF
            pair, protocol, octets = octets[12:20], octets[9], octets[20:]
            if protocol == 47:
                octets = octets[8:]
                assert ones_sum(octets[:20]) == 0xFFFF
                pair, protocol, octets = octets[12:20], octets[9], octets[20:]
        else:
            pair, protocol, octets = octets[8:40], 17, octets[48:]
        if carrier in whole:
            whole[carrier] += octets
        else:
            assert ones_sum(pseudo(pair, protocol, octets) + octets) == 0xFFFF
    if carrier in whole:
        assert ones_sum(pseudo(pair, 17, whole[carrier]) + whole[carrier]) == 0xFFFF


def pseudo(pair: bytes, protocol: int, octets: bytes) -> bytes:
    return pair + struct.pack(">II", len(octets), protocol)


def ones_sum(octets: bytes) -> int:
    total = sum(
        int.from_bytes((octets + b"\0")[at : at + 2], "big") for at in range(0, len(octets), 2)
    )
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_a_new_packet_says_so() -> None:
    planter = Planter()
    list(scene.messages(planter))
    message = planter.fill(scene.ATTACKS["guess"])
    capture = scene.capture_of(scene.carried(CARRIERS["hep-packed"], message))
    (packet,) = RedactedSlice(scene.read(capture), scene.people(planter), Pseudonyms(scene.KEY))
    assert packet.comment.startswith("A new packet")
    assert packet.link == 101


def test_new_packets_of_both_versions_are_read() -> None:
    text = b"OPTIONS sip:1@192.0.2.1 SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\n\r\n"
    for source, destination in (("203.0.113.7", "192.0.2.1"), ("2001:db8::7", "2001:db8::1")):
        pair = ip_address(source).packed, ip_address(destination).packed
        packet = new_packet(*pair, 5071, 5060, text)
        writer = PcapngWriter("a test")
        capture = writer.start() + writer.packet(101, "a", 1, packet, len(packet))
        assert [row[3:5] for row in scene.rows(capture)] == [(5071, 5060)]


def test_media_and_strangers_do_not_come_along() -> None:
    planter = Planter()
    packets = attack(planter)
    media = scene.carried(
        f"eth\n{ATTACKER_TO_SERVER}\nudp 4000 > 4100", b"\x80\x00" + b"secret speech" * 8
    )
    capture = scene.capture_of([*packets, *media])
    redacted, counts = scene.redact(capture, scene.people(planter))
    assert counts.packets == 8
    assert b"secret speech" not in redacted


def test_a_flood_need_not_come_whole() -> None:
    planter = Planter()
    capture = scene.capture_of(attack(planter))
    who, pseudonyms = scene.people(planter), Pseudonyms(scene.KEY)
    stream = io.BytesIO()
    counts = redact_slice(scene.read(capture), who, pseudonyms, stream, "a test", most=3)
    assert (counts.messages, counts.omitted) == (3, 5)
    assert scene.rows(stream.getvalue()) == scene.rows(capture)[1:4]


def test_whole_case_leaks_nothing(tmp_path: Path) -> None:
    """From a packed capture with a telling name to packets, document and list."""
    planter = Planter()
    path = tmp_path / planter.fill("{word:file-name}.pcapng.gz").decode()
    path.write_bytes(gzip.compress(scene.capture_of(attack(planter) * 3)))
    owner = Owner(servers=(ip_address(scene.SERVER),))
    incident = investigate([str(path)], owner).incident
    assert [suspect.address for suspect in incident.suspects] == [scene.ATTACKER]
    learning = Learning(incident)
    for _, _, table in read_messages([str(path)]):
        learning.take(table)
    pseudonyms, who = Pseudonyms(scene.KEY), learning.people()
    out = tmp_path / "attackers-redacted.pcapng"
    with out.open("wb") as stream:
        redact_slice(
            read_messages([str(path)], keep_packets=True), who, pseudonyms, stream, "a test"
        )
    document = msgspec.json.encode(redact_incident(incident, who, pseudonyms))
    export_messages([str(out)], Question(), "csv", str(tmp_path / "messages.csv"))
    rows = (tmp_path / "messages.csv").read_bytes()
    assert leaks(planter, [*scene.texts(out.read_bytes()), document, rows]) == []
    assert incident.inputs[0].sha256.encode() in document
    assert scene.ATTACKER.encode() in document
    assert b"900442079460000" in out.read_bytes()  # what was dialled is evidence


@pytest.mark.parametrize(
    "name",
    ["attack", "enumeration", "exploits", "flood", "guessing", "guessing_spread",
     "guessing_succeeds", "prefix_hunting", "scan", "toll_fraud"],
)  # fmt: skip
def test_the_redacted_slice_gets_the_same_verdicts(name: str, root: Path, tmp_path: Path) -> None:
    """Weights, kinds, proofs and clues are those of the slice as it was."""
    capture = str(root / "examples" / f"{name}.pcap")
    incident = investigate([capture]).incident
    learning = Learning(incident)
    for _, _, table in read_messages([capture]):
        learning.take(table)
    who, pseudonyms = learning.people(), Pseudonyms(scene.KEY)
    plain, redacted = tmp_path / "plain.pcapng", tmp_path / "redacted.pcapng"
    plain.write_bytes(plain_slice(capture, who))
    with redacted.open("wb") as stream:
        redact_slice(read_messages([capture], keep_packets=True), who, pseudonyms, stream, "a test")
    ours = redact_incident(incident, who, pseudonyms).defended
    before = investigate([str(plain)], Owner(servers=addresses(incident.defended))).incident
    after = investigate([str(redacted)], Owner(servers=addresses(ours))).incident
    expected = redact_incident(before, who, pseudonyms)
    assert summary(after) == summary(expected)
    assert after.suspects


def addresses(texts: list[str]) -> tuple[Address, ...]:
    return tuple(ip_address(text) for text in texts)


def summary(incident: Incident) -> dict[str, tuple[object, ...]]:
    return {
        s.address: (
            s.verdict, s.kinds, s.weight_db, s.proven, s.messages, s.guesses, s.accounts_tried,
            sorted(clue.rule for clue in s.clues), s.minutes, s.methods,
        )
        for s in incident.suspects
    }  # fmt: skip


def plain_slice(capture: str, who: People) -> bytes:
    """The same messages, untouched."""
    writer = PcapngWriter("a test")
    stream = io.BytesIO(writer.start())
    stream.seek(0, io.SEEK_END)
    for _, decoder, table in read_messages([capture], keep_packets=True):
        chosen = [
            row
            for row in table.rows()
            if {table.address(row, "source"), table.address(row, "destination")} & who.accused
        ]
        for records in records_of(decoder, table, chosen):
            for r in records or ():
                stream.write(writer.packet(r.link, "a", r.time_ns, r.octets, r.original))
    return stream.getvalue()


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    carrier=st.sampled_from(sorted(set(CARRIERS) - {"tcp-octets"})),
    name=st.sampled_from(sorted(scene.ATTACKS)),
    spoil=st.lists(st.tuples(st.integers(0, 4000), st.sampled_from(
        [b"\r\n ", b" ", b"\t", b"\n ", b";", b",", b'"', b"<", b">", b":", b"\0", b"%", b"\\"]
    )), max_size=4),
)  # fmt: skip
def test_spoiled_messages_leak_nothing(
    seed: int, carrier: str, name: str, spoil: list[tuple[int, bytes]]
) -> None:
    """Quotes, brackets, folds and separators thrown in between secrets."""
    planter = Planter(seed)
    list(scene.messages(planter))
    head, _, body = planter.fill(scene.ATTACKS[name]).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    for at, octets in spoil:
        line = 1 + at % (len(lines) - 1)
        gaps = gaps_between_secrets(planter, lines[line])
        place = gaps[at // 7 % len(gaps)]
        lines[line] = lines[line][:place] + octets + lines[line][place:]
    message = b"\r\n".join(lines) + b"\r\n\r\n" + body
    capture = scene.capture_of(scene.carried(CARRIERS[carrier], message))
    redacted, _ = scene.redact(capture, people_of(planter))
    assert leaks(planter, scene.texts(redacted)) == []


def gaps_between_secrets(planter: Planter, line: bytes) -> list[int]:
    """Offsets at which nothing planted is cut in two: only words next to punctuation."""
    marks = b' ;,"<>=:@'
    return [at for at in range(1, len(line)) if line[at] in marks] or [len(line)]
