"""Port 5060 for those who need it, composed: planned, tried, confirmed, refreshed, taken away.

sources, settings, store ──▶ plan ──▶ apply (on trial) ──▶ confirm ──▶ kept, and after a start
                                        └─ nobody confirms: the kernel opens by itself
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from threading import Event

from ringfence.flow.lockdown_sources import (
    Listed,
    ReadPbx,
    Witness,
    has_store,
    look,
    look_at_firewall,
    look_at_store,
)
from ringfence.flow.lockdown_state import CONFIRMED, RULES, TRIAL, LockdownState
from ringfence.flow.lockdown_watch import watch
from ringfence.flow.machine import Machine
from ringfence.model.lockdown import (
    ALLOWED,
    KNOWN,
    OPERATOR,
    SCHEMA,
    Admitted,
    LockdownError,
    Plan,
    Ports,
    Standing,
    Trunk,
)
from ringfence.model.measure import OPERATOR as LOGGED_IN
from ringfence.model.measure import FirewallError
from ringfence.model.settings import Settings
from ringfence.remote.admitted import Facts
from ringfence.remote.forms.folder import form_files
from ringfence.remote.gate import Gate
from ringfence.remote.plan import (
    MAX_OCTETS,
    check_plan,
    closing_of,
    decode,
    encode,
    identifier,
    make_plan,
    networks_in,
    with_trunks,
)
from ringfence.remote.ruleset import Closing, is_home, spelled, table
from ringfence.remote.trunks import Ask, dns_records, host_of, resolved
from ringfence.respond import keep
from ringfence.respond.nft.program import Program

__all__ = [
    "FirewallError",
    "Lockdown",
    "LockdownError",
    "LockdownState",
    "Status",
    "Wish",
    "encode",
    "identifier",
    "make",
    "plan_in",
    "ports_of",
    "write_forms",
]

# A machine that slept has two clocks: so long is waited for the kernel's.
_CLOCKS_DIFFER_S = 60
DEFAULT_UDP, DEFAULT_TCP = (5060,), (5060, 5061)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the owner asks for, beside his settings."""

    sources: tuple[str, ...] = ()
    trunks: tuple[str, ...] = ()
    admit: tuple[str, ...] = ()
    pbx: tuple[str, ...] = ()
    days: int = 30
    trunks_only: bool = False
    store: str | None = None
    with_store: bool = True


@dataclass(frozen=True, slots=True)
class Status:
    """How it stands, in the kernel and on the disk."""

    standing: Standing
    plan: Plan | None  # the one that is in force
    kept: Plan | None  # the one that comes back after a start
    is_whole: bool = True
    turned_users: Mapping[str, str] = field(default_factory=dict)  # address: who it was


def make(
    wish: Wish,
    settings: Settings,
    *,
    ask: Ask | None = None,
    now: datetime | None = None,
    read_pbx: ReadPbx | None = None,
    listed: Listed | None = None,
    environment: Mapping[str, str] | None = None,
    root: Path = Path("/"),
) -> Plan:
    """The plan; nothing is changed. Raises LockdownError, CaptureError, StoreError."""
    when = now or datetime.now(UTC)
    guard, lockdown = settings.guard, settings.lockdown
    servers = tuple(dict.fromkeys([*wish.pbx, *guard.pbx]))
    witness = look(wish.sources, servers, [*guard.trunks, *guard.known], read_pbx)
    if wish.with_store:
        look_at_store(witness, wish.store, wish.days, when)
        look_at_firewall(witness, listed or Program().listed, when)
    named = [
        *((text, "--trunk") for text in wish.trunks),
        *((text, "the settings (lockdown.trunks)") for text in lockdown.trunks),
        *((text, "the settings (guard.trunks)") for text in guard.trunks),
    ]
    trunks = _trunks(named, witness.trunks, ask or dns_records(), when)
    facts = Facts(
        seen=witness.sightings.all(),
        trunks=trunks,
        named=_named(wish, settings, keep.environment() if environment is None else environment,
                     root),
        media=tuple(witness.sightings.media),
        hostile=witness.hostile,
        suspects=witness.suspects,
        taken=frozenset(witness.taken),
        names=witness.names,
        ours=frozenset(witness.sightings.ours),
        days=wish.days,
        trunks_only=wish.trunks_only,
    )  # fmt: skip
    return make_plan(facts, ports_of(settings), when, witness.sources, _troubles(witness))


def plan_in(source: str) -> Plan | None:
    """The plan that was kept in this file; None where it holds something else."""
    path = Path(source)
    try:
        if not path.is_file():
            return None
        with path.open("rb") as opened:
            octets = opened.read(MAX_OCTETS + 1)
    except OSError as error:
        raise LockdownError(f"{source}: {error.strerror or error}") from error
    if not octets.lstrip().startswith(b"{") or f'"{SCHEMA}"'.encode() not in octets:
        return None
    return decode(octets, source)


def ports_of(settings: Settings) -> Ports:
    """What is closed, by the settings."""
    lockdown, more = settings.lockdown, settings.guard.ports
    first, _, last = lockdown.media.partition("-")
    return Ports(
        udp=lockdown.udp or tuple(dict.fromkeys((*DEFAULT_UDP, *more))),
        tcp=lockdown.tcp or tuple(dict.fromkeys((*DEFAULT_TCP, *more))),
        media=(int(first), int(last)) if last else (0, 0),
        tunnel=lockdown.tunnel,
    )


def write_forms(plan: Plan, folder: str) -> list[tuple[str, str]]:
    """The plan for other machines; names and what each is. Raises LockdownError, OSError."""
    path = Path(folder)
    files = form_files(plan, keep.ssh_ports(keep.environment()))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in files:
        (path / file.name).write_text(file.text, encoding="utf-8")
    return [(file.name, file.what) for file in files]


class Lockdown:
    """This machine's lockdown. Raises FirewallError, LockdownError."""

    def __init__(
        self,
        gate: Gate | None = None,
        state: LockdownState | None = None,
        machine: Machine | None = None,
        ask: Ask | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        wait: Callable[[float], object] | None = None,
        watch: Callable[[str, int, Machine], tuple[str, ...]] = watch,
    ) -> None:
        self._gate = gate or Gate(Program())
        self.state = state or LockdownState()
        self._machine = machine or Machine()
        self._ask = ask or dns_records()
        self._now = now
        self._wait = wait or Event().wait
        self._watch = watch

    def apply(self, plan: Plan, seconds: int) -> tuple[str, ...]:
        """On trial for so many seconds; who looks after it besides the kernel."""
        check_plan(plan)
        trial, kept = self._closing(plan), self._kept()
        with self.state.alone():
            # The file first: a rule without a plan could not be confirmed.
            self.state.write_plan(TRIAL, plan)
            self.state.note("trial", plan=trial.id, seconds=seconds, admitted=len(trial.networks),
                            cut_off=len(plan.cut_off))  # fmt: skip
            self._gate.begin(trial, kept, seconds)
            if not self._gate.is_whole_with(trial, kept):
                self._gate.remove()
                raise FirewallError(
                    "the rules are not there after they were loaded: nothing is closed"
                )
        return self._watch(trial.id, seconds, self._machine)

    def confirm(self) -> Plan:
        """The plan on trial is kept, and comes back after a start of the machine."""
        with self.state.alone():
            plan = self.state.plan(TRIAL)
            if plan is None:
                raise LockdownError("there is no plan on trial: ringfence lockdown apply")
            closing = self._closing(plan)
            if self._gate.standing().kept != closing.id:  # else we died before it was written down
                self._gate.confirm(closing)
            self._keep(plan, closing)
            self.state.forget(TRIAL)
            self.state.note("confirmed", plan=closing.id)
            return plan

    def off(self) -> bool:
        """Everything is open, now and after a start; whether anything was closed."""
        with self.state.alone():
            was = self._gate.standing()
            self._gate.remove()
            self.state.forget(TRIAL, CONFIRMED, RULES)
            self.state.note("off", was=was.kept or was.trial)
            return was.is_kept or bool(was.trial_left_s)

    def load(self) -> Plan | None:
        """What was confirmed, after a start of the machine; None where nothing was."""
        with self.state.alone():
            plan = self.state.plan(CONFIRMED)
            if plan is None:
                return None
            self._gate.keep(self._closing(plan))
            self.state.note("loaded", plan=identifier(plan))
            return plan

    def settle(self, plan_id: str, after_s: float = 0.0) -> bool:
        """Tidy up after this trial, if it is over and was not confirmed; whether it was."""
        self._wait(after_s)
        left = self._gate.standing().trial_left_s
        if after_s and 0 < left <= _CLOCKS_DIFFER_S:
            self._wait(left + 1)
        with self.state.alone():
            plan = self.state.plan(TRIAL)
            is_over = not self._gate.standing().trial_left_s
            if plan is None or identifier(plan) != plan_id or not is_over:
                return False
            kept = self._kept()
            if kept is None:
                self._gate.remove()
            else:
                self._gate.keep(kept)
            self.state.forget(TRIAL)
            self.state.note("rolled back", plan=plan_id, to=kept.id if kept else "open")
        return True

    def refresh(self) -> tuple[list[str], list[str], list[str]]:
        """Names of carriers looked up anew: addresses that came, that went, and troubles."""
        plan = self.state.plan(CONFIRMED)
        if plan is None:
            return [], [], []
        when = self._now()
        trunks = [resolved(one, self._ask, when) for one in plan.trunks]
        fresh = with_trunks(plan, trunks)
        before, after = set(networks_in(plan)), set(networks_in(fresh))
        with self.state.alone():
            if self.state.plan(CONFIRMED) != plan:
                return [], [], []  # while names were looked up it was opened, or another confirmed
            self._renew(fresh, is_other=before != after)
        came, went = sorted(map(str, after - before)), sorted(map(str, before - after))
        if came or went:
            self.state.note("refreshed", came=came, went=went)
        return came, went, [f"{t.host}: {t.trouble}" for t in trunks if t.trouble]

    def _renew(self, fresh: Plan, *, is_other: bool) -> None:
        standing, closing = self._gate.standing(), self._closing(fresh)
        if standing.is_kept and self._is_there(closing, standing):
            if is_other:
                self._gate.admit(networks_in(fresh))
        elif not standing.trial_left_s:
            # Nobody of ours opened it: another program flushed the rules.
            self._gate.keep(closing)
            self.state.note("put back", plan=closing.id)
        self._keep(fresh, closing)

    def status(self) -> Status:
        """How it stands."""
        standing = self._gate.standing()
        kept, trial = self.state.plan(CONFIRMED), self.state.plan(TRIAL)
        plan = trial if standing.trial_left_s else kept if standing.is_kept else None
        whole = True
        if standing.is_there and plan is not None:
            tried = self._closing(trial) if trial else None
            closed = self._closing(kept) if standing.is_kept and kept else None
            # The rules of a trial that is over stand about until somebody tidies up.
            whole = self._gate.is_whole_with(tried, closed) or (
                not standing.trial_left_s and self._gate.is_whole_with(None, closed)
            )
        users = {
            one.address: " ".join([*one.accounts[:3], *([f"({one.name})"] if one.name else [])])
            for one in (plan.cut_off if plan else ())
        }
        turned = {
            one.address: users[one.address] for one in standing.turned_away if one.address in users
        }
        return Status(standing, plan, kept, standing.is_whole and whole, turned)

    def _is_there(self, kept: Closing, standing: Standing) -> bool:
        """All rules of the kept plan; while another is on trial, nobody looks."""
        return bool(standing.trial_left_s) or self._gate.is_whole_with(None, kept)

    def _keep(self, plan: Plan, closing: Closing) -> None:
        self.state.write_plan(CONFIRMED, plan)
        self.state.write(RULES, table(None, closing).encode())

    def _kept(self) -> Closing | None:
        """The plan to fall back to: confirmed, and in force now."""
        plan = self.state.plan(CONFIRMED)
        if plan is None or not self._gate.standing().is_kept:
            return None
        return self._closing(plan)

    def _closing(self, plan: Plan) -> Closing:
        ports = keep.ssh_ports(keep.environment(), self._machine.root)
        return closing_of(plan, ports)


def _trunks(
    named: Sequence[tuple[str, str]], of_pbx: Sequence[Trunk], ask: Ask, now: datetime
) -> list[Trunk]:
    found: dict[str, Trunk] = {}
    for text, why in named:
        host_of(text)
        found.setdefault(text.lower(), Trunk(text, why))
    for one in of_pbx:
        found.setdefault(one.host.lower(), one)
    return [resolved(one, ask, now) for one in found.values()]


def _named(
    wish: Wish, settings: Settings, environment: Mapping[str, str], root: Path
) -> list[Admitted]:
    """Whom the owner named, who is on the allow list, who is logged in here."""
    found = [
        *((text, KNOWN, "--admit") for text in wish.admit),
        *((text, KNOWN, "the settings (lockdown.users)") for text in settings.lockdown.users),
        *((text, KNOWN, "the settings (guard.known)") for text in settings.guard.known),
    ]
    admitted = []
    for text, kind, why in found:
        address, _, name = text.partition("=")
        network = host_of(address).network
        if network is None:
            raise LockdownError(f"{address[:60]}: an address or a network, not a name")
        admitted.append(Admitted(spelled(network), kind, name[:64] or "named", f"named by {why}"))
    if wish.with_store:
        admitted += _allowed(wish.store)
    for one in keep.kept(environment, root):
        if one.role == LOGGED_IN and not is_home(ip_network(one.address)):
            admitted.append(Admitted(one.address, OPERATOR, "you", one.why))
    return admitted


def _allowed(store: str | None) -> list[Admitted]:
    from ringfence.flow.casebook import Casebook
    from ringfence.store.measures import MeasureStore

    if not has_store(store):
        return []
    with Casebook(store) as book:
        return [
            Admitted(one.network, ALLOWED, one.why[:64] or "allow list", f"allowed by {one.by}")
            for one in MeasureStore(book.database).allowed()
        ]


def _troubles(witness: Witness) -> list[str]:
    left = witness.sightings.left_out
    more = [f"{left:,} more sightings found no room, and are in none of this"] if left else []
    return [*witness.troubles, *more]
