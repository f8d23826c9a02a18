"""Sound of the lab's calls: G.711 packets between two addresses."""

import asyncio
import math
import re
import socket
import struct
from random import Random
from typing import Final

from lab.namespaces import World

PACKET_S: Final = 0.02
_SAMPLES: Final = 160
_CONNECTION: Final = re.compile(r"^c=IN IP[46] (\S+)", re.MULTILINE)
_AUDIO: Final = re.compile(r"^m=audio (\d+)", re.MULTILINE)


def offer(address: str, port: int, codecs: tuple[int, ...], direction: str = "sendrecv") -> str:
    """An SDP body for one audio stream at `address`:`port`."""
    family = "IP6" if ":" in address else "IP4"
    names = {
        0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000", 18: "G729/8000", 3: "GSM/8000",
        2: "G726-32/8000", 101: "telephone-event/8000", 127: "telephone-event/8000",
    }  # fmt: skip
    lines = [
        "v=0", f"o=- {port} {port} IN {family} {address}", "s=-", f"c=IN {family} {address}",
        "t=0 0", f"m=audio {port} RTP/AVP {' '.join(map(str, codecs))}",
        *(f"a=rtpmap:{codec} {names[codec]}" for codec in codecs), f"a={direction}",
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n"


def audio_of(body: str) -> tuple[str, int] | None:
    """Address and port of the audio stream in an SDP body; None without one."""
    connection, audio = _CONNECTION.search(body), _AUDIO.search(body)
    if connection is None or audio is None or audio[1] == "0":
        return None
    return connection[1], int(audio[1])


def tone(at: int) -> bytes:
    """20 ms of a 440 Hz tone in mu-law, from packet number `at`."""
    return bytes(
        _mu_law(int(6000 * math.sin(2 * math.pi * 440 * (at * _SAMPLES + n) / 8000)))
        for n in range(_SAMPLES)
    )


def _mu_law(sample: int) -> int:
    """One linear sample as mu-law (ITU-T G.711)."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 0x0F) & 0xFF


# The tone repeats after 50 ms * 8 = 400 samples; five packets are enough.
_PACKETS: Final = tuple(tone(n) for n in range(5))


class Voice:
    """One party's media port: it speaks to wherever the other party's SDP says."""

    def __init__(self, world: World, host: str, address: str, port: int, rng: Random) -> None:
        self.address, self.port = address, port
        self._socket = world.socket_in(host, address, port, socket.SOCK_DGRAM)
        self._head = (rng.randrange(1 << 15), rng.randrange(1 << 31), rng.randrange(1 << 32))
        self._speaking: asyncio.Task[None] | None = None

    def speak_to(self, target: tuple[str, int]) -> None:
        """Send to `target` until `close`."""
        if self._speaking is not None:
            self._speaking.cancel()
        self._speaking = asyncio.create_task(self._speak(target))

    def close(self) -> None:
        """Fall silent."""
        if self._speaking is not None:
            self._speaking.cancel()
        self._socket.close()

    async def _speak(self, target: tuple[str, int]) -> None:
        sequence, stamp, source = self._head
        loop = asyncio.get_running_loop()
        begin, number = loop.time(), 0
        while True:
            head = struct.pack(
                ">BBHII", 0x80, 0, sequence + number & 0xFFFF, stamp + number * _SAMPLES, source
            )
            self._socket.sendto(head + _PACKETS[number % len(_PACKETS)], target)
            number += 1
            await asyncio.sleep(max(0.0, begin + number * PACKET_S - loop.time()))
