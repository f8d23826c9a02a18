"""What parties do with each other: register, call, hold, transfer, subscribe, ping."""

from __future__ import annotations

from dataclasses import dataclass, field

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

RTT_S = 0.021


def send(net: Net, at: float, a: Agent, b: Agent, octets: bytes) -> None:
    """From one party to another, over what they speak."""
    transport = "TCP" if "TCP" in (a.transport, b.transport) else "UDP"
    net.send(at, a.end, b.end, octets, transport)


def repeat(net: Net, at: float, a: Agent, b: Agent, octets: bytes, times: int) -> None:
    """A request without an answer, and `times` retransmissions (RFC 3261 timers A, E)."""
    send(net, at, a, b, octets)
    wait = 0.5
    for _ in range(times):
        at += wait
        send(net, at, a, b, octets)
        wait = min(2 * wait, 4.0)


def ask(
    net: Net, at: float, a: Agent, b: Agent, asked: Request, *statuses: int,
    more: Headers | None = None, body: bytes = b"", tag: str | None = None,
) -> float:  # fmt: skip
    """Send a request and its answers; when the last answer left."""
    send(net, at, a, b, asked.octets)
    at += RTT_S * net.rng.uniform(0.3, 1)
    tag = b.make.tag(b.rng) if tag is None else tag
    for status in statuses:
        send(net, at, b, a, answer(b, asked, a.end, status, tag, more, body))
        at += RTT_S
    return at


def out_of_dialog(
    agent: Agent, method: str, uri: str, to_user: str, host: str, more: Headers | None = None,
    body: bytes = b"", from_user: str | None = None, call_id: str = "", cseq: int = 0,
) -> Request:  # fmt: skip
    """A request outside any dialog."""
    user = agent.user if from_user is None else from_user
    name = f'"{user}" ' if agent.make.names_itself else ""
    at = f"{user}@" if user else ""
    to = f"{to_user}@" if to_user else ""
    return request(
        agent, method, uri, f"{name}<sip:{at}{agent.domain or host}>;tag={agent.make.tag(agent.rng)}",
        f"<sip:{to}{host}>", call_id or agent.make.call_id(agent.rng, agent.host),
        cseq or agent.make.first_cseq, more, body,
    )  # fmt: skip


def refusal(server: Agent, user: str) -> int:
    """How this make of server refuses credentials."""
    if server.leaky and user not in server.users:
        return 404
    return {"chan_sip": 403, "freeswitch": 403, "3cx": 407}.get(server.make.name, 401)


def register(
    net: Net, at: float, phone: Agent, server: Agent, *, expires: int = 3600,
    user: str | None = None, password: str | None = None, cached: bool = False,
    auth_user: str | None = None,
) -> tuple[float, int]:  # fmt: skip
    """REGISTER, challenge, credentials, outcome; `cached`: straight with the last nonce."""
    user = phone.user if user is None else user
    password = phone.password if password is None else password
    host = phone.domain or server.address
    uri = f"sip:{host}" + (";transport=tcp" if phone.transport == "TCP" else "")
    name = f'"{user}" ' if phone.make.names_itself else ""
    tag = phone.make.tag(phone.rng)
    first = 407 if server.make.name == "3cx" else 401

    def attempt(more: Headers) -> Request:
        phone.cseq += 1
        return request(
            phone, "REGISTER", uri, f"{name}<sip:{user}@{host}>;tag={tag}", f"<sip:{user}@{host}>",
            phone.reg_call_id, phone.cseq, [*more, ("Expires", str(expires))],
        )  # fmt: skip

    if server.leaky and user not in server.users:
        return ask(net, at, phone, server, attempt([]), 404), 404
    given = phone.challenge if cached else None
    if given is None:
        given = new_nonce(server, net.begin_s + at)
        at = ask(
            net,
            at,
            phone,
            server,
            attempt([]),
            first,
            more=[challenge_header(server, first, given)],
        )
    phone.challenge = given
    told = auth_user or user
    asked = attempt([credentials(phone, told, password, "REGISTER", uri, first, given)])
    if server.users.get(user) == password and auth_user is None:
        granted = [
            ("Contact", f"{phone.contact(user)};expires={expires}"),
            ("Expires", str(expires)),
        ]
        return ask(net, at, phone, server, asked, 200, more=granted), 200
    status = refusal(server, user)
    again = new_nonce(server, net.begin_s + at)
    header = [challenge_header(server, status, again)] if status in (401, 407) else []
    phone.challenge = again if header else None
    return ask(net, at, phone, server, asked, status, more=header), status


@dataclass(slots=True)
class Leg:
    """One dialog: an INVITE and what follows, step by step; `t` is its clock."""

    net: Net
    t: float
    uac: Agent
    uas: Agent
    dialled: str
    from_user: str = ""
    domain: str = ""
    more: Headers = field(default_factory=list)
    uri: str = ""
    call_id: str = ""
    media: tuple[int, int] = (0, 0)
    body: bytes | None = None
    from_name: str = ""
    tags: tuple[str, str] = ("", "")
    cseq: int = 0
    uas_cseq: int = 0  # the other side counts for itself
    last: Request | None = None

    def __post_init__(self) -> None:
        rng = self.net.rng
        self.from_user = self.from_user or self.uac.user
        self.domain = self.domain or self.uac.domain or self.uas.address
        host = f"[{self.uas.me[0]}]" if ":" in self.uas.me[0] else self.uas.me[0]
        self.uri = self.uri or f"sip:{self.dialled}@{self.domain if self.uac.domain else host}"
        self.call_id = self.call_id or self.uac.make.call_id(rng, self.uac.host)
        self.tags = (self.uac.make.tag(rng), self.uas.make.tag(rng))
        self.cseq = self.cseq or self.uac.make.first_cseq
        self.media = (2 * rng.randrange(5500, 9900), 2 * rng.randrange(5500, 9900))
        if self.body is None:
            self.body = sdp(self.uac.me[0], self.media[0], rng)

    def _ends(self) -> tuple[str, str]:
        shown = self.from_name or (self.from_user if self.uac.make.names_itself else "")
        name = f'"{shown}" ' if shown else ""
        host = self.domain if self.uac.user or self.uac.domain else self.uac.host
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        target = self.uri.partition(":")[2].partition(";")[0]
        return f"{name}<sip:{self.from_user}@{host}>", f"<sip:{target}>"

    def invite(self, *more: tuple[str, str]) -> Leg:
        """The INVITE, or it again with credentials."""
        a, b = self._ends()
        self.cseq += 1
        self.last = request(
            self.uac, "INVITE", self.uri, f"{a};tag={self.tags[0]}", b, self.call_id, self.cseq,
            [*self.more, *more], self.body or b"", contact=self.uac.contact(self.from_user),
        )  # fmt: skip
        send(self.net, self.t, self.uac, self.uas, self.last.octets)
        self.t += RTT_S
        return self

    def again(self, times: int) -> Leg:
        """Retransmissions of the INVITE."""
        assert self.last is not None
        wait = 0.5
        for _ in range(times):
            self.t += wait
            wait *= 2
            send(self.net, self.t, self.uac, self.uas, self.last.octets)
        return self

    def says(self, *statuses: int, more: Headers | None = None) -> Leg:
        """Answers of the other side; final ones are acknowledged."""
        assert self.last is not None
        for status in statuses:
            with_sound = status in (183, 200)
            body = sdp(self.uas.me[0], self.media[1], self.net.rng) if with_sound else b""
            extra = [*(more or [])]
            if with_sound or status == 180:
                extra.append(("Contact", self.uas.contact(self.dialled)))
            octets = answer(self.uas, self.last, self.uac.end, status, self.tags[1], extra, body)
            send(self.net, self.t, self.uas, self.uac, octets)
            self.t += RTT_S
            if status >= 200:
                self.ack(status)
        return self

    def challenged(self, status: int = 0, user: str = "", password: str = "") -> Leg:
        """401 or 407, ACK, and the INVITE with credentials."""
        status = status or (401 if self.uas.make.name in ("asterisk", "chan_sip") else 407)
        given = new_nonce(self.uas, self.net.begin_s + self.t)
        self.says(status, more=[challenge_header(self.uas, status, given)])
        login = credentials(
            self.uac, user or self.uac.user, password or self.uac.password, "INVITE", self.uri,
            status, given,
        )  # fmt: skip
        return self.invite(login)

    def ack(self, status: int) -> Leg:
        assert self.last is not None
        via = self.last.via if status >= 300 else self.uac.via()
        uri = self.uri if status >= 300 else f"sip:{self.dialled}@{self.uas.host}:{self.uas.me[1]}"
        asked = request(
            self.uac, "ACK", uri, self.last.from_, self._to(), self.call_id, self.cseq, via=via
        )
        send(self.net, self.t, self.uac, self.uas, asked.octets)
        self.t += 0.004
        return self

    def _to(self) -> str:
        assert self.last is not None
        return f"{self.last.to};tag={self.tags[1]}"

    def sound(self, seconds: float) -> Leg:
        """RTP for so long."""
        a, b = (self.uac.address, self.media[0]), (self.uas.address, self.media[1])
        self.net.rtp(self.t, a, b, seconds)
        return self

    def talk(self, seconds: float, *, rtp: bool = True) -> Leg:
        if rtp:
            self.sound(seconds)
        self.t += seconds
        return self

    def wait(self, seconds: float) -> Leg:
        self.t += seconds
        return self

    def within(
        self, who: str, method: str, *statuses: int, more: Headers | None = None, body: bytes = b""
    ) -> Leg:
        """A request inside the dialog, by 'uac' or 'uas'."""
        assert self.last is not None
        mine, theirs = f"{self.last.from_}", self._to()
        a, b = (self.uac, self.uas) if who == "uac" else (self.uas, self.uac)
        from_, to = (mine, theirs) if who == "uac" else (theirs, mine)
        if who == "uac":
            self.cseq += 1
            number, user = self.cseq, self.dialled
        else:
            self.uas_cseq = self.uas_cseq + 1 if self.uas_cseq else self.uas.make.first_cseq
            number, user = self.uas_cseq, self.from_user
        asked = request(
            a, method, f"sip:{user}@{b.host}:{b.me[1]}", from_, to, self.call_id, number, more, body
        )
        reply = sdp(b.me[0], 20000, self.net.rng) if method == "INVITE" else b""
        self.t = ask(self.net, self.t, a, b, asked, *statuses, body=reply)
        if method == "INVITE":
            done = request(a, "ACK", asked.uri, from_, to, self.call_id, number)
            send(self.net, self.t, a, b, done.octets)
        return self

    def hold(self, who: str = "uac") -> Leg:
        offer = sdp("0.0.0.0", 20000, self.net.rng, direction="sendonly")  # noqa: S104
        return self.within(who, "INVITE", 100, 200, body=offer)

    def bye(self, who: str = "uac") -> Leg:
        return self.within(who, "BYE", 200)

    def cancel(self) -> Leg:
        """CANCEL, 200, 487, ACK."""
        assert self.last is not None
        asked = request(
            self.uac, "CANCEL", self.uri, self.last.from_, self.last.to, self.call_id, self.cseq,
            via=self.last.via,
        )  # fmt: skip
        self.t = ask(self.net, self.t, self.uac, self.uas, asked, 200, tag=self.tags[1])
        return self.says(487)


def ping(net: Net, at: float, a: Agent, b: Agent, status: int = 200, user: str = "") -> float:
    """OPTIONS, as qualify and keep-alives send it."""
    target = f"{user}@" if user else ""
    asked = out_of_dialog(a, "OPTIONS", f"sip:{target}{b.host}:{b.me[1]}", user, b.me[0])
    return ask(net, at, a, b, asked, status)


def subscribe(
    net: Net, at: float, phone: Agent, server: Agent, event: str, target: str, status: int = 200
) -> float:
    """SUBSCRIBE with its challenge, and the first NOTIFY."""
    host = phone.domain or server.address
    call_id = phone.make.call_id(phone.rng, phone.host)
    more: Headers = [
        ("Event", event),
        ("Expires", "3600"),
        ("Accept", "application/dialog-info+xml"),
    ]
    uri = f"sip:{target}@{host}"
    first = out_of_dialog(phone, "SUBSCRIBE", uri, target, host, more, call_id=call_id)
    code = 407 if server.make.name in ("freeswitch", "3cx", "kamailio") else 401
    given = new_nonce(server, net.begin_s + at)
    at = ask(net, at, phone, server, first, code, more=[challenge_header(server, code, given)])
    login = credentials(phone, phone.user, phone.password, "SUBSCRIBE", uri, code, given)
    again = request(
        phone, "SUBSCRIBE", uri, first.from_, first.to, call_id, first.cseq + 1, [*more, login]
    )
    tag = server.make.tag(server.rng)
    at = ask(net, at, phone, server, again, status, tag=tag, more=[("Expires", "3600")])
    if status == 200:
        notify(net, at, server, phone, event, call_id, f"{first.to};tag={tag}", first.from_)
    return at + 0.05


def notify(
    net: Net, at: float, server: Agent, phone: Agent, event: str, call_id: str = "", from_: str = "",
    to: str = "", status: int = 200,
) -> float:  # fmt: skip
    """NOTIFY of a subscription, or unsolicited."""
    kind, body = "application/dialog-info+xml", b"<?xml version='1.0'?><dialog-info version='0'/>"
    if event == "message-summary":
        kind = "application/simple-message-summary"
        body = b"Messages-Waiting: no\r\nVoice-Message: 0/0 (0/0)\r\n"
    more: Headers = [
        ("Event", event),
        ("Subscription-State", "active;expires=3599"),
        ("Content-Type", kind),
    ]
    uri = f"sip:{phone.user}@{phone.host}:{phone.me[1]}"
    if call_id:
        asked = request(
            server, "NOTIFY", uri, from_, to, call_id, server.make.first_cseq, more, body
        )
    else:
        asked = out_of_dialog(server, "NOTIFY", uri, phone.user, phone.me[0], more, body)
    return ask(net, at, server, phone, asked, status)
