"""Who was let in, by the messages themselves: phones, carriers, callers.

How it works: of each message only answers of success count, to REGISTER and to INVITE. Where
our server gave one to a REGISTER, the address has a phone, of the account in To (RFC 3261
10.2); where it gets one, the other side is a carrier that we register at. Of an INVITE, who
answers is somebody whom we call; who is answered is a caller, whom nobody has named yet.
What an attacker did looks the same: he is told apart by his verdict, elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import ip_address

from ringfence.model.clock import utc
from ringfence.model.lockdown import CALLER, PEER, TRUNK, USER, Seen
from ringfence.model.text import shown
from ringfence.wire import _columns as columns
from ringfence.wire.table import MessageTable

# Addresses that were let in: an office has hundreds. Later ones are counted only.
MAX_SEEN = 50_000
# Accounts of one address; a gateway has more, and is named by the first of them.
MAX_ACCOUNTS = 50
# Where media come from, each with who said so.
MAX_MEDIA = 4096
_MAX_NAME = 64


@dataclass(slots=True)
class _One:
    first_ns: int = 0
    last_ns: int = 0
    times: int = 0
    accounts: dict[str, None] = field(default_factory=dict)


class Sightings:
    """Addresses that were let in, of captures, logs and what the guard knows together."""

    def __init__(self, ours: Collection[str] = ()) -> None:
        self.ours = {str(one) for one in ours}
        self.left_out = 0
        self.media: dict[tuple[str, str], None] = {}  # who says where his media come from
        self._seen: dict[tuple[str, str, str], _One] = {}

    def take(self, table: MessageTable) -> None:
        """One more table of a capture."""
        numbers = table.numbers
        status, method = numbers["status"], numbers["cseq_method"]
        is_success = (status >= 200) & (status < 300)
        is_entrance = (method == columns.M_REGISTER) | (method == columns.M_INVITE)
        has_media = numbers["sdp_port"] > 0
        for row in ((is_success & is_entrance) | has_media).nonzero()[0].tolist():
            table.fill_parts_of(row)
            source, target = _address(table, row, "source"), _address(table, row, "destination")
            if table.number(row, "sdp_port") > 0 and source not in self.ours:
                self._hear_media(source, _text(table, row, "sdp_address"))
            if 200 <= table.number(row, "status") < 300:
                self._answered(table, row, source, target)

    def note(self, address: str, role: str, account: str, time_ns: int, source: str) -> None:
        """One sighting."""
        key = (address, role, source)
        one = self._seen.get(key)
        if one is None:
            if len(self._seen) >= MAX_SEEN:
                self.left_out += 1
                return
            one = self._seen[key] = _One(first_ns=time_ns)
        one.times += 1
        one.first_ns = min(one.first_ns or time_ns, time_ns) if time_ns else one.first_ns
        one.last_ns = max(one.last_ns, time_ns)
        if account and len(one.accounts) < MAX_ACCOUNTS:
            one.accounts[account[:_MAX_NAME]] = None

    def all(self) -> list[Seen]:
        """All of them, by address."""
        return [
            Seen(address, role, tuple(one.accounts), _seconds(one.first_ns),
                 _seconds(one.last_ns), one.times, source)
            for (address, role, source), one in sorted(self._seen.items())
        ]  # fmt: skip

    def _answered(self, table: MessageTable, row: int, source: str, target: str) -> None:
        time_ns = table.number(row, "time")
        is_register = table.number(row, "cseq_method") == columns.M_REGISTER
        if not is_register and table.number(row, "cseq_method") != columns.M_INVITE:
            return
        if source in self.ours and target not in self.ours:
            role = USER if is_register else CALLER
            account = _text(table, row, "to_user" if is_register else "from_user")
            self.note(target, role, account, time_ns, "capture")
        elif target in self.ours and source not in self.ours:
            role = TRUNK if is_register else PEER
            account = _text(table, row, "to_user")
            self.note(source, role, account, time_ns, "capture")

    def _hear_media(self, source: str, address: str) -> None:
        if address and address != source and len(self.media) < MAX_MEDIA:
            self.media[source, address] = None


def _seconds(time_ns: int) -> str:
    text = utc(time_ns)
    return f"{text[:19]}Z" if text else ""


def _address(table: MessageTable, row: int, side: str) -> str:
    return str(ip_address(table.address(row, side)))


def _text(table: MessageTable, row: int, name: str) -> str:
    return shown(table.text(row, name)[:_MAX_NAME].decode("utf-8", "replace"))
