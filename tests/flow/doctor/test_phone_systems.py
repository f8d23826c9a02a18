"""The phone system: which it is, where it answers, what it logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow.doctor.phone_systems import (
    PbxLog,
    check_logging,
    check_phone_systems,
    kamailio_mark,
    log_groups,
    pbx_logs,
)
from ringfence.model.finding import FAIL, OK, WARN
from tests.flow.machines import listening, machine, processes, said

LOGGER = "[general]\n; security => security\n[logfiles]\nconsole => notice,security\n"
SECURITY = "/var/log/asterisk/security"
OUR_LINE = '    xlog("L_WARN", "ringfence/Tulip7 kind=$var(kind) src=$si\\n");\n'


# ---- who is there -----------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (processes("asterisk"), "Asterisk runs"),
        ({**processes("asterisk"), "/etc/freepbx.conf": ""}, "Asterisk (FreePBX) runs"),
        (processes("freeswitch"), "FreeSWITCH runs"),
        (processes("kamailio", "kamailio"), "Kamailio runs"),
        (processes("3CXPhoneSystem0"), "3CX runs"),
    ],
)
def test_phone_systems_are_known_by_their_processes(
    tmp_path: Path, files: dict[str, str], says: str
) -> None:
    one = machine(tmp_path, {**files, **listening(5060)})
    assert said(check_phone_systems(one)) == [f"ok pbx: {says}, listening at 5060/udp"]


def test_ports_of_tcp_and_ipv6(tmp_path: Path) -> None:
    files = {**processes("asterisk"), **listening(5060, table="udp6"),
             **listening(5060, 5061, 8088, table="tcp")}  # fmt: skip
    assert said(check_phone_systems(machine(tmp_path, files))) == [
        "ok pbx: Asterisk runs, listening at 5060/tcp, 5060/udp, 5061/tcp"
    ]


def test_a_phone_system_at_another_port(tmp_path: Path) -> None:
    (found,) = check_phone_systems(machine(tmp_path, {**processes("asterisk"), **listening(5160)}))
    assert found.state == WARN
    assert "[guard] ports" in found.do


def test_a_phone_system_that_does_not_run(tmp_path: Path) -> None:
    assert said(check_phone_systems(machine(tmp_path, {"/etc/asterisk/asterisk.conf": ""}))) == [
        "warn pbx: Asterisk is installed, but does not run"
    ]


def test_a_phone_system_on_another_machine(tmp_path: Path) -> None:
    (found,) = check_phone_systems(machine(tmp_path))
    assert "docs/hep.md" in found.do


def test_an_unknown_phone_system(tmp_path: Path) -> None:
    (found,) = check_phone_systems(machine(tmp_path, listening(5060)))
    assert found.says == "something answers at 5060/udp, and is no phone system we know"


# ---- Asterisk ---------------------------------------------------------------


def test_asterisk_without_security_events_is_told_the_line(tmp_path: Path) -> None:
    """A comment, the console and another section are none."""
    one = machine(tmp_path, {"/etc/asterisk/logger.conf": LOGGER})
    (found,) = check_logging(one)
    assert (found.state, found.says) == (WARN, "Asterisk does not log security events")
    assert "security => security" in found.do
    assert pbx_logs(one) == []


def test_freepbx_is_told_where_to_click(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/asterisk/logger.conf": LOGGER, "/etc/freepbx.conf": ""})
    (found,) = check_logging(one)
    assert "Asterisk Logfile Settings" in found.do


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ({"logger.conf": f"{LOGGER}security => security\n"}, [SECURITY]),
        ({"logger.conf": f"{LOGGER}full = notice, SECURITY ,error\n"}, ["/var/log/asterisk/full"]),
        ({"logger.conf": f"{LOGGER}/srv/pbx.log => *\n"}, ["/srv/pbx.log"]),
        ({"logger.conf": f"{LOGGER}security => security ; ours\n",
          "asterisk.conf": "[directories](!)\nastlogdir => /srv/log\n"}, ["/srv/log/security"]),
        ({"logger.conf": "[logfiles]\n#include logger_logfiles_additional.conf\n",
          "logger_logfiles_additional.conf": "fail2ban => security\n"},
         ["/var/log/asterisk/fail2ban"]),
        ({"logger.conf": '[logfiles]\n#include "logger.d/*.conf"\n',
          "logger.d/a.conf": "a => security\n", "logger.d/b.conf": "b => security\n"},
         ["/var/log/asterisk/a", "/var/log/asterisk/b"]),
    ],
)  # fmt: skip
def test_files_with_security_events_are_found(
    tmp_path: Path, files: dict[str, str], paths: list[str]
) -> None:
    one = machine(tmp_path, {f"/etc/asterisk/{name}": text for name, text in files.items()})
    assert pbx_logs(one) == [PbxLog("asterisk", path) for path in paths]
    assert said(check_logging(one))[0] == (
        f"ok logs: Asterisk logs security events to {', '.join(paths)}"
    )


def test_settings_that_include_themselves_end(tmp_path: Path) -> None:
    text = "#include logger.conf\n[logfiles]\nsecurity => security\n"
    one = machine(tmp_path, {"/etc/asterisk/logger.conf": text})
    assert pbx_logs(one) == [PbxLog("asterisk", SECURITY)]


# ---- the others -------------------------------------------------------------


PROFILE = '<profile><settings><param name="log-auth-failures" value="%s"/></settings></profile>'


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (PROFILE % "true", OK),
        (PROFILE % "false", WARN),
        (f"<!-- {PROFILE % 'true'} -->", WARN),
        ("<profile/>", WARN),
    ],
)
def test_freeswitch_logs_refused_logins_or_is_told_how(
    tmp_path: Path, text: str, state: str
) -> None:
    one = machine(tmp_path, {"/etc/freeswitch/sip_profiles/internal.xml": text})
    (found,) = check_logging(one)
    assert found.state == state
    assert state == OK or "log-auth-failures" in found.do


def test_freeswitch_with_its_profiles_in_a_database(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/freeswitch/vars.xml": "", "/etc/fusionpbx/config.conf": ""})
    (found,) = check_logging(one)
    assert "FusionPBX" in found.do


def test_log_of_freeswitch_is_found(tmp_path: Path) -> None:
    path = "/var/log/freeswitch/freeswitch.log"
    one = machine(tmp_path, {"/etc/freeswitch/vars.xml": "", path: ""})
    assert pbx_logs(one) == [PbxLog("freeswitch", path)]


def test_kamailio_with_our_line(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/kamailio/kamailio.cfg": OUR_LINE, "/var/log/syslog": ""})
    assert kamailio_mark(one) == "Tulip7"
    assert pbx_logs(one) == [PbxLog("kamailio", "/var/log/syslog")]


def test_kamailio_with_our_line_in_a_comment(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/kamailio/kamailio.cfg": f"# {OUR_LINE}"})
    (found,) = check_logging(one)
    assert found.says == "Kamailio logs no logins: our line is not in its configuration"
    assert pbx_logs(one) == []


def test_a_word_that_everybody_can_read_in_our_documentation(tmp_path: Path) -> None:
    """Whoever knows the word can have Kamailio accuse anybody."""
    line = OUR_LINE.replace("Tulip7", "YOURWORD")
    one = machine(tmp_path, {"/etc/kamailio/kamailio.cfg": line, "/var/log/syslog": ""})
    assert next(check_logging(one)).state == FAIL


def test_kamailio_that_logs_to_the_journal_alone(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/kamailio/kamailio.cfg": OUR_LINE})
    (found,) = check_logging(one)
    assert "rsyslog" in found.do


def test_3cx_needs_no_log(tmp_path: Path) -> None:
    assert said(check_logging(machine(tmp_path, {"/var/lib/3cxpbx/x": ""})))[0].startswith("ok")


# ---- who may read it --------------------------------------------------------


def asterisk(tmp_path: Path, group: str, mode: int) -> Path:
    """Its security log with this mode, in a group of our own that bears this name."""
    import os

    files = {
        "/etc/asterisk/logger.conf": "[logfiles]\nsecurity => security\n", SECURITY: "",
        "/etc/group": f"{group}:x:{os.getgid()}:\nringfence:x:4000000:\n",
        "/etc/passwd": "ringfence:x:4000000:4000000::/:/bin/false\n",
    }  # fmt: skip
    machine(tmp_path, files)
    (tmp_path / SECURITY.lstrip("/")).chmod(mode)
    return tmp_path


def test_a_log_that_everybody_reads_needs_no_group(tmp_path: Path) -> None:
    one = machine(asterisk(tmp_path, "asterisk", 0o644))
    assert log_groups(one, pbx_logs(one)) == []
    assert said(check_logging(one))[-1] == f"ok logs: {SECURITY} is there and can be read"


def test_a_log_that_its_group_reads(tmp_path: Path) -> None:
    one = machine(asterisk(tmp_path, "asterisk", 0o640))
    assert log_groups(one, pbx_logs(one)) == ["asterisk"]
    assert said(check_logging(one))[-1] == f"ok logs: {SECURITY} is there and can be read"


def test_a_log_in_a_folder_for_its_group_alone(tmp_path: Path) -> None:
    one = machine(asterisk(tmp_path, "asterisk", 0o644))
    (tmp_path / "var/log/asterisk").chmod(0o750)
    assert log_groups(one, pbx_logs(one)) == ["asterisk"]


@pytest.mark.parametrize("group", ["root", "sudo", "docker"])
def test_who_reads_what_strangers_send_is_in_no_mighty_group(tmp_path: Path, group: str) -> None:
    one = machine(asterisk(tmp_path, group, 0o640))
    assert log_groups(one, pbx_logs(one)) == []
    last = list(check_logging(one))[-1]
    assert last.state == FAIL
    assert "setfacl -m u:ringfence:r" in last.do


def test_a_log_that_its_owner_alone_reads(tmp_path: Path) -> None:
    one = machine(asterisk(tmp_path, "asterisk", 0o600))
    assert said(check_logging(one))[-1] == f"fail logs: {SECURITY} cannot be read by the guard"


def test_logs_that_the_owner_named_are_looked_at_as_well(tmp_path: Path) -> None:
    one = machine(asterisk(tmp_path, "asterisk", 0o644))
    named = [f"asterisk:{SECURITY}", "kamailio:/srv/sip.log"]
    assert [log.path for log in pbx_logs(one, named)] == [SECURITY, "/srv/sip.log"]
    assert said(check_logging(one, named))[-1] == "warn logs: /srv/sip.log is not there yet"
