"""`ringfence audit`: which secrets and settings of a phone system let strangers in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.owner import Known, Pbx, Trunk, owner_of
from ringfence.cli.shell import NOTHING_FOUND, fail
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from ringfence.flow.remedy import Remedy
    from ringfence.model.weakness import Audit

WEAKNESSES_FOUND = 1
_STANDARD_OUTPUT = "-"


def audit(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            help="Settings: 3CX or FreePBX CSV, pjsip.conf, sip.conf, FreeSWITCH's directory, "
            "Kamailio's table, a CSV; or a folder of them.",
        ),
    ] = None,
    capture: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="Try the digest answers in a capture, too; may be repeated."
        ),
    ] = None,
    incident: Annotated[
        str | None,
        typer.Option(
            "--incident",
            "--case",
            metavar="PATH",
            help="The attack's incident.json or case folder: what was tried comes first.",
        ),
    ] = None,
    breached: Annotated[
        bool,
        typer.Option(
            "--breached",
            help="Ask haveibeenpwned.com about each secret; five digits of its hash leave.",
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only this rule, extension, kind of secret or severity; may be repeated.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List every weakness, not only the worst.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no first screen.")] = False,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the audit document (JSON); - prints it alone."),
    ] = None,
    sarif: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write SARIF 2.1.0; - prints it alone.")
    ] = None,
    html: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the report as a page.")
    ] = None,
    pdf: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the report as PDF/A.")
    ] = None,
    fix: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Write new secrets there: for the phone system to load, and a sheet for users.",
        ),
    ] = None,
    xapi: Annotated[
        bool,
        typer.Option("--xapi", help="Read the users of your 3CX, as [threecx] of settings says."),
    ] = False,
    settings: Annotated[
        str | None, typer.Option(metavar="FILE", help="With --xapi: your settings.")
    ] = None,
    probe: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Ask your own phone system as a stranger would."),
    ] = None,
    mine: Annotated[
        bool, typer.Option("--mine", help="With --probe: this public address is yours.")
    ] = False,
    extension: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="With --probe: one that exists, to compare answers."),
    ] = None,
    pbx: Pbx = None,
    trunk: Trunk = None,
    known: Known = None,
    own: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NETWORK", help="With --capture: where your users are; may be repeated."
        ),
    ] = None,
) -> None:
    """Weigh every secret and setting of a phone system; say what to change first.

    Secrets are never shown. Exit status: 0 nothing found, 1 weaknesses found, 2 error.
    """
    from ringfence import flow
    from ringfence.flow.auditing import Further, audit
    from ringfence.flow.incident_document import read_incident
    from ringfence.flow.settings import load_settings
    from ringfence.model.audit_summary import only as those

    paths = [Path(source) for source in sources or ()]
    if not (paths or capture or xapi or probe):
        fail("nothing to look at: name settings, --capture FILE, --xapi or --probe HOST")
    owner = owner_of(pbx, trunk, known, None, None)
    try:
        found = audit(
            paths,
            capture or (),
            read_incident(Path(incident)) if incident else None,
            owner=owner,
            own=_networks(own or ()),
            ask_breached=breached,
            further=Further(
                load_settings(settings) if xapi else None, probe or "", mine, extension or ""
            ),
        )
        wanted = Wanted(json, sarif, html, pdf, fix, everything, quiet)
        tell(those(found, only or ()), wanted, _fixer(paths))
    except typer.Exit:  # a RuntimeError by its makers
        raise
    except (OSError, ValueError, RuntimeError, flow.CaptureError) as error:
        fail(str(error))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for beside the first screen."""

    json: str | None = None
    sarif: str | None = None
    html: str | None = None
    pdf: str | None = None
    fix: str | None = None
    everything: bool = False
    quiet: bool = False


Fixer = Callable[["Audit", Path], "Remedy"]


def tell(found: Audit, wanted: Wanted, fixer: Fixer) -> None:
    """Say what was found in every form that is wanted, and stop with the exit status."""
    alone = [name for name in (wanted.json, wanted.sarif) if name == _STANDARD_OUTPUT]
    if len(alone) > 1:
        fail("--json - and --sarif -: only one of them can be printed; name a file for the other")
    if not wanted.quiet and not alone:
        from ringfence.cli.audit_screen import show_audit

        show_audit(found, everything=wanted.everything)
    _write_reports(found, wanted)
    if wanted.fix is not None:
        remedy = fixer(found, Path(wanted.fix))
        for line in remedy_lines(remedy):
            typer.echo(line, err=bool(alone))
    raise typer.Exit(WEAKNESSES_FOUND if found.weaknesses else NOTHING_FOUND)


def remedy_lines(remedy: Remedy) -> list[str]:
    """What was written, how to load it, and that phones have to follow; no secret."""
    folder = shown(remedy.folder)
    secrets = count(remedy.secrets, "new secret")
    lines = [
        f"{secrets} for {count(remedy.extensions, 'extension')} in {folder}/ (readable by you only)"
    ]
    for name, load in remedy.files:
        lines += [f"  {folder}/{name}", f"      > {load}"]
    lines += [
        f"  {folder}/users.html",
        "      > Print it, cut along the lines, hand each strip to its user.",
        "Provision the phones of these extensions at once: with old passwords they are refused.",
        f"{folder}/READ-ME-FIRST.txt says it step by step. Delete the folder when all is done.",
    ]
    return [*lines, *(f"Not changed: {shown(why)}" for why in remedy.left)]


def _networks(texts: Sequence[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    from ipaddress import ip_network

    try:
        return tuple(ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise ValueError(f"--own: {error}") from None


def _write_reports(found: Audit, wanted: Wanted) -> None:
    from ringfence.flow import audit_report

    now = datetime.now(UTC)
    if wanted.json is not None:
        _put(wanted.json, audit_report.render_json(found))
    if wanted.sarif is not None:
        _put(wanted.sarif, audit_report.render_sarif(found))
    if wanted.html is not None:
        _put(wanted.html, audit_report.render_html(found, now))
    if wanted.pdf is not None:
        _put(wanted.pdf, audit_report.render_pdf(found, now))


def _put(where: str, octets: bytes) -> None:
    """Into a file that only its owner reads: it says where the weak spots are."""
    if where == _STANDARD_OUTPUT:
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
        return
    from ringfence.flow.private_file import write_over

    write_over(Path(where), octets)


def _fixer(paths: list[Path]) -> Fixer:
    """Who writes the folder, for these sources."""

    def fix(found: Audit, folder: Path) -> Remedy:
        from ringfence.flow.generating import maker_against, read_sources
        from ringfence.flow.remedy import write_remedy

        pbxes = read_sources(paths)
        return write_remedy(found, pbxes, maker_against(pbxes), paths, folder, datetime.now(UTC))

    return fix
