"""Kamailio: UPDATEs of the table `subscriber`, each of exactly one user, all or none.

A name with a backslash is left: MySQL takes it for an escape and PostgreSQL does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ringfence.audit.fix.replacement import Made, Plan, Replacement, digest
from ringfence.model.new_secret import ChangeFile
from ringfence.model.pbx import Extension, Pbx
from ringfence.model.secret import Hashed, Kind
from ringfence.model.text import shown

_LOAD = (
    "Save the table first (`mysqldump kamailio subscriber`, `pg_dump -t subscriber kamailio`, or"
    " a copy of the SQLite file), then run it: `mysql kamailio < kamailio-new-secrets.sql`,"
    " `psql -1 -f kamailio-new-secrets.sql kamailio` or `sqlite3 FILE < kamailio-new-secrets.sql`."
    " Each UPDATE has to change one row."
)
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")


def files(
    pbx: Pbx,  # noqa: ARG001  as of every form
    plan: Plan,
    contents: Mapping[str, bytes],  # noqa: ARG001  as of every form
) -> Made:
    """The one file, and who is left."""
    by_user: dict[tuple[str, str, int], list[Replacement]] = {}
    for one in plan.replacements:
        place = one.extension.place
        by_user.setdefault((place.source, one.extension.number, place.line), []).append(one)
    undone: list[tuple[Replacement, str]] = []
    updates: list[str] = []
    for ones in by_user.values():
        extension = ones[0].extension
        user, domain = _who(extension)
        why = _why_not(user, domain)
        if why:
            undone += [(one, f"extension {shown(extension.number)}: {why}") for one in ones]
        else:
            updates.append(_update(user, domain, ones))
    if not updates:
        return (), tuple(undone)
    text = "\n".join(["BEGIN;", *updates, "COMMIT;", ""])
    return (ChangeFile("kamailio-new-secrets.sql", text.encode(), _LOAD),), tuple(undone)


def _why_not(user: str, domain: str) -> str:
    """Why a user cannot be changed; empty where it can."""
    if not domain:
        return "its domain is not known; change it by hand"
    if _quotable(user) and _quotable(domain):
        return ""
    return "its name holds signs that databases read differently; change it by hand"


def _who(extension: Extension) -> tuple[str, str]:
    """User and domain: as the hashes have them, or as the row is called."""
    user = extension.auth_id or extension.number
    for secret in extension.secrets:
        if secret.hashed and secret.hashed.realm:
            return user.partition("@")[0], secret.hashed.realm
    name = extension.place.name
    return (name.partition("@")[0], name.partition("@")[2]) if "@" in name else (user, "")


def _update(user: str, domain: str, ones: list[Replacement]) -> str:
    values = {one.old.column: one.value for one in ones if _COLUMN.match(one.old.column)}
    plain = next((one.value for one in ones if one.old.kind is Kind.PASSWORD and one.old.text), "")
    if plain:  # the hashes beside it would let the old one in
        values["ha1"] = digest(Hashed("MD5", user, domain, ""), plain)
        values["ha1b"] = digest(Hashed("MD5", f"{user}@{domain}", domain, ""), plain)
    assigned = ", ".join(f"{column} = {_quoted(value)}" for column, value in values.items())
    where = f"username = {_quoted(user)} AND domain = {_quoted(domain)}"
    return f"UPDATE subscriber SET {assigned} WHERE {where};"  # noqa: S608  quoted below


def _quotable(text: str) -> bool:
    return bool(text) and "\\" not in text and text.isprintable()


def _quoted(text: str) -> str:
    """A string of SQL: the one sign that ends it is doubled."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
