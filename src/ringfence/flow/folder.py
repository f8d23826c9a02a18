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


@dataclass(frozen=True, slots=True)
class _Task:
    """What the folder is made from."""

    found: Investigation
    paths: list[str]
    owner: Owner
    case_id: str
    returning: tuple[str, ...]
    options: FolderOptions


def write_folder(
    found: Investigation,
    paths: list[str],
    owner: Owner,
    case_id: str,
    target: Path,
    returning: tuple[str, ...] = (),
    options: FolderOptions = FolderOptions(),
) -> CaseFolder:
    """Write the folder of a case to `target`; when it holds a case, what is new is added to it.

    Raises FolderError; then nothing half done is there.
    """
    from ringfence.evidence.folder import whole_folder

    if STANDARD_INPUT in paths:
        raise FolderError(
            "a case folder needs files that can be read again: save standard input first "
            "(`cat > capture.pcap`), then investigate that file"
        )
    task = _Task(found, paths, owner, case_id, returning, options)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if (target / EVIDENCE).is_dir():
            return _add(task, target)
        with whole_folder(target) as part:
            made = _write(task, part, part / EVIDENCE, EVIDENCE)
        bag = target / EVIDENCE / Path(made.sealed.path).name
        return _stamped(replace(made, path=str(target)), bag, options)
    except (EvidenceError, CaptureError, OSError, ValueError) as error:
        raise FolderError(str(error)) from error


def _add(task: _Task, target: Path) -> CaseFolder:
    """What a later capture told, beside what is there: nothing of that is touched."""
    from ringfence.evidence.folder import whole_folder

    number = sum(1 for _ in (target / EVIDENCE).glob("bag-*")) + 1
    place = target / f"addition-{number:04d}"
    with whole_folder(place) as part:
        made = _write(task, part, target / EVIDENCE, f"../{EVIDENCE}")
    return _stamped(replace(made, path=str(place)), Path(made.sealed.path), task.options)


def _write(task: _Task, part: Path, evidence: Path, evidence_is: str) -> CaseFolder:
    """Everything into `part`, but the evidence, whose place the report calls `evidence_is`."""
    from ringfence.respond.block.folder import block_files

    paths, incident, options = task.paths, task.found.incident, task.options
    timeline, exchanges = retell(paths, incident)
    plan = plan_blocks(
        task.found,
        task.owner,
        task.case_id,
        datetime.now(UTC),
        lasts=options.block_for,
        sharing=look_at_sharing(paths, incident),
    )
    blocks = block_files(plan, options.device)
    _write_blocks(part / BLOCK, blocks)
    write_incident(part / "incident.json", incident)
    others = part / OTHERS
    others.mkdir()
    packets = others / "attackers.pcapng"
    twin = write_twin(paths, incident, packets)
    write_incident(others / "incident.json", twin.incident)
    export_messages([str(packets)], Question(), "csv", str(others / "messages.csv"))
    sealed = _seal(task, evidence)
    bag = Path(sealed.path)
    dossier = Dossier(
        case_id=task.case_id,
        made_at=now(),
        tool=TOOL,
        incident=incident,
        timeline=timeline,
        exchanges=exchanges,
        files=(*_FILES, *_block_notes(blocks), *evidence_notes(bag, evidence_is)),
        returning=task.returning,
        plan=plan,
    )
    problems = [*sealed.problems, *write_reports(part, dossier)]
    if twin.packets.omitted:
        problems.append(
            f"{OTHERS}/attackers.pcapng holds the first messages of each attacker, "
            f"{twin.packets.messages:,} in all; {twin.packets.omitted:,} more are in {EVIDENCE}/"
        )
    write_reports(others, _for_others(dossier, twin.incident, packets))
    return CaseFolder("", sealed, len(plan.blocks), tuple(problems))


def _for_others(dossier: Dossier, incident: Incident, packets: Path) -> Dossier:
    """The same from what was redacted alone: nothing else can be in it."""
    _, exchanges = retell([str(packets)], without_places(incident))
    return replace(
        dossier,
        incident=incident,
        exchanges=exchanges,
        files=_FILES_FOR_OTHERS,
        returning=(),
        plan=None,
        redacted=True,
    )


def without_places(incident: Incident) -> Incident:
    """The document for a reading of other packets: its clues name those of the originals."""
    return replace(
        incident,
        suspects=[
            replace(s, clues=[replace(clue, messages=[]) for clue in s.clues])
            for s in incident.suspects
        ],
    )


def _seal(task: _Task, evidence: Path) -> Sealed:
    incident, options = task.found.incident, task.options
    addresses = tuple(suspect.address for suspect in incident.suspects)

    def add(data: Path) -> None:
        for form in _message_forms():
            out = str(data / f"messages.{form}")
            export_messages(task.paths, Question(addresses=addresses), form, out)

    sealing = seal_options(
        task.case_id,
        key=options.key_file,
        originals=tuple(task.paths) if options.include_original else (),
    )
    return seal_evidence(str(evidence), incident, task.paths, sealing, now, add)


def _message_forms() -> tuple[str, ...]:
    """CSV always; Parquet where DuckDB is installed."""
    from importlib.util import find_spec

    return ("csv", "parquet") if find_spec("duckdb") else ("csv",)


def _stamped(made: CaseFolder, bag: Path, options: FolderOptions) -> CaseFolder:
    """With a time stamp when one is wanted; the folder stands whether or not it comes."""
    if not options.timestamp_url:
        return made
    try:
        at = stamp_evidence(
            str(bag), options.timestamp_url, options.key_file, options.authority_file
        )
    except EvidenceError as error:
        return replace(made, problems=(*made.problems, f"no time stamp: {error}"))
    return replace(made, sealed=replace(made.sealed, stamped_at=at))


def write_incident(path: Path, incident: Incident) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(incident), indent=2) + b"\n")


def _write_blocks(folder: Path, blocks: tuple[BlockFile, ...]) -> None:
    folder.mkdir()
    for file in blocks:
        (folder / file.name).write_text(file.text, encoding="ascii", newline="\n")


def write_reports(folder: Path, dossier: Dossier) -> list[str]:
    """Page and paper; what could not be written of it."""
    from ringfence.reports.typeset import PdfError

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
    "data/custody.jsonl": "who did what with it, when: each line holds the hash of the one before",
    "data/attackers.pcapng": "the attackers' packets and the answers, untouched, with comments",
    "data/messages.csv": "their messages as a table",
    "data/messages.parquet": "the same for DuckDB and the like",
    "data/incident.json": "what was found",
    "data/case.jsonld": "the same in CASE/UCO, for forensic tools",
    "data/originals": "your captures as they were: real users' data, for an officer only",
}


def _block_notes(blocks: tuple[BlockFile, ...]) -> tuple[FolderFile, ...]:
    return tuple(FolderFile(f"{BLOCK}/{file.name}", file.what, "you") for file in blocks)


def evidence_notes(bag: Path, evidence_is: str) -> tuple[FolderFile, ...]:
    return tuple(
        FolderFile(f"{evidence_is}/{bag.name}/{name}", words, "you, police, court's expert")
        for name, words in _EVIDENCE_WORDS.items()
        if (bag / name).exists()
    )
