"""What a lockdown is planned from: captures, logs, incidents, settings of the PBX, the store.

Each source is recognised by its first octets. What an attacker did is told apart by the
verdicts of the same captures, and by those that the store has from earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from ringfence.audit.reading import read
from ringfence.flow.investigation import CaptureError, Owner, investigate, read_messages
from ringfence.flow.logs import LogError, read_log
from ringfence.flow.moment import host, nanoseconds, utc
from ringfence.flow.places import default_store
from ringfence.model.endpoint import Address, plain_address
from ringfence.model.event import ACCEPTED, CALLED, Event
from ringfence.model.incident import SCHEMA as INCIDENT
from ringfence.model.incident import Incident
from ringfence.model.lockdown import CALLER, PEER, USER, LockdownError, Trunk
from ringfence.model.measure import FirewallError
from ringfence.model.pbx import Pbx
from ringfence.model.standing import PEER as CALLED_BY_US
from ringfence.model.standing import REGULAR
from ringfence.model.text import shown
from ringfence.remote.seen import Sightings
from ringfence.remote.trunks import host_of
from ringfence.respond.nft.elements import INET, TABLE

_CAPTURES = (
    b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d",
    b"\x0a\x0d\x0d\x0a", b"\x1f\x8b", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
_MAX_DOCUMENT = 64 << 20
MAX_CASES = 200

Listed = Callable[[str, str], "list[dict[str, Any]] | None"]
ReadPbx = Callable[[Sequence[Path]], list[Pbx]]


@dataclass(slots=True)
class Witness:
    """What all sources together say."""

    sightings: Sightings
    trunks: list[Trunk] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # of people, by account
    hostile: dict[str, str] = field(default_factory=dict)
    suspects: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    sources: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def look(
    sources: Sequence[str],
    servers: Sequence[str] = (),
    known: Sequence[str] = (),
    read_pbx: ReadPbx | None = None,
) -> Witness:
    """All of these. Raises LockdownError, CaptureError, and what `read_pbx` raises."""
    witness = Witness(Sightings(servers))
    kinds: dict[str, list[str]] = {"capture": [], "incident": [], "text": []}
    for source in sources:
        kinds[_kind(source)].append(source)
    _look_at_captures(witness, kinds["capture"], servers, known)
    for path in kinds["incident"]:
        _take_incident(witness, _incident(Path(path).read_bytes(), path))
        witness.sources.append(f"incident {path}")
    settings = [path for path in kinds["text"] if not _look_at_log(witness, path)]
    _look_at_settings(witness, settings, read_pbx or read)
    return witness


def look_at_store(witness: Witness, where: str | None, days: int, now: datetime) -> None:
    """What the store of the guard remembers. Raises StoreError."""
    from ringfence.flow.casebook import Casebook
    from ringfence.store.decisions import DecisionStore
    from ringfence.store.regulars import RegularStore

    if not has_store(where):
        return
    since = utc(now - timedelta(days=days))
    with Casebook(where) as book:
        # An account that was taken long ago, in a case that is closed, has a new password.
        cases = (one for one in book.cases() if one.state == "open" or one.changed_at >= since)
        for case in islice(cases, MAX_CASES):
            for family in book.investigations(case):
                _take_incident(witness, _incident(family[-1].incident, case.id))
        for one in DecisionStore(book.database).since(since, host()):
            role = {REGULAR: USER, CALLED_BY_US: PEER}.get(one.role)
            if role and one.address:
                witness.sightings.note(one.address, role, "", nanoseconds(one.until), "guard")
        for regular in RegularStore(book.database).since(since, host()):
            role = PEER if regular.role == CALLED_BY_US else USER if regular.account else CALLER
            for at in dict.fromkeys((regular.first, regular.last)):
                witness.sightings.note(
                    regular.address, role, regular.account, nanoseconds(at), "guard"
                )
        witness.sources.append(f"store {shown(book.where)}")


def has_store(where: str | None) -> bool:
    """Whether there is one: looking must not make it."""
    name = where or default_store()
    return "://" in name or Path(name).exists()


def look_at_firewall(witness: Witness, listed: Listed, now: datetime) -> None:
    """Whom the guard's own table knows: let in, or called by us, within a week.

    It knows no accounts, and needs root: where nobody may ask, nothing is learned.
    """
    try:
        items = listed(INET, TABLE) or []
    except FirewallError:
        return
    for item in items:
        found = item.get("set", {})
        if str(found.get("name", ""))[:-1] != "known":
            continue
        for one in found.get("elem", ()):
            inner = one.get("elem", {}) if isinstance(one, dict) else {}
            address = plain_address(str(inner.get("val", "")))
            lasts, left = int(inner.get("timeout", 0)), int(inner.get("expires", 0))
            if address is not None and lasts:
                seen_at = now - timedelta(seconds=lasts - left)
                witness.sightings.note(
                    str(address), USER, "", int(seen_at.timestamp()) * 10**9, "guard"
                )
    if items:
        witness.sources.append("the guard's table")


def _kind(source: str) -> str:
    path = Path(source)
    if path.is_dir():
        return "text"
    try:
        with path.open("rb") as opened:
            head = opened.read(4096)
    except OSError as error:
        raise LockdownError(f"{shown(source)}: {error.strerror or error}") from error
    if head.startswith(_CAPTURES):
        return "capture"
    is_incident = head.lstrip().startswith(b"{") and INCIDENT.encode() in head
    return "incident" if is_incident else "text"


# ---- captures ----------------------------------------------------------------


def _look_at_captures(
    witness: Witness, paths: list[str], servers: Sequence[str], known: Sequence[str]
) -> None:
    if not paths:
        return
    owner = Owner(servers=tuple(_addresses(servers)), known=tuple(_addresses(known)))
    found = investigate(paths, owner)
    _take_incident(witness, found.incident)
    witness.sightings.ours |= set(found.incident.defended)
    for _, _, table in read_messages(paths, witness.troubles):
        witness.sightings.take(table)
    if not witness.sightings.ours:
        witness.troubles.append(
            "no server of ours was found in the captures: name it with --pbx ADDRESS"
        )
    witness.sources += [f"capture {shown(path)}" for path in paths]


def _take_incident(witness: Witness, incident: Incident) -> None:
    for one in incident.suspects:
        said = ", ".join(kind.replace("_", " ") for kind in one.kinds) or one.verdict
        is_sure = one.verdict == "attacker"
        (witness.hostile if is_sure else witness.suspects)[one.address] = said
        if is_sure:
            witness.taken.update(one.accounts_taken)
    for user in incident.in_trouble:
        # He was refused, and it was he: his phone has to be able to come in.
        witness.sightings.note(
            user.address, USER, user.account, nanoseconds(user.since), "incident"
        )


def _incident(octets: bytes, name: str) -> Incident:
    if len(octets) > _MAX_DOCUMENT:
        raise LockdownError(f"{shown(name)}: more than {_MAX_DOCUMENT:,} octets")
    try:
        return msgspec.json.decode(octets, type=Incident)
    except (msgspec.DecodeError, ValueError) as error:
        raise LockdownError(f"{shown(name)}: no incident that can be read: {error}") from error


# ---- logs and settings ---------------------------------------------------------


def _look_at_log(witness: Witness, path: str) -> bool:
    """Whether it is a log of a phone system."""
    if Path(path).is_dir():
        return False

    def each(event: Event) -> None:
        address = plain_address(event.source)
        if address is None or event.kind not in (ACCEPTED, CALLED):
            return
        is_phone = event.kind == ACCEPTED and event.method in ("", "REGISTER")
        role = USER if is_phone else CALLER
        witness.sightings.note(str(address), role, shown(event.account[:64]), event.time_ns, "log")

    try:
        read_log(path, each=each)
    except LogError:
        return False
    witness.sources.append(f"log {shown(path)}")
    return True


def _look_at_settings(witness: Witness, paths: list[str], read_pbx: ReadPbx) -> None:
    if not paths:
        return
    for pbx in read_pbx([Path(path) for path in paths]):
        for extension in pbx.extensions:
            for account in {extension.number, extension.auth_id} - {""}:
                witness.names.setdefault(account, shown(extension.name[:64]))
        for trunk in pbx.trunks:
            for text in trunk.hosts:
                why = f"the settings of the PBX ({shown(trunk.name[:40])})"
                _name_trunk(witness, text, why)
        witness.sources += [f"settings {shown(name)}" for name in pbx.sources]
        witness.troubles += [shown(text[:300]) for text in pbx.troubles]


def _name_trunk(witness: Witness, text: str, why: str) -> None:
    try:
        host_of(text)
    except LockdownError as error:
        witness.troubles.append(f"{why}: {error}")
        return
    if text not in {one.host for one in witness.trunks}:
        witness.trunks.append(Trunk(text, why))


def _addresses(texts: Iterable[str]) -> list[Address]:
    return [one for text in texts if (one := plain_address(text)) is not None]


__all__ = ["CaptureError", "Witness", "look", "look_at_firewall", "look_at_store"]
