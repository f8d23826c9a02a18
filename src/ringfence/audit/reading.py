"""Sources of an audit: files and folders → phone systems. Files are known by what is in them.

Files of one Asterisk belong together: mailboxes, managers and logs of a folder are joined to
its pjsip.conf or sip.conf, whether the folder is named or the files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ringfence.audit import (
    asterisk_conf,
    asterisk_files,
    contents,
    freepbx_csv,
    freeswitch_xml,
    kamailio_sql,
    pjsip,
    plain_csv,
    rows,
    saying,
    sip_conf,
    sqlite_file,
    threecx_csv,
    threecx_xapi,
)
from ringfence.audit.asterisk_conf import Conf
from ringfence.model.auditing import AuditError
from ringfence.model.pbx import Extension, Pbx, System
from ringfence.model.secret import Secret
from ringfence.model.text import shown

# The files of Asterisk that a folder is searched for; what they include, they name.
_ASTERISK = (
    "pjsip.conf", "sip.conf", "voicemail.conf", "manager.conf", "ari.conf", "http.conf",
    "logger.conf",
)  # fmt: skip
_FREESWITCH = ("freeswitch.xml", "vars.xml")
_MAX_FILES = 20_000
_MAX_FOLDERS = 5_000
_SECTION = re.compile(r"^[ \t]*\[[^\]\n]+\][ \t]*(\([^)\n]*\))?[ \t]*(;.*)?$", re.MULTILINE)
_KNOWN = (
    "3CX's CSV or Users of its XAPI, FreePBX's bulk CSV, pjsip.conf, sip.conf, FreeSWITCH's XML, a"
    " dump or SQLite file with Kamailio's subscribers, or a CSV with columns like extension and"
    " password"
)


@dataclass(slots=True)
class _Asterisk:
    """The files of one folder that belong to one Asterisk."""

    pbxes: list[Pbx] = field(default_factory=list)
    beside: list[tuple[str, Conf]] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    pbxes: list[Pbx] = field(default_factory=list)
    asterisks: dict[Path, _Asterisk] = field(default_factory=dict)
    xml: dict[Path, list[Path]] = field(default_factory=dict)
    dids: dict[str, list[str]] = field(default_factory=dict)


def read(paths: Sequence[Path]) -> list[Pbx]:
    """The phone systems of all sources. Raises AuditError with the file, and what to do."""
    found = _Found()
    for path in paths:
        if path.is_dir():
            _folder(path, found)
        else:
            _file(path, found)
    pbxes = [
        freepbx_csv.with_dids(pbx, found.dids) if pbx.system is System.FREEPBX else pbx
        for pbx in found.pbxes
    ]
    pbxes.extend(pbx for asterisk in found.asterisks.values() for pbx in _joined(asterisk))
    pbxes.extend(freeswitch_xml.read(files, root) for root, files in found.xml.items())
    return pbxes


def _folder(folder: Path, found: _Found) -> None:
    """The known files of a folder; of a folder with none, all tables below it."""
    files = [folder / name for name in _ASTERISK if (folder / name).is_file()]
    for file in files:
        _conf(file, None, found, folder)
    xml = list(_freeswitch(folder))
    if xml:
        found.xml.setdefault(folder, []).extend(xml)
    tables = [] if files or xml else _tables(folder)
    for file in tables:
        _file(file, found)
    if not files and not xml and not tables:
        raise AuditError(f"{shown(str(folder))}: no settings of a phone system in it: {_KNOWN}")


def _freeswitch(folder: Path) -> Iterator[Path]:
    """FreeSWITCH's files in the order in which they are read; each is read once."""
    directory = folder / "directory"
    profiles = folder / "sip_profiles"
    if (
        not (folder / "freeswitch.xml").is_file()
        and not directory.is_dir()
        and not profiles.is_dir()
    ):
        if folder.name in {"directory", "sip_profiles"}:
            yield from _below(folder, ".xml")
        return
    yield from (folder / name for name in reversed(_FREESWITCH) if (folder / name).is_file())
    for inner in (directory, profiles):
        if inner.is_dir():
            yield from _below(inner, ".xml")
    socket = folder / "autoload_configs" / "event_socket.conf.xml"
    if socket.is_file():
        yield socket


def _below(folder: Path, *ends: str) -> list[Path]:
    """Files below a folder, those at the top first, links not followed, bounded."""
    found: list[Path] = []
    for number, (place, folders, names) in enumerate(os.walk(folder)):
        if number >= _MAX_FOLDERS or len(found) >= _MAX_FILES:
            break
        folders.sort()
        found.extend(Path(place, name) for name in sorted(names) if name.lower().endswith(ends))
    return found[:_MAX_FILES]


def _tables(folder: Path) -> list[Path]:
    found = _below(folder, ".csv", ".json", ".sql", ".sqlite", ".db")
    return [path for path in found if path.is_file()][:100]


def _file(path: Path, found: _Found) -> None:
    """One file, by what is in it."""
    octets = contents.octets(path)
    if octets.startswith(sqlite_file.MAGIC):
        found.pbxes.append(kamailio_sql.read_file(path))
        return
    text = contents.decoded(octets, str(path))
    if text.lstrip()[:1] == "<":
        found.xml.setdefault(path.parent, []).append(path)
    elif threecx_xapi.suits(text):
        found.pbxes.append(threecx_xapi.read(text, str(path)))
    elif not (
        _sql(path, text, found)
        or _table(path, text, found)
        or (_SECTION.search(text) and _conf(path, text, found, path.parent))
    ):
        raise AuditError(f"{shown(str(path))}: not known. What is read: {_KNOWN}")


def _table(path: Path, text: str, found: _Found) -> bool:
    names = rows.names_of(text)
    for reader in (threecx_csv, freepbx_csv):
        if reader.suits(names):
            break
    else:
        if kamailio_sql.suits_columns(names):
            found.pbxes.append(kamailio_sql.read_table(rows.table(text, str(path))))
        elif plain_csv.suits(names):
            found.pbxes.append(plain_csv.read(rows.table(text, str(path))))
        else:
            return False
        return True
    table = rows.table(text, str(path))
    if reader is freepbx_csv and freepbx_csv.is_dids(names):
        for number, dids in freepbx_csv.dids(table).items():
            found.dids.setdefault(number, []).extend(dids)
    found.pbxes.append(reader.read(table))
    return True


def _sql(path: Path, text: str, found: _Found) -> bool:
    if not kamailio_sql.suits(text):
        return False
    found.pbxes.append(kamailio_sql.read(text, str(path)))
    return True


# ------------------------------------------------------------------ Asterisk


def _conf(path: Path, text: str | None, found: _Found, folder: Path) -> bool:
    """One of Asterisk's files, by what is in it; its name only where that says nothing."""
    conf = asterisk_conf.read(path, text)
    asterisk = found.asterisks.setdefault(folder.resolve(), _Asterisk())
    if pjsip.suits(conf):
        asterisk.pbxes.append(pjsip.read(conf))
    elif kind := _kind(conf, path.name):
        asterisk.beside.append((kind, conf))
    elif sip_conf.suits(conf):
        asterisk.pbxes.append(sip_conf.read(conf))
    else:
        return path.name in _ASTERISK
    return True


def _kind(conf: Conf, name: str) -> str:
    """Which of the files beside pjsip.conf and sip.conf it is; empty: none of them."""
    if name in _ASTERISK[2:]:
        return name
    general = conf.section("general")
    options = {option.name for option in general.options} if general else set()
    others = [one for one in conf.sections if one.name.lower() != "general"]
    lines = [option for one in others for option in one.options]
    signs = {
        "logger.conf": conf.section("logfiles") is not None,
        "manager.conf": any(one.get("secret") and one.get("read", "write") for one in others),
        "ari.conf": any(one.get("type") == "user" and one.get("password") for one in others),
        "http.conf": "enabled" in options and bool(options & {"bindport", "tlsbindaddr"}),
        "voicemail.conf": bool(lines) and all(option.name.isdigit() for option in lines),
    }
    return next((kind for kind, fits in signs.items() if fits), "")


def _joined(asterisk: _Asterisk) -> list[Pbx]:
    """The phone systems of a folder, the first of them with what stands beside."""
    if not asterisk.pbxes and not asterisk.beside:
        return []
    first, *others = asterisk.pbxes or [Pbx(System.PJSIP, ())]
    for kind, conf in asterisk.beside:
        first = replace(
            first,
            sources=(*first.sources, *conf.sources),
            troubles=(*first.troubles, *conf.troubles),
        )
        first = _with(first, kind, conf)
    return [first, *others]


def _with(pbx: Pbx, kind: str, conf: Conf) -> Pbx:
    managers: list[Secret] = []
    settings = list(pbx.settings)
    if kind == "voicemail.conf":
        return _with_mailboxes(pbx, conf)
    if kind == "manager.conf":
        managers = asterisk_files.managers(conf)
        settings.extend(asterisk_files.manager_settings(conf))
    elif kind == "ari.conf":
        managers = asterisk_files.rest_users(conf)
    elif kind == "http.conf":
        settings.extend(asterisk_files.web_settings(conf))
    else:
        settings.extend(asterisk_files.log_settings(conf))
    return replace(pbx, managers=(*pbx.managers, *managers), settings=tuple(settings))


def _with_mailboxes(pbx: Pbx, conf: Conf) -> Pbx:
    """PINs given to their extensions; a mailbox of nobody's is one of its own."""
    boxes = {box.number: box for box in asterisk_files.mailboxes(conf)}
    found: list[Extension] = []
    for one in pbx.extensions:
        box = boxes.pop(one.number, None)
        found.append(
            replace(
                one, name=one.name or box.name, mail=one.mail or box.mail,
                secrets=(*one.secrets, box.pin),
            ) if box else one
        )  # fmt: skip
    for box in boxes.values():
        found.append(
            Extension(
                box.number, box.place, box.name, mail=box.mail, secrets=(box.pin,),
                dids=saying.dids(""), row=len(found) + 1,
            )
        )  # fmt: skip
    return replace(pbx, extensions=tuple(found))
