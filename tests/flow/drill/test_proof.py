"""The proof: only who knows the code is believed, and only where he was asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.flow.drill.code import TO_DRILL, key_of, sealed
from ringfence.flow.drill.host import Host
from ringfence.flow.drill.line import ANSWER, SILENCE, Heard, Line, Request
from ringfence.flow.drill.proof import Proof
from ringfence.model.drill import DrillError

KEY, OTHER = key_of("ABCD-EFGH-JKMN-PQRS"), key_of("ABCD-EFGH-JKMN-PQRT")
PBX, US = "192.0.2.10", "192.0.2.77"


# ruff: noqa: ARG002  the arguments are the line's


class Wire(Line):
    """No packets: `there` answers."""

    def __init__(self, there: Callable[[bytes], bytes | None]) -> None:
        super().__init__()
        self.there, self.asked = there, 0

    def ask(
        self, address: str, port: int, request: Request, what: str, *,
        wait_s: float = 1.0, burst: bool = False,
    ) -> Heard:  # fmt: skip
        self.asked += 1
        octets = self.there(request(US, 4000))
        return Heard(SILENCE) if octets is None else Heard(ANSWER, octets)


def host(folder: Path, pbx: str = PBX) -> Host:
    return Host(
        KEY, [pbx], datetime.now(UTC), folder, lambda *_: {"guard": "runs"}, lambda: "n"
    )  # fmt: skip


def test_host_that_knows_the_code_is_proven_and_says_how_the_guard_did(tmp_path: Path) -> None:
    there = host(tmp_path)
    proof = Proof(Wire(lambda o: there.answer(o, US, datetime.now(UTC))), PBX, 5099, KEY, "one")
    proof.get()
    assert proof.you == US
    stands = proof.stands()
    assert stands is not None
    assert stands["guard"] == "runs"


@pytest.mark.parametrize("there", [
    lambda _: None,
    lambda _: b"yes, it is yours",
    lambda octets: octets,
    lambda _: sealed(OTHER, {"to": TO_DRILL, "pbx": PBX, "drill": "one", "turn": 1, "nonce": "n"}),
    lambda _: sealed(KEY, {"to": TO_DRILL, "pbx": PBX, "drill": "two", "turn": 1, "nonce": "n"}),
    lambda _: sealed(KEY, {"to": TO_DRILL, "pbx": US, "drill": "one", "turn": 1, "nonce": "n"}),
    lambda _: sealed(KEY, {"to": TO_DRILL, "pbx": PBX, "drill": "one", "turn": 7, "nonce": "n"}),
], ids=["silent", "words", "echo", "other code", "other drill", "other place", "old"])  # fmt: skip
def test_who_does_not_know_the_code_is_not_drilled(there: Callable[[bytes], bytes | None]) -> None:
    wire = Wire(there)
    with pytest.raises(DrillError, match="did not prove that it is yours"):
        Proof(wire, PBX, 5099, KEY, "one").get()
    assert wire.asked == 2


def test_code_of_another_machine_proves_nothing_here(tmp_path: Path) -> None:
    there = host(tmp_path, "192.0.2.99")
    wire = Wire(lambda octets: there.answer(octets, US, datetime.now(UTC)))
    with pytest.raises(DrillError, match="Nothing was sent to the phone system"):
        Proof(wire, PBX, 5099, KEY, "one").get()
