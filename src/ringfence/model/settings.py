"""What the owner says of himself once, for every letter: settings.toml.

`docs/settings.md` explains each field. Nothing here is needed to investigate; a letter
says in brackets what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
class Settings:
    """All of it."""

    victim: Victim = Victim()
    isp: Provider = Provider()
    carrier: Provider = Provider()
    police: Agency = Agency()
    mail: MailServer = MailServer()
    alerts: Alerts = Alerts()
    clock: str = ""  # where the capture's clock came from: "NTP, pool.ntp.org"
