"""Other programs that have to do with the firewall, and whether they get in the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ringfence.flow.doctor.kernel import CAP_NET_ADMIN
from ringfence.flow.doctor.phone_systems import SIP_PORTS
from ringfence.flow.machine import Machine
from ringfence.model.finding import OK, WARN, Finding

_OURS = "ringfence"
_INGRESS, _PREROUTING = -500, -310  # of our chains
_MAX_SHOWN = 5
# What takes a packet away from those who are asked later, unlike an accept.
_DIVERTING = {"fwd", "flow", "queue", "tproxy", "dup"}


def check_neighbours(machine: Machine) -> Iterator[Finding]:
    """Who else bans, who else has rules, and who is asked before us."""
    yield from _rules(machine)
    yield from _bans(machine)
    if machine.runs("firewalld"):
        yield Finding("neighbours", OK, "firewalld runs: ours is asked before it, and stays when "
                      "it is loaded anew")  # fmt: skip
    if re.search(
        r"^\s*ENABLED\s*=\s*yes", machine.text("/etc/ufw/ufw.conf"), re.MULTILINE | re.IGNORECASE
    ):
        yield Finding("neighbours", OK, "ufw is on: ours is asked before it")
    if machine.runs("dockerd"):
        yield Finding("neighbours", OK, "Docker runs: ports that it publishes pass ours first")
    if _flushes(machine):
        yield Finding(
            "neighbours", WARN, "/etc/nftables.conf begins with flush ruleset: whenever it is "
            "loaded anew our tables are gone until the guard makes them again",
            "in place of that line delete your own tables one by one",
        )  # fmt: skip


def _bans(machine: Machine) -> Iterator[Finding]:
    if machine.runs("fail2ban-server"):
        jails = machine.run(["fail2ban-client", "status"], "")
        about_sip = re.findall(r"asterisk|freeswitch|kamailio|sip", jails.out)
        if about_sip:
            yield Finding(
                "neighbours", WARN, f"fail2ban bans for SIP as well ({about_sip[0]}), by lines "
                "that anybody can have written with a forged address",
                "switch that jail off: let one of both decide",
            )  # fmt: skip
        else:
            yield Finding("neighbours", OK, "fail2ban runs, for something else than SIP")
    if machine.runs("crowdsec"):
        yield Finding(
            "neighbours", WARN, "CrowdSec runs: where it bans for SIP, it does so by log lines "
            "that anybody can have written with a forged address",
            "cscli scenarios list; take those for SIP away: let one of both decide",
        )  # fmt: skip


def _flushes(machine: Machine) -> bool:
    lines = machine.lines("/etc/nftables.conf")
    return any(line.partition("#")[0].strip() == "flush ruleset" for line in lines)


def _rules(machine: Machine) -> Iterator[Finding]:
    if not machine.capability(CAP_NET_ADMIN):
        return  # the kernel tells its rules to root alone; that was said
    listed = machine.run(["nft", "-j", "list", "ruleset"], "")
    if listed.code:
        return
    try:
        found = json.loads(listed.out)["nftables"]
        yield from _earlier([one for one in found if isinstance(one, dict)])
    except (ValueError, KeyError, TypeError, AttributeError):
        yield Finding("neighbours", WARN, "nft lists rules that cannot be read",
                      "sudo nft list ruleset")  # fmt: skip


def _earlier(found: list[dict[str, dict[str, object]]]) -> Iterator[Finding]:
    """Chains of others that are asked before ours."""
    hooked = {
        (one["family"], one["table"], one["name"]): one
        for one in (entry["chain"] for entry in found if "chain" in entry)
        if "hook" in one and one["table"] != _OURS
    }
    before = {key for key, chain in hooked.items() if _is_earlier(chain)}
    diverted, accepted, dropped = set(), set(), set()
    for rule in (entry["rule"] for entry in found if "rule" in entry):
        key = (rule["family"], rule["table"], rule["chain"])
        if key in before:
            expressions = rule["expr"] if isinstance(rule["expr"], list) else []
            verdicts = {name for one in expressions for name in one}
            if verdicts & _DIVERTING:
                diverted.add(key)
            if "accept" in verdicts and _about_sip(expressions):
                accepted.add(key)
            if "drop" in verdicts:
                dropped.add(key)
    if any("flowtable" in entry for entry in found):
        yield Finding(
            "neighbours", WARN, "a flowtable forwards connections that are known past all rules",
            "leave the SIP ports out of it",
        )  # fmt: skip
    for chain in _shown(diverted):
        yield Finding("neighbours", WARN, f"{chain} takes packets away before ours is asked",
                      "leave the SIP ports out of it, or ask it later")  # fmt: skip
    for chain in _shown(dropped):
        yield Finding("neighbours", OK, f"{chain} drops packets before ours: the guard sees them, "
                      "and the phone system does not")  # fmt: skip
    for chain in _shown(accepted):
        yield Finding("neighbours", OK, f"{chain} accepts SIP before ours: that does not go past "
                      "ours, which is asked all the same")  # fmt: skip


def _shown(keys: set[tuple[object, object, object]]) -> list[str]:
    return [f"table {f} {t}, chain {c}" for f, t, c in sorted(keys, key=str)[:_MAX_SHOWN]]


def _is_earlier(chain: dict[str, object]) -> bool:
    priority = chain.get("prio")
    if not isinstance(priority, int):
        return False
    if chain["hook"] == "ingress":
        return priority < _INGRESS
    return chain["hook"] == "prerouting" and priority < _PREROUTING


def _about_sip(expressions: list[object]) -> bool:
    """Whether a rule names one of the SIP ports."""
    numbers = re.findall(r"\d+", json.dumps(expressions))
    return any(str(port) in numbers for port in SIP_PORTS)
