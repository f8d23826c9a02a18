"""The case folder: everything that a victim needs after one command, whole or not at all.

How it works: the folder is written under another name beside its place and renamed
when it is complete. The captures are read again for what the first reading did not
keep: the timeline and the decisive exchanges, who shares an attacker's address, the
packets as evidence, and the same redacted. Order matters only where one part names
another: the blocks and the list of files go into the report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ringfence.flow.blocking import look_at_sharing, plan_blocks
from ringfence.flow.casebook import TOOL, now
from ringfence.flow.evidence import seal_evidence, seal_options, stamp_evidence
from ringfence.flow.investigation import CaptureError, Investigation, Owner
from ringfence.flow.messages import export_messages
from ringfence.flow.report import render_html, render_pdf, retell
from ringfence.flow.twin import write_twin
from ringfence.model.dossier import Dossier, FolderFile
from ringfence.model.evidence import EvidenceError
from ringfence.model.question import Question
from ringfence.sources.capture_file import STANDARD_INPUT

if TYPE_CHECKING:
    from ringfence.model.evidence import Sealed
    from ringfence.model.incident import Incident
    from ringfence.model.measure import BlockFile

EVIDENCE, OTHERS, BLOCK = "evidence", "for-others", "block"
_BAG = f"{EVIDENCE}/bag-0001"


class FolderError(Exception):
    """The case folder cannot be written: names the place, why, and what to do."""


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """What the owner wants of the folder."""

    include_original: bool = False
    key_file: str | None = None
    timestamp_url: str | None = None
    authority_file: str | None = None
    block_for: timedelta | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """What was written."""

    path: str
    sealed: Sealed
    blocks: int
    problems: tuple[str, ...]


def write_folder(
    found: Investigation,
    paths: list[str],
    owner: Owner,
    case_id: str,
    target: Path,
    returning: tuple[str, ...] = (),
    options: FolderOptions = FolderOptions(),
) -> CaseFolder:
    """Write the folder of a case to `target`, which must not be there. Raises FolderError."""
    from ringfence.evidence.folder import whole_folder

    if STANDARD_INPUT in paths:
        raise FolderError(
            "a case folder needs files that can be read again: save standard input first "
            "(`cat > capture.pcap`), then investigate that file"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_folder(target) as part:
            made = _write(part, found, paths, owner, case_id, returning, options)
        return _stamped(replace(made, path=str(target)), target, options)
    except (EvidenceError, CaptureError, OSError, ValueError) as error:
        raise FolderError(str(error)) from error


def _write(
    part: Path,
    found: Investigation,
    paths: list[str],
    owner: Owner,
    case_id: str,
    returning: tuple[str, ...],
    options: FolderOptions,
) -> CaseFolder:
    from ringfence.respond.block.folder import block_files

    incident = found.incident
    timeline, exchanges = retell(paths, incident)
    sharing = look_at_sharing(paths, incident)
    plan = plan_blocks(
        found, owner, case_id, datetime.now(UTC), lasts=options.block_for, sharing=sharing
    )
    blocks = block_files(plan, options.device)
    _write_blocks(part / BLOCK, blocks)
    _write_incident(part / "incident.json", incident)
    sealed = _seal(part, incident, paths, case_id, options)
    others = part / OTHERS
    others.mkdir()
    twin = write_twin(paths, incident, others / "attackers.pcapng")
    _write_incident(others / "incident.json", twin.incident)
    export_messages([str(others / "attackers.pcapng")], Question(), "csv", str(others / "messages.csv"))
    dossier = Dossier(
        case_id=case_id,
        made_at=now(),
        tool=TOOL,
        incident=incident,
        timeline=timeline,
        exchanges=exchanges,
        files=(*_FILES, *_block_notes(blocks), *_evidence_notes(part)),
        returning=returning,
        plan=plan,
    )
    problems = [*sealed.problems, *_write_reports(part, dossier)]
    _, fit = retell([str(others / "attackers.pcapng")], _without_places(twin.incident))
    _write_reports(
        others,
        replace(
            dossier,
            incident=twin.incident,
            exchanges=fit,
            files=_FILES_FOR_OTHERS,
            returning=(),
            plan=None,
            redacted=True,
        ),
    )
    return CaseFolder("", sealed, len(plan.blocks), tuple(problems))


def _without_places(incident: Incident) -> Incident:
    """The document for a reading of other packets: its clues name those of the originals."""
    return replace(
        incident,
        suspects=[
            replace(s, clues=[replace(clue, messages=[]) for clue in s.clues])
            for s in incident.suspects
        ],
    )


def _seal(
    part: Path, incident: Incident, paths: list[str], case_id: str, options: FolderOptions
) -> Sealed:
    addresses = tuple(suspect.address for suspect in incident.suspects)

    def add(data: Path) -> None:
        for form in _message_forms():
            export_messages(paths, Question(addresses=addresses), form, str(data / f"messages.{form}"))

    sealing = seal_options(
        case_id,
        key=options.key_file,
        originals=tuple(paths) if options.include_original else (),
    )
    return seal_evidence(str(part / EVIDENCE), incident, paths, sealing, now, add)


def _message_forms() -> tuple[str, ...]:
    """CSV always; Parquet where DuckDB is installed."""
    from importlib.util import find_spec

    return ("csv", "parquet") if find_spec("duckdb") else ("csv",)


def _stamped(made: CaseFolder, target: Path, options: FolderOptions) -> CaseFolder:
    """With a time stamp when one is wanted; the folder stands whether or not it comes."""
    if not options.timestamp_url:
        return made
    try:
        at = stamp_evidence(
            str(target / _BAG), options.timestamp_url, options.key_file, options.authority_file
        )
    except EvidenceError as error:
        return replace(made, problems=(*made.problems, f"no time stamp: {error}"))
    return replace(made, sealed=replace(made.sealed, stamped_at=at))


def _write_incident(path: Path, incident: Incident) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(incident), indent=2) + b"\n")


def _write_blocks(folder: Path, blocks: tuple[BlockFile, ...]) -> None:
    folder.mkdir()
    for file in blocks:
        (folder / file.name).write_text(file.text, encoding="ascii", newline="\n")


def _write_reports(folder: Path, dossier: Dossier) -> list[str]:
    """Page and paper; what could not be written of it."""
    from ringfence.reports.pdf import PdfError

    (folder / "report.html").write_text(render_html(dossier), encoding="utf-8")
    try:
        (folder / "report.pdf").write_bytes(render_pdf(dossier))
    except PdfError as error:
        return [str(error)]
    return []


_FILES = (
    FolderFile("report.html", "this report; any browser opens it, it loads nothing", "you"),
    FolderFile("report.pdf", "the same on paper, to sign and to file", "you, police"),
    FolderFile("incident.json", "everything that was found, for scripts", "you"),
    FolderFile(f"{OTHERS}/report.html", "the report without your users", "anybody"),
    FolderFile(f"{OTHERS}/report.pdf", "the same on paper", "anybody"),
    FolderFile(
        f"{OTHERS}/attackers.pcapng", "the attackers' packets without your users", "abuse desk"
    ),
    FolderFile(f"{OTHERS}/messages.csv", "their messages as a table", "abuse desk"),
    FolderFile(f"{OTHERS}/incident.json", "what was found, without your users", "abuse desk"),
)
_FILES_FOR_OTHERS = tuple(
    replace(file, path=file.path.removeprefix(f"{OTHERS}/"))
    for file in _FILES
    if file.path.startswith(OTHERS)
)
_EVIDENCE_WORDS = {
    "README.md": "how to check the evidence with stock tools",
    "custody.jsonl": "who did what with it, when: each line holds the hash of the one before",
    "data/attackers.pcapng": "the attackers' packets and the answers, untouched, with comments",
    "data/messages.csv": "their messages as a table",
    "data/messages.parquet": "the same for DuckDB and the like",
    "data/incident.json": "what was found",
    "data/case.jsonld": "the same in CASE/UCO, for forensic tools",
    "data/originals": "your captures as they were: real users' data, for an officer only",
}


def _block_notes(blocks: tuple[BlockFile, ...]) -> tuple[FolderFile, ...]:
    return tuple(FolderFile(f"{BLOCK}/{file.name}", file.what, "you") for file in blocks)


def _evidence_notes(part: Path) -> tuple[FolderFile, ...]:
    return tuple(
        FolderFile(f"{_BAG}/{name}", words, "you, police, court's expert")
        for name, words in _EVIDENCE_WORDS.items()
        if (part / _BAG / name).exists()
    )
