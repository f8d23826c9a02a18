"""The units of systemd: who may change the firewall, who reads what strangers send, what closes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

FIREWALL, GUARD = "ringfence-firewall.service", "ringfence-guard.service"
# In this order they are started; the guard asks the firewall's part.
UNITS = (FIREWALL, GUARD)
# The lockdown: what closes the ports at a start of the machine, what looks up names again.
# Without a plan that was confirmed they do nothing.
LOCKDOWN, LOCKDOWN_TIMER = "ringfence-lockdown.service", "ringfence-lockdown.timer"
LOCKDOWN_UNITS = (LOCKDOWN, "ringfence-lockdown-refresh.service", LOCKDOWN_TIMER)
ALL_UNITS = (*UNITS, *LOCKDOWN_UNITS)
# What is this machine's own stands beside the units, so that a package may replace those.
DROP_IN = "machine.conf"


def unit(name: str, program: str) -> str:
    """A unit that starts this `ringfence`."""
    return _text(name).replace("@SHELTER@\n", _text("shelter")).replace("@RINGFENCE@", program)


def machine_part(program: str, groups: Sequence[str], *, enforce: bool) -> str:
    """What the unit of the guard has on this machine alone; "" where that is nothing."""
    lines = [f"SupplementaryGroups={' '.join(groups)}"] if groups else []
    if enforce:
        lines += ["ExecStart=", f"ExecStart={program} guard --enforce"]
    if not lines:
        return ""
    return "\n".join(["# Written by `ringfence install`, which says it anew.", "[Service]",
                      *lines, ""])  # fmt: skip


@cache
def _text(name: str) -> str:
    return (files("ringfence.flow.install") / "systemd" / name).read_text("utf-8")
