"""`ringfence install | uninstall`: the guard put on this machine, and taken away."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import fail
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.flow.machine import Machine

_PACKAGED = "/usr/bin/ringfence"
Root = Annotated[
    Path, typer.Option(metavar="DIR", help="Below this folder, and nothing is started.")
]
Packaged = Annotated[bool, typer.Option("--packaged", hidden=True)]


def install(
    enforce: Annotated[
        bool | None,
        typer.Option("--enforce/--no-enforce", help="Block; or only watch, as at first."),
    ] = None,
    interface: Annotated[
        list[str] | None,
        typer.Option(
            "--interface", "-i", metavar="IF",
            help="Where to listen; found when not given. May be repeated.",
        ),
    ] = None,
    root: Root = Path("/"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    packaged: Packaged = False,
) -> None:  # fmt: skip
    """Put the guard on this machine: user, folders, settings, units; start it.

    Twice is once. Settings that are there stay as they are. Exit status: 0 done, 2 error.
    """
    from ringfence.flow.install.installing import Wish, install
    from ringfence.flow.install.record import InstallError

    machine = _machine(root, dry_run=dry_run)
    program = _PACKAGED if packaged else this_program()
    needs = () if packaged or root != Path("/") else _needs()
    wish = Wish(program, enforce, tuple(interface or ()), packaged, needs, dry_run)
    try:
        install(machine, wish, _say)
    except InstallError as error:
        fail(str(error))


def uninstall(
    purge: Annotated[
        bool, typer.Option("--purge", help="Cases, settings and the user, too.")
    ] = False,
    root: Root = Path("/"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    packaged: Packaged = False,
) -> None:
    """Take away what `install` made, and our tables of the firewall; cases stay.

    Exit status: 0 done, 2 error.
    """
    from ringfence.flow.install.record import InstallError
    from ringfence.flow.install.uninstalling import uninstall

    machine = _machine(root, dry_run=False)
    if purge and not yes:
        typer.confirm(
            "All cases and their evidence on this machine will be gone. Go on?", abort=True
        )
    try:
        uninstall(machine, _say, purge=purge, is_packaged=packaged)
    except InstallError as error:
        fail(str(error))


def _machine(root: Path, *, dry_run: bool) -> Machine:
    from ringfence.flow.machine import Machine

    if root == Path("/") and os.geteuid() != 0 and not dry_run:
        fail("this takes root: use sudo (or --dry-run, to see what would be done)")
    return Machine(root.absolute(), may_run=root == Path("/"))


def this_program() -> str:
    """The `ringfence` that this is, by its whole name."""
    called = Path(sys.argv[0]).absolute()
    return str(called if called.name == "ringfence" else Path(sys.prefix) / "bin/ringfence")


def _needs() -> tuple[str, ...]:
    """Interpreter and package: in a virtual environment they lie elsewhere."""
    import ringfence

    return (os.path.realpath(sys.executable), str(Path(ringfence.__file__).resolve()))


def _say(text: str) -> None:
    typer.echo(shown(text))
