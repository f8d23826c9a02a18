"""A case as it stands now: its report again, with who answers and what is still to do.

How it works: the incident that was filed last is told anew, from the captures where
they are unchanged, else from the attackers' packets in the sealed evidence. It is a
view of the case and no evidence, so each writing replaces the one before, file by
file; nothing else of the case folder is touched.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from ringfence.flow.attribution import attribute
from ringfence.flow.casebook import TOOL, Casebook
from ringfence.flow.folder import (
    BLOCK,
    EVIDENCE,
    OTHERS,
    FolderError,
    evidence_notes,
    without_places,
    write_incident,
    write_reports,
)
from ringfence.flow.investigation import CaptureError
from ringfence.flow.report import retell
from ringfence.model.case import Case, CaseError
from ringfence.model.dossier import Dossier, FolderFile
from ringfence.model.follow_up import STEPS, FollowUp
from ringfence.model.incident import FollowUpStep, Incident
from ringfence.model.measure import Block, BlockPlan, Withheld
from ringfence.model.settings import Settings

STATUS = "status"
LETTERS = "letters"
# Letters that the report lists; the folder has all.
MAX_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Status:
    """What was written, and what was missing for it."""

    path: str
    problems: tuple[str, ...]


def standing(book: Casebook, case: Case, settings: Settings, made_at: str) -> Incident:
    """The incident that was filed last for a case, as it stands now. Raises CaseError.

    With who answers, as registries said since, and what is done and still to do.
    """
    filed = book.filed(case)
    if not filed:
        raise CaseError(f"{case.id} has no investigation: nothing can be reported")
    try:
        incident = msgspec.json.decode(filed[-1].incident, type=Incident)
    except msgspec.MsgspecError as error:
        raise CaseError(f"the incident of {case.id} cannot be read: {error}") from error
    if found := book.attribution(case):
        incident = attribute(incident, found)
    steps = book.follow_up(case, settings, made_at[:10])
    return replace(incident, follow_up=[_step(one) for one in steps])


def _step(one: FollowUp) -> FollowUpStep:
    return FollowUpStep(
        one.step, STEPS[one.step], one.network or None, one.state, one.says, one.due, one.at
    )


def folder_of(book: Casebook, case: Case) -> Path | None:
    """The latest folder of a case that is still there."""
    folders = [Path(one.folder) for one in book.filed(case) if one.folder]
    return next((whole_folder_of(folder) for folder in reversed(folders) if folder.is_dir()), None)


def report_case(
    book: Casebook, name: str, settings: Settings, made_at: str, out: str | None = None
) -> Status:
    """Write the report of a case as it stands now, into `out` or its folder's status/.

    Raises CaseError, StoreError, FolderError.
    """
    case = book.find(name)
    incident = standing(book, case, settings, made_at)
    folder = folder_of(book, case)
    if out is None and folder is None:
        raise CaseError(f"{case.id} has no folder that is still there: name one with --out DIR")
    return write_status(incident, case.id, made_at, folder, Path(out) if out else None)


def write_status(
    incident: Incident, case_id: str, made_at: str, folder: Path | None, out: Path | None = None
) -> Status:
    """The report on an incident that is already filled, into `out` or the folder's status/.

    Raises FolderError; then the report of before is still there.
    """
    target = out or (folder or Path()) / STATUS
    timeline_of, told_from, problems = _packets(incident, folder)
    try:
        timeline, exchanges = retell(timeline_of, told_from) if timeline_of else (None, {})
        dossier = Dossier(
            case_id=case_id,
            made_at=made_at,
            tool=TOOL,
            incident=incident,
            timeline=timeline,
            exchanges=exchanges,
            files=(*_OWN_FILES, *_files(folder, target)),
            plan=plan_of(incident, case_id, made_at, *([folder] if folder else [])),
        )
        problems += _replace_files(target, lambda part: _write(part, dossier))
    except (CaptureError, OSError) as error:
        raise FolderError(f"{target}: {error}") from error
    return Status(str(target), tuple(problems))


def whole_folder_of(folder: Path) -> Path:
    """The case folder of a folder: what came later lies within it as addition-0002."""
    inside = folder.name.startswith("addition-") and (folder.parent / EVIDENCE).is_dir()
    return folder.parent if inside else folder


# ---- what it is told from ----------------------------------------------------


def _packets(incident: Incident, folder: Path | None) -> tuple[list[str], Incident, list[str]]:
    """The files to read again, the incident for that reading, and what is wrong with them."""
    paths = [one.path for one in incident.inputs]
    if all(_sha256(path) == one.sha256 for path, one in zip(paths, incident.inputs, strict=True)):
        return paths, incident, []
    sealed = _sealed(incident, folder) if folder else None
    if sealed is None:
        says = (
            "the captures are gone or changed, and no sealed packets of them are there: "
            "the report has no timeline and no exchanges"
        )
        return [], incident, [says]
    says = f"the captures are gone or changed: told from the sealed packets, {sealed}"
    return [str(sealed)], without_places(incident), [says]


def _sha256(path: str) -> str:
    """Of a file; nothing for what is none."""
    try:
        if not Path(path).is_file():
            return ""
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


def _sealed(incident: Incident, folder: Path) -> Path | None:
    """The attackers' packets in the latest bag that was sealed of the same captures."""
    wanted = sorted(one.sha256 for one in incident.inputs)
    for bag in sorted((folder / EVIDENCE).glob("bag-*"), reverse=True):
        packets = bag / "data" / "attackers.pcapng"
        try:
            octets = (bag / "data" / "incident.json").read_bytes()
            sealed = msgspec.json.decode(octets, type=Incident)
        except (OSError, msgspec.MsgspecError):
            continue  # a bag of a note, or one that `ringfence verify` has to look at
        if packets.is_file() and sorted(one.sha256 for one in sealed.inputs) == wanted:
            return packets
    return None


# ---- what is beside it -------------------------------------------------------

_OWN_FILES = (
    FolderFile("report.html", "this report, as the case stood when it was made", "you"),
    FolderFile("report.pdf", "the same on paper", "you, police"),
    FolderFile("incident.json", "everything that is known by now, for scripts", "you"),
)
_OTHERS_WORDS = {
    "report.html": ("the report without your users", "anybody"),
    "attackers.pcapng": ("the attackers' packets without your users", "abuse desk"),
    "messages.csv": ("their messages as a table", "abuse desk"),
    "incident.json": ("what was found, without your users", "abuse desk"),
}


def _files(folder: Path | None, target: Path) -> Iterator[FolderFile]:
    """Files of the case folder; their names make sense in its status/ alone."""
    if folder is None or target.parent.resolve() != folder.resolve():
        return
    for file in sorted(folder.glob(f"{LETTERS}/*"))[:MAX_LETTERS]:
        if file.is_file():
            yield FolderFile(f"../{LETTERS}/{file.name}", _letter_words(file.name), "its receiver")
    for place in (folder, *sorted(folder.glob("addition-*"))):
        near = f"../{place.relative_to(folder)}/".replace("/./", "/")
        for file in sorted((place / BLOCK).glob("*")):
            yield FolderFile(f"{near}{BLOCK}/{file.name}", _block_words(file.name), "you")
        for name, (what, readers) in _OTHERS_WORDS.items():
            if (place / OTHERS / name).is_file():
                yield FolderFile(f"{near}{OTHERS}/{name}", what, readers)
    for bag in sorted((folder / EVIDENCE).glob("bag-*")):
        yield from evidence_notes(bag, f"../{EVIDENCE}")


_LETTER_WORDS = {
    "abuse": "to an abuse desk",
    "isp": "to your Internet provider",
    "noc-call": "to telephone from",
    "carrier": "to your SIP trunk's provider",
    "ic3": "answers for IC3's form",
    "fbi": "to the FBI's field office",
    "police": "to the police",
}
_FORMS = {".txt": "to read", ".eml": "as a mail", ".pdf": "on paper, to sign"}


def _letter_words(name: str) -> str:
    """What a file in letters/ is: letter to the police, on paper, to sign."""
    whom = next((w for kind, w in _LETTER_WORDS.items() if name.startswith(kind)), "of this case")
    form = None if name.endswith("-flowspec.txt") else _FORMS.get(Path(name).suffix)
    return f"letter {whom}, {form}" if form else f"goes with the letter {whom}"


def _block_words(name: str) -> str:
    if name.endswith(".md"):
        return "which list is for which firewall, how to load and to undo it"
    return "undoes a block list" if "undo" in name else "a block list; its first lines say how"


def plan_of(incident: Incident, case_id: str, made_at: str, *folders: Path) -> BlockPlan:
    """Whom the lists that were written drop: what the owner told about his users is in them."""
    lists = [file for folder in folders for file in folder.glob(f"**/{BLOCK}/addresses.txt")]
    listed = {line.strip() for file in lists for line in _lines(file)}
    why = (
        f"see {BLOCK}/README.md"
        if lists
        else "no block lists are there: `ringfence investigate` writes them from the captures"
    )
    attackers = [s.address for s in incident.suspects if s.verdict == "attacker"]
    return BlockPlan(
        case_id,
        made_at,
        tuple(Block(address, "", "") for address in attackers if address in listed),
        tuple(Withheld(address, why) for address in attackers if address not in listed),
    )


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []


# ---- writing -----------------------------------------------------------------


def _write(part: Path, dossier: Dossier) -> list[str]:
    write_incident(part / "incident.json", dossier.incident)
    return write_reports(part, dossier)


def _replace_files(target: Path, write: Callable[[Path], list[str]]) -> list[str]:
    """Write all files beside their place, then put each in place of the one before."""
    from ringfence.evidence.folder import flush_file, flush_folder

    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=target) as name:
        part = Path(name)
        problems = write(part)
        made = sorted(part.iterdir())
        for file in made:
            flush_file(file)
        for file in made:
            file.replace(target / file.name)
        # A page of today beside a paper of last week would be two stories.
        for stale in {one.path for one in _OWN_FILES} - {file.name for file in made}:
            (target / stale).unlink(missing_ok=True)
    flush_folder(target)
    return problems
