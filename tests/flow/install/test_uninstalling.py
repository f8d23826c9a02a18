"""The guard taken away again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.flow.install.uninstalling import clear_firewall, end_tunnel, open_lockdown
from ringfence.flow.lockdown import Lockdown, LockdownState
from ringfence.flow.remote import RemoteAccess
from ringfence.model.measure import FirewallError
from ringfence.model.remote import RemoteError
from ringfence.remote.gate import Gate
from ringfence.respond.nft.program import Program
from tests.flow.install.hosts import DROP_IN, SETTINGS, STORE, UNIT, WISH, Host
from tests.flow.machines import machine
from tests.remote.closings import closing, gate_of
from tests.respond.block.wire import Wire, needs

STOPPED = (
    "ringfence-guard", "ringfence-firewall", "ringfence-lockdown.timer", "ringfence-lockdown",
)  # fmt: skip


def test_cases_stay_and_everything_else_is_gone(host: Host) -> None:
    host.with_phone_system()
    host.install(replace(WISH, enforce=True))
    machine(host.root, {"/var/lib/ringfence/cases/RF-1/report.html": "evidence"})
    host.recorded()
    said = host.uninstall()
    assert host.files() == [
        "/etc/ringfence", "/etc/ringfence/installed.json", "/var/lib/ringfence",
        "/var/lib/ringfence/cases", STORE, "/var/lib/ringfence/cases/RF-1",
        "/var/lib/ringfence/cases/RF-1/report.html",
    ]  # fmt: skip
    assert host.recorded() == [
        f"systemctl disable --now {' '.join(STOPPED)}",
        "systemctl daemon-reload",
    ]  # fmt: skip
    assert "--purge" in said[-1]


def test_firewall_is_cleared_after_the_guard_has_ended(host: Host) -> None:
    host.install()
    said = host.uninstall()
    assert host.cleared == [STORE]
    assert said[:2] == [
        f"{', '.join(STOPPED)}: stopped",
        "firewall: cleared",
    ]


def test_settings_of_the_owner_stay(host: Host) -> None:
    host.install()
    (host.root / SETTINGS[1:]).write_text('clock = "NTP"\n')
    assert f"{SETTINGS}: is yours by now, and stays" in host.uninstall()
    assert host.text(SETTINGS) == 'clock = "NTP"\n'


def test_purge_leaves_nothing(host: Host) -> None:
    host.install(replace(WISH, enforce=True))
    (host.root / SETTINGS[1:]).write_text('clock = "NTP"\n')
    machine(host.root, {"/run/ringfence/status.json": "{}"})
    host.recorded()
    host.uninstall(purge=True)
    assert host.files() == []
    assert host.recorded()[-1] == "userdel ringfence"


def test_purge_after_the_guard_was_taken_away(host: Host) -> None:
    host.install()
    host.uninstall()
    host.uninstall(purge=True)
    assert host.files() == []
    assert host.recorded()[-1] == "userdel ringfence"


def test_user_that_was_there_before_stays(host: Host) -> None:
    machine(host.root, {"/etc/passwd": "ringfence:x:998:998::/:/bin/false\n",
                        "/etc/group": "ringfence:x:998:\n"})  # fmt: skip
    host.install()
    host.uninstall(purge=True)
    assert not [line for line in host.recorded() if line.startswith("userdel")]


def test_files_beside_ours_stay(host: Host) -> None:
    mine = f"{UNIT}.d/override.conf"
    host.install(replace(WISH, enforce=True))
    machine(host.root, {mine: "[Service]\nNice=0\n"})
    host.uninstall()
    assert host.text(mine) == "[Service]\nNice=0\n"
    assert not (host.root / DROP_IN[1:]).exists()


def test_purge_goes_after_no_link(host: Host, tmp_path: Path) -> None:
    """The guard could have made one: it reads what strangers send."""
    host.install()
    (tmp_path / "others").mkdir()
    (tmp_path / "others/precious").touch()
    (host.root / "var/lib/ringfence/cases/link").symlink_to(tmp_path / "others")
    host.uninstall(purge=True)
    assert (tmp_path / "others/precious").exists()


def test_list_that_names_what_is_not_ours_takes_nothing_of_it(host: Host) -> None:
    host.install()
    machine(host.root, {"/etc/passwd2": "precious", "/var/lib/precious": "precious"})
    path = host.root / "etc/ringfence/installed.json"
    listed = json.loads(path.read_text())
    listed["files"] |= {"/etc/passwd2": "", "/var/lib/ringfence/../precious": ""}
    path.write_text(json.dumps(listed))
    host.uninstall()
    assert host.text("/etc/passwd2") == "precious"
    assert host.text("/var/lib/precious") == "precious"


def test_twice_is_once_and_where_nothing_was_it_is_said(host: Host) -> None:
    assert host.uninstall() == ["nothing of `ringfence install` is on this machine"]
    host.install()
    host.uninstall()
    host.uninstall()
    assert not (host.root / UNIT[1:]).exists()


def test_package_keeps_settings_until_it_is_purged(host: Host) -> None:
    host.install(replace(WISH, is_packaged=True))
    host.uninstall(is_packaged=True)
    assert (host.root / SETTINGS[1:]).exists()
    host.uninstall(purge=True, is_packaged=True)
    assert host.files() == []


def test_installed_again_after_it_was_taken_away(host: Host) -> None:
    host.install()
    first = host.files()
    host.uninstall()
    host.install()
    assert host.files() == first


# ---- the firewall -----------------------------------------------------------


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Why tables were removed, in place of the machine's."""
    found: list[str] = []

    def remove(_: object, why: str = "without a store") -> list[object]:
        found.append(why)
        return []

    monkeypatch.setattr("ringfence.flow.firewall.Firewall.remove", remove)
    monkeypatch.setattr("ringfence.flow.firewall.Nftables.remove", remove)
    return found


def test_our_tables_are_gone_and_the_store_knows(tmp_path: Path, removed: list[str]) -> None:
    says = clear_firewall(str(tmp_path / "cases.db"))
    assert says == "firewall: our tables are gone, 0 measures ended"
    assert removed == ["uninstalled"]


def test_store_that_cannot_be_read_keeps_no_table(tmp_path: Path, removed: list[str]) -> None:
    (tmp_path / "cases.db").write_text("no store at all, but something else\n" * 100)
    says = clear_firewall(str(tmp_path / "cases.db"))
    assert says.startswith("firewall: our tables are gone; the store was not told: ")
    assert removed == ["without a store"]


def test_firewall_that_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise FirewallError("nft is missing: sudo apt install nftables")

    monkeypatch.setattr("ringfence.flow.firewall.Firewall.remove", refuse)
    says = clear_firewall(str(tmp_path / "cases.db"))
    assert says == "firewall: NOT cleared: nft is missing: sudo apt install nftables"


@needs("nft")
def test_ports_that_were_closed_are_open_again(tmp_path: Path) -> None:
    with Wire() as wire:
        gate = gate_of(wire)
        lockdown = Lockdown(gate, LockdownState(tmp_path / "lockdown"))
        gate.keep(closing("198.51.100.1"))
        assert open_lockdown(lockdown) == "lockdown: open again"
        assert not gate.standing().is_there
        assert open_lockdown(lockdown) == "lockdown: nothing was closed"


def test_lockdown_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    lockdown = Lockdown(Gate(Program(("no-such-nft",))), LockdownState(tmp_path))
    assert open_lockdown(lockdown).startswith("lockdown: NOT opened: no-such-nft is missing")


class _Access(RemoteAccess):
    """The tunnel of a machine whose programs are not called."""

    error = ""

    def down(self, *, purge: bool = False) -> None:
        if self.error:
            raise RemoteError(self.error)
        assert purge
        self._files.remove()


def test_tunnel_is_down_before_its_keys_are_gone_and_stays_without_purge(tmp_path: Path) -> None:
    access = _Access(tmp_path / "remote")
    assert end_tunnel(access, purge=True) == ""
    access.begin("pbx.example.net", network="10.99.0.0/24", media=(10_000, 20_000))
    assert "stays" in end_tunnel(access, purge=False)
    access.error = "wg: Operation not permitted"
    assert end_tunnel(access, purge=True) == "tunnel: NOT taken down: wg: Operation not permitted"
    assert access.has_begun()
    access.error = ""
    assert "down" in end_tunnel(access, purge=True)
    assert not access.has_begun()


def test_purge_ends_the_tunnel(host: Host) -> None:
    host.install()
    assert "tunnel: down" not in host.uninstall()
    assert "tunnel: down" in host.uninstall(purge=True)
