"""An incident, of a case or of a file, in the formats in which others take it.

How it works: `case` and `json` are the whole document, for the police and for one's own
scripts. `stix`, `misp` and `abuseipdb` leave the house: they are written from a
disclosure, a list of what is told. What strangers wrote goes into it as the redacted
document of the case folder has it, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ringfence.flow.casebook import TOOL, Casebook, CaseError, name_case
from ringfence.model.case import MERGED, Case
from ringfence.model.export import INCIDENT_FORMATS, TLPS, ExportError
from ringfence.model.incident import SCHEMA, Incident, Suspect

if TYPE_CHECKING:
    from ringfence.flow.investigation import Address
    from ringfence.model.measure import Withheld
    from ringfence.reports.exports.disclosure import Disclosure

# A document of all that a flood's thousand suspects did is some megabytes.
MAX_DOCUMENT = 256 * 1024 * 1024
# Documents of a case folder: of its first captures, and of what was added later.
_REDACTED = ("for-others/incident.json", "addition-*/for-others/incident.json")


@dataclass(frozen=True, slots=True)
class Exportable:
    """An incident to export: as it was filed, and as it may leave the house."""

    case_id: str
    captures: tuple[str, ...]  # SHA-256 of those that made the case
    incident: Incident
    for_others: Incident


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to write it."""

    form: str
    tlp: str = "amber"
    reporter: str = ""
    known: tuple[Address, ...] = ()  # trunks, users, offices: never told


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and for the owner alone: who is not in it, and why."""

    octets: bytes
    sources: int
    tlp: str | None
    held_back: tuple[Withheld, ...] = ()


def find_incident(name: str, store: str | None = None) -> Exportable:
    """The incident of a file, or of a case with what was merged into it.

    Raises ExportError, CaseError, StoreError.
    """
    path = Path(name)
    if path.suffix == ".json" or path.is_file():
        incident = read_incident(path)
        return Exportable(_named(incident), _captures(incident), incident, incident)
    from ringfence.cases.whole import combine

    with Casebook(store) as book:
        case = book.find(name)
        if case.state == MERGED:
            raise CaseError(f"{case.id} was merged into {case.merged_into}: export that one")
        parts = list(_parts(book, case))
    if not parts:
        raise ExportError(f"{case.id}: no investigation of it was filed")
    whole = combine([one for one, _ in parts])
    return Exportable(case.id, _captures(parts[0][0]), whole, combine([two for _, two in parts]))


def read_incident(path: Path) -> Incident:
    """An incident document. Raises ExportError."""
    try:
        if path.stat().st_size > MAX_DOCUMENT:
            raise ExportError(f"{path}: larger than {MAX_DOCUMENT >> 20} MiB, no incident document")
        return _decode(path.read_bytes())
    except OSError as error:
        raise ExportError(f"{path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise ExportError(
            f"{path}: no incident document of ringfence ({error}); "
            "`ringfence investigate CAPTURE --json FILE` writes one"
        ) from error


def export_incident(found: Exportable, options: ExportOptions, at: str) -> Exported:
    """Write it, at this moment (ISO 8601). Raises ExportError."""
    if options.form not in INCIDENT_FORMATS:
        raise ExportError(f"{options.form}: one of {', '.join(INCIDENT_FORMATS)}")
    if options.tlp not in TLPS:
        raise ExportError(f"--tlp {options.tlp}: one of {', '.join(TLPS)}")
    accused = len(found.incident.suspects)
    if options.form == "json":
        document = msgspec.json.format(msgspec.json.encode(found.incident), indent=2)
        return Exported(document + b"\n", accused, None)
    if options.form == "case":
        from ringfence.evidence.case_uco import write_case

        return Exported(write_case(found.incident, found.case_id, TOOL, at), accused, None)
    return _for_others(found, options, at)


def _for_others(found: Exportable, options: ExportOptions, at: str) -> Exported:
    if options.form == "abuseipdb":
        from ringfence.reports.exports.abuseipdb import PublicError, write_abuseipdb

        try:
            made = write_abuseipdb(_disclose(found, options, at, documentation=False))
        except PublicError as error:
            raise ExportError(str(error)) from error
        return Exported(made.octets, made.rows, None, made.held_back)
    from ringfence.reports.exports.misp import write_misp
    from ringfence.reports.exports.stix import write_stix

    told = _disclose(found, options, at, documentation=True)
    write = write_stix if options.form == "stix" else write_misp
    return Exported(write(told), len(told.sources), told.tlp, told.held_back)


def _disclose(
    found: Exportable, options: ExportOptions, at: str, *, documentation: bool
) -> Disclosure:
    """`documentation`: whether addresses of RFC 5737, where nobody lives, may be told."""
    from ringfence.attribute.special import why_special
    from ringfence.reports.exports.disclosure import Terms, disclose, instant

    moment = instant(at)
    if moment is None:
        raise ExportError(f"{at}: no moment like 2026-11-25T20:00:00Z")
    terms = Terms(found.case_id, found.captures, moment, options.reporter, options.tlp)
    objections = _objections(found.incident, options.known, moment)
    return disclose(
        found.for_others, terms, objections, partial(why_special, exercise=documentation)
    )


def _objections(incident: Incident, known: Sequence[Address], at: str) -> dict[str, str]:
    """What a block list would object to, but for proof: whom we accuse before others, too."""
    from ringfence.respond.plan import LASTS, plan_blocks

    proven = [replace(one, proven="nonce") for one in incident.suspects]
    moment = datetime.fromisoformat(at).astimezone(UTC)
    plan = plan_blocks(replace(incident, suspects=proven), known, (), "", moment, LASTS)
    return {one.address: one.reason for one in plan.withheld}


def _parts(book: Casebook, case: Case) -> Iterator[tuple[Incident, Incident]]:
    """The latest investigation of a case and of each that was merged into it; both forms."""
    for filed in book.investigations(case):
        incident = _decode(filed[-1].incident)
        folders = [f.folder for f in reversed(filed) if f.folder]
        yield incident, _for_strangers(incident, folders)


def _for_strangers(incident: Incident, folders: Iterable[str]) -> Incident:
    """As filed, with what strangers wrote as the case folder's redacted document has it."""
    for folder in dict.fromkeys(folders):
        for pattern in _REDACTED:
            for path in sorted(Path(folder).glob(pattern)):
                try:
                    found = read_incident(path)
                except ExportError:
                    continue
                if _same(found, incident):
                    pairs = zip(incident.suspects, found.suspects, strict=True)
                    return replace(incident, suspects=[_worded(*pair) for pair in pairs])
    return incident


def _same(redacted: Incident, incident: Incident) -> bool:
    """Whether both tell of the same captures and the same sources, in the same order."""
    return _captures(redacted) == _captures(incident) and (
        [(s.first_seen, s.messages, len(s.calls_answered)) for s in redacted.suspects]
        == [(s.first_seen, s.messages, len(s.calls_answered)) for s in incident.suspects]
    )


def _worded(suspect: Suspect, redacted: Suspect) -> Suspect:
    """Addresses and accounts stay: what is told of them is decided later."""
    calls = zip(suspect.calls_answered, redacted.calls_answered, strict=True)
    return replace(
        suspect,
        claimed_user_agents=redacted.claimed_user_agents,
        numbers_dialled=redacted.numbers_dialled,
        calls_answered=[replace(one, number=other.number) for one, other in calls],
    )


def _captures(incident: Incident) -> tuple[str, ...]:
    return tuple(sorted(one.sha256 for one in incident.inputs))


def _decode(octets: bytes) -> Incident:
    """Raises ValueError, msgspec.DecodeError."""
    incident = msgspec.json.decode(octets, type=Incident)
    if incident.schema != SCHEMA:
        raise ValueError(f"its schema is {incident.schema[:40]}, not {SCHEMA}")
    for address in incident.defended:
        ip_address(address)
    return incident


def _named(incident: Incident) -> str:
    try:
        return name_case(incident)
    except CaseError as error:
        raise ExportError(str(error)) from error
