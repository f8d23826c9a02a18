"""What every command has with the shell: exit statuses, the captures named, how it fails."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

NOTHING_FOUND = 0
ATTACKERS_FOUND = 1
ERROR = 2

Captures = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="Captures: pcap, pcapng, also .gz .xz .zst; - is standard input."
    ),
]


def warn(text: str) -> None:
    """Print one line on standard error."""
    from ringfence.model.text import shown

    typer.echo(f"ringfence: {shown(text)}", err=True)


def fail(text: str) -> NoReturn:
    """Print one line on standard error and stop with status 2."""
    warn(text)
    raise typer.Exit(ERROR)


def say_if_slow() -> None:
    """Say that the kernels are not compiled, where they are not."""
    import ringfence

    if not ringfence.compiled():
        typer.echo(
            "ringfence: runs interpreted, and slower: its kernels are not compiled", err=True
        )
