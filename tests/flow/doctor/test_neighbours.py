"""Programs beside us that touch the firewall."""

from __future__ import annotations

import json
from pathlib import Path

from ringfence.flow.doctor.neighbours import check_neighbours
from tests.flow.machines import NOBODY, ROOT, machine, processes, said

AS_ROOT = {"/proc/self/status": ROOT}


def chain(family: str, table: str, hook: str, priority: int) -> dict[str, object]:
    return {"chain": {"family": family, "table": table, "name": "c", "type": "filter",
                      "hook": hook, "prio": priority, "policy": "accept"}}  # fmt: skip


def rule(family: str, table: str, *expressions: object) -> dict[str, object]:
    return {"rule": {"family": family, "table": table, "chain": "c", "expr": list(expressions)}}


SIP = {"match": {"op": "==", "right": 5060,
                 "left": {"payload": {"protocol": "udp", "field": "dport"}}}}  # fmt: skip
ACCEPT, DROP = {"accept": None}, {"drop": None}


def rules(tmp_path: Path, *entries: object) -> list[str]:
    listed = json.dumps({"nftables": [{"metainfo": {"version": "1.0.6"}}, *entries]})
    return said(check_neighbours(machine(tmp_path, AS_ROOT, {"nft -j list ruleset": listed})))


def test_a_machine_of_its_own(tmp_path: Path) -> None:
    assert rules(tmp_path) == []


def test_usual_rules_come_after_ours(tmp_path: Path) -> None:
    """The raw table of iptables (-300), its nat (-100), a filter of input (0)."""
    found = rules(
        tmp_path, chain("ip", "raw", "prerouting", -300), rule("ip", "raw", SIP, ACCEPT),
        chain("ip", "nat", "prerouting", -100), chain("inet", "filter", "input", 0),
    )  # fmt: skip
    assert found == []


def test_ours_are_not_our_neighbours(tmp_path: Path) -> None:
    found = rules(
        tmp_path, chain("netdev", "ringfence", "ingress", -510), rule("netdev", "ringfence", DROP)
    )
    assert found == []


def test_an_earlier_accept_of_sip_does_not_go_past_ours(tmp_path: Path) -> None:
    found = rules(
        tmp_path, chain("inet", "early", "prerouting", -400), rule("inet", "early", SIP, ACCEPT)
    )
    assert found[0].startswith("ok neighbours: table inet early, chain c accepts SIP before ours")


def test_a_chain_at_ingress_that_sends_packets_elsewhere(tmp_path: Path) -> None:
    forward = {"fwd": {"dev": "eth1"}}
    found = rules(
        tmp_path, chain("netdev", "lb", "ingress", -600), rule("netdev", "lb", SIP, forward)
    )
    assert found == [
        "warn neighbours: table netdev lb, chain c takes packets away before ours is asked"
    ]


def test_an_earlier_drop_is_told(tmp_path: Path) -> None:
    found = rules(tmp_path, chain("netdev", "ddos", "ingress", -600), rule("netdev", "ddos", DROP))
    assert found[0].startswith("ok neighbours: table netdev ddos, chain c drops packets before")


def test_a_flowtable_goes_past_all_rules(tmp_path: Path) -> None:
    flowtable = {"flowtable": {"family": "inet", "table": "t", "name": "f"}}
    assert rules(tmp_path, flowtable)[0].startswith("warn neighbours: a flowtable")


def test_rules_in_a_form_that_is_not_known(tmp_path: Path) -> None:
    assert rules(tmp_path, {"rule": 7})[0].startswith("warn neighbours: nft lists rules")


def test_without_root_no_rules_are_asked_for(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/proc/self/status": NOBODY}, {"nft": "no JSON"})
    assert said(check_neighbours(one)) == []


def test_fail2ban_with_a_jail_for_asterisk(tmp_path: Path) -> None:
    jails = "Status\n|- Number of jail:\t2\n`- Jail list:\tasterisk-iptables, sshd\n"
    one = machine(tmp_path, processes("fail2ban-server"), {"fail2ban-client status": jails})
    assert said(check_neighbours(one))[0].startswith("warn neighbours: fail2ban bans for SIP")


def test_fail2ban_for_ssh_alone_is_no_trouble(tmp_path: Path) -> None:
    jails = "Status\n`- Jail list:\tsshd\n"
    one = machine(tmp_path, processes("fail2ban-server"), {"fail2ban-client status": jails})
    assert said(check_neighbours(one)) == [
        "ok neighbours: fail2ban runs, for something else than SIP"
    ]


def test_fail2ban_is_known_below_its_interpreter(tmp_path: Path) -> None:
    files = {"/proc/7/comm": "f2b/server\n",
             "/proc/7/cmdline": "/usr/bin/python3\0/usr/bin/fail2ban-server\0-xf\0"}  # fmt: skip
    assert said(check_neighbours(machine(tmp_path, files))) != []


def test_crowdsec_firewalld_docker_and_ufw(tmp_path: Path) -> None:
    files = {**processes("crowdsec", "firewalld", "dockerd"), "/etc/ufw/ufw.conf": "ENABLED=yes\n"}
    found = said(check_neighbours(machine(tmp_path, files)))
    assert [line.split()[0] for line in found] == ["warn", "ok", "ok", "ok"]


def test_ufw_that_is_off(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/ufw/ufw.conf": "# ENABLED=yes\nENABLED=no\n"})
    assert said(check_neighbours(one)) == []


def test_a_ruleset_that_flushes_ours(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/nftables.conf": "#!/usr/sbin/nft -f\n\nflush ruleset\n"})
    assert said(check_neighbours(one))[0].startswith("warn neighbours: /etc/nftables.conf begins")
    one = machine(tmp_path, {"/etc/nftables.conf": "# flush ruleset\n"})
    assert said(check_neighbours(one)) == []
