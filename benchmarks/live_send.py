"""Sends SIP as fast as this machine can, or so many a second: `python -m benchmarks.live_send`.

How it works: 64 messages of one length go to the kernel in one call (UDP_SEGMENT, udp(7)),
which takes them apart for the wire: a call for each would take most of the time. Numbers of
the messages make every transaction another one; they come from some hundred addresses. The
interface needs `gso_max_segs 1`, or the other side gets them in one piece. Prints one JSON
object: how many were sent, in how many seconds.
"""

import argparse
import json
import socket
import time
from itertools import cycle

PBX = "192.0.2.10"
# Whose addresses the senders have; all of them are this machine's (`local` route).
NETWORK = "198.18.0.0/16"
SOURCES = 256
# Messages a system call: as many as the kernel takes.
BATCH = 64
_UDP_SEGMENT = 103
_PORT = 5062


def messages(source: int, count: int = BATCH) -> list[bytes]:
    """REGISTERs of phones at one address, some 530 octets each."""
    address = _address(source)
    return [_message(address, source * BATCH + n) for n in range(count)]


def _address(source: int) -> str:
    return f"198.18.{100 + source // 100}.{100 + source % 100}"  # all of one length


def _message(address: str, n: int) -> bytes:
    user = 1000 + n % 900
    return "\r\n".join((
        "REGISTER sip:pbx.example.net SIP/2.0",
        f"Via: SIP/2.0/UDP {address}:{_PORT};branch=z9hG4bK-{n:08x}-524287-1;rport",
        "Max-Forwards: 70",
        f"Contact: <sip:{user}@{address}:{_PORT};rinstance=a1b2c3d4e5f60718>",
        f'To: "Phone {user}" <sip:{user}@pbx.example.net>',
        f'From: "Phone {user}" <sip:{user}@pbx.example.net>;tag={n:08x}',
        f"Call-ID: {n:08x}NjY4OTQ3ZmJkZGY3@{address}",
        "CSeq: 1 REGISTER",
        "Expires: 3600",
        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO",
        "User-Agent: Phone of the bench 1.0",
        "Content-Length: 0",
        "", "",
    )).encode()  # fmt: skip


def send(count: int, rate: float) -> dict[str, float]:
    """Send so many, so many a second (0: as fast as it goes)."""
    pieces = [b"".join(messages(source)) for source in range(SOURCES)]
    size = len(pieces[0]) // BATCH
    opened = [_socket(_address(source), size) for source in range(SOURCES)]
    sent = 0
    began = time.perf_counter()
    for out, octets in cycle(zip(opened, pieces, strict=True)):
        if sent >= count:
            break
        if rate:
            due = began + sent / rate
            while time.perf_counter() < due:
                pass
        wanted = min(BATCH, count - sent)
        out.send(octets[: wanted * size])
        sent += wanted
    seconds = time.perf_counter() - began
    for out in opened:
        out.close()
    return {"sent": sent, "seconds": round(seconds, 4)}


def _socket(address: str, size: int) -> socket.socket:
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind((address, _PORT))
    out.connect((PBX, 5060))
    out.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, size)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_send", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=0, help="a second; 0: as fast as it goes")
    given = parser.parse_args()
    print(json.dumps(send(given.count, given.rate)))


if __name__ == "__main__":
    main()
