"""The warden: the part that may change the firewall, and does it for the guard.

How it works: the process that reads strangers' octets has no CAP_NET_ADMIN. It asks this one,
over a Unix socket, for one of seven things; `warden_answers.py` checks and does them. A
question that fails is answered with its error. The newest connection counts: a guard that was
started again does not wait for the old one to end. What is in force stays so when either
side dies, for the kernel keeps it.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, Iterator

from ringfence.flow import warden_frames as frames
from ringfence.flow.log_lines import ERROR, INFO, WARNING, LogLines
from ringfence.flow.wall import Wall
from ringfence.flow.warden_answers import answers
from ringfence.flow.warden_socket import objection, peer
from ringfence.model.measure import FirewallError, MeasureError

# How often it is looked whether this process is to say that it lives.
TICK_S = 1.0
# A guard that does not take its answer within this time has gone, or hangs.
_SEND_S = 5.0
_READ_OCTETS = 1 << 16


def serve(
    waiting: socket.socket,
    wall: Wall,
    log: LogLines,
    stop: int,
    alive: Callable[[], object] = lambda: None,
) -> None:
    """Answer questions until `stop`, a file descriptor, can be read, or is at its end.

    `waiting` is listened to for connections, or is the only one. `alive` is called about
    once a second. Neither blocks nor tables are touched at the end.
    """
    with selectors.DefaultSelector() as selector:
        warden = _Warden(waiting, wall, log, selector)
        selector.register(stop, selectors.EVENT_READ)
        going = True
        while going:
            ready = {key.fd for key, _ in selector.select(TICK_S)}
            alive()
            going = warden.take(ready) and stop not in ready
        warden.hang_up()


class _Warden:
    """One connection at most; questions are answered in their order."""

    def __init__(
        self,
        waiting: socket.socket,
        wall: Wall,
        log: LogLines,
        selector: selectors.BaseSelector,
    ) -> None:
        self._wall, self._log, self._selector = wall, log, selector
        self._listener: socket.socket | None = None
        self._guard: socket.socket | None = None
        self._frames = frames.Frames()
        if waiting.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            self._listener = waiting
            waiting.settimeout(0)
            selector.register(waiting, selectors.EVENT_READ)
        else:
            self._connected(waiting)

    def take(self, ready: set[int]) -> bool:
        """Do what can be done now; whether anybody can come yet.

        What a guard said before it was killed counts: its questions come before its end, and
        before its successor.
        """
        if self._guard is not None and self._guard.fileno() in ready:
            self._read(self._guard)
        if self._listener is not None and self._listener.fileno() in ready:
            self._accept(self._listener)
        return self._listener is not None or self._guard is not None

    def hang_up(self) -> None:
        """Hear this guard no more."""
        if self._guard is not None:
            self._selector.unregister(self._guard)
            self._guard.close()
            self._guard = None

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # it is gone already
            return
        refused = objection(connection, listener)
        if refused:
            self._log.say("stranger_refused", WARNING, why=refused)
            connection.close()
            return
        if self._guard is not None:
            self._log.say("guard_replaced", WARNING, why="another one has connected")
            self.hang_up()
        self._connected(connection)

    def _connected(self, connection: socket.socket) -> None:
        connection.settimeout(_SEND_S)
        self._guard, self._frames = connection, frames.Frames()
        self._selector.register(connection, selectors.EVENT_READ)
        pid, uid, _ = peer(connection)
        self._log.say("guard_connected", INFO, pid=pid, uid=uid)

    def _read(self, guard: socket.socket) -> None:
        try:
            octets = guard.recv(_READ_OCTETS)
            asked = self._frames.take(octets)
        except (OSError, ValueError) as error:
            self._drop(str(error))
            return
        for question in asked:
            self._answer(guard, question)
        if not octets and self._guard is not None:
            self._log.say("guard_gone", WARNING, what="blocks hold; waiting for the next one")
            self.hang_up()

    def _answer(self, guard: socket.socket, question: bytes) -> None:
        for octets in self._answers(question):
            if self._guard is None:
                return  # what was asked is done, though nobody is there to hear of it
            try:
                guard.sendall(octets)
            except OSError as error:
                self._drop(str(error))

    def _answers(self, octets: bytes) -> Iterator[bytes]:
        """Never raises: whatever one question does, the next one is answered."""
        name = "question"
        try:
            question = frames.question_of(octets)
            name = type(question).__name__
            for answer in answers(self._wall, question):
                yield frames.frame(answer)
        except frames.ERRORS as error:
            self._log.say("failed", ERROR, what=name, why=str(error))
            yield frames.frame(frames.trouble_of(error))
        except (ValueError, RecursionError) as error:  # of the decoder, whose errors are ValueError
            self._log.say("not_understood", WARNING, why=str(error))
            yield frames.frame(frames.trouble_of(MeasureError(f"not understood: {error}")))
        except Exception as error:  # noqa: BLE001  the blocks of all the others depend on us
            said = f"{type(error).__name__}: {error}"
            self._log.say("fault", ERROR, what=name, why=said)
            told = FirewallError(f"a fault of ringfence, please report it: {said}")
            yield frames.frame(frames.trouble_of(told))

    def _drop(self, why: str) -> None:
        self._log.say("guard_dropped", WARNING, why=why)
        self.hang_up()
