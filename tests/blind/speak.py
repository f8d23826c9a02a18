"""SIP parties and what they write: requests, answers, challenges, digests."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from random import Random

from tests.blind import makes
from tests.blind.makes import Make, dec, hexa, uuid, word
from tests.blind.net import End

REASONS = {
    100: "Trying", 180: "Ringing", 181: "Call is being forwarded", 183: "Session Progress",
    200: "OK", 202: "Accepted", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 407: "Proxy Authentication Required",
    408: "Request Timeout", 415: "Unsupported Media Type", 420: "Bad Extension",
    423: "Interval Too Brief", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event", 500: "Server Internal Error",
    501: "Not Implemented", 503: "Service Unavailable", 603: "Decline", 604: "Does Not Exist Anywhere",
}  # fmt: skip
Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Agent:
    """One party: where it is, what it believes where it is, and how it writes."""

    rng: Random
    make: Make
    address: str
    port: int = 5060
    user: str = ""
    password: str = ""
    inside: End | None = None  # behind NAT: where it believes to be
    transport: str = "UDP"
    domain: str = ""
    name: str = ""
    reg_call_id: str = ""
    cseq: int = 0
    challenge: tuple[str, str, str] | None = None  # realm, nonce, opaque
    users: dict[str, str] = field(default_factory=dict)  # of a server: whom it knows
    leaky: bool = False  # tells strangers who is unknown

    def __post_init__(self) -> None:
        self.reg_call_id = self.make.call_id(self.rng, self.me[0])
        self.cseq = self.make.first_cseq

    @property
    def end(self) -> End:
        return (self.address, self.port)

    @property
    def me(self) -> End:
        return self.inside or self.end

    @property
    def host(self) -> str:
        return f"[{self.me[0]}]" if ":" in self.me[0] else self.me[0]

    def via(self) -> str:
        rport = ";rport" if self.make.rport else ""
        branch = self.make.branch(self.rng)
        return f"SIP/2.0/{self.transport} {self.host}:{self.me[1]};branch={branch}{rport}"

    def contact(self, user: str | None = None) -> str:
        tcp = ";transport=tcp" if self.transport == "TCP" else ""
        return f"<sip:{user if user is not None else self.user}@{self.host}:{self.me[1]}{tcp}>"


@dataclass(slots=True)
class Request:
    """A request as it was written, with what an answer needs of it."""

    method: str
    uri: str
    via: str
    from_: str
    to: str
    call_id: str
    cseq: int
    octets: bytes = b""
    route: list[str] = field(default_factory=list)


def write(start: str, make: Make, headers: Headers, body: bytes) -> bytes:
    """Start line, headers in the maker's order, body."""
    rank = {name: n for n, name in enumerate(make.order.split())}
    ordered = sorted(headers, key=lambda header: rank.get(header[0], 90))
    lines = [start, *(f"{name}: {value}" for name, value in ordered), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


def request(
    agent: Agent,
    method: str,
    uri: str,
    from_: str,
    to: str,
    call_id: str,
    cseq: int,
    more: Headers | None = None,
    body: bytes = b"",
    via: str = "",
    contact: str | None = None,
) -> Request:
    """A request in the maker's hand; `more` is added to, or replaces, what it always says."""
    make = agent.make
    via = via or agent.via()
    headers: dict[str, str] = {
        "Via": via, "From": from_, "To": to, "Call-ID": call_id, "CSeq": f"{cseq} {method}",
        "Max-Forwards": "70",
    }  # fmt: skip
    if make.agent:
        headers["User-Agent"] = make.agent
    if method not in ("ACK", "BYE", "CANCEL"):
        headers["Contact"] = (contact or agent.contact()) + (
            make.contact if method in ("REGISTER", "INVITE") else ""
        )
    if method in ("INVITE", "REGISTER", "SUBSCRIBE", "OPTIONS"):
        headers["Allow"] = make.allow
        headers["Supported"] = make.supported
    headers |= make.more
    doubled = [pair for pair in more or [] if pair[0] in ("Record-Route", "Route", "Via")]
    headers |= dict(pair for pair in more or [] if pair not in doubled)
    if body:
        headers.setdefault("Content-Type", "application/sdp")
    headers["Content-Length"] = str(len(body))
    octets = write(f"{method} {uri} SIP/2.0", make, [*headers.items(), *doubled], body)
    routes = [value for name, value in doubled if name == "Record-Route"]
    return Request(method, uri, via, from_, to, call_id, cseq, octets, routes)


def answer(
    agent: Agent,
    asked: Request,
    seen_from: End,
    status: int,
    tag: str = "",
    more: Headers | None = None,
    body: bytes = b"",
    reason: str = "",
) -> bytes:
    """An answer to a request that arrived from `seen_from`."""
    make = agent.make
    via = asked.via
    if ";rport" in via:
        via = via.replace(";rport", f";rport={seen_from[1]};received={seen_from[0]}", 1)
    to = asked.to if ";tag=" in asked.to or not tag or status == 100 else f"{asked.to};tag={tag}"
    headers: Headers = [
        ("Via", via), ("From", asked.from_), ("To", to), ("Call-ID", asked.call_id),
        ("CSeq", f"{asked.cseq} {asked.method}"),
    ]  # fmt: skip
    headers += [("Record-Route", route) for route in asked.route]
    if make.agent:
        headers.append((make.agent_header, make.agent))
    if body:
        headers.append(("Content-Type", "application/sdp"))
    headers += more or []
    headers.append(("Content-Length", str(len(body))))
    return write(f"SIP/2.0 {status} {reason or REASONS[status]}", make, headers, body)


def new_nonce(agent: Agent, now_s: float) -> tuple[str, str, str]:
    """realm, nonce and opaque as the maker of the server writes them."""
    rng, realm = agent.rng, agent.domain or agent.address
    match agent.make.name:
        case "asterisk":
            return "asterisk", f"{int(now_s)}/{hexa(rng, 32)}", hexa(rng, 16)
        case "chan_sip":
            return "asterisk", hexa(rng, 8), ""
        case "freeswitch":
            return realm, uuid(rng), ""
        case "kamailio":
            return realm, word(rng, 6) + "==" + word(rng, 36) + "=", ""
        case "3cx":
            return "3CXPhoneSystem", f"414d535c{hexa(rng, 8)}:{hexa(rng, 32)}", ""
    return realm, hexa(rng, 32), ""


def challenge_header(agent: Agent, status: int, given: tuple[str, str, str]) -> tuple[str, str]:
    realm, nonce, opaque = given
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    value = f'Digest realm="{realm}",nonce="{nonce}"'
    if opaque:
        value += f',opaque="{opaque}",algorithm=MD5,qop="auth"'
    elif agent.make.name == "freeswitch":
        value = value.replace(",nonce", ", nonce") + ', algorithm=MD5, qop="auth"'
    elif agent.make.name == "chan_sip":
        value = f'Digest algorithm=MD5, realm="{realm}", nonce="{nonce}"'
    return name, value


def credentials(
    agent: Agent, user: str, password: str, method: str, uri: str, status: int,
    given: tuple[str, str, str], nc: int = 1,
) -> tuple[str, str]:  # fmt: skip
    """A real digest for a challenge; with qop when the server asks for it."""
    realm, nonce, opaque = given
    a1 = _md5(f"{user}:{realm}:{password}")
    a2 = _md5(f"{method}:{uri}")
    value = f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
    if opaque:
        cnonce = hexa(agent.rng, 16)
        response = _md5(f"{a1}:{nonce}:{nc:08x}:{cnonce}:auth:{a2}")
        value += (
            f'response="{response}", algorithm=MD5, cnonce="{cnonce}", opaque="{opaque}", '
            f"qop=auth, nc={nc:08x}"
        )
    else:
        value += f'response="{_md5(f"{a1}:{nonce}:{a2}")}", algorithm=MD5'
    return ("Authorization" if status == 401 else "Proxy-Authorization"), value


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def sdp(
    host: str, port: int, rng: Random, codecs: str = "8 0 101", direction: str = "sendrecv"
) -> bytes:
    """An offer or answer of sound."""
    kind = "IP6" if ":" in host else "IP4"
    session = rng.randrange(10**8, 10**9)
    names = {"0": "PCMU/8000", "8": "PCMA/8000", "9": "G722/8000", "18": "G729/8000",
             "101": "telephone-event/8000"}  # fmt: skip
    lines = [
        "v=0", f"o=- {session} {session} IN {kind} {host}", "s=-", f"c=IN {kind} {host}", "t=0 0",
        f"m=audio {port} RTP/AVP {codecs}",
        *(f"a=rtpmap:{c} {names[c]}" for c in codecs.split() if c in names),
        "a=ptime:20", f"a={direction}", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


__all__ = ["Agent", "Request", "answer", "challenge_header", "credentials", "dec", "makes", "new_nonce",
           "request", "sdp", "write"]  # fmt: skip
