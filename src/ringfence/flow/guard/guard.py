"""The guard, composed: what is heard is weighed, acted upon, proven, kept, and told.

How it works: one thread hears and decides, and waits for nobody: the firewall, the disk, the
mail server and the store have threads of their own, each with a bounded list of what to do.
Once a second it looks at what is in force, at attacks that go on, and says how it stands.
This page is the heart of the live flow; what each part does stands beside it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from ringfence.detect.once import Once
from ringfence.evidence.rolling import RollingBuffer
from ringfence.flow import service
from ringfence.flow.acting import Acting
from ringfence.flow.drill.record import read_record, said_of
from ringfence.flow.firewall import CROWD, STRANGER, FirewallError, InForce, Shape
from ringfence.flow.guard.afield import Afield
from ringfence.flow.guard.bearing import write_bearing
from ringfence.flow.guard.clerk import Clerk
from ringfence.flow.guard.ears import Ears, Piece
from ringfence.flow.guard.hand import Acted, Hand, Looked
from ringfence.flow.guard.herald import Herald
from ringfence.flow.guard.ledger import Ledger
from ringfence.flow.guard_metrics import GuardMetrics
from ringfence.flow.investigation import Owner
from ringfence.flow.log_lines import ERROR, INFO, WARNING, LogLines
from ringfence.flow.metrics_port import MetricsPort
from ringfence.flow.outside import Outsiders
from ringfence.flow.rehearsal import Engine
from ringfence.flow.wall import Wall
from ringfence.model.acting import Done
from ringfence.model.case import StoreError
from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, Decision
from ringfence.model.endpoint import Address
from ringfence.model.event import Event
from ringfence.model.guard_status import BlockStatus, GuardStatus
from ringfence.model.guarding import GuardError, Guarding
from ringfence.model.settings import Settings
from ringfence.respond.verify import LAG_S
from ringfence.wire.gathering import ROWS
from ringfence.wire.retold import Retold

# Without anything to hear it looks around after this time.
WAIT_S = 0.05
TICK_S = 1.0
# After a new block it is looked at sooner, so that "effective after 0.2 s" can be said.
SOON_S = 0.2
_SOON_FOR_S = 2.0
# Who was let in is told to the firewall again after this time.
_KNOW_AGAIN_S = 3600.0
_MAX_KNOWN = 65_536
# What `status` and the metrics name.
MAX_SHOWN = 200
_LATENCIES = 2000
# Whom events without an address of ours were for: nobody's, where no server is named.
_UNNAMED = ip_address("192.0.2.1")


class Guard:
    """One guard, from `run` to `stop`. `wall` None: it only watches."""

    def __init__(
        self,
        wanted: Guarding,
        settings: Settings,
        log: LogLines,
        wall: Wall | None = None,
        outsiders: Outsiders | None = None,
        acting: Acting | None = None,
    ) -> None:
        self._wanted, self._log = wanted, log
        self._stopped = False
        self._problems: dict[str, str] = {}
        self._seed = int.from_bytes(os.urandom(8), "little")
        owner = Owner(servers=wanted.servers, known=(*wanted.trunks, *wanted.known))
        self._engine = Engine(owner, wanted.guesses_a_day, ROWS, self._seed)
        self._once = Once(self._seed, packets_come=wanted.hears.has_packets)
        self._retold = Retold(wanted.servers[0] if wanted.servers else _UNNAMED)
        self._tells = bool(wanted.hears.logs or wanted.hears.services)
        self._buffer = RollingBuffer(
            self._seed, wanted.buffer_octets, wanted.before_s, wanted.after_s
        )
        self._ears = Ears(wanted.hears, self._input_says)
        self._ledger = Ledger(enforcing=wall is not None)
        self._clerk = Clerk(wanted, self._buffer, self._problem("cases"))
        self._herald = Herald(settings, wanted.store, self._problem("alarms"))
        self._hand = None if wall is None else Hand(wall, _shape(wanted), self._problem("firewall"))
        self._afield = Afield(outsiders, acting, self._did, self._problem("afield"))
        self._metrics = GuardMetrics()
        self._since = datetime.now(UTC)
        self._messages = self._verdicts = 0
        self._rate, self._counted = 0.0, (time.monotonic(), 0)
        self._latencies: deque[float] = deque(maxlen=_LATENCIES)
        self._in_force: tuple[InForce, ...] = ()
        self._slowed: dict[str, int] = {}
        self._blocked_at: dict[str, float] = {}
        self._heard_of: dict[str, int] = {}  # messages that logs told of blocked addresses
        self._known: dict[str, float] = {}
        self._ticked = self._looked = self._knew_ns = 0.0
        self._soon_until = 0.0
        self._look_took_s = 0.0
        self._outages = 0
        self.status: GuardStatus = self._status()

    def stop(self) -> None:
        """Have `run` return soon; from a signal's handler, or any thread."""
        self._stopped = True
        self._ears.wake()

    def run(self, began: Callable[[], None] = lambda: None) -> None:
        """Guard until `stop`. Raises GuardError where nothing can be heard, or done."""
        with ExitStack() as stack:
            stack.callback(self._clerk.close, 30.0)  # the next guard investigates what is left
            stack.callback(self._herald.close, 10.0)
            if self._hand is not None:
                stack.callback(self._hand.close)
            stack.callback(self._afield.close)
            stack.enter_context(self._ears)
            self._begin()
            self._afield.start()
            if self._wanted.metrics_port:
                stack.enter_context(self._port())
            service.tell(service.READY)
            began()
            while not self._stopped:
                self._hear()
                self._tick()
            service.tell(service.STOPPING)
            for piece in self._ears.finish():
                self._take(piece)
            self._tick(last=True)

    # ------------------------------------------------------------ begin

    def _begin(self) -> None:
        """What holds from before, and what an earlier guard had left to do."""
        if self._hand is not None:
            try:
                for one in self._hand.begin():
                    self._remember(one)
            except (FirewallError, StoreError) as error:
                raise GuardError(f"nothing could be blocked: {error}") from error
        try:
            self._engine.live.regulars |= self._herald.regulars.remembered()
        except StoreError as error:
            says = f"who was let in on earlier days is not known until he is let in again: {error}"
            self._log.say("regulars", WARNING, says=says)
        left = self._clerk.recover()
        self._log.say(
            "began", INFO, enforcing=self._hand is not None, left_to_investigate=left,
            inputs=", ".join(one.name for one in self._ears.status()),
        )  # fmt: skip

    def _remember(self, one: InForce) -> None:
        measure = one.measure
        if measure.by != "guard" or measure.action not in (BLOCK, NARROW) or "/" in measure.address:
            return
        until_ns = int(datetime.fromisoformat(measure.until).timestamp() * 1e9)
        self._engine.decider.restore(measure.address, measure.action, until_ns, 1)

    def _port(self) -> MetricsPort:
        def text() -> str:
            self._metrics.tell(self.status)
            return self._metrics.text()

        try:
            return MetricsPort(text, lambda: self.status.wrong, self._wanted.metrics_port)
        except OSError as error:
            raise GuardError(
                f"metrics: port {self._wanted.metrics_port} of 127.0.0.1: {error.strerror}; "
                "write another guard.metrics_port, or 0"
            ) from error

    # ------------------------------------------------------------ hear, decide, act

    def _hear(self) -> None:
        self._ears.wait(WAIT_S)
        for piece in self._ears.pieces():
            self._take(piece)
        if self._tells:
            self._take_events()

    def _take(self, piece: Piece) -> None:
        """Messages that were seen: kept first, for a verdict cuts what came before it."""
        table = piece.table
        self._messages += len(table)
        self._buffer.take(piece.holder, table, time.monotonic_ns())
        self._act(self._engine.take(table, piece.number))
        if self._tells:
            self._once.packets(table, time.time_ns())

    def _take_events(self) -> None:
        """Events that phone systems told of; those that nobody saw become messages."""
        now_ns = time.time_ns()
        events = self._ears.events()
        if events:
            self._note_heard(events)
            self._once.take(events, now_ns)
        for event in self._once.due(now_ns):
            told = replace(event, time_ns=now_ns)
            while not self._retold.tell(told, now_ns):
                self._take_retold()
        self._take_retold()

    def _take_retold(self) -> None:
        number = len(self._wanted.hears.interfaces) + 1
        for table in self._retold.tables():
            self._messages += len(table)
            self._act(self._engine.take(table, number))

    def _note_heard(self, events: Sequence[Event]) -> None:
        """What the phone system still hears of those who are blocked."""
        now = time.monotonic()
        for event in events:
            since = self._blocked_at.get(event.source)
            if since is not None and now - since > LAG_S:
                self._heard_of[event.source] = self._heard_of.get(event.source, 0) + event.count

    def _act(self, decisions: Sequence[Decision]) -> None:
        self._afield.taken(self._ledger.stood(self._engine.standings))
        if not decisions:
            return
        if self._hand is not None:
            self._hand.do(decisions)
        now_ns = time.monotonic_ns()
        for decision in decisions:
            self._verdicts += 1
            entry = self._ledger.decided(decision)
            if entry is not None and (decision.weight_db or decision.kinds):
                loud = decision.action == ALARM and bool(decision.account or entry.calls)
                self._clerk.verdict(entry.key, decision.address, now_ns, loud=loud)
            self._say(decision)
        self._herald.regulars.strike(
            one.address
            for one in decisions
            if one.action == BLOCK or (one.action == ALARM and one.account)
        )
        roles = {one.address: one.role for one in self._engine.standings if one.role}
        self._herald.decided(decisions, roles, enforcing=self._hand is not None)

    def _say(self, decision: Decision) -> None:
        level = WARNING if decision.action in (BLOCK, NARROW, ALARM) else INFO
        self._log.say(
            decision.action if self._hand is not None else f"would_{decision.action}", level,
            address=decision.address, reason=decision.reason, account=decision.account,
            kinds=" ".join(decision.kinds), weight_db=decision.weight_db,
            proven=decision.proven, lasts_s=decision.lasts_s, messages=decision.messages,
            refused=decision.refused, campaign=decision.campaign,
        )  # fmt: skip

    # ------------------------------------------------------------ once a second

    def _tick(self, *, last: bool = False) -> None:
        now = time.monotonic()
        self._take_results(now)
        if self._hand is not None:
            self._hand.tick()
            pause_s = SOON_S if now < self._soon_until else TICK_S
            if now - self._looked >= max(pause_s, 20 * self._look_took_s):
                self._looked = now
                self._hand.look(dict(self._heard_of), self._ledger.moved())
        if now - self._ticked < TICK_S and not last:
            return
        self._ticked = now
        self._clerk.tick(time.monotonic_ns())
        self._ledger.seen(self._engine.live.seen_of(self._ledger.active()), time.time_ns())
        self._know(now)
        self._see_to_devices()
        changed = self._ledger.changed()
        drills = read_record(Path(self._wanted.run)) if changed else []
        attacks = [
            replace(
                attack,
                to_do=self._afield.ready(attack.accounts_taken),
                drill=said_of(drills, attack.addresses, attack.began),
            )
            for attack in changed
        ]
        self._herald.tell(attacks, datetime.now().astimezone())
        ours = tuple(self._engine.live.ours)
        self._buffer.name_ours(map(str, ours))
        self._clerk.servers = ours
        self._count(now)
        self.status = self._status()
        self._write_status()
        service.tell(service.WATCHDOG, service.status(self._in_a_line()))

    def _take_results(self, now: float) -> None:
        for result in self._hand.results() if self._hand is not None else ():
            if isinstance(result, Acted):
                self._acted(result, now)
            elif isinstance(result, Looked):
                self._in_force, self._slowed = result.in_force, dict(result.slowed)
                self._look_took_s = result.took_s
                self._afield.settle(result.in_force, now)
                self._ledger.looked(result.in_force, time.time_ns())
                still = {one.measure.address for one in result.in_force}
                self._blocked_at = {a: at for a, at in self._blocked_at.items() if a in still}
                self._heard_of = {a: n for a, n in self._heard_of.items() if a in still}
        for filed in self._clerk.results():
            if filed.case_id:
                self._ledger.filed(filed.case_id, filed.addresses)
                self._log.say("case", WARNING, case=filed.case_id, folder=filed.folder)

    def _acted(self, acted: Acted, now: float) -> None:
        self._ledger.acted(acted.done)
        self._afield.acted(acted.done)
        self._afield.released(acted.released)
        self._soon_until = now + _SOON_FOR_S
        for measure in acted.done:
            if measure.action != LIMIT:
                self._blocked_at[measure.address] = now
        for one in acted.withheld:
            self._ledger.withheld(one.address, one.reason)
            self._log.say("withheld", WARNING, address=one.address, why=one.reason)
        for address in acted.released:
            self._blocked_at.pop(address, None)
        for seconds in acted.latencies_s:
            self._latencies.append(seconds)
            self._metrics.latency.observe(seconds)

    def _know(self, now: float) -> None:
        """Tell the firewall whom it need not take for strangers, and the store for later."""
        since_ns = self._knew_ns
        self._knew_ns = self._engine.live.now_ns - 2 * 10**9
        known = self._known

        def is_news(address: Address) -> bool:
            told = known.get(str(address))
            return told is None or now - told > _KNOW_AGAIN_S

        fresh = self._engine.live.let_in(int(max(0, since_ns)), is_news)
        known |= {str(one.address): now for one in fresh}
        if len(known) > _MAX_KNOWN:
            self._known = dict(list(known.items())[-_MAX_KNOWN // 2 :])
        self._herald.regulars.note(fresh)
        if fresh and self._hand is not None:
            self._hand.know([one.address for one in fresh])

    def _see_to_devices(self) -> None:
        """An interface that was away has lost its rules: the kernel took them with it."""
        outages = self._ears.outages
        if outages != self._outages and self._ears.are_up and self._hand is not None:
            self._outages = outages
            self._hand.stand_anew()

    def _count(self, now: float) -> None:
        at, messages = self._counted
        if now - at >= TICK_S:
            self._rate = (self._messages - messages) / (now - at)
            self._counted = (now, self._messages)

    # ------------------------------------------------------------ how it stands

    def _status(self) -> GuardStatus:
        live = self._engine.live
        filled = self._buffer.filled()
        held = [one for one in self._in_force if one.held is not None]
        hard = {one.measure.address for one in held if one.measure.action != LIMIT}
        # Who was slowed down and is blocked now is blocked.
        blocks = [
            one for one in held if one.measure.action != LIMIT or one.measure.address not in hard
        ]
        limited = sum(one.measure.action == LIMIT for one in blocks)
        waiting, given_up, cases = self._herald.counts
        inputs = self._ears.status()
        kept_ns = time.monotonic_ns() - filled.oldest_ns if filled.oldest_ns else 0
        ordered = sorted(self._latencies)
        return GuardStatus(
            at=_stamp(datetime.now(UTC)),
            since=_stamp(self._since),
            enforcing=self._hand is not None,
            messages=self._messages,
            messages_s=round(self._rate, 1),
            lost=sum(one.lost for one in inputs),
            watched=live.watch.n,
            suspects=len(live.accused),
            blocked=len(blocks) - limited,
            limited=limited,
            dropped=sum(one.held.dropped for one in blocks if one.held is not None)
            + sum(self._slowed.values()),
            verdicts=self._verdicts,
            latency_median_s=ordered[len(ordered) // 2] if ordered else 0.0,
            latency_worst_s=ordered[len(ordered) * 99 // 100] if ordered else 0.0,
            kept_octets=filled.octets,
            kept_room=filled.room,
            kept_s=round(kept_ns / 1e9, 1),
            thinned=filled.thinned,
            alerts_waiting=waiting,
            alerts_given_up=given_up,
            memory_octets=_memory(),
            cases_open=cases,
            sources=inputs,
            attacks=self._ledger.status(MAX_SHOWN),
            blocks=tuple(map(_block, reversed(blocks[-MAX_SHOWN:]))),
            problems=tuple(self._wrong()),
        )

    def _wrong(self) -> list[str]:
        """What is wrong, a sentence each."""
        found = [sentence for sentence in self._problems.values() if sentence]
        found += self._afield.wrong
        parts = (("cases", self._clerk), ("alarms", self._herald), ("firewall", self._hand))
        found += [
            f"the thread for {name} has ended: start the guard again"
            for name, part in parts
            if part is not None and not part.is_alive
        ]
        return found

    def _problem(self, where: str) -> Callable[[str], None]:
        """Whoever has a problem says so, and "" when it is over."""

        def say(text: str) -> None:
            if text and self._problems.get(where) != text:
                self._log.say("problem", ERROR, where=where, says=text)
            self._problems[where] = text

        return say

    def _did(self, done: Done) -> None:
        self._log.say("act", WARNING, where=done.where, says=done.says, ok=done.ok, undo=done.undo)

    def _input_says(self, text: str) -> None:
        self._log.say("input", WARNING, says=text)

    def _write_status(self) -> None:
        try:
            write_bearing(Path(self._wanted.run), self.status)
            self._problem("status")("")
        except OSError as error:
            self._problem("status")(f"{self._wanted.run}: {error.strerror or error}")

    def _in_a_line(self) -> str:
        s = self.status
        what = "blocking" if s.enforcing else "watching"
        bad = f"; {s.wrong[0]}" if s.wrong else ""
        inside = "THEY ARE IN; " if s.got_in else ""
        return f"{inside}{what}: {s.messages:,} messages, {s.blocked:,} blocked{bad}"


def _shape(wanted: Guarding) -> Shape:
    """Tables at the ingress of what it listens to, with rates for strangers."""
    devices = tuple(one for one in wanted.hears.interfaces if one not in ("any", "lo"))
    ports = tuple(dict.fromkeys((5060, 5061, *wanted.hears.ports)))
    return Shape(devices, ports[:6], stranger=STRANGER, crowd=CROWD)


def _block(one: InForce) -> BlockStatus:
    measure, dropped = one.measure, one.held.dropped if one.held is not None else 0
    state = one.effect.state
    if measure.action == LIMIT and state == "not_effective":
        state = "effective" if dropped else "unknown"  # what is below its rate shall pass
    return BlockStatus(
        measure.address, measure.action, measure.until, dropped, state, measure.reason
    )


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _memory() -> int:
    """Of this process, resident (proc(5), statm)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
