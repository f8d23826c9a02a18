"""A phone system and phones of tests: real datagrams over the wire between two namespaces."""

from __future__ import annotations

import re
import socket
import time
from collections import Counter
from hashlib import md5
from itertools import count
from threading import Thread
from types import TracebackType
from typing import Self

_KEPT = ("via:", "from:", "call-id:", "cseq:")
_NUMBERS = count(1)
_T1_S = 0.5


class Registrar:
    """Challenges each request; who answers with `good` is let in. Counts what reaches it."""

    def __init__(self, opened: socket.socket) -> None:
        self.heard: Counter[str] = Counter()
        self._opened, self._stopped = opened, False
        self._opened.settimeout(0.1)
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped = True
        self._thread.join()
        self._opened.close()

    def _serve(self) -> None:
        while not self._stopped:
            try:
                asked, where = self._opened.recvfrom(65_536)
            except TimeoutError:
                continue
            self.heard[where[0]] += 1
            try:
                self._opened.sendto(_answer(asked.decode()), where)
            except OSError:  # the wire was pulled out
                continue


class Phone:
    """One socket of a phone, a trunk, or an attacker."""

    def __init__(self, opened: socket.socket, server: tuple[str, int]) -> None:
        self._opened, self._server = opened, server
        self._here = "{}:{}".format(*opened.getsockname())

    def close(self) -> None:
        self._opened.close()

    def ask(self, method: str, user: str, secret: str, wait_s: float = 1.0) -> int:
        """The last answer in a call of its own, by name and secret; 0: silence."""
        call, self._wait_s = next(_NUMBERS), wait_s
        challenge = self._exchange(method, user, call, 1)
        nonce = re.search('nonce="([^"]+)"', challenge)
        if nonce is None:
            return 0
        proof = (
            f'Authorization: Digest username="{user}", realm="pbx", nonce="{nonce[1]}", '
            f'uri="sip:pbx", response="{secret}"\r\n'
        )
        answer = self._exchange(method, user, call, 2, proof)
        return int(answer.split()[1]) if answer else 0

    def send(self, method: str, user: str, proof: str = "", call: int = 0, turn: int = 1) -> None:
        """One request, whatever comes of it."""
        call = call or next(_NUMBERS)
        text = (
            f"{method} sip:{user}@pbx SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK{call}t{turn}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{user}@pbx>;tag=t{call}\r\nTo: <sip:{user}@pbx>\r\n"
            f"Call-ID: c{call}@{self._here}\r\nCSeq: {turn} {method}\r\n"
            f"Contact: <sip:{user}@{self._here}>\r\nUser-Agent: Phone 1.2\r\n{proof}"
            "Content-Length: 0\r\n\r\n"
        )
        self._opened.sendto(text.encode(), self._server)

    def _exchange(self, method: str, user: str, call: int, turn: int, proof: str = "") -> str:
        """The answer to a request that is sent again while there is none (RFC 3261 §17.1)."""
        ends, pause_s = time.monotonic() + self._wait_s, _T1_S
        while True:
            self.send(method, user, proof, call, turn)
            again = min(time.monotonic() + pause_s, ends)
            answer = self._answer(call, turn, again)
            if answer or time.monotonic() >= ends:
                return answer
            pause_s *= 2

    def _answer(self, call: int, turn: int, until: float) -> str:
        while (left_s := until - time.monotonic()) > 0:
            self._opened.settimeout(left_s)
            try:
                answer = self._opened.recv(65_536).decode()
            except TimeoutError:
                break
            if f"Call-ID: c{call}@" in answer and f"CSeq: {turn} " in answer:
                return answer
        return ""


def _answer(asked: str) -> bytes:
    lines = asked.split("\r\n")
    kept = [line for line in lines if line.lower().startswith(_KEPT)]
    to = next(line for line in lines if line.startswith("To:"))
    is_in = 'response="good"' in asked
    nonce = md5(asked.encode(), usedforsecurity=False).hexdigest()
    first = "SIP/2.0 200 OK" if is_in else "SIP/2.0 401 Unauthorized"
    more = [] if is_in else [f'WWW-Authenticate: Digest realm="pbx", nonce="{nonce}"']
    said = [first, *kept, f"{to};tag=pbx", *more, "Content-Length: 0", "", ""]
    return "\r\n".join(said).encode()
