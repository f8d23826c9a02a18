"""FreeSWITCH's event socket (ESL): its packets, and the events of its SIP profiles.

How it works: a packet is headers up to an empty line, with `Content-Length` more
octets behind it. Events in the plain form have their values percent-encoded, so no
stranger can end a line. A refusal is told as an event only where FreeSWITCH said
403; sweeps over users that do not exist stand in the log alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.event import ACCEPTED, ODD, REFUSED, Event
from ringfence.model.heard import Reading
from ringfence.wire.errors import WireError
from ringfence.wire.log_place import read_address, read_escaped, read_port
from ringfence.wire.log_reader import LogReader

# The largest events describe a channel, some 20 KiB.
MAX_BODY = 1024 * 1024
MAX_HEAD = 16 * 1024
MAX_HEADERS = 1024
PLAIN = "text/event-plain"
SUBSCRIBED = ("sofia::register", "sofia::register_failure", "sofia::wrong_call_state")
NO_ADDRESS = "no IP address where it should be"

_KINDS = {
    "sofia::register": ACCEPTED,
    "sofia::register_failure": REFUSED,
    "sofia::wrong_call_state": ODD,
}


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: what kind, what was answered, what it carries."""

    content_type: str
    reply: str
    body: bytes


class Packets:
    """Octets of the socket to packets. Raises WireError where it is no event socket."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, octets: bytes) -> list[Packet]:
        """The packets that are whole now."""
        self._rest += octets
        found = []
        at = 0
        while (end := self._rest.find(b"\n\n", at)) >= 0:
            headers = read_headers(self._rest[at:end])
            length = _length(headers.get("content-length", "0"), at)
            if len(self._rest) < end + 2 + length:
                break
            body = self._rest[end + 2 : end + 2 + length]
            at = end + 2 + length
            kind, reply = headers.get("content-type", ""), headers.get("reply-text", "")
            if kind:
                found.append(Packet(kind, reply, body))
        self._rest = self._rest[at:]
        if len(self._rest) > MAX_HEAD + MAX_BODY or (
            len(self._rest) > MAX_HEAD and self._rest.find(b"\n\n") < 0
        ):
            raise WireError("headers without end", offset=0)
        return found


class FreeswitchEvents(LogReader):
    """Bodies of event packets to events."""

    origin = "freeswitch.events"

    def read_line(self, line: bytes) -> Reading:
        """One event in the plain form."""
        headers = read_headers(line)
        kind = _KINDS.get(headers.get("event-subclass", ""))
        if kind is None or headers.get("event-name") != "CUSTOM":
            return None
        source = read_address(_first(headers, "network-ip", "network_ip").encode())
        if not source:
            return NO_ADDRESS
        return Event(
            kind, self.origin, source,
            read_port(_first(headers, "network-port", "network_port").encode()),
            time_ns=_nanoseconds(headers.get("event-date-timestamp", "")),
            method=_method(headers.get("registration-type", ""), kind),
            account=_first(headers, "to-user", "from-user", "username"),
            call_id=headers.get("call-id", ""),
            claimed_user_agent=headers.get("user-agent", ""),
        )  # fmt: skip


def read_headers(octets: bytes) -> dict[str, str]:
    """Headers by their names in lower case, values decoded; the first of a name counts."""
    found: dict[str, str] = {}
    for line in octets.split(b"\n")[:MAX_HEADERS]:
        name, colon, value = line.partition(b":")
        key = name.decode("ascii", "replace").strip().lower()
        if colon and key and key not in found:
            found[key] = read_escaped(value.strip())
    return found


def _length(text: str, offset: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= MAX_BODY):
        raise WireError("Content-Length is no number, or too large", offset=offset)
    return int(text)


def _nanoseconds(text: str) -> int:
    """Microseconds since 1970 as FreeSWITCH writes them; 0 for anything else."""
    return int(text) * 1000 if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _first(headers: dict[str, str], *names: str) -> str:
    return next((headers[name] for name in names if headers.get(name)), "")


def _method(text: str, kind: str) -> str:
    if text in ("REGISTER", "INVITE"):
        return text
    return "" if kind == ODD else "REGISTER"
