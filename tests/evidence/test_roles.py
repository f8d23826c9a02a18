"""Names of roles."""

from __future__ import annotations

from dataclasses import replace

from ringfence.evidence import roles
from ringfence.evidence.roles import name_roles, packed_names, role_of
from ringfence.model.incident import Incident


def test_servers_attackers_and_suspects_are_counted_apart(incident: Incident) -> None:
    first, second = incident.suspects
    more = replace(incident, suspects=[first, replace(second, verdict="suspect")])
    assert name_roles(more) == {
        "192.0.2.10": "server-1.ringfence",
        "203.0.113.66": "attacker-1.ringfence",
        "203.0.113.91": "suspect-1.ringfence",
    }


def test_a_server_that_attacks_stays_ours(incident: Incident) -> None:
    """A taken-over PBX: its role tells whose it is, its clues what it did."""
    both = replace(incident, defended=["203.0.113.66"])
    assert name_roles(both)["203.0.113.66"] == "server-1.ringfence"


def test_a_crowd_does_not_fill_the_file(incident: Incident) -> None:
    many = [replace(incident.suspects[0], address=f"2001:db8::{n:x}") for n in range(6000)]
    assert len(name_roles(replace(incident, suspects=many))) == roles.MAX_NAMES


def test_addresses_are_packed_in_both_families() -> None:
    named = packed_names({"192.0.2.1": "a", "2001:db8::1": "b"})
    assert {len(address) for address in named} == {4, 16}


def test_comments_call_a_role_by_its_short_name() -> None:
    assert role_of({"192.0.2.1": "server-1.ringfence"}, "192.0.2.1") == "server-1"
    assert role_of({}, "192.0.2.1") == "192.0.2.1"
