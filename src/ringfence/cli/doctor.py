"""`ringfence doctor`: whether this machine is ready for the guard, and how the guard does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import ERROR
from ringfence.model.finding import FAIL, OK, worst
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.model.finding import Finding

SCHEMA = "ringfence.doctor/1"
SOMETHING_FAILS = 1


def doctor(
    json: Annotated[
        bool, typer.Option("--json", help="Print the findings as one JSON object.")
    ] = False,
) -> None:
    """Look whether this machine can be guarded and is, and say what to do; change nothing.

    Exit status: 0 nothing fails, 1 something fails, 2 error.
    """
    from datetime import UTC, datetime

    from ringfence.flow.doctor.examination import examine
    from ringfence.flow.machine import Machine

    try:
        findings = examine(Machine(), datetime.now(UTC))
    except OSError as error:
        typer.echo(f"ringfence: {shown(str(error))}", err=True)
        raise typer.Exit(ERROR) from error
    typer.echo(as_json(findings) if json else "\n".join(lines(findings)))
    if worst(findings) == FAIL:
        raise typer.Exit(SOMETHING_FAILS)


def lines(findings: list[Finding]) -> list[str]:
    """A line for each, and below it what to do."""
    found = []
    for one in findings:
        found.append(shown(f"{one.state.upper():4}  {one.check}: {one.says}"))
        if one.do and one.state != OK:
            found.append(shown(f"      > {one.do}"))
    bad = {state: sum(one.state == state for one in findings) for state in ("warn", "fail")}
    last = f"{bad['fail']} to repair, {bad['warn']} to look at" if any(bad.values()) else "all well"
    return [*found, last]


def as_json(findings: list[Finding]) -> str:
    """All of it for a program."""
    import msgspec

    return msgspec.json.encode(
        {"schema": SCHEMA, "worst": worst(findings), "findings": findings}
    ).decode()
