"""XARF v4 (4.2.0): what a source did, as JSON that desks' machines read.

One report is about one source; its type is the worst of what was tried. XARF knows no
abuse of telephones: guessed passwords, stolen accounts and calls placed with them are
login attacks, told apart by tags.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

import msgspec

from ringfence.model.incident import Suspect
from ringfence.model.letter import Attachment, Brief, Excerpt, LetterError, Stream
from ringfence.model.settings import Victim
from ringfence.model.text import count, shown
from ringfence.reports.lanes import cut
from ringfence.reports.letters.mail import as_mailbox
from ringfence.reports.letters.parties import end_of, is_outside
from ringfence.reports.words import KINDS, PROOFS, listed, told

VERSION = "4.2.0"
MEDIA_TYPE = "application/json"

# A few messages show what was tried; the capture has all. The format allows 50 of 5 MiB.
MAX_EVIDENCE = 5
MAX_EVIDENCE_OCTETS = 64 * 1024
# Of the format: longest description, name of an organisation, and text about evidence.
_MAX_DESCRIPTION, _MAX_ORGANISATION, _MAX_WHAT = 1000, 200, 500

# Who is sure beyond this is not: 20 dB are a hundred to one, and a rule can be wrong.
_SUREST = 0.99
# Somebody did it, but nobody knows that it was this address.
_FORGEABLE = 0.5

# The first kind that a source has decides the type.
_TYPES = {
    "toll_fraud": "login_attack",
    "password_guessing": "login_attack",
    "flood": "ddos",
    "enumeration": "login_attack",
    "exploit": "vulnerability_scan",
    "scan": "port_scan",
}
# Without the source's port the format refuses all types but this one.
_NEEDS_NO_PORT = "vulnerability_scan"
_CARRIERS = {"udp": "udp", "tcp": "tcp", "tls": "tcp", "ws": "tcp", "wss": "tcp", "sctp": "sctp"}


@dataclass(frozen=True, slots=True)
class Party:
    """Reporter or sender."""

    org: str
    contact: str
    domain: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One message, its invisible characters written as escapes."""

    content_type: str
    description: str
    payload: str  # base64
    hash: str  # sha256:hex of what the payload decodes to
    size: int


@dataclass(frozen=True, slots=True)
class Report:
    """One report; what is None is left out. Names are those of the format."""

    xarf_version: str
    report_id: str
    timestamp: str
    reporter: Party
    sender: Party
    source_identifier: str
    source_port: int | None
    category: str
    type: str
    evidence_source: str
    evidence: tuple[Evidence, ...]
    tags: tuple[str, ...]
    confidence: float
    description: str
    protocol: str
    first_seen: str
    last_seen: str
    destination_ip: str | None
    destination_port: int | None
    scan_type: str | None = None
    total_requests: int | None = None
    attack_vector: str | None = None
    duration_seconds: int | None = None


def report_of(
    source: Suspect, brief: Brief, streams: Sequence[Stream], excerpts: Sequence[Excerpt]
) -> Report:
    """What XARF says of a source. Raises LetterError where the format asks for what is unknown."""
    busiest = max(streams, key=lambda stream: stream.messages, default=None)
    port = _port(source, busiest)
    type_ = _type(source, port)
    party = _party(brief.settings.victim)
    sample = sorted(excerpts, key=lambda one: one.time)[:MAX_EVIDENCE]
    report = Report(
        xarf_version=VERSION,
        report_id=report_id(brief.case_id, source.address, brief.made_at),
        timestamp=source.last_seen,
        reporter=party,
        sender=party,
        source_identifier=source.address,
        source_port=port,
        category="connection",
        type=type_,
        evidence_source="ids_detection",
        evidence=tuple(_evidence(one) for one in sample),
        tags=_tags(source),
        confidence=confidence(source),
        description=_description(source, brief.case_id),
        protocol=_protocol(source, busiest, type_),
        first_seen=source.first_seen,
        last_seen=source.last_seen,
        destination_ip=busiest.destination if busiest and is_outside(busiest.destination) else None,
        destination_port=busiest.destination_port or None if busiest else None,
    )
    return _of_type(report, source)


def encoded(report: Report) -> bytes:
    """The JSON text, indented; the same report gives the same octets."""
    known = {
        field.name: value
        for field in fields(report)
        if (value := getattr(report, field.name)) is not None
    }
    return msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n"


def attached(report: Report, number: int) -> Attachment:
    """The report as a file of a letter: xarf-1.json."""
    what = f"XARF {VERSION} report ({report.type}) on {report.source_identifier}"
    return Attachment(f"xarf-{number}.json", MEDIA_TYPE, encoded(report), what)


def report_id(case_id: str, address: str, made_at: str) -> str:
    """A UUID that is the same whenever the same letter is written again."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"ringfence:{case_id}/{address}/{made_at}"))


def confidence(source: Suspect) -> float:
    """The probability that the source's weight stands for: 10 dB are 10 to 1, so 0.91.

    Never above 0.99, because rules err. At most 0.5 where the address is not proven: that
    somebody attacked is as sure as ever, but not that he had this address.
    """
    ratio = 10 ** (min(source.weight_db, 100.0) / 10)
    surest = _FORGEABLE if source.proven == "none" else _SUREST
    return min(round(ratio / (1 + ratio), 2), surest)


def _type(source: Suspect, port: int | None) -> str:
    type_ = next((type_ for kind, type_ in _TYPES.items() if kind in source.kinds), None)
    if type_ is None:
        raise LetterError(f"No XARF for {source.address}: the format has no type for forged calls")
    if port is not None or type_ == _NEEDS_NO_PORT:
        return type_
    if type_ == "port_scan":
        return _NEEDS_NO_PORT
    raise LetterError(f"No XARF for {source.address}: the format asks for its port, not known here")


def _port(source: Suspect, busiest: Stream | None) -> int | None:
    ports = (*(busiest.ports if busiest else ()), *source.ports)
    return next((port for port in ports if 0 < port < 65536), None)


def _protocol(source: Suspect, busiest: Stream | None, type_: str) -> str:
    carrier = _CARRIERS.get(busiest.transport.lower()) if busiest else None
    if carrier is None and source.proven == "tcp":
        carrier = "tcp"
    if carrier is None:
        raise LetterError(
            f"No XARF for {source.address}: the format asks for UDP or TCP, not known"
        )
    return "mixed" if carrier == "sctp" and type_ == _NEEDS_NO_PORT else carrier


def _of_type(report: Report, source: Suspect) -> Report:
    """The report with the fields that only its type has."""
    if report.type == _NEEDS_NO_PORT:
        scan = "vulnerability_scan" if "exploit" in source.kinds else "service_enumeration"
        return replace(report, scan_type=scan, total_requests=max(source.messages, 1))
    if report.type == "ddos":
        return replace(report, attack_vector="sip_flood", duration_seconds=_duration_s(source))
    return report


def _duration_s(source: Suspect) -> int:
    first, last = map(datetime.fromisoformat, (source.first_seen, source.last_seen))
    return max(1, round((last - first).total_seconds()))


def _party(victim: Victim) -> Party:
    if not victim.email:
        raise LetterError(
            "No XARF: the format asks for your mail address (settings.toml, victim.email)"
        )
    contact = as_mailbox(victim.email)
    domain = contact.rpartition("@")[2]
    org = victim.organisation or victim.name or domain
    return Party(cut(shown(org), _MAX_ORGANISATION), contact, domain)


def _tags(source: Suspect) -> tuple[str, ...]:
    kinds = [f"attack:{kind}" for kind in KINDS if kind in source.kinds]
    return ("service:sip", *kinds, f"proof:{_proof(source)}")


def _description(source: Suspect, case_id: str) -> str:
    did = listed([KINDS.get(kind, told(kind, 32)) for kind in source.kinds])
    got = []
    if source.guesses:
        got.append(count(source.guesses, "password guess", "password guesses"))
    if source.accounts_taken:
        got.append(count(len(source.accounts_taken), "account") + " taken")
    if source.calls_total:
        got.append(count(source.calls_total, "fraudulent call") + " answered")
    names = [f"User-Agent {told(name, 64)!r}" for name in source.claimed_user_agents[:1]]
    parts = [count(source.messages, "SIP message"), *got, *names, PROOFS[_proof(source)][0]]
    text = f"SIP {did} against a telephone system: {'; '.join(parts)}. Case {case_id}."
    return cut(shown(text), _MAX_DESCRIPTION)


def _proof(source: Suspect) -> str:
    return source.proven if source.proven in PROOFS else "none"


def _evidence(excerpt: Excerpt) -> Evidence:
    lines = [shown(line) for line in excerpt.text.replace("\r\n", "\n").split("\n")]
    whole = "\n".join(lines).encode()
    octets = whole[:MAX_EVIDENCE_OCTETS].decode(errors="ignore").encode()
    cut_ = ", its beginning" if excerpt.cut or len(octets) < len(whole) else ""
    what = (
        f"SIP message{cut_}, {excerpt.time}, from {excerpt.source} to "
        f"{end_of(excerpt.destination)} over "
        f"{excerpt.transport.upper()}; secrets and names of real users replaced"
    )
    return Evidence(
        content_type="text/plain",
        description=cut(shown(what), _MAX_WHAT),
        payload=base64.b64encode(octets).decode(),
        hash=f"sha256:{hashlib.sha256(octets).hexdigest()}",
        size=len(octets),
    )
