"""A plan for forms."""

from __future__ import annotations

from datetime import UTC, datetime

from ringfence.model.lockdown import KNOWN, Admitted, Plan, Ports, Trunk
from ringfence.remote.admitted import Facts
from ringfence.remote.plan import make_plan

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def plan(ports: Ports | None = None, *, six: bool = True) -> Plan:
    """A carrier's network, an office, and the name of a stranger that must be nowhere."""
    named = [Admitted("198.51.100.9", KNOWN, "x\n/system reset", "settings")]
    if six:
        named.append(Admitted("2001:db8::/48", KNOWN, "six", "settings"))
    facts = Facts(
        trunks=[Trunk("203.0.113.0/24", "settings")], named=named, ours=frozenset({"192.0.2.10"})
    )
    return make_plan(facts, ports or Ports(), NOW)
