"""The door as a service of two processes: one reads what strangers send, one may open.

    strangers ─▶ front: HTTP, no rights, not root, writes no file
                   │ one question, one answer: look or open, a token, an address
                   ▼
                 keeper: the secret, the journal, two sets of the firewall; hears only the front

Who takes over the front has no secret to sign with: without a link that somebody was given he
opens nothing. The certificate's key he has, as any web server has.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import ctypes
import os
import resource
import select
import signal
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Protocol, Self

import msgspec

from ringfence.flow.door_server import LOOK, OPEN, TIMEOUT_S, DoorServer
from ringfence.flow.privileges import PrivilegeError, drop_privileges
from ringfence.model.door import Answer, DoorError
from ringfence.model.endpoint import Address, plain_address
from ringfence.model.text import shown

MAX_FRAME = 1024
EVERY_S = 60.0
_NOBODY = 65534
_PR_SET_PDEATHSIG = 1
_READY_S = 10.0
# Connections, the listener, the channel, Python's own.
_MAX_FILES = 256


class _Question(msgspec.Struct, forbid_unknown_fields=True):
    word: str
    token: str
    address: str


class Keeping(Protocol):
    """What the keeper does: `Doors`."""

    def look(self, token: str, address: str) -> Answer:
        """What a link would open."""

    def open(self, token: str, address: str) -> Answer:
        """Use a link."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; of `::` for both families. Raises DoorError."""
    address = plain_address(host)
    if address is None or not 0 <= port < 65536:
        raise DoorError("listen at an address and a port, like [::]:8443")
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=64, dualstack_ipv6=host == "::",
        )  # fmt: skip
    except OSError as error:
        raise DoorError(f"{host}, port {port}: {error.strerror}") from error


def tls_of(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or better with this certificate. Raises DoorError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or getattr(error, "reason", None) or "not readable"
        raise DoorError(f"{certificate} with {key}: {why}") from None
    return context


class Service:
    """Front and keeper. In a with statement, or `stop` it."""

    def __init__(
        self,
        listening: socket.socket,
        keeping: Keeping,
        tls: ssl.SSLContext | None,
        behind: Address | None,
        refresh: Callable[[], None] = lambda: None,
    ) -> None:
        """Starts the front: comes before any thread. Raises DoorError."""
        self._keeping, self._refresh = keeping, refresh
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._channel.close()
            try:
                _front(listening, theirs, tls, behind, parent)
            finally:  # whatever it was: the child never goes on as the keeper
                os._exit(1)
        listening.close()
        theirs.close()
        self._stopping = False
        self._channel.settimeout(_READY_S)
        try:
            said = self._channel.recv(MAX_FRAME)
        except OSError:
            said = b""
        if said != b"ready":
            self.stop()
            raise DoorError(said.decode("utf-8", "replace") or "the page could not be served")

    def run(self) -> None:
        """Answer the front until it ends, or until `stop`; refresh once a minute."""
        refreshing: Thread | None = None
        due = time.monotonic()
        while not self._stopping:
            if time.monotonic() >= due and (refreshing is None or not refreshing.is_alive()):
                refreshing = Thread(target=self._refresh, name="door-refresh", daemon=True)
                refreshing.start()
                due = time.monotonic() + EVERY_S
            with contextlib.suppress(ValueError, OSError):
                if not select.select([self._channel], [], [], 0.5)[0]:
                    continue
            try:
                octets = self._channel.recv(MAX_FRAME + 1)
                if not octets:
                    return
                self._channel.send(answer_to(octets, self._keeping))
            except OSError:
                return

    def stop(self) -> None:
        """Both end."""
        self._stopping = True
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = 0
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def answer_to(octets: bytes, keeping: Keeping) -> bytes:
    """What the keeper says: the question is a stranger's, whoever passed it on."""
    try:
        question = msgspec.json.decode(octets[:MAX_FRAME], type=_Question)
        asked = {LOOK: keeping.look, OPEN: keeping.open}[question.word]
        return msgspec.json.encode(asked(question.token, question.address))
    except (msgspec.MsgspecError, KeyError, ValueError, OSError):  # DoorError is a ValueError
        return b"null"


def asking(channel: socket.socket) -> Callable[[str, str, str], Answer]:
    """The front's side of it."""

    def ask(word: str, token: str, address: str) -> Answer:
        try:
            channel.send(msgspec.json.encode(_Question(word, token, address)))
            answer = msgspec.json.decode(channel.recv(MAX_FRAME), type=Answer | None)
        except msgspec.MsgspecError:
            answer = None
        except OSError:  # a late answer would be taken for that to the next question
            channel.close()
            answer = None
        if answer is None:
            raise DoorError("the door could not be opened")
        return answer

    return ask


def give_up_rights() -> None:
    """Not root, no groups, no capability, no new one, no file that grows. Raises PrivilegeError."""
    for codec in ("ascii", "idna", "latin-1"):  # nobody may be unable to read Python's own files
        codecs.lookup(codec)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    drop_privileges(())
    for limit, most in (
        (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, _MAX_FILES),
    ):  # fmt: skip
        resource.setrlimit(limit, (most, most))


def _front(
    listening: socket.socket,
    channel: socket.socket,
    tls: ssl.SSLContext | None,
    behind: Address | None,
    parent: int,
) -> None:
    """The child's whole life. It never outlives the keeper."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        server = DoorServer(listening, asking(channel), tls, behind)
        give_up_rights()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            return
        channel.send(b"ready")
        channel.settimeout(TIMEOUT_S + 20)
        asyncio.run(server.serve())
    except (DoorError, PrivilegeError, OSError) as error:
        with contextlib.suppress(OSError):
            channel.send(shown(str(error))[:500].encode())
