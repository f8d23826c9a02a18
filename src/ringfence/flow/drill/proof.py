"""The drill's side of the proof: who answers at the phone system's address knows the code."""

from __future__ import annotations

from ringfence.flow.drill.code import TO_DRILL, TO_HOST, opened, sealed
from ringfence.flow.drill.host import BEGIN, HELLO, STANDS
from ringfence.flow.drill.line import Line
from ringfence.model.drill import DrillError

_TRIES = 2
# What the guard did stands in files and in a store: a machine that is busy takes its time.
_ANSWER_S, _LOOK_UP_S = 1.0, 5.0


class Proof:
    """Of one address of the phone system."""

    def __init__(self, line: Line, address: str, port: int, key: bytes, drill: str) -> None:
        self._line, self._address, self._port = line, address, port
        self._key, self._drill = key, drill
        self._turn = 0
        self.you = ""  # this machine, as the phone system's sees it

    def get(self) -> None:
        """Prove it. Raises DrillError, and then nothing may be sent there."""
        hello = self._ask(HELLO)
        begun = self._ask(BEGIN, str(hello.get("nonce"))) if hello is not None else None
        if begun is None:
            raise DrillError(
                f"{self._address} did not prove that it is yours: nobody who knows this code "
                f"answered at port {self._port}/UDP. Run `ringfence drill token` there now, type "
                "its code here, and let that port through; a code is good for one drill and 15 "
                "minutes. Nothing was sent to the phone system"
            )
        self.you = str(begun.get("you"))

    def stands(self) -> dict[str, object] | None:
        """How the guard there did about this machine; None: it cannot be asked."""
        return self._ask(STANDS)

    def _ask(self, ask: str, nonce: str = "") -> dict[str, object] | None:
        for _ in range(_TRIES):
            self._turn += 1
            said: dict[str, object] = {
                "to": TO_HOST, "pbx": self._address, "drill": self._drill, "ask": ask,
                "nonce": nonce, "turn": self._turn,
            }  # fmt: skip
            octets = sealed(self._key, said)

            def question(_address: str, _port: int, octets: bytes = octets) -> bytes:
                return octets

            heard = self._line.ask(
                self._address, self._port, question, f"question: {ask}",
                wait_s=_LOOK_UP_S if ask == STANDS else _ANSWER_S,
            )  # fmt: skip
            answer = opened(self._key, heard.octets, TO_DRILL)
            same = ("pbx", "drill", "turn")
            if answer is not None and all(answer.get(name) == said[name] for name in same):
                return answer
        return None
