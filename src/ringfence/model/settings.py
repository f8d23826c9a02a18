"""What the owner says of himself once, for every letter: settings.toml.

`docs/settings.md` explains each field. Nothing here is needed to investigate; a letter
says in brackets what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ringfence.model.machines import (
    Act,
    Asterisk,
    Freeswitch,
    Mikrotik,
    Opnsense,
    Pfsense,
    SshMachine,
    Threecx,
)

# How a mail server is spoken to: TLS at once, TLS after STARTTLS, or in the clear.
SECURITIES = ("tls", "starttls", "none")


class SettingsError(Exception):
    """Settings that cannot be used: names the file, the field, and what to write."""


@dataclass(frozen=True, slots=True)
class Victim:
    """Who was attacked and signs the letters."""

    name: str = ""  # of the person who signs
    title: str = ""
    organisation: str = ""
    street: str = ""
    city: str = ""
    county: str = ""
    state: str = ""  # US: two letters
    zip: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    phone: str = ""  # where a person answers
    email: str = ""
    pbx: str = ""  # make and version: "3CX 20 on Debian 12"
    address: str = ""  # of the telephone system, as the Internet sees it, where it is behind NAT


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who has a contract with the owner: his ISP, his SIP trunk's carrier."""

    name: str = ""
    email: str = ""
    phone: str = ""  # of its NOC or its fraud desk
    customer: str = ""  # customer or account number
    circuit: str = ""  # circuit or trunk identifier
    contact: str = ""  # who is authorised to ask for changes; the victim where empty


@dataclass(frozen=True, slots=True)
class Agency:
    """The police that the owner himself named."""

    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The owner's own mail server, for `--send`; the password never stands in a journal."""

    server: str = ""
    port: int = 0  # 0: 465 for tls, 587 for starttls, 25 for none
    security: str = "starttls"
    user: str = ""
    # Or RINGFENCE_MAIL_PASSWORD, or the file named below.
    password: str = field(default="", repr=False)
    password_file: str = ""
    sender: str = ""  # the victim's address where empty
    authority_file: str = ""  # roots (PEM) to trust in place of the system's


@dataclass(frozen=True, slots=True)
class Alerts:
    """Whom the guard tells."""

    # Addresses as Apprise writes them (slack://, mailtos:// …): each may hold a secret.
    urls: tuple[str, ...] = field(default=(), repr=False)
    email: str = ""  # a mailbox, through the owner's own mail server
    syslog: str = ""  # /dev/log, udp://HOST:514, tcp://HOST:601
    quiet: str = ""  # "22:00-07:00": only break-ins then
    minimum: str = "warning"  # of `model.alarm.SEVERITIES`


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """What the guard hears, whom it must not hurt, and how far it goes."""

    interfaces: tuple[str, ...] = ()  # empty, with no other source: that of the default route
    ports: tuple[int, ...] = ()  # of SIP, beside 5060 and 5061
    hep: str = ""  # ADDRESS:PORT to listen at
    hep_from: tuple[str, ...] = ()  # networks that may send HEP
    hep_key: str = field(default="", repr=False)
    hep_key_file: str = ""
    logs: tuple[str, ...] = ()  # KIND:PATH
    mark: str = field(default="", repr=False)  # the word in our lines of Kamailio's log
    ami: str = ""  # USER@HOST:PORT
    ami_secret: str = field(default="", repr=False)
    ami_secret_file: str = ""
    freeswitch: str = ""  # HOST:PORT of its event socket
    freeswitch_secret: str = field(default="", repr=False)
    freeswitch_secret_file: str = ""
    pbx: tuple[str, ...] = ()  # addresses of our servers, where they are not found
    trunks: tuple[str, ...] = ()  # addresses of carriers
    known: tuple[str, ...] = ()  # addresses of users and offices
    enforce: bool = False
    guesses_a_day: int = 100  # at one account, from all addresses
    before_s: int = 60  # packets that are kept from before a verdict
    after_s: int = 60
    buffer_mb: int = 64
    metrics_port: int = 9120  # on loopback; 0: none
    folder: str = ""  # of cases; beside the store where empty


@dataclass(frozen=True, slots=True)
class LockdownSettings:
    """Who may reach the ports of SIP when they are closed, beside those of `[guard]`."""

    trunks: tuple[str, ...] = ()  # carriers: names, addresses, networks
    users: tuple[str, ...] = ()  # networks of offices and users
    udp: tuple[int, ...] = ()  # ports of SIP; 5060 and guard.ports where empty
    tcp: tuple[int, ...] = ()  # 5060, 5061 and guard.ports where empty
    media: str = "10000-20000"  # UDP ports of media; "open": they are left open
    tunnel: tuple[int, ...] = ()  # the phone system's own tunnel, where it is closed as well


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    victim: Victim = Victim()
    isp: Provider = Provider()
    carrier: Provider = Provider()
    police: Agency = Agency()
    mail: MailServer = MailServer()
    alerts: Alerts = Alerts()
    guard: GuardSettings = GuardSettings()
    threecx: Threecx = field(default=Threecx())
    asterisk: Asterisk = field(default=Asterisk())
    freeswitch: Freeswitch = field(default=Freeswitch())
    mikrotik: Mikrotik = field(default=Mikrotik())
    opnsense: Opnsense = field(default=Opnsense())
    pfsense: Pfsense = field(default=Pfsense())
    ssh: SshMachine = field(default=SshMachine())
    act: Act = field(default=Act())
    lockdown: LockdownSettings = field(default=LockdownSettings())
    clock: str = ""  # where the capture's clock came from: "NTP, pool.ntp.org"
