"""Phones of tests: a real registration with a digest, a real call, media counted both ways."""

from __future__ import annotations

import re
import socket
import struct
import time
from itertools import count
from threading import Thread

from lab.digest import Credentials, parameters
from lab.kamailio import DOMAIN
from lab.media import audio_of, offer

_NUMBERS = count(1)
PACKETS = 25


class Phone:
    """One UDP port for SIP, one for media, one account."""

    def __init__(
        self, sip: socket.socket, media: socket.socket, server: str, account: Credentials
    ) -> None:
        self.sip, self.media, self._account = sip, media, account
        self._server = (server, 5060)
        self.address = sip.getsockname()[0]
        self.heard = 0  # packets of media
        self._here = "{}:{}".format(*sip.getsockname()[:2])

    def close(self) -> None:
        self.sip.close()
        self.media.close()

    def register(self, wait_s: float = 15.0) -> int:
        """The last status; 0: silence."""
        return _status(self._ask("REGISTER", f"sip:{DOMAIN}", self._account.user, wait_s))

    def options(self, wait_s: float = 15.0) -> int:
        return _status(self._exchange("OPTIONS", f"sip:{DOMAIN}", "x", next(_NUMBERS), 1, wait_s))

    def call(self, number: str) -> int:
        """Dial, speak, listen, hang up; the status, and `heard` counts what came."""
        body = offer(self.address, self.media.getsockname()[1], (0,))
        answer = self._ask("INVITE", f"sip:{number}@{DOMAIN}", number, 15.0, body)
        if _status(answer) == 200:
            where = audio_of(answer)
            assert where is not None
            self._within(answer, "ACK", number)
            self._speak(where)
            self._within(answer, "BYE", number)
        return _status(answer)

    def answering(self) -> Thread:
        """Take the next call: say what is heard again, until the other hangs up."""
        thread = Thread(target=self._answer, daemon=True)
        thread.start()
        return thread

    def _answer(self) -> None:
        invite = self._request("INVITE")
        where = audio_of(invite)
        assert where is not None
        kept = "\r\n".join(_headers(invite, "via", "record-route", "from", "call-id", "cseq"))
        to = _headers(invite, "to")[0]
        body = offer(self.address, self.media.getsockname()[1], (0,))
        self._send(
            f"SIP/2.0 200 OK\r\n{kept}\r\n{to};tag=callee\r\nContact: <sip:{self._account.user}@"
            f"{self._here}>\r\nContent-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n"
            f"{body}"
        )
        self._speak(where)
        bye = self._request("BYE")
        kept = "\r\n".join(_headers(bye, "via", "from", "to", "call-id", "cseq"))
        self._send(f"SIP/2.0 200 OK\r\n{kept}\r\nContent-Length: 0\r\n\r\n")

    def _request(self, method: str) -> str:
        self.sip.settimeout(20.0)
        while True:
            text = self.sip.recv(65_536).decode()
            if text.startswith(f"{method} "):
                return text

    def _speak(self, where: tuple[str, int]) -> None:
        self.media.settimeout(0.02)
        for number in range(PACKETS):
            head = struct.pack(">BBHII", 0x80, 0, number, number * 160, 7)
            self.media.sendto(head + bytes(160), where)
            self._listen(time.monotonic() + 0.02)
        self._listen(time.monotonic() + 1.0)

    def _listen(self, until: float) -> None:
        while time.monotonic() < until:
            try:
                octets = self.media.recv(2048)
            except TimeoutError:
                continue
            self.heard += len(octets) == 172 and octets[0] == 0x80

    def _ask(self, method: str, uri: str, to: str, wait_s: float, body: str = "") -> str:
        """Once without credentials, then with them."""
        call = next(_NUMBERS)
        first = self._exchange(method, uri, to, call, 1, wait_s, body=body)
        asked = re.search(r"^(WWW|Proxy)-Authenticate: (.*?)\r$", first, re.MULTILINE)
        if asked is None:
            return first
        if method == "INVITE":
            self._send(self._text("ACK", uri, to, call, 1, "", ""))
        proof = self._account.answer(parameters(asked[2]), method, uri, "c0ffee")
        name = "Authorization" if asked[1] == "WWW" else "Proxy-Authorization"
        return self._exchange(method, uri, to, call, 2, wait_s, f"{name}: {proof}\r\n", body)

    def _exchange(
        self, method: str, uri: str, to: str, call: int, turn: int, wait_s: float,
        proof: str = "", body: str = "",
    ) -> str:  # fmt: skip
        text = self._text(method, uri, to, call, turn, proof, body)
        until = time.monotonic() + wait_s
        self.sip.settimeout(0.5)
        while time.monotonic() < until:
            self._send(text)
            try:
                while True:
                    answer = self.sip.recv(65_536).decode()
                    if f"CSeq: {turn} {method}" in answer and _status(answer) >= 200 and (
                        f"call{call}@" in answer
                    ):  # fmt: skip
                        return answer
            except TimeoutError:
                continue
        return ""

    def _within(self, answer: str, method: str, to: str) -> None:
        target = re.search(r"^Contact: <([^>]+)>", answer, re.MULTILINE)
        assert target is not None
        routes = [one.partition(":")[2] for one in _headers(answer, "record-route")]
        route = "".join(f"Route:{one}\r\n" for one in reversed(routes))
        call = re.search(r"call(\d+)@", answer)
        tag = re.search(r"^To: .*;tag=(\S+?)\r$", answer, re.MULTILINE)
        assert call is not None
        assert tag is not None
        turn = 2 if method == "ACK" else 3
        self._send(
            self._text(method, target[1], to, int(call[1]), turn, route, "", f";tag={tag[1]}")
        )

    def _text(
        self, method: str, uri: str, to: str, call: int, turn: int, more: str, body: str,
        tag: str = "",
    ) -> str:  # fmt: skip
        user = self._account.user
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._here};rport;branch=z9hG4bK{call}t{turn}{method[0]}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{user}@{DOMAIN}>;tag=t{call}\r\n"
            f"To: <sip:{to}@{DOMAIN}>{tag}\r\nCall-ID: call{call}@{self._here}\r\n"
            f"CSeq: {turn} {method}\r\nContact: <sip:{user}@{self._here}>\r\n{more}{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _send(self, text: str) -> None:
        self.sip.sendto(text.encode(), self._server)


def _status(answer: str) -> int:
    return int(answer.split()[1]) if answer.startswith("SIP/2.0 ") else 0


def _headers(text: str, *names: str) -> list[str]:
    lines = text.partition("\r\n\r\n")[0].split("\r\n")[1:]
    return [line for line in lines if line.partition(":")[0].lower() in names]
