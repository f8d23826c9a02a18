"""Tables of messages in, a profile of every source out.

How it works: the tally counts every message; the messages that it picked are
read, once, into the profile of their source. When the tally's rows are full, the
sources that tell least are shed, so that a flood of invented addresses can never
push out the history of one that attacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from ringfence.detect import _fields as f
from ringfence.detect._tally import MAX_SOURCES, Tally, tally
from ringfence.detect.counts import Counts
from ringfence.detect.crowds import Crowd, find_crowds
from ringfence.detect.deeds import Deeds
from ringfence.detect.profile import Call, Profile
from ringfence.detect.reading import PickedMessage, read_outcome, read_request
from ringfence.detect.room import keep_rows, most_telling
from ringfence.detect.servers import NO_DOOR, Door, Served, find_doors
from ringfence.wire import _columns as columns
from ringfence.wire._batch import MEDIA_BUCKETS, Batch, media_hash
from ringfence.wire._sip import span_hash
from ringfence.wire.table import MessageTable, unmapped

Address = IPv4Address | IPv6Address
# Rows to start with; doubled as needed, up to the tally's bound.
_FIRST_SOURCES = 16_384
# Messages without a success from which a source that was not worth a look is weighed
# all the same: a flood of one request, a phone that nobody answers.
_MANY_MESSAGES = 8
# Strangers at a server without users are weighed one by one where they are this few.
_MAX_STRANGERS = 2000
# User-Agent texts known by their hash: as many as the tally tells apart.
_MAX_AGENTS = 8192


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources that need weighing, how many do not, and who was asked."""

    remarkable: list[Deeds]
    unremarkable: int
    servers: dict[Address, Served]


class Watch:
    """All sources of one investigation. Feed tables, then ask `sources`."""

    def __init__(self, rows: int, max_sources: int = MAX_SOURCES) -> None:
        self._tally = Tally(2 * rows, min(_FIRST_SOURCES, max_sources))
        self._max_sources = max_sources
        self._profiles: dict[int, Profile] = {}
        self._agents: dict[int, str] = {}
        self._doors: dict[int, Door] = {}
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

    def sources(self) -> Sources:
        """Remarkable sources with counts and samples; the others are only counted.

        A source is remarkable when the tally found it worth a look, when one of its
        messages was read, when it is one of a crowd, and when it asks much in vain;
        nothing else could weigh.
        """
        rows, none = self._tally.rows, Profile()
        crowds = find_crowds(rows, self._tally.n)
        self._doors = find_doors(rows, self._tally.n)
        found: list[Deeds] = []
        servers: dict[Address, Served] = {}
        only_counted = 0
        for i in range(self._tally.n):
            o = i * f.ROW_WIDTH
            if rows[o + f.SERVED] or rows[o + f.ANSWERS]:
                servers[self._address(i)] = Served(
                    rows[o + f.SERVED],
                    rows[o + f.CLIENTS],
                    rows[o + f.MESSAGES],
                    rows[o + f.ANSWERS],
                    self._doors.get(i, NO_DOOR).strangers,
                )
            looked_at = rows[o + f.WORTH] or i in self._profiles
            if i in crowds.beyond and not looked_at:
                only_counted += 1
            elif looked_at or i in crowds.members or self._asks_in_vain(o) or self._is_stranger(o):
                counts = Counts(tuple(rows[o : o + f.ROW_WIDTH]))
                crowd = crowds.of(rows[o + f.AGENT], rows[o + f.ORDER])
                found.append(self._deeds(i, counts, self._profiles.get(i, none), crowd))
        unremarkable = self._tally.n + self.shed - len(found) - only_counted
        return Sources(found, unremarkable, servers)

    def _asks_in_vain(self, o: int) -> bool:
        """The source in the row at o asks much without a success, or registers unheard."""
        rows = self._tally.rows
        asked = rows[o + f.REGISTERS] + rows[o + f.REPEATED]
        if asked > 2 and not rows[o + f.RESPONSES]:
            return True
        if rows[o + f.HOSTS] > 3:
            return True
        return rows[o + f.MESSAGES] >= _MANY_MESSAGES and not rows[o + f.SUCCEEDED]

    def _is_stranger(self, o: int) -> bool:
        """The source in the row at o asks a server that has no users, as far as is seen."""
        rows, door = self._tally.rows, self._doors.get(self._tally.rows[o + f.SERVER] - 1)
        if door is None or self._tally.n > _MAX_STRANGERS or rows[o + f.SERVED]:
            return False
        return door.users == 0 and rows[o + f.MESSAGES] > 0

    def _deeds(self, i: int, counts: Counts, profile: Profile, crowd: Crowd) -> Deeds:
        agents = dict.fromkeys((*profile.texts("agents"), self._agents.get(counts.agent, "")))
        server = self._address(counts.server - 1) if counts.server else None
        named = tuple(a for a in agents if a)
        address = self._address(i)
        agent = self._agents.get(counts.agent, "")
        hand = (counts.order, counts.agent, agent) if counts.messages and agent else None
        door = self._doors.get(counts.server - 1, NO_DOOR)
        return Deeds(address, counts, profile, named, server, crowd.sources, crowd.rate, hand, door)

    def measure_media(self, batch: Batch) -> None:
        """Give each answered call the media that reached either of its ends (packets, times)."""
        for profile in self._profiles.values():
            for call in profile.calls.values():
                if call.answered_ns:
                    _measure(batch, call)

    def _address(self, index: int) -> Address:
        o = index * f.ROW_WIDTH
        rows = self._tally.rows
        return ip_address(unmapped(rows[o + f.ADDRESS_HIGH], rows[o + f.ADDRESS_LOW]))

    def _read_picks(self, table: MessageTable, source_input: int) -> None:
        picks = self._tally.picks
        for p in range(0, 3 * self._tally.pick_count, 3):
            index, reason = picks[p + 1], picks[p + 2]
            message = PickedMessage(table, picks[p], reason)
            place = (source_input, message.wide(columns.PACKET), message.wide(columns.TIME))
            profile = self._profiles.get(index)
            if profile is None:
                profile = Profile()
                if reason != f.P_AGENT:
                    self._profiles[index] = profile
            if reason & f.P_AGENT:
                self._learn_agent(table.batch, message)
            if message.number(columns.METHOD):
                read_request(message, profile, place)
            read_outcome(message, profile, place)
        self._tally.pick_count = 0

    def _learn_agent(self, batch: Batch, message: PickedMessage) -> None:
        if len(self._agents) < _MAX_AGENTS:
            at = message.number(columns.USER_AGENT)
            digest = span_hash(batch, at, at + message.number(columns.USER_AGENT + 1))
            self._agents[digest] = message.text(columns.USER_AGENT)

    def _make_room(self) -> None:
        """More rows, or, when there are as many as may be, shed those that tell least."""
        import numpy as np

        t = self._tally
        if t.sources < self._max_sources:
            keep_rows(t, min(2 * t.sources, self._max_sources), np.arange(t.n))
            return
        before = t.n
        moved = keep_rows(t, t.sources, most_telling(t))
        self.shed += before - t.n
        kept = ((int(moved[i]), profile) for i, profile in self._profiles.items())
        self._profiles = {i: profile for i, profile in kept if i >= 0}


def _measure(batch: Batch, call: Call) -> None:
    """Add up the media towards both ends; behind NAT the stated address is not the real one."""
    ends = set()
    for high, low, port, stated in call.media:
        ends.add((high, low, port))
        ends |= {(*words, port) for words in _words_of(stated)}
    for high, low, port in ends:
        key = media_hash(high, low, port)
        bucket = (key % MEDIA_BUCKETS) * 16
        for o in range(bucket, bucket + 16, 4):
            if batch.media[o] == key:
                call.media_packets += batch.media[o + 1]
                first, last = batch.media[o + 2], batch.media[o + 3]
                call.media_first_ns = min(call.media_first_ns or first, first)
                call.media_last_ns = max(call.media_last_ns, last)


def _words_of(stated: bytes) -> list[tuple[int, int]]:
    """The two words of an address as the kernels keep it; none when it is no address."""
    try:
        address = ip_address(stated.decode("ascii", "replace"))
    except ValueError:
        return []
    if isinstance(address, IPv4Address):
        return [(0, 0xFFFF00000000 | int(address))]
    return [(int(address) >> 64, int(address) & 0xFFFFFFFFFFFFFFFF)]
