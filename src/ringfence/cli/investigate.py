"""`ringfence investigate`: captures in; the first screen, the document, the case folder out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.owner import Home, Known, Pbx, RatesFile, Trunk, owner_of
from ringfence.cli.shell import (
    ATTACKERS_FOUND,
    ERROR,
    NOTHING_FOUND,
    Captures,
    fail,
    say_if_slow,
    warn,
)
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.flow import CaseFolder, FolderOptions, Investigation, Owner
    from ringfence.model.case import Returning
    from ringfence.model.incident import Incident
    from ringfence.model.responsible import Responsible

_STANDARD_INPUT = "-"
# Longer than this is no stopgap (respond/plan.py).
_MAX_BLOCK_DAYS = 365


def investigate(
    files: Captures,
    json: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write the incident document (JSON) there; - prints it alone."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no first screen.")] = False,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="The case folder; ./ringfence-CASE when attackers are found. One that holds a "
            "case is added to.",
        ),
    ] = None,
    folder: Annotated[
        bool, typer.Option("--folder/--no-folder", help="Write a case folder, and file the case.")
    ] = True,
    include_original: Annotated[
        bool,
        typer.Option("--include-original", help="Copy the captures into the evidence as well."),
    ] = False,
    timestamp: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Have the evidence time stamped (RFC 3161) there."),
    ] = None,
    authority: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Root certificate (PEM) of that authority."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="FILE", help="The key that seals, not your usual one.")
    ] = None,
    block_days: Annotated[
        int,
        typer.Option(
            metavar="DAYS", min=1, max=_MAX_BLOCK_DAYS, help="How long the block lists last."
        ),
    ] = 7,
    device: Annotated[
        str | None,
        typer.Option(metavar="IF", help="Network interface whose ingress nftables drops at."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="FILE|URL", help="Where cases are filed; see `ringfence case`."),
    ] = None,
    who: Annotated[
        bool, typer.Option("--who", help="Ask registries who answers for the suspects.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="With --who: only what is remembered.")
    ] = False,
    registry: Annotated[
        str | None,
        typer.Option(
            metavar="URL|DIR", help="With --who: an exercise, as of `ringfence who --registry`."
        ),
    ] = None,
    pbx: Pbx = None,
    trunk: Trunk = None,
    known: Known = None,
    home: Home = None,
    rates: RatesFile = None,
) -> None:
    """Read captures; say who attacks, whether they got in, and who only needs help.

    Where there are attackers, a case folder is left: report, sealed evidence, a redacted
    twin for others, block lists. Exit status: 0 nothing found, 1 attackers or suspects
    found, 2 error.
    """
    from ringfence import flow

    if not quiet:
        say_if_slow()
    if out is not None and _STANDARD_INPUT in files:
        fail("--out: standard input cannot be read again for the folder: save it to a file first")
    if (offline or registry is not None) and not who:
        fail("--offline and --registry say how --who asks: add --who")
    owner = owner_of(pbx, trunk, known, home, rates)
    try:
        found = flow.investigate(files, owner)
        asked: list[Responsible] = []
        if who:
            from ringfence.flow.attribution import attribute

            asked = _ask(found.incident, offline, registry, store)
            found = replace(found, incident=attribute(found.incident, asked))
        if json is not None:
            _write_json(found.incident, json)
    except (flow.CaptureError, flow.OwnerError, OSError) as error:
        fail(str(error))
    alone = json == "-" or quiet
    options = flow.FolderOptions(
        include_original, key, timestamp, authority, timedelta(days=block_days), device
    )
    wanted = _Wanted(out, store, options, asked, says=not alone)
    suspects = found.incident.suspects
    is_case = any(s.verdict == "attacker" for s in suspects)
    can_be_kept = json != "-" and _STANDARD_INPUT not in files
    if folder and ((suspects and out is not None) or (is_case and can_be_kept)):
        failed = _keep(found, files, owner, wanted)
    else:
        failed = False
        _show(found, wanted)
        if out is not None and folder:
            warn(f"nobody is accused, so {out} is not written")
    if failed and out is not None:
        raise typer.Exit(ERROR)
    raise typer.Exit(ATTACKERS_FOUND if suspects else NOTHING_FOUND)


def _ask(
    incident: Incident, offline: bool, registry: str | None, store: str | None
) -> list[Responsible]:
    """Who answers for the suspects; what goes wrong there costs a message."""
    from ringfence.flow.attribution import ask_about
    from ringfence.model.responsible import WhoOptions

    total = len(incident.suspects)
    shows = total > 0 and not offline and sys.stderr.isatty()
    notes: list[str] = []

    def progress(number: int) -> None:
        if shows:
            told = f"\rasked about {number:,} of {total:,}"
            typer.echo(told, err=True, nl=number == total)

    options = WhoOptions(offline=offline, registry=registry)
    asked = ask_about(incident, options, store, notes, progress)
    for note in notes:
        warn(note)
    return asked


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for beside the verdict."""

    out: str | None
    store: str | None
    options: FolderOptions
    asked: Sequence[Responsible]  # who answers, where registries were asked
    says: bool


def _keep(found: Investigation, files: list[str], owner: Owner, wanted: _Wanted) -> bool:
    """Show the verdict, write the folder, file the case; whether any of that failed.

    The verdict comes first and whatever happens: nothing that was found is lost.
    """
    from ringfence import flow

    failed = False
    book = None
    returning: tuple[Returning, ...] = ()
    case_id = flow.name_case(found.incident)
    try:
        book = flow.Casebook(wanted.store)
        returning = book.returning(found.incident)
    except flow.StoreError as error:
        failed = True
        warn(str(error))
    target = Path(wanted.out or f"ringfence-{case_id}")
    _show(found, wanted, _notes(case_id, target, returning))
    try:
        folder = _write_folder(found, files, owner, case_id, target, returning, wanted)
    except flow.FolderError as error:
        folder = None
        failed = True
        warn(f"no case folder: {error}")
    if book is not None:
        with book:
            try:
                docket = book.file(
                    found.incident, str(Path(folder.path).absolute()) if folder else None
                )
                book.record_attribution(docket.case, wanted.asked)
            except (flow.StoreError, flow.CaseError) as error:
                failed = True
                warn(str(error))
    return failed


def _write_folder(
    found: Investigation,
    files: list[str],
    owner: Owner,
    case_id: str,
    target: Path,
    returning: tuple[Returning, ...],
    wanted: _Wanted,
) -> CaseFolder | None:
    from ringfence import flow

    if wanted.out is None and target.exists():
        if wanted.says:
            typer.echo(f"{shown(str(target))} is there already and stays as it is")
        return None
    if wanted.says and sys.stderr.isatty():
        typer.echo("Writing the folder ...", err=True)
    made = flow.write_folder(
        found, files, owner, case_id, target, tuple(r.case_id for r in returning), wanted.options
    )
    for problem in made.problems:
        warn(problem)
    if wanted.says:
        _tell(made)
    return made


def _tell(made: CaseFolder) -> None:
    sealed = made.sealed
    typer.echo(f"Written; seal {sealed.seal}")
    if sealed.key_is_new:
        typer.echo(f"Sealed with a new key: {sealed.key}")
    if sealed.stamped_at:
        typer.echo(f"Time stamp: {sealed.stamped_at}")


def _notes(case_id: str, target: Path, returning: tuple[Returning, ...]) -> list[str]:
    """Lines of the first screen about the case."""
    notes = [f"Case {case_id}: open {shown(str(target))}/report.html"]
    if returning:
        earlier = ", ".join(back.case_id for back in returning[:2])
        more = f" and {len(returning) - 2:,} more" if len(returning) > 2 else ""
        notes.insert(0, f"The same hand as in {earlier}{more}: it came back.")
    return notes


def _show(found: Investigation, wanted: _Wanted, notes: list[str] | None = None) -> None:
    if wanted.says:
        from ringfence.cli.screen import show_first_screen

        show_first_screen(found.incident, notes=notes or [])


def _write_json(document: object, where: str) -> None:
    import msgspec

    octets = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    if where == "-":
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
    else:
        Path(where).write_bytes(octets)
