"""Whether the guard runs, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from ringfence.flow.machine import Machine
from ringfence.model.finding import FAIL, OK, WARN, Finding
from ringfence.model.guard_status import FAILING, GuardStatus

UNITS = ("ringfence-firewall", "ringfence-guard")
# It is written once a second.
_OLD_S = 15.0
_MAX_SAID = 10


def check_guard(
    machine: Machine, status_file: str, now: datetime, *, is_installed: bool
) -> Iterator[Finding]:
    """By its units, and by status.json."""
    if is_installed and machine.is_running:
        yield from _units(machine)
    octets = machine.text(status_file)
    if not octets:
        if not is_installed:
            yield Finding("guard", WARN, "no guard runs", "sudo ringfence install")
        elif machine.is_running:
            yield Finding("guard", FAIL, f"the guard does not say how it stands: no {status_file}",
                          "journalctl -u ringfence-guard")  # fmt: skip
        return
    try:
        status = msgspec.json.decode(octets, type=GuardStatus)
        age_s = (now - _time(status.at)).total_seconds()
    except (msgspec.MsgspecError, ValueError):
        yield Finding("guard", WARN, f"{status_file} cannot be read: of another version?",
                      "sudo systemctl restart ringfence-guard")  # fmt: skip
        return
    if age_s > _OLD_S:
        yield Finding("guard", FAIL, f"the guard was heard of last {age_s:,.0f} s ago",
                      "journalctl -u ringfence-guard")  # fmt: skip
        return
    yield _mode(status)
    yield from _said(status)


def _units(machine: Machine) -> Iterator[Finding]:
    for unit in UNITS:
        state = machine.run(["systemctl", "is-active", unit], "").out.strip() or "unknown"
        if state != "active":
            yield Finding("guard", FAIL, f"{unit} is {state}",
                          f"sudo systemctl enable --now {unit}; journalctl -u {unit}")  # fmt: skip


def _mode(status: GuardStatus) -> Finding:
    if status.got_in:
        return Finding("guard", FAIL, "an attacker got in", "ringfence guard status")
    if status.enforcing:
        return Finding("guard", OK, f"it blocks; {status.blocked:,} are blocked now")
    return Finding(
        "guard", OK, "it watches, and blocks nobody",
        "when nobody of yours would be hit: sudo ringfence install --enforce",
    )  # fmt: skip


def _said(status: GuardStatus) -> Iterator[Finding]:
    """What it complains about, its sources one by one: a HEP agent's clock, a silent log."""
    for source in status.sources:
        if source.state != OK:
            state = FAIL if source.state == FAILING else WARN
            yield Finding("guard", state, f"{source.name}: {source.says or source.state}",
                          "docs/guard.md, Is it still heard?")  # fmt: skip
        elif source.says:  # "its clock is 95 s behind ours"
            yield Finding("guard", WARN, f"{source.name}: {source.says}")
    heard = {f"{one.name}: {one.says or one.state}" for one in status.sources}
    for problem in [one for one in status.wrong if one not in heard][:_MAX_SAID]:
        yield Finding("guard", WARN, problem, "ringfence guard status")


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
