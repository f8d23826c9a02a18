"""SIP as the lab's own phones need it: split a message, keep its headers, open a link."""

import asyncio
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lab.namespaces import World

_TAG: Final = re.compile(r";\s*tag=([^;>\s]+)")
_ADDRESS: Final = re.compile(r"<([^>]+)>")
_COMPACT: Final = {"v": "via", "f": "from", "t": "to", "i": "call-id", "l": "content-length"}


@dataclass(frozen=True, slots=True)
class Received:
    """One message that came in: start line, headers in order, body."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def status(self) -> int:
        """The status of a response; 0 for a request."""
        return int(self.start.split(" ", 2)[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """The method of a request or of the request a response answers."""
        return self.get("cseq").split()[-1] if self.status else self.start.split(" ", 1)[0]

    def get(self, name: str) -> str:
        """The first header called `name`; empty when there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def every(self, name: str) -> list[str]:
        """All headers called `name`, in order."""
        return [value for key, value in self.headers if key == name]

    @property
    def branch(self) -> str:
        """The branch of the topmost Via."""
        return self.get("via").partition("branch=")[2].partition(";")[0].strip()

    def tag(self, side: str) -> str:
        """The tag of `from` or `to`; empty without one."""
        found = _TAG.search(self.get(side))
        return found[1] if found else ""

    def uri(self, header: str) -> str:
        """The address between angle brackets of `header`."""
        found = _ADDRESS.search(self.get(header))
        return found[1] if found else ""


def split(octets: bytes) -> Received:
    """A whole SIP message taken apart."""
    head, _, body = octets.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        headers.append((_COMPACT.get(key, key), value.strip()))
    return Received(start, tuple(headers), body)


class Link:
    """A phone's UDP socket or TCP connection to the server."""

    def __init__(self, received: Callable[[Received], None]) -> None:
        self._received = received
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._server = ("", 0)
        self.local = ("", 0)
        self.transport = "UDP"

    async def open(
        self, world: World, host: str, local: tuple[str, int], server: tuple[str, int], tcp: bool
    ) -> None:
        """Bind to `local`, connect when TCP, and start to listen."""
        kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
        self._socket = world.socket_in(host, *local, kind)
        self._server = server
        self.transport = "TCP" if tcp else "UDP"
        if tcp:
            await asyncio.get_running_loop().sock_connect(self._socket, server)
        self.local = self._socket.getsockname()[:2]
        self._task = asyncio.create_task(self._listen_tcp() if tcp else self._listen_udp())

    def send(self, octets: bytes) -> None:
        """Send one message to the server."""
        if self._socket is None:
            return
        if self.transport == "TCP":
            self._socket.send(octets)
        else:
            self._socket.sendto(octets, self._server)

    async def close(self) -> None:
        """Stop listening and close."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def _listen_udp(self) -> None:
        loop = asyncio.get_running_loop()
        assert self._socket is not None
        while True:
            octets = await loop.sock_recv(self._socket, 65535)
            if octets.strip():
                self._received(split(octets))

    async def _listen_tcp(self) -> None:
        loop = asyncio.get_running_loop()
        assert self._socket is not None
        held = b""
        while octets := await loop.sock_recv(self._socket, 65535):
            held += octets
            while (whole := _first_length(held)) and len(held) >= whole:
                self._received(split(held[:whole]))
                held = held[whole:].lstrip(b"\r\n")


def _first_length(held: bytes) -> int:
    """Octets of the first message in `held`, by its Content-Length; 0 if not known yet."""
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return 0
    found = re.search(rb"\r\nContent-Length\s*:\s*(\d+)", held[: end + 2], re.IGNORECASE)
    return end + 4 + (int(found[1]) if found else 0)
