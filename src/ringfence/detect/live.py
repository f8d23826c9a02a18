"""Verdicts while messages come: the same detection as over a capture, asked all the time.

How it works: the watch counts a table; the sources that it touched and that may be worth
a look are weighed again, each when it did enough that is new. What needs other sources
(crowds, servers, dialling plan, links, campaigns) is looked at on a slower beat, and held
against every source in between. Nothing that is asked changes what is counted, so the
verdicts of a capture's end are those of `investigate`.

Nothing grows for ever: a source is judged by what it did within a day. Its row is
forgotten a day after its first message, and it begins anew; what remains of one that was
let in and did nothing bad is that it was (`regulars`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address

from ringfence.detect import _fields as f
from ringfence.detect._tally import MAX_SOURCES
from ringfence.detect.assess import Assessment, assess
from ringfence.detect.campaigns import find_campaigns
from ringfence.detect.counts import Counts
from ringfence.detect.deeds import Address, Deeds
from ringfence.detect.links import Hand, Survey
from ringfence.detect.profile import Profile
from ringfence.detect.sharers import find_sharers
from ringfence.detect.verdict import ATTACKER, ORDINARY, SUSPECT, Verdict, weigh
from ringfence.detect.watch import Sources, Watch
from ringfence.model.standing import KNOWN, OURS, PEER, REGULAR, STRANGER, Guess, Standing
from ringfence.model.text import shown
from ringfence.wire import _columns as columns
from ringfence.wire.gathering import ROWS
from ringfence.wire.table import MessageTable

_S = 10**9
# From one look at all sources to the next: a second, and longer where they are many, so
# that the looks take no more than a few hundredths of the time.
BEAT_NS = _S
BEAT_NS_A_SOURCE = 500_000
# Sources that a look at all of them weighs anew; where there are more, they take turns, and
# between its turns a source stands as it stood. What it does itself is looked at in any case.
A_TURN = 200
# Samples (accounts, ports, calls) of all sources together, some 100 octets each. Beyond, the
# sources that tell least are forgotten.
MAX_SAMPLES_IN_ALL = 2_000_000
# Sources that are weighed for one table; the others of it wait for the next.
MAX_LOOKS = 64
# And for a second of all tables, so many at once: a look takes some 200 microseconds, and who
# sends under ever new names shall not have us look at each. Those that find no room are seen
# when they send again, or with all others.
LOOKS_A_SECOND = 1000
MAX_ALLOWANCE = 500
MAX_LEFT_WAITING = 500
# A source is weighed again when it sent, or failed, an eighth more than when it was last;
# an attacker, when it sent half as much more. Who begins like one and turns out to be a
# gateway has repeated itself by then.
_SHARE = 8
_SHARE_OF_ATTACKERS = 2
_FEW = 16
_FEW_FAILURES = 4
# What a source did lately is measured over so long.
RECENT_NS = 2 * _S
# A phone answers a challenge within this time. Until then each port of an address may have
# so many under way: a restart of all phones of an office is no sweep.
GRACE_NS = _S
_LINES_OF_A_PHONE = 8
# A source is judged by what it did within this time. A day holds the slowest attack that a
# capture shows, and a phone's mistakes of weeks do not add up to one.
FORGET_NS = 24 * 3600 * _S
_BETWEEN_AGEING_NS = 3600 * _S
# Addresses of which it is remembered that they were let in and did nothing bad, and for
# how long. Only our own server's yes enters one; the one seen longest ago gives way.
MAX_REGULARS = 65_536
REGULAR_NS = 30 * 24 * 3600 * _S
# A campaign goes on as long as one of its addresses was seen within this time.
_RUNNING_NS = 600 * _S
# Shapes (User-Agent and order of headers) of phones that were let in.
MAX_SHAPES = 65_536
# That a stranger's phone has exactly the shape of a tool is rarer than one in so many, even
# where no phone was seen yet: shapes are counted in thousands.
_SHAPES_ELSEWHERE = 20
# While a campaign that loses its addresses goes on, every other newcomer is its.
_PRIOR_LIFT_DB = 10.0

_VAIN = (f.INVITES, f.OPTIONS, f.OTHERS)
# What is told of a source as soon as it changes, whatever else it does.
_URGENT = (f.WORTH, f.MARKS, f.CHANGED, f.ENTERED, f.ACCEPTED, f.ANSWERED, f.STRANGERS, f.ODD)
_TELLING_PORTS = 16  # more of them fit no rule of a firewall
_PROOFS = (f.TCP, f.ECHOED, f.DIALOGS)

# In place of the deeds of a verdict that is kept: those hold all that was read of all sources
# at their time, and each verdict has a time of its own.
_NO_DEEDS = Deeds(ip_address(0), Counts((0,) * f.ROW_WIDTH), Profile(), ())
Shape = tuple[int, int]
_UNREMARKABLE = (ORDINARY, "")


@dataclass(frozen=True, slots=True)
class _Sample:
    """What a source had done at one moment."""

    time_ns: int
    messages: int = 0
    refused: int = 0
    failures: int = 0
    vain: int = 0


@dataclass(slots=True)
class _Look:
    """The last look at one source."""

    since: _Sample  # where what it did lately begins
    latest: _Sample
    # Challenges counted at two moments, the first at least `GRACE_NS` ago.
    settled: tuple[int, int]
    young: tuple[int, int]
    urgent: tuple[int, ...]
    told: tuple[object, ...] = ()  # what was last said of it


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What a source was found to be for itself, and on what."""

    row: tuple[int, ...]
    others: tuple[object, ...]
    verdict: Verdict  # without its deeds

    def holds_for(self, row: tuple[int, ...]) -> bool:
        """Whether the source did nothing since that could change it."""
        if row == self.row:
            return True
        if self.verdict.verdict != ATTACKER or _urgent(row) != _urgent(self.row):
            return False
        was = self.row[f.MESSAGES]
        if was < _FEW:
            return False
        return row[f.MESSAGES] <= was + was // _SHARE_OF_ATTACKERS


@dataclass(frozen=True, slots=True)
class _Campaign:
    """One hand that moves: how its addresses look, how many it had."""

    id: str
    addresses: int


@dataclass(frozen=True, slots=True)
class Step:
    """What a table changed: sources to decide about, passwords that were guessed at."""

    standings: tuple[Standing, ...] = ()
    guesses: tuple[Guess, ...] = ()


@dataclass(frozen=True, slots=True)
class LetIn:
    """Somebody whom the phone system lets in, or calls, and who is not accused."""

    address: Address
    accounts: tuple[str, ...]  # of an address that many share, those that were read
    is_peer: bool  # it is called by us, and answers


class Live:
    """All sources from now on. Feed tables; each gives what changed."""

    def __init__(
        self,
        rows: int = ROWS,
        servers: tuple[Address, ...] = (),
        known: Collection[Address] = (),
        *,
        seed: int = 0,
        max_sources: int = MAX_SOURCES,
    ) -> None:
        """`servers` and `known` are what the owner named; the seed is a secret of this run."""
        self.watch = Watch(rows, max_sources, seed)
        self.watch.heard, self.watch.is_endless = [], True
        self._servers, self._known = servers, frozenset(known)
        self._looks: dict[int, _Look] = {}
        self._waiting: list[int] = []
        self._allowance = float(MAX_ALLOWANCE)  # looks that may be taken now
        self._weighed: dict[Address, _Weighed] = {}
        self._now = self._beaten = self._aged = 0
        self._seen: Assessment = assess(self.watch.sources(), servers, known)
        self._beats, self._has_turn = 0, set[Address]()
        self._plan = self._seen.plan  # of all that are the same the first, as verdicts hold it
        # What a source was found to be for itself, and with what the others said of it then.
        self._stood: dict[Address, tuple[Verdict, Verdict]] = {}
        self._accused: dict[Address, str] = {}  # with the campaign
        self._running: dict[Shape, _Campaign] = {}
        self._shapes: set[Shape] = set()
        self._users = 0
        self.regulars: dict[Address, int] = {}  # when last let in

    # ------------------------------------------------------------ in

    def take(
        self, table: MessageTable, source_input: int = 0, first: int = 0, end: int | None = None
    ) -> Step:
        """Count the messages of a table, or rows `first` to `end` of it, and say what changed."""
        batch = table.batch
        whole = batch.n
        end = whole if end is None else min(end, whole)
        if first >= end:
            return Step()
        before, shed = self.watch.n, self.watch.shed
        batch.n = end
        try:
            self.watch.take(table, source_input, first)
        finally:
            batch.n = whole
        self._pass_to(batch.wide[(end - 1) * columns.WIDE_WIDTH + columns.TIME] or self._now)
        if self._is_beat() and self.watch.samples() > MAX_SAMPLES_IN_ALL:
            self.watch.shed_half()
        if self.watch.shed != shed:
            before = self._rows_moved()
        told: dict[str, Standing] = {}
        if self._is_beat():
            self._beat(told)
        self._greet(before, told)
        self._look_at(self.watch.touched(table, first, end), told)
        guesses = self._guesses()
        self._age()
        return Step(tuple(told.values()), guesses)

    def _pass_to(self, now: int) -> None:
        """Time passes, and looks may be taken again."""
        passed_s = abs(now - self._now) / _S
        self._allowance = min(MAX_ALLOWANCE, self._allowance + LOOKS_A_SECOND * passed_s)
        self._now = now

    @property
    def now_ns(self) -> int:
        """Time of the last message."""
        return self._now

    def verdicts(self) -> tuple[Verdict, ...]:
        """What `investigate` would say of everything until now; changes nothing."""
        return assess(self.watch.sources(), self._servers, self._known).verdicts

    def let_in(
        self, since_ns: int = 0, is_wanted: Callable[[Address], bool] = lambda _: True
    ) -> list[LetIn]:
        """Who was let in, or is called by us and answers, is not accused, and was seen since."""
        rows = self.watch.rows
        users = (rows[:, f.ACCEPTED] > 0) | (rows[:, f.ANSWERED] > 0)
        peers = (rows[:, f.CALLED] > 0) & (rows[:, f.ANSWERS] > 0)
        found = ((users | peers) & (rows[:, f.LAST] >= since_ns)).nonzero()[0].tolist()
        let_in = []
        for i in found:
            address = self.watch.address(i)
            if address in self._accused or address in self._seen.ours or not is_wanted(address):
                continue
            let_in.append(LetIn(address, self.watch.accounts_let_in(i), not users[i]))
        return let_in

    def seen_of(self, addresses: Iterable[Address]) -> dict[Address, tuple[int, int]]:
        """Requests of each of these sources so far, and when it was last seen (ns)."""
        rows, n = self.watch.rows, self.watch.n
        wanted = set(addresses)
        low = [int(a) & 0xFFFF_FFFF_FFFF_FFFF for a in wanted if a.version == 6]
        low += [0xFFFF << 32 | int(a) for a in wanted if a.version == 4]
        import numpy as np

        near = np.isin(rows[:n, f.ADDRESS_LOW], np.array(low, np.uint64)).nonzero()[0].tolist()
        found = {self.watch.address(i): self.watch.row(i) for i in near}
        return {a: (row[f.MESSAGES], row[f.LAST]) for a, row in found.items() if a in wanted}

    @property
    def ours(self) -> Collection[Address]:
        """Our servers, as far as they are known."""
        return self._seen.ours

    @property
    def accused(self) -> Collection[Address]:
        """Attackers and suspects, as of the last look at all sources."""
        return self._accused.keys()

    def forget(self, addresses: Iterable[str]) -> None:
        """Begin anew with these sources, as when what was done about them has ended."""
        wanted = set(addresses)
        if wanted:
            n = self.watch.n
            self._forget({i for i in range(n) if str(self.watch.address(i)) in wanted})

    # ------------------------------------------------------------ one source

    def _look_at(self, rows: list[int], told: dict[str, Standing]) -> None:
        """Weigh the sources that did something new, those that wait first."""
        due = dict.fromkeys((*self._waiting, *rows))
        self._waiting = []
        if self._allowance < len(due):  # those who send much before those who send once
            sent = self.watch.rows[:, f.MESSAGES]
            due = dict.fromkeys(sorted(due, key=lambda i: -int(sent[i])))
        looks = 0
        for i in due:
            if looks >= MAX_LOOKS or self._allowance < 1:
                if len(self._waiting) >= MAX_LEFT_WAITING:
                    break
                self._waiting.append(i)
            elif self._is_due(i):
                looks += 1
                self._allowance -= 1
                standing = self._standing(i, self._weigh(i))
                told[standing.address] = standing

    def _is_due(self, i: int) -> bool:
        row, look = self.watch.row(i), self._looks.get(i)
        if look is None or _urgent(row) != look.urgent:
            return True
        was, now = look.latest, _sample(row, self._now)
        if look.told[:1] == (ATTACKER,) and was.messages >= _FEW:
            return now.messages > was.messages + was.messages // _SHARE_OF_ATTACKERS
        more = was.messages // _SHARE
        if not (row[f.ACCEPTED] or row[f.ANSWERED]):
            more = min(more, _FEW)  # nobody let it in: a flood must not run ahead of the looks
        is_more = now.messages > was.messages + more
        return is_more or now.failures > was.failures + min(was.failures // _SHARE, _FEW_FAILURES)

    def _weigh(self, i: int) -> Verdict:
        deeds = replace(self.watch.deeds(i), plan=self._seen.plan)
        return self._seen.seen.look_again(self._weigh_again(deeds))

    def _weigh_again(self, deeds: Deeds) -> Verdict:
        """`weigh`, where something changed; challenges that are just being answered left out."""
        row = deeds.counts.row
        under_way = self._under_way(self.watch.row_of(deeds), row)
        if under_way:
            challenged = row[f.CHALLENGED] - under_way
            row = (*row[: f.CHALLENGED], challenged, *row[f.CHALLENGED + 1 :])
            deeds = replace(deeds, counts=Counts(row))
        if deeds.plan is not self._plan and deeds.plan != self._plan:
            self._plan = deeds.plan
        others = (deeds.crowd, deeds.crowd_rate, bool(deeds.door.challenges), self._plan)
        had = self._weighed.get(deeds.address)
        if had is not None and had.others == others and had.holds_for(row):
            return replace(had.verdict, deeds=deeds)
        verdict = weigh(deeds)
        self._weighed[deeds.address] = _Weighed(row, others, _bare(verdict))
        return verdict

    def _under_way(self, i: int, row: tuple[int, ...]) -> int:
        """Challenges of the last moments that its phones may still answer."""
        look, challenged = self._looks.get(i), row[f.CHALLENGED]
        if look is not None:
            settled = _settled(look, self._now)[0][1]
        else:
            settled = 0 if self._now - row[f.FIRST] <= GRACE_NS else challenged
        open_now = challenged - row[f.CREDENTIALS]
        most = max(1, row[f.PORTS]) * _LINES_OF_A_PHONE
        return max(0, min(challenged - settled, open_now, most))

    def _note(self, i: int, row: tuple[int, ...], challenged: int) -> _Look:
        """Remember that this source was looked at now, with challenges under way or not."""
        now, look = _sample(row, self._now), self._looks.get(i)
        if look is None:
            is_new = self._now - row[f.FIRST] <= RECENT_NS
            since = _Sample(row[f.FIRST]) if is_new else now
            young = self._now, challenged
            is_young = self._now - row[f.FIRST] <= GRACE_NS
            settled = (row[f.FIRST], 0) if is_young else young
            look = self._looks[i] = _Look(since, now, settled, young, _urgent(row))
        elif not 0 <= self._now - look.since.time_ns <= RECENT_NS:
            is_near = 0 <= self._now - look.latest.time_ns <= RECENT_NS
            look.since = look.latest if is_near else now
        look.latest, look.urgent = now, _urgent(row)
        look.settled, look.young = _settled(look, self._now)
        if look.young[0] == look.settled[0]:
            look.young = self._now, challenged
        return look

    def _standing(self, i: int, v: Verdict, moved: _Campaign | None = None) -> Standing:
        d, c = v.deeds, v.deeds.counts
        look = self._note(i, c.row, self.watch.row(i)[f.CHALLENGED])
        since, latest = look.since, look.latest
        against = max(v.clues, key=lambda clue: clue.weight_db, default=None)
        is_accused = v.verdict in (ATTACKER, SUSPECT)
        shared = find_sharers(d, self.watch.successes(i))
        standing = Standing(
            address=str(d.address),
            time_ns=self._now,
            last_ns=c.last,
            verdict=v.verdict,
            weight_db=v.weight_db,
            kinds=v.kinds,
            proven=d.proven,
            because=shown(against.says) if against and against.weight_db > 0 else "",
            clues=tuple(clue.rule for clue in v.clues),
            is_tool=d.bears_mark,
            role=self._role(d),
            messages=c.messages,
            refused=c.refused,
            refused_calls=c.refused_calls,
            accounts=c.accounts,
            failures=latest.failures,
            recent_s=round((self._now - since.time_ns) / 1e9, 3),
            recent_messages=latest.messages - since.messages,
            recent_refused=latest.refused - since.refused,
            recent_failures=latest.failures - since.failures,
            recent_vain=latest.vain - since.vain,
            insists=d.insists,
            succeeded=bool(c.accepted or c.answered or c.anonymous),
            accounts_taken=tuple(map(shown, d.accounts_let_in)) if is_accused else (),
            calls_abroad=len(d.foreign_answered) if is_accused else 0,
            users=shared.users,
            attack_ports=shared.attack_ports,
            campaign=moved.id if moved else self._accused.get(d.address, ""),
            moved_db=self._moved_db(moved) if moved else 0.0,
            moved=moved.addresses if moved else 0,
        )
        look.told = self._gist(v)
        return standing

    def _gist(self, v: Verdict) -> tuple[object, ...]:
        """What is told anew of a source when it changes."""
        d = v.deeds
        if v.verdict not in (ATTACKER, SUSPECT):
            return (v.verdict, d.proven if v.verdict != ORDINARY else "")
        taken, abroad = d.accounts_let_in, bool(d.foreign_answered)
        return (v.verdict, d.proven, v.kinds, taken, abroad, self._accused.get(d.address, ""))

    def _role(self, d: Deeds) -> str:
        if d.address in self._seen.ours:
            return OURS
        if d.address in self._known:
            return KNOWN
        if d.is_peer or d.is_trusted:
            return PEER
        return REGULAR if d.address in self.regulars else STRANGER

    # ------------------------------------------------------------ newcomers

    def _greet(self, before: int, told: dict[str, Standing]) -> None:
        """Look at sources never seen before whose first message looks like a campaign's."""
        if not self._running or before >= self.watch.n:
            return
        rows = self.watch.rows[before:]
        for i, (agent, order) in enumerate(rows[:, [f.AGENT, f.ORDER]].tolist(), before):
            campaign = self._running.get((agent, order))
            if self._allowance < 1:
                return
            if campaign is not None and not self._looks.get(i):
                self._allowance -= 1
                standing = self._standing(i, self._weigh(i), campaign)
                told[standing.address] = standing

    def _moved_db(self, campaign: _Campaign) -> float:
        """How much the fingerprint alone says, with what a running campaign adds to the prior.

        Of so many users none has it, so few strangers' phones have (rule of succession);
        of a hand that moves often, the next newcomer has it the more surely.
        """
        k, strangers = campaign.addresses, self._users + _SHAPES_ELSEWHERE
        return round(_PRIOR_LIFT_DB + 10.0 * math.log10(strangers * k / (k + 1)), 1)

    # ------------------------------------------------------------ all sources

    def _is_beat(self) -> bool:
        wait_ns = max(BEAT_NS, BEAT_NS_A_SOURCE * self.watch.n)
        # A little back is another input's block, which waited longer; further is another clock.
        return not -BEAT_NS <= self._now - self._beaten < wait_ns

    def _beat(self, told_now: dict[str, Standing]) -> None:
        """Look at all sources at once, and say of which something changed by that."""
        self._beaten = self._now
        sources = self._turn(self.watch.sources())
        self._seen = assess(
            sources, self._servers, self._known, self._weigh_in_turn, self._look_again_in_turn
        )
        verdicts = self._seen.verdicts
        campaigns = find_campaigns(verdicts)
        self._accused = {v.deeds.address: "" for v in verdicts if v.verdict in (ATTACKER, SUSPECT)}
        member_of = {address: c.id for c in campaigns for address in c.sources}
        for address in self._accused:
            self._accused[address] = member_of.get(str(address), "")
        self._learn_shapes()
        self._find_running()
        present = {v.deeds.address for v in verdicts}
        self._weighed = {a: had for a, had in self._weighed.items() if a in present}
        self._stood = {a: stood for a, stood in self._stood.items() if a in present}
        for v in verdicts:
            i = self.watch.row_of(v.deeds)
            look = self._looks.get(i)
            told = look.told if look is not None else _UNREMARKABLE
            if self._gist(v) != told:
                standing = self._standing(i, v)
                told_now[standing.address] = standing

    def _turn(self, sources: Sources) -> Sources:
        """Whose turn it is, and those that were weighed before; who is new waits for its turn."""
        self._beats += 1
        turns = -(-len(sources.remarkable) // A_TURN)
        self._has_turn = {
            d.address
            for number, d in enumerate(sources.remarkable)
            if (number + self._beats) % turns == 0
        }
        if turns == 1:
            return sources
        there = self._has_turn | self._weighed.keys()
        return replace(sources, remarkable=[d for d in sources.remarkable if d.address in there])

    def _weigh_in_turn(self, deeds: Deeds) -> Verdict:
        had = self._weighed.get(deeds.address)
        if had is None or deeds.address in self._has_turn:
            return self._weigh_again(deeds)
        return replace(had.verdict, deeds=deeds)

    def _look_again_in_turn(self, seen: Survey, verdict: Verdict) -> Verdict:
        """What the others say of it; of one that was not weighed since, as it stood."""
        address = verdict.deeds.address
        weighed = self._weighed[address].verdict
        stood = self._stood.get(address)
        if stood is not None and stood[0] is weighed and address not in self._has_turn:
            return replace(stood[1], deeds=verdict.deeds)
        last = seen.look_again(verdict)
        self._stood[address] = weighed, _bare(last)
        return last

    def _learn_shapes(self) -> None:
        """How the phones look that were let in and are not accused."""
        import numpy as np

        rows = self.watch.rows
        let_in = (rows[:, f.ACCEPTED] > 0) | (rows[:, f.ANSWERED] > 0)
        for v in self._seen.verdicts:
            if v.deeds.address in self._accused:
                let_in[self.watch.row_of(v.deeds)] = False
        shapes = rows[let_in][:, [f.AGENT, f.ORDER]]
        self._users = len(shapes) + len(self.regulars)
        if len(self._shapes) < MAX_SHAPES:
            self._shapes.update(map(tuple, np.unique(shapes, axis=0).tolist()))

    def _find_running(self) -> None:
        """Shapes of attackers that no user has, of campaigns that go on."""
        last: dict[Hand, int] = {}
        for v in self._seen.verdicts:
            hand = v.deeds.hand
            if hand is not None and v.verdict == ATTACKER:
                last[hand] = max(last.get(hand, 0), v.deeds.counts.last)
        self._running = {}
        for hand, addresses in self._seen.seen.hands.items():
            shape = (hand[1], hand[0])
            if shape not in self._shapes and self._now - last.get(hand, 0) <= _RUNNING_NS:
                campaign = self._accused.get(ip_address(addresses[0]), "")
                self._running[shape] = _Campaign(campaign, len(addresses))

    # ------------------------------------------------------------ what is forgotten

    def _age(self) -> None:
        """Forget sources a day after their first message, and those of another clock."""
        if 0 <= self._now - self._aged < _BETWEEN_AGEING_NS:
            return
        self._aged = self._now
        import numpy as np

        rows = self.watch.rows
        ours = set(self._seen.ours)
        ages = np.int64(self._now) - rows[:, f.FIRST].astype(np.int64)
        old = np.flatnonzero((np.abs(ages) > FORGET_NS) & (rows[:, f.FIRST] > 0)).tolist()
        self._forget({i for i in old if self.watch.address(i) not in ours})
        self.regulars = {
            address: last
            for address, last in self.regulars.items()
            if 0 <= self._now - last <= REGULAR_NS
        }

    def _forget(self, gone: set[int]) -> None:
        """Forget rows, but not that a source was let in and did nothing bad."""
        if not gone:
            return
        for i in gone:
            row, address = self.watch.row(i), self.watch.address(i)
            if address in self._accused or not (row[f.ACCEPTED] or row[f.ANSWERED]):
                continue
            self.regulars.pop(address, None)
            if len(self.regulars) >= MAX_REGULARS:
                del self.regulars[next(iter(self.regulars))]
            self.regulars[address] = row[f.LAST]
        for i in gone:
            self._accused.pop(self.watch.address(i), None)
            self._weighed.pop(self.watch.address(i), None)
            self._stood.pop(self.watch.address(i), None)
        self.watch.forget(gone)
        self._rows_moved()

    def _rows_moved(self) -> int:
        """Rows have other numbers now: what is known by number is known no more."""
        self._looks = {}
        self._waiting = []
        return self.watch.n

    def _guesses(self) -> tuple[Guess, ...]:
        heard, self.watch.heard = self.watch.heard, []
        return tuple(
            Guess(shown(account), str(address), time_ns)
            for address, account, time_ns in heard or ()
        )


def _bare(verdict: Verdict) -> Verdict:
    return replace(verdict, deeds=_NO_DEEDS)


def _sample(row: tuple[int, ...], now: int) -> _Sample:
    ignored = max(0, row[f.CHALLENGED] - row[f.CREDENTIALS])
    return _Sample(
        now,
        row[f.MESSAGES],
        row[f.REFUSED],
        row[f.REFUSED] + row[f.NOT_FOUND] + row[f.FORBIDDEN] + ignored,
        max(0, sum(row[field] for field in _VAIN) - row[f.SUCCEEDED] - row[f.LOOPED]),
    )


def _settled(look: _Look, now: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The challenges that were counted long enough ago, and those that were not."""
    is_old = not 0 <= now - look.young[0] < GRACE_NS
    return (look.young if is_old else look.settled), look.young


def _urgent(row: tuple[int, ...]) -> tuple[int, ...]:
    return (
        *[row[field] for field in _URGENT],
        *[row[field] > 0 for field in _PROOFS],
        min(row[f.PORTS], _TELLING_PORTS),
    )
