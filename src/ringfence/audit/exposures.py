"""The rules of what is open, one line each: name, how bad, what it means, what to do.

`docs/audit.md` lists them under "What is open"; a test compares both.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.pbx import Place
from ringfence.model.text import shown
from ringfence.model.weakness import Severity, Weakness

LOW, MEDIUM, HIGH, CRITICAL = Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One of them. `says` and `do` are whole sentences."""

    name: str
    severity: Severity
    says: str
    do: str


GUESTS = Rule(
    "guests-may-call",
    CRITICAL,
    "Calls are accepted from anybody, without a password.",
    "Switch off anonymous or guest calls, and admit each provider by its own addresses.",
)
TELLS_UNKNOWN = Rule(
    "tells-unknown-users",
    HIGH,
    "It answers otherwise for extensions that do not exist, so a scanner finds all that do.",
    "Make it refuse everybody alike (Asterisk: alwaysauthreject=yes, or chan_pjsip).",
)
MD5 = Rule(
    "digest-md5",
    MEDIUM,
    "Passwords are proven with MD5 alone: who hears one login can try millions of passwords "
    "a second against it.",
    "Offer SHA-256 where all phones know it, and let phones register over TLS.",
)
MD5_TOO = Rule(
    "digest-md5-too",
    LOW,
    "MD5 is still accepted beside a stronger algorithm, and an attacker picks the weaker.",
    "Take MD5 away once all phones know the stronger one.",
)
NO_TLS = Rule(
    "no-tls",
    MEDIUM,
    "Phones can only register unencrypted: who is on the way reads logins and numbers.",
    "Add a TLS transport with a certificate, and move phones outside your network to it.",
)
CLEAR_LOGIN = Rule(
    "login-in-clear",
    MEDIUM,
    "Logins came from outside your network unencrypted.",
    "Let these phones use the tunnel or TLS; then change their passwords.",
)
MEDIA = Rule(
    "media-in-clear",
    LOW,
    "Calls are not encrypted: who is on the way can listen.",
    "Switch on SRTP (SDES over TLS, or DTLS) for phones outside your network.",
)
ABROAD = Rule(
    "abroad-open",
    HIGH,
    "Everybody may call abroad: one stolen password is enough to run up a bill.",
    "Allow calls abroad only to those who need them, and to the countries that they need.",
)
NO_LIMIT = Rule(
    "no-daily-limit",
    MEDIUM,
    "Nothing limits what is spent in a day.",
    "Set a limit a day, here or at the provider, and a low one for nights and weekends.",
)
OUTDATED = Rule(
    "server-outdated",
    HIGH,
    "Its makers no longer repair this version: holes that become known stay open.",
    "Update to a branch that is still repaired.",
)
SUCCEEDED = Rule(
    "server-succeeded",
    MEDIUM,
    "There are newer versions, and its makers name no day until which this one is repaired.",
    "Ask its makers how long it is repaired, and plan the update.",
)
HEADER = Rule(
    "server-header-tells",
    LOW,
    "It tells everybody its version, so an attacker need not try what cannot work.",
    "Let it name no version (Asterisk: user_agent, Kamailio: server_header, "
    "FreeSWITCH: user-agent-string).",
)
PROVISIONING = Rule(
    "provisioning-in-clear",
    HIGH,
    "Phones fetch their settings unencrypted, and the passwords are in them.",
    "Provision over HTTPS with a password or certificate for each phone, not over HTTP or TFTP.",
)
MANAGER = Rule(
    "manager-reachable",
    HIGH,
    "A port that governs the whole phone system can be reached from elsewhere.",
    "Let it listen on 127.0.0.1 alone, or admit single addresses in the firewall.",
)
WEB = Rule(
    "web-reachable",
    MEDIUM,
    "Web pages of the phone system can be reached from elsewhere.",
    "Admit your own networks alone in the firewall, or put the pages behind the tunnel.",
)
TFTP = Rule(
    "tftp-reachable",
    HIGH,
    "TFTP gives files to anybody, and provisioning files hold passwords.",
    "Switch TFTP off, or let it answer in the phones' own network alone.",
)
BLIND_REGISTRATION = Rule(
    "blind-registration",
    CRITICAL,
    "Whoever asks is registered, without a password.",
    "Ask for a password for every registration (FreeSWITCH: accept-blind-reg=false).",
)
UNPROVEN_CALLS = Rule(
    "unproven-calls",
    CRITICAL,
    "Calls are let through without a proof of who calls.",
    "Ask for a password for every call (Asterisk: no insecure=invite, FreeSWITCH: "
    "auth-calls=true, accept-blind-auth=false); admit providers by address.",
)
UNLOGGED = Rule(
    "refusals-unlogged",
    MEDIUM,
    "Refused logins are not logged: nobody, and no guard, sees who is guessing.",
    "Switch on the security log (Asterisk: security in logger.conf, FreeSWITCH: "
    "log-auth-failures=true).",
)
OUTSIDE_ALL = Rule(
    "outside-open-to-all",
    LOW,
    "Every extension may register from anywhere.",
    "Leave that to those who work outside, and hold all others to your own networks.",
)
OUTSIDE_UNUSED = Rule(
    "outside-never-used",
    MEDIUM,
    "It may register from outside, and nobody ever did.",
    "Hold it to your own networks.",
)
OPEN_TO_ALL = Rule(
    "sip-open-to-all",
    MEDIUM,
    "Its SIP port answers whoever asks.",
    "Admit only those who need it: ringfence lockdown plan.",
)
CERTIFICATE_ENDED = Rule(
    "certificate-ended",
    HIGH,
    "The certificate has ended: phones refuse it, or are told to trust anything.",
    "Renew it, and see that renewal runs by itself.",
)
CERTIFICATE_ENDING = Rule(
    "certificate-ending",
    LOW,
    "The certificate ends soon.",
    "See that it is renewed in time.",
)
CERTIFICATE_NAME = Rule(
    "certificate-name",
    MEDIUM,
    "The certificate is for another name than the one that was asked.",
    "Get one for the name that the phones are given.",
)
CERTIFICATE_OWN = Rule(
    "certificate-of-its-own",
    LOW,
    "The certificate is signed by itself: phones cannot tell it from an impostor's.",
    "Get one from a certificate authority, or give the phones its root.",
)
CERTIFICATE_WEAK = Rule(
    "certificate-weak",
    MEDIUM,
    "The certificate's key or signature is too weak.",
    "Get a new one: RSA with 2,048 bits or more, or an elliptic curve, signed with SHA-256.",
)
TLS_OLD = Rule(
    "tls-old",
    MEDIUM,
    "It agrees on a version of TLS that is broken.",
    "Allow TLS 1.2 and 1.3 alone.",
)

RULES = (
    GUESTS, BLIND_REGISTRATION, UNPROVEN_CALLS, TELLS_UNKNOWN, ABROAD, NO_LIMIT, MANAGER, WEB,
    TFTP, PROVISIONING, OUTDATED, SUCCEEDED, HEADER, MD5, MD5_TOO, NO_TLS, CLEAR_LOGIN, MEDIA,
    UNLOGGED, OPEN_TO_ALL, OUTSIDE_ALL, OUTSIDE_UNUSED, CERTIFICATE_ENDED, CERTIFICATE_ENDING,
    CERTIFICATE_NAME, CERTIFICATE_OWN, CERTIFICATE_WEAK, TLS_OLD,
)  # fmt: skip


def broken(
    rule: Rule,
    place: Place,
    *,
    detail: str = "",
    severity: Severity | None = None,
    extensions: tuple[str, ...] = (),
) -> Weakness:
    """The weakness of a rule at a place. The first extension is met, the others by the same.

    `detail` is put in brackets behind what the rule says; what a stranger wrote is escaped.
    """
    return Weakness(
        rule.name,
        rule.severity if severity is None else severity,
        f"{rule.says.removesuffix('.')} ({shown(detail)})." if detail else rule.says,
        rule.do,
        place,
        extension=extensions[0] if extensions else "",
        others=extensions[1:],
    )
