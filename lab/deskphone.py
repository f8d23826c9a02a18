"""A desk phone of the lab: registers, calls, answers, watches lamps, as its make does.

One phone is one link (UDP port or TCP connection) for everything, as on a desk.
Requests we send wait in `_waiting` under their branch; requests that come in
are answered by `_answer_request`; a call is one `Dialog` under its Call-ID.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from lab.accounts import Account
from lab.addresses import PBX, SIP_PORT
from lab.digest import Credentials, parameters
from lab.makes import Make
from lab.media import Voice, audio_of, offer
from lab.namespaces import World
from lab.wire import Link, Received

_TIMER_T1_S: Final = 0.5
_SENDINGS: Final = 4
_ANSWER_WITHIN_S: Final = 12.0
_FIRST_MEDIA_PORT: Final = 11780


@dataclass(frozen=True, slots=True)
class Manner:
    """What the phone does when it rings: answer after `ring_s`, or refuse with `status`."""

    status: int = 200
    ring_s: float = 0.2


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


class DeskPhone:
    """One phone with one account."""

    def __init__(
        self, world: World, where: Where, account: Account, make: Make, seed: int = 0
    ) -> None:
        self.world, self.where, self.account, self.make = world, where, account, make
        self.manner = Manner()
        self.rng = Random(f"{account.user} {where.address} {where.port} {seed}")
        self.mac = f"{self.rng.randrange(1 << 48):012x}"
        self._link = Link(self._received)
        self._waiting: dict[str, asyncio.Queue[Received]] = {}
        self._dialogs: dict[str, Dialog] = {}
        self._ringing: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._register_id = self.make.call_id(self.rng, self.where.address)
        self._register_tag = self.make.tag(self.rng)
        self._register_cseq = self.make.first_cseq - 1
        self._media_port = _FIRST_MEDIA_PORT + 2 * self.rng.randrange(200)
        server = where.server
        self.domain = f"[{server}]" if ":" in server else server

    async def open(self) -> None:
        """Plug the phone in."""
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

    # What the user does.

    async def register(self, *, expires_s: int = 3600, password: str | None = None) -> int:
        """Register once, answering one challenge; the final status (0: no answer)."""
        uri = f"sip:{self.domain}"
        fields = {
            "From": f"{self._name()};tag={self._register_tag}",
            "To": self._name(),
            "Call-ID": self._register_id,
            "Contact": self._contact(instance=True),
            "Expires": str(expires_s),
        }
        self._register_cseq += 1
        done = await self._request("REGISTER", uri, fields, self._register_cseq)
        if done is not None and done.status == 401:
            self._register_cseq += 1
            fields["Authorization"] = self._credentials(done, "REGISTER", uri, password)
            done = await self._request("REGISTER", uri, fields, self._register_cseq)
        return done.status if done else 0

    async def options(self) -> int:
        """A keep-alive OPTIONS to the server; the final status (0: no answer)."""
        uri = f"sip:{self.domain}"
        fields = {
            "From": f"{self._name()};tag={self.make.tag(self.rng)}",
            "To": f"<{uri}>",
            "Call-ID": self.make.call_id(self.rng, self.where.address),
            "Contact": self._contact(),
            "Accept": "application/sdp",
        }
        done = await self._request("OPTIONS", uri, fields, self.make.first_cseq)
        return done.status if done else 0

    async def subscribe(
        self, user: str, event: str = "dialog", accept: str = "application/dialog-info+xml"
    ) -> int:
        """Watch `user`'s lamp (RFC 4235) or another event; the final status."""
        uri = f"sip:{user}@{self.domain}"
        fields = {"Event": event, "Accept": accept, "Expires": "600", "Contact": self._contact()}
        done, _ = await self._start_dialog("SUBSCRIBE", uri, fields, "")
        return done.status if done else 0

    async def publish(self, event: str = "presence") -> int:
        """Tell the server our state (RFC 3903); the final status."""
        uri = f"sip:{self.account.user}@{self.domain}"
        body = (
            '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" '
            f'entity="{uri}"><tuple id="t1"><status><basic>open</basic></status></tuple>'
            "</presence>"
        )
        fields = {"Event": event, "Expires": "3600", "Content-Type": "application/pidf+xml"}
        done, _ = await self._start_dialog("PUBLISH", uri, fields, body)
        return done.status if done else 0

    async def call(
        self,
        number: str,
        talk_s: float = 0.5,
        *,
        hold_s: float = 0.0,
        transfer_to: str = "",
        cancel_after_s: float = 0.0,
        password: str | None = None,
    ) -> int:
        """Dial `number`, talk, perhaps hold or transfer, hang up; the final status."""
        uri = f"sip:{number}@{self.domain}"
        voice = self._pick_up()
        body = offer(self._claimed()[0], voice.port, self.make.codecs)
        fields = {"Contact": self._contact(), "Content-Type": "application/sdp"}
        try:
            done, dialog = await self._start_dialog(
                "INVITE", uri, fields, body, voice=voice,
                cancel_after_s=cancel_after_s, password=password,
            )  # fmt: skip
            if dialog is None:
                return done.status if done else 0
            await self._talk(dialog, voice, talk_s, hold_s, transfer_to)
            return 200
        finally:
            voice.close()

    async def _talk(
        self, dialog: Dialog, voice: Voice, talk_s: float, hold_s: float, transfer_to: str
    ) -> None:
        """The middle and the end of an answered call."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(dialog.ended.wait(), talk_s)
        if hold_s and not dialog.ended.is_set():
            for direction, pause_s in (("sendonly", hold_s), ("sendrecv", talk_s)):
                body = offer(self._claimed()[0], voice.port, self.make.codecs, direction)
                fields = {"Contact": self._contact(), "Content-Type": "application/sdp"}
                await self._within("INVITE", dialog, fields, body)
                await asyncio.sleep(pause_s)
        if transfer_to and not dialog.ended.is_set():
            refer = {
                "Contact": self._contact(),
                "Refer-To": f"<sip:{transfer_to}@{self.domain}>",
                "Referred-By": f"<sip:{self.account.user}@{self.domain}>",
            }
            await self._within("REFER", dialog, refer)
            await asyncio.sleep(talk_s)
        if not dialog.ended.is_set():
            await self._within("BYE", dialog, {})
        self._dialogs.pop(dialog.call_id, None)

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

    # Requests of others.

    def _received(self, message: Received) -> None:
        if message.status:
            waiting = self._waiting.get(message.branch)
            if waiting is not None and message.method != "CANCEL":
                waiting.put_nowait(message)
            return
        task = asyncio.create_task(self._answer_request(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer_request(self, request: Received) -> None:
        call_id = request.get("call-id")
        match request.method:
            case "INVITE" if not request.tag("to"):
                await self._ring(request)
            case "INVITE":
                voice = self._pick_up()
                body = offer(self._claimed()[0], voice.port, self.make.codecs)
                voice.close()
                self._reply(request, 200, "OK", body=body)
            case "CANCEL":
                self._reply(request, 200, "OK")
                if call_id in self._ringing:
                    self._ringing[call_id].set()
            case "BYE":
                self._reply(request, 200, "OK")
                self._hang_up(call_id)
            case "REFER":
                await self._follow_refer(request)
            case "SUBSCRIBE":
                await self._serve_lamp(request)
            case "ACK":
                pass
            case _:
                self._reply(request, 200, "OK")

    def _hang_up(self, call_id: str) -> None:
        """The other side ended the call."""
        dialog = self._dialogs.pop(call_id, None)
        if dialog is not None:
            dialog.ended.set()
            if dialog.voice is not None:
                dialog.voice.close()

    async def _ring(self, request: Received) -> None:
        """An incoming call: ring, then answer or refuse, as `manner` says."""
        call_id, tag = request.get("call-id"), self.make.tag(self.rng)
        if call_id in self._ringing or call_id in self._dialogs:
            return
        cancelled = self._ringing[call_id] = asyncio.Event()
        self._reply(request, 180, "Ringing", tag=tag)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(cancelled.wait(), self.manner.ring_s)
        del self._ringing[call_id]
        if cancelled.is_set():
            self._reply(request, 487, "Request Terminated", tag=tag)
            return
        if self.manner.status != 200:
            reasons = {486: "Busy Here", 480: "Temporarily Unavailable", 603: "Decline"}
            self._reply(request, self.manner.status, reasons[self.manner.status], tag=tag)
            return
        voice = self._pick_up()
        self._dialogs[call_id] = self._answering_dialog(request, tag, voice)
        body = offer(self._claimed()[0], voice.port, self.make.codecs)
        self._reply(request, 200, "OK", tag=tag, body=body)
        target = audio_of(request.body)
        if target is not None:
            voice.speak_to(target)

    def _answering_dialog(self, request: Received, tag: str, voice: Voice | None) -> Dialog:
        return Dialog(
            request.get("call-id"), f"{request.get('to')};tag={tag}", request.get("from"),
            request.uri("contact"), request.every("record-route"), self.make.first_cseq, voice,
        )  # fmt: skip

    async def _follow_refer(self, request: Received) -> None:
        """A transfer (RFC 3515): accept it, call the new party, report, as phones do."""
        self._reply(request, 202, "Accepted")
        dialog = self._dialogs.get(request.get("call-id"))
        if dialog is None:
            return
        number = request.uri("refer-to").partition(":")[2].partition("@")[0]
        report = {"Event": "refer", "Contact": self._contact(), "Content-Type": "message/sipfrag"}
        trying = {**report, "Subscription-State": "active;expires=60"}
        await self._within("NOTIFY", dialog, trying, "SIP/2.0 100 Trying\r\n")
        status = await self.call(number, 0.3)
        ended = {**report, "Subscription-State": "terminated;reason=noresource"}
        await self._within("NOTIFY", dialog, ended, f"SIP/2.0 {status} Done\r\n")

    async def _serve_lamp(self, request: Received) -> None:
        """Tell a colleague's phone whether we are on a call (RFC 4235)."""
        tag = request.tag("to") or self.make.tag(self.rng)
        self._reply(request, 200, "OK", tag=tag, extra={"Expires": request.get("expires")})
        if request.tag("to"):
            return
        lamp = self._answering_dialog(request, tag, None)
        body = (
            '<?xml version="1.0"?>\r\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" '
            f'version="0" state="full" entity="sip:{self.account.user}@{self.domain}">'
            "</dialog-info>\r\n"
        )
        fields = {
            "Contact": self._contact(), "Event": "dialog",
            "Subscription-State": f"active;expires={request.get('expires') or '600'}",
            "Content-Type": "application/dialog-info+xml",
        }  # fmt: skip
        await self._within("NOTIFY", lamp, fields, body)

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
