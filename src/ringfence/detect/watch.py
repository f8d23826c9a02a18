"""Tables of messages in, a profile of every source out.

How it works: the tally counts every message; the messages that it picked are
read, once, into the profile of their source. When the tally's rows are full, the
sources that tell least are shed, so that a flood of invented addresses can never
push out the history of one that attacks.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from ringfence.detect import _fields as f
from ringfence.detect._join import (
    confirm_calls,
    join_echoes,
    join_others,
    join_pairs,
    join_rows,
    join_transactions,
)
from ringfence.detect._tally import (
    MAX_EARLY,
    MAX_SOURCES,
    Tally,
    agent_hash,
    find_source,
    is_early,
    refused_call,
    tally,
)
from ringfence.detect._touched import touched
from ringfence.detect.callbook import CallBook
from ringfence.detect.counts import Counts
from ringfence.detect.crowds import Crowd, Crowds, find_crowds
from ringfence.detect.deeds import Deeds
from ringfence.detect.media import measure_media
from ringfence.detect.profile import MAX_SAMPLES, Profile
from ringfence.detect.reading import (
    Outcome,
    PickedMessage,
    Place,
    outcome_of,
    read_outcome,
    read_request,
    views_of,
)
from ringfence.detect.room import grow, keep_rows, most_telling
from ringfence.detect.servers import NO_DOOR, Door, Served, find_doors
from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire.table import MessageTable, unmapped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Address = IPv4Address | IPv6Address
# Rows to start with; doubled as needed, up to the tally's bound.
_FIRST_SOURCES = 16_384
# Messages without a success from which a source that was not worth a look is weighed
# all the same: a flood of one request, a phone that nobody answers.
_MANY_MESSAGES = 8
# Strangers at a server without users are weighed one by one where they are this few.
_MAX_STRANGERS = 2000
# Reasons to read what became of a request; all others are of the request itself.
_OUTCOMES = f.P_REFUSED | f.P_NOT_FOUND | f.P_ENTERED | f.P_ANSWER
_FAILURES = f.P_REFUSED | f.P_NOT_FOUND
# Tables after which the answers kept for requests to come may be looked through: what a
# capture of answers alone costs the interpreted half is bounded by that.
_TABLES_A_REVIEW = 64
# Where messages never end: of so many sources that are read closely, one that proved nothing is
# known well enough by so many samples (a flood's invented senders come again and again).
CLOSELY = 512
ENOUGH_SAMPLES = 24
_PROOFS = (f.TCP, f.ECHOED, f.DIALOGS)
# What is read of everybody all the same: that it was let in, called, guessed at a password.
_ALWAYS_READ = f.P_ENTERED | f.P_ANSWER | f.P_REFUSED | f.P_LATE
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

    def __init__(self, rows: int, max_sources: int = MAX_SOURCES, seed: int = 0) -> None:
        """The seed is a secret of this run: strangers who know it could make tables slow."""
        self._tally = Tally(2 * rows, min(_FIRST_SOURCES, max_sources), seed)
        self._max_sources = max_sources
        self._profiles: dict[int, Profile] = {}
        self._early: dict[int, Outcome] = {}  # answers whose request is still to come, by its key
        # Successes of sources that were not worth a look then, by account.
        self._quiet: dict[int, dict[str, Outcome]] = {}
        self._agents: dict[int, str] = {}
        self._doors: dict[int, Door] = {}
        self._crowds = Crowds({})
        self._book = CallBook(self._tally.calls)
        self._tables = 0
        self._rounds = array("Q")  # for each row when it was named last (`_touched.py`)
        self._named = array("Q")
        self.shed = 0
        self.is_endless = False  # samples of sources that may be forged are kept small
        # Passwords guessed (address, account, time in ns), where somebody wants to hear of
        # them: refusals, each in a call of its own; phones repeat one call.
        self.heard: list[tuple[Address, str, int]] | None = None

    def take(self, table: MessageTable, source_input: int, row: int = 0) -> None:
        """Count and read the messages of one table from `row` on, of input `source_input`."""
        while True:
            row = tally(self._tally, table.batch, row)
            self._read_picks(table, source_input)
            if row >= len(table):
                break
            self._make_room()
        self._tables += 1
        if self._tables % _TABLES_A_REVIEW == 0 and len(self._early) >= MAX_EARLY:
            self._review_early()

    def _review_early(self) -> None:
        """Forget answers whose request has come, and the older half of the others."""
        waiting = {key: e for key, e in self._early.items() if is_early(self._tally, key)}
        self._early = {}
        self._merge_early(dict(list(waiting.items())[len(waiting) // 2 :]))

    def sources(self) -> Sources:
        """Remarkable sources with counts and samples; the others are only counted.

        A source is remarkable when the tally found it worth a look, when one of its
        messages was read, when it is one of a crowd, and when it asks much in vain;
        nothing else could weigh.
        """
        self._book = self._complete_calls()
        rows, none = self._tally.rows, Profile()
        crowds = self._crowds = find_crowds(rows, self._tally.n)
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
                found.append(self._deeds(i, counts, self._read(i) or none, crowd))
        unremarkable = self._tally.n + self.shed - len(found) - only_counted
        return Sources(found, unremarkable, servers)

    def _read(self, i: int) -> Profile | None:
        """What was read of source i, with successes that were put by and matter now.

        What is put by stays so: whoever asks early changes nothing of what is said later.
        """
        profile = self._profiles.get(i)
        entered = self._entered(i)
        if not entered:
            return profile
        profile = profile.copy() if profile is not None else Profile()
        for success in entered:
            read_outcome(success, f.P_ENTERED, profile)
        return profile

    def _entered(self, i: int) -> list[Outcome]:
        """Successes of source i that were put by, and came after its first misdeed."""
        quiet, rows, o = self._quiet.get(i), self._tally.rows, i * f.ROW_WIDTH
        if not quiet or not rows[o + f.WORTH]:
            return []
        since, accepted = rows[o + f.SINCE] or rows[o + f.LAST], rows[o + f.ACCEPTED_AT]
        entered = [success for success in quiet.values() if success.place[2] > since]
        if not entered and accepted > since:
            first = next(iter(quiet.values()))
            entered = [replace(first, place=(*first.place[:2], accepted))]
        return entered

    def _complete_calls(self) -> CallBook:
        """Give the calls that were read the ends that were counted."""
        book = CallBook(self._tally.calls)
        for i, profile in self._profiles.items():
            if profile.calls:
                book.complete(i, profile)
        return book

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
        further = partial(self._book.further, i, profile)
        return Deeds(
            address, counts, profile, named, server, crowd.sources, crowd.rate, hand, door,
            further_calls=further,
        )  # fmt: skip

    def merge(self, other: Watch) -> None:
        """Add all that another watch of the same seed counted and read; it is used up by that.

        What comes out is what one watch would say of all their messages, in whatever
        way they were shared out, as far as the bounds of the tables reach.
        """
        t, u = self._tally, other._tally
        if t.seed != u.seed:
            raise ValueError("watches of different seeds cannot be merged")
        while t.n + u.n + 2 > t.sources:
            if t.sources < self._max_sources or t.n >= u.n:
                self._make_room()
            else:
                other.shed_half()
        heads = range(0, u.n * f.ROW_WIDTH, f.ROW_WIDTH)
        rows = u.rows
        moved = array(
            "q", [find_source(t, rows[o + f.ADDRESS_HIGH], rows[o + f.ADDRESS_LOW]) for o in heads]
        )
        join_rows(t, u, moved)
        join_pairs(t, u, moved)
        join_echoes(t, u, moved)
        join_others(t, u, moved)
        self._merge_readings(other, moved)
        for last in (False, True):
            at = 0
            while at < len(u.transactions):
                at = join_transactions(t, u, moved, at, last)
                self._read_joined()
        confirm_calls(t)
        self.shed += other.shed

    def _merge_readings(self, other: Watch, moved: array[int]) -> None:
        for i, profile in other._profiles.items():
            self._profiles.setdefault(moved[i], Profile()).merge(profile)
        for i, quiet in other._quiet.items():
            for success in quiet.values():
                self._keep_quiet(moved[i], success)
        for digest, agent in other._agents.items():
            if len(self._agents) < _MAX_AGENTS:
                self._agents.setdefault(digest, agent)
        self._merge_early(other._early)

    def _keep_quiet(self, index: int, success: Outcome) -> None:
        """Of each account the last success, as that is the likeliest to come after a misdeed."""
        quiet = self._quiet.setdefault(index, {})
        known = quiet.get(success.account)
        if known is None and len(quiet) >= MAX_SAMPLES:
            return
        if known is None or known.place[2] < success.place[2]:
            quiet[success.account] = success

    def _merge_early(self, theirs: dict[int, Outcome]) -> None:
        """Answers whose request is still to come, of both, within the bound of one."""
        both = (self._early | theirs).items()
        successes = [(key, early) for key, early in both if early.status < 300][:MAX_EARLY]
        failures = [(key, early) for key, early in both if early.status >= 300][:MAX_EARLY]
        self._early = dict(successes + failures)
        self._tally.early_successes = len(successes)
        self._tally.early_failures = len(failures)

    def _read_joined(self) -> None:
        """Read the answers that found their request as two watches were merged."""
        t = self._tally
        rows, picks = t.rows, t.picks
        for p in range(0, 4 * t.pick_count, 4):
            index, reason, early = picks[p + 1], picks[p + 2], self._take_early(picks[p + 3])
            if early is None:
                continue
            o, at = index * f.ROW_WIDTH, early.place[2]
            if reason & f.P_QUIET:
                self._keep_quiet(index, early)
                continue
            if reason & f.P_REFUSED or reason == f.P_LATE:
                refused_call(t, index, early.call_hash)
            if rows[o + f.WORTH] and reason & _FAILURES:
                rows[o + f.SINCE] = min(rows[o + f.SINCE] or at, at)
            read_outcome(early, reason, self._profiles.setdefault(index, Profile()))
        t.pick_count = 0

    def measure_media(self, batch: Batch) -> None:
        """Give each answered call the media that reached either of its ends (packets, times)."""
        self._complete_calls()
        answered = [c for p in self._profiles.values() for c in p.calls.values() if c.answered_ns]
        measure_media(batch.media, answered)

    def _address(self, index: int) -> Address:
        o = index * f.ROW_WIDTH
        rows = self._tally.rows
        return ip_address(unmapped(rows[o + f.ADDRESS_HIGH], rows[o + f.ADDRESS_LOW]))

    def _read_picks(self, table: MessageTable, source_input: int) -> None:
        t = self._tally
        if not t.pick_count:
            return
        views, picks = views_of(table), memoryview(t.picks)
        is_sparing = self.is_endless and len(self._profiles) > CLOSELY
        for p in range(0, 4 * t.pick_count, 4):
            row, index, reason, key = picks[p : p + 4].tolist()
            message = PickedMessage(table, row, reason, views)
            place = (source_input, message.wide(columns.PACKET), message.wide(columns.TIME))
            if reason & (f.P_EARLY | f.P_QUIET | f.P_AGENT) and not self._put_by(
                table.batch, message, place, index, key
            ):
                continue
            profile = self._profiles.get(index)
            if profile is None:
                profile = self._profiles[index] = Profile()
            elif is_sparing and not reason & _ALWAYS_READ and self._is_known_enough(index, profile):
                continue
            if reason & _OUTCOMES:
                self._read_outcome(message, place, key, profile, index)
            elif message.number(columns.METHOD):
                read_request(message, profile, place)
        t.pick_count = 0

    def _is_known_enough(self, index: int, profile: Profile) -> bool:
        """Whether further samples of this source would only cost memory: it may be forged."""
        rows, o = self._tally.rows, index * f.ROW_WIDTH
        return profile.samples >= ENOUGH_SAMPLES and not any(rows[o + field] for field in _PROOFS)

    def _put_by(
        self, batch: Batch, message: PickedMessage, place: Place, index: int, key: int
    ) -> bool:
        """Keep what may come to matter later; whether the message tells of its source now."""
        reason = message.reason
        if reason & f.P_EARLY:
            self._early[key] = outcome_of(message, place)
        elif reason & f.P_QUIET:
            self._keep_quiet(index, self._late(message, place, key))
        else:
            self._learn_agent(batch, message)
            return reason != f.P_AGENT
        return False

    def _read_outcome(
        self, message: PickedMessage, place: Place, key: int, profile: Profile, index: int
    ) -> None:
        outcome = self._late(message, place, key)
        if (
            self.heard is not None
            and message.reason & f.P_REFUSED
            and (outcome.call_hash not in profile.refused_calls or self._guesses(index))
        ):
            self.heard.append((self._address(index), outcome.account, outcome.place[2]))
        read_outcome(outcome, message.reason, profile)

    def _guesses(self, i: int) -> bool:
        """Whether the source in row i repeats itself as tools do, and phones never."""
        o = i * f.ROW_WIDTH
        marks = self._tally.rows[o + f.MARKS] & (f.K_SIPVICIOUS_TAG | f.K_SVCRACK_TAG)
        return bool(marks) or self._tally.rows[o + f.CHANGED] > 1

    def _late(self, message: PickedMessage, place: Place, key: int) -> Outcome:
        """The outcome that this message tells of, or the answer that came before it."""
        early = self._take_early(key) if message.reason & f.P_LATE else None
        return early or outcome_of(message, place)

    def _take_early(self, key: int) -> Outcome | None:
        early = self._early.pop(key, None)
        if early is not None and early.status < 300:
            self._tally.early_successes -= 1
        elif early is not None:
            self._tally.early_failures -= 1
        return early

    def _learn_agent(self, batch: Batch, message: PickedMessage) -> None:
        if len(self._agents) < _MAX_AGENTS:
            at = message.number(columns.USER_AGENT)
            end = at + message.number(columns.USER_AGENT + 1)
            digest = agent_hash(self._tally, batch, at, end)
            self._agents[digest] = message.text(columns.USER_AGENT)

    # ------------------------------------------------------------ while it goes on

    @property
    def n(self) -> int:
        """Rows in use; a source seen for the first time gets the next one."""
        return self._tally.n

    def touched(self, table: MessageTable, first: int, end: int) -> list[int]:
        """Rows of the sources that these messages were about and that may be weighed."""
        t, size = self._tally, self._tally.sources + 1
        if len(self._rounds) != size:
            self._rounds = array("Q", bytes(8 * size))
        if len(self._named) < end - first:
            self._named = array("Q", bytes(8 * (end - first)))
        count = touched(t, table.batch, first, end, self._rounds, self._named)
        return self._named[:count].tolist()

    def row(self, i: int) -> tuple[int, ...]:
        """The numbers of the source in row i."""
        return tuple(self._tally.rows[i * f.ROW_WIDTH : (i + 1) * f.ROW_WIDTH])

    def address(self, i: int) -> Address:
        """The address of the source in row i."""
        return self._address(i)

    def row_of(self, deeds: Deeds) -> int:
        """The row of a source that was seen."""
        return find_source(self._tally, deeds.counts.address_high, deeds.counts.address_low)

    @property
    def rows(self) -> NDArray[np.uint64]:
        """All rows in use, as a view that holds until more are needed."""
        import numpy as np

        return np.frombuffer(self._tally.rows, np.uint64).reshape(-1, f.ROW_WIDTH)[: self.n]

    def deeds(self, i: int) -> Deeds:
        """What the source in row i did so far; what others did is as of the last `sources`."""
        counts = Counts(self.row(i))
        crowd = self._crowds.of(counts.agent, counts.order)
        return self._deeds(i, counts, self._read(i) or Profile(), crowd)

    def successes(self, i: int) -> list[tuple[str, int, int]]:
        """Successes of row i that were put by: account, port, time (ns); the last of each."""
        return [(s.account, s.port, s.place[2]) for s in self._quiet.get(i, {}).values()]

    def accounts_let_in(self, i: int) -> tuple[str, ...]:
        """Accounts by which row i was let in, as far as they were read."""
        profile = self._profiles.get(i)
        read = profile.texts("accepted_accounts") if profile is not None else ()
        return tuple(dict.fromkeys((*self._quiet.get(i, ()), *read)))

    def forget(self, gone: set[int]) -> None:
        """Forget the sources in these rows, as if they had never been seen."""
        import numpy as np

        if not gone:
            return
        kept = np.setdiff1d(np.arange(self._tally.n), np.fromiter(gone, np.intp, len(gone)))
        self._keep(kept.astype(np.intp))
        self._forget_agents()

    def _forget_agents(self) -> None:
        """Forget User-Agents that nobody bears any more, so that there is room for others."""
        t = self._tally
        rows = t.rows
        borne = {rows[o + f.AGENT] for o in range(0, t.n * f.ROW_WIDTH, f.ROW_WIDTH)}
        marks = {agent >> 1 for agent in borne}
        for slot, agent in enumerate(memoryview(t.agents).tolist()):
            if agent and agent >> 1 not in marks:
                t.agents[slot] = 0
        t.agent_count = sum(1 for agent in memoryview(t.agents).tolist() if agent)
        self._agents = {digest: text for digest, text in self._agents.items() if digest in borne}

    # ------------------------------------------------------------ room

    def _make_room(self) -> None:
        """More rows, or, when there are as many as may be, shed those that tell least."""
        t = self._tally
        if t.sources < self._max_sources:
            grow(t, min(2 * t.sources, self._max_sources))
            return
        self.shed_half()

    def samples(self) -> int:
        """Samples that are kept of all sources together."""
        return sum(profile.samples for profile in self._profiles.values())

    def shed_half(self) -> None:
        """Forget the half of the sources that tells least."""
        before = self._tally.n
        self._keep(most_telling(self._tally))
        self.shed += before - self._tally.n

    def _keep(self, kept: NDArray[np.intp]) -> None:
        moved = keep_rows(self._tally, kept)
        self._rounds = array("Q")
        self._profiles = {int(moved[i]): p for i, p in self._profiles.items() if moved[i] >= 0}
        self._quiet = {int(moved[i]): q for i, q in self._quiet.items() if moved[i] >= 0}
