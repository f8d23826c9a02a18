"""What a party of a conversation says: SIP messages as its manners shape them.

Manners (of a party, or of one request): agent, user (who it says it is), password,
call (`same`: one Call-ID for all requests of an account, as phones do; `new`: one
for each; `decimal`; or the text itself), cseq=fixed, branch (`decimal`, `nmap`, or
text), rtp (a port), tag (`svmap`, `svwar`, `svcrack`, or text), order (any word shuffles the
headers its own way), via, fromhost, uri, contact, nonce, expires, body=none, ack=none, and any
header as +Name=value.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from itertools import count

REALM = "pbx.example"
_PHRASES = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 302: "Moved Temporarily",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 407: "Proxy Authentication Required",
    408: "Request Timeout", 480: "Temporarily Unavailable", 481: "No Such Call",
    482: "Loop Detected", 484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated",
    489: "Bad Event", 500: "Server Error", 503: "Service Unavailable",
}  # fmt: skip
Fields = list[tuple[str, str]]


@dataclass(slots=True)
class Speaker:
    """A party: where it is, and how it speaks."""

    name: str
    address: IPv4Address | IPv6Address
    port: int
    tcp: bool
    manners: dict[str, str]
    _count: count[int] = field(default_factory=lambda: count(1))
    _calls: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"[{self.address}]" if self.address.version == 6 else str(self.address)

    def begin(self, method: str, target: str, asked: Speaker, options: dict[str, str]) -> Dialog:
        """A new exchange with `asked`; its Call-ID and CSeq are as this party numbers them."""
        manners = {**self.manners, **options}
        account = target if method == "REGISTER" else manners.get("user", self.name)
        way = manners.get("call", "same" if method == "REGISTER" else "new")
        number = next(self._count)
        if way == "same":
            call_id, cseq = self._calls.get(account, (_word(self.name, account), 0))
        elif way in ("new", "decimal"):
            call_id, cseq = _word(self.name, number), 0
            if way == "decimal":
                call_id = str(int(call_id, 16))[:10]
        else:
            call_id, cseq = way, 0
        call_id = call_id if "@" in call_id or way == "decimal" else f"{call_id}@{self.host}"
        return Dialog(self, asked, method, target, account, manners, call_id, cseq, number)

    def keep(self, account: str, call_id: str, cseq: int) -> None:
        """Remember how far the numbers of this account are."""
        self._calls[account] = (call_id, cseq)


@dataclass(slots=True)
class Dialog:
    """One exchange from its first request to its end."""

    caller: Speaker
    asked: Speaker
    method: str
    target: str
    account: str
    manners: dict[str, str]
    call_id: str
    cseq: int
    number: int
    nonce: str = ""
    last_request: bytes = b""
    last_response: bytes = b""
    _sent: Fields = field(default_factory=list)
    _challenges: int = 0
    _branches: int = 0

    @property
    def media_ports(self) -> tuple[int, int]:
        if port := int(self.manners.get("rtp", "0")):
            return port, port
        return 20000 + 2 * self.number, 30000 + 2 * self.number

    def request(self, credentials: str | None = None) -> bytes:
        """The request; with credentials when a password is given ("" for the right one)."""
        m = self.manners
        self.cseq += 0 if m.get("cseq") == "fixed" and self.cseq else 1
        if m.get("call", "same" if self.method == "REGISTER" else "new") == "same":
            self.caller.keep(self.account, self.call_id.partition("@")[0], self.cseq)
        self._new_branch()
        fields = self._head(self.method, to_tag=m.get("totag", ""))
        if credentials is not None:
            name = "Proxy-Authorization" if self._challenges == 407 else "Authorization"
            fields.insert(6, (name, self._credentials(credentials)))
        if self.method == "REGISTER":
            fields.append(("Expires", m.get("expires", "3600")))
        fields += [(k[1:], v) for k, v in m.items() if k.startswith("+")]
        body = self._offer(self.caller, 0) if self.method == "INVITE" else ""
        self._sent = fields
        uri = m.get("uri", self._uri())
        self.last_request = _message(f"{self.method} {uri} SIP/2.0", self._ordered(fields), body)
        return self.last_request

    def response(self, status: int, nonce: str = "") -> bytes:
        """The asked party's answer to the last request."""
        kept = dict(self._sent)
        to = kept["To"]
        if status > 100 and ";tag=" not in to:
            to += f";tag={self._their_tag}"
        fields = [(name, kept[name]) for name in ("Via", "From", "Call-ID", "CSeq")]
        fields.insert(2, ("To", to))
        if status in (401, 407):
            self._challenges = status
            self.nonce = nonce or _word("nonce", self.caller.name, self.number, self.cseq)
            name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
            fields.append((name, f'Digest realm="{REALM}", nonce="{self.nonce}", algorithm=MD5'))
        elif nonce:
            fields.append(("Reason", nonce))
        if self.asked.manners.get("agent"):
            fields.append(("Server", self.asked.manners["agent"]))
        is_offer = self.method == "INVITE" and status in (183, 200) and "INVITE" in kept["CSeq"]
        body = self._offer(self.asked, 1) if is_offer else ""
        phrase = _PHRASES.get(status, "Answer")
        self.last_response = _message(f"SIP/2.0 {status} {phrase}", fields, body)
        return self.last_response

    def ack(self, status: int) -> bytes:
        """ACK of a final answer: in its own transaction after a success (RFC 3261 17.1.1.3)."""
        if status < 300:
            self._new_branch()
        return _message(
            f"ACK {self.manners.get('uri', self._uri())} SIP/2.0",
            self._head("ACK", to_tag=self._their_tag),
        )

    def cancel(self) -> bytes:
        return _message(
            f"CANCEL {self.manners.get('uri', self._uri())} SIP/2.0", self._head("CANCEL")
        )

    def bye(self) -> bytes:
        """The caller hangs up."""
        self.cseq += 1
        self._new_branch()
        self._sent = self._head("BYE", to_tag=self._their_tag)
        return _message(f"BYE {self._uri()} SIP/2.0", self._sent)

    def hangup(self) -> tuple[bytes, bytes]:
        """The asked party hangs up: its BYE, and the caller's answer."""
        branch = "z9hG4bK" + _word("hangup", self.caller.name, self.number)
        sent_by = f"{self.asked.host}:{self.asked.port}"
        fields = [
            ("Via", f"SIP/2.0/{self._transport} {sent_by};branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.target}@{self.asked.host}>;tag={self._their_tag}"),
            ("To", f"<sip:{self.account}@{self.asked.host}>;tag={self._tag}"),
            ("Call-ID", self.call_id),
            ("CSeq", "7001 BYE"),
        ]  # fmt: skip
        bye = _message(f"BYE sip:{self.account}@{self.caller.host} SIP/2.0", fields)
        return bye, _message("SIP/2.0 200 OK", fields)

    def sound(self, number: int) -> bytes:
        """One RTP packet of G.711 (RFC 3550)."""
        head = bytes([0x80, 0]) + number.to_bytes(2, "big") + (160 * number).to_bytes(4, "big")
        return head + self.number.to_bytes(4, "big") + b"\xd5" * 160

    @property
    def _transport(self) -> str:
        return "TCP" if self.caller.tcp or self.asked.tcp else "UDP"

    @property
    def _their_tag(self) -> str:
        return _word("tag", self.asked.name, self.caller.name, self.number)

    @property
    def _tag(self) -> str:
        way = self.manners.get("tag", "")
        random = str(int(_word("random", self.number), 16))[:10]
        if way == "svmap":
            packed = self.asked.address.packed.hex()
            return (packed + f"{self.asked.port:04x}").encode().hex() + (
                b"\x01" + random.encode()
            ).hex()
        if way == "svwar":
            return (self.target.encode() + b"\x01" + random.encode()).hex()
        if way == "svcrack":
            guess = self.manners.get("guess", "1234")
            return (f"{self.account}:{guess}".encode() + b"\x01" + random.encode()).hex()
        return way or _word("from", self.caller.name, self.number)[:10]

    def _new_branch(self) -> None:
        self._branches += 1

    @property
    def _branch(self) -> str:
        way = self.manners.get("branch", "")
        text = _word("branch", self.caller.name, self.number, self._branches)
        if way == "decimal":
            return f"z9hG4bK-{int(text, 16) % 10**10}"
        return way or f"z9hG4bK{text}"

    def _uri(self) -> str:
        host = self.asked.host
        if self.method == "REGISTER" or not self.target:
            return f"sip:{host}"
        return f"sip:{self.target}@{host}"

    def _head(self, method: str, to_tag: str = "") -> Fields:
        m, caller, asked = self.manners, self.caller, self.asked
        via = m.get("via", f"{caller.host}:{caller.port}")
        target = self.target or self.account
        contact = m.get("contact", f"<sip:{self.account}@{caller.host}:{caller.port}>")
        fields = [
            ("Via", f"SIP/2.0/{self._transport} {via};branch={self._branch}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.account}@{m.get('fromhost', asked.host)}>;tag={self._tag}"),
            ("To", f"<sip:{target}@{asked.host}>" + (f";tag={to_tag}" if to_tag else "")),
            ("Call-ID", self.call_id),
            ("CSeq", m.get("cseqline", f"{self.cseq} {method}")),
            ("Contact", contact),
        ]
        if m.get("agent"):
            fields.append(("User-Agent", m["agent"]))
        return fields

    def _ordered(self, fields: Fields) -> Fields:
        word = self.manners.get("order")
        if not word:
            return fields
        return sorted(fields, key=lambda pair: _word(word, pair[0]))

    def _credentials(self, password: str) -> str:
        user = self.manners.get("authuser", self.account)
        password = password or self.manners.get("password", f"right for {user}")
        nonce, uri = self.manners.get("nonce", self.nonce), self._uri()
        secret = _md5(f"{user}:{REALM}:{password}")
        answer = _md5(f"{secret}:{nonce}:{_md5(f'{self.method}:{uri}')}")
        return (
            f'Digest username="{user}", realm="{REALM}", nonce="{nonce}", uri="{uri}", '
            f'response="{answer}", algorithm=MD5'
        )

    def _offer(self, speaker: Speaker, side: int) -> str:
        if self.manners.get("body") == "none":
            return ""
        family = f"IN IP{speaker.address.version} {speaker.address}"
        lines = ("v=0", f"o=- 1 1 {family}", "s=-", f"c={family}", "t=0 0",
                 f"m=audio {self.media_ports[side]} RTP/AVP 0", "")  # fmt: skip
        return "\r\n".join(lines)


def _message(start: str, fields: Fields, body: str = "") -> bytes:
    every = list(fields)
    if body:
        every.append(("Content-Type", "application/sdp"))
    every.append(("Content-Length", str(len(body))))
    lines = [start, *(f"{name}: {value}" for name, value in every), "", body]
    return "\r\n".join(lines).encode()


def _word(*seed: object) -> str:
    """Sixteen hex digits that look like chance and are the same in every run."""
    return _md5("/".join(map(str, seed)))[:16]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
