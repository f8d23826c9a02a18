"""`ringfence generate`: strong PINs, IDs and passwords; to print them is its purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.shell import fail
from ringfence.model.generating import What, Wish

# More than a phone system has extensions is a slip of the finger.
_MOST = 10_000
_LONGEST = 128


def generate(
    what: Annotated[What, typer.Argument(help="pin, id or password.")],
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, max=_MOST, help="How many, each on a line.")
    ] = 1,
    extension: Annotated[
        str, typer.Option("--for", metavar="EXTENSION", help="For whom: nothing of it is in them.")
    ] = "",
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE",
            help="Settings as of `ringfence audit`: none of their secrets is repeated; may be "
            "repeated.",
        ),
    ] = None,
    keypad: Annotated[
        bool, typer.Option("--keypad", help="A password that is easy to type on a phone.")
    ] = False,
    length: Annotated[
        int, typer.Option(metavar="SIGNS", min=0, max=_LONGEST, help="How long; 0: the usual.")
    ] = 0,
) -> None:
    """Print strong secrets that break no rule of the audit.

    Exit status: 0 printed, 2 error.
    """
    from ringfence.flow.generating import generate

    if keypad and what is not What.PASSWORD:
        fail(f"--keypad is for passwords: of a PIN and an ID every sign can be typed ({what})")
    wish = Wish(what, count, extension, keypad, length)
    try:
        made = generate(wish, [Path(source) for source in against or ()])
    except (OSError, ValueError) as error:
        fail(str(error))
    typer.echo("\n".join(made))
