"""Which phone system is on this machine, where it answers, and where it writes what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ringfence.flow.machine import Machine, Port
from ringfence.model.finding import FAIL, OK, WARN, Finding

ASTERISK, FREESWITCH, KAMAILIO, THREECX = "asterisk", "freeswitch", "kamailio", "3cx"
SIP_PORTS = (5060, 5061)
_GUARD = "ringfence"
_ASTERISK_LOGS = "/var/log/asterisk"
_FREESWITCH_CONF = ("/etc/freeswitch", "/usr/local/freeswitch/conf")
_FREESWITCH_LOGS = (
    "/var/log/freeswitch/freeswitch.log", "/usr/local/freeswitch/log/freeswitch.log",
)  # fmt: skip
_KAMAILIO_LOGS = ("/var/log/kamailio.log", "/var/log/kamailio/kamailio.log", "/var/log/syslog",
                  "/var/log/messages")  # fmt: skip
_OUR_LINE = re.compile(r"ringfence/([A-Za-z0-9_-]{1,64}) kind=")
_XML_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_AUTH_FAILURES = re.compile(
    r"""<param\s[^>]*name=["']log-auth-failures["'][^>]*value=["'](true|yes|on|1)["']""",
    re.IGNORECASE,
)
# A group that gives more than logs: nobody who reads what strangers send is in one of them.
_NEVER = {"root", "sudo", "wheel", "shadow", "disk", "docker", "lxd"}
_MAX_INCLUDES = 50


@dataclass(frozen=True, slots=True)
class PhoneSystem:
    """One that is on this machine."""

    kind: str
    name: str
    runs: bool


@dataclass(frozen=True, slots=True)
class PbxLog:
    """A log that the guard can follow."""

    kind: str
    path: str


def phone_systems(machine: Machine) -> list[PhoneSystem]:
    """All that are there."""
    found = []
    if machine.has("/etc/asterisk") or machine.runs("asterisk"):
        is_freepbx = machine.has("/etc/freepbx.conf") or machine.has("/etc/amportal.conf")
        name = "Asterisk (FreePBX)" if is_freepbx else "Asterisk"
        found.append(PhoneSystem(ASTERISK, name, machine.runs("asterisk")))
    if any(map(machine.has, _FREESWITCH_CONF)) or machine.runs("freeswitch"):
        is_fusion = machine.has("/etc/fusionpbx") or machine.has("/var/www/fusionpbx")
        name = "FreeSWITCH (FusionPBX)" if is_fusion else "FreeSWITCH"
        found.append(PhoneSystem(FREESWITCH, name, machine.runs("freeswitch")))
    if machine.has("/etc/kamailio") or machine.runs("kamailio"):
        found.append(PhoneSystem(KAMAILIO, "Kamailio", machine.runs("kamailio")))
    runs_3cx = any(one.name.startswith(("3CX", "3cx")) for one in machine.processes)
    if runs_3cx or machine.has("/var/lib/3cxpbx"):
        found.append(PhoneSystem(THREECX, "3CX", runs_3cx))
    return found


def pbx_logs(machine: Machine, named: Sequence[str] = ()) -> list[PbxLog]:
    """Logs that say something about logins, and are there; and those that the owner named."""
    logs = [PbxLog(kind, path) for kind, _, path in (one.partition(":") for one in named)]
    for system in phone_systems(machine):
        if system.kind == ASTERISK:
            logs += [PbxLog(ASTERISK, path) for path in _asterisk_files(machine)]
        elif system.kind == FREESWITCH:
            logs += [PbxLog(FREESWITCH, p) for p in _FREESWITCH_LOGS if machine.has(p)][:1]
        elif system.kind == KAMAILIO and kamailio_mark(machine):
            logs += [PbxLog(KAMAILIO, path) for path in _KAMAILIO_LOGS if machine.has(path)][:1]
    return list(dict.fromkeys(logs))


def kamailio_mark(machine: Machine) -> str:
    """The word in our lines of its configuration; "" where they are not there."""
    for path in machine.listed("/etc/kamailio", "*.cfg"):
        for line in machine.lines(machine.name(path)):
            found = _OUR_LINE.search(line)
            if found and not line.lstrip().startswith(("#", "//")):
                return found[1]
    return ""


def log_groups(machine: Machine, logs: list[PbxLog]) -> list[str]:
    """Groups that let the guard read them."""
    found: dict[str, None] = {}
    for log in logs:
        file = machine.path(log.path)
        above = [one for one in file.parents if one != machine.root and machine.root in one.parents]
        for path, bit in [(file, 4), *((one, 1) for one in above)]:
            status = machine.status(machine.name(path))
            if status and not status.st_mode & bit and status.st_mode >> 3 & bit:
                found[machine.group_name(status.st_gid)] = None
    return [name for name in found if name and name not in _NEVER]


def check_phone_systems(machine: Machine) -> Iterator[Finding]:
    """Which are there, whether they run, and where they answer."""
    ports = sorted(
        (port for port in machine.listening if port.number in SIP_PORTS),
        key=lambda port: (port.number, port.protocol),
    )
    systems = phone_systems(machine)
    for system in systems:
        yield _phone_system(machine, system, ports)
    if systems:
        return
    if ports:
        yield Finding(
            "pbx", WARN, f"something answers at {_listed(ports)}, and is no phone system we know",
            "the guard sees its packets all the same; its log cannot be read",
        )  # fmt: skip
    else:
        yield Finding(
            "pbx", WARN, "no phone system is on this machine, and nothing answers at 5060 or 5061",
            "on another machine: have it send HEP (docs/hep.md), or listen at a mirror port; "
            "at another port: name it in [guard] ports",
        )  # fmt: skip


def _phone_system(machine: Machine, system: PhoneSystem, ports: list[Port]) -> Finding:
    if not system.runs:
        in_container = machine.runs("dockerd", "containerd") and bool(ports)
        return Finding(
            "pbx", WARN, f"{system.name} is installed, but does not run",
            "" if in_container else "start it, or see why it ended",
        )  # fmt: skip
    if ports:
        return Finding("pbx", OK, f"{system.name} runs, listening at {_listed(ports)}")
    return Finding(
        "pbx", WARN, f"{system.name} runs, but nothing listens at 5060 or 5061",
        "where it uses other ports, name them in [guard] ports of the settings",
    )  # fmt: skip


def _listed(ports: list[Port]) -> str:
    return ", ".join(f"{port.number}/{port.protocol}" for port in ports)


# ---- what they log -----------------------------------------------------------


def check_logging(machine: Machine, named: Sequence[str] = ()) -> Iterator[Finding]:
    """Whether they log what the guard wants to hear, and whether it may read that."""
    for system in phone_systems(machine):
        yield from _LOGGING[system.kind](machine)
    for log in pbx_logs(machine, named):
        yield _readable(machine, log)


def _readable(machine: Machine, log: PbxLog) -> Finding:
    if not machine.has(log.path):
        return Finding(
            "logs", WARN, f"{log.path} is not there yet",
            "it appears with the first line; Asterisk, after a change: logger reload",
        )  # fmt: skip
    groups = [machine.group(name) for name in (_GUARD, *log_groups(machine, [log]))]
    numbers = [number for number in groups if number is not None]
    if machine.may_read(log.path, machine.user(_GUARD), numbers):
        return Finding("logs", OK, f"{log.path} is there and can be read")
    return Finding(
        "logs", FAIL, f"{log.path} cannot be read by the guard",
        f"let its group read it (chmod g+r {log.path}), or: setfacl -m u:{_GUARD}:r {log.path}",
    )  # fmt: skip


def _asterisk(machine: Machine) -> Iterator[Finding]:
    files = _asterisk_files(machine)
    if files:
        yield Finding("logs", OK, f"Asterisk logs security events to {', '.join(files)}")
        return
    where = (
        "FreePBX: Settings > Asterisk Logfile Settings: Security on for a file"
        if machine.has("/etc/freepbx.conf")
        else "in /etc/asterisk/logger.conf, [logfiles]: security => security; then: "
        "asterisk -rx 'logger reload'"
    )
    yield Finding("logs", WARN, "Asterisk does not log security events", where)


def _asterisk_files(machine: Machine) -> list[str]:
    """Files with the level `security`; without it those of notices say too little."""
    folder = _ASTERISK_LOGS
    for name, value in _asterisk_settings(machine, "asterisk.conf", "directories"):
        if name == "astlogdir" and value.startswith("/"):
            folder = value
    found = []
    for name, value in _asterisk_settings(machine, "logger.conf", "logfiles"):
        is_file = name != "console" and not name.startswith("syslog.")
        levels = {re.sub(r"\(.*", "", word).strip().lower() for word in value.split(",")}
        if is_file and levels & {"security", "*"}:
            found.append(name if name.startswith("/") else f"{folder}/{name}")
    return list(dict.fromkeys(found))


def _asterisk_settings(machine: Machine, file: str, wanted: str) -> Iterator[tuple[str, str]]:
    """Names and values of a section, in the file and those that it includes."""
    section = ""
    for line in _with_included(machine, Path("/etc/asterisk") / file, _MAX_INCLUDES):
        text = line.partition(";")[0].strip()
        if text.startswith("["):
            section = text[1:].partition("]")[0]
        elif section == wanted and "=" in text:
            name, _, value = text.partition("=")
            yield name.strip(), value.removeprefix(">").strip()


def _with_included(machine: Machine, file: Path, left: int) -> Iterator[str]:
    for line in machine.lines(str(file)):
        if not line.startswith("#include"):
            yield line
        elif left > 0:
            named = line.removeprefix("#include").split(";")[0].strip().strip("<>\"'")
            for path in machine.listed(str(file.parent), named) if named else ():
                yield from _with_included(machine, Path(machine.name(path)), left // 2)


def _freeswitch(machine: Machine) -> Iterator[Finding]:
    profiles = [
        path for folder in _FREESWITCH_CONF for path in machine.listed(folder, "sip_profiles/*.xml")
    ]
    if not profiles:
        yield Finding(
            "logs", WARN, "FreeSWITCH's SIP profiles are not in files: what they log is not known",
            'each profile wants <param name="log-auth-failures" value="true"/> '
            "(FusionPBX: Advanced > SIP Profiles)",
        )  # fmt: skip
        return
    silent = [
        machine.name(path)
        for path in profiles
        if not _AUTH_FAILURES.search(_XML_COMMENT.sub("", machine.text(machine.name(path))))
    ]
    if silent:
        yield Finding(
            "logs", WARN, f"FreeSWITCH does not log refused logins: {', '.join(silent)}",
            'write <param name="log-auth-failures" value="true"/> into its settings; then: '
            "fs_cli -x 'sofia profile NAME rescan'",
        )  # fmt: skip
    else:
        yield Finding("logs", OK, "FreeSWITCH logs refused logins")


def _kamailio(machine: Machine) -> Iterator[Finding]:
    mark = kamailio_mark(machine)
    if not mark:
        yield Finding(
            "logs", WARN, "Kamailio logs no logins: our line is not in its configuration",
            "docs/guard.md, Kamailio: one route, called where a login is decided",
        )  # fmt: skip
    elif mark == "YOURWORD":
        yield Finding(
            "logs", FAIL, "Kamailio's line bears the word of the example, which strangers know",
            "write a word of your own in kamailio.cfg, and as [guard] mark in the settings",
        )  # fmt: skip
    elif not any(map(machine.has, _KAMAILIO_LOGS)):
        yield Finding(
            "logs", WARN, "Kamailio logs logins, but into no file that is known: journald alone",
            "sudo apt install rsyslog, or name its file in [guard] logs",
        )  # fmt: skip
    else:
        yield Finding("logs", OK, "Kamailio logs logins with our line")


def _threecx(_: Machine) -> Iterator[Finding]:
    yield Finding(
        "logs", OK, "3CX: packets are enough; its event log can be heard beside them "
        "(docs/guard.md, 3CX)",
    )  # fmt: skip


_LOGGING = {
    ASTERISK: _asterisk, FREESWITCH: _freeswitch, KAMAILIO: _kamailio, THREECX: _threecx,
}  # fmt: skip
