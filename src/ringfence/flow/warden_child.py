"""The warden without a service manager: started by the guard as root, and ended with it.

How it works: the socket is made, a keeper is started with it, and this process gives its
own rights up. The keeper, which reads nothing from anybody, starts the warden, and starts
it again when it dies: the guard itself could not any more. Both end when the pipe to the
guard does, however the guard died; what is blocked stays so.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from ringfence.flow.log_lines import ERROR, LogLines
from ringfence.flow.warden_socket import NAME, listening

COMMAND = (sys.executable, "-P", "-m", "ringfence", "guard", "firewall")
KEEP = "--keep"
# Until a warden that died is started again; doubled while it does not live for a minute.
AGAIN_S, MOST_S, LIVED_S = 0.5, 30.0, 60.0
_END_S = 25.0  # longer than one nft may take


@contextmanager
def child(run: Path, store: str | None = None, command: Sequence[str] = COMMAND) -> Iterator[Path]:
    """A warden that serves the path until the end, or until this process dies.

    Raises FirewallError where the socket cannot be made; a warden that does not start says
    why in its log, and its questions are refused.
    """
    ours, theirs = os.pipe()
    try:
        with listening(run / NAME) as listener:
            process = subprocess.Popen(  # noqa: S603  an argument list, no shell
                [*command, *_options(listener, ours, store), KEEP],
                pass_fds=(listener.fileno(), ours), stdin=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is for the guard, which then ends them
            )  # fmt: skip
            os.close(ours)
            ours = -1
            try:
                yield run / NAME
            finally:
                os.close(theirs)
                theirs = -1
                _wait(process)
    finally:
        for one in (ours, theirs):
            if one >= 0:
                os.close(one)


def keep(listener: socket.socket, stop: int, log: LogLines, command: Sequence[str]) -> None:
    """Have a warden there, started by this command, until `stop` is at its end."""
    pause_s = AGAIN_S
    while True:
        began = monotonic()
        process = subprocess.Popen(  # noqa: S603  an argument list, no shell
            command, pass_fds=(listener.fileno(), stop), stdin=subprocess.DEVNULL
        )
        over = os.pidfd_open(process.pid)
        try:
            ready, _, _ = select.select([over, stop], [], [])
        finally:
            os.close(over)
        if stop in ready:
            _wait(process)
            return
        status = process.wait()
        pause_s = AGAIN_S if monotonic() - began >= LIVED_S else min(pause_s * 2, MOST_S)
        log.say("warden_died", ERROR, status=status, again_in_s=pause_s, what="blocks hold")
        if select.select([stop], [], [], pause_s)[0]:
            return


def _options(listener: socket.socket, stop: int, store: str | None) -> list[str]:
    options = ["--fd", str(listener.fileno()), "--until", str(stop)]
    return options if store is None else [*options, "--store", store]


def _wait(process: subprocess.Popen[bytes]) -> None:
    """It ends by the pipe; who does not is killed."""
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
