"""A plan made, written, read again, and turned into what the rules need."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network

import msgspec

from ringfence.model.lockdown import (
    INSIDE,
    SCHEMA,
    TRUNK,
    Admitted,
    LockdownError,
    Plan,
    Ports,
    Trunk,
)
from ringfence.remote.admitted import Facts, sort_out
from ringfence.remote.ruleset import MAX_ADMITTED, Closing, Network, is_home, spelled
from ringfence.remote.trunks import networks_of, utc_text

MAX_OCTETS = 64 << 20


def make_plan(
    facts: Facts, ports: Ports, now: datetime, sources: Sequence[str] = (),
    troubles: Sequence[str] = (),
) -> Plan:  # fmt: skip
    """Who is admitted, who would be cut off. Raises LockdownError where it makes no sense."""
    sorted_out = sort_out(facts, now)
    outside = [one for one in sorted_out.admitted if one.kind != INSIDE]
    if len(outside) > MAX_ADMITTED:
        raise LockdownError(
            f"{len(outside):,} addresses would be admitted, {MAX_ADMITTED:,} are the most: name "
            "networks (--admit 198.51.100.0/24), or let phones come by the tunnel (--trunks-only)"
        )
    return Plan(
        made_at=utc_text(now), ports=ports, admitted=sorted_out.admitted,
        cut_off=sorted_out.cut_off, trunks=tuple(facts.trunks), days=facts.days,
        sources=tuple(sources), seen=sorted_out.seen, too_old=sorted_out.too_old,
        hostile=sorted_out.hostile, servers=tuple(sorted(facts.ours)),
        troubles=(*troubles, *(f"{t.host}: {t.trouble}" for t in facts.trunks if t.trouble)),
    )  # fmt: skip


def check_plan(plan: Plan) -> None:
    """Raises LockdownError where it would close the phone system to everybody."""
    if not any(one.kind != INSIDE for one in plan.admitted):
        raise LockdownError(
            "nobody but private networks would be admitted, so no call would come in: name your "
            "carrier with --trunk, or capture a minute of your own calls"
        )
    if dead := [one.host for one in plan.trunks if not networks_of(one)]:
        raise LockdownError(
            f"{dead[0]} leads to no address: its calls would not come in; mend the name, or DNS"
        )


def closing_of(plan: Plan, ssh_ports: Sequence[int]) -> Closing:
    """What the rules need of it."""
    return Closing(identifier(plan), plan.ports, networks_in(plan), tuple(ssh_ports))


def networks_in(plan: Plan) -> tuple[Network, ...]:
    """All that are admitted, but private networks."""
    networks = (_network(one.network) for one in plan.admitted if one.kind != INSIDE)
    return tuple(dict.fromkeys(one for one in networks if not is_home(one)))


def identifier(plan: Plan) -> str:
    """Eight digits of what it closes and admits; the same when its names lead elsewhere."""
    hosts = {one.host for one in plan.trunks}
    others = (one.network for one in plan.admitted if one.name not in hosts)
    said = [plan.made_at, str(plan.ports), *sorted(hosts), *sorted(others)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]


def with_trunks(plan: Plan, trunks: Sequence[Trunk]) -> Plan:
    """The same with carriers looked up anew; who else is admitted stays."""
    hosts = {one.host for one in trunks}
    others = [
        one for one in plan.admitted
        if not (one.kind == TRUNK and one.name in hosts and one.why.startswith("named by "))
    ]  # fmt: skip
    named = [
        Admitted(spelled(network), TRUNK, trunk.host, f"named by {trunk.why}",
                 next((r.at for r in trunk.resolved if r.address == spelled(network)), ""))
        for trunk in trunks for network in networks_of(trunk)
    ]  # fmt: skip
    known = {one.network for one in named}
    return replace(
        plan,
        trunks=tuple(trunks),
        admitted=(*named, *(one for one in others if one.network not in known)),
    )


def encode(plan: Plan) -> bytes:
    """The document."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n"


def decode(octets: bytes, name: str) -> Plan:
    """The plan of a document. Raises LockdownError, with its name."""
    if len(octets) > MAX_OCTETS:
        raise LockdownError(f"{name}: more than {MAX_OCTETS:,} octets; this is no plan")
    try:
        plan = msgspec.json.decode(octets, type=Plan)
    except (msgspec.DecodeError, ValueError) as error:
        raise LockdownError(f"{name}: no plan of a lockdown: {error}") from error
    if plan.schema != SCHEMA:
        raise LockdownError(f"{name}: a plan of another version ({plan.schema[:40]!r}): plan anew")
    networks_in(plan)
    for trunk in plan.trunks:
        networks_of(trunk)
    return plan


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise LockdownError(f"{text[:60]!r} in the plan is no address or network") from None
