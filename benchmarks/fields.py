"""The fields of a made-up message: each a hash of its conversation or of its sender.

A response therefore carries the Call-ID, branch, tags and nonce of its request
although the two are written far apart: nothing is remembered, everything is
drawn again. Widths are fixed, so a thousand messages are one matrix of octets.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Octets = NDArray[np.uint8]
Numbers = NDArray[np.uint64]

# Sources get 198.18.0.0/15 (RFC 2544, benchmarks) as long as three-digit octets
# last, so that an address in text always has 14 characters; then 2001:db8::/32.
IPV4_SOURCES = 2 * 150 * 150
SPOKEN_PIN_DIGITS = 6

_HEX = np.array([list(b"%02x" % octet) for octet in range(256)], np.uint8)
_WHOLE_NUMBER = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Group:
    """Packets that share one template; the arrays have one entry a packet."""

    seed: int
    kind: int
    nth: int  # which RTP packet of its call, in pairs
    family: int  # of the sender's address: 4 or 6
    actor: Numbers  # the source's number
    turn: Numbers  # how often this source did this before
    ordinal: Numbers  # the conversation's number within its kind


@dataclass(frozen=True, slots=True)
class Field:
    """One patch of a template: octets wide by address family, and what fills it."""

    width: Callable[[int], int]
    fill: Callable[[Group], Octets]


def draw(seed: int, salt: int, key: Numbers) -> Numbers:
    """A 64-bit hash of each key (splitmix64), the same on every machine."""
    start = (seed * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03) & int(_WHOLE_NUMBER)
    value = key * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def conversation_draw(group: Group, name: str) -> Numbers:
    """A hash that all messages of one conversation share."""
    key = (group.ordinal << np.uint64(8)) | np.uint64(group.kind)
    return draw(group.seed, zlib.crc32(name.encode()), key)


def actor_draw(group: Group, name: str) -> Numbers:
    """A hash that everything one source sends shares."""
    return draw(group.seed, zlib.crc32(name.encode()) ^ 0xACE, group.actor)


def hexadecimal(values: Numbers, width: int) -> Octets:
    """The last `width` (even, up to 16) hex digits of each number, as (n, width)."""
    octets = values.astype(">u8").view(np.uint8).reshape(-1, 8)
    text: Octets = _HEX[octets[:, 8 - width // 2 :]].reshape(-1, width)
    return text


def decimal(values: Numbers, width: int) -> Octets:
    """The last `width` decimal digits of each number, zero-padded, as (n, width)."""
    powers = np.array([10**place for place in range(width - 1, -1, -1)], np.uint64)
    return (values[:, None] // powers % np.uint64(10) + np.uint64(48)).astype(np.uint8)


def hex_of_digits(digits: Octets) -> Octets:
    """ASCII digits as the hex of their characters: "10" becomes "3130" (n, 2 * width)."""
    text = np.full((digits.shape[0], digits.shape[1] * 2), ord("3"), np.uint8)
    text[:, 1::2] = digits
    return text


def address_octets(group: Group) -> Octets:
    """The sources' addresses as on the wire: (n, 4) or (n, 16)."""
    if group.family == 4:
        # A multiplier without common factor spreads the neighbours over all networks.
        index = group.actor * np.uint64(30_011) % np.uint64(IPV4_SOURCES)
        octets = np.empty((len(index), 4), np.uint8)
        octets[:, 0] = 198
        octets[:, 1] = 18 + index // 22_500
        octets[:, 2] = 100 + index // 150 % 150
        octets[:, 3] = 100 + index % 150
        return octets
    # An odd multiplier permutes the 32 bits below the prefix: every source has
    # its own /64, none is next to the one before.
    network = (group.actor * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    upper = np.uint64(0x20010DB8 << 32) | network
    lower = actor_draw(group, "interface") | np.uint64(1 << 60)
    return np.stack([upper, lower], 1).astype(">u8").view(np.uint8).reshape(-1, 16)


def address_text(group: Group) -> Octets:
    """The sources' addresses as text: 14 characters, or 39 with every zero written."""
    octets = address_octets(group)
    if group.family == 4:
        text = np.full((len(octets), 14), ord("."), np.uint8)
        for start, width, part in ((0, 3, 0), (4, 2, 1), (7, 3, 2), (11, 3, 3)):
            text[:, start : start + width] = decimal(octets[:, part].astype(np.uint64), width)
        return text
    text = np.full((len(octets), 39), ord(":"), np.uint8)
    digits = _HEX[octets].reshape(-1, 32)
    for part in range(8):
        text[:, part * 5 : part * 5 + 4] = digits[:, part * 4 : part * 4 + 4]
    return text


def host_text(group: Group) -> Octets:
    """The address as a URI's host: IPv6 in brackets (RFC 3261 section 25.1, IPv6reference)."""
    text = address_text(group)
    if group.family == 4:
        return text
    brackets = np.array([ord("["), ord("]")], np.uint8)
    return np.hstack(
        [np.tile(brackets[:1], (len(text), 1)), text, np.tile(brackets[1:], (len(text), 1))]
    )


def source_port(group: Group) -> Numbers:
    """The UDP port that a source sends from: five digits, its own."""
    return actor_draw(group, "port") % np.uint64(40_000) + np.uint64(20_000)


def media_port(group: Group, side: str) -> Numbers:
    """An even five-digit port for a call's RTP, at the phone or at the PBX."""
    return (conversation_draw(group, side) % np.uint64(20_000)) * np.uint64(2) + np.uint64(10_000)


def phone_extension(actor: Numbers) -> Numbers:
    """The five-digit extension of a phone."""
    return np.uint64(10_000) + actor % np.uint64(90_000)


def hunted_extension(group: Group) -> Numbers:
    """The one account that a password guesser works on."""
    return phone_extension(actor_draw(group, "hunted") % np.uint64(9_000))


def guessed_extension(group: Group) -> Numbers:
    """The extension that an enumeration asks for this time: one after the other."""
    return phone_extension(group.turn)


def guessed_pin(group: Group) -> Numbers:
    """The PIN tried this time: one after the other."""
    return np.uint64(100_000) + group.turn % np.uint64(900_000)


def keeps_one_call(actor: Numbers) -> NDArray[np.bool_]:
    """Half of the password guessers keep one Call-ID, nonce and CSeq, as svcrack 0.3.3 does."""
    even: NDArray[np.bool_] = actor % np.uint64(2) == 0
    return even


def _guess_key(group: Group, ahead: int) -> Numbers:
    """What a guesser's Call-ID and nonce hang on: himself, or himself and the attempt."""
    attempt = np.where(keeps_one_call(group.actor), np.uint64(0), group.turn + np.uint64(ahead))
    return group.actor << np.uint64(32) | attempt.astype(np.uint64)


def _guess_nonce(group: Group, ahead: int) -> Octets:
    salts = (zlib.crc32(b"guess nonce"), zlib.crc32(b"its other half"))
    halves = [hexadecimal(draw(group.seed, salt, _guess_key(group, ahead)), 16) for salt in salts]
    return np.hstack(halves)


def _guess_call_id(group: Group) -> Octets:
    return decimal(draw(group.seed, 77, _guess_key(group, 0)), 10)


def _hex(
    name: str, width: int, whose: Callable[[Group, str], Numbers] = conversation_draw
) -> Field:
    """A field of random hex digits."""
    parts = [(f"{name} {start}", min(16, width - start)) for start in range(0, width, 16)]
    return Field(
        lambda _: width,
        lambda group: np.hstack([hexadecimal(whose(group, part), size) for part, size in parts]),
    )


def _number(width: int, value: Callable[[Group], Numbers]) -> Field:
    """A field of decimal digits."""
    return Field(lambda _: width, lambda group: decimal(value(group), width))


def _spelled(width: int, value: Callable[[Group], Numbers]) -> Field:
    """A number as the hex of its digits: SIPVicious writes its guesses so into its tags."""
    return Field(lambda _: width * 2, lambda group: hex_of_digits(decimal(value(group), width)))


def _drawn(
    width: int, name: str, whose: Callable[[Group, str], Numbers] = conversation_draw
) -> Field:
    """A field of random decimal digits."""
    return _number(width, lambda group: whose(group, name))


def _binary(octets: int, value: Callable[[Group], Numbers]) -> Field:
    """A big-endian number of an RTP header."""
    return Field(
        lambda _: octets,
        lambda group: value(group).astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - octets :],
    )


def _rtp_time(group: Group) -> Numbers:
    """RTP clock at 8 kHz; a pair of packets every half second (silence suppressed between)."""
    return conversation_draw(group, "clock") + np.uint64(group.nth * 4_000)


FIELDS: dict[str, Field] = {
    "source": Field(lambda family: 14 if family == 4 else 39, address_text),
    "host": Field(lambda family: 14 if family == 4 else 41, host_text),
    "port": _number(5, source_port),
    "extension": _number(5, lambda group: phone_extension(group.actor)),
    "hunted": _number(5, hunted_extension),
    "hunted_spelled": _spelled(5, hunted_extension),
    "guessed": _number(5, guessed_extension),
    "guessed_spelled": _spelled(5, guessed_extension),
    "pin_spelled": _spelled(SPOKEN_PIN_DIGITS, guessed_pin),
    "random_spelled": _spelled(10, lambda group: conversation_draw(group, "tag")),
    "branch1": _hex("branch1", 16),
    "branch2": _hex("branch2", 16),
    "branch3": _hex("branch3", 16),
    "tool_branch1": _drawn(10, "tool branch 1"),
    "tool_branch2": _drawn(10, "tool branch 2"),
    "call_id": _hex("call id", 32),
    "tool_call_id": _drawn(10, "tool call id"),
    "guess_call_id": Field(lambda _: 10, _guess_call_id),
    "registration": _hex("registration", 24, actor_draw),
    "from_tag": _hex("from tag", 10),
    "to_tag1": _hex("to tag 1", 8),
    "to_tag2": _hex("to tag 2", 8),
    "nonce": _hex("nonce", 32),
    "guess_nonce": Field(lambda _: 32, lambda group: _guess_nonce(group, 0)),
    "next_guess_nonce": Field(lambda _: 32, lambda group: _guess_nonce(group, 1)),
    "response": _hex("response", 32),
    "cnonce": _hex("cnonce", 32),
    "nonce_count": Field(lambda _: 8, lambda group: hexadecimal(group.turn + np.uint64(1), 8)),
    "mac": _hex("mac", 12, actor_draw),
    "cseq": _number(8, lambda group: np.uint64(10_000_000) + group.turn * np.uint64(2)),
    "next_cseq": _number(8, lambda group: np.uint64(10_000_001) + group.turn * np.uint64(2)),
    "callee": _drawn(2, "callee"),
    "line": _drawn(3, "line", actor_draw),
    "prefix1": _number(1, lambda group: group.turn // np.uint64(4)),
    "prefix2": _number(2, lambda group: group.turn // np.uint64(4)),
    "prefix3": _number(3, lambda group: group.turn // np.uint64(4)),
    "prefix4": _number(4, lambda group: group.turn // np.uint64(4)),
    "phone_media": _number(5, lambda group: media_port(group, "phone media")),
    "pbx_media": _number(5, lambda group: media_port(group, "pbx media")),
    "session": _number(10, lambda group: conversation_draw(group, "session") | np.uint64(1 << 40)),
    "rtp_sequence": _binary(
        2, lambda group: conversation_draw(group, "sequence") + np.uint64(group.nth)
    ),
    "rtp_time": _binary(4, _rtp_time),
    "phone_stream": _binary(4, lambda group: conversation_draw(group, "phone stream")),
    "pbx_stream": _binary(4, lambda group: conversation_draw(group, "pbx stream")),
}
