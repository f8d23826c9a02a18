"""Mail servers on loopback: aiosmtpd, which takes letters for real, and one of many vices.

    with mail_server(Desk(password="secret"), tls=certificate) as server: ...
    desk.letters[0].octets

Both know nothing of what is tested; `certificate_of` makes a root of its own each time.
"""

# ruff: noqa: ARG002  hooks have the signature that aiosmtpd calls

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "localhost"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's key with its certificate, which is its own root."""

    chain: Path  # key and certificate
    root: Path

    def context(self) -> ssl.SSLContext:
        """For a server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        return context


def certificate_of(folder: Path, name: str = HOST, days: int = 30) -> Certificate:
    """A certificate for this name that ends in so many days; a negative number: it has ended."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    chain, root = folder / f"{name}-chain.pem", folder / f"{name}-root.pem"
    chain.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    root.write_bytes(pem)
    return Certificate(chain, root)


@dataclass(frozen=True, slots=True)
class Received:
    """A letter that arrived."""

    sender: str
    receivers: tuple[str, ...]
    octets: bytes
    options: tuple[str, ...]  # of MAIL FROM
    user: str  # who had logged in
    secured: bool


@dataclass
class Desk:
    """What the server says yes and no to, and what arrived."""

    password: str = ""  # of anybody; "" asks for no login
    refused: dict[str, str] = field(default_factory=dict)  # by mailbox: "550 5.1.1 no such user"
    refused_senders: dict[str, str] = field(default_factory=dict)
    answer: str = "250 2.0.0 queued as 4F1"
    letters: list[Received] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)  # methods of logins

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM."""
        if refusal := self.refused_senders.get(address):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RCPT TO."""
        if refusal := self.refused.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The letter."""
        octets = envelope.original_content or b""
        login: object = session.auth_data
        user = login.login.decode() if isinstance(login, LoginPassword) else ""
        self.letters.append(
            Received(
                envelope.mail_from or "",
                tuple(envelope.rcpt_tos),
                octets,
                tuple(envelope.mail_options),
                user,
                _is_tls(server),
            )
        )
        return self.answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """A login: any user with the password."""
        assert isinstance(data, LoginPassword)
        self.attempts.append(mechanism)
        good = data.password == self.password.encode()
        return AuthResult(success=good, handled=False, auth_data=data if good else None)


def _is_tls(server: SMTP) -> bool:
    return (
        server.transport is not None and server.transport.get_extra_info("ssl_object") is not None
    )


@contextmanager
def mail_server(
    desk: Desk,
    *,
    tls: Certificate | None = None,
    starttls: Certificate | None = None,
    max_octets: int = 33_554_432,
    without: tuple[str, ...] = (),
    smtputf8: bool = True,
) -> Iterator[int]:
    """A server that takes letters; yields its port. TLS at once, after STARTTLS, or none."""
    controller = _Server(
        desk,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls.context() if tls else None,
        tls_context=starttls.context() if starttls else None,
        require_starttls=starttls is not None,
        auth_required=bool(desk.password),
        auth_require_tls=starttls is not None or tls is None,
        authenticator=desk.authenticate,
        auth_exclude_mechanism=without,
        data_size_limit=max_octets,
        enable_SMTPUTF8=smtputf8,
        server_hostname="mail.office.example",
    )
    with warnings.catch_warnings():
        # aiosmtpd counts TLS at once as none, and warns of a login over it.
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
        yield from _run(controller)


def _run(controller: Controller) -> Iterator[int]:
    controller.start()
    try:
        yield _port_of(controller)
    finally:
        controller.stop()


class _Server(Controller):
    """aiosmtpd's, at a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = _port_of(self)
        super()._trigger_server()  # type: ignore[no-untyped-call]


def _port_of(controller: Controller) -> int:
    assert isinstance(controller.server, asyncio.Server)
    port: int = controller.server.sockets[0].getsockname()[1]
    return port


Talk = Callable[[socket.socket], None]


@contextmanager
def vicious_server(talk: Talk) -> Iterator[int]:
    """A server that does what `talk` does with its first connection, and then closes it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(20)
            try:
                talk(connection)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(timeout=5)


def script(*replies: str | bytes, hold: bool = False) -> Talk:
    """Say the first, then the next after each line that comes; `hold`: then stay silent."""

    def talk(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        for number, reply in enumerate(replies):
            if number and not lines.readline():
                return
            connection.sendall(reply.encode() if isinstance(reply, str) else reply)
        while hold and lines.read(1):
            pass

    return talk
