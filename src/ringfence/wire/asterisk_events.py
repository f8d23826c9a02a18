r"""Asterisk's manager interface (AMI): its messages, and the security events among them.

How it works: a message is lines `Key: value` up to an empty one. Asterisk escapes
nothing here either: a name may hold a line break, and behind it keys of its writer,
or the end of the message. So a security event counts only if its keys stand in
Asterisk's own order, each once; and when text follows an event that is no message,
that event was cut out of somebody's name and is dropped.
"""

from __future__ import annotations

import re

from ringfence.model.event import ACCEPTED, CHALLENGED, REFUSED, Event
from ringfence.model.heard import Reading
from ringfence.wire.asterisk_log import (
    BROKEN,
    KINDS,
    NO_ADDRESS,
    SPLIT,
    account_of,
    read_event_time,
    transport_of,
)
from ringfence.wire.log_place import read_address, read_port, read_text
from ringfence.wire.log_reader import LogReader
from ringfence.wire.log_time import LogClock

# A message of Asterisk has some dozen lines; a longer one is none, and not kept.
MAX_MESSAGE = 64 * 1024
MAX_KEYS = 128
TWICE = "a key twice, or in another order: somebody wrote one of them"

Message = tuple[tuple[bytes, bytes], ...]
_ORDER = (
    b"EventTV", b"Severity", b"Service", b"EventVersion",
    b"AccountID", b"SessionID", b"LocalAddress", b"RemoteAddress",
)  # fmt: skip
_PLACE = re.compile(rb"IPV[46]/(\w{1,8})/([\w.:\[\]%-]{1,64})/(\d{1,5})\Z")
_BEGINS = (b"Event", b"Response", b"Asterisk Call Manager")
_END = b"\r\n\r\n"


class Messages:
    """Octets of the interface to messages."""

    def __init__(self) -> None:
        self.too_long = 0
        self._rest = b""

    def feed(self, octets: bytes) -> list[Message]:
        """The messages that are whole now."""
        *whole, self._rest = (self._rest + octets).split(_END)
        if len(self._rest) > MAX_MESSAGE:
            self.too_long += 1
            self._rest = b""
        return [_keys(text) for text in whole if text.strip()]


class AsteriskEvents(LogReader):
    """Messages of one connection to events."""

    origin = "asterisk.events"

    def __init__(self, clock: LogClock | None = None) -> None:
        super().__init__(clock)
        self.security_events = 0

    def read_messages(self, messages: list[Message]) -> list[Event]:
        """The events of these messages, without those that were cut out of a name."""
        events: list[Event] = []
        last = False  # whether the message before was an event of ours
        for message in messages:
            self._lines += 1
            if not message or message[0][0] not in _BEGINS:
                if last:
                    self._understood -= 1
                    events.pop()
                self._account(SPLIT, events)
                last = False
                continue
            reading = read_event(message, self.clock)
            last = isinstance(reading, Event)
            self.security_events += last
            self._account(reading, events)
        return events

    def read_line(self, line: bytes) -> Reading:
        """One message as text, its lines divided by CR LF."""
        return read_event(_keys(line), self.clock)


def read_event(message: Message, clock: LogClock) -> Reading:
    """One message: a security event, or not ours."""
    if not message or message[0][0] != b"Event":
        return None
    kind = KINDS.get(message[0][1])
    if kind is None:
        return None
    if wrong := _disorder([key for key, _ in message]):
        return wrong
    values = dict(message)
    if kind == ACCEPTED and values.get(b"UsingPassword") != b"1":
        return None
    if values[b"Service"] not in (b"SIP", b"PJSIP") and kind in (ACCEPTED, CHALLENGED):
        return None
    return _event(kind, values, clock)


def _disorder(keys: list[bytes]) -> str:
    """Why these are not the keys as Asterisk writes them; "" if they are.

    Privilege, and with timestampevents Timestamp, stand before; the event's own behind.
    """
    if len(set(keys)) != len(keys):
        return TWICE
    at = keys.index(_ORDER[0]) if _ORDER[0] in keys else len(keys)
    return "" if tuple(keys[at : at + len(_ORDER)]) == _ORDER else BROKEN


def _event(kind: str, values: dict[bytes, bytes], clock: LogClock) -> Reading:
    local = _PLACE.match(values[b"LocalAddress"])
    remote = _PLACE.match(values[b"RemoteAddress"])
    source = read_address(remote[2]) if remote else ""
    if local is None or remote is None or not source:
        return NO_ADDRESS
    nonce = values.get(b"ReceivedChallenge") or values.get(b"Challenge") or b""
    return Event(
        kind, "asterisk.events", source, read_port(remote[3]), transport_of(local[1]),
        read_event_time(values[b"EventTV"], clock), "", account_of(values[b"AccountID"]),
        read_address(local[2]), read_port(local[3]), read_text(values[b"SessionID"]),
        claimed_nonce=read_text(nonce) if kind == REFUSED else "",
    )  # fmt: skip


def _keys(text: bytes) -> Message:
    """Lines to keys and values; a line that is none becomes a key without a value."""
    found = []
    for line in text.split(b"\r\n")[:MAX_KEYS]:
        if line.startswith(b"Asterisk Call Manager"):
            continue  # the greeting, which no empty line ends
        key, _, value = line.partition(b":")
        found.append((key, value.removeprefix(b" ")))
    return tuple(found)
