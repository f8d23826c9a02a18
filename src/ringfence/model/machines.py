"""The owner's other machines as his settings name them: routers, and interfaces of his PBX.

Each is used only where its section says how to log in. Secrets are not in `repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# What may be done to an account without asking.
END_CALLS, LOCK = "end-calls", "lock"
DEEDS = (END_CALLS, LOCK)


@dataclass(frozen=True, slots=True)
class Threecx:
    """3CX's XAPI: its blocklist, its calls, its extensions."""

    url: str = ""
    client_id: str = ""
    secret: str = field(default="", repr=False)
    secret_file: str = ""
    authority_file: str = ""  # roots (PEM) to trust in place of the system's
    blocklist: bool = False  # whether blocks are carried there


@dataclass(frozen=True, slots=True)
class Asterisk:
    """Asterisk's manager interface, for what is done to an account."""

    host: str = "127.0.0.1"
    port: int = 5038
    user: str = ""
    secret: str = field(default="", repr=False)
    secret_file: str = ""
    locks: bool = False  # the dialplan asks our list of locked accounts


@dataclass(frozen=True, slots=True)
class Freeswitch:
    """FreeSWITCH's event socket, for what is done to an account."""

    host: str = "127.0.0.1"
    port: int = 8021
    password: str = field(default="", repr=False)
    password_file: str = ""
    locks: bool = False  # the dialplan asks our list of locked accounts


@dataclass(frozen=True, slots=True)
class Mikrotik:
    """RouterOS 7 over REST."""

    url: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    password_file: str = ""
    authority_file: str = ""
    list: str = "ringfence"


@dataclass(frozen=True, slots=True)
class Opnsense:
    """OPNsense over its API."""

    url: str = ""
    key: str = ""
    secret: str = field(default="", repr=False)
    secret_file: str = ""
    authority_file: str = ""
    alias: str = "ringfence"


@dataclass(frozen=True, slots=True)
class Pfsense:
    """pfSense with pfSense-pkg-RESTAPI."""

    url: str = ""
    key: str = field(default="", repr=False)
    key_file: str = ""
    authority_file: str = ""
    alias: str = "ringfence"


@dataclass(frozen=True, slots=True)
class SshMachine:
    """Any machine by SSH: three commands of the owner."""

    host: str = ""  # admin@router.example
    port: int = 22
    identity_file: str = ""
    block: str = ""  # with {address}
    unblock: str = ""  # with {address}
    list: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What is done to an account that was taken."""

    automatic: tuple[str, ...] = ()  # of DEEDS; () is none: the alarm has the command
    never: tuple[str, ...] = ()  # accounts that are not touched automatically, nor locked
