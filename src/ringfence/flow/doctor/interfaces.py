"""Which interfaces there are, and whether those that the guard listens to are up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ringfence.flow.machine import Machine
from ringfence.model.finding import FAIL, OK, WARN, Finding


def check_interfaces(machine: Machine, named: Sequence[str] = ()) -> Iterator[Finding]:
    """Those that the settings name, else those of the default route."""
    for name in named:
        state = machine.interfaces.get(name)
        if name == "any":
            yield Finding("interfaces", OK, "any: all interfaces are listened to")
        elif state is None:
            there = ", ".join(machine.interfaces) or "none"
            yield Finding(
                "interfaces", FAIL, f"{name} is not there; there are: {there}",
                "correct [guard] interfaces in the settings",
            )  # fmt: skip
        else:
            yield _state(name, state, machine)
    chosen = machine.default_interfaces
    if not chosen:
        yield Finding(
            "interfaces", OK if named else WARN, "no interface has the default route",
            "" if named else "name the one that the phone system's packets come by: "
            "[guard] interfaces",
        )  # fmt: skip
    elif not named:
        for name in chosen:
            yield _state(name, machine.interfaces.get(name, "unknown"), machine)
    elif "any" not in named and not set(chosen) & set(named):
        yield Finding(
            "interfaces", WARN, f"the default route goes by {', '.join(chosen)}, which the guard "
            "does not listen to", "right only where strangers come by another one",
        )  # fmt: skip


def _state(name: str, state: str, machine: Machine) -> Finding:
    route = ", with the default route" if name in machine.default_interfaces else ""
    if state in ("up", "unknown"):  # tunnels tell no state
        return Finding("interfaces", OK, f"{name} is up{route}")
    return Finding("interfaces", WARN, f"{name} is {state}{route}",
                   "nothing is seen there until it is up")  # fmt: skip
