"""A desk phone of the lab: registers, calls, answers, watches lamps, as its make does."""

import asyncio
import contextlib
from dataclasses import dataclass

from lab.accounts import Account
from lab.endpoint import Dialog, Endpoint, Where
from lab.makes import Make
from lab.media import Voice, audio_of, offer
from lab.namespaces import World
from lab.wire import Received


@dataclass(frozen=True, slots=True)
class Manner:
    """What the phone does when it rings: answer after `ring_s`, or refuse with `status`."""

    status: int = 200
    ring_s: float = 0.2


class DeskPhone(Endpoint):
    """One phone with one account."""

    def __init__(self, world: World, where: Where, account: Account, make: Make) -> None:
        super().__init__(world, where, account, make)
        self.manner = Manner()
        self._ringing: dict[str, asyncio.Event] = {}
        self._register_id = self.make.call_id(self.rng, self.where.address)
        self._register_tag = self.make.tag(self.rng)
        self._register_cseq = self.make.first_cseq - 1

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

    # Requests of others.

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
