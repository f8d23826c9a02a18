"""One SIP party of the lab: its link, its dialogs, its transactions, its handwriting.

Requests we send wait in `_waiting` under their branch until the final answer;
a call or a subscription is one `Dialog` under its Call-ID. What to do with
requests that come in is up to the kind of party (lab/deskphone.py).
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from lab.accounts import Account
from lab.addresses import PBX, SIP_PORT
from lab.digest import Credentials, parameters
from lab.makes import Make
from lab.media import Voice, audio_of
from lab.namespaces import World
from lab.wire import Link, Received

_TIMER_T1_S: Final = 0.5
_SENDINGS: Final = 4
_ANSWER_WITHIN_S: Final = 12.0
_FIRST_MEDIA_PORT: Final = 11780


@dataclass(slots=True)
class Dialog:
    """A call or a subscription between two parties, from our side."""

    call_id: str
    local: str
    remote: str
    target: str
    routes: list[str]
    cseq: int
    voice: Voice | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a phone stands: its host, its address and port, how it reaches which server."""

    host: str
    address: str
    port: int = SIP_PORT
    tcp: bool = False
    server: str = PBX
    # Address and port the phone believes in, when a NAT hides it.
    claimed: tuple[str, int] | None = None


class Endpoint(ABC):
    """A party with one link (UDP port or TCP connection) for everything, as on a desk."""

    def __init__(self, world: World, where: Where, account: Account, make: Make) -> None:
        self.world, self.where, self.account, self.make = world, where, account, make
        self.rng = Random(f"{account.user} {where.address} {where.port}")
        self.mac = f"{self.rng.randrange(1 << 48):012x}"
        self._link = Link(self._received)
        self._waiting: dict[str, asyncio.Queue[Received]] = {}
        self._dialogs: dict[str, Dialog] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._media_port = _FIRST_MEDIA_PORT + 2 * self.rng.randrange(200)
        self.domain = _bracket(where.server)

    async def open(self) -> None:
        """Plug it in."""
        where = self.where
        await self._link.open(
            self.world, where.host, (where.address, where.port), (where.server, SIP_PORT), where.tcp
        )

    async def close(self) -> None:
        """Unplug it, in the middle of whatever it does."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for dialog in self._dialogs.values():
            if dialog.voice is not None:
                dialog.voice.close()
        await self._link.close()

    @abstractmethod
    async def _answer_request(self, request: Received) -> None:
        """Do what a request asks, or refuse it; every request is answered."""

    def _received(self, message: Received) -> None:
        if message.status:
            waiting = self._waiting.get(message.branch)
            if waiting is not None and message.method != "CANCEL":
                waiting.put_nowait(message)
            return
        task = asyncio.create_task(self._answer_request(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Requests of ours.

    async def _start_dialog(
        self,
        method: str,
        uri: str,
        fields: Mapping[str, str],
        body: str,
        *,
        voice: Voice | None = None,
        cancel_after_s: float = 0.0,
        password: str | None = None,
    ) -> tuple[Received | None, Dialog | None]:
        """A request outside a dialog, challenged once; the final answer and its dialog."""
        call_id = self.make.call_id(self.rng, self.where.address)
        cseq, tag = self.make.first_cseq, self.make.tag(self.rng)
        every = {
            "From": f"{self._name()};tag={tag}",
            "To": f"<{uri}>",
            "Call-ID": call_id,
            **fields,
        }
        dialog = Dialog(call_id, every["From"], "", uri, [], cseq + 1, voice)
        self._dialogs[call_id] = dialog
        done = await self._request(method, uri, every, cseq, body, voice=voice)
        if done is not None and done.status in (401, 407):
            header = "Authorization" if done.status == 401 else "Proxy-Authorization"
            cseq += 1
            every = {**every, header: self._credentials(done, method, uri, password)}
            done = await self._request(
                method, uri, every, cseq, body, voice=voice, cancel_after_s=cancel_after_s
            )
        if done is None or done.status >= 300 or method == "PUBLISH":
            self._dialogs.pop(call_id, None)
            return done, None
        dialog.cseq = cseq
        self._confirm(dialog, done)
        if method == "INVITE":
            self._acknowledge(dialog, every)
        return done, dialog

    def _confirm(self, dialog: Dialog, done: Received) -> None:
        """What a 2xx settles: remote tag, remote target, route set (RFC 3261 section 12)."""
        dialog.remote = done.get("to")
        dialog.target = done.uri("contact") or dialog.target
        dialog.routes = list(reversed(done.every("record-route")))

    async def _within(
        self, method: str, dialog: Dialog, fields: Mapping[str, str], body: str = ""
    ) -> Received | None:
        """A request inside a dialog; re-INVITEs are acknowledged."""
        dialog.cseq += 1
        every = {"From": dialog.local, "To": dialog.remote, "Call-ID": dialog.call_id, **fields}
        if dialog.routes:
            every["Route"] = ", ".join(dialog.routes)
        done = await self._request(method, dialog.target, every, dialog.cseq, body)
        if method == "INVITE" and done is not None and done.status < 300:
            self._acknowledge(dialog, every)
        return done

    def _acknowledge(self, dialog: Dialog, sent: Mapping[str, str]) -> None:
        every = {"From": dialog.local, "To": dialog.remote, "Call-ID": dialog.call_id}
        every["Contact"] = sent["Contact"]
        if dialog.routes:
            every["Route"] = ", ".join(dialog.routes)
        self._send("ACK", dialog.target, every, dialog.cseq, "", self.make.branch(self.rng))

    async def _request(
        self,
        method: str,
        uri: str,
        fields: Mapping[str, str],
        cseq: int,
        body: str = "",
        *,
        voice: Voice | None = None,
        cancel_after_s: float = 0.0,
    ) -> Received | None:
        """Send, repeat while nothing comes (UDP), acknowledge refusals; the final answer."""
        branch = self.make.branch(self.rng)
        answers: asyncio.Queue[Received] = asyncio.Queue()
        self._waiting[branch] = answers
        sendings, heard = 0, False
        canceller = self._cancel_later(uri, fields, cseq, branch, cancel_after_s)
        try:
            while True:
                if not heard and sendings < _SENDINGS:
                    self._send(method, uri, fields, cseq, body, branch)
                    sendings += 1
                wait_s = _ANSWER_WITHIN_S if heard or sendings == _SENDINGS else _TIMER_T1_S
                try:
                    answer = await asyncio.wait_for(answers.get(), wait_s * max(1, sendings))
                except TimeoutError:
                    if heard or sendings == _SENDINGS:
                        return None
                    continue
                heard = True
                self._hear(voice, answer)
                if answer.status >= 200:
                    if method == "INVITE" and answer.status >= 300:
                        refused = {**fields, "To": answer.get("to")}
                        for name in ("Content-Type", "Proxy-Authorization", "Authorization"):
                            refused.pop(name, None)
                        self._send("ACK", uri, refused, cseq, "", branch)
                    return answer
        finally:
            canceller.cancel()
            self._waiting.pop(branch, None)

    def _hear(self, voice: Voice | None, answer: Received) -> None:
        """Start to speak once the other side says where it listens."""
        target = audio_of(answer.body) if answer.status < 300 else None
        if voice is not None and target is not None:
            voice.speak_to(target)

    def _cancel_later(
        self, uri: str, fields: Mapping[str, str], cseq: int, branch: str, after_s: float
    ) -> asyncio.Task[None]:
        async def cancel() -> None:
            if after_s:
                await asyncio.sleep(after_s)
                kept = {n: v for n, v in fields.items() if n in ("From", "To", "Call-ID")}
                self._send("CANCEL", uri, kept, cseq, "", branch)

        return asyncio.create_task(cancel())

    # How a message is written.

    def _send(
        self,
        method: str,
        uri: str,
        fields: Mapping[str, str],
        cseq: int,
        body: str,
        branch: str,
    ) -> None:
        address, port = self._claimed()
        rport = ";rport" if self.make.rport else ""
        given = {
            "Via": f"SIP/2.0/{self._link.transport} {_bracket(address)}:{port};branch={branch}"
            f"{rport}",
            **fields,
            "CSeq": f"{cseq} {method}",
            "Max-Forwards": "70",
            "Content-Length": str(len(body.encode())),
        }
        headers = self.make.headers(method, given)
        self._write(f"{method} {uri} SIP/2.0", headers, body)

    def _reply(
        self,
        request: Received,
        status: int,
        reason: str,
        *,
        tag: str = "",
        body: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        to = request.get("to")
        if not request.tag("to") and status > 100:
            to += f";tag={tag or self.make.tag(self.rng)}"
        fixed = [("Via", value) for value in request.every("via")]
        fixed += [("Record-Route", value) for value in request.every("record-route")]
        fixed += [("From", request.get("from")), ("To", to), ("Call-ID", request.get("call-id"))]
        fixed += [("CSeq", request.get("cseq")), ("Contact", self._contact())]
        fixed += [("User-Agent", self.make.user_agent), *(extra or {}).items()]
        if body:
            fixed.append(("Content-Type", "application/sdp"))
        fixed.append(("Content-Length", str(len(body.encode()))))
        self._write(f"SIP/2.0 {status} {reason}", fixed, body)

    def _write(self, start: str, headers: list[tuple[str, str]], body: str) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self._link.send(f"{start}\r\n{head}\r\n{body}".encode())

    def _credentials(self, challenge: Received, method: str, uri: str, password: str | None) -> str:
        header = "www-authenticate" if challenge.status == 401 else "proxy-authenticate"
        secret = self.account.password if password is None else password
        return Credentials(self.account.user, secret).answer(
            parameters(challenge.get(header)), method, uri, f"{self.rng.randrange(1 << 64):016x}"
        )

    def _claimed(self) -> tuple[str, int]:
        """The address and port that the phone believes to have."""
        return self.where.claimed or self._link.local

    def _name(self) -> str:
        return f'"{self.account.display}" <sip:{self.account.user}@{self.domain}>'

    def _contact(self, *, instance: bool = False) -> str:
        address, port = self._claimed()
        tcp = ";transport=tcp" if self._link.transport == "TCP" else ""
        parameters_ = self.make.contact(self.mac) if instance else ""
        return f"<sip:{self.account.user}@{_bracket(address)}:{port}{tcp}>{parameters_}"

    def _pick_up(self) -> Voice:
        self._media_port += 2
        return Voice(self.world, self.where.host, self.where.address, self._media_port, self.rng)


def _bracket(address: str) -> str:
    """An address as a URI writes it."""
    return f"[{address}]" if ":" in address else address
