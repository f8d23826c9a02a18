"""Kamailio and OpenSIPS: the table of subscribers, and those in which providers stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ringfence.audit import saying, sql_dump, sqlite_file
from ringfence.audit.columns import Layout, Use, extensions
from ringfence.audit.rows import Row, Table, plain
from ringfence.model.auditing import AuditError
from ringfence.model.pbx import Pbx, Place, System, Trunk
from ringfence.model.secret import Hashed, Kind, Secret
from ringfence.model.text import shown

_USES = {
    "username": Use.NUMBER,
    "domain": Use.REALM,
    "password": Use.PASSWORD,
    "ha1": Use.HA1,
    "ha1b": Use.HA1B,
    "ha1sha256": Use.HA1_SHA256,
    "ha1sha512t256": Use.HA1_SHA512,
    "emailaddress": Use.MAIL,
    "email": Use.MAIL,
    "firstname": Use.FIRST,
    "lastname": Use.LAST,
    "phone": Use.DID,
    "vmpin": Use.VOICEMAIL,
    "id": Use.KNOWN,
    "rpid": Use.KNOWN,
    "datetimecreated": Use.KNOWN,
    "datetimemodified": Use.KNOWN,
    "confirmation": Use.KNOWN,
    "flag": Use.KNOWN,
    "sendnotification": Use.KNOWN,
    "greeting": Use.KNOWN,
    "timezone": Use.KNOWN,
    "uuid": Use.KNOWN,
}
LAYOUT = Layout(System.KAMAILIO, _USES)
_SUBSCRIBERS = "subscriber"
# Tables that name providers: their column of a name, and those of hosts.
_PROVIDERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "uacreg": ("luuid", ("rdomain", "authproxy")),
    "registrant": ("aor", ("registrar", "proxy")),
    "dr_gateways": ("gwid", ("address",)),
    "dispatcher": ("description", ("destination",)),
    "trusted": ("tag", ("srcip",)),
    "address": ("tag", ("ipaddr",)),
}
_URI = re.compile(r"\s*<?\s*(?:sips?:)?(?:[^@>]*@)?(\[[^\]]+\](?::\d+)?|[^;>\s/]+)", re.IGNORECASE)


def suits(text: str) -> bool:
    """Whether a text is a dump with subscribers, or with anything at all of a database."""
    return sql_dump.suits(text)


def suits_columns(names: Sequence[str]) -> bool:
    """Whether a CSV has the columns of the subscribers' table."""
    bare = {plain(name) for name in names}
    return {"username", "domain"} <= bare and bool({"ha1", "password"} & bare)


def read_table(table: Table) -> Pbx:
    """The phone system that a CSV of the subscribers' table describes."""
    return extensions(table, LAYOUT)


def read(text: str, source: str) -> Pbx:
    """The phone system that a dump describes. Raises AuditError where there are no subscribers."""
    found, troubles = sql_dump.tables(text, source)
    return _pbx(found, source, troubles)


def read_file(path: Path) -> Pbx:
    """The phone system that an SQLite file describes. Raises AuditError."""
    found, troubles = sqlite_file.tables(path, (_SUBSCRIBERS, *_PROVIDERS))
    return _pbx({name.lower(): one for name, one in found.items()}, str(path), troubles)


def _pbx(tables: Mapping[str, Table], source: str, troubles: Sequence[str]) -> Pbx:
    subscribers = tables.get(_SUBSCRIBERS) or next(
        (table for table in tables.values() if suits_columns(table.names)), None
    )
    trunks = [
        trunk
        for name in _PROVIDERS
        if name in tables
        for row in tables[name].rows
        if (trunk := _trunk(name, tables[name], row)) is not None
    ]
    if subscribers is None and not trunks:
        raise AuditError(
            f"{shown(source)}: no table of subscribers (columns username, domain and ha1 or"
            " password); dump the whole database"
        )
    found = extensions(subscribers, LAYOUT) if subscribers else Pbx(System.KAMAILIO, (source,))
    return replace(found, trunks=tuple(trunks), troubles=(*troubles, *found.troubles))


def _trunk(name: str, table: Table, row: Row) -> Trunk | None:
    held = {
        plain(column): value.strip()
        for column, value in zip(table.names, row.values, strict=False)
        if value.strip()
    }
    called, hosts = _PROVIDERS[name]
    found = [told[1] for host in hosts if (told := _URI.match(held.get(host, "")))]
    if not found:
        return None
    if name == "address" and held.get("mask", "32") not in {"32", "128"}:
        found[0] = f"{found[0]}/{held['mask']}"
    label = held.get(called) or f"{name} {held.get('id', row.number)}"
    return Trunk(label, Place(table.source, row.line, label), tuple(found), _secrets(held))


def _secrets(held: Mapping[str, str]) -> tuple[Secret, ...]:
    user = held.get("authusername") or held.get("username", "")
    password = held.get("authpassword") or held.get("password", "")
    digest = saying.hexdigest(held.get("authha1", ""))
    found = []
    if len(password) > 1:  # uacreg holds a dot where only the hash counts
        found.append(Secret(Kind.TRUNK, password, column="auth_password"))
    if digest and held.get("realm"):
        hashed = Hashed("MD5", user, held["realm"], digest)
        found.append(Secret(Kind.TRUNK, hashed=hashed, column="auth_ha1"))
    return tuple(found)
