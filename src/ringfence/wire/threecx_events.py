"""3CX's event log as its XAPI gives it (`/xapi/v1/EventLogs`): JSON to events.

How it works: an entry has a message and the values that were put into it (`Params`).
A value may be a stranger's, so the words that decide are those of the message
without its values, and the address is a value that is an address and nothing else.
An entry with two different addresses among its values is not believed. 3CX tells
here what it blocked and who failed to log in, not every request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from ringfence.model.event import NOT_ALLOWED, REFUSED, Event
from ringfence.model.heard import Reading
from ringfence.wire.log_place import read_place, read_text
from ringfence.wire.log_reader import LogReader

# One page of entries; more come with the next question.
MAX_ENTRIES = 1000
MAX_PARAMS = 32
MAX_MESSAGE = 4096
TWO_ADDRESSES = "two addresses in one entry: a stranger may have written one"
NO_ADDRESS = "an entry about an attack, without an IP address"
NOT_AN_ENTRY = "no entry of an event log"

_BLOCKED = re.compile(
    r"(?i)block(?:list|ed)|black-?list|denylist|too many requests|anti-?hack", re.ASCII
)
_FAILED = re.compile(
    r"(?i)failed (?:to )?(?:auth|log|regist)|authentication failed|login failed|"
    r"(?:wrong|invalid) (?:credential|password|pin|user)|credentials don't match",
    re.ASCII,
)
_WORDS = ((_BLOCKED, NOT_ALLOWED), (_FAILED, REFUSED))
_NO_LONGER = re.compile(r"(?i)removed from|unblock|no longer|expired")
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w.])"
)
_ACCOUNT = re.compile(r"\w[\w.-]{0,31}\Z", re.ASCII)


class ThreecxEvents(LogReader):
    """Entries of one 3CX's event log to events, each once."""

    origin = "3cx.events"
    last_id = 0  # of the entries that were read

    def read_entries(self, entries: Iterable[object]) -> list[Event]:
        """The events of a page of entries; those that were read before are left out."""
        events: list[Event] = []
        newest = self.last_id
        for entry in list(entries)[:MAX_ENTRIES]:
            if not isinstance(entry, dict) or not isinstance(number := entry.get("Id"), int):
                self._account(NOT_AN_ENTRY, events)
                continue
            if number <= self.last_id:
                continue
            newest = max(newest, number)
            self._lines += 1
            self._account(self._read(entry), events)
        self.last_id = newest
        return events

    def read_line(self, line: bytes) -> Reading:
        """One entry as JSON."""
        try:
            entry = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return NOT_AN_ENTRY
        return self._read(entry) if isinstance(entry, dict) else NOT_AN_ENTRY

    def _read(self, entry: Mapping[object, object]) -> Reading:
        message, params = entry.get("Message"), entry.get("Params") or []
        if not isinstance(message, str) or not isinstance(params, list):
            return NOT_AN_ENTRY
        values = [str(value)[:MAX_MESSAGE] for value in params[:MAX_PARAMS]]
        words = _without(message[:MAX_MESSAGE], values)
        kind = next((kind for pattern, kind in _WORDS if pattern.search(words)), None)
        if kind is None or _NO_LONGER.search(words):
            return None
        # Without a list of values the message's own words hold the address.
        found = {read_place(value.strip().encode()) for value in values or _ADDRESS.findall(words)}
        places = {place for place in found if place[0]}
        if len({address for address, _ in places}) > 1:
            return TWO_ADDRESSES
        if not places:
            return NO_ADDRESS
        source, port = max(places, key=lambda place: place[1])
        stamp = str(entry.get("TimeGenerated") or "").encode()
        accounts = [v for v in values if _ACCOUNT.match(v) and not read_place(v.encode())[0]]
        return Event(
            kind, self.origin, source, port, time_ns=self.clock.read(stamp[:40]),
            account=read_text(accounts[0].encode()) if kind == REFUSED and accounts else "",
        )  # fmt: skip


def _without(message: str, values: list[str]) -> str:
    """The words of the message alone; the longest value first, one may be part of another."""
    for value in sorted(values, key=len, reverse=True):
        if value.strip():
            message = message.replace(value, " ")
    return message
