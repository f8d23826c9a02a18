"""What attack tools write, as seen in honeypots and read in their sources."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from random import Random

from tests.blind import makes
from tests.blind.makes import Make, dec, hexa, word
from tests.blind.net import Net
from tests.blind.speak import (
    Agent,
    Headers,
    Request,
    answer,
    challenge_header,
    credentials,
    new_nonce,
    request,
    sdp,
)
from tests.blind.talk import RTT_S, refusal, send

SIPVICIOUS = Make(
    "sipvicious", "friendly-scanner",
    "Via Content-Length From Accept User-Agent To Contact CSeq Call-ID Max-Forwards Authorization",
    lambda r: "z9hG4bK-" + str(r.getrandbits(32)), lambda r: "", lambda r, h: str(r.getrandbits(80)),
)  # fmt: skip
SIPPTS = Make(
    "sippts", "pplsip",
    "Via From To Call-ID CSeq Contact Max-Forwards Allow Supported User-Agent Authorization "
    "Content-Type Content-Length",
    lambda r: "z9hG4bK" + hexa(r, 32), lambda r: hexa(r, 32), lambda r, h: hexa(r, 32),
)  # fmt: skip
SIPCLI = Make(
    "sipcli", "sipcli/v1.8",
    "Via From To Call-ID CSeq Contact Max-Forwards Content-Type Allow Supported User-Agent "
    "Content-Length",
    lambda r: f"z9hG4bK{dec(r, 10)}", lambda r: dec(r, 10), lambda r, h: f"{dec(r, 10)}-{dec(r, 10)}-{dec(r, 9)}",
    rport=False,
)  # fmt: skip
SIPSAK = Make(
    "sipsak", "sipsak 0.9.8.1",
    "Via From To Call-ID CSeq Contact Content-Length Max-Forwards User-Agent Accept",
    lambda r: "z9hG4bK." + hexa(r, 8), lambda r: hexa(r, 8), lambda r, h: f"{dec(r, 9)}@{h}",
)  # fmt: skip
# A home-made script: a phone's User-Agent, Python's hands.
DISGUISED = Make(
    "script", "Cisco-SIPGateway/IOS-12.x",
    "Via To From Call-ID CSeq Contact Max-Forwards User-Agent Allow Accept Content-Type Content-Length",
    lambda r: "z9hG4bK-" + dec(r, 9), lambda r: word(r, 8), lambda r, h: dec(r, 24), first_cseq=1,
)  # fmt: skip


def disguise(agent: str, like: Make = DISGUISED) -> Make:
    """The same hand under another User-Agent."""
    return Make(
        like.name, agent, like.order, like.branch, like.tag, like.call_id, first_cseq=like.first_cseq,
        rport=like.rport, names_itself=like.names_itself, allow=like.allow, supported=like.supported,
    )  # fmt: skip


@dataclass(slots=True)
class Tool:
    """An attacker's end; `target` is where it shoots."""

    net: Net
    agent: Agent
    target: Agent

    @property
    def rng(self) -> Random:
        return self.net.rng

    def fire(self, at: float, asked: Request, *statuses: int, more: Headers | None = None,
             echo: bool = False, tag: str = "-") -> float:  # fmt: skip
        """A request and the answers that come, if any."""
        send(self.net, at, self.agent, self.target, asked.octets)
        tag = self.target.make.tag(self.rng) if tag == "-" else tag
        for status in statuses:
            at += RTT_S * self.rng.uniform(0.5, 1.5)
            send(self.net, at, self.target, self.agent,
                 answer(self.target, asked, self.agent.end, status, tag, more))  # fmt: skip
        if echo:
            done = request(
                self.agent, "ACK", asked.uri, asked.from_, f"{asked.to};tag={tag}", asked.call_id,
                asked.cseq, via=asked.via,
            )  # fmt: skip
            at += 0.01
            send(self.net, at, self.agent, self.target, done.octets)
        return at

    def svmap(
        self, at: float, *statuses: int, name: str = "sipvicious", own_tag: bool = False
    ) -> float:
        """SIPVicious svmap: OPTIONS that claim 100@1.1.1.1; `own_tag` when it was changed."""
        where = ip_address(self.target.address).packed.hex() + f"{self.target.port:04x}"
        tag = f"{where}\x01{self.rng.getrandbits(32)}".encode().hex()
        if own_tag:
            tag = dec(self.rng, 10)
        me = f'"{name}"<sip:100@1.1.1.1>'
        via = f"SIP/2.0/UDP {self.agent.me[0]}:{self.agent.port};branch={self.agent.make.branch(self.rng)};rport"
        asked = request(
            self.agent, "OPTIONS", f"sip:100@{self.target.address}", f"{me};tag={tag}", me,
            str(self.rng.getrandbits(80)), 1, [("Accept", "application/sdp")], via=via,
            contact=f"sip:100@{self.agent.me[0]}:{self.agent.port}",
        )  # fmt: skip
        return self.fire(at, asked, *statuses)

    def _sv(self, method: str, user: str, cseq: int, tag: str, call_id: str, more: Headers,
            uri: str = "") -> Request:  # fmt: skip
        host = self.target.address
        gap = " " if more else ""
        me = f'"{user}"{gap}<sip:{user}@{host}>'
        return request(
            self.agent, method, uri or f"sip:{host}", f"{me};tag={tag}", me, call_id, cseq,
            [("Accept", "application/sdp"), *more], contact=f"sip:{user}@{host}",
        )  # fmt: skip

    def svwar(self, at: float, user: str, *statuses: int, method: str = "REGISTER") -> float:
        """SIPVicious svwar: one extension."""
        tag = f"{user}\x01{dec(self.rng, 10)}".encode().hex()
        uri = f"sip:{user}@{self.target.address}" if method != "REGISTER" else ""
        asked = self._sv(method, user, 1, tag, str(self.rng.getrandbits(32)), [], uri)
        more = []
        if statuses and statuses[-1] in (401, 407):
            given = new_nonce(self.target, self.net.begin_s + at)
            more = [challenge_header(self.target, statuses[-1], given)]
        return self.fire(
            at, asked, *statuses, more=more, echo=method == "INVITE" and bool(statuses)
        )

    def svcrack(
        self, at: float, user: str, passwords: list[str], gap_s: float = 0.05
    ) -> tuple[float, str]:
        """SIPVicious svcrack until the password is found: when, and which."""
        host, call_id = self.target.address, str(self.rng.getrandbits(32))
        given = new_nonce(self.target, self.net.begin_s + at)
        first = self._sv("REGISTER", user, 1, "3206210844", call_id, [])
        at = self.fire(at, first, 401, more=[challenge_header(self.target, 401, given)])
        for password in passwords:
            tag = f"{user}:{password}\x01{dec(self.rng, 10)}".encode().hex()
            login = credentials(self.agent, user, password, "REGISTER", f"sip:{host}", 401, given)
            asked = self._sv("REGISTER", user, 2, tag, call_id, [login])
            if self.target.users.get(user) == password:
                return self.fire(
                    at, asked, 200, more=[("Contact", f"<sip:{user}@{host}>;expires=120")]
                ), password
            status = refusal(self.target, user)
            given = new_nonce(self.target, self.net.begin_s + at)
            header = [challenge_header(self.target, status, given)] if status in (401, 407) else []
            at = self.fire(at + gap_s, asked, status, more=header)
        return at, ""

    def options(self, at: float, *statuses: int, user: str = "100") -> float:
        """OPTIONS of another tool, or of a script in disguise."""
        me = f"sip:{user}@{self.target.address}"
        asked = request(
            self.agent, "OPTIONS", me, f"<sip:{user}@{self.agent.me[0]}>;tag={self.agent.make.tag(self.rng)}",
            f"<{me}>", self.agent.make.call_id(self.rng, self.agent.me[0]), 1,
            contact=f"<sip:{user}@{self.agent.me[0]}:{self.agent.port}>",
        )  # fmt: skip
        return self.fire(at, asked, *statuses)

    def register(self, at: float, user: str, *statuses: int, challenge: bool = False) -> float:
        """REGISTER without credentials."""
        host = self.target.address
        me = f"<sip:{user}@{host}>"
        asked = request(
            self.agent, "REGISTER", f"sip:{host}", f"{me};tag={self.agent.make.tag(self.rng)}", me,
            self.agent.make.call_id(self.rng, self.agent.me[0]), 1, [("Expires", "3600")],
            contact=f"<sip:{user}@{self.agent.me[0]}:{self.agent.port}>",
        )  # fmt: skip
        more = []
        if challenge:
            more = [
                challenge_header(self.target, 401, new_nonce(self.target, self.net.begin_s + at))
            ]
        return self.fire(at, asked, *statuses, more=more)

    def guess(
        self, at: float, user: str, password: str, *, auth_user: str = "", call_id: str = ""
    ) -> tuple[float, int]:
        """REGISTER, challenge, REGISTER with a password: when, and how it was answered."""
        host = self.target.address
        me, uri = f"<sip:{user}@{host}>", f"sip:{host}"
        call_id = call_id or self.agent.make.call_id(self.rng, self.agent.me[0])
        tag = self.agent.make.tag(self.rng)
        contact = f"<sip:{user}@{self.agent.me[0]}:{self.agent.port}>"
        first = 407 if self.target.make.name == "3cx" else 401

        def one(cseq: int, more: Headers) -> Request:
            return request(self.agent, "REGISTER", uri, f"{me};tag={tag}", me, call_id, cseq,
                           [*more, ("Expires", "60")], contact=contact)  # fmt: skip

        given = new_nonce(self.target, self.net.begin_s + at)
        at = self.fire(at, one(1, []), first, more=[challenge_header(self.target, first, given)])
        login = credentials(self.agent, auth_user or user, password, "REGISTER", uri, first, given)
        if self.target.users.get(user) == password:
            return self.fire(
                at + 0.02, one(2, [login]), 200, more=[("Contact", f"{contact};expires=60")]
            ), 200
        status = refusal(self.target, user)
        header = []
        if status in (401, 407):
            header = [
                challenge_header(self.target, status, new_nonce(self.target, self.net.begin_s + at))
            ]
        return self.fire(at + 0.02, one(2, [login]), status, more=header), status

    def invite(
        self, at: float, number: str, *statuses: int, user: str = "100", echo: bool = False,
        challenge: int = 0, from_host: str = "", body: bytes | None = None, again: int = 0,
    ) -> float:  # fmt: skip
        """A lone INVITE to a number."""
        host = self.target.address
        asked = request(
            self.agent, "INVITE", f"sip:{number}@{host}",
            f"<sip:{user}@{from_host or host}>;tag={self.agent.make.tag(self.rng)}",
            f"<sip:{number}@{host}>", self.agent.make.call_id(self.rng, self.agent.me[0]), 1, None,
            sdp(self.agent.me[0], 10000 + 2 * self.rng.randrange(4000), self.rng) if body is None else body,
            contact=f"<sip:{user}@{self.agent.me[0]}:{self.agent.port}>",
        )  # fmt: skip
        more = []
        if challenge:
            more = [
                challenge_header(
                    self.target, challenge, new_nonce(self.target, self.net.begin_s + at)
                )
            ]
            statuses = (*statuses, challenge)
        wait = 0.5
        for n in range(again):
            send(self.net, at + wait * (2**n - 0.0), self.agent, self.target, asked.octets)
        return self.fire(at, asked, *statuses, more=more, echo=echo)


def tool(
    net: Net, make: Make, address: str, target: Agent, port: int = 5060, inside: str = ""
) -> Tool:
    """A tool at an address; `inside`: what it believes its own address to be."""
    where = (inside, port) if inside else None
    return Tool(net, Agent(net.rng, make, address, port, "", "", where, target.transport), target)


__all__ = [
    "DISGUISED",
    "SIPCLI",
    "SIPPTS",
    "SIPSAK",
    "SIPVICIOUS",
    "Tool",
    "disguise",
    "makes",
    "tool",
]
