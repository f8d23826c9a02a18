"""The owner's own phone system, asked as a stranger would ask it: at most 30 packets, 10 seconds.

How it works: SIP is asked over UDP, where that is silent over TCP, and then over TLS; the TLS
port shows its certificate; the ports of managers and pages are connected to and left at once.
Everything that is sent is paid for from one purse before it is sent, at the price that it has
at worst; what turns out cheaper is given back. Rules: no credentials, no INVITE, and only an
address that is of this machine or a private network, unless the owner says that it is his.
"""

from __future__ import annotations

import errno
import secrets
import selectors
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

from ringfence.audit import probe as asking
from ringfence.audit.networks import is_inside
from ringfence.audit.probe import (
    MAX_PACKETS,
    MAX_SECONDS,
    PORTS,
    Asked,
    Probed,
    Reply,
    Tls,
    Vantage,
)
from ringfence.model.text import shown
from ringfence.model.weakness import Weakness

Address = IPv4Address | IPv6Address

SIP, SIPS, TFTP = 5060, 5061, 69

# What each costs at worst. An open port: SYN, ACK, RST. A stream of SIP: SYN, ACK, RST, and a
# packet for each question with one for each answer. TLS: SYN, ACK, hello, its end, two
# acknowledgements, RST. One question of UDP is asked twice when nobody answers.
CONNECT, STREAM, HANDSHAKE = 3, 9, 8

# A SYN is sent again after a second, a question of UDP after half of one (RFC 3261 §17.1.1.2).
CONNECT_S, AGAIN_S, ANSWER_S, STREAM_S = 0.9, 0.5, 1.5, 2.0
_MAX_READ = 64 * 1024


class ProbeError(ValueError):
    """It must not, or cannot, be asked; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Where it listens. The names of ports are those of the rules; tests have their own."""

    sip: int = SIP
    tls: int = SIPS
    tftp: int = TFTP
    others: tuple[int, ...] = PORTS


@dataclass(slots=True)
class _Purse:
    """What may still be sent, and until when."""

    ends: float
    left: int = MAX_PACKETS
    not_checked: list[str] = field(default_factory=list)

    def pay(self, packets: int, what: str) -> bool:
        """Take them out; False, and a note, where that is too much or too late."""
        if self.left < packets or self.seconds() <= 0:
            why = f"{MAX_PACKETS} packets" if self.left < packets else f"{MAX_SECONDS:.0f} seconds"
            self.not_checked.append(f"{what}: not asked, the limit of {why} was reached")
            return False
        self.left -= packets
        return True

    def seconds(self, at_most: float = MAX_SECONDS) -> float:
        return max(0.0, min(at_most, self.ends - time.monotonic()))


def probe(host: str, mine: bool = False, known: str = "") -> list[Weakness]:
    """What `host` (a name or an address, with :PORT where SIP has another) shows to strangers.

    `mine`: the owner says that it is his; needed unless it is of this machine or a private
    network. `known`: an extension that exists, to compare answers. Raises ProbeError.
    """
    return asking.weigh(look(host, mine=mine, known=known), datetime.now(UTC))


def probe_fully(
    host: str, mine: bool = False, known: str = ""
) -> tuple[list[Weakness], tuple[str, ...]]:
    """The same, and what could not be told, for `Audit.not_checked`."""
    probed = look(host, mine=mine, known=known)
    return asking.weigh(probed, datetime.now(UTC)), asking.unsure(probed)


def look(host: str, *, mine: bool, known: str = "", doors: Doors | None = None) -> Probed:
    """Ask, and say what came back. Raises ProbeError."""
    name, port = _named(host)
    if known and not (known.isascii() and known.replace("-", "").replace("_", "").isalnum()):
        raise ProbeError("the known extension is no name of one: letters, digits, - and _")
    doors = doors or Doors(sip=port or SIP)
    address = _resolved(name)
    vantage = _admitted(name, address, mine)
    purse = _Purse(time.monotonic() + MAX_SECONDS)
    tried = _Sip(name, address, doors, known, purse)
    tried.over_udp()
    tls_open, tls = _look_at_tls(address, name, doors.tls, purse, tried)
    if not tried.replies:
        tried.over_tcp()
    others = _open_ports(address, doors.others, purse)
    tftp = _asks_tftp(address, doors.tftp, purse)
    replies = tried.replies
    return Probed(
        name,
        str(address),
        vantage,
        transport=tried.transport,
        options=replies.get("options"),
        invented=replies.get("invented"),
        known=replies.get("known"),
        tls=tls,
        tls_open=tls_open,
        open_ports=others,
        tftp=tftp,
        packets=MAX_PACKETS - purse.left,
        not_checked=tuple(purse.not_checked),
    )


# ---- whom we may ask --------------------------------------------------------


def _named(host: str) -> tuple[str, int]:
    """Name and port of NAME, NAME:PORT, [ADDRESS]:PORT; port 0 where none is named."""
    text = host.strip().removeprefix("sip:")
    try:
        if "%" not in text:  # a zone is free text
            return str(ip_address(text)), 0
        name, colon, digits = text, "", ""
    except ValueError:
        name, colon, digits = text.rpartition(":")
    if not colon:
        name, digits = text, ""
    name = name.removeprefix("[").removesuffix("]")
    good = name and len(name) <= 253 and name.isprintable() and not set(name) & set(" <>@;\"'%/")
    if not good or (colon and not (digits.isdigit() and 0 < int(digits[:6]) < 65536)):
        raise ProbeError(f"{shown(host[:80])} is no host: name it, with :PORT where it has another")
    return name, int(digits or 0)


def _resolved(name: str) -> Address:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise ProbeError(f"{shown(name)} has no address: {error}; name the address") from error
    try:
        address = ip_address(str(found[0][4][0]))
    except ValueError as error:
        raise ProbeError(f"{shown(name)} has an address with a zone: name another") from error
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _admitted(name: str, address: Address, mine: bool) -> Vantage:
    """From where we ask. Raises ProbeError where nobody said that it is the owner's."""
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        raise ProbeError(f"{shown(name)} is no single machine: name one")
    if address.is_loopback or _is_ours(address):
        return Vantage.ITSELF
    if is_inside(address):
        return Vantage.INSIDE
    if not mine:
        raise ProbeError(
            f"{shown(name)} ({address}) is neither this machine nor in a private network: "
            "add --mine if it is your own phone system, and leave all others alone"
        )
    return Vantage.OUTSIDE


def _is_ours(address: Address) -> bool:
    """Whether an interface of this machine has it: only then can a socket be bound to it."""
    with _socket(address, socket.SOCK_DGRAM) as one:
        try:
            one.bind((str(address), 0))
        except OSError:
            return False
    return True


def _socket(address: Address, kind: int) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return socket.socket(family, kind)


# ---- SIP -------------------------------------------------------------------------------


class _Sip:
    """The questions, asked over one transport after the other until one answers."""

    def __init__(
        self, host: str, address: Address, doors: Doors, known: str, purse: _Purse
    ) -> None:
        self.host, self.address, self.doors = host, address, doors
        self.known, self.purse = known, purse
        self.replies: dict[str, Reply] = {}
        self.transport = ""

    def over_udp(self) -> None:
        """Each question once, and once more where it was not answered."""
        with _socket(self.address, socket.SOCK_DGRAM) as one:
            try:
                one.connect((str(self.address), self.doors.sip))
            except OSError as error:
                raise ProbeError(
                    f"{shown(self.host)} ({self.address}) cannot be reached from here: "
                    f"{error.strerror}; look at the route to it"
                ) from error
            asked = self._questions("udp", one.getsockname())
            for wait in (AGAIN_S, ANSWER_S):
                waiting = [q for q in asked if q.about not in self.replies]
                if not waiting or not self.purse.pay(len(waiting), "SIP over UDP"):
                    return
                try:
                    for question in waiting:
                        one.send(question.octets)
                    self._hear(one, asked, wait)
                except OSError:  # nobody listens there: the host says so
                    return

    def _hear(self, one: socket.socket, asked: list[Asked], wait: float) -> None:
        until = time.monotonic() + self.purse.seconds(wait)
        while len(self.replies) < len(asked) and (left := until - time.monotonic()) > 0:
            one.settimeout(left)
            try:
                self._take(one.recv(_MAX_READ), asked, "udp")
            except TimeoutError:
                return

    def over_tcp(self) -> None:
        """The same questions in one stream."""
        if not self.purse.pay(STREAM, "SIP over TCP"):
            return
        try:
            with _stream(self.address, self.doors.sip, self.purse) as one:
                self.over_stream(one, "tcp")
        except OSError:
            self.purse.left += STREAM - 1

    def over_stream(self, one: socket.socket, transport: str) -> None:
        """Ask over a connection that stands; its cost is paid."""
        asked = self._questions(transport, one.getsockname())
        one.sendall(b"".join(question.octets for question in asked))
        heard = b""
        until = time.monotonic() + self.purse.seconds(STREAM_S)
        while len(self.replies) < len(asked) and (left := until - time.monotonic()) > 0:
            one.settimeout(left)
            try:
                more = one.recv(_MAX_READ)
            except TimeoutError:
                return
            heard += more
            if not more or len(heard) > _MAX_READ:
                return
            *whole, heard = heard.split(b"\r\n\r\n")
            for head in whole:  # answers to these questions have no body that could matter
                self._take(head.lstrip() + b"\r\n\r\n", asked, transport)

    def _questions(self, transport: str, here: tuple[str, int]) -> list[Asked]:
        tokens = (*(secrets.token_hex(12) for _ in range(3)), _invented())
        return asking.questions(self.host, transport, here[:2], tokens, self.known)

    def _take(self, octets: bytes, asked: list[Asked], transport: str) -> None:
        if (read := asking.read_reply(octets, asked)) is not None:
            question, reply = read
            self.replies.setdefault(question.about, reply)
            self.transport = transport


def _invented() -> str:
    """An extension that nobody has: nine digits."""
    return f"9{secrets.randbelow(10**8):08d}"


# ---- TLS -------------------------------------------------------------------------------


def _look_at_tls(
    address: Address, name: str, port: int, purse: _Purse, sip: _Sip
) -> tuple[bool | None, Tls | None]:
    """Whether the TLS port is open, and its certificate; SIP is asked there if nothing answered."""
    needs_sip = not sip.replies
    price = HANDSHAKE + (STREAM - CONNECT if needs_sip else 0)
    if not purse.pay(price, "SIP over TLS"):
        return None, None
    try:
        connection = _stream(address, port, purse)
        with connection as plain:
            try:
                with _context().wrap_socket(
                    plain, server_hostname=None if _is_address(name) else name
                ) as secure:
                    seen = Tls(secure.version() or "", secure.getpeercert(binary_form=True) or b"")
                    if needs_sip:
                        sip.over_stream(secure, "tls")
            except (ssl.SSLError, OSError, ValueError) as error:
                purse.not_checked.append(f"TLS at port {port}: no handshake ({_why(error)})")
                return True, None
    except ConnectionRefusedError:
        purse.left += price - 1
        return False, None
    except OSError as error:
        purse.left += price - 1
        closed = isinstance(error, TimeoutError) or error.errno in _UNREACHABLE
        return (False if closed else None), None
    return True, seen


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return shown(str(reason or type(error).__name__))[:80]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _context() -> ssl.SSLContext:
    """One that agrees to anything: what is weak shall be seen, and nothing secret is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


# ---- ports -----------------------------------------------------------------------------

_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ECONNREFUSED})
# Closing a connection so sends one RST instead of a farewell of three packets.
_AT_ONCE = struct.pack("ii", 1, 0)


@contextmanager
def _stream(address: Address, port: int, purse: _Purse) -> Iterator[socket.socket]:
    with _socket(address, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        one.settimeout(max(0.05, purse.seconds(CONNECT_S)))
        one.connect((str(address), port))
        one.settimeout(max(0.05, purse.seconds(STREAM_S)))
        yield one


def _open_ports(address: Address, ports: tuple[int, ...], purse: _Purse) -> tuple[int, ...]:
    """Those that a connection reaches. As many at once as the purse pays for."""
    found: list[int] = []
    waiting = list(ports)
    while waiting:
        wave = waiting[: max(1, purse.left // CONNECT)]
        waiting = waiting[len(wave) :]
        paid = [port for port in wave if purse.pay(CONNECT, f"port {port}")]
        reached = _reached(address, paid, purse.seconds(CONNECT_S))
        purse.left += (CONNECT - 1) * (len(paid) - len(reached))
        found += reached
    return tuple(port for port in ports if port in found)


def _reached(address: Address, ports: list[int], within_s: float) -> list[int]:
    reached: list[int] = []
    with selectors.DefaultSelector() as selector:
        for port in ports:
            one = _socket(address, socket.SOCK_STREAM)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            one.settimeout(0)
            state = one.connect_ex((str(address), port))
            if state == 0:
                reached.append(port)
                one.close()
            elif state == errno.EINPROGRESS:
                selector.register(one, selectors.EVENT_WRITE, port)
            else:
                one.close()
        until = time.monotonic() + within_s
        while selector.get_map() and (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                one = key.fileobj  # type: ignore[assignment]
                selector.unregister(one)
                if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    reached.append(key.data)
                one.close()
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
    return reached


def _asks_tftp(address: Address, port: int, purse: _Purse) -> bool:
    """Whether TFTP answers; it does so from another port (RFC 1350 §4)."""
    if not purse.pay(1, "TFTP"):
        return False
    with _socket(address, socket.SOCK_DGRAM) as one:
        try:
            one.sendto(asking.tftp_question(), (str(address), port))
            until = time.monotonic() + purse.seconds(CONNECT_S)
            while (left := until - time.monotonic()) > 0:
                one.settimeout(left)
                octets, (sender, *_) = one.recvfrom(_MAX_READ)
                if sender == str(address):
                    return asking.is_tftp(octets)
        except OSError:
            return False
    return False
