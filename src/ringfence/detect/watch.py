"""Tables of messages in, a profile of every source out.

How it works: the tally counts every message; the messages that it picked are
read here, once, into the profile of their source. When the tally's rows are
full, the sources that tell least are shed, so that a flood of invented
addresses can never push out the history of one that attacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from ringfence.detect import _fields as f
from ringfence.detect._tally import MAX_SOURCES, Tally, tally
from ringfence.detect.profile import MAX_CALLS, MAX_TEXT, Call, Profile
from ringfence.detect.sipvicious import read_tag
from ringfence.wire import _columns as columns
from ringfence.wire._batch import MEDIA_BUCKETS, Batch, media_hash
from ringfence.wire._parts import parts_of
from ringfence.wire.table import MessageTable, unmapped

Address = IPv4Address | IPv6Address
# Rows to start with; doubled as needed, up to MAX_SOURCES.
_FIRST_SOURCES = 4096
# User-Agent texts known by their hash, to name those of ordinary messages too.
_MAX_AGENTS = 8192


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of one source, by field name in small letters."""

    row: tuple[int, ...]

    def __getattr__(self, name: str) -> int:
        return self.row[getattr(f, name.upper())]


class Watch:
    """All sources of one investigation. Feed tables, then ask `sources`."""

    def __init__(self, rows: int, max_sources: int = MAX_SOURCES) -> None:
        self._tally = Tally(rows, min(_FIRST_SOURCES, max_sources))
        self._max_sources = max_sources
        self._profiles: dict[int, Profile] = {}
        self._agents: dict[int, str] = {}
        self.shed = 0

    def take(self, table: MessageTable, source_input: int) -> None:
        """Count and read the messages of one table, from input number `source_input`."""
        row = 0
        while True:
            row = tally(self._tally, table.batch, row)
            self._read_picks(table, source_input)
            if row >= len(table):
                return
            self._make_room()

    def sources(self) -> list[tuple[Address, Counts, Profile]]:
        """Every source: its address, its counts, its samples (shared when there are none)."""
        none = Profile()
        found = []
        for i in range(self._tally.n):
            row = self._row(i)
            address = ip_address(unmapped(row[f.ADDRESS_HIGH], row[f.ADDRESS_LOW]))
            found.append((address, Counts(row), self._profiles.get(i, none)))
        return found

    def address_of(self, index: int) -> Address:
        """Address of the source with this index."""
        row = self._row(index)
        return ip_address(unmapped(row[f.ADDRESS_HIGH], row[f.ADDRESS_LOW]))

    def agent(self, digest: int) -> str:
        """User-Agent text of this hash, "" when it was never read."""
        return self._agents.get(digest, "")

    def measure_media(self, batch: Batch) -> None:
        """Give each answered call the media that reached either of its ends (packets, times)."""
        for profile in self._profiles.values():
            for call in profile.calls.values():
                if call.answered_ns:
                    _measure(batch, call)

    def _row(self, i: int) -> tuple[int, ...]:
        return tuple(self._tally.rows[i * f.ROW_WIDTH : (i + 1) * f.ROW_WIDTH])

    def _read_picks(self, table: MessageTable, source_input: int) -> None:
        picks = self._tally.picks
        for p in range(0, 3 * self._tally.pick_count, 3):
            row, index, reason = picks[p], picks[p + 1], picks[p + 2]
            profile = self._profiles.get(index)
            if profile is None:
                profile = self._profiles[index] = Profile()
            parts_of(table.batch, row)
            at = (source_input, table.number(row, "packet"), table.number(row, "time"))
            if table.number(row, "method"):
                self._read_request(table, row, profile, reason, at)
            else:
                self._read_response(table, row, profile, reason, at)
        self._tally.pick_count = 0

    def _read_request(
        self,
        table: MessageTable,
        row: int,
        profile: Profile,
        reason: int,
        at: tuple[int, int, int],
    ) -> None:
        account = _text(table, row, "auth_user") or _account(table, row)
        profile.accounts.add(account)
        profile.ports.add(table.number(row, "source_port"))
        agent = _text(table, row, "user_agent")
        profile.agents.add(agent)
        if reason & f.P_AGENT and len(self._agents) < _MAX_AGENTS:
            from ringfence.wire._sip import span_hash

            o = row * columns.SLOT_WIDTH + columns.USER_AGENT
            start = table.batch.slots[o]
            digest = span_hash(table.batch, start, start + table.batch.slots[o + 1])
            self._agents[digest] = agent
        if reason & (f.P_MARK | f.P_GUESS):
            self._read_tag(table, row, profile, at)
        if reason & f.P_NUMBER:
            self._read_invite(table, row, profile, account, at)
        if reason & f.P_END:
            call = profile.calls.get(table.number(row, "call_hash"))
            if call and not call.ended_ns:
                call.ended_ns = at[2]

    def _read_tag(
        self, table: MessageTable, row: int, profile: Profile, at: tuple[int, int, int]
    ) -> None:
        leak = read_tag(table.text(row, "from_tag"))
        if leak is None:
            return
        profile.note("sipvicious_tag", at)
        if leak.guess is not None:
            profile.guesses.add(f"{leak.target}:{leak.guess}")
        elif leak.target:
            profile.targets.add(f"{leak.tool} {leak.target}")

    def _read_invite(
        self,
        table: MessageTable,
        row: int,
        profile: Profile,
        account: str,
        at: tuple[int, int, int],
    ) -> None:
        number = _text(table, row, "uri_user")
        profile.numbers.add(number)
        profile.note("call", at)
        _read_lies(table, row, profile, at)
        if len(profile.calls) < MAX_CALLS:
            call_hash = table.number(row, "call_hash")
            if call_hash not in profile.calls:
                call = Call(number, account, at[2], at=at)
                call.media = _media(table, row, "source")
                profile.calls[call_hash] = call

    def _read_response(
        self,
        table: MessageTable,
        row: int,
        profile: Profile,
        reason: int,
        at: tuple[int, int, int],
    ) -> None:
        account = _account(table, row)
        call_hash = table.number(row, "call_hash")
        if reason & f.P_REFUSED:
            profile.refused_accounts.add(account)
            profile.note("refused", at)
            if len(profile.refused_calls) < 4 * MAX_CALLS:
                profile.refused_calls.add(call_hash)
        elif reason & f.P_NOT_FOUND:
            profile.missing_accounts.add(account)
            profile.note("not_found", at)
        elif reason & f.P_ENTERED:
            profile.accepted_accounts.add(account)
            profile.note("entered", at)
        elif reason & f.P_ANSWER:
            self._read_answer(table, row, profile, account, at)

    def _read_answer(
        self,
        table: MessageTable,
        row: int,
        profile: Profile,
        account: str,
        at: tuple[int, int, int],
    ) -> None:
        call_hash = table.number(row, "call_hash")
        call = profile.calls.get(call_hash)
        status = table.number(row, "status")
        if call is None:
            if len(profile.calls) >= MAX_CALLS or status >= 300:
                return
            call = profile.calls[call_hash] = Call(_text(table, row, "to_user"), account, at[2], at=at)
        call.status = status
        if 200 <= status < 300 and not call.answered_ns:
            call.answered_ns = at[2]
            call.media += _media(table, row, "source")
            profile.note("answered", at)

    def _make_room(self) -> None:
        """More rows, or, when there are as many as may be, shed those that tell least."""
        t = self._tally
        if t.sources < self._max_sources:
            self._resize(min(2 * t.sources, self._max_sources), list(range(t.n)))
            return
        order = sorted(range(t.n), key=self._telling, reverse=True)
        kept = sorted(order[: t.n // 2])
        self.shed += t.n - len(kept)
        self._resize(t.sources, kept)

    def _telling(self, i: int) -> tuple[int, int]:
        o = i * f.ROW_WIDTH
        rows = self._tally.rows
        weight = rows[o + f.REFUSED] + rows[o + f.NOT_FOUND] + rows[o + f.ANSWERED]
        weight += rows[o + f.ACCEPTED] + rows[o + f.SERVED] + 8 * (rows[o + f.WORTH] > 0)
        return weight + rows[o + f.ECHOED] + rows[o + f.DIALOGS], rows[o + f.MESSAGES]

    def _resize(self, sources: int, kept: list[int]) -> None:
        import numpy as np

        t = self._tally
        old = np.frombuffer(t.rows, np.uint64).reshape(-1, f.ROW_WIDTH)
        rows = np.zeros((sources, f.ROW_WIDTH), np.uint64)
        rows[: len(kept)] = old[kept]
        moved = np.full(old.shape[0], -1, np.int64)
        moved[kept] = np.arange(len(kept))
        transactions = np.frombuffer(t.transactions, np.uint64).copy().reshape(-1, 2)
        owner = moved[(transactions[:, 1] >> np.uint64(4)).astype(np.int64)]
        gone = owner < 0
        flags = transactions[:, 1] & np.uint64(15)
        transactions[:, 1] = np.where(gone, 0, (owner.astype(np.uint64) << np.uint64(4)) | flags)
        transactions[gone, 0] = 0
        import array

        t.rows = array.array("Q", rows.tobytes())
        t.transactions = array.array("Q", transactions.tobytes())
        t.sources, t.n = sources, len(kept)
        t.reindex()
        if len(kept) < len(moved):
            where = {old_index: new for new, old_index in enumerate(kept)}
            self._profiles = {where[i]: p for i, p in self._profiles.items() if i in where}


def _measure(batch: Batch, call: Call) -> None:
    for high, low, port in call.media:
        key = media_hash(high, low, port)
        bucket = (key % MEDIA_BUCKETS) * 16
        for o in range(bucket, bucket + 16, 4):
            if batch.media[o] == key:
                call.media_packets += batch.media[o + 1]
                first, last = batch.media[o + 2], batch.media[o + 3]
                call.media_first_ns = min(call.media_first_ns or first, first)
                call.media_last_ns = max(call.media_last_ns, last)


def _text(table: MessageTable, row: int, name: str) -> str:
    return table.text(row, name)[:MAX_TEXT].decode("utf-8", "backslashreplace")


def _account(table: MessageTable, row: int) -> str:
    registers = columns.M_REGISTER in (table.number(row, "method"), table.number(row, "cseq_method"))
    return _text(table, row, "to_user" if registers else "from_user")


def _media(table: MessageTable, row: int, side: str) -> tuple[tuple[int, int, int], ...]:
    """Where the session description of this message wants its media: as written, and as sent."""
    port = table.number(row, "sdp_port")
    if not port:
        return ()
    ends = {(table.number(row, f"{side}_high"), table.number(row, f"{side}_low"), port)}
    try:
        stated = ip_address(table.text(row, "sdp_address").decode("ascii", "replace"))
    except ValueError:
        return tuple(ends)
    if isinstance(stated, IPv4Address):
        ends.add((0, 0xFFFF00000000 | int(stated), port))
    else:
        ends.add((int(stated) >> 64, int(stated) & 0xFFFFFFFFFFFFFFFF, port))
    return tuple(ends)


_LOOPBACK_HOSTS = (b"127.0.0.1", b"localhost", b"0.0.0.0", b"1.1.1.1")


def _read_lies(
    table: MessageTable, row: int, profile: Profile, at: tuple[int, int, int]
) -> None:
    """What an INVITE says of itself that its packet contradicts."""
    destination = str(ip_address(table.address(row, "destination"))).encode()
    source = ip_address(table.address(row, "source"))
    if table.text(row, "via_host") == destination and str(source).encode() != destination:
        profile.note("via_names_target", at)
    if table.text(row, "uri_host") in _LOOPBACK_HOSTS and not source.is_loopback:
        profile.note("loopback_uri", at)
    if not table.text(row, "uri_user") and table.text(row, "uri").startswith(b"sip:@"):
        profile.note("empty_uri_user", at)
