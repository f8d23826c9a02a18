"""The guard whole: written conversations as HEP in, a wall in memory, cases and alarms out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.request import urlopen

from ringfence.flow.casebook import Casebook
from ringfence.flow.guard.bearing import read_bearing
from ringfence.flow.would_have import would_have
from ringfence.model.alarm import BREAK_IN
from ringfence.model.measure import FirewallError
from ringfence.model.settings import Alerts, Settings
from ringfence.store.alerts import AlertStore
from tests.flow.guard.agent import (
    ANN,
    EVE,
    GUESSES,
    TWO,
    Tables,
    free_port,
    guarding,
    hears_log,
    wanted,
)

TOLD = Settings(alerts=Alerts(syslog="udp://127.0.0.1:9", minimum="note"))


def test_guesser_is_dropped_filed_and_told_of(tmp_path: Path) -> None:
    """From the first packet to the case, and who rings meanwhile is known to the firewall."""
    wall = Tables()
    asked = wanted(tmp_path)
    with guarding(asked, wall, TOLD) as running:
        running.hear("ann REGISTER 202 > 401 auth 200\n" + GUESSES)
        running.until(lambda: EVE in wall.blocked)
        running.until(lambda: ANN in wall.known)
        running.until(lambda: any(one.case_id for one in running.guard.status.attacks), 60)
        stands, is_fresh = read_bearing(Path(asked.run))
    assert is_fresh
    assert (stands.enforcing, stands.blocked, stands.got_in) == (True, 1, False)
    assert stands.attacks[0].addresses == (EVE,)
    assert stands.attacks[0].state == "blocked"
    assert ANN not in wall.blocked
    (folder,) = (tmp_path / "cases").glob("ringfence-RF-*")
    incident = json.loads((folder / "incident.json").read_bytes())
    (attacker,) = [s for s in incident["suspects"] if s["verdict"] == "attacker"]
    assert attacker["address"] == EVE
    names = [Path(one["path"]).name for one in incident["inputs"]]
    assert names[0].endswith("-before.pcapng"), "what he sent until the verdict"
    assert (folder / "evidence").is_dir()
    with Casebook(asked.store) as book:
        assert [case.id for case in book.cases()] == [stands.attacks[0].case_id]
        assert sum(AlertStore(book.database).counts().values()) > 0
    told = would_have(asked.store)
    assert [hit.address for hit in told.hits] == [EVE]


def test_without_enforce_nothing_is_done_and_it_is_said_what_would_be(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    with guarding(asked) as running:
        running.hear(GUESSES)
        running.until(
            lambda: [one.state for one in running.guard.status.attacks] == ["would be blocked"]
        )
        assert running.guard.status.blocked == 0
    assert any('"event":"would_block"' in line for line in running.lines)
    (hit,) = would_have(asked.store).hits
    assert hit.address == EVE


def test_guesser_who_gets_in_is_the_loudest_alarm(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    with guarding(asked, Tables(), TOLD) as running:
        running.hear(GUESSES + "eve REGISTER 201 > 401 auth=secret 200\n")
        running.until(lambda: running.guard.status.got_in)
        (attack,) = running.guard.status.attacks
        assert attack.accounts_taken == ("201",)

        def is_told() -> bool:
            with Casebook(asked.store) as book:
                due = AlertStore(book.database).due("9999", 50)
                return any(one.severity == BREAK_IN and "201" in one.text for one in due)

        running.until(is_told)


def test_trunk_that_was_named_is_never_blocked_whoever_forges_it(tmp_path: Path) -> None:
    """Ten thousand forged packets with its address."""
    from ipaddress import ip_address

    wall = Tables()
    asked = replace(wanted(tmp_path), trunks=(ip_address(EVE),))
    with guarding(asked, wall) as running:
        for _ in range(10):
            running.hear("eve INVITE 0044207 every=0.001 times=1000 > 401\n")
        running.until(lambda: running.guard.status.messages >= 10_000)
    assert EVE not in wall.blocked


def test_wrong_pin_blocks_nobody(tmp_path: Path) -> None:
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        running.hear("ann REGISTER 202 every=0.0005 times=16 > 401 auth=4711 401\n")
        running.until(lambda: running.guard.status.messages >= 32)
    assert wall.blocked == {}


def test_campaign_that_moves_is_one_attack(tmp_path: Path) -> None:
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        tool = "{} REGISTER 201 tag=svcrack every=0.05 > 401 auth={{1,2,3,4,5,6}} 401\n"
        running.hear(tool.format("eve"))
        running.until(lambda: EVE in wall.blocked)
        running.hear(tool.format("two"))
        running.until(lambda: TWO in wall.blocked)
        running.until(
            lambda: {a for one in running.guard.status.attacks for a in one.addresses} == {EVE, TWO}
        )


def test_firewall_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        wall.error = FirewallError("nft is missing: sudo apt install nftables")
        running.hear(GUESSES)
        running.until(lambda: any("nft is missing" in s for s in running.guard.status.wrong))
        assert EVE not in wall.blocked
        wall.error = None
        running.until(lambda: EVE in wall.blocked)
        running.until(lambda: not running.guard.status.wrong)


def test_logs_alone_are_enough(tmp_path: Path) -> None:
    """No packet is seen: the phone system's own log tells of the guesser, who is slowed down."""
    log = tmp_path / "kamailio.log"
    log.touch()
    line = (
        "{:%b %d %H:%M:%S} pbx kamailio[7]: WARNING: <script>: ringfence/w0rd kind=refused "
        "src=203.0.113.66 port=5071 proto=udp dst=192.0.2.10 dport=5060 method=REGISTER user=201 "
        "number=201 callid=c{} ua=Z\n"
    )
    wall = Tables()
    asked = replace(wanted(tmp_path), hears=hears_log("kamailio", log, "w0rd"))
    with guarding(asked, wall) as running, log.open("a") as stream:
        for number in range(60):
            stream.write(line.format(datetime.now(), number))  # noqa: DTZ005  as syslog does
        stream.flush()
        running.until(lambda: EVE in wall.blocked)
        running.until(lambda: [one.understood for one in running.guard.status.sources] == [60])


def test_metrics_and_health_are_told(tmp_path: Path) -> None:
    port = free_port()
    with guarding(replace(wanted(tmp_path), metrics_port=port), Tables()) as running:
        running.hear(GUESSES)
        running.until(lambda: running.guard.status.blocked == 1)
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
        with urlopen(f"http://127.0.0.1:{port}/health") as answer:
            assert answer.read() == b"ok\n"
    assert "ringfence_blocked 1" in text
    assert "ringfence_enforcing 1" in text


def test_clock_that_is_set_back_an_hour_stops_nobody(tmp_path: Path) -> None:
    """Messages bear the time at which they came, whatever the clock of the agent says."""
    wall = Tables()
    with guarding(wanted(tmp_path), wall) as running:
        engine = running.guard._engine
        engine.live._now = engine.live._beaten = engine.live._aged = 4 * 10**18
        running.hear(GUESSES)
        running.until(lambda: EVE in wall.blocked)
