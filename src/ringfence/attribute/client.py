"""HTTP to registries: bounded in octets, time and redirects; connects only where it may.

How it works: each hop is one question of its own. Its address passes the doors, its
name is resolved once and checked, and the connection goes to that very address, with
the name in the Host header and in TLS. One deadline holds for all of a hop, also for
a server that sends an octet now and then.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin

from ringfence import __version__
from ringfence.attribute.doors import Doors, Resolve, Target, resolve
from ringfence.attribute.errors import (
    AttributionError,
    BadAnswerError,
    ForbiddenError,
    NotRegisteredError,
    PausedError,
    SilentError,
    StumbledError,
)
from ringfence.attribute.pacing import Clock, Pacer, pause_of
from ringfence.model.text import shown

if TYPE_CHECKING:
    import ssl

    import httpx

# The fullest answer seen has 98 kB.
MAX_OCTETS = 2 * 1024 * 1024
MAX_REDIRECTS = 5
TIMEOUT_S = 20.0
# A short Retry-After is waited for, once; for a longer one another source is asked.
MAX_WAIT_S = 15.0
ACCEPT = "application/rdap+json, application/json;q=0.8"
_REDIRECTS = (301, 302, 303, 307, 308)
_PACKED = ("gzip", "x-gzip", "deflate")


class Pauses(Protocol):
    """Who wants to be left alone until when, over all runs."""

    def paused_s(self, host: str) -> float:
        """Seconds that are left of its pause; 0 when there is none."""

    def pause(self, host: str, seconds: float) -> None:
        """Leave it alone for so long."""


@dataclass(frozen=True, slots=True)
class Body:
    """An answer: its octets, and who gave it in the end."""

    octets: bytes
    host: str
    url: str


class Asking(Protocol):
    """What answers questions: `HttpClient`, or in an exercise `playback.Playback`."""

    def get(self, url: str, accept: str = ACCEPT, /) -> Body:
        """The answer. Raises AttributionError of the sort that fits."""


@dataclass(slots=True)
class _Reply:
    status: int
    headers: dict[str, str]
    octets: bytes


@dataclass(slots=True)
class HttpClient:
    """Asks one question at a time, and keeps nothing of the one before but the manners."""

    doors: Doors
    pauses: Pauses
    clock: Clock = field(default_factory=Clock)
    pacer: Pacer | None = None
    resolve: Resolve = resolve
    timeout_s: float = TIMEOUT_S
    max_octets: int = MAX_OCTETS
    _tls: ssl.SSLContext | None = None

    def get(self, url: str, accept: str = ACCEPT) -> Body:
        """The answer, redirects followed. Raises AttributionError of the sort that fits."""
        for _ in range(MAX_REDIRECTS + 1):
            target = self.doors.check(url)
            reply = self._patiently(target, accept)
            if reply.status not in _REDIRECTS:
                return Body(reply.octets, target.host, url)
            place = reply.headers.get("location", "")
            if not place:
                raise BadAnswerError(f"{target.host} redirects to nowhere")
            try:
                here = f"{target.scheme}://{target.authority}{target.path}"
                url = urljoin(here, place)
            except ValueError as error:
                raise ForbiddenError(f"{target.host} redirects to no address") from error
        raise BadAnswerError(f"more than {MAX_REDIRECTS} redirects, the last to {shown(url[:100])}")

    def _patiently(self, target: Target, accept: str) -> _Reply:
        """One hop; a server that stumbles or asks for a moment is asked once more."""
        try:
            return self._hop(target, accept)
        except PausedError as error:
            if error.pause_s > MAX_WAIT_S:
                self.pauses.pause(target.host, error.pause_s)
                raise
            self.clock.wait(error.pause_s)
        except StumbledError:
            pass
        try:
            return self._hop(target, accept)
        except PausedError as error:
            self.pauses.pause(target.host, error.pause_s)
            raise

    def _hop(self, target: Target, accept: str) -> _Reply:
        left = self.pauses.paused_s(target.host)
        if left > 0:
            raise PausedError(f"{target.host} is left alone for another {left:.0f} s", left)
        if self.pacer is None:
            self.pacer = Pacer(self.clock)
        addresses = self.doors.addresses(target, self.resolve)
        self.pacer.turn(target.host)
        reply = self._ask(target, addresses, accept)
        self._refuse(target, reply)
        return reply

    def _refuse(self, target: Target, reply: _Reply) -> None:
        status, host = reply.status, target.host
        if status in (200, *_REDIRECTS):
            return
        if status in (404, 410):
            raise NotRegisteredError(f"{host} knows no such object")
        if status in (403, 422, 429) or (status == 503 and "retry-after" in reply.headers):
            pause_s = pause_of(reply.headers.get("retry-after"), self.clock.now())
            raise PausedError(f"{host} answered {status}: it wants fewer questions", pause_s)
        if status >= 500:
            raise StumbledError(f"{host} answered {status}: it is out of order")
        raise BadAnswerError(f"{host} answered {status}")

    def _ask(self, target: Target, addresses: list[str], accept: str) -> _Reply:
        import httpx

        if self._tls is None:
            self._tls = httpx.create_ssl_context()
        try:
            return asyncio.run(self._within_time(target, addresses, accept))
        except TimeoutError as error:
            raise SilentError(f"{target.host} took longer than {self.timeout_s:g} s") from error
        except AttributionError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            reason = shown(str(error) or type(error).__name__)[:200]
            raise StumbledError(f"{target.host}: no answer ({reason})") from error

    async def _within_time(self, target: Target, addresses: list[str], accept: str) -> _Reply:
        import httpx

        async with (
            asyncio.timeout(self.timeout_s),
            httpx.AsyncClient(verify=self._tls or True, trust_env=False, timeout=None) as client,  # noqa: S113  one deadline for all of it
        ):
            for number, address in enumerate(addresses, 1):
                try:
                    return await self._exchange(client, target, address, accept)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if number == len(addresses):
                        raise
        raise SilentError(f"{target.host} has no address")

    async def _exchange(
        self, client: httpx.AsyncClient, target: Target, address: str, accept: str
    ) -> _Reply:
        literal = f"[{address}]" if ":" in address else address
        request = client.build_request(
            "GET",
            f"{target.scheme}://{literal}:{target.port}{target.path}",
            headers={
                "Host": target.authority,
                "Accept": accept,
                "Accept-Encoding": "identity",
                "User-Agent": f"ringfence/{__version__}",
                "Connection": "close",
            },
            extensions={"sni_hostname": target.host, "timeout": {"connect": self.timeout_s / 3}},
        )
        response = await client.send(request, stream=True, follow_redirects=False)
        try:
            octets = b""
            if response.status_code == 200:  # the rest speaks by its status alone
                octets = await self._read(response, target)
        finally:
            await response.aclose()
        headers = {k.lower(): v[:4000] for k, v in response.headers.items()}
        return _Reply(response.status_code, headers, octets)

    async def _read(self, response: httpx.Response, target: Target) -> bytes:
        pieces: list[bytes] = []
        size = 0
        async for piece in response.aiter_raw():
            size += len(piece)
            if size > self.max_octets:
                raise BadAnswerError(f"{target.host} sent more than {self.max_octets:,} octets")
            pieces.append(piece)
        octets = b"".join(pieces)
        packed = response.headers.get("content-encoding", "").strip().lower()
        return self._unpacked(octets, target) if packed in _PACKED else octets

    def _unpacked(self, octets: bytes, target: Target) -> bytes:
        """Some servers pack although nobody asked; a bomb needs no more room than the bound."""
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            plain = unpack.decompress(octets, self.max_octets)
        except zlib.error as error:
            raise BadAnswerError(f"{target.host} sent broken gzip") from error
        if unpack.unconsumed_tail:
            raise BadAnswerError(f"{target.host} sent more than {self.max_octets:,} octets")
        return plain
