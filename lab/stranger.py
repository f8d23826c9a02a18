"""Somebody who sends what he likes: text by text over UDP or TCP."""

import asyncio
import socket
from collections.abc import Sequence

from lab.addresses import PBX, SIP_PORT
from lab.namespaces import World


async def say(
    world: World, host: str, source: tuple[str, int], texts: Sequence[bytes], *, pause_s: float
) -> int:
    """Send each text as one datagram from `source`; how many answers came back."""
    speaker = world.socket_in(host, *source, socket.SOCK_DGRAM)
    answers = 0
    try:
        for text in texts:
            speaker.sendto(text, (PBX, SIP_PORT))
            await asyncio.sleep(pause_s)
            while True:
                try:
                    speaker.recv(65535)
                    answers += 1
                except BlockingIOError:
                    break
    finally:
        speaker.close()
    return answers
