"""The page of the door over HTTP: one request a connection, all of it bounded, no rights at all.

    listener ─▶ so many at once, so many of one address ─▶ TLS within 5 s ─▶ head ≤ 4 KiB
             ─▶ whose address is it ─▶ so many questions a minute ─▶ GET: the page; POST: opens

What a request says is never echoed but for the address that it came from, made anew. Scanners
that follow links in mails send GET or HEAD; these use nothing and open nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_network

from ringfence.model.door import Answer, DoorError
from ringfence.model.endpoint import Address, plain_address
from ringfence.remote import door_page
from ringfence.remote.door import TOKEN_LETTERS
from ringfence.remote.door_address import admissible

MAX_CONNECTIONS = 64
MAX_OF_ONE = 4
MAX_HEAD = 4096
MAX_BODY = 1024
MAX_HEADERS = 64
HANDSHAKE_S = 5.0
TIMEOUT_S = 10.0
# Questions of one address (of IPv6 one /64) a minute: a person needs three.
MAX_QUESTIONS = 12
_MINUTE_S = 60.0
# Addresses whose questions are counted. Oldest first out: who has more than these to send from
# gains questions, and each is still a guess of 128 bits.
MAX_ASKING = 4096
_TOKEN_PATH = re.compile(rf"/door/([A-Za-z0-9_-]{{{TOKEN_LETTERS}}})", re.ASCII)
_START = re.compile(r"([A-Z]{3,7}) (/[!-~]*) HTTP/1\.[01]", re.ASCII)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")
_REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    411: "Length Required", 413: "Content Too Large", 429: "Too Many Requests",
    503: "Service Unavailable",
}  # fmt: skip
_TEXTS = {
    400: "This request could not be understood", 403: "This request may not be made",
    404: "There is nothing here", 405: "This cannot be done here",
    411: "This request has no length", 413: "This request is too large",
    429: "Too many questions: wait a minute",
    503: "The door cannot be opened now",
}  # fmt: skip

_AT_HOME = (
    "Your address is a private or reserved one: you are in the office's own network, or the page "
    "is behind a proxy that --behind does not name"
)

LOOK, OPEN = "look", "open"
Ask = Callable[[str, str, str], Answer]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as far as it matters."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]

    def all_of(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]


class _RefusedError(Exception):
    """A request that gets a status and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class DoorServer:
    """A page on a socket that listens. `ask` may raise DoorError, and may take its time."""

    def __init__(
        self,
        listening: socket.socket,
        ask: Ask,
        tls: ssl.SSLContext | None = None,
        behind: Address | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises DoorError where passwords of doors would cross a network in the clear."""
        own = plain_address(str(listening.getsockname()[0]).partition("%")[0])
        if tls is None and (behind is None or own is None or not own.is_loopback):
            raise DoorError(
                "without a certificate the page is served on loopback only, behind a proxy that "
                "has one: --behind 127.0.0.1 --listen 127.0.0.1:8080"
            )
        self._listening, self._ask, self._tls, self._behind = listening, ask, tls, behind
        self._clock = clock
        self._talks: set[asyncio.Task[None]] = set()
        self._of_one: Counter[str] = Counter()
        self._asked: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._asking = ThreadPoolExecutor(1, "door")

    async def serve(self) -> None:
        """Answer until cancelled."""
        loop = asyncio.get_running_loop()
        self._listening.setblocking(False)  # noqa: FBT003  its only argument
        try:
            while True:
                try:
                    connection, peer = await loop.sock_accept(self._listening)
                except OSError:  # it hung up already, or there is no descriptor left
                    await asyncio.sleep(0.05)
                    continue
                self._take(connection, plain_address(str(peer[0])))
        finally:
            for talk in tuple(self._talks):
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)
            self._asking.shutdown(wait=False, cancel_futures=True)

    def _take(self, connection: socket.socket, peer: Address | None) -> None:
        """Before a handshake costs anything."""
        who = "" if peer is None else group_of(peer)
        most = MAX_CONNECTIONS if peer == self._behind else MAX_OF_ONE
        if peer is None or len(self._talks) >= MAX_CONNECTIONS or self._of_one[who] >= most:
            connection.close()
            return
        self._of_one[who] += 1
        talk = asyncio.create_task(self._talk(connection, peer))
        self._talks.add(talk)
        talk.add_done_callback(lambda done: self._leave(done, who))

    def _leave(self, talk: asyncio.Task[None], who: str) -> None:
        self._talks.discard(talk)
        self._of_one[who] -= 1
        if self._of_one[who] <= 0:
            del self._of_one[who]

    async def _talk(self, connection: socket.socket, peer: Address) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=MAX_HEAD)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport: asyncio.BaseTransport | None = None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                transport, _ = await loop.connect_accepted_socket(
                    lambda: protocol, connection, ssl=self._tls,
                    ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
                    ssl_shutdown_timeout=1.0 if self._tls else None,
                )  # fmt: skip
                writer = asyncio.StreamWriter(transport, protocol, reader, loop)
                writer.write(await self._answer(reader, peer))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (TimeoutError, OSError, EOFError):
            pass  # its own fault, and it may ask again
        finally:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
            with contextlib.suppress(OSError):
                connection.close() if transport is None else None

    async def _answer(self, reader: asyncio.StreamReader, peer: Address) -> bytes:
        method = "GET"
        try:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                raise _RefusedError(413) from None
            request = request_of(head[:-4])
            method = request.method
            length = body_length(request)
            address = client_of(request, peer, self._behind)
            if self._is_too_often(address):
                raise _RefusedError(429)
            await reader.readexactly(length)
            status, page = await self._page(request, address)
        except _RefusedError as error:
            status, page = error.status, door_page.refuses(_TEXTS[error.status])
        return response(status, page, with_body=method != "HEAD")

    async def _page(self, request: Request, address: Address) -> tuple[int, str]:
        if request.method not in ("GET", "HEAD", "POST"):
            raise _RefusedError(405)
        path = _TOKEN_PATH.fullmatch(request.path)
        if path is None:
            raise _RefusedError(404)
        opens = request.method == "POST"
        if opens and not set(request.all_of("sec-fetch-site")) <= {"same-origin", "none"}:
            raise _RefusedError(403)
        try:
            text = str(admissible(str(address)))
        except DoorError:
            return 403, door_page.refuses(_AT_HOME)
        try:
            word = OPEN if opens else LOOK
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._asking, self._ask, word, path[1], text)
        except DoorError:
            raise _RefusedError(503) from None
        if answer.why:
            return 404, door_page.refuses(answer.why)
        return 200, door_page.opens(answer) if opens else door_page.asks(answer)

    def _is_too_often(self, address: Address) -> bool:
        who, now = group_of(address), self._clock()
        since, times = self._asked.pop(who, (now, 0))
        if now - since >= _MINUTE_S:
            since, times = now, 0
        self._asked[who] = (since, min(times + 1, MAX_QUESTIONS + 1))
        if len(self._asked) > MAX_ASKING:
            self._asked.popitem(last=False)
        return times >= MAX_QUESTIONS


def request_of(head: bytes) -> Request:
    """A head without its empty line. Raises for whatever two readers could read otherwise."""
    start, *lines = head.decode("latin-1").split("\r\n")
    first = _START.fullmatch(start)
    found = [_HEADER.fullmatch(line) for line in lines]
    if first is None or len(found) > MAX_HEADERS or not all(found):
        raise _RefusedError(400)
    headers = tuple((one[1].lower(), one[2].strip()) for one in found if one)
    return Request(first[1], first[2], headers)


def body_length(request: Request) -> int:
    """How many octets follow."""
    lengths = request.all_of("content-length")
    if len(lengths) > 1 or request.all_of("transfer-encoding"):
        raise _RefusedError(400)
    if not lengths:
        if request.method == "POST":
            raise _RefusedError(411)
        return 0
    if not (lengths[0].isascii() and lengths[0].isdigit()):
        raise _RefusedError(400)
    if len(lengths[0]) > 8 or int(lengths[0]) > MAX_BODY:
        raise _RefusedError(413)
    return int(lengths[0])


def client_of(request: Request, peer: Address, behind: Address | None) -> Address:
    """Who asks: the other end, or whom the one proxy that is believed heard last."""
    if behind is None or peer != behind:
        return peer
    said = ",".join(request.all_of("x-forwarded-for")).rpartition(",")[2].strip()
    address = plain_address(said)
    if address is None:
        raise _RefusedError(400)
    return address


def group_of(address: Address) -> str:
    """Who is counted together: one address; of IPv6 the network of one customer."""
    if address.version == 4:
        return str(address)
    return str(ip_network((int(address) >> 64 << 64, 64)))


def response(status: int, page: str, *, with_body: bool = True) -> bytes:
    """All octets of an answer. Nothing in its head comes from the request."""
    octets = page.encode()
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", "Content-Type: text/html; charset=utf-8"]
    lines += [f"Content-Length: {len(octets)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in door_page.HEADERS]
    lines.append("Strict-Transport-Security: max-age=31536000")
    head = "\r\n".join([*lines, "", ""]).encode("ascii")
    return head + octets if with_body else head
