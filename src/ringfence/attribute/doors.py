"""Where a look-up may connect to: known registries by HTTPS, and nothing inside the house.

An answer of a stranger names the next server (a redirect, a referral). It must not make
us ask a machine of our own: neither by name, nor by an address, nor by a name that
resolves to one address for the check and to another for the connection. So names are
resolved once, every address is checked, and the connection goes to the one checked.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ringfence.attribute.errors import ForbiddenError, SilentError
from ringfence.attribute.registries import ALL, belongs
from ringfence.attribute.special import IP, may_connect, maybe_address, why_special
from ringfence.model.text import shown

Resolve = Callable[[str, int], list[str]]

# Addresses of one name that are tried: a name may have hundreds.
MAX_ADDRESSES = 4
MAX_URL = 2000
_RESOLVE_S = 10.0
_PORTS = {"https": 443, "http": 80, "whois": 43}
_DOMAINS = tuple(domain for registry in ALL for domain in registry.domains)
_OTHERS = ("stat.ripe.net", "data.iana.org")


@dataclass(frozen=True, slots=True)
class Target:
    """A place that may be asked: what to connect to, and what to ask there."""

    scheme: str
    host: str
    port: int
    path: str
    trusted: bool  # named by the user: it may be on this machine

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Doors:
    """Which places are open. `origins` are those that the user named himself, in full."""

    hosts: frozenset[str] = frozenset()
    origins: frozenset[tuple[str, str, int]] = frozenset()

    def check(self, url: str) -> Target:
        """The target of an address. Raises ForbiddenError for what must not be asked."""
        scheme, host, port, path = _split(url)
        if (scheme, host, port) in self.origins:
            return Target(scheme, host, port, path, trusted=True)
        if scheme == "http" and port == 80:
            scheme, port = "https", 443  # old answers still say http; every registry has both
        if scheme != "https" or port != 443:
            raise ForbiddenError(f"{shown(host)}: only HTTPS on its own port is followed")
        if maybe_address(host) is not None or not self._is_known(host):
            raise ForbiddenError(f"{shown(host)} is no registry that is known here (--allow-host)")
        return Target(scheme, host, port, path, trusted=False)

    def check_whois(self, host: str, port: int = 43) -> Target:
        """The target of a WHOIS server. Raises ForbiddenError."""
        name = host.lower().rstrip(".")
        if ("whois", name, port) in self.origins:
            return Target("whois", name, port, "", trusted=True)
        if port != 43 or not belongs(name, _DOMAINS):
            raise ForbiddenError(f"{shown(host)} is no WHOIS server that is known here")
        return Target("whois", name, port, "", trusted=False)

    def addresses(self, target: Target, resolve: Resolve) -> list[str]:
        """The addresses to connect to, each checked. Raises ForbiddenError, SilentError."""
        literal = maybe_address(target.host)
        names = [target.host] if literal is not None else _resolved(target, resolve)
        found = [address for name in names if (address := maybe_address(name)) is not None]
        allowed = [a for a in found if target.trusted or may_connect(a)]
        if found and not allowed:
            raise ForbiddenError(
                f"{shown(target.host)} leads to {found[0]}: {_reason(found[0])}; not connected"
            )
        if not allowed:
            raise SilentError(f"{shown(target.host)} has no address")
        return [str(address) for address in allowed[:MAX_ADDRESSES]]

    def _is_known(self, host: str) -> bool:
        return host in self.hosts or host in _OTHERS or belongs(host, _DOMAINS)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address that the user named. Raises ForbiddenError."""
    meant = f"{shown(url[:100])}: an address like https://rdap.example/ is meant"
    try:
        scheme, host, port, _ = _split(url)
    except ForbiddenError as error:
        raise ForbiddenError(meant) from error
    if scheme not in ("http", "https"):
        raise ForbiddenError(meant)
    return scheme, host, port


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a name by the system's own ways, in its order. Raises OSError, TimeoutError."""
    answers: queue.Queue[list[str] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(OSError(str(error)))
        else:
            answers.put([str(one[4][0]) for one in found])

    # The C library cannot be interrupted: who waits for it does so beside it.
    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=_RESOLVE_S)
    except queue.Empty:
        raise TimeoutError("no answer from the name server") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _resolved(target: Target, resolve: Resolve) -> list[str]:
    try:
        return resolve(target.host, target.port)
    except (OSError, ValueError) as error:
        raise SilentError(f"{shown(target.host)}: its name leads nowhere ({error})") from error


def _split(url: str) -> tuple[str, str, int, str]:
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ForbiddenError(f"{shown(url[:100])}: no address of a server")
    if "\\" in url or "@" in url.partition("//")[2].partition("/")[0]:
        raise ForbiddenError(f"{shown(url[:100])}: no address of a registry")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError as error:
        raise ForbiddenError(f"{shown(url[:100])}: no address of a server") from error
    if not host or parts.scheme not in _PORTS:
        raise ForbiddenError(f"{shown(url[:100])}: no address of a server")
    query = f"?{parts.query}" if parts.query else ""
    return parts.scheme, host, port or _PORTS[parts.scheme], (parts.path or "/") + query


def _reason(address: IP) -> str:
    return why_special(address) or "no public address"
