"""`ringfence logs`: what the PBX itself says, source by source."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import fail

if TYPE_CHECKING:
    from ringfence.model.event import Event
    from ringfence.model.heard import LogSummary, SourceSummary

_KINDS = ("asterisk", "freeswitch", "kamailio")
# The worst first.
_WORDS = {
    "refused": "refused",
    "no_account": "no such account",
    "not_allowed": "not allowed",
    "odd": "odd",
    "challenged": "challenged",
    "accepted": "accepted",
    "called": "called",
}
# Accounts of a source that are named, and how much of each.
_NAMED, _NAME = 4, 20


def logs(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Logs, also .gz .xz .zst; - is standard input."),
    ],
    kind: Annotated[
        str, typer.Option(metavar="KIND", help=f"Whose log it is: {', '.join(_KINDS)}.")
    ] = "",
    mark: Annotated[
        str, typer.Option(metavar="WORD", help="The word in Kamailio's xlog lines (docs/guard.md).")
    ] = "",
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="One event a line as JSON; - is standard output."),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="Show so many sources of each log.")
    ] = 20,
) -> None:
    """Read logs of Asterisk, FreeSWITCH or Kamailio: who asked for what, and how it went.

    Exit status: 0 also when nothing was found, 2 error.
    """
    from ringfence.flow.logs import LogError, read_log

    if kind and kind not in _KINDS:
        fail(f"--kind {kind}: kinds are {', '.join(_KINDS)}")
    try:
        with _events_to(json) as each:
            summaries = [read_log(file, kind, mark, each=each) for file in files]
    except LogError as error:
        fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        fail(f"{json}: {error.strerror}")
    for summary in summaries if json != "-" else ():
        _show(summary, limit)


@contextmanager
def _events_to(name: str | None) -> Iterator[Callable[[Event], None] | None]:
    """What writes an event as a line of JSON; None without a name."""
    if name is None:
        yield None
    elif name == "-":
        yield lambda event: _write(event, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with Path(name).open("wb") as stream:
            yield lambda event: _write(event, stream)


def _write(event: Event, stream: IO[bytes]) -> None:
    import msgspec

    stream.write(msgspec.json.encode(event) + b"\n")


def _show(summary: LogSummary, limit: int) -> None:
    from ringfence.model.text import count, shown

    heard = summary.heard
    read = f"{heard.origin}, {count(heard.lines, 'line')}"
    known = f"{heard.understood:,} of {heard.ours:,} about logins understood"
    lines = [f"{shown(summary.path)}: {read}, {known}"]
    lines += [f"  {often:,} not understood: {why}" for why, often in heard.not_understood]
    width = max((len(source.source) for source in summary.sources[:limit]), default=0)
    for source in summary.sources[:limit]:
        kinds = dict(source.kinds)
        said = [f"{kinds[kind]:,} {words}" for kind, words in _WORDS.items() if kind in kinds]
        lines.append(f"{source.source:{width}}  {', '.join(said)}")
        lines.append(f"{'':{width}}  {_when(source)}{_accounts(source)}")
    more = len(summary.sources) - limit
    if more > 0:
        lines.append(f"and {count(more, 'more source')}; --limit shows them")
    if summary.events_left:
        lines.append(f"and {count(summary.events_left, 'event')} of further sources")
    typer.echo("\n".join(lines))


def _when(source: SourceSummary) -> str:
    from ringfence.model.clock import utc

    first, last = utc(source.first_ns), utc(source.last_ns)
    if first is None or last is None:
        return "at an unknown time"
    first, last = first[:19].replace("T", " "), last[:19].replace("T", " ")
    end = last[11:] if last[:10] == first[:10] else last
    return f"{first} to {end} UTC"


def _accounts(source: SourceSummary) -> str:
    from ringfence.model.text import shown

    if not source.accounts:
        return ""
    some = ", ".join(shown(account[:_NAME]) for account in source.accounts_sample[:_NAMED])
    more = source.accounts - _NAMED
    return f"; accounts {some}{f' and {more:,} more' if more > 0 else ''}"
