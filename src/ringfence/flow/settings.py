"""Settings: from the file and the environment into one checked value, each with its origin."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from grp import getgrgid
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.attribute.special import why_special
from ringfence.flow.places import SETTINGS_VARIABLE, default_settings_file
from ringfence.flow.settings_machines import (
    FILES,
    FLAGS,
    PORTS,
    SECRET_FILES,
    TEXTS,
    media_ports,
)
from ringfence.model.alarm import SEVERITIES
from ringfence.model.countries import NAMES, UNASSIGNED
from ringfence.model.domain import ascii_domain, smtp_mailbox
from ringfence.model.endpoint import plain_address
from ringfence.model.machines import DEEDS
from ringfence.model.settings import SECURITIES, Settings, SettingsError
from ringfence.model.text import shown
from ringfence.respond.alarm import quiet_hours
from ringfence.respond.alerts.services import MAX_URL, scheme_of
from ringfence.respond.alerts.syslog import log_place
from ringfence.wire.log_kinds import NAMES as LOG_KINDS

if TYPE_CHECKING:
    from ringfence.model.post import CheckedServer

MAX_TEXT = 500
MAX_URLS = 20
MAX_LISTED = 64
MAX_WORDS = 100
# Whom the guard of an installed machine runs as.
GUARD_GROUP = "ringfence"
_MAX_FILE = 65_536
# Fields whose values nobody is shown.
SECRETS = (*SECRET_FILES, "alerts.urls", "guard.mark")
_Setting = str | int | tuple[str, ...] | tuple[int, ...]
_PREFIX = "RINGFENCE_"
_SECTIONS = {
    one.name: tuple(field.name for field in fields(one.default))
    for one in fields(Settings)
    if is_dataclass(one.default)
}
# How people call a country, and what ISO 3166-1 says.
_ALIASES = {"UK": "GB", "EN": "GB", "EL": "GR"}
_KINDS: dict[type, str] = {
    str: "text", bool: "true or false", int: "a whole number", float: "a number with a point",
    list: "a list", dict: "a table",
}  # fmt: skip

# Which letters say what, and which cannot do without. docs/settings.md has the same table.
NEEDED_BY = {
    "victim.name": "every letter",
    "victim.organisation": "every letter",
    "victim.phone": "every letter",
    "victim.email": "every letter",
    "victim.street": "ic3, fbi, police",
    "victim.city": "ic3, fbi, police",
    "victim.state": "ic3, fbi, police (United States)",
    "victim.zip": "ic3, fbi, police",
    "victim.country": "ic3, fbi, police",
    "victim.pbx": "ic3, fbi, police",
    "isp.name": "isp, noc-call",
    "isp.email": "isp",
    "isp.phone": "noc-call",
    "isp.customer": "isp, noc-call",
    "isp.circuit": "isp, noc-call",
    "carrier.name": "carrier",
    "carrier.email": "carrier",
    "carrier.customer": "carrier",
    "mail.server": "--send",
    "clock": "fbi, police",
}


@dataclass(frozen=True, slots=True)
class Found:
    """The settings, and where each that is set comes from."""

    settings: Settings
    file: Path  # where it is looked for
    exists: bool
    origins: Mapping[str, str]  # "mail.user" -> "settings.toml", "RINGFENCE_MAIL_USER"


@dataclass(slots=True)
class _Value:
    """What somebody wrote for a field, and where."""

    value: object
    origin: str
    base: Path  # what a file's name is relative to
    in_environment: bool = False

    def error(self, field: str, says: str) -> SettingsError:
        return SettingsError(f"{self.origin}: {field}: {says}")


def load_settings(
    path: str | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings of this file, else of the usual one; empty where there is none.

    Raises SettingsError: for a file that was named and is not there, too.
    """
    return read_settings(path, environment).settings


def read_settings(path: str | None = None, environment: Mapping[str, str] | None = None) -> Found:
    """The settings with their origins. Raises SettingsError."""
    environment = os.environ if environment is None else environment
    named = path or environment.get(SETTINGS_VARIABLE) or ""
    file = Path(named).expanduser() if named else default_settings_file()
    values: dict[str, _Value] = {}
    exists = _read_file(file, values, must_exist=bool(named))
    _read_environment(environment, values)
    for secret in SECRET_FILES:
        _read_secret(secret, values)
    return Found(_checked(values), file, exists, {f: v.origin for f, v in values.items()})


def write_template(out: str | None = None, *, force: bool = False) -> Path:
    """A file to fill in, readable by its owner alone. Raises SettingsError where one is."""
    from ringfence.flow.settings_template import TEMPLATE

    path = Path(out).expanduser() if out else default_settings_file()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(TEMPLATE)
            if force:
                part.replace(path)
            else:
                os.link(part, path)  # unlike a rename it replaces nothing
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError as error:
        raise SettingsError(f"{path}: is there already; --force writes over it") from error
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from error
    return path


def sender_of(settings: Settings) -> str:
    """The mailbox that letters are sent from. Raises SettingsError where there is none."""
    if sender := settings.mail.sender or settings.victim.email:
        return sender
    raise SettingsError("no sender: write victim.email or mail.sender in the settings")


def missing_fields(settings: Settings) -> dict[str, str]:
    """Fields that are empty, and the letters that want them."""
    return {field: who for field, who in NEEDED_BY.items() if not value_of(settings, field)}


def field_names() -> tuple[str, ...]:
    """All fields: "victim.name", "clock"."""
    inner = [f"{section}.{field}" for section, fields in _SECTIONS.items() for field in fields]
    return (*inner, *_top_fields())


def value_of(settings: Settings, field: str) -> _Setting:
    """What a field says."""
    section, _, name = field.rpartition(".")
    value: _Setting = getattr(getattr(settings, section) if section else settings, name)
    return value


def check_mail(settings: Settings, *, in_the_clear: bool = False) -> CheckedServer:
    """Connect to the owner's mail server and log in; nothing is sent. Raises PostError."""
    from ringfence.reports.post import check

    return check(settings.mail, in_the_clear=in_the_clear)


# ---- reading ---------------------------------------------------------------


def _read_file(file: Path, values: dict[str, _Value], *, must_exist: bool) -> bool:
    try:
        octets, mode = _octets_of(file)
    except FileNotFoundError as error:
        if must_exist:
            raise SettingsError(
                f"{file}: no such settings; `ringfence settings init --out {file}` writes them"
            ) from error
        return False
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror or error}") from error
    for field, value in _fields_of(file, octets):
        values[field] = _Value(value, str(file), file.parent)
    if mode and any(values[secret].value for secret in SECRETS if secret in values):
        raise _readable(file)
    return True


def _octets_of(file: Path) -> tuple[bytes, int]:
    """A small regular file, and with which bits strangers may read it: 0 where none may.

    The guard's own group may read what root wrote, as on an installed machine.
    """
    with file.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise SettingsError(f"{file}: not a file")
        octets = stream.read(_MAX_FILE + 1)
    if len(octets) > _MAX_FILE:
        raise SettingsError(f"{file}: more than {_MAX_FILE:,} octets; this is something else")
    is_guards = status.st_uid == 0 and _group(status.st_gid) == GUARD_GROUP
    private = 0o037 if is_guards else 0o077
    return octets, stat.S_IMODE(status.st_mode) & private


def _group(number: int) -> str:
    with suppress(KeyError):
        return getgrgid(number).gr_name
    return ""


def _readable(file: Path) -> SettingsError:
    return SettingsError(
        f"{file}: holds a password, and others on this machine can read it: chmod 600 '{file}'"
    )


def _fields_of(file: Path, octets: bytes) -> list[tuple[str, object]]:
    """Field and value of all that stands in the file; unknown names are errors."""
    try:
        document = tomllib.loads(octets.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{file}: line {line} is not UTF-8; save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(
            f'{file}: {shown(str(error))}; a line is: name = "text", and a text with a '
            "backslash stands in 'single quotes'"
        ) from error
    found: list[tuple[str, object]] = []
    for name, value in document.items():
        if known := _SECTIONS.get(name):
            if not isinstance(value, dict):
                raise SettingsError(f"{file}: {name} is a section: write [{name}] above its fields")
            for inner, text in value.items():
                _know(file, inner, known, f"{name}.")
                found.append((f"{name}.{inner}", text))
        else:
            _know(file, name, (*_SECTIONS, *_top_fields()), "")
            found.append((name, value))
    return found


def _know(file: Path, name: str, known: tuple[str, ...], prefix: str) -> None:
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    elsewhere = [f"{section}.{name}" for section in _SECTIONS if name in _SECTIONS[section]]
    hint = f"perhaps {prefix}{near[0]}" if near else f"there are {', '.join(known)}"
    if not near and elsewhere:
        hint = f"perhaps {elsewhere[0]}: under [{elsewhere[0].partition('.')[0]}]"
    raise SettingsError(f"{file}: {prefix}{shown(name[:100])}: no such field; {hint}")


def _read_environment(environment: Mapping[str, str], values: dict[str, _Value]) -> None:
    """RINGFENCE_<SECTION>_<FIELD> before the file; an empty one says nothing."""
    variables = {_PREFIX + field.replace(".", "_").upper(): field for field in field_names()}
    for name, text in sorted(environment.items()):
        if not text:
            continue
        if field := variables.get(name):
            values[field] = _Value(_said(field, text), name, Path(), in_environment=True)
        elif name.startswith(tuple(f"{_PREFIX}{section.upper()}_" for section in _SECTIONS)):
            near = get_close_matches(name, variables, n=1)
            hint = f"; perhaps {near[0]}" if near else ""
            raise SettingsError(f"{shown(name[:100])}: no such setting{hint}")


def _said(field: str, text: str) -> object:
    """What a text of the environment says, as the file would: a number, a yes."""
    kind = _kind_of(field)
    if kind is bool and text in ("true", "false"):
        return text == "true"
    if kind is int and text.isascii() and text.isdigit() and len(text) < 9:
        return int(text)
    return text


def _kind_of(field: str) -> type:
    return type(value_of(Settings(), field))


def _read_secret(secret: str, values: dict[str, _Value]) -> None:
    """A secret out of its file; what the environment says goes before the settings file."""
    field = SECRET_FILES[secret]
    given, named = values.get(secret), values.get(field)
    if named is None:
        return
    if given is not None:
        if given.in_environment == named.in_environment:
            raise named.error(field, f"and {secret}: write only one of both")
        if given.in_environment:
            del values[field]
            return
    file = Path(_file(field, named))
    if not named.value:
        return
    try:
        octets, mode = _octets_of(file)
        text = octets.decode("utf-8-sig").split("\n", 1)[0].rstrip("\r")
    except OSError as error:
        raise named.error(field, f"{file}: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise named.error(field, f"{file}: not UTF-8") from None
    if mode:
        raise _readable(file)
    if not text:
        raise named.error(field, f"{file}: its first line is empty")
    values[secret] = _Value(text, str(file), file.parent)


# ---- checking --------------------------------------------------------------


def _checked(values: dict[str, _Value]) -> Settings:
    """All of it, each value in its form. Raises SettingsError at the first that is wrong."""
    import msgspec

    sections: dict[str, dict[str, _Setting]] = {section: {} for section in _SECTIONS}
    top: dict[str, _Setting] = {}
    for field, value in values.items():
        section, _, name = field.rpartition(".")
        inner = sections[section] if section else top
        inner[name] = _check_of(field)(field, value)
    settings = msgspec.convert({**sections, **top}, Settings)
    _check_state(settings, values)
    if settings.mail.user and settings.mail.security == "none":
        raise values["mail.user"].error(
            "mail.user", 'a password never goes without TLS: write mail.security = "starttls"'
        )
    return settings


def _text(field: str, value: _Value) -> str:
    """A line of text. The value is not shown: it may be a secret on the wrong line."""
    if not isinstance(value.value, str):
        kind = _KINDS.get(type(value.value), "a date or a time")
        raise value.error(field, f'expected text in "quotes", got {kind}')
    text = value.value.strip()
    if len(text) > MAX_TEXT:
        raise value.error(field, f"at most {MAX_TEXT} characters, not {len(text):,}")
    if shown(text) != text:
        raise value.error(field, "holds a line break or a character that nobody sees")
    return text


def _secret(field: str, value: _Value) -> str:
    """A password, as it is; no message about it shows any of it."""
    if not isinstance(value.value, str):
        kind = _KINDS.get(type(value.value), "a date or a time")
        raise value.error(field, f'expected text in "quotes", got {kind}')
    if len(value.value) > MAX_TEXT or set(value.value) & set("\0\r\n"):
        raise value.error(field, f"at most {MAX_TEXT} characters on one line")
    return value.value


def _check_of(field: str) -> Callable[[str, _Value], _Setting]:
    """The check of a field: its own, else that of its kind."""
    kind = _kind_of(field)
    return _CHECKS.get(field, _flag if kind is bool else _number if kind is int else _text)


def _number(field: str, value: _Value) -> int:
    number, (least, most) = value.value, _RANGES[field]
    if isinstance(number, bool) or not isinstance(number, int):
        kind = _KINDS.get(type(number), "something else")
        raise value.error(field, f"expected a whole number, got {kind}")
    if not least <= number <= most:
        raise value.error(field, f"from {least:,} to {most:,}, not {number:,}")
    return number


def _texts(field: str, value: _Value) -> tuple[str, ...]:
    """A list of lines of text; in the environment with blanks between them."""
    listed = value.value.split() if isinstance(value.value, str) else value.value
    if not isinstance(listed, list):
        raise value.error(field, 'expected a list of texts: ["one", "another"]')
    if len(listed) > MAX_LISTED:
        raise value.error(field, f"at most {MAX_LISTED}, not {len(listed):,}")
    return tuple(_text(field, replace(value, value=one)) for one in listed)


def _addresses(field: str, value: _Value) -> tuple[str, ...]:
    found = []
    for text in _texts(field, value):
        address = plain_address(text)
        if address is None:
            raise value.error(field, f"{text[:100]!r} is no IP address")
        found.append(str(address))
    return tuple(found)


def _networks(field: str, value: _Value) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(text)) for text in _texts(field, value))
    except ValueError as error:
        raise value.error(field, f"{error}; one is written like 10.0.0.0/8") from None


def _carriers(field: str, value: _Value) -> tuple[str, ...]:
    """Names, addresses and networks of carriers."""
    from ringfence.model.lockdown import LockdownError
    from ringfence.remote.trunks import host_of

    texts = _texts(field, value)
    for text in texts:
        try:
            host_of(text)
        except LockdownError as error:
            raise value.error(field, str(error)) from None
    return texts


def _ports(field: str, value: _Value) -> tuple[int, ...]:
    listed = value.value.split() if isinstance(value.value, str) else value.value
    if isinstance(value.value, str):
        listed = [_said("mail.port", text) for text in value.value.split()]
    if not isinstance(listed, list) or len(listed) > MAX_LISTED:
        raise value.error(field, f"expected a list of at most {MAX_LISTED} ports: [5080, 5090]")
    return tuple(_port(field, replace(value, value=one)) for one in listed)


def _logs(field: str, value: _Value) -> tuple[str, ...]:
    texts = _texts(field, value)
    for text in texts:
        kind, colon, path = text.partition(":")
        if not colon or kind not in LOG_KINDS or not path.startswith("/"):
            raise value.error(
                field,
                f"{text[:100]!r}: write a kind ({', '.join(LOG_KINDS)}), a colon and the whole "
                "path: asterisk:/var/log/asterisk/security",
            )
    return texts


def _port(field: str, value: _Value) -> int:
    port = value.value
    if isinstance(port, bool) or not isinstance(port, int):
        kind = _KINDS.get(type(port), "something else")
        raise value.error(field, f"expected a whole number like 587, got {kind}")
    if not 0 <= port <= 65_535:
        raise value.error(field, "ports go from 1 to 65535; 465 and 587 take letters")
    return port


def _security(field: str, value: _Value) -> str:
    text = _text(field, value)
    if text.lower() in SECURITIES:
        return text.lower()
    near = {"ssl": "tls", "smtps": "tls", "ssl/tls": "tls", "plain": "none"}.get(text.lower())
    hint = f"; perhaps {near}" if near else ""
    raise value.error(field, f"one of {', '.join(SECURITIES)}{hint}")


def _server(field: str, value: _Value) -> str:
    text = _text(field, value)
    if not text:
        return ""
    with suppress(ValueError):
        return str(ip_address(text.strip("[]")))
    if ascii_domain(text) is None:
        raise value.error(
            field,
            f"{text[:100]!r} is not the name of a machine, like smtp.office.example; "
            "the port is a field of its own",
        )
    return text


def _public_address(field: str, value: _Value) -> str:
    """An address that somebody outside can see; a private one tells him nothing."""
    text = _text(field, value)
    if not text:
        return ""
    try:
        address = ip_address(text.partition("%")[0])  # a zone means something on its machine alone
    except ValueError:
        raise value.error(field, f"{text[:100]!r} is no IP address") from None
    if why := why_special(address, exercise=True):
        raise value.error(
            field, f"{address}: {why}; your router's status page shows the public address"
        )
    return str(address)


def _country(field: str, value: _Value) -> str:
    text = _text(field, value)
    code = text.upper()
    if not code:
        return ""
    known = len(code) == 2 and code in NAMES and code != UNASSIGNED
    if known:
        return code
    near = _ALIASES.get(code) or next((c for c, n in NAMES.items() if n.upper() == code), "")
    hint = f": {near}" if near else ", like US or DE"
    raise value.error(field, f"write its two letters (ISO 3166-1){hint}")


def _mailbox(field: str, value: _Value) -> str:
    text = _text(field, value)
    if text and smtp_mailbox(text) is None:
        raise value.error(
            field, f"{text[:100]!r} is no mailbox; one is written like anna@office.example"
        )
    return text


def _urls(field: str, value: _Value) -> tuple[str, ...]:
    """Addresses of services; of a wrong one only its place in the list is shown."""
    urls = value.value.split() if isinstance(value.value, str) else value.value
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
        raise value.error(field, 'expected a list of texts: ["slack://…", "mailtos://…"]')
    if len(urls) > MAX_URLS:
        raise value.error(field, f"at most {MAX_URLS}, not {len(urls)}")
    for number, url in enumerate(urls, 1):
        if not scheme_of(url) or len(url) > MAX_URL or shown(url) != url:
            raise value.error(
                field, f"the one in place {number} does not begin like slack://, or is no line"
            )
    return tuple(urls)


def _log(field: str, value: _Value) -> str:
    text = _text(field, value)
    try:
        if text:
            log_place(text)
    except ValueError as error:
        raise value.error(field, f"{text[:100]!r}: {error}") from None
    return text


def _quiet(field: str, value: _Value) -> str:
    text = _text(field, value)
    try:
        quiet_hours(text)
    except ValueError as error:
        raise value.error(field, f'{error}; write "22:00-07:00"') from None
    return text


def _severity(field: str, value: _Value) -> str:
    text = _text(field, value).lower()
    if text in SEVERITIES:
        return text
    near = get_close_matches(text, SEVERITIES, n=1)
    hint = f"; perhaps {near[0]}" if near else ""
    raise value.error(field, f"one of {', '.join(SEVERITIES)}{hint}")


def _by(check: Callable[[str], str]) -> Callable[[str, _Value], str]:
    """A line of text that this check takes; empty is empty."""

    def checked(field: str, value: _Value) -> str:
        text = _text(field, value)
        try:
            return check(text) if text else ""
        except ValueError as error:
            raise value.error(field, str(error)) from None

    return checked


def _flag(field: str, value: _Value) -> bool:
    said = value.value
    if not isinstance(said, bool):
        kind = _KINDS.get(type(said), "something else")
        raise value.error(field, f"expected true or false, without quotes, got {kind}")
    return said


def _words(field: str, value: _Value) -> tuple[str, ...]:
    """A list of short texts; with spaces between them in the environment."""
    in_line = value.in_environment and isinstance(value.value, str)
    words = str(value.value).split() if in_line else value.value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise value.error(field, 'expected a list of texts: ["100", "101"]')
    if len(words) > MAX_WORDS or any(len(w) > MAX_TEXT or shown(w) != w for w in words):
        raise value.error(field, f"at most {MAX_WORDS}, each a line")
    return tuple(words)


def _deeds(field: str, value: _Value) -> tuple[str, ...]:
    words = _words(field, value)
    for word in words:
        if word not in DEEDS:
            raise value.error(field, f"{word[:100]!r}: there are {', '.join(DEEDS)}")
    return words


def _file(field: str, value: _Value) -> str:
    """A file as it is named: in the settings, relative to them."""
    text = _text(field, value)
    return str(value.base / Path(text).expanduser()) if text else ""


def _check_state(settings: Settings, values: dict[str, _Value]) -> None:
    """Of the United States: two letters, which find the police and the FBI's office."""
    state = settings.victim.state
    if settings.victim.country != "US" or not state:
        return
    if len(state) != 2 or not (state.isascii() and state.isalpha()):
        raise values["victim.state"].error(
            "victim.state", "in the United States it has two letters, like IL"
        )


def _top_fields() -> tuple[str, ...]:
    return tuple(one.name for one in fields(Settings) if one.name not in _SECTIONS)


# What a number may be.
_RANGES = {
    "guard.guesses_a_day": (1, 1_000_000),
    "guard.before_s": (0, 3600),
    "guard.after_s": (0, 3600),
    "guard.buffer_mb": (1, 4095),
    "guard.metrics_port": (0, 65_535),
}
_CHECKS: dict[str, Callable[[str, _Value], _Setting]] = {
    **{field: _by(check) for field, check in TEXTS.items()},
    **dict.fromkeys(SECRET_FILES, _secret),
    **dict.fromkeys(FILES, _file),
    **dict.fromkeys(PORTS, _port),
    **dict.fromkeys(FLAGS, _flag),
    "asterisk.host": _server,
    "freeswitch.host": _server,
    "act.automatic": _deeds,
    "act.never": _words,
    "alerts.urls": _urls,
    "alerts.email": _mailbox,
    "alerts.syslog": _log,
    "alerts.quiet": _quiet,
    "alerts.minimum": _severity,
    "victim.country": _country,
    "victim.address": _public_address,
    "mail.server": _server,
    "mail.security": _security,
    "victim.email": _mailbox,
    "isp.email": _mailbox,
    "carrier.email": _mailbox,
    "police.email": _mailbox,
    "mail.sender": _mailbox,
    "guard.interfaces": _texts,
    "guard.ports": _ports,
    "guard.hep_from": _networks,
    "guard.logs": _logs,
    "guard.mark": _secret,
    "guard.pbx": _addresses,
    "guard.trunks": _addresses,
    "guard.known": _addresses,
    "guard.folder": _file,
    "lockdown.trunks": _carriers,
    "lockdown.users": _networks,
    "lockdown.udp": _ports,
    "lockdown.tcp": _ports,
    "lockdown.media": _by(media_ports),
    "lockdown.tunnel": _ports,
}
