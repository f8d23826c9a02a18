"""What a drill sends: counted before it is sent, paced, each packet told. Nothing else sends.

A TCP connection is one packet where nobody answers, three where somebody does (ours: SYN,
ACK, RST), five with a request in it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from ringfence.model.drill import Sent

# In one drill, whatever happens; and a second, but for the burst of the attack tool.
MAX_PACKETS = 60
PAUSE_S = 0.5
BURST_PAUSE_S = 0.1
# Below the second after which the kernel would send the first packet again.
_CONNECT_S = 0.9
_MAX_OCTETS = 65_536
ANSWER, OPEN, REFUSED, SILENCE = "answer", "open", "refused", "silence"

Request = Callable[[str, int], bytes]


class SpentError(Exception):
    """As many packets as a drill may send were sent."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back."""

    kind: str  # of the words above
    octets: bytes = b""

    @property
    def is_answer(self) -> bool:
        """Whether somebody is there: a refusal is the machine's, not the phone system's."""
        return self.kind in (ANSWER, OPEN)


class Line:
    """From this machine to the phone system."""

    def __init__(
        self,
        source: str = "",
        tell: Callable[[Sent], object] = lambda _: None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`tell`: called once for each thing sent; `wait`: instead of sleeping."""
        self._source, self._tell = source, tell
        self._wait = wait or Event().wait
        self._free_at = float("-inf")
        self.sent: list[Sent] = []
        self.packets = 0

    def pause(self, seconds: float) -> None:
        """Do nothing."""
        self._wait(seconds)

    def ask(
        self, address: str, port: int, request: Request, what: str, *,
        wait_s: float = 1.0, burst: bool = False,
    ) -> Heard:  # fmt: skip
        """One datagram, made for the socket it leaves from, and the first answer."""
        self._take(1, BURST_PAUSE_S if burst else PAUSE_S)
        heard = Heard(SILENCE)
        with self._socket(address, socket.SOCK_DGRAM) as opened:
            try:
                opened.settimeout(wait_s)
                opened.connect((address, port))
                here = opened.getsockname()
                opened.send(request(here[0], here[1]))
                heard = Heard(ANSWER, opened.recv(_MAX_OCTETS))
            except TimeoutError:
                pass
            except OSError:  # refused by its machine, or no way there
                heard = Heard(REFUSED)
            finally:
                self._note(what, address, port, "UDP", 1, heard.kind)
        return heard

    def reach(self, address: str, port: int, what: str, request: Request | None = None) -> Heard:
        """A connection, and one request in it; it is cut off again at once."""
        most = 3 if request is None else 5
        self._take(most, PAUSE_S)
        heard, packets = Heard(SILENCE), 1
        with self._socket(address, socket.SOCK_STREAM) as opened:
            try:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                opened.settimeout(_CONNECT_S)
                opened.connect((address, port))
                heard, packets = Heard(OPEN), most
                if request is not None:
                    here = opened.getsockname()
                    opened.sendall(request(here[0], here[1]))
                    if octets := opened.recv(_MAX_OCTETS):
                        heard = Heard(ANSWER, octets)
            except TimeoutError:
                pass
            except OSError:
                heard = heard if packets > 1 else Heard(REFUSED)
            finally:
                self.packets -= most - packets
                self._free_at -= PAUSE_S * (most - packets)
                self._note(what, address, port, "TCP", packets, heard.kind)
        return heard

    def _socket(self, address: str, kind: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        opened = socket.socket(family, kind)
        if self._source and (":" in self._source) == (":" in address):
            try:
                opened.bind((self._source, 0))
            except OSError:
                opened.close()
                raise
        return opened

    def _take(self, packets: int, pause_s: float) -> None:
        if self.packets + packets > MAX_PACKETS:
            raise SpentError
        left = self._free_at - time.monotonic()
        if left > 0:
            self._wait(left)
        self._free_at = time.monotonic() + pause_s * packets
        self.packets += packets

    def _note(
        self, what: str, address: str, port: int, transport: str, packets: int, heard: str
    ) -> None:
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        sent = Sent(at, what, address, port, transport, packets, heard)
        self.sent.append(sent)
        self._tell(sent)


def is_own(address: str) -> bool:
    """Whether it is an address of this machine (or namespace): the kernel says, unsent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as opened:
        try:
            opened.connect((address, 9))  # a datagram socket: no packet
        except OSError:
            return False
        return str(opened.getsockname()[0]) == address
