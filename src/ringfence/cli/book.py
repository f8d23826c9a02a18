"""The book of cases as commands open it, and how a case is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import fail

if TYPE_CHECKING:
    from ringfence.flow.casebook import Casebook

Store = Annotated[
    str | None,
    typer.Option(metavar="FILE|URL", help="The store; a file, or postgresql+psycopg://HOST/NAME."),
]
Name = Annotated[str, typer.Argument(metavar="CASE", help="Its number, or the end of it.")]


@contextmanager
def open_book(store: str | None) -> Iterator[Casebook]:
    """The book; what goes wrong with it is said, and the command ends."""
    from ringfence.flow.casebook import Casebook, CaseError, StoreError

    try:
        with Casebook(store) as book:
            yield book
    except (CaseError, StoreError, OSError) as error:
        fail(str(error))
