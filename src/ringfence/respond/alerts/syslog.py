"""Alarms for a log server: RFC 5424 over UDP (RFC 5426) or TCP (RFC 6587), or this machine's log.

The socket of this machine gets the form that syslog(3) writes: journald and rsyslog read
RFC 5424 from the network only, and would take its header there for a part of the message.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from ringfence.model.alarm import ATTACK, BREAK_IN, NOTE, WARNING, AlertError
from ringfence.model.domain import ascii_domain
from ringfence.model.endpoint import endpoint, plain_address
from ringfence.model.text import shown

TIMEOUT_S = 10.0
# RFC 5424 6.1: what every receiver takes; over UDP it stays in one packet (RFC 5426 3.2).
MAX_OCTETS = 2048
_UDP, _TCP = 514, 601  # RFC 5426 3.3, RFC 3195 9.2
_AUTHPRIV = 10  # a log that not everybody reads: account names are in it
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEVELS = {NOTE: 5, WARNING: 4, ATTACK: 3, BREAK_IN: 1}  # notice, warning, error, alert


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a log is: a socket of this machine, or a server."""

    kind: str  # local, udp, tcp
    host: str  # for local: the path
    port: int = 0

    def __str__(self) -> str:
        return self.host if self.kind == "local" else endpoint(self.host, self.port)


def log_place(text: str) -> LogPlace:
    """Of "/dev/log", "udp://192.0.2.5", "tcp://log.office.example:601". Raises ValueError."""
    if text.startswith("/"):
        return LogPlace("local", text)
    parts = urlsplit(text)
    if parts.scheme not in ("udp", "tcp") or not parts.hostname:
        raise ValueError("write /dev/log, udp://HOST:514 or tcp://HOST:601")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("nothing stands behind the port")
    host = parts.hostname
    if plain_address(host) is None and ascii_domain(host) is None and host != "localhost":
        raise ValueError("that is no name of a machine")
    return LogPlace(parts.scheme, host, parts.port or (_UDP if parts.scheme == "udp" else _TCP))


def send_syslog(
    place: LogPlace, subject: str, text: str, severity: str, now: datetime, host: str, pid: int
) -> None:
    """Send one alarm as one line. Raises AlertError. UDP says nothing about arrival."""
    line = shown(" | ".join((subject, *filter(None, text.splitlines()))))
    write = _local if place.kind == "local" else _network
    octets = _cut(write(line, severity, now, host, pid))
    try:
        if place.kind == "local":
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
                log.settimeout(TIMEOUT_S)
                log.connect(place.host)
                log.send(octets)
        elif place.kind == "udp":
            _send_udp(place, octets)
        else:
            with socket.create_connection((place.host, place.port), TIMEOUT_S) as log:
                log.sendall(b"%d " % len(octets) + octets)  # RFC 6587 3.4.1: octets are counted
    except OSError as error:
        raise AlertError(f"log at {place}: {error.strerror or error}") from error


def _send_udp(place: LogPlace, octets: bytes) -> None:
    found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_DGRAM)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as log:
        log.connect(address)
        log.send(octets)


def _network(line: str, severity: str, now: datetime, host: str, pid: int) -> str:
    """RFC 5424 6: no structured data; the mark says that the text is UTF-8."""
    at = now.isoformat(timespec="milliseconds")
    mark = "" if line.isascii() else "\ufeff"
    return f"{_priority(severity)}1 {at} {_word(host)} ringfence {pid} alarm - {mark}{line}"


def _local(line: str, severity: str, now: datetime, _host: str, pid: int) -> str:
    """RFC 3164 4.1.2, without the name of the machine, as glibc writes it."""
    at = f"{_MONTHS[now.month - 1]} {now.day:2} {now:%H:%M:%S}"
    return f"{_priority(severity)}{at} ringfence[{pid}]: {line}"


def _priority(severity: str) -> str:
    return f"<{_AUTHPRIV * 8 + _LEVELS[severity]}>"


def _word(host: str) -> str:
    """RFC 5424 6.2.4: printable US-ASCII."""
    return "".join(c for c in host[:255] if "!" <= c <= "~") or "-"


def _cut(text: str) -> bytes:
    return text.encode("utf-8", "replace")[:MAX_OCTETS].decode("utf-8", "ignore").encode()
