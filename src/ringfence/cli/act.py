"""`ringfence act`: what is done to an account that was taken: end-calls, lock, unlock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.book import Store, open_book
from ringfence.cli.settings import SettingsFile, settings_of
from ringfence.cli.shell import ERROR, fail
from ringfence.model.settings import SettingsError
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ringfence.flow.acting import Acting
    from ringfence.model.acting import Done

act = typer.Typer(
    no_args_is_help=True, help="An account was taken: end its calls, lock it, unlock it."
)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="As the phone system names it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
InCase = Annotated[
    str | None,
    typer.Option("--case", metavar="CASE", help="Note it in the journal of this case."),
]
_MOST_SHOWN = 20


@act.callback()
def _act() -> None:
    """An account was taken."""


@act.command("end-calls")
def end_calls(
    account: Account,
    dry_run: DryRun = False,
    yes: Yes = False,
    case: InCase = None,
    settings: SettingsFile = None,
    store: Store = None,
) -> None:
    """End all calls of an account, also those of its owner.

    Exit status: 0 none is left, 2 some would not end, or error.
    """
    with _acting(settings) as acting:
        calls = acting.calls(account)
        for where, call in calls[:_MOST_SHOWN]:
            typer.echo(shown(f"{where}: {call.what}"))
        if len(calls) > _MOST_SHOWN:
            typer.echo(f"and {len(calls) - _MOST_SHOWN:,} more")
        if not calls:
            typer.echo(f"{shown(account)} has no calls")
        if dry_run or not calls:
            return
        _ask(f"End {count(len(calls), 'call')} of {account}?", yes=yes)
        _tell(acting.end_calls(account), case, store)


@act.command()
def lock(
    account: Account,
    dry_run: DryRun = False,
    yes: Yes = False,
    case: InCase = None,
    settings: SettingsFile = None,
    store: Store = None,
) -> None:
    """Lock an account, so that nobody calls with it until its password is changed.

    Exit status: 0 it is locked, 2 it is not at some phone system, or error.
    """
    with _acting(settings) as acting:
        plans = acting.lock_says(account)
        for plan in plans:
            typer.echo(shown(f"{plan.where}: {plan.says}" if plan.ok else plan.says))
        if not any(plan.ok for plan in plans):
            raise typer.Exit(ERROR)
        if dry_run:
            return
        _ask(f"Lock {account}? (undo: ringfence act unlock {account})", yes=yes)
        _tell(acting.lock(account), case, store)


@act.command()
def unlock(
    account: Account,
    case: InCase = None,
    settings: SettingsFile = None,
    store: Store = None,
) -> None:
    """Undo a lock. Change the password of the account first."""
    with _acting(settings) as acting:
        _tell(acting.unlock(account), case, store)


@contextmanager
def _acting(file: str | None) -> Iterator[Acting]:
    """The phone systems of the settings; what goes wrong is said, and the command ends."""
    from ringfence.flow.acting import ActError, acting_of

    try:
        acting = acting_of(settings_of(file))
    except SettingsError as error:
        fail(str(error))
    if acting is None:
        fail("no phone system is named: [asterisk], [freeswitch] or [threecx] in the settings")
    try:
        yield acting
    except ActError as error:
        fail(str(error))
    finally:
        acting.close()


def _ask(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(shown(question)):
        raise typer.Exit


def _tell(done: Sequence[Done], case: str | None, store: str | None) -> None:
    for one in done:
        typer.echo(shown(f"{one.where}: {one.says}" if one.ok else f"NOT done: {one.says}"))
        if one.ok and one.undo:
            typer.echo(shown(f"  undo: {one.undo}"))
    if case is not None:
        with open_book(store) as book:
            for one in done:
                what = "done" if one.ok else "not done"
                book.note(case, shown(f"{what} at {one.where}: {one.says}"))
    if not all(one.ok for one in done):
        raise typer.Exit(ERROR)
