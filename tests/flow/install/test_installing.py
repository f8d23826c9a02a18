"""The guard put on a machine."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook
from ringfence.flow.install.installing import Wish, install
from ringfence.flow.install.record import InstallError
from ringfence.flow.install.units import LOCKDOWN_UNITS
from ringfence.flow.machine import Machine
from ringfence.flow.settings import load_settings
from tests.flow.install.hosts import DROP_IN, PROGRAM, SETTINGS, STORE, UID, UNIT, WISH, Host
from tests.flow.machines import machine

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root to give files away")


def test_user_folders_settings_units_in_this_order(host: Host) -> None:
    said = host.install()
    assert [line.partition(":")[0] for line in said[:-2]] == [
        "user ringfence", "/etc/ringfence", "/var/lib/ringfence", "/var/lib/ringfence/cases",
        STORE, SETTINGS, "/etc/systemd/system",
        "/etc/systemd/system/ringfence-firewall.service", UNIT,
        *(f"/etc/systemd/system/{name}" for name in LOCKDOWN_UNITS),
        "systemd has read its units", "ringfence-firewall, ringfence-guard",
        "ringfence-lockdown", "started anew",
    ]  # fmt: skip
    assert said[-2].startswith("it watches, and blocks nobody")


def test_user_has_no_login_and_units_are_started(host: Host) -> None:
    host.install()
    user, *others = host.recorded()
    assert user.startswith("useradd --system --user-group")
    assert "--shell /usr/sbin/nologin" in user
    assert others == [
        "systemctl daemon-reload",
        "systemctl enable --now ringfence-firewall ringfence-guard",
        "systemctl enable --now ringfence-lockdown.service ringfence-lockdown.timer",
        "systemctl restart ringfence-firewall ringfence-guard",
    ]


def test_twice_is_once(host: Host) -> None:
    host.install()
    before = {name: host.text(name) for name in host.files() if (host.root / name[1:]).is_file()}
    host.recorded()
    said = host.install()
    assert said[0] == f"{SETTINGS}: is there, and stays as it is"
    assert host.recorded() == [
        "systemctl daemon-reload", "systemctl enable --now ringfence-firewall ringfence-guard",
        "systemctl enable --now ringfence-lockdown.service ringfence-lockdown.timer",
    ]  # fmt: skip
    assert before == {name: host.text(name) for name in before}


@as_root
def test_owners_and_modes(host: Host) -> None:
    host.install()
    found = {}
    for name in host.files():
        status = (host.root / name[1:]).stat()
        found[name] = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    assert found["/etc/ringfence"] == (0o750, 0, UID)
    assert found[SETTINGS] == (0o640, 0, UID)
    assert found["/etc/ringfence/installed.json"] == (0o600, 0, 0)
    assert found["/var/lib/ringfence"] == (0o750, UID, UID)
    assert found["/var/lib/ringfence/cases"] == (0o750, UID, UID)
    assert found[STORE] == (0o600, UID, UID)
    assert found[UNIT] == (0o644, 0, 0)


@as_root
def test_store_that_root_opened_first_is_the_guards(host: Host) -> None:
    host.install()
    path = host.root / STORE[1:]
    path.unlink()
    with Casebook(str(path)):
        pass
    assert path.stat().st_uid == 0
    assert f"{STORE}: given to ringfence" in host.install()
    assert path.stat().st_uid == UID


def test_store_is_a_store_from_its_beginning(host: Host) -> None:
    host.install()
    with Casebook(str(host.root / STORE[1:])) as book:
        assert book.cases() == []


def test_what_was_found_is_filled_in(host: Host) -> None:
    host.with_phone_system()
    said = host.install()
    assert "  found: interfaces = ['ens3']" in said
    guard = load_settings(str(host.root / SETTINGS[1:]), {}).guard
    assert guard.interfaces == ("ens3",)
    assert guard.logs == ("asterisk:/var/log/asterisk/security",)
    assert guard.enforce is False


def test_interface_that_is_named_goes_before_what_is_found(host: Host) -> None:
    host.with_phone_system()
    host.install(replace(WISH, interfaces=("wan0", "wan1")))
    guard = load_settings(str(host.root / SETTINGS[1:]), {}).guard
    assert guard.interfaces == ("wan0", "wan1")


def test_settings_that_were_edited_stay(host: Host) -> None:
    host.install()
    path = host.root / SETTINGS[1:]
    path.write_text('[guard]\nknown = ["198.51.100.77"]\n')
    said = host.install(replace(WISH, interfaces=("wan0",)))
    assert path.read_text() == '[guard]\nknown = ["198.51.100.77"]\n'
    assert "  so write yourself: interfaces = ['wan0']" in said


def test_guard_reads_the_log_by_the_group_of_the_log(host: Host) -> None:
    host.with_phone_system()
    machine(host.root, {"/etc/group": f"asterisk:x:{os.getgid()}:\n"})
    (host.root / "var/log/asterisk/security").chmod(0o640)
    host.install()
    assert "SupplementaryGroups=asterisk\n" in host.text(DROP_IN)
    assert "ExecStart" not in host.text(DROP_IN)


def test_log_that_the_owner_named_later_counts_at_the_next_install(host: Host) -> None:
    host.install()
    machine(host.root, {"/etc/group": f"syslog:x:{os.getgid()}:\n", "/srv/sip.log": ""})
    (host.root / "srv/sip.log").chmod(0o640)
    (host.root / SETTINGS[1:]).write_text('[guard]\nlogs = ["kamailio:/srv/sip.log"]\n')
    host.install()
    assert "SupplementaryGroups=syslog\n" in host.text(DROP_IN)


def test_it_blocks_only_when_told_and_until_told_otherwise(host: Host) -> None:
    host.install()
    assert not (host.root / DROP_IN[1:]).exists()
    said = host.install(replace(WISH, enforce=True))
    assert host.text(DROP_IN).endswith(f"ExecStart=\nExecStart={PROGRAM} guard --enforce\n")
    assert "it blocks now" in said
    host.recorded()
    assert "it blocks now" in host.install()
    assert "systemctl restart ringfence-firewall ringfence-guard" not in host.recorded()
    host.install(replace(WISH, enforce=False))
    assert not (host.root / DROP_IN[1:]).exists()
    assert "systemctl restart ringfence-firewall ringfence-guard" in host.recorded()


def test_new_version_brings_its_units_and_one_changed_by_hand_stays(host: Host) -> None:
    host.install()
    host.install(replace(WISH, program="/srv/other/bin/ringfence"))
    assert "ExecStart=/srv/other/bin/ringfence guard\n" in host.text(UNIT)
    (host.root / UNIT[1:]).write_text("[Service]\n# mine\n")
    said = host.install()
    assert f"{UNIT}: was changed by hand, and stays as it is (take it away for ours)" in said
    assert host.text(UNIT) == "[Service]\n# mine\n"


def test_dry_run_changes_nothing(host: Host) -> None:
    host.with_phone_system()
    said = host.install(replace(WISH, dry_run=True, enforce=True))
    assert "would: user ringfence: made, without a login" in said
    assert f"would: {UNIT}: written" in said
    assert (host.recorded(), host.files()) == ([], [])


def test_below_another_root_nothing_is_started(host: Host) -> None:
    """Even where that is another machine's file system, with its systemd."""
    said: list[str] = []
    install(Machine(host.root, may_run=False), WISH, said.append)
    assert host.recorded() == []
    assert said[-1] == "systemd does not rule here: nothing is started"
    assert (host.root / UNIT[1:]).exists()


def test_a_container_without_systemd(host: Host) -> None:
    (host.root / "run/systemd/system").rmdir()
    assert host.install()[-1] == "systemd does not rule here: nothing is started"
    assert [line.split()[0] for line in host.recorded()] == ["useradd"]


def test_package_brings_its_own_units(host: Host) -> None:
    host.install(replace(WISH, program="/usr/bin/ringfence", is_packaged=True, enforce=True))
    assert not (host.root / UNIT[1:]).exists()
    assert "/usr/bin/ringfence guard --enforce" in host.text(DROP_IN)
    assert "systemctl restart ringfence-firewall ringfence-guard" in host.recorded()


@pytest.mark.parametrize("program", ["/root/venv/bin/ringfence", "/home/me/bin/ringfence"])
def test_program_in_a_home_is_seen_by_no_unit(host: Host, program: str) -> None:
    with pytest.raises(InstallError, match="/opt/ringfence"):
        host.install(Wish(program))
    assert (host.recorded(), host.files()) == ([], [])


def test_interpreter_in_a_folder_of_somebody_else(host: Host) -> None:
    machine(host.root, {"/srv/python/bin/python3": ""})
    (host.root / "srv/python").chmod(0o700)
    with pytest.raises(InstallError, match="cannot reach it"):
        host.install(Wish(PROGRAM, needs=("/srv/python/bin/python3",)))


def test_program_that_fails_is_told_and_the_next_time_goes_on(host: Host) -> None:
    host.fails("systemctl", "Failed to enable unit: access denied")
    with pytest.raises(InstallError, match="systemctl daemon-reload: Failed to enable unit"):
        host.install()
    host.program(host.root.parent, "systemctl", "")
    assert host.install()[-2].startswith("it watches")


def test_file_where_a_folder_should_be(host: Host) -> None:
    machine(host.root, {"/var/lib/ringfence": "mine"})
    with pytest.raises(InstallError, match="/var/lib/ringfence: is there, and is no folder"):
        host.install()
    assert host.text("/var/lib/ringfence") == "mine"


def test_a_link_that_leads_elsewhere_is_not_given_away(host: Host, tmp_path: Path) -> None:
    """Who may write beside it could otherwise have root give him any folder."""
    host.install()
    cases = host.root / "var/lib/ringfence/cases"
    cases.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    cases.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InstallError):
        host.install()
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o700
