"""`ringfence guard firewall`: the part with CAP_NET_ADMIN, which does what the guard asks."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.book import Store
from ringfence.cli.shell import fail

if TYPE_CHECKING:
    import socket

    from ringfence.flow.log_lines import LogLines


def guard_firewall(
    where: Annotated[
        Path | None,
        typer.Option("--socket", metavar="PATH", help="Where the guard asks; RUN/firewall.sock."),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder of a guard that runs.")
    ] = None,
    store: Store = None,
    fd: Annotated[int | None, typer.Option(hidden=True)] = None,
    until: Annotated[int | None, typer.Option(hidden=True)] = None,
    keep: Annotated[bool, typer.Option("--keep", hidden=True)] = False,
) -> None:
    """Change this machine's firewall for the guard, which may not do so itself.

    Runs until it is told to end; what is blocked then stays blocked until its time is over.
    Exit status: 0 it was told to end, 2 error.
    """
    from ringfence.flow.casebook import Casebook, CaseError, StoreError
    from ringfence.flow.firewall import Firewall, FirewallError
    from ringfence.flow.warden import serve

    log = _log()
    try:
        with ExitStack() as stack:
            stop = stack.enter_context(_told_to_end(until))
            waiting = stack.enter_context(_waiting(where, run, fd))
            if keep:
                _keep(waiting, stop, log)
                return
            book = stack.enter_context(Casebook(store))
            _ready(log, waiting)
            serve(waiting, Firewall(book), log, stop, _alive)
            log.say("ended", what="blocks hold until their time is over")
    except (FirewallError, StoreError, CaseError, OSError) as error:
        fail(str(error))


def _keep(waiting: socket.socket, stop: int, log: LogLines) -> None:
    """The same command without its option is the warden."""
    from ringfence.flow.warden_child import KEEP, keep

    words = (sys.executable, *sys.orig_argv[1:])
    keep(waiting, stop, log, [one for one in words if one != KEEP])


def _ready(log: LogLines, waiting: socket.socket) -> None:
    from ringfence.flow import service

    log.say("ready", socket=str(waiting.getsockname()))
    service.tell(service.READY, service.status("does what the guard asks"))


def _alive() -> None:
    from ringfence.flow import service

    service.tell(service.WATCHDOG)


def _log() -> LogLines:
    from datetime import UTC, datetime
    from time import monotonic

    from ringfence.flow.log_lines import LogLines

    return LogLines(sys.stderr.write, monotonic, lambda: datetime.now(UTC))


@contextmanager
def _waiting(where: Path | None, run: Path | None, fd: int | None) -> Iterator[socket.socket]:
    """The socket that was handed over, by the guard or by systemd; else one of our own."""
    import socket as sockets

    from ringfence.flow.places import runtime_folder
    from ringfence.flow.warden_socket import NAME, listening, passed

    handed = sockets.socket(fileno=fd) if fd is not None else passed(os.environ)
    if handed is not None:
        with handed:
            yield handed
        return
    with listening(where or (run or runtime_folder()) / NAME) as made:
        yield made


@contextmanager
def _told_to_end(until: int | None) -> Iterator[int]:
    """A file descriptor that can be read when this is to end: by a signal, or by our parent."""
    if until is not None:
        yield until
        return
    ours, theirs = os.pipe()
    before = {
        one: signal.signal(one, lambda *_: os.write(theirs, b"."))
        for one in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield ours
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        os.close(ours)
        os.close(theirs)
