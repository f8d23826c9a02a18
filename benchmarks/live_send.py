"""Sends SIP as fast as this machine can, or so many a second: `python -m benchmarks.live_send`.

Whole frames through a packet socket, a batch a system call (sendmmsg). Prints one JSON
object: how many were sent, in how many seconds. Numbers of the messages make every
transaction another one; they come from some thousand addresses.
"""

import argparse
import ctypes
import json
import os
import socket
import struct
import time

# Messages a system call.
BATCH = 64
# Frames that are made before; sent in turn.
FRAMES = 4096
_SOL_PACKET, _PACKET_QDISC_BYPASS = 263, 20


class _Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p), ("name_length", ctypes.c_uint),
        ("vectors", ctypes.c_void_p), ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int), ("sent", ctypes.c_uint),
    )  # fmt: skip


def frames(count: int = FRAMES) -> list[bytes]:
    """REGISTERs of as many phones, about 560 octets each, to a phone system that nobody is."""
    return [_frame(n) for n in range(count)]


def _frame(n: int) -> bytes:
    source = f"198.18.{n >> 8 & 255}.{n & 255}"
    lines = (
        "REGISTER sip:pbx.example.net SIP/2.0",
        f"Via: SIP/2.0/UDP {source}:5062;branch=z9hG4bK-{n:08x}-524287-1;rport",
        "Max-Forwards: 70",
        f"Contact: <sip:{1000 + n % 900}@{source}:5062;rinstance=a1b2c3d4e5f60718>",
        f'To: "Phone {1000 + n % 900}" <sip:{1000 + n % 900}@pbx.example.net>',
        f'From: "Phone {1000 + n % 900}" <sip:{1000 + n % 900}@pbx.example.net>;tag={n:08x}',
        f"Call-ID: {n:08x}NjY4OTQ3ZmJkZGY3@{source}",
        "CSeq: 1 REGISTER",
        "Expires: 3600",
        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO",
        "User-Agent: Phone of the bench 1.0",
        "Content-Length: 0",
    )
    sip = "\r\n".join((*lines, "", "")).encode()
    udp = struct.pack(">HHHH", 5062, 5060, 8 + len(sip), 0)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(sip), n & 0xFFFF, 0, 64, 17, 0)
    ends = socket.inet_aton(source) + socket.inet_aton("192.0.2.10")
    return b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip + ends + udp + sip


def send(interface: str, count: int, rate: float) -> dict[str, float]:
    """Send so many, so many a second (0: as fast as it goes)."""
    made = [ctypes.create_string_buffer(one, len(one)) for one in frames()]
    vectors = (_Vector * FRAMES)(*(_Vector(ctypes.addressof(one), len(one)) for one in made))
    batch = (_Message * FRAMES)()
    for n in range(FRAMES):
        batch[n].vectors = ctypes.addressof(vectors) + n * ctypes.sizeof(_Vector)
        batch[n].vector_count = 1
    call = ctypes.CDLL(None, use_errno=True).sendmmsg
    sent, size = 0, ctypes.sizeof(_Message)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind((interface, 0))
        out.setsockopt(_SOL_PACKET, _PACKET_QDISC_BYPASS, 1)
        began = time.perf_counter()
        while sent < count:
            if rate:
                due = began + sent / rate
                while time.perf_counter() < due:
                    pass
            at = sent % FRAMES
            wanted = min(BATCH, count - sent, FRAMES - at)
            place = ctypes.c_void_p(ctypes.addressof(batch) + at * size)
            done = call(out.fileno(), place, wanted, 0)
            if done < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            sent += done
        return {"sent": sent, "seconds": round(time.perf_counter() - began, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_send", description=__doc__)
    parser.add_argument("interface")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=0, help="a second; 0: as fast as it goes")
    given = parser.parse_args()
    print(json.dumps(send(given.interface, given.count, given.rate)))


if __name__ == "__main__":
    main()
