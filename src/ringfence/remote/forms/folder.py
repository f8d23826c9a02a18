"""All forms of a plan at once."""

from __future__ import annotations

from ringfence.model.lockdown import Plan
from ringfence.remote.forms.alias import alias_files
from ringfence.remote.forms.cisco import cisco_files
from ringfence.remote.forms.form import FormFile, admitted, heading, text_of
from ringfence.remote.forms.mikrotik import mikrotik_files
from ringfence.remote.forms.threecx import threecx_files
from ringfence.remote.plan import closing_of
from ringfence.remote.ruleset import table


def form_files(plan: Plan, ssh_ports: tuple[int, ...] = (22,)) -> tuple[FormFile, ...]:
    """Every file, each a pure function of the plan. Raises LockdownError."""
    nft = heading(plan, "nftables", [
        "apply: ringfence lockdown apply, which opens again by itself unless you confirm.",
        "By hand, on a machine without ringfence: nft -f nftables.nft",
        "undo: nft delete table inet ringfence_lockdown",
    ])  # fmt: skip
    plain = heading(plan, "everything else", ["one address or network a line"])
    return (
        FormFile("nftables.nft", "this machine's own rules",
                 text_of(nft) + table(None, closing_of(plan, ssh_ports))),
        *mikrotik_files(plan),
        *alias_files(plan),
        *cisco_files(plan),
        *threecx_files(plan),
        FormFile("addresses.txt", "the addresses alone, for everything else",
                 text_of([*plain, *map(str, admitted(plan, home=False))])),
    )  # fmt: skip
