"""Phone systems of any size, in each format, with weaknesses planted where the test knows them."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

from ringfence.model.pbx import System

_FIRST = ("Ada", "Ben", "Cleo", "Dara", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jule")
_LAST = ("Ackermann", "Birch", "Castel", "Dorn", "Ek", "Flores", "Grau", "Holt", "Ionescu", "Jung")
_SIGNS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
DOMAIN = "pbx.example.com"
SHARED = "Rosengarten!81"  # the same at several extensions


@dataclass(frozen=True, slots=True)
class Person:
    """One extension as it was made."""

    number: str
    first: str
    last: str
    password: str
    pin: str
    planted: str = ""  # what is weak about it: "number", "reversed", "default", "shared"

    @property
    def mail(self) -> str:
        return f"{self.first}.{self.last}.{self.number}@example.com".lower()

    def ha1(self, realm: str = DOMAIN) -> str:
        said = f"{self.number}:{realm}:{self.password}".encode()
        return hashlib.new("md5", said, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Generated:
    """Where it was written, and who in it is weak, by number."""

    path: Path
    planted: dict[str, str]
    people: tuple[Person, ...]

    def __fspath__(self) -> str:
        return str(self.path)


def generated(system: System, extensions: int, folder: Path, seed: int = 7) -> Generated:
    """A phone system of so many extensions, written below a folder. The same for a seed."""
    draw = random.Random(seed)  # noqa: S311  seeded on purpose
    people = tuple(_person(1000 + at, draw) for at in range(extensions))
    path = _WRITERS[system](people, folder)
    return Generated(path, {one.number: one.planted for one in people if one.planted}, people)


def _person(number: int, draw: random.Random) -> Person:
    planted = {3: "number", 11: "reversed", 19: "default", 37: "shared"}.get(number % 50, "")
    password = "".join(draw.choice(_SIGNS) for _ in range(20))
    pin = f"{draw.randrange(10**6):06}"
    text = str(number)
    weak = {"number": text, "reversed": text[::-1], "shared": SHARED}
    return Person(
        text, draw.choice(_FIRST), draw.choice(_LAST), weak.get(planted, password),
        "0000" if planted == "default" else pin, planted,
    )  # fmt: skip


def _threecx(people: tuple[Person, ...], folder: Path) -> Path:
    names = (
        "Number,FirstName,LastName,EmailAddress,MobileNumber,AuthID,AuthPassword,EnableVoicemail,"
        "PIN,EnableSRTP,Disabled,DisableExternalCalls,AllowLanOnly,MAC_0,DeskphoneWebPass,DID"
    )
    path = folder / "extensions.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        out = csv.writer(file)
        file.write(f"{names}\r\n")
        for at, one in enumerate(people):
            out.writerow((
                one.number, one.first, one.last, one.mail, "", f"id{one.number}x", one.password,
                "1", one.pin, "0", "0", "0", "1", f"02000000{at:04x}", f"w{one.ha1()[:12]}", "",
            ))  # fmt: skip
    return path


def _freepbx(people: tuple[Person, ...], folder: Path) -> Path:
    path = folder / "freepbx.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow((
            "extension", "name", "tech", "dial", "secret", "media_encryption", "voicemail_enable",
            "voicemail_vmpwd", "voicemail_email",
        ))  # fmt: skip
        for one in people:
            out.writerow((
                one.number, f"{one.first} {one.last}", "pjsip", f"PJSIP/{one.number}",
                one.password, "no", "yes", one.pin, one.mail,
            ))  # fmt: skip
    return path


def _pjsip(people: tuple[Person, ...], folder: Path) -> Path:
    head = (
        "[global]\ntype=global\n\n[udp]\ntype=transport\nprotocol=udp\n\n"
        "[phone](!)\ntype=endpoint\ncontext=internal\n\n[proof](!)\ntype=auth\nauth_type=userpass\n"
        '\n#include "extensions/*.conf"\n'
    )
    (folder / "extensions").mkdir()
    (folder / "pjsip.conf").write_text(head)
    (folder / "extensions/all.conf").write_text(
        "\n".join(
            f'[{one.number}](phone)\nauth={one.number}\naors={one.number}\ncallerid="{one.first}'
            f' {one.last}" <{one.number}>\n[{one.number}](proof)\nusername={one.number}\n'
            f"password={one.password}\n[{one.number}]\ntype=aor\nmax_contacts=1\n"
            for one in people
        )
    )
    _voicemail(people, folder)
    return folder


def _sip_conf(people: tuple[Person, ...], folder: Path) -> Path:
    (folder / "sip.conf").write_text(
        "[general]\nallowguest=no\n\n[phone](!)\ntype=friend\nhost=dynamic\n\n"
        + "\n".join(
            f'[{one.number}](phone)\ncallerid="{one.first} {one.last}" <{one.number}>\n'
            f"secret={one.password}\n"
            for one in people
        )
    )
    _voicemail(people, folder)
    return folder


def _voicemail(people: tuple[Person, ...], folder: Path) -> None:
    (folder / "voicemail.conf").write_text(
        "[default]\n"
        + "\n".join(
            f"{one.number} => {one.pin},{one.first} {one.last},{one.mail}" for one in people
        )
    )


def _freeswitch(people: tuple[Person, ...], folder: Path) -> Path:
    inner = folder / "directory/default"
    inner.mkdir(parents=True)
    (folder / "vars.xml").write_text(
        f'<include><X-PRE-PROCESS cmd="set" data="domain={DOMAIN}"/></include>'
    )
    (folder / "directory/default.xml").write_text(
        '<include><domain name="$${domain}"><groups><group name="all"><users>'
        '<X-PRE-PROCESS cmd="include" data="default/*.xml"/>'
        "</users></group></groups></domain></include>"
    )
    for one in people:
        (inner / f"{one.number}.xml").write_text(
            f'<include><user id="{one.number}"><params>'
            f'<param name="password" value="{one.password}"/>'
            f'<param name="vm-password" value="{one.pin}"/></params><variables>'
            f'<variable name="effective_caller_id_name" value="{one.first} {one.last}"/>'
            "</variables></user></include>"
        )
    return folder


def _kamailio(people: tuple[Person, ...], folder: Path) -> Path:
    path = folder / "kamailio.sql"
    rows = ",\n".join(
        f"({at},'{one.number}','{DOMAIN}','','{one.ha1()}','{one.mail}')"
        for at, one in enumerate(people, 1)
    )
    path.write_text(
        "-- MySQL dump\nCREATE TABLE `subscriber` (\n  `id` int,\n  `username` varchar(64),\n"
        "  `domain` varchar(64),\n  `password` varchar(64),\n  `ha1` varchar(128),\n"
        "  `email_address` varchar(128),\n  PRIMARY KEY (`id`)\n);\n"
        f"INSERT INTO `subscriber` VALUES {rows};\n"
    )
    return path


def _list(people: tuple[Person, ...], folder: Path) -> Path:
    path = folder / "list.csv"
    lines = [f"{one.number};{one.first} {one.last};{one.password};{one.pin}" for one in people]
    path.write_text("\n".join(("extension;name;password;pin", *lines)), encoding="utf-16")
    return path


def xapi(people: tuple[Person, ...], folder: Path) -> Path:
    """The same people as XAPI tells of them."""
    path = folder / "users.json"
    entries = [
        {
            "Number": one.number, "FirstName": one.first, "LastName": one.last,
            "EmailAddress": one.mail, "AuthID": f"id{one.number}x", "AuthPassword": one.password,
            "VMPIN": one.pin, "AllowLanOnly": True, "Enabled": True, "SRTPMode": "SRTPDisabled",
        }
        for one in people
    ]  # fmt: skip
    path.write_text(json.dumps({"@odata.context": "$metadata#Users", "value": entries}))
    return path


_WRITERS = {
    System.THREECX: _threecx,
    System.FREEPBX: _freepbx,
    System.PJSIP: _pjsip,
    System.SIP_CONF: _sip_conf,
    System.FREESWITCH: _freeswitch,
    System.KAMAILIO: _kamailio,
    System.LIST: _list,
}
