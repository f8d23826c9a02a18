"""Listens until SIGINT, in one of three ways: `python -m benchmarks.live_read eth0 --way tally`.

ring: ringfence's interface, every message decoded; tally: each also charged to its
source, as detection does; libpcap: pcap_next_ex through ctypes, which is how Python programs
capture, without a look at what comes. Prints `listening`, and at the end one JSON
object: packets and messages seen, packets lost.
"""

import argparse
import ctypes
import ctypes.util
import json
import select
import signal
import struct
from collections.abc import Callable, Iterable

FILTER = "port 5060 or port 5061"
_PCAP_ERRBUF_SIZE = 256
_BUFFER_OCTETS = 32 * 1024 * 1024  # as much as ringfence's ring has


class Stop:
    """Whether SIGINT came."""

    def __init__(self) -> None:
        self.came = False
        signal.signal(signal.SIGINT, self._come)

    def _come(self, _number: int, _frame: object) -> None:
        self.came = True


def ring(interface: str, stop: Stop, look: Callable[[Iterable[object]], None]) -> dict[str, int]:
    """Ringfence's interface; `look` gets each table."""
    from ringfence.model.listening import Listening
    from ringfence.sources.interface import Interface

    messages = 0
    with Interface(Listening(interface)) as live:
        print("listening", flush=True)
        while not stop.came:
            for table in live.tables(0.2):
                messages += len(table)
                look((table,))
        heard = live.heard()
    return {"packets": heard.packets, "messages": messages, "lost": heard.lost}


def tally(interface: str, stop: Stop) -> dict[str, int]:
    """The same, and each message is charged to its source."""
    from ringfence.detect.watch import Watch
    from ringfence.wire.table import MessageTable

    watch = Watch(1024)

    def look(tables: Iterable[object]) -> None:
        for table in tables:
            assert isinstance(table, MessageTable)
            watch.take(table, 0)

    return ring(interface, stop, look)


def libpcap(interface: str, stop: Stop) -> dict[str, int]:
    """The same through ctypes and libpcap: each packet as bytes."""
    pcap = ctypes.CDLL(ctypes.util.find_library("pcap"))
    pcap.pcap_create.restype = ctypes.c_void_p
    error = ctypes.create_string_buffer(_PCAP_ERRBUF_SIZE)
    handle = ctypes.c_void_p(pcap.pcap_create(interface.encode(), error))
    pcap.pcap_set_snaplen(handle, 262_144)
    pcap.pcap_set_timeout(handle, 100)
    pcap.pcap_set_buffer_size(handle, _BUFFER_OCTETS)
    if pcap.pcap_activate(handle) < 0:
        raise SystemExit("libpcap cannot listen")
    program = ctypes.create_string_buffer(32)
    pcap.pcap_compile(handle, program, FILTER.encode(), 1, 0xFFFFFFFF)
    pcap.pcap_setfilter(handle, program)
    # Waiting in libpcap, no signal of ours would ever be heard.
    pcap.pcap_setnonblock(handle, 1, error)
    descriptor = pcap.pcap_get_selectable_fd(handle)
    print("listening", flush=True)
    head, octets = ctypes.c_void_p(), ctypes.c_void_p()
    packets = 0
    while not stop.came:
        if pcap.pcap_next_ex(handle, ctypes.byref(head), ctypes.byref(octets)) != 1:
            select.select([descriptor], [], [], 0.1)
            continue
        assert head.value is not None
        captured = ctypes.c_uint32.from_address(head.value + 16).value
        ctypes.string_at(octets, captured)
        packets += 1
    counts = ctypes.create_string_buffer(12)
    pcap.pcap_stats(handle, counts)
    _, lost, _ = struct.unpack("III", counts.raw)
    return {"packets": packets, "messages": 0, "lost": lost}


WAYS: dict[str, Callable[[str, Stop], dict[str, int]]] = {
    "ring": lambda interface, stop: ring(interface, stop, lambda _: None),
    "tally": tally,
    "libpcap": libpcap,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_read", description=__doc__)
    parser.add_argument("interface")
    parser.add_argument("--way", choices=WAYS, default="ring")
    given = parser.parse_args()
    print(json.dumps(WAYS[given.way](given.interface, Stop())), flush=True)


if __name__ == "__main__":
    main()
