"""Metrics and health over HTTP, on this machine only: `/metrics` and `/health`.

How it works: an event loop in a thread of its own, one answer a connection. It reads a
bounded head within a bounded time, never a body, and answers what it was given to say.
It listens on loopback alone, and only to requests that name loopback: a web page that the
owner looks at cannot read it by giving its own name this address (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Self

from ringfence.flow.metrics import CONTENT_TYPE

MAX_HEAD = 8192
MAX_CONNECTIONS = 16
TIMEOUT_S = 5.0
_START_S = 10.0
_PLAIN = "text/plain; charset=utf-8"
_REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip
_Answer = tuple[int, str, str]


class MetricsPort:
    """A port that tells numbers to who asks. `stop` it, or use it in a with statement."""

    def __init__(
        self,
        text: Callable[[], str],
        health: Callable[[], list[str]],
        port: int,
        host: str = "127.0.0.1",
    ) -> None:
        """`health`: what is wrong, nothing where all is well; both are asked in another thread.

        Raises ValueError for an address that others can reach, OSError where it is taken.
        """
        if not ip_address(host).is_loopback:
            raise ValueError(f"{host}: metrics are told on this machine only")
        self._text, self._health = text, health
        self._talks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()
        try:
            started = asyncio.run_coroutine_threadsafe(self._start(host, port), self._loop)
            self._server = started.result(_START_S)
        except BaseException:
            self._end()
            raise
        self.port: int = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close the port; connections that wait for an answer are cut."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_START_S)
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)
        self._loop.close()

    async def _start(self, host: str, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._serve, host, port, limit=MAX_HEAD)

    async def _close(self) -> None:
        self._server.close()
        await self._settle()  # what was just accepted becomes a talk
        waiting = tuple(self._talks)
        for talk in waiting:
            talk.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await self._settle()  # their sockets close

    @staticmethod
    async def _settle() -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None  # noqa: S101  a stream's own task calls this
        self._talks.add(talk)
        try:
            if len(self._talks) <= MAX_CONNECTIONS:
                async with asyncio.timeout(TIMEOUT_S):
                    await self._talk(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # it is its own fault, and it asks again
        finally:
            self._talks.discard(talk)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status, kind, text = self._answer(head)
        octets = text.encode()
        start = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(octets)}\r\nConnection: close\r\n"
            "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n"
        )
        body = b"" if head.startswith(b"HEAD ") else octets
        writer.write(start.encode("ascii") + body)
        await writer.drain()

    def _answer(self, head: bytes) -> _Answer:
        start, *headers = head.decode("latin-1").split("\r\n")
        method, _, rest = start.partition(" ")
        path, _, version = rest.partition(" ")
        if not version.startswith("HTTP/1."):
            return 400, _PLAIN, "HTTP/1.1 only\n"
        if method not in ("GET", "HEAD"):
            return 405, _PLAIN, "GET only\n"
        if not all(_is_here(line) for line in headers if line.lower().startswith("host:")):
            return 403, _PLAIN, "ask for 127.0.0.1 or localhost\n"
        try:
            return self._page(path.partition("?")[0])
        except Exception as error:  # noqa: BLE001  whatever is asked may be going down
            return 500, _PLAIN, f"{type(error).__name__}\n"

    def _page(self, path: str) -> _Answer:
        if path == "/metrics":
            return 200, CONTENT_TYPE, self._text()
        if path == "/health":
            wrong = self._health()
            return (
                (503, _PLAIN, "".join(f"{w}\n" for w in wrong)) if wrong else (200, _PLAIN, "ok\n")
            )
        return 404, _PLAIN, "/metrics and /health\n"


def _is_here(header: str) -> bool:
    """Whether a Host header names this machine itself."""
    host = header.partition(":")[2].strip()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name.lower() == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ip_address(name).is_loopback
    return False
