"""FreeSWITCH: users of the directory, gateways and profiles of Sofia, the event socket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ringfence.audit import saying
from ringfence.audit.freeswitch_include import Files
from ringfence.audit.rows import MAX_ROWS
from ringfence.audit.xml_tree import COMMENT, Element
from ringfence.model.auditing import AuditError
from ringfence.model.pbx import Extension, Pbx, Place, Setting, System, Topic, Trunk
from ringfence.model.secret import Hashed, Kind, Secret
from ringfence.model.text import shown

_ANYWHERE = "0.0.0.0"  # noqa: S104  what is written in settings; nothing listens here
_MAX_UNKNOWN = 200
_ABROAD = {"international", "all"}
_SECRETS = {
    "password": Kind.PASSWORD,
    "vm-password": Kind.VOICEMAIL,
    "reverse-auth-pass": Kind.WEB,  # what the phone asks of who fetches or sets it up
    "vm-alternate-password": Kind.VOICEMAIL,
}
_HASHES = {"a1-hash": "MD5", "a1-hash-sha256": "SHA-256"}


@dataclass(frozen=True, slots=True)
class _Said:
    """A value, and where it stands."""

    value: str = field(repr=False)
    source: str = ""
    line: int = 0


_Values = dict[str, _Said]


@dataclass(slots=True)
class _Reading:
    files: Files
    extensions: list[Extension] = field(default_factory=list)
    trunks: list[Trunk] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    managers: list[Secret] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)


def read(paths: Sequence[Path], root: Path) -> Pbx:
    """The phone system that files describe, in their order. Raises AuditError.

    `root` is the folder of the settings: nothing outside of it is included.
    """
    reading = _Reading(Files(root))
    failed: list[AuditError] = []
    for path in paths:
        try:
            for element, source in reading.files.elements(path):
                _top(element, source, Path(source), reading)
        except AuditError as error:
            failed.append(error)
    if failed and not reading.files.sources:
        raise failed[0]
    for why in failed:
        reading.files.troubles.add(0, str(why))
    for name in reading.missing:
        reading.files.troubles.add(
            0, f"$${{{shown(name)}}} is not known, so what is set to it is not audited; name the"
            " folder with vars.xml",
        )  # fmt: skip
    return Pbx(
        system=System.FREESWITCH,
        sources=tuple(reading.files.sources),
        extensions=tuple(reading.extensions),
        trunks=tuple(reading.trunks),
        settings=tuple(reading.settings),
        managers=tuple(reading.managers),
        unknown=tuple(reading.unknown),
        troubles=reading.files.troubles.all(),
    )


def _top(element: Element, source: str, path: Path, reading: _Reading) -> None:
    """One element wherever it stands: a whole document, a section, or a fragment."""
    todo = [(element, source, path)]
    while todo:
        one, where, file = todo.pop()
        if one.name == "domain":
            _domain(one, where, file, reading)
        elif one.name == "user":
            _users([(one, where)], "", {}, {}, reading)
        elif one.name == "profile":
            _profile(one, where, file, reading)
        elif one.name == "gateway":
            _gateway(one, where, reading)
        elif (conf := one.attributes.get("name")) and one.name == "configuration":
            if conf == "event_socket.conf":
                _socket(one, where, file, reading)
            elif conf == "sofia.conf":
                inner = list(reading.files.inside(one, file, 0))
                todo.extend((child, of, Path(of)) for child, of in reversed(inner))
        else:
            inner = list(reading.files.inside(one, file, 0))
            todo.extend((child, of, Path(of)) for child, of in reversed(inner))


# ----------------------------------------------------------------- directory


def _domain(domain: Element, source: str, path: Path, reading: _Reading) -> None:
    realm = reading.files.expanded(domain.attributes.get("name", "")) or ""
    todo: list[tuple[Element, str, Path, _Values, _Values]] = [(domain, source, path, {}, {})]
    while todo:
        element, _, file, params, variables = todo.pop()
        inner = list(reading.files.inside(element, file, 0))
        params = {**params, **_values(inner, "params", "param", reading)}
        variables = {**variables, **_values(inner, "variables", "variable", reading)}
        users = [(one, of) for one, of in inner if one.name == "user"]
        _users(users, realm, params, variables, reading)
        todo.extend(
            (one, of, Path(of), params, variables)
            for one, of in reversed(inner)
            if one.name in {"groups", "group", "users"}
        )


def _values(
    inner: Sequence[tuple[Element, str]], group: str, one: str, reading: _Reading
) -> _Values:
    """Names and values of a `<params>` or `<variables>`, variables set in."""
    found: _Values = {}
    for element, source in inner:
        if element.name != group:
            continue
        for child, where in reading.files.inside(element, Path(source), 0):
            if child.name != one:
                continue
            name, text = child.attributes.get("name", ""), child.attributes.get("value", "")
            value = reading.files.expanded(text)
            if value is None:
                reading.missing[reading.files.missing(text)] = None
            elif name:
                found[name.lower()] = _Said(value[:4096], where, child.line)
    return found


def _users(
    users: Sequence[tuple[Element, str]],
    realm: str,
    params: _Values,
    variables: _Values,
    reading: _Reading,
) -> None:
    for user, source in users:
        number = reading.files.expanded(user.attributes.get("id", "")) or ""
        if not number or user.attributes.get("type") == "pointer":
            continue
        if len(reading.extensions) >= MAX_ROWS:
            reading.files.troubles.add(0, f"only the first {MAX_ROWS:,} users are read")
            return
        inner = list(reading.files.inside(user, Path(source), 0))
        gateways = [
            (one, of) for group, where in inner if group.name == "gateways"
            for one, of in reading.files.inside(group, Path(where), 0)
        ]  # fmt: skip
        for gateway, of in gateways:
            _gateway(gateway, of, reading)
        own = {**params, **_values(inner, "params", "param", reading)}
        told = {**variables, **_values(inner, "variables", "variable", reading)}
        realm_of = realm or reading.files.variables.get("domain", "")
        place = Place(source, user.line, number)
        one = _extension(user, number, realm_of, own, told, place, reading)
        reading.extensions.append(one)
        reading.settings.extend(_of(one, own, told))


def _extension(
    user: Element,
    number: str,
    realm: str,
    params: _Values,
    variables: _Values,
    place: Place,
    reading: _Reading,
) -> Extension:
    alias = user.attributes.get("number-alias", "")
    name = _text(variables, "directory_full_name") or _text(variables, "effective_caller_id_name")
    calls = {part.strip().lower() for part in _text(variables, "toll_allow").split(",")}
    cidr = user.attributes.get("cidr") or _text(params, "auth-acl")
    dids = (_text(variables, "outbound_caller_id_number"), _text(params, "did"))
    return Extension(
        number=alias or number,
        place=place,
        name=name,
        auth_id=number,
        mail=_text(params, "vm-mailto") or _text(params, "vm-email"),
        dids=tuple(did for text in dids for did in saying.dids(text)),
        secrets=tuple(_secrets(number, realm, params, reading)),
        outside=saying.outside(saying.lists(cidr), ["0.0.0.0/0"]) if "/" in cidr else None,
        abroad=bool(calls & _ABROAD) if "toll_allow" in variables else None,
        disabled=saying.truth(_text(params, "sip-allow-register")) is False
        or saying.truth(_text(variables, "enabled")) is False,
        row=len(reading.extensions) + 1,
    )


def _text(values: Mapping[str, _Said], name: str) -> str:
    return values[name].value.strip() if name in values else ""


def _secrets(number: str, realm: str, params: _Values, reading: _Reading) -> Iterator[Secret]:
    for name, said in params.items():
        if not said.value.strip():
            continue
        if name in _SECRETS:
            yield Secret(_SECRETS[name], said.value, column=name)
        elif name in _HASHES:
            digest = saying.hexdigest(said.value, _HASHES[name])
            if digest and realm:
                hashed = Hashed(_HASHES[name], number, realm, digest)
                yield Secret(Kind.PASSWORD, hashed=hashed, column=name)
            else:
                reading.files.troubles.add(
                    0, f"{shown(said.source)} line {said.line}: {name} of {shown(number)} cannot be"
                    " tried: " + ("no domain is known" if digest else "it is no such hash"),
                )  # fmt: skip
        elif name.endswith(("password", "pass", "secret", "pin")):
            yield Secret(Kind.SERVICE, said.value, column=name)
            if len(reading.unknown) < _MAX_UNKNOWN:
                reading.unknown[shown(name)] = None


def _of(one: Extension, params: _Values, variables: _Values) -> Iterator[Setting]:
    secure = _text(variables, "rtp_secure_media") or _text(variables, "sip_secure_media")
    if secure:
        word = secure.partition(":")[0].lower()
        encrypted = saying.truth(word) is True or word in {"mandatory", "optional"}
        yield Setting(Topic.MEDIA, "sdes" if encrypted else "no", one.place, one.number)
    if saying.truth(_text(params, "allow-empty-password")) and not _text(params, "password"):
        yield Setting(Topic.UNPROVEN_CALLS, "yes", one.place, one.number)


# ------------------------------------------------------------------ profiles


def _profile(profile: Element, source: str, path: Path, reading: _Reading) -> None:
    name = profile.attributes.get("name", "")
    inner = list(reading.files.inside(profile, path, 0))
    for group, where in inner:
        if group.name == "gateways":
            for one, of in reading.files.inside(group, Path(where), 0):
                _gateway(one, of, reading)
    values = _values(inner, "settings", "param", reading)
    if values:
        reading.settings.extend(_settings(values, Place(source, profile.line, name)))


def _gateway(gateway: Element, source: str, reading: _Reading) -> None:
    if gateway.name != "gateway":
        return
    name = gateway.attributes.get("name", "")
    pairs = [(one, source) for one in gateway.children if one.name != COMMENT]
    values = _values([(replace_name(gateway), source)], "params", "param", reading) if pairs else {}
    hosts = [
        _text(values, key).removeprefix("sip:").partition(";")[0]
        for key in ("proxy", "register-proxy", "outbound-proxy", "realm")
    ]
    found = [host for host in hosts if host]
    password = values.get("password")
    secrets = (
        (Secret(Kind.TRUNK, password.value, column="password"),)
        if password and password.value.strip()
        else ()
    )
    reading.trunks.append(
        Trunk(name, Place(source, gateway.line, name), tuple(dict.fromkeys(found)), secrets)
    )


def replace_name(element: Element) -> Element:
    """A gateway has its params directly: the same under the name of a group."""
    return replace(element, name="params")


def _settings(values: _Values, profile: Place) -> Iterator[Setting]:
    def place(name: str) -> Place:
        said = values.get(name)
        return Place(said.source, said.line, profile.name) if said else profile

    def on(name: str) -> bool:
        return saying.truth(_text(values, name)) is True

    # Who is on a list of networks is let in; others are not asked for a password, but refused.
    open_ = not on("auth-calls") and not _text(values, "apply-inbound-acl")
    public = _text(values, "context").lower() == "public"
    yield Setting(Topic.GUESTS, saying.yes(open_), place("auth-calls"))
    proven = on("auth-calls") and not on("accept-blind-auth")
    if not proven and not public and (open_ or on("accept-blind-auth")):
        yield Setting(Topic.UNPROVEN_CALLS, "yes", place("auth-calls"))
    yield Setting(
        Topic.BLIND_REGISTRATION, saying.yes(on("accept-blind-reg")), place("accept-blind-reg")
    )
    yield Setting(
        Topic.SECURITY_LOG, saying.yes(on("log-auth-failures")), place("log-auth-failures")
    )
    if not on("tls-only"):
        yield Setting(Topic.TRANSPORT, "udp", place("sip-port"))
        yield Setting(Topic.TRANSPORT, "tcp", place("sip-port"))
    for name, value in (("tls", "tls"), ("ws-binding", "ws"), ("wss-binding", "wss")):
        if on(name) or (name != "tls" and _text(values, name)):
            yield Setting(Topic.TRANSPORT, value, place(name))
    if _text(values, "user-agent-string"):
        header = _text(values, "user-agent-string")
        yield Setting(Topic.SERVER_HEADER, header, place("user-agent-string"))
    for value in saying.lists(_text(values, "rfc8760-auth-algorithms")) or ["MD5"]:
        yield Setting(Topic.ALGORITHM, value, place("rfc8760-auth-algorithms"))


def _socket(configuration: Element, source: str, path: Path, reading: _Reading) -> None:
    inner = list(reading.files.inside(configuration, path, 0))
    values = _values(inner, "settings", "param", reading)
    port = _text(values, "listen-port") or "8021"
    # "::" is every address of both families.
    address = _text(values, "listen-ip") or _ANYWHERE
    place = Place(source, configuration.line, "event_socket.conf")
    reading.settings.append(Setting(Topic.MANAGER, f"{port} on {address}", place))
    if password := _text(values, "password"):
        column = "event_socket.conf password"
        reading.managers.append(Secret(Kind.MANAGER, password, column=column))
