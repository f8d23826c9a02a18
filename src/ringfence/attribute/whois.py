"""WHOIS (RFC 3912, port 43): one line out, a text back, bounded in octets and time."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from ringfence.attribute.client import Pauses
from ringfence.attribute.doors import Doors, Resolve, resolve
from ringfence.attribute.errors import BadAnswerError, PausedError, SilentError
from ringfence.attribute.pacing import Clock, Pacer
from ringfence.attribute.registries import Registry, registry_of_host
from ringfence.attribute.special import IP
from ringfence.attribute.whois_answer import WhoisAnswer, read_whois
from ringfence.model.text import shown

MAX_OCTETS = 512 * 1024
TIMEOUT_S = 15.0
# Handles of contacts that are asked for after the network itself.
MAX_HANDLES = 2


@dataclass(slots=True)
class WhoisClient:
    """Asks WHOIS servers of registries; `servers` puts others in their place, for tests."""

    doors: Doors
    pauses: Pauses
    clock: Clock = field(default_factory=Clock)
    pacer: Pacer | None = None
    resolve: Resolve = resolve
    servers: dict[str, tuple[str, int]] = field(default_factory=dict)
    timeout_s: float = TIMEOUT_S
    max_octets: int = MAX_OCTETS

    def look_up(self, address: IP, registry: Registry) -> WhoisAnswer:
        """What the registry's server says; one referral is followed. Raises AttributionError."""
        host, port = self._server(registry)
        try:
            return self._look_up(address, registry, host, port)
        except PausedError as error:
            self.pauses.pause(f"whois {host}", error.pause_s)
            raise

    def _look_up(self, address: IP, registry: Registry, host: str, port: int) -> WhoisAnswer:
        text = self._ask(host, port, registry.query.format(address))
        answer = read_whois(text, host, registry.name, address)
        if answer.network is None and answer.refers_to:
            host, port = answer.refers_to, self._port_of(answer.refers_to)
            keeper = registry_of_host(host)
            text = self._ask(host, port, (keeper.query if keeper else "{}").format(address))
            return read_whois(text, host, keeper.name if keeper else None, address)
        if not answer.contacts and answer.handles:
            # JPNIC shows handles; the parties themselves have to be asked for.
            more = [self._ask(host, port, f"{h}/e") for h in answer.handles[:MAX_HANDLES]]
            return read_whois("\n\n".join([text, *more]), host, registry.name, address)
        return answer

    def _server(self, registry: Registry) -> tuple[str, int]:
        if registry.name in self.servers:
            return self.servers[registry.name]
        if registry.whois is None:
            raise SilentError(f"{registry.name.upper()} has no WHOIS server that is known here")
        return registry.whois, 43

    def _port_of(self, host: str) -> int:
        return next((port for name, port in self.servers.values() if name == host), 43)

    def _ask(self, host: str, port: int, question: str) -> str:
        target = self.doors.check_whois(host, port)
        left = self.pauses.paused_s(f"whois {host}")
        if left > 0:
            raise PausedError(f"{host} is left alone for another {left:.0f} s", left)
        if self.pacer is None:
            self.pacer = Pacer(self.clock)
        addresses = self.doors.addresses(target, self.resolve)
        self.pacer.turn(host)
        octets = self._exchange(addresses, target.port, host, question)
        if not octets.strip():
            raise SilentError(f"{host} answered with nothing")
        try:
            return octets.decode()
        except UnicodeDecodeError:
            return octets.decode("latin-1")  # LACNIC and NIC.br

    def _exchange(self, addresses: list[str], port: int, host: str, question: str) -> bytes:
        end = self.clock.monotonic() + self.timeout_s
        error: OSError | None = None
        for address in addresses:
            try:
                with socket.create_connection((address, port), self._left(end)) as connection:
                    return self._talk(connection, host, question, end)
            except OSError as one:
                error = one
        raise SilentError(f"{host}: no answer ({shown(str(error))[:200]})") from error

    def _talk(self, connection: socket.socket, host: str, question: str, end: float) -> bytes:
        connection.settimeout(self._left(end))
        connection.sendall(f"{question}\r\n".encode())
        pieces: list[bytes] = []
        size = 0
        while True:
            connection.settimeout(self._left(end))
            piece = connection.recv(65_536)
            if not piece:
                return b"".join(pieces)
            size += len(piece)
            if size > self.max_octets:
                raise BadAnswerError(f"{host} sent more than {self.max_octets:,} octets")
            pieces.append(piece)

    def _left(self, end: float) -> float:
        left = end - self.clock.monotonic()
        if left <= 0:
            raise TimeoutError(f"it took longer than {self.timeout_s:g} s")
        return left
