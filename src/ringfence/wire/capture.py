"""What a capture file says of itself: format, byte order, clock, interfaces.

Sources: draft-ietf-opsawg-pcap (magic numbers), draft-ietf-opsawg-pcapng
(section and interface blocks). The packets themselves are walked by `_pcap.py`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from ringfence.wire._batch import MAX_INTERFACES, Batch
from ringfence.wire.errors import WireError

PCAP = "pcap"
PCAPNG = "pcapng"

SECTION_BLOCK = 0x0A0D0D0A
INTERFACE_BLOCK = 1
OLD_PACKET_BLOCK = 2
SIMPLE_BLOCK = 3
# The head of a file that `recognise` wants to see, in octets.
HEAD_OCTETS = 32
# A binary resolution finer than 2**-63 s does not fit the clock's arithmetic.
_MAX_BINARY_RESOLUTION = 63
_MAX_DECIMAL_RESOLUTION = 18

_MAGIC = {
    # magic as written: (byte order, fraction in ns, octets of a record header)
    b"\xd4\xc3\xb2\xa1": (0, 1000, 16),
    b"\xa1\xb2\xc3\xd4": (1, 1000, 16),
    b"\x4d\x3c\xb2\xa1": (0, 1, 16),
    b"\xa1\xb2\x3c\x4d": (1, 1, 16),
    b"\x34\xcd\xb2\xa1": (0, 1000, 24),  # "modified", Kuznetzov: eight octets more a record
    b"\xa1\xb2\xcd\x34": (1, 1000, 24),
}
_SAY_CONVERT = "convert it first: `editcap -F pcapng IN OUT` (Debian package wireshark-common)"
_REFUSED = (
    (b"GMBU", "a Microsoft Network Monitor capture", _SAY_CONVERT),
    (b"RTSS", "an old Microsoft Network Monitor capture", _SAY_CONVERT),
    (b"snoop\0\0\0", "a Solaris snoop capture", _SAY_CONVERT),
    (b"\xa1\xe2\xcb\x12", "an IXIA hardware capture", _SAY_CONVERT),
    (b"\x1c\x00\x01\xac", "an IXIA software capture", _SAY_CONVERT),
    (b"\x1c\x00\x01\xab", "an IXIA hardware capture", _SAY_CONVERT),
    (b"\xa1\x2b\x3c\x4d", "a Navtel capture", _SAY_CONVERT),
    (b"\x54\x52\x53\x4e\x49\x46\x46", "a Sniffer capture", _SAY_CONVERT),
    (b"XCP\0", "a NetXRay capture", _SAY_CONVERT),
    (b"BZh", "a bzip2 file", "unpack it first: `bunzip2 FILE`"),
    (b"PK\x03\x04", "a zip archive", "unpack it first: `unzip FILE`"),
    (b"SQLite format 3", "an SQLite database", "give the capture itself"),
)


@dataclass(frozen=True, slots=True)
class CaptureFormat:
    """How to walk a capture: its format, and how many octets its file header takes."""

    name: str
    header_octets: int


def recognise(head: bytes) -> CaptureFormat:
    """Format of a capture that begins with `head` (32 octets, less only if it is shorter).

    Raises WireError that says what else it is and what to do.
    """
    if not head:
        raise WireError(
            "the file is empty; was the capture stopped before a packet came?", offset=0
        )
    if head[:4] in _MAGIC:
        if len(head) < 24:
            raise WireError(
                "the pcap file header is cut off: 24 octets are needed", offset=len(head)
            )
        return CaptureFormat(PCAP, 24)
    if head[:4] == b"\x0a\x0d\x0d\x0a":
        return CaptureFormat(PCAPNG, 0)
    for magic, what, advice in _REFUSED:
        if head.startswith(magic):
            raise WireError(f"this is {what}; {advice}", offset=0)
    if _is_erf(head):
        raise WireError(f"this looks like an Endace ERF capture; {_SAY_CONVERT}", offset=0)
    if _is_text(head):
        raise WireError(
            "this is text, not a capture; if it is a log of the phone system, "
            "capture packets instead: `tcpdump -i any -s 0 -w attack.pcap port 5060`",
            offset=0,
        )
    raise WireError(
        f"not a capture file: it begins with {head[:8].hex(' ')}, which is neither pcap nor pcapng",
        offset=0,
    )


def _is_erf(head: bytes) -> bool:
    """ERF has no magic: a plausible first record (type, flags, lengths) is all there is."""
    if len(head) < 16:
        return False
    kind, _flags, record, _lost, wire = struct.unpack_from(">BBHHH", head, 8)
    seconds = int.from_bytes(head[4:8], "little")
    return (
        0 < kind & 0x7F < 48
        and 16 <= record <= 65535
        and wire > 0
        and 0x38000000 < seconds < 0xC0000000
    )


def _is_text(head: bytes) -> bool:
    """No control characters, and mostly ASCII, whatever the other letters are written in."""
    ascii_octets = sum(octet in b"\t\r\n" or 32 <= octet < 127 for octet in head)
    return ascii_octets + sum(octet > 127 for octet in head) == len(head) < 2 * ascii_octets


def read_pcap_header(batch: Batch, head: bytes) -> None:
    """Set the walker's fields from the 24 octets of a pcap file header."""
    batch.big_endian, batch.fraction_ns, batch.record_header = _MAGIC[head[:4]]
    order = ">" if batch.big_endian else "<"
    (network,) = struct.unpack_from(order + "I", head, 20)
    batch.link = network & 0x03FFFFFF  # the top bits tell of frame check sequences


def read_section(batch: Batch, block: bytes, position: int) -> int:
    """Start the section whose header block begins with `block` (12 octets at least).

    Returns the block's length. Raises WireError with the file offset.
    """
    if block[8:12] == b"\x4d\x3c\x2b\x1a":
        batch.big_endian = 0
    elif block[8:12] == b"\x1a\x2b\x3c\x4d":
        batch.big_endian = 1
    else:
        raise WireError("pcapng section header without a byte-order magic", offset=position)
    batch.interface_count = 0
    return int.from_bytes(block[4:8], "big" if batch.big_endian else "little")


def read_interface(batch: Batch, block: bytes, position: int) -> None:
    """Add the interface that a whole Interface Description Block describes."""
    if len(block) < 20:
        raise WireError(
            f"interface block of {len(block)} octets, 20 are the least", offset=position
        )
    if batch.interface_count >= MAX_INTERFACES:
        raise WireError(f"more than {MAX_INTERFACES} interfaces in one section", offset=position)
    order = ">" if batch.big_endian else "<"
    (link,) = struct.unpack_from(order + "H", block, 8)
    resolution, offset_s = _clock_options(block[16:-4], order)
    o = 4 * batch.interface_count
    kind, factor = _scale(resolution, position)
    for i, value in enumerate((link, kind, factor, offset_s * 1_000_000_000)):
        batch.interfaces[o + i] = value & 0xFFFFFFFFFFFFFFFF
    batch.interface_count += 1


def _clock_options(options: bytes, order: str) -> tuple[int, int]:
    """if_tsresol (option 9) and if_tsoffset (option 14) of an interface block."""
    resolution, offset_s = 6, 0
    o = 0
    while o + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, o)
        value = options[o + 4 : o + 4 + length]
        if code == 0:
            break
        if code == 9 and len(value) == 1:
            resolution = value[0]
        elif code == 14 and len(value) == 8:
            (offset_s,) = struct.unpack(order + "q", value)
        o += 4 + (length + 3) // 4 * 4
    return resolution, offset_s


def _scale(resolution: int, position: int) -> tuple[int, int]:
    """How `_timestamp` makes nanoseconds: 0 multiply, 1 divide, 2 shift; and by what."""
    if resolution & 0x80:
        exponent = resolution & 0x7F
        if exponent > _MAX_BINARY_RESOLUTION:
            raise WireError(f"interface clock resolution 2^-{exponent} s", offset=position)
        return 2, exponent
    if resolution > _MAX_DECIMAL_RESOLUTION:
        raise WireError(f"interface clock resolution 10^-{resolution} s", offset=position)
    if resolution <= 9:
        return 0, 10 ** (9 - resolution)
    return 1, 10 ** (resolution - 9)
