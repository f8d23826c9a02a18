"""What a row of a table says of an extension: columns by name, never by place.

Each format has a layout: which name means what. A column that no layout knows is named where
it holds something, and where its name sounds like a secret it is weighed as one besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from ringfence.audit import saying
from ringfence.audit.rows import Row, Table, Troubles, plain
from ringfence.model.pbx import Extension, Pbx, Place, Setting, System, Topic
from ringfence.model.secret import Hashed, Kind, Secret
from ringfence.model.text import shown


class Use(Enum):
    """What a column is good for."""

    NUMBER = auto()
    NAME = auto()
    FIRST = auto()
    LAST = auto()
    AUTH_ID = auto()
    MAIL = auto()
    DID = auto()
    MAC = auto()
    MOBILE = auto()
    DISABLED = auto()
    ENABLED = auto()
    LAN_ONLY = auto()
    INTERNAL_ONLY = auto()  # no calls outside at all
    ABROAD = auto()
    REALM = auto()
    HA1 = auto()
    HA1B = auto()  # of user@domain
    HA1_SHA256 = auto()
    HA1_SHA512 = auto()
    MEDIA = auto()
    TLS = auto()
    TRANSPORT = auto()
    PERMIT = auto()
    DENY = auto()
    PROVISIONING = auto()
    PASSWORD = auto()
    PIN = auto()
    VOICEMAIL = auto()
    WEB = auto()
    SERVICE = auto()
    LOGIN = auto()
    MAILBOX = auto()  # whether there is one
    NO_PIN = auto()  # the mailbox asks for none
    KNOWN = auto()  # and says nothing for an audit


_KINDS = {
    Use.PASSWORD: Kind.PASSWORD,
    Use.PIN: Kind.PIN,
    Use.VOICEMAIL: Kind.VOICEMAIL,
    Use.WEB: Kind.WEB,
    Use.SERVICE: Kind.SERVICE,
    Use.LOGIN: Kind.LOGIN,
}
_HASHES = {
    Use.HA1: "MD5",
    Use.HA1B: "MD5",
    Use.HA1_SHA256: "SHA-256",
    Use.HA1_SHA512: "SHA-512-256",
}
# A column of no known name that ends so is a secret all the same.
_SOUNDS_SECRET = re.compile(r"(password|passwd|passphrase|pass|pwd|secret|passwort|kennwort)$")
# Asterisk: a mailbox's PIN behind a stroke may not be changed by its user.
_KEPT_PIN = re.compile(r"-\d+$")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one format, by plain name. The first of a use that holds something counts."""

    system: System
    uses: Mapping[str, Use]
    families: tuple[str, ...] = ()  # beginnings of names that hold no secret
    realm: str = ""  # of hashes, where no column says

    def use(self, name: str) -> Use | None:
        """What a column of this name is good for; None: not known."""
        bare = plain(name)
        found = self.uses.get(bare) or self.uses.get(bare.rstrip("0123456789"))
        if found is not None:
            return found
        if _SOUNDS_SECRET.search(bare):
            return None
        return Use.KNOWN if self.families and bare.startswith(self.families) else None


@dataclass(slots=True)
class _Reading:
    """What is gathered while rows are read."""

    table: Table
    layout: Layout
    troubles: Troubles
    columns: list[tuple[int, str, Use]] = field(default_factory=list)
    strange: list[tuple[int, str]] = field(default_factory=list)  # not known, empty so far
    unknown: list[str] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    no_realm: int = 0


def extensions(table: Table, layout: Layout) -> Pbx:
    """Everything that a table says, with this layout."""
    reading = _Reading(table, layout, Troubles(shown(table.source)))
    for at, name in enumerate(table.names):
        use = layout.use(name)
        if use is None:
            reading.strange.append((at, name))
            if _SOUNDS_SECRET.search(plain(name)):
                reading.columns.append((at, name, Use.SERVICE))
        elif use is not Use.KNOWN:
            reading.columns.append((at, name, use))
    order = {name: place for place, name in enumerate(layout.uses)}
    reading.columns.sort(key=lambda column: order.get(plain(column[1]), len(order)))
    found = [one for row in table.rows if (one := _extension(row, reading)) is not None]
    if reading.no_realm:
        reading.troubles.add(
            0, f"{reading.no_realm:,} hashes without a realm cannot be tried; export the domain too"
        )
    return Pbx(
        system=layout.system,
        sources=(table.source,),
        extensions=tuple(found),
        settings=tuple(reading.settings),
        unknown=tuple(name for _, name in table_order(table, reading.unknown)),
        troubles=(*table.troubles, *reading.troubles.all()),
    )


def table_order(table: Table, names: Iterable[str]) -> list[tuple[int, str]]:
    """Names of columns, escaped, as they stand in the table."""
    wanted = set(names)
    return [(at, shown(name)) for at, name in enumerate(table.names) if name in wanted]


def _extension(row: Row, reading: _Reading) -> Extension | None:
    values = row.values
    for column in [column for column in reading.strange if values[column[0]].strip()]:
        reading.strange.remove(column)
        reading.unknown.append(column[1])
    held = _held(row, reading.columns)
    number = _first(held, Use.NUMBER)
    if not number:
        if any(use in _KINDS for use in held):
            reading.troubles.add(row.line, f"row {row.number} has no number: not read")
        return None
    if number in reading.seen:
        reading.troubles.add(
            row.line,
            f"{shown(number)} stands in line {reading.seen[number]} already; both are read",
        )
    reading.seen.setdefault(number, row.line)
    place = Place(reading.table.source, row.line, number)
    reading.settings.extend(_settings(held, place, number))
    auth_id = _first(held, Use.AUTH_ID)
    whole = _first(held, Use.NAME)
    name = whole or f"{_first(held, Use.FIRST)} {_first(held, Use.LAST)}".strip()
    enabled, disabled = _says(held, Use.ENABLED), _says(held, Use.DISABLED)
    return Extension(
        number=number,
        place=place,
        name=name,
        auth_id=auth_id,
        mail=_first(held, Use.MAIL),
        dids=tuple(did for _, text in held.get(Use.DID, ()) for did in saying.dids(text)),
        macs=tuple(mac for _, text in held.get(Use.MAC, ()) for mac in saying.macs(text)),
        mobile=_first(held, Use.MOBILE),
        secrets=(*_secrets(held), *_hashes(held, auth_id or number, reading)),
        outside=_outside(held),
        abroad=_abroad(held),
        disabled=bool(disabled) or enabled is False,
        row=row.number,
    )


_Held = dict[Use, list[tuple[str, str]]]


def _held(row: Row, columns: Sequence[tuple[int, str, Use]]) -> _Held:
    """What each use holds: the name of the column, the value."""
    held: _Held = {}
    values = row.values
    for at, name, use in columns:
        value = values[at]
        if value and not value.isspace():
            held.setdefault(use, []).append((name, value))
    return held


def _first(held: _Held, use: Use) -> str:
    return held[use][0][1].strip() if use in held else ""


def _says(held: _Held, use: Use) -> bool | None:
    return saying.truth(held[use][0][1]) if use in held else None


def _secrets(held: _Held) -> list[Secret]:
    found = [
        Secret(Kind.AUTH_ID, text.strip(), column=name) for name, text in held.get(Use.AUTH_ID, ())
    ]
    for use, kind in _KINDS.items():
        for name, text in held.get(use, ()):
            if use is Use.SERVICE and saying.truth(text) is not None:
                continue  # "0", "disabled": whether there is one, not which
            bare = text.strip()
            if use is Use.VOICEMAIL and _KEPT_PIN.match(bare):
                bare = bare[1:]
            digits = use in (Use.PIN, Use.VOICEMAIL)
            found.append(Secret(kind, bare if digits else text, column=name))
    if _says(held, Use.NO_PIN) and _says(held, Use.MAILBOX) is not False:
        found.append(Secret(Kind.VOICEMAIL, column=held[Use.NO_PIN][0][0]))
    return found


def _hashes(held: _Held, user: str, reading: _Reading) -> list[Secret]:
    realm = _first(held, Use.REALM) or reading.layout.realm
    found = []
    for use, algorithm in _HASHES.items():
        for name, text in held.get(use, ()):
            digest = saying.hexdigest(text, algorithm)
            if not digest:
                continue
            if not realm:
                reading.no_realm += 1
                continue
            who = f"{user}@{realm}" if use is Use.HA1B else user
            hashed = Hashed(algorithm, who, realm, digest)
            found.append(Secret(Kind.PASSWORD, hashed=hashed, column=name))
    return found


def _outside(held: _Held) -> bool | None:
    lan_only = _says(held, Use.LAN_ONLY)
    if lan_only is not None:
        return not lan_only
    if Use.PERMIT not in held and Use.DENY not in held:
        return None
    permit, deny = _first(held, Use.PERMIT), _first(held, Use.DENY)
    return saying.outside(saying.lists(permit), saying.lists(deny))


def _abroad(held: _Held) -> bool | None:
    if _says(held, Use.INTERNAL_ONLY):
        return False
    return _says(held, Use.ABROAD)


def _settings(held: _Held, place: Place, number: str) -> Iterable[Setting]:
    for use, topic in _TOPICS.items():
        for _, text in held.get(use, ()):
            for value in _values(use, text.strip()):
                yield Setting(topic, value, place, number)


_TOPICS = {
    Use.MEDIA: Topic.MEDIA,
    Use.TLS: Topic.TRANSPORT,
    Use.TRANSPORT: Topic.TRANSPORT,
    Use.PROVISIONING: Topic.PROVISIONING,
}
_TRANSPORT = re.compile(r"(?:^|[-_.\s,])(udp|tcp|tls|wss|ws)(?=$|[-_.\s,\d])", re.IGNORECASE)


def _values(use: Use, text: str) -> list[str]:
    if use is Use.MEDIA:
        return [media(text)] if media(text) else []
    if use is Use.TLS:
        return ["tls"] if saying.truth(text) else []
    if use is Use.TRANSPORT:
        return [found.lower() for found in _TRANSPORT.findall(text)]
    return [text]


def media(text: str) -> str:
    """The encryption of the media, as a setting has it; empty where it is not known."""
    word = text.strip().lower()
    if "dtls" in word:
        return "dtls"
    if "disabled" in word or saying.truth(word) is False:
        return "no"
    if saying.truth(word) or any(part in word for part in ("sdes", "srtp", "enabled", "enforced")):
        return "sdes"
    return ""
