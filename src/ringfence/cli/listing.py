"""Messages as lines: as wide as the terminal, or whole when they go into a file or pipe.

How it works: columns grow with what was shown so far, so that lines can be printed
as they are read and still stand below each other. What does not fit is cut at the
right end, where the User-Agent stands; who sent what to whom comes first.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from ringfence.cli.colour import painted
from ringfence.model.clock import utc
from ringfence.model.endpoint import endpoint
from ringfence.model.ladder import tone_of
from ringfence.model.message_line import MessageLine
from ringfence.model.text import shown

# From this width on ports are shown, and more of users and Call-ID.
_WIDE = 120
# The beginning of a Call-ID: enough to name it in `ringfence ladder --call-id`.
_CALL_ID, _CALL_ID_WIDE = 8, 12
# Columns begin with what is usual, and do not grow beyond this: one long name
# must not push all others away.
_ADDRESS, _ENDPOINT, _MAX_ADDRESS = 14, 20, 47
_WHAT, _MAX_WHAT = 12, 24
_USERS, _MAX_USERS, _MAX_USERS_WIDE = 10, 24, 40
# What the columns between time and User-Agent take on a narrow terminal, addresses aside.
_NARROW_OTHERS = 50
# Less of a User-Agent than this says nothing.
_LEAST_AGENT = 6
_UNKNOWN_TIME = "unknown time"


class Listing:
    """A list being printed; `width` None: no terminal, so nothing is cut and dates are in full."""

    def __init__(self, width: int | None, *, colour: bool = False, arrow: str = "→") -> None:
        self._width = width
        self._wide = width is None or width >= _WIDE
        self._colour = colour
        self._arrow = arrow
        self._gap = "  " if self._wide else " "
        self._day = ""
        address = _ENDPOINT if self._wide else _ADDRESS
        self._columns = {"source": address, "destination": address, "what": _WHAT, "users": _USERS}

    def lines(self, message: MessageLine) -> list[str]:
        """The lines of one message: a new date, the message, and all of its text if it is there."""
        when = utc(message.time_ns) or _UNKNOWN_TIME
        found = []
        if self._width is not None and when[:10] != self._day:
            self._day = when[:10]
            day = f"{self._day} (UTC)"
            found.append(painted(day, "dim") if self._colour else day)
        found.append(
            self._whole_line(message, when) if self._width is None else self._line(message, when)
        )
        if message.text:
            found += _all_of(message.text)
        return found

    def _whole_line(self, message: MessageLine, when: str) -> str:
        sender, to = _name(message.from_user), _name(message.to_user)
        parts = (
            when,
            self._route(message),
            self._padded("what", _what(message), _MAX_WHAT),
            self._padded("users", f"{sender} {self._arrow} {to}", _MAX_USERS_WIDE),
            shown(message.call_id),
            shown(message.claimed_user_agent),
        )
        return self._gap.join(parts).rstrip()

    def _line(self, message: MessageLine, when: str) -> str:
        width = self._width or 0
        before = f"{when[11:23]}{self._gap}{self._route(message)}{self._gap}"
        what = self._padded("what", _cut(_what(message), _MAX_WHAT), _MAX_WHAT)
        most = self._most_users(width - cell_len(before) - cell_len(what))
        users = self._padded("users", _cut(self._users(message), most), most)
        call = set_cell_size(shown(message.call_id), _CALL_ID_WIDE if self._wide else _CALL_ID)
        text = f"{before}{what}{self._gap}{users}{self._gap}{call}"
        left = width - cell_len(text) - len(self._gap)
        if left >= _LEAST_AGENT:
            text += self._gap + _cut(shown(message.claimed_user_agent), left)
        text = _cut(text.rstrip(), width)
        end = len(before) + len(what)
        if not self._colour or len(text) <= end:
            return text
        return text[: len(before)] + painted(what, tone_of(message.status)) + text[end:]

    def _route(self, message: MessageLine) -> str:
        source, destination = message.source, message.destination
        if self._wide:
            source = endpoint(source, message.source_port)
            destination = endpoint(destination, message.destination_port)
        elif self._width:
            most = max(15, (self._width - _NARROW_OTHERS) // 2)
            source, destination = _shortened(source, most), _shortened(destination, most)
        source = self._padded("source", source, _MAX_ADDRESS)
        return f"{source} {self._arrow} {self._padded('destination', destination, _MAX_ADDRESS)}"

    def _most_users(self, left: int) -> int:
        """Cells for users, when so many are left for them and what follows."""
        if self._wide:
            return _MAX_USERS_WIDE
        return max(_USERS, min(_MAX_USERS, left - _CALL_ID - 2))

    def _users(self, message: MessageLine) -> str:
        """From and To, once when they are the same."""
        sender, to = _name(message.from_user), _name(message.to_user)
        return sender if sender == to else f"{sender} {self._arrow} {to}"

    def _padded(self, column: str, text: str, most: int) -> str:
        size = cell_len(text)
        if size > self._columns[column]:
            self._columns[column] = min(size, most)
        return text + " " * (self._columns[column] - size)


def _shortened(address: str, most: int) -> str:
    """An IPv6 address by its beginning and its end, which tell most."""
    if len(address) <= most:
        return address
    return f"{address[: (most - 1) // 2]}…{address[-(most // 2) :]}"


def _name(user: str) -> str:
    return shown(user) or "-"


def _what(message: MessageLine) -> str:
    method = shown(message.method)
    return f"{message.status} {method}".rstrip() if message.status else method


def _cut(text: str, most: int) -> str:
    return text if cell_len(text) <= most else set_cell_size(text, most - 1) + "…"


def _all_of(octets: bytes) -> list[str]:
    """All of a message, a line each, escaped."""
    text = octets.decode("utf-8", "backslashreplace").removesuffix("\n")
    return [f"    {shown(line.removesuffix(chr(13)))}" for line in text.split("\n")] + [""]
