"""How many packets a second the rolling buffer takes: `python -m benchmarks.keep`.

Two loads: the calls of an office that are kept whole, and a flood of forged addresses,
none of which comes back, at ten times what there is room for. Times are of the processor,
so that a busy machine tells much the same.
"""

from __future__ import annotations

import random
import struct
import tempfile
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from time import perf_counter, process_time

from ringfence import flow
from ringfence.evidence.rolling import SECOND, RollingBuffer

PACKETS = 300_000
_OURS = "192.0.2.1"
_MESSAGE = (
    "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP {0}:5060;branch=z9hG4bK{1}\r\n"
    "From: <sip:{2}@192.0.2.1>;tag={1}\r\nTo: <sip:{2}@192.0.2.1>\r\nCall-ID: {1}@{0}\r\n"
    "CSeq: 1 REGISTER\r\nContact: <sip:{2}@{0}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


def records(sources: int) -> Iterator[bytes]:
    """Records of a pcap: requests of so many addresses, in turn."""
    yield struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
    draw = random.Random(1)
    target = ip_address(_OURS).packed
    for number in range(PACKETS):
        source = ip_address(0xCB000000 + draw.randrange(sources))
        octets = _MESSAGE.format(source, number, number % 400).encode()
        udp = struct.pack(">HHHH", 5060, 5060, 8 + len(octets), 0) + octets
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        packet = bytes(12) + b"\x08\0" + ip + source.packed + target + udp
        yield struct.pack("<IIII", number // 5000, 0, len(packet), len(packet)) + packet


def measure(path: Path, step_ns: int) -> str:
    """Decode alone, decode and keep; the difference is what keeping costs."""
    seconds = []
    for keep in (False, True):
        buffer = RollingBuffer(0x5EED)
        buffer.name_ours([_OURS])
        now_ns, longest = 0, 0.0
        began = process_time()
        for _, decoder, table in flow.read_messages([str(path)], keep_packets=True):
            now_ns += step_ns * len(table)
            if keep:
                begun = perf_counter()
                buffer.take(decoder, table, now_ns)
                longest = max(longest, perf_counter() - begun)
        seconds.append(process_time() - began)
    cost_us = (seconds[1] - seconds[0]) / PACKETS * 1e6
    filled = buffer.filled()
    return (
        f"{1e6 / cost_us:9,.0f} packets/s kept ({cost_us:.2f} us each), longest pause "
        f"{longest * 1000:.0f} ms, {filled.thinned:,} of {PACKETS:,} thinned"
    )


def main() -> None:
    """Print a line for each load."""
    loads = (("an office, 1,000/s", 400, SECOND // 1000), ("forged flood", 1 << 24, 1000))
    with tempfile.TemporaryDirectory() as folder:
        for name, sources, step_ns in loads:
            path = Path(folder) / "load.pcap"
            path.write_bytes(b"".join(records(sources)))
            print(f"{name:20} {measure(path, step_ns)}")


if __name__ == "__main__":
    main()
