"""`ringfence case`: the cases that were filed, and what was done with them."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli import follow_up
from ringfence.cli.book import Name, Store, open_book
from ringfence.cli.settings import SettingsFile, settings_of
from ringfence.cli.shell import fail, warn
from ringfence.model.case import OPEN
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.model.case import Case, JournalEntry

case = typer.Typer(no_args_is_help=True, help="Cases that were filed: list, show, todo, reply …")
for command in (
    follow_up.todo,
    follow_up.done,
    follow_up.skip,
    follow_up.undo,
    follow_up.reply,
    follow_up.letters,
    follow_up.desks,
):
    case.command()(command)

Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the journal.")]


@case.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="Only those: open, closed, merged.")
    ] = None,
    store: Store = None,
) -> None:
    """List cases, newest first."""
    from ringfence.model.case import STATES

    if state is not None and state not in STATES:
        fail(f"--state {state}: one of {', '.join(STATES)}")
    with open_book(store) as book:
        cases = book.cases(state)
    if not cases:
        typer.echo("no cases; `ringfence investigate FILE` files one when it finds attackers")
    for one in cases:
        typer.echo(f"{one.id:19} {one.state:7} {one.opened_at[:10]}  {shown(one.title)}")


@case.command()
def show(name: Name, store: Store = None) -> None:
    """Show one case: who, since when, its folders, its follow-up, the end of its journal."""
    with open_book(store) as book:
        one = book.find(name)
        lines = follow_up.summary(book, one) if one.state == OPEN else []
        sources, filed, journal = book.sources(one), book.filed(one), book.journal(one)
    typer.echo(f"{one.id}  {one.state}  {shown(one.title)}")
    typer.echo(f"opened {one.opened_at}, changed {one.changed_at}")
    if one.merged_into:
        typer.echo(f"part of {one.merged_into}")
    for source in sources[:_SHOWN]:
        times = f"{source.first_seen[:19]}Z to {source.last_seen[:19]}Z"
        typer.echo(f"  {shown(source.address):39} {source.verdict:8} {times}")
    _rest(len(sources), "addresses")
    for folder in dict.fromkeys(one.folder for one in filed if one.folder):
        there = "" if Path(folder).is_dir() else "  (no longer there)"
        typer.echo(f"folder {shown(folder)}{there}")
    for line in lines:
        typer.echo(line)
    _print_journal(journal[-_SHOWN:])


@case.command()
def journal(name: Name, store: Store = None) -> None:
    """Show everything that was done with a case."""
    with open_book(store) as book:
        _print_journal(book.journal(book.find(name)))


@case.command()
def note(
    name: Name,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What was done: 'phoned NOC'.")],
    store: Store = None,
) -> None:
    """Write something into the journal."""
    with open_book(store) as book:
        _done(book.note(name, text), "noted")


@case.command()
def close(name: Name, why: Why = "", store: Store = None) -> None:
    """Close a case; steps that are still open are told, not asked for."""
    with open_book(store) as book:
        left = follow_up.left_open(book, book.find(name))
        _done(book.close(name, why), "closed")
    if left:
        typer.echo(fill(f"still open: {'; '.join(left)}", 80, subsequent_indent="  "))


@case.command()
def reopen(name: Name, why: Why = "", store: Store = None) -> None:
    """Open a closed case again."""
    with open_book(store) as book:
        _done(book.reopen(name, why), "open again")


@case.command()
def merge(
    name: Name,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The case that it is part of.")],
    store: Store = None,
) -> None:
    """Make one case a part of another."""
    with open_book(store) as book:
        _done(book.merge(name, into), "now holds both")


@case.command()
def export(
    name: Name,
    out: Annotated[str, typer.Option(metavar="FILE", help="Where to; - is standard output.")] = "-",
    store: Store = None,
) -> None:
    """Write everything that is known of a case as JSON."""
    with open_book(store) as book:
        octets = book.export(name)
        if out == "-":
            sys.stdout.buffer.write(octets)
            sys.stdout.buffer.flush()
        else:
            Path(out).write_bytes(octets)


@case.command()
def report(
    name: Name,
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Where to, in place of status/ in the case folder."),
    ] = None,
    settings: SettingsFile = None,
    store: Store = None,
) -> None:
    """Write the report of a case as it stands now: who answers, what is still to do."""
    from ringfence.flow import FolderError
    from ringfence.flow.casebook import now
    from ringfence.flow.status import report_case

    mine = settings_of(settings)
    with open_book(store) as book:
        try:
            made = report_case(book, name, mine, now(), out)
        except FolderError as error:
            fail(str(error))
    for problem in made.problems:
        warn(problem)
    typer.echo(f"open {shown(made.path)}/report.html")


# Lines of one sort that `show` prints.
_SHOWN = 10


def _rest(number: int, what: str) -> None:
    if number > _SHOWN:
        typer.echo(f"  and {number - _SHOWN:,} more {what}")


def _print_journal(entries: list[JournalEntry]) -> None:
    for entry in entries:
        typer.echo(f"{entry.at}  {shown(entry.who)}  {entry.kind}: {shown(entry.text)}")


def _done(one: Case, what: str) -> None:
    typer.echo(f"{one.id} {what}")
