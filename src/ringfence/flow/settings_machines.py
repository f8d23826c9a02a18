"""How settings of the owner's other machines are written; each check raises ValueError."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from ringfence.respond.outside.ssh import check_target

_OURSELVES = {"127.0.0.1", "::1", "localhost"}
_LIST = re.compile(r"[A-Za-z][\w-]{0,30}", re.ASCII)
_ALIAS = re.compile(r"[A-Za-z]\w{0,30}", re.ASCII)
_RANGE = re.compile(r"(\d{4,5})-(\d{4,5})", re.ASCII)
_HEADER = re.compile(r"[!-~]+", re.ASCII)

# Secrets, each with the file that it may stand in.
SECRET_FILES = {
    "mail.password": "mail.password_file",
    "guard.hep_key": "guard.hep_key_file",
    "guard.ami_secret": "guard.ami_secret_file",
    "guard.freeswitch_secret": "guard.freeswitch_secret_file",
    "threecx.secret": "threecx.secret_file",
    "asterisk.secret": "asterisk.secret_file",
    "freeswitch.password": "freeswitch.password_file",
    "mikrotik.password": "mikrotik.password_file",
    "opnsense.secret": "opnsense.secret_file",
    "pfsense.key": "pfsense.key_file",
}
FILES = (
    *SECRET_FILES.values(),
    *(f"{one}.authority_file" for one in ("mail", "threecx", "mikrotik", "opnsense", "pfsense")),
    "ssh.identity_file",
)
PORTS = ("mail.port", "asterisk.port", "freeswitch.port", "ssh.port")
FLAGS = ("threecx.blocklist", "asterisk.locks", "freeswitch.locks")


def https_url(text: str) -> str:
    """The address of an interface; what stands in it besides is not shown: it may be a secret."""
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("write it like https://router.example, without user or password")
    if parts.query or parts.fragment:
        raise ValueError("write it like https://router.example, without ? or #")
    if parts.scheme == "http" and parts.hostname not in _OURSELVES:
        raise ValueError("over https:// only: the secret would go in clear")
    return text.rstrip("/")


def list_name(text: str) -> str:
    """The name of an address list."""
    if not _LIST.fullmatch(text):
        raise ValueError("letters, digits, - and _ (31 at most)")
    return text


def alias_name(text: str) -> str:
    """The name of an alias of OPNsense and pfSense."""
    if not _ALIAS.fullmatch(text):
        raise ValueError("letters, digits and _ (31 at most)")
    return text


def ssh_target(text: str) -> str:
    """Whom `ssh` is called with."""
    check_target(text)
    return text


def visible(text: str) -> str:
    """What goes into a line of a protocol: visible ASCII, without blanks."""
    if not _HEADER.fullmatch(text):
        raise ValueError("visible ASCII, without blanks")
    return text


def media_ports(text: str) -> str:
    """The UDP ports of media: a range, or "open"."""
    if text == "open":
        return text
    found = _RANGE.fullmatch(text)
    if found is None or not 1024 <= int(found[1]) <= int(found[2]) < 65536:
        raise ValueError('write two ports, like "10000-20000", or "open"')
    return text


TEXTS: dict[str, Callable[[str], str]] = {
    "threecx.url": https_url,
    "mikrotik.url": https_url,
    "opnsense.url": https_url,
    "pfsense.url": https_url,
    "mikrotik.list": list_name,
    "opnsense.alias": alias_name,
    "pfsense.alias": alias_name,
    "ssh.host": ssh_target,
    "asterisk.user": visible,
}
