"""All checks together, on a whole made-up machine."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ringfence.flow.doctor.examination import UNIT_FILES, examine
from ringfence.model.evidence import HostClock
from ringfence.model.guard_status import GuardStatus
from tests.flow.machines import ROOT, listening, machine, network, processes, said

NOW = datetime(2026, 11, 26, 14, 2, 11, tzinfo=UTC)
SETTINGS = "/etc/ringfence/settings.toml"
CLOCK = HostClock(synchronised=True)


def whole(settings: str) -> dict[str, str]:
    """An installed machine with Asterisk."""
    status = GuardStatus("2026-11-26T14:02:11Z", "2026-11-26T08:00:00Z", enforcing=True)
    return {
        **network(), **processes("asterisk"), **listening(5060),
        "/proc/self/status": ROOT,
        "/etc/asterisk/logger.conf": "[logfiles]\nsecurity => security\n",
        "/var/log/asterisk/security": "",
        "/etc/passwd": f"ringfence:x:{os.getuid()}:{os.getgid()}::/:/bin/false\n",
        "/run/ringfence/status.json": msgspec.json.encode(status).decode(),
        "/var/lib/ringfence/cases.db": "",
        UNIT_FILES[0]: "",
        SETTINGS: settings,
    }  # fmt: skip


ANSWERS = {"nft -V": "nftables v1.0.6\n json: yes\n", "nft -c": "",
           "nft -j list ruleset": '{"nftables": []}', "uname": "6.1.0\n"}  # fmt: skip


def test_a_machine_on_which_all_is_well(tmp_path: Path) -> None:
    one = machine(tmp_path, whole('[alerts]\nsyslog = "/dev/log"\n'), ANSWERS)
    found = [line for line in said(examine(one, NOW, CLOCK)) if "disk" not in line]
    assert [line for line in found if not line.startswith("ok ")] == []
    assert {line.split()[1].rstrip(":") for line in found} == {
        "kernel", "firewall", "interfaces", "pbx", "logs", "clock", "settings", "alarms", "mail",
        "store", "guard",
    }  # fmt: skip


def test_settings_that_do_not_hold_stop_no_other_check(tmp_path: Path) -> None:
    one = machine(tmp_path, whole("[guard]\nprots = [5080]\n"), ANSWERS)
    found = said(examine(one, NOW, CLOCK))
    assert any(line.startswith("fail settings:") and "prots" in line for line in found)
    assert found[-1] == "ok guard: it blocks; 0 are blocked now"


def test_interfaces_are_those_of_the_settings(tmp_path: Path) -> None:
    one = machine(tmp_path, whole('[guard]\ninterfaces = ["ens18"]\n'), ANSWERS)
    assert "fail interfaces: ens18 is not there; there are: eth0" in said(examine(one, NOW, CLOCK))


def test_settings_that_the_environment_names_and_that_are_not_there(tmp_path: Path) -> None:
    one = machine(
        tmp_path, whole(""), ANSWERS, environment={"RINGFENCE_SETTINGS": "/etc/gone.toml"}
    )
    assert any(
        line.startswith("fail settings:") and "no such settings" in line
        for line in said(examine(one, NOW, CLOCK))
    )


def test_a_machine_with_nothing_on_it(tmp_path: Path) -> None:
    found = examine(machine(tmp_path), NOW, CLOCK)
    assert {one.check: one.do for one in found}["guard"] == "sudo ringfence install"
