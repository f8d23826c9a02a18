"""A machine with a JSON interface over TLS, played on loopback.

    with https_server(certificate, answer) as server: ...

`answer` gets each question and says what comes back; it knows nothing of what is tested.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from tests.mail_server import Certificate


@dataclass(frozen=True, slots=True)
class Asked:
    """One question."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body's object."""
        found: dict[str, object] = json.loads(self.body)
        return found

    @property
    def form(self) -> dict[str, str]:
        """The body's fields."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def login(self) -> str:
        """`user:password`, as it was sent."""
        return base64.b64decode(
            self.headers.get("authorization", "").removeprefix("Basic ")
        ).decode()


# A status and what is answered; octets go as they are.
Reply = tuple[int, object]
Answer = Callable[[Asked], Reply]


@dataclass(slots=True)
class Played:
    """Where it listens, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    @property
    def changes(self) -> list[Asked]:
        """Questions that change something."""
        return [one for one in self.asked if one.method != "GET" and "token" not in one.path]


@contextmanager
def https_server(certificate: Certificate, answer: Answer) -> Iterator[Played]:
    """The server, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            params = {name: values[0] for name, values in parse_qs(place.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            asked = Asked(self.command, place.path, params, headers, body)
            played.asked.append(asked)
            status, says = answer(asked)
            octets = says if isinstance(says, bytes) else json.dumps(says).encode()
            octets = b"" if status == 204 else octets
            self.send_response(status)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  names of http.server

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # who does not trust the certificate hangs up

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = certificate.context().wrap_socket(server.socket, server_side=True)
        played = Played(f"https://localhost:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield played
        finally:
            server.shutdown()
            thread.join(5)
