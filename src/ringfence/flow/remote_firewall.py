"""The firewall as the guard has it: questions to the warden, which may change it.

How it works: one connection, one question at a time, an answer within ten seconds, a list of
all that is in force within a minute. Who does not answer is left, and called again with the
next question; every question may be asked again, for what is done already is not done twice.
"""

from __future__ import annotations

import errno
import math
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Self, TypeVar

import msgspec

from ringfence.flow import warden_frames as frames
from ringfence.flow.firewall import InForce, Shape
from ringfence.model.endpoint import Address
from ringfence.model.measure import FirewallError, Held, Measure, MeasureError, Withheld
from ringfence.model.text import shown

TIMEOUT_S = 10.0
# Whatever lists all that is in force has so many times longer: 65 536 blocks take ten seconds.
_LISTING_TIMES = 6
_READ_OCTETS = 1 << 16
_WHAT_TO_DO = (
    "what is blocked stays blocked until its time is over, nothing new is; see "
    "`systemctl status ringfence-firewall`, or start `ringfence guard firewall` as root"
)
_T = TypeVar("_T")


class RemoteFirewall:
    """A `Wall` behind a socket. For several threads; see `wall.Wall` for the rest."""

    def __init__(self, path: Path, timeout_s: float = TIMEOUT_S) -> None:
        self._path, self._timeout_s = path, timeout_s
        self._socket: socket.socket | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the next question calls again."""
        with self._lock:
            self._hang_up()

    # ------------------------------------------------- as Wall has them

    def stand(self, shape: Shape | None = None, *, anew: bool = False) -> bool:
        (made,) = self._answers(frames.Stand(shape, anew), 1, _LISTING_TIMES)
        return _decoded(made, bool)

    def restore(self) -> list[Measure]:
        return self._ask_all(frames.Restore(), list[Measure])

    def know(self, addresses: Iterable[Address], lasts: timedelta) -> None:
        seconds = math.ceil(lasts.total_seconds())
        names = (str(one) for one in addresses)
        while some := list(islice(names, frames.MAX_KNOWN)):
            self._ask(frames.Know(some, seconds), type(None))

    def apply(self, measures: Sequence[Measure]) -> tuple[list[Measure], list[Withheld]]:
        done: list[Measure] = []
        withheld: list[Withheld] = []
        for start in range(0, len(measures), frames.MAX_MEASURES):
            some = list(measures[start : start + frames.MAX_MEASURES])
            applied = self._ask(frames.Apply(some), frames.Applied)
            done += applied.done
            withheld += applied.withheld
        return done, withheld

    def release(self, address: str, why: str) -> list[Measure | Held]:
        ended = self._ask(frames.Release(address, why), frames.Released)
        return [*ended.measures, *ended.held]

    def look(
        self, heard: Mapping[str, int] | None = None, moved: Mapping[str, str] | None = None
    ) -> list[InForce]:
        loudest = sorted((heard or {}).items(), key=lambda item: -item[1])[: frames.MAX_TOLD]
        where = dict(islice((moved or {}).items(), frames.MAX_TOLD))
        return self._ask_all(frames.LookAgain(dict(loudest), where), list[InForce])

    def slowed(self) -> dict[str, int]:
        return self._ask(frames.Slowed(), dict[str, int])

    # ------------------------------------------------- questions

    def _ask(self, question: frames.Question, kind: type[_T]) -> _T:
        (answer,) = self._answers(question, 1)
        return _decoded(answer, kind)

    def _ask_all(self, question: frames.Question, kind: type[list[_T]]) -> list[_T]:
        found: list[_T] = []
        for answer in self._answers(question, frames.MAX_FRAMES, _LISTING_TIMES):
            found += _decoded(answer, kind)
        return found

    def _answers(self, question: frames.Question, most: int, times: int = 1) -> list[frames.Answer]:
        """All frames of the answer. Raises what the other end says, or FirewallError."""
        try:
            octets = frames.frame(question)
        except ValueError as error:
            raise MeasureError(f"too much for one question: {error}") from error
        with self._lock:
            try:
                found = list(self._exchange(octets, most, times * self._timeout_s))
            except (OSError, ValueError) as error:
                self._hang_up()
                said = self._said(error, times * self._timeout_s)
                raise FirewallError(f"{said}; {_WHAT_TO_DO}") from error
        trouble = found[-1].trouble
        if trouble is not None:
            raise frames.error_of(trouble)
        return found

    def _exchange(self, octets: bytes, most: int, timeout_s: float) -> Iterator[frames.Answer]:
        until = monotonic() + timeout_s
        connection = self._connection()
        connection.settimeout(timeout_s)
        connection.sendall(octets)
        heard = frames.Frames()
        number = 0
        while True:
            left = until - monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
            octets = connection.recv(_READ_OCTETS)
            if not octets:
                raise ConnectionResetError(errno.ECONNRESET, "it hung up")
            for one in heard.take(octets):
                number += 1
                answer = frames.answer_of(one)
                if number > most or (answer.more and number == most):
                    raise ValueError("it answers without end")
                yield answer
                if not answer.more:
                    return

    def _connection(self) -> socket.socket:
        """The one that stands, or a new one."""
        if self._socket is not None and _is_over(self._socket):
            self._hang_up()
        if self._socket is None:
            made = socket.socket(socket.AF_UNIX)
            made.settimeout(self._timeout_s)
            try:
                made.connect(str(self._path))
            except OSError:
                made.close()
                raise
            self._socket = made
        return self._socket

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _said(self, error: Exception, timeout_s: float) -> str:
        who = f"the part that may change the firewall ({self._path})"
        if isinstance(error, TimeoutError | BlockingIOError):
            return f"{who} did not answer within {timeout_s:.0f} s"
        if isinstance(error, FileNotFoundError | ConnectionError):
            return f"{who} does not run"
        if isinstance(error, PermissionError):
            return f"{who} may not be asked by this user"
        why = getattr(error, "strerror", None) or str(error)
        return f"{who} could not be asked: {shown(why)[:200]}"


def _is_over(connection: socket.socket) -> bool:
    """Whether the other end went meanwhile, or says what nobody asked."""
    connection.settimeout(0)  # or Python itself waits, whatever flags say
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _decoded(answer: frames.Answer, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(answer.value, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise FirewallError(
            f"the part that may change the firewall is of another version: {error}; start both "
            "parts again"
        ) from error
