"""`ringfence letter`: the letters that a case asks for, shown, kept, sent."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.book import Name, Store
from ringfence.cli.settings import SettingsFile, settings_of
from ringfence.cli.shell import fail, warn
from ringfence.model.letter import LETTER_KINDS
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ringfence.flow.casebook import Casebook
    from ringfence.flow.letters import KeptLetter, Letters

NOT_SENT = 1
# Of many letters these are told in full; all of them lie in the folder.
_TOLD = 12


def letter(
    case: Name,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(LETTER_KINDS) + ".")],
    network: Annotated[
        str | None,
        typer.Option(metavar="NETWORK", help="Only the letter about it: a prefix, an address."),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send it through your mail server; asks once.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before sending.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show it; write and send nothing.")
    ] = False,
    in_the_clear: Annotated[
        bool,
        typer.Option("--in-the-clear", help="Send without TLS to another machine all the same."),
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no registry: what the case knows must do.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask the registries again who answers.")
    ] = False,
    registry: Annotated[
        str | None,
        typer.Option(
            metavar="URL|DIR",
            help="An exercise, as of `ringfence who --registry`: nothing of it can be sent.",
        ),
    ] = None,
    settings: SettingsFile = None,
    store: Store = None,
) -> None:
    """Write the letters of a case: to abuse desks, ISP, carrier, police; send them if asked.

    Files are left in letters/ of the case folder. Exit status: 0 done, 1 something that was
    to be sent was not, 2 error.
    """
    from ringfence.flow import CaptureError
    from ringfence.flow.casebook import Casebook, CaseError, StoreError
    from ringfence.flow.letters import (
        LetterError,
        LetterOptions,
        as_shown,
        keep_letters,
        open_letters,
    )
    from ringfence.model.responsible import AttributionError, WhoOptions

    if send and dry_run:
        fail("--send and --dry-run: one of both")
    if (yes or in_the_clear) and not send:
        fail("--yes and --in-the-clear say how --send sends: add --send")
    notes: list[str] = []
    who = WhoOptions(offline=offline, fresh=fresh, registry=registry)
    options = LetterOptions(settings_of(settings), who, network)
    try:
        with Casebook(store) as book:
            written = open_letters(book, case, kind, options, notes)
            for note in notes:
                warn(note)
            if dry_run:
                _show(as_shown(written))
                return
            kept = keep_letters(book, written)
            _tell(kept)
            all_sent = not send or _send(
                book, written, kept, asks=not yes, in_the_clear=in_the_clear
            )
    except (
        LetterError, CaseError, StoreError, AttributionError, CaptureError, OSError,
    ) as error:  # fmt: skip
        fail(str(error))
    if not all_sent:
        raise typer.Exit(NOT_SENT)


def _show(texts: Sequence[str]) -> None:
    for number, text in enumerate(texts):
        if number:
            typer.echo("\n" + "=" * 72 + "\n")
        typer.echo(text, nl=False)


def _tell(kept: Sequence[KeptLetter]) -> None:
    for one in kept[:_TOLD]:
        to = ", ".join(one.letter.to)
        typer.echo(shown(one.letter.receiver) + (f" <{shown(to)}>" if to else ""))
        for path in one.files:
            typer.echo(f"  {shown(str(path))}")
        for remark in (*one.letter.remarks, *one.problems):
            typer.echo(f"  note: {shown(remark)}")
    if len(kept) > _TOLD:
        place = kept[0].files[0].parent
        typer.echo(f"and {count(len(kept) - _TOLD, 'letter')} more in {shown(str(place))}")


def _send(
    book: Casebook,
    written: Letters,
    kept: Sequence[KeptLetter],
    *,
    asks: bool,
    in_the_clear: bool,
) -> bool:
    """Whether everything was sent that was to be, to everybody."""
    from ringfence.flow.letters import LetterError, not_sendable, send_letter

    ready = []
    for one in kept:
        if why_not := not_sendable(written, one.letter):
            warn(f"not sent: {why_not}")
        else:
            ready.append(one)
    if not ready or (asks and not _agreed(written, ready)):
        warn("nothing was sent")
        return False
    all_sent = len(ready) == len(kept)
    for one in ready:
        to = shown(", ".join((*one.letter.to, *one.letter.copy)))
        try:
            sent = send_letter(book, written, one, in_the_clear=in_the_clear)
        except LetterError as error:  # the others are still to be sent
            warn(f"not sent to {to}: {error}")
            all_sent = False
            continue
        typer.echo(f"sent to {shown(', '.join(sent.accepted))}: {shown(sent.says)}")
        for refusal in sent.refused:
            warn(f"not taken for {refusal.mailbox}: {refusal.says}")
            all_sent = False
    return all_sent


def _agreed(written: Letters, ready: Sequence[KeptLetter]) -> bool:
    if not sys.stdin.isatty():
        fail("--send asks before it sends, and nobody can answer here: add --yes")
    typer.echo("")
    for one in ready:
        receivers = ", ".join((*one.letter.to, *one.letter.copy))
        typer.echo(f"To {shown(receivers)}: {shown(one.letter.subject)}")
    server = shown(written.options.settings.mail.server)
    return typer.confirm(f"Send {count(len(ready), 'letter')} through {server}?")
