"""One SIP message, read in full: every octet in its place, and what it means.

How it works: `Message` cuts its octets into a start line, headers, an empty line,
a body and what lies around them, so that joining the parts gives the input back.
Beside the octets stand the values that people and rules ask for. Octets stay
octets: they are a stranger's words until somebody shows them, escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringfence.model.anomaly import Anomaly
    from ringfence.model.session import SessionDescription

# One-letter names (RFC 3261 20, and the RFCs that IANA lists beside them).
COMPACT_FORMS: Final = {
    b"a": b"accept-contact",
    b"b": b"referred-by",
    b"c": b"content-type",
    b"d": b"request-disposition",
    b"e": b"content-encoding",
    b"f": b"from",
    b"i": b"call-id",
    b"j": b"reject-contact",
    b"k": b"supported",
    b"l": b"content-length",
    b"m": b"contact",
    b"n": b"identity-info",
    b"o": b"event",
    b"r": b"refer-to",
    b"s": b"subject",
    b"t": b"to",
    b"u": b"allow-events",
    b"v": b"via",
    b"x": b"session-expires",
    b"y": b"identity",
}


def header_key(name: bytes) -> bytes:
    """The name by which headers compare: long form, lower case."""
    key = name.lower()
    return COMPACT_FORMS.get(key, key)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names and values in their order, as spelled, quotes taken off; None: no "=" stood there."""

    items: tuple[tuple[bytes, bytes | None], ...] = ()

    def get(self, name: bytes) -> bytes | None:
        """Value of the first parameter of this name in any case; b"" when it has none."""
        wanted = name.lower()
        for found, value in self.items:
            if found.lower() == wanted:
                return value or b""
        return None

    def __contains__(self, name: bytes) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[bytes, bytes | None]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI (RFC 3261 19.1, RFC 3966): escapes as spelled, the host without its brackets.

    Only sip, sips and tel are taken apart; the number of a tel URI is its user.
    """

    text: bytes
    scheme: bytes = b""  # lower case; b"" when there is none
    user: bytes | None = None
    password: bytes | None = None
    host: bytes = b""
    port: int | None = None
    params: Parameters = Parameters()
    headers: Parameters = Parameters()


@dataclass(frozen=True, slots=True)
class NameAddr:
    """An address as From, To and Contact hold it (RFC 3261 20.10); "*" has that as URI text."""

    text: bytes
    display_name: bytes
    uri: Uri
    params: Parameters = Parameters()

    @property
    def tag(self) -> bytes | None:
        return self.params.get(b"tag")


@dataclass(frozen=True, slots=True)
class Via:
    """One hop (RFC 3261 20.42): protocol is "SIP/2.0", the host stands without brackets."""

    text: bytes
    protocol: bytes = b""
    transport: bytes = b""
    host: bytes = b""
    port: int | None = None
    params: Parameters = Parameters()

    @property
    def branch(self) -> bytes | None:
        return self.params.get(b"branch")

    @property
    def received(self) -> bytes | None:
        """Address without brackets: both spellings are sent (RFC 5118 4.5)."""
        received = self.params.get(b"received")
        return received.strip(b"[]") if received is not None else None

    @property
    def rport(self) -> int | None:
        """The port that a server filled in (RFC 3581); None when it is not there, or empty."""
        rport = self.params.get(b"rport") or b""
        return int(rport) if rport.isdigit() and len(rport) <= 5 else None


@dataclass(frozen=True, slots=True)
class CSeq:
    """Number and method; the number is None when it is none."""

    number: int | None
    method: bytes


@dataclass(frozen=True, slots=True)
class Digest:
    """Credentials or a challenge (RFC 7616, RFC 8760), quotes taken off; other schemes too."""

    text: bytes
    scheme: bytes
    params: Parameters
    header: bytes = b""  # key of the header it stood in

    @property
    def username(self) -> bytes | None:
        return self.params.get(b"username")

    @property
    def realm(self) -> bytes | None:
        return self.params.get(b"realm")

    @property
    def nonce(self) -> bytes | None:
        return self.params.get(b"nonce")

    @property
    def uri(self) -> bytes | None:
        return self.params.get(b"uri")

    @property
    def response(self) -> bytes | None:
        return self.params.get(b"response")

    @property
    def algorithm(self) -> bytes | None:
        return self.params.get(b"algorithm")

    @property
    def cnonce(self) -> bytes | None:
        return self.params.get(b"cnonce")

    @property
    def nc(self) -> bytes | None:
        return self.params.get(b"nc")

    @property
    def qop(self) -> bytes | None:
        return self.params.get(b"qop")

    @property
    def opaque(self) -> bytes | None:
        return self.params.get(b"opaque")


@dataclass(frozen=True, slots=True)
class Header:
    """One header: its whole lines, line ends and folding included, and what they say."""

    name: bytes  # as spelled; b"" for a line that is no header
    key: bytes  # long form, lower case
    value: bytes  # unfolded, without blanks around it
    octets: bytes  # all of it
    offset: int  # where it starts in the octets that were read


@dataclass(frozen=True, slots=True)
class Message:
    """A request (`method`) or a response (`status`); of repeated single headers the first."""

    # what stood there, in this order
    junk: bytes
    start_line: bytes
    headers_in_order: tuple[Header, ...]
    empty_line: bytes
    body: bytes
    surplus: bytes  # behind the body, as Content-Length has it

    anomalies: Anomaly

    version: bytes
    method: bytes = b""  # b"" for a response
    request_uri: Uri | None = None
    status: int | None = None
    reason: bytes = b""

    from_: NameAddr | None = None
    to: NameAddr | None = None
    call_id: bytes | None = None
    cseq: CSeq | None = None
    vias: tuple[Via, ...] = ()
    contacts: tuple[NameAddr, ...] = ()
    max_forwards: int | None = None
    expires: int | None = None
    user_agent: bytes | None = None  # of User-Agent or Server
    credentials: tuple[Digest, ...] = ()
    challenges: tuple[Digest, ...] = ()
    content_length: int | None = None
    content_type: bytes | None = None  # lower case, without parameters
    sdp: SessionDescription | None = None

    @property
    def is_request(self) -> bool:
        return self.status is None

    @property
    def authorization(self) -> Digest | None:
        """The first credentials of Authorization or Proxy-Authorization."""
        return self.credentials[0] if self.credentials else None

    @property
    def head(self) -> bytes:
        """Start line, headers and the empty line."""
        return b"".join(
            (self.start_line, *(h.octets for h in self.headers_in_order), self.empty_line)
        )

    @property
    def body_span(self) -> tuple[int, int]:
        """Where the body starts and ends in the octets that were read."""
        start = len(self.junk) + len(self.head)
        return start, start + len(self.body)

    def to_bytes(self) -> bytes:
        """The parts joined: what was read, octet for octet."""
        return b"".join((self.junk, self.head, self.body, self.surplus))

    def header(self, name: bytes) -> bytes | None:
        """Value of the first header of this name, long or compact, in any case."""
        key = header_key(name)
        return next((h.value for h in self.headers_in_order if h.key == key), None)

    def headers(self, name: bytes) -> tuple[bytes, ...]:
        """Values of all headers of this name, in their order."""
        key = header_key(name)
        return tuple(h.value for h in self.headers_in_order if h.key == key)
