"""A phone system as its settings describe it: extensions, trunks, and what it lets people do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ringfence.model.secret import Secret


class System(StrEnum):
    """Whose settings they are. The value is the name that its makers use."""

    THREECX = "3CX"
    FREEPBX = "FreePBX"
    PJSIP = "Asterisk (pjsip.conf)"
    SIP_CONF = "Asterisk (sip.conf)"
    FREESWITCH = "FreeSWITCH"
    KAMAILIO = "Kamailio"
    LIST = "list"  # a CSV with columns of known names


class Topic(StrEnum):
    """What a setting is about. The rules of exposure are written over these names."""

    GUESTS = "guests"  # calls of nobody's: "yes", "no"
    TELLS_UNKNOWN = "tells_unknown"  # whether unknown users are answered otherwise: "yes", "no"
    ALGORITHM = "algorithm"  # of digests: "MD5", "SHA-256", …
    TRANSPORT = "transport"  # one each: "udp", "tcp", "tls", "ws", "wss"
    MEDIA = "media"  # encryption of the media: "no", "sdes", "dtls"
    ABROAD = "abroad"  # dialling abroad: "all", "some", "none"
    DAILY_LIMIT = "daily_limit"  # calls or money a day: a number, or "no"
    SERVER_HEADER = "server_header"  # what it says of itself
    PROVISIONING = "provisioning"  # URL or scheme by which phones fetch their settings
    MANAGER = "manager"  # a manager's port and where it listens: "5038 on 0.0.0.0"
    BLIND_REGISTRATION = "blind_registration"  # registers whoever asks: "yes", "no"
    UNPROVEN_CALLS = "unproven_calls"  # calls without a challenge: "yes", "no"
    SECURITY_LOG = "security_log"  # whether refusals are logged: "yes", "no"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a source."""

    source: str  # the file's name, or the URL
    line: int = 0  # from 1; 0: the source has no lines
    name: str = ""  # of the section, the row's key or the user


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that the settings say beyond secrets, of the whole system or one extension."""

    topic: Topic
    value: str
    place: Place
    extension: str = ""  # empty: of the whole system


@dataclass(frozen=True, slots=True)
class Extension:
    """One line of the phone system. `None` where the source does not say."""

    number: str
    place: Place
    name: str = ""
    auth_id: str = ""  # the name that a digest carries; empty: the number
    mail: str = ""
    dids: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()  # twelve hexadecimal digits, small letters
    mobile: str = ""
    secrets: tuple[Secret, ...] = ()
    outside: bool | None = None  # may register from outside the LAN
    abroad: bool | None = None  # may dial abroad
    disabled: bool = False
    row: int = 0  # the row among the source's rows, from 1: where --fix writes


@dataclass(frozen=True, slots=True)
class Trunk:
    """A provider, as the settings name it."""

    name: str
    place: Place
    hosts: tuple[str, ...] = ()  # names and addresses, with a port where one is given
    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class Pbx:
    """What one source says."""

    system: System
    sources: tuple[str, ...]  # all files that were read for it, includes too
    extensions: tuple[Extension, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    settings: tuple[Setting, ...] = ()
    managers: tuple[Secret, ...] = ()  # secrets of AMI, ARI, the event socket
    unknown: tuple[str, ...] = ()  # columns or options that hold something and are not known
    troubles: tuple[str, ...] = ()  # what could not be read, each with its place
