"""A drill from what a person asked to what he is told, with its journal; and its host.

The journal is a file of JSON lines below the user's data: each packet is written there when
it is sent, so that a drill that was killed has told what it did.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import IO

import msgspec

from ringfence.flow.drill.code import key_of, new_code
from ringfence.flow.drill.course import Course, Drill, unfinished
from ringfence.flow.drill.host import Host, addresses_of, listening, serve
from ringfence.flow.drill.line import Line
from ringfence.flow.drill.stands import stands_about
from ringfence.flow.moment import utc
from ringfence.flow.places import default_store, places, runtime_folder
from ringfence.model.drill import Drilled, DrillError, Sent, Step
from ringfence.model.text import shown

JOURNAL = "drills.jsonl"
# Of a drill a day this lasts for years; then it begins anew.
_MAX_JOURNAL = 8 * 1024 * 1024


def drill(
    pbx: str,
    code: str,
    course: Course,
    source: str = "",
    confirm: Callable[[str], bool] | None = None,
    tell: Callable[[Step], object] = lambda _: None,
) -> Drilled:
    """Drill; `tell` gets each step when it is done. Ctrl-C ends it. Raises DrillError, OSError."""
    mark = secrets.token_hex(8)
    try:
        key = key_of(code) if code else b""
    except ValueError as error:
        raise DrillError(f"{error}; nothing was sent") from None
    course = replace(course, addresses=resolved(pbx), drill=mark, key=key)
    at = utc(datetime.now(UTC))
    steps: list[Step] = []
    stopped = False
    with _journal() as journal:
        line = Line(source, lambda sent: _write(journal, mark, sent))
        try:
            for step in Drill(course, line, confirm).steps():
                steps.append(step)
                tell(step)
        except KeyboardInterrupt:
            stopped = True
            steps += unfinished(steps)
    return Drilled(pbx, mark, at, tuple(steps), tuple(line.sent), stopped)


def hold_token(
    named: Iterable[str], port: int, run: str | None, store: str | None,
    show: Callable[[str, tuple[str, ...], datetime], object], report: Callable[[str], None],
) -> None:  # fmt: skip
    """Make a code, `show` it, and answer for it until its end. Raises DrillError, OSError."""
    folder = Path(run) if run else runtime_folder()
    book = store or default_store()
    addresses, code, now = addresses_of(named), new_code(), datetime.now(UTC)
    if not folder.is_dir():
        report(f"{shown(str(folder))} is not there: no guard runs here, or name its --run")
        folder.mkdir(mode=0o750, parents=True)
    host = Host(
        key_of(code), addresses, now, folder,
        lambda address, since: stands_about(folder, book, address, since),
        lambda: secrets.token_hex(16),
    )  # fmt: skip
    sockets = listening(port)
    try:
        stands_about(folder, book, addresses[0], utc(now))  # what it takes is loaded by now
        show(code, addresses, host.until)
        serve(host, sockets, report, lambda address: _lift(address, book, report))
    finally:
        for one in sockets:
            one.close()


def _lift(address: str, store: str, report: Callable[[str], None]) -> None:
    """End what holds against who drilled; whoever may not do that is told how."""
    from ringfence.flow.casebook import Casebook, CaseError, StoreError
    from ringfence.flow.firewall import Firewall, FirewallError, MeasureError

    try:
        with Casebook(store) as book:
            ended = Firewall(book).release(address, "a drill of yours is over")
    except (CaseError, StoreError, FirewallError, MeasureError, OSError) as error:
        report(f"the block of {address} holds: {shown(str(error))}; ringfence unblock {address}")
        return
    if ended:
        report(f"{address} is no longer blocked: its drill is over")


def resolved(pbx: str) -> tuple[str, ...]:
    """Its addresses, the first of each version of IP. Raises DrillError."""
    try:
        return (str(ip_address(pbx)),)
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(pbx, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise DrillError(f"{shown(pbx)} has no address: {error}; nothing was sent") from error
    first: dict[int, str] = {}
    for family, _, _, _, where in found:
        first.setdefault(family, str(where[0]).partition("%")[0])
    return tuple(first[one] for one in (socket.AF_INET, socket.AF_INET6) if one in first)


def _journal() -> IO[bytes]:
    folder = places().data
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / JOURNAL
    how = os.O_TRUNC if path.exists() and path.stat().st_size > _MAX_JOURNAL else os.O_APPEND
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600), "ab", buffering=0)


def _write(journal: IO[bytes], mark: str, sent: Sent) -> None:
    journal.write(msgspec.json.encode({"drill": mark, **msgspec.to_builtins(sent)}) + b"\n")
