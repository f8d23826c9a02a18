"""`ringfence export`: an incident in the formats in which others take it."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.owner import Known, Trunk, addresses_of
from ringfence.cli.shell import fail, warn
from ringfence.model.text import count

if TYPE_CHECKING:
    from ringfence.flow.exporting import Exported

# Addresses that are named for one reason; the others are counted.
_NAMED = 3


def export(
    name: Annotated[
        str, typer.Argument(metavar="CASE|FILE.json", help="A case, or an incident document.")
    ],
    form: Annotated[
        str, typer.Argument(metavar="FORMAT", help="stix, misp, case, abuseipdb or json.")
    ],
    out: Annotated[str, typer.Option(metavar="FILE", help="Where to; - is standard output.")] = "-",
    tlp: Annotated[
        str | None,
        typer.Option(metavar="TLP", help="clear, green, amber, amber+strict or red (stix, misp)."),
    ] = None,
    reporter: Annotated[
        str, typer.Option(metavar="NAME", help="Who reports; nobody is named when not given.")
    ] = "",
    trunk: Trunk = None,
    known: Known = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="FILE|URL", help="The store of cases, when it is not the usual one."),
    ] = None,
) -> None:
    """Write an incident as STIX 2.1, MISP, CASE/UCO, AbuseIPDB's list or JSON. Sends nothing.

    Exit status: 0 written, 2 error.
    """
    from ringfence.flow.casebook import CaseError, StoreError, now
    from ringfence.flow.exporting import ExportOptions, export_incident, find_incident
    from ringfence.model.export import ExportError

    if tlp is not None and form not in ("stix", "misp"):
        fail(f"--tlp {tlp}: only stix and misp carry it, {form} does not")
    users = addresses_of(trunk or [], "--trunk") + addresses_of(known or [], "--known")
    options = ExportOptions(form, (tlp or "amber").lower(), reporter, users)
    try:
        made = export_incident(find_incident(name, store), options, now())
        _write(made.octets, out)
    except (ExportError, CaseError, StoreError, OSError) as error:
        fail(str(error))
    for line in describe(made, tlp):
        warn(line)


def describe(made: Exported, wanted_tlp: str | None) -> list[str]:
    """What is not as asked for: who is not in it and why, and a TLP that was raised."""
    lines = []
    if made.tlp is not None and made.tlp != (wanted_tlp or "amber").lower():
        lines.append(f"an exercise: marked so, and TLP:{made.tlp.upper()}")
    reasons = Counter(one.reason for one in made.held_back)
    for reason, number in reasons.items():
        names = [one.address for one in made.held_back if one.reason == reason][:_NAMED]
        more = f" and {number - _NAMED:,} more" if number > _NAMED else ""
        lines.append(f"held back: {', '.join(names)}{more}: {reason}")
    if not made.sources:
        lines.append("nobody is in it")
    elif lines:
        lines.append(f"{count(made.sources, 'source')} written")
    return lines


def _write(octets: bytes, out: str) -> None:
    if out == "-":
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
    else:
        Path(out).write_bytes(octets)
