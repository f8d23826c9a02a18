"""3CX's XAPI: what `/Users` answers, saved in a file or just fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from ringfence.audit import saying
from ringfence.audit.columns import media
from ringfence.audit.rows import MAX_FIELD, MAX_ROWS, Troubles
from ringfence.model.auditing import AuditError
from ringfence.model.pbx import Extension, Pbx, Place, Setting, System, Topic
from ringfence.model.secret import Kind, Secret
from ringfence.model.text import shown

_SECRETS = {
    "AuthID": Kind.AUTH_ID,
    "AuthPassword": Kind.PASSWORD,
    "VMPIN": Kind.VOICEMAIL,
    "DeskphonePassword": Kind.WEB,
    "AccessPassword": Kind.SERVICE,
}
_MAX_UNKNOWN = 200
# What sounds like a secret and is none: whether there is one, for how long.
_NO_SECRETS = {"PinProtected", "PinProtectTimeout", "VMDisablePinAuth"}
_ASK = "save the answer of /xapi/v1/Users?$expand=Phones,Groups as it came"


def suits(text: str) -> bool:
    """Whether a text may be an answer in JSON."""
    head = text[:4096].lstrip()
    return head.startswith("{") or (head.startswith("[") and head[1:].lstrip()[:1] in {"{", "]"})


def read(text: str, source: str) -> Pbx:
    """The phone system that a saved answer describes. Raises AuditError."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise AuditError(
            f"{shown(source)} line {error.lineno}: not JSON ({error.msg}); {_ASK}"
        ) from None
    except (ValueError, RecursionError):
        raise AuditError(f"{shown(source)}: JSON that nobody can read; {_ASK}") from None
    entries = found.get("value") if isinstance(found, dict) else found
    if isinstance(found, dict) and entries is None and "Number" in found:
        entries = [found]
    if not isinstance(entries, list):
        raise AuditError(f"{shown(source)}: no list of users in it; {_ASK}")
    pbx = read_users(entries, source)
    if entries and not pbx.extensions:
        raise AuditError(f"{shown(source)}: none of its entries is a user of 3CX; {_ASK}")
    return pbx


def read_users(entries: Sequence[object], source: str) -> Pbx:
    """The phone system that entries of `/Users` describe."""
    troubles = Troubles(shown(source))
    unknown: dict[str, None] = {}
    extensions: list[Extension] = []
    settings: list[Setting] = []
    for row, entry in enumerate(entries, 1):
        if row > MAX_ROWS:
            troubles.add(0, f"only the first {MAX_ROWS:,} users are read")
            break
        number = _text(entry, "Number") if isinstance(entry, dict) else ""
        if not isinstance(entry, dict) or not number:
            troubles.add(0, f"entry {row} has no number: not read")
            continue
        place = Place(source, 0, number)
        extensions.append(_extension(entry, number, place, row))
        settings.extend(_settings(entry, number, place))
        for name, value in entry.items():
            sounds = name.lower().endswith(("password", "pin", "secret")) and name not in _SECRETS
            if sounds and name not in _NO_SECRETS and value and len(unknown) < _MAX_UNKNOWN:
                unknown[shown(name[:100])] = None
    return Pbx(
        System.THREECX, (source,), tuple(extensions), settings=tuple(settings),
        unknown=tuple(unknown), troubles=troubles.all(),
    )  # fmt: skip


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        text = str(value)
    except ValueError:  # an integer of more digits than Python writes
        return ""
    return text if len(text) <= MAX_FIELD else ""


def _flag(entry: Mapping[str, object], name: str) -> bool | None:
    value = entry.get(name)
    return value if isinstance(value, bool) else None


def _phones(entry: Mapping[str, object]) -> list[Mapping[str, object]]:
    phones = entry.get("Phones")
    return [phone for phone in phones[:32] if isinstance(phone, dict)] if isinstance(
        phones, list
    ) else []  # fmt: skip


def _extension(entry: Mapping[str, object], number: str, place: Place, row: int) -> Extension:
    lan_only = _flag(entry, "AllowLanOnly")
    secrets = [
        Secret(kind, text, column=name)
        for name, kind in _SECRETS.items()
        if (text := _text(entry, name)).strip()
    ]
    secrets.extend(
        Secret(Kind.WEB, text, column="Phones.Secret")
        for phone in _phones(entry)
        if (text := _text(phone, "Secret")).strip()
    )
    whole = f"{_text(entry, 'FirstName')} {_text(entry, 'LastName')}".strip()
    return Extension(
        number=number,
        place=place,
        name=whole or _text(entry, "DisplayName"),
        auth_id=_text(entry, "AuthID"),
        mail=_text(entry, "EmailAddress"),
        dids=saying.dids(_text(entry, "OutboundCallerID")),
        macs=tuple(
            mac for phone in _phones(entry) for mac in saying.macs(_text(phone, "MacAddress"))
        ),
        mobile=_text(entry, "Mobile"),
        secrets=tuple(secrets),
        outside=None if lan_only is None else not lan_only,
        abroad=False if _flag(entry, "Internal") else None,
        disabled=_flag(entry, "Enabled") is False,
        row=row,
    )


def _settings(entry: Mapping[str, object], number: str, place: Place) -> Iterator[Setting]:
    if value := media(_text(entry, "SRTPMode")):
        yield Setting(Topic.MEDIA, value, place, number)
    for phone in _phones(entry):
        for name in ("ProvisioningLinkExt", "ProvisioningLinkLocal", "ProvLink"):
            if link := _text(phone, name):
                yield Setting(Topic.PROVISIONING, link.partition("?")[0], place, number)
