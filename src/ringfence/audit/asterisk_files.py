"""Asterisk's other files: who may manage it, where it listens, what it logs, mailboxes' PINs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.audit import saying
from ringfence.audit.asterisk_conf import Conf, Section
from ringfence.model.pbx import Place, Setting, Topic
from ringfence.model.secret import Kind, Secret

_ANYWHERE = "0.0.0.0"  # noqa: S104  what is written in settings; nothing listens here
_NO_CONTEXT = {"general", "zonemessages"}
_MAILBOX = re.compile(r"[\w*#+.@-]+\Z")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One line of voicemail.conf."""

    number: str
    pin: Secret
    name: str
    mail: str
    place: Place


def mailboxes(conf: Conf) -> list[Mailbox]:
    """The mailboxes of voicemail.conf with their PINs."""
    found = []
    for section in conf.sections:
        if section.name.lower() in _NO_CONTEXT or section.template:
            continue
        for option in section.options:
            pin, *rest = [part.strip() for part in option.value.split(",")]
            if not _MAILBOX.match(option.name) or not pin:
                continue
            name, mail, *_ = [*rest, "", ""]
            found.append(
                Mailbox(
                    option.name.partition("@")[0],
                    # Behind a stroke, the user may not change it.
                    Secret(Kind.VOICEMAIL, pin.removeprefix("-"), column="voicemail.conf"),
                    name,
                    mail,
                    Place(option.source, option.line, option.name),
                )
            )
    return found


def managers(conf: Conf) -> list[Secret]:
    """The secrets of manager.conf: whoever has one runs Asterisk."""
    return [
        Secret(Kind.MANAGER, section.get("secret"), column=f"manager.conf [{section.name}] secret")
        for section in _accounts(conf)
        if section.get("secret")
    ]


def rest_users(conf: Conf) -> list[Secret]:
    """The passwords of ari.conf; those that are kept as crypt(3) cannot be tried here."""
    return [
        Secret(Kind.MANAGER, section.get("password"), column=f"ari.conf [{section.name}] password")
        for section in _accounts(conf)
        if section.get("password") and section.get("password_format").lower() != "crypt"
    ]


def manager_settings(conf: Conf) -> Iterator[Setting]:
    """Where the manager interface listens."""
    yield from _listening(conf, "port", "5038", "5039")


def web_settings(conf: Conf) -> Iterator[Setting]:
    """Where the web server of ARI, of the manager over HTTP and of provisioning listens."""
    yield from _listening(conf, "bindport", "8088", "8089")


def _listening(conf: Conf, option: str, port: str, tls_port: str) -> Iterator[Setting]:
    """Where a server listens; `option` names its port, the others are used where none is said."""
    general = conf.section("general")
    if general is None or not saying.truth(general.get("enabled")):
        return
    yield _listens(general, general.get(option) or port, general.get("bindaddr"))
    if saying.truth(general.get("tlsenable")):
        address, tls_port = _apart(general.get("tlsbindaddr"), tls_port)
        yield _listens(general, tls_port, address or general.get("bindaddr"))


def log_settings(conf: Conf) -> Iterator[Setting]:
    """Whether refusals go to a log: a channel has `security`, or everything."""
    files = conf.section("logfiles")
    if files is None:
        return
    for option in files.options:
        levels = {part.strip().lower() for part in re.split(r"[,\]]", option.value)}
        if levels & {"security", "*"}:
            place = Place(option.source, option.line, files.name)
            yield Setting(Topic.SECURITY_LOG, "yes", place)
            return
    yield Setting(Topic.SECURITY_LOG, "no", files.place())


def _accounts(conf: Conf) -> list[Section]:
    return [one for one in conf.sections if one.name.lower() != "general" and not one.template]


def _listens(general: Section, port: str, address: str) -> Setting:
    value = f"{port} on {address or _ANYWHERE}"
    return Setting(Topic.MANAGER, value, general.place("bindaddr", "port", "bindport", "enabled"))


def _apart(text: str, port: str) -> tuple[str, str]:
    """Address and port of a value that may hold both; [2001:db8::1]:8089 too."""
    told = re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d+)", text.strip())
    return (told[1].strip("[]"), told[2]) if told else (text.strip(), port)
