"""Servers on loopback that play registry: HTTP with every vice, WHOIS, DNS."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Play:
    """What is played back for one path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    # "": whole; "endless": more and more; "drip": an octet now and then, for ever;
    # "silent": nothing at all; "cut": less than was promised; "headers": a head without end.
    vice: str = ""


@dataclass
class Seen:
    """One question that arrived."""

    path: str
    headers: dict[str, str]


class Registry:
    """An HTTP server; `plays` by path, several of one path in turn, the last one stays."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.plays: dict[str, list[Play]] = {}
        self.seen: list[Seen] = []
        self.over = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.scheme = "http"
        if tls is not None:
            self.scheme = "https"
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"

    def play(self, path: str, *plays: Play) -> None:
        """Play these back, one after the other."""
        self.plays[path] = list(plays)

    def next(self, path: str) -> Play:
        """What is to be played back now."""
        waiting = self.plays.get(path, [])
        if not waiting:
            return Play(b"{}", 404)
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def _handler(registry: Registry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.seen.append(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}))
            play = registry.next(self.path)
            with contextlib.suppress(OSError):
                _play(self, play, registry.over)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silence."""

    return Handler


def _play(handler: BaseHTTPRequestHandler, play: Play, over: threading.Event) -> None:
    if play.vice == "silent":
        over.wait(20)
        return
    if play.vice == "headers":
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.02):
            handler.wfile.write(b"X-More: more\r\n")
        return
    handler.send_response(play.status)
    for name, value in play.headers.items():
        handler.send_header(name, value)
    if not play.vice:
        handler.send_header("Content-Length", str(len(play.body)))
    if play.vice == "cut":
        handler.send_header("Content-Length", str(len(play.body) + 100))
    handler.end_headers()
    handler.wfile.write(play.body)
    if play.vice == "endless":
        while not over.is_set():
            handler.wfile.write(b" " * 65_536)
    while play.vice == "drip" and not over.wait(0.02):
        handler.wfile.write(b" ")


@contextmanager
def registry(tls: ssl.SSLContext | None = None) -> Iterator[Registry]:
    """A registry that plays while the block runs."""
    one = Registry(tls)
    thread = threading.Thread(target=one.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.over.set()
        one.server.shutdown()
        one.server.server_close()
        thread.join()


@contextmanager
def whois_server(answer: Callable[[str], bytes], *, hold: bool = False) -> Iterator[int]:
    """A WHOIS server; gives its port. `hold` keeps the connection open after the answer."""
    over = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            question = self.rfile.readline(1000).decode().strip()
            with contextlib.suppress(OSError):
                self.wfile.write(answer(question))
                if hold:
                    over.wait(20)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dns_server(texts: dict[str, list[str]], asked: list[str] | None = None) -> Iterator[int]:
    """A name server that knows these TXT records, and no other name; gives its port."""
    import dns.flags
    import dns.message
    import dns.rcode
    import dns.rrset

    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                octets, sender = server.recvfrom(4096)
            except OSError:
                return
            if octets == b"end":
                return
            question = dns.message.from_wire(octets)
            name = question.question[0].name.to_text(omit_final_dot=True)
            if asked is not None:
                asked.append(name)
            reply = dns.message.make_response(question)
            reply.flags |= dns.flags.RA
            if name.lower() in texts:
                quoted = ['"' + t.replace('"', "") + '"' for t in texts[name.lower()]]
                reply.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "TXT", *quoted))
            else:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            server.sendto(reply.to_wire(), sender)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = server.getsockname()[1]
    try:
        yield port
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", ("127.0.0.1", port))
        thread.join()
        server.close()
