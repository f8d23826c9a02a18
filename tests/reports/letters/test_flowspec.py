"""Rules that name our own address and port, whatever else: as BGP speakers take them."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import pytest

from ringfence.reports.letters.flowspec import (
    SLOW,
    FlowRule,
    collapsed,
    exabgp_line,
    exabgp_lines,
    gobgp_line,
    junos_delete,
    junos_lines,
    neutral_lines,
    protocol_of,
)

if TYPE_CHECKING:
    from pathlib import Path

OURS, OURS6 = ip_address("203.0.113.22"), ip_address("2001:db8:2::22")
DROP = FlowRule(ip_network("198.51.100.77"), OURS, "udp", (5060, 5061))
LIMIT = FlowRule(ip_network("198.51.100.0/28"), OURS, "tcp", (5061,), SLOW)
DROP6 = FlowRule(ip_network("2001:db8:bad::/64"), OURS6, "udp", (5060,))
LIMIT6 = FlowRule(ip_network("2001:db8:bad::5"), OURS6, "sctp", (5060, 5080), SLOW)
RULES = (DROP, LIMIT, DROP6, LIMIT6)

PREFIX = r"[0-9a-f.:]+/\d{1,3}"
EXABGP = re.compile(
    rf"(announce|withdraw) flow route \{{ match \{{ source {PREFIX}(/0)?; "
    rf"destination {PREFIX}(/0)?; (protocol|next-header) (tcp|udp|sctp); "
    r"destination-port \[( =\d+)+ \]; \} then \{ (discard|rate-limit \d+); \} \}"
)
GOBGP = re.compile(
    rf"gobgp global rib (add|del) -a ipv[46]-flowspec match destination {PREFIX} "
    rf"source {PREFIX} protocol (tcp|udp|sctp) destination-port '==\d+( ==\d+)*' "
    r"then (discard|rate-limit \d+)"
)


@pytest.mark.parametrize("rule", RULES)
def test_every_form_names_our_address_and_port(rule: FlowRule) -> None:
    for text in (
        exabgp_line(rule),
        gobgp_line(rule),
        "\n".join(junos_lines(rule, "RF-1")),
        "\n".join(neutral_lines(rule)),
        "\n".join(exabgp_lines(rule)),
    ):
        assert rule.target in text
        assert str(rule.source) in text
        assert all(str(port) in text for port in rule.ports)


@pytest.mark.parametrize("rule", RULES)
def test_commands_keep_to_their_grammar(rule: FlowRule) -> None:
    for verb in ("announce", "withdraw"):
        assert EXABGP.fullmatch(exabgp_line(rule, verb))
    for verb in ("add", "del"):
        assert GOBGP.fullmatch(gobgp_line(rule, verb))


def test_lines_fit_a_letter() -> None:
    widest = FlowRule(
        ip_network("2001:db8:bad1:bad2:bad3:bad4:bad5:bad6"),
        ip_address("2001:db8:aaa1:aaa2:aaa3:aaa4:aaa5:aaa6"),
        "udp",
        (5060,),
    )
    assert max(map(len, (*neutral_lines(widest), *exabgp_lines(widest)))) <= 72 - 5


def test_exabgp_wants_an_offset_in_ipv6() -> None:
    assert exabgp_line(DROP6) == (
        "announce flow route { match { source 2001:db8:bad::/64/0; destination "
        "2001:db8:2::22/128/0; next-header udp; destination-port [ =5060 ]; } then { discard; } }"
    )


def test_junos_counts_bits() -> None:
    assert junos_lines(LIMIT, "RF-1")[-1] == (
        f"set routing-options flow route RF-1 then rate-limit {SLOW * 8}"
    )
    assert junos_delete(DROP6, "RF-1") == "delete routing-options rib inet6.0 flow route RF-1"


def test_a_rule_without_a_port_is_refused() -> None:
    with pytest.raises(ValueError, match="ports"):
        FlowRule(ip_network("198.51.100.77"), OURS, "udp", ())
    with pytest.raises(ValueError, match="ports"):
        FlowRule(ip_network("198.51.100.77"), OURS, "udp", (70000,))


def test_a_rule_over_both_families_is_refused() -> None:
    with pytest.raises(ValueError, match="sends nothing to"):
        FlowRule(ip_network("198.51.100.77"), OURS6, "udp", (5060,))


def test_a_prefix_only_where_all_of_it_attacked() -> None:
    whole = [FlowRule(n, OURS, "udp", (5060,)) for n in map(ip_network, ip_network("192.0.2.0/28"))]
    assert [str(rule.source) for rule in collapsed(whole)] == ["192.0.2.0/28"]
    assert ip_network("192.0.2.5/32") not in [r.source for r in collapsed(whole[:5])]
    covered = sum(rule.source.num_addresses for rule in collapsed(whole[1:14]))
    assert covered == 13


def test_rules_of_different_actions_stay_apart() -> None:
    pair = [
        FlowRule(ip_network("192.0.2.0"), OURS, "udp", (5060,)),
        FlowRule(ip_network("192.0.2.1"), OURS, "udp", (5060,), SLOW),
    ]
    assert collapsed(pair) == pair


@pytest.mark.parametrize(
    ("transport", "protocol"),
    [("udp", "udp"), ("TLS", "tcp"), ("wss", "tcp"), ("sctp", "sctp"), ("$(x)", "udp")],
)
def test_a_router_sees_protocols(transport: str, protocol: str) -> None:
    assert protocol_of(transport) == protocol


def test_exabgp_takes_the_rules(tmp_path: Path) -> None:
    exabgp = shutil.which("exabgp")
    if exabgp is None:
        pytest.skip("exabgp is not installed: the grammar is tested instead")
    inline = [exabgp_line(rule).removeprefix("announce flow ") for rule in RULES]
    whole = [line for rule in RULES for line in exabgp_lines(rule)]
    config = tmp_path / "exabgp.conf"
    config.write_text(
        "neighbor 127.0.0.2 { router-id 192.0.2.1; local-address 127.0.0.1; local-as 64500; "
        "peer-as 64501;\nfamily { ipv4 flow; ipv6 flow; }\nflow {\n"
        + "\n".join([*inline, *whole])
        + "\n}\n}\n"
    )
    run = subprocess.run(
        [exabgp, "validate", str(config)],
        capture_output=True, text=True, check=False, timeout=60, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    if "invalid choice: 'validate'" in run.stderr + run.stdout:
        pytest.skip("this exabgp is older than 5 and cannot validate")
    assert run.returncode == 0, run.stdout + run.stderr


def test_gobgp_takes_the_rules_and_takes_them_back(tmp_path: Path) -> None:
    daemon, client = shutil.which("gobgpd"), shutil.which("gobgp")
    if daemon is None or client is None:
        pytest.skip("gobgp is not installed: the grammar is tested instead")
    config = tmp_path / "gobgp.toml"
    config.write_text('[global.config]\nas = 64500\nrouter-id = "192.0.2.1"\nport = -1\n')
    port = _free_port()
    running = subprocess.Popen(
        [daemon, "-f", str(config), "--api-hosts", f"127.0.0.1:{port}", "--pprof-disable"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(client, port)
        for rule in RULES:
            assert _gobgp(client, port, gobgp_line(rule)) == ""
        there = _gobgp(client, port, "gobgp global rib -a ipv4-flowspec")
        assert "[source: 198.51.100.77/32][protocol: ==udp]" in there
        assert "discard" in there
        assert f"rate: {SLOW}" in there
        for rule in RULES:
            assert _gobgp(client, port, gobgp_line(rule, "del")) == ""
        gone = _gobgp(client, port, "gobgp global rib -a ipv4-flowspec")
        assert "198.51.100" not in gone
    finally:
        running.terminate()
        running.wait(10)


def _gobgp(client: str, port: int, line: str) -> str:
    words = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", line)][1:]
    run = subprocess.run(
        [client, "-p", str(port), *words], capture_output=True, text=True, check=False, timeout=20
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(client: str, port: int) -> None:
    """Until the daemon answers: each question waits for its answer or is refused."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        asked = subprocess.run(
            [client, "-p", str(port), "global"], capture_output=True, check=False, timeout=20
        )
        if asked.returncode == 0:
            return
    pytest.fail("gobgpd does not answer")
