"""The exchange that decides about a suspect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ringfence.model.exchange import Exchange
from ringfence.model.incident import AnsweredCall, Clue, Incident, MessageReference, Suspect
from ringfence.search.decisive import MAX_EVENTS, MAX_SUSPECTS, Decisive
from ringfence.wire.decoder import Decoder
from ringfence.wire.table import MessageTable
from tests.search.incidents import ATTACKER, SUSPECT, answers, asks, at, incident, tables


def decisive(accused: Incident, *packets: str) -> dict[str, Exchange]:
    found = Decisive(accused)
    seen = sum(len(table) for _, _, table in found.watch(tables(*packets)))
    assert seen == len(packets), "every table is handed on"
    return found.read(tables(*packets))


def say(exchange: Exchange) -> list[tuple[str, int, str]]:
    return [(e.method, e.status, e.call_id) for e in exchange.events]


def answered(seconds: float, cost: float | None = 1.0) -> AnsweredCall:
    return AnsweredCall("+442079460000", "0", "GB", "fixed", "240", at(seconds), 9.0, 0, cost)


def guesses(count: int, first_s: float = 0.0) -> list[str]:
    """Guess after guess, each refused."""
    found = []
    for n in range(count):
        found.append(asks(first_s + n, "REGISTER", f"g{n}", 2, auth=True))
        found.append(answers(first_s + n + 0.1, 401, "REGISTER", f"g{n}", 2))
    return found


def test_the_dearest_answered_call_decides() -> None:
    suspect = replace(SUSPECT, calls_answered=[answered(2), answered(12, 99.0)])
    packets = [
        asks(1, "INVITE", "cheap"), answers(2, 200, "INVITE", "cheap"),
        asks(10, "INVITE", "dear"), answers(11, 183, "INVITE", "dear"),
        answers(12, 200, "INVITE", "dear"), asks(13, "BYE", "dear", 2),
    ]  # fmt: skip
    found = decisive(incident(suspect), *packets)[ATTACKER]
    assert say(found) == [
        ("INVITE", 0, "dear"), ("INVITE", 183, "dear"), ("INVITE", 200, "dear"), ("BYE", 0, "dear"),
    ]  # fmt: skip
    assert found.of == "203.0.113.7: the call to +442079460000 that was answered"
    assert found.omitted == 0


def test_a_caller_who_never_changes_his_call_id() -> None:
    """Hours of other calls under the same Call-ID do not push the answered one out."""
    suspect = replace(SUSPECT, calls_answered=[answered(9000)])
    hunt = [asks(n * 10, "INVITE", "same", n) for n in range(200)]
    packets = [*hunt, asks(8999, "INVITE", "same", 900), answers(9000, 200, "INVITE", "same", 900)]
    found = decisive(incident(suspect, seconds=9000), *packets)[ATTACKER]
    assert say(found) == [("INVITE", 0, "same"), ("INVITE", 200, "same")]


def test_a_call_of_a_thousand_messages_is_cut_and_says_so() -> None:
    suspect = replace(SUSPECT, calls_answered=[answered(0.5)])
    again = [asks(n + 1, "OPTIONS", "c", n + 2) for n in range(100)]
    packets = [asks(0, "INVITE", "c"), answers(0.5, 200, "INVITE", "c"), *again]
    found = decisive(incident(suspect), *packets)[ATTACKER]
    assert len(found.events) == MAX_EVENTS
    assert found.omitted == 102 - MAX_EVENTS


def test_the_password_that_was_let_in_after_refusals() -> None:
    suspect = replace(SUSPECT, accounts_taken=["240"])
    packets = [
        *guesses(40), asks(50, "REGISTER", "hit", 2, auth=True),
        answers(50.1, 200, "REGISTER", "hit", 2), *guesses(40, 51),
    ]  # fmt: skip
    found = decisive(incident(suspect), *packets)[ATTACKER]
    calls = say(found)
    assert ("REGISTER", 200, "hit") in calls
    assert calls[0][1] == 0, "it begins with a request"
    assert len([c for c in calls if c[1] == 401]) > 10
    assert calls.index(("REGISTER", 200, "hit")) == len(calls) - 5
    assert found.of == "203.0.113.7: how it was let in"


def test_what_the_weightiest_clue_rests_on() -> None:
    clues = [
        Clue("light", 5.0, "", [MessageReference(0, 1, "")]),
        Clue("innocent", -50.0, "", [MessageReference(0, 3, "")]),
        Clue("heavy", 30.0, "", [MessageReference(0, 61, "")]),
        Clue("heavier, seen nowhere", 40.0, "", []),
    ]
    found = decisive(incident(replace(SUSPECT, clues=clues)), *guesses(60))[ATTACKER]
    assert found.events[0].packet == 61
    assert len(found.events) == 21


def test_a_packet_of_another_capture_is_another_packet() -> None:
    clues = [Clue("heavy", 30.0, "", [MessageReference(1, 3, "")])]
    found = decisive(incident(replace(SUSPECT, clues=clues)), *guesses(60))[ATTACKER]
    assert found.of == "203.0.113.7: its last messages"


def test_a_suspect_of_whom_nothing_was_found() -> None:
    assert decisive(incident(replace(SUSPECT, address="203.0.113.99")), *guesses(2)) == {}


def test_only_the_first_suspects_are_drawn() -> None:
    many: list[Suspect] = [replace(SUSPECT, address=f"203.0.113.{n}") for n in range(100, 150)]
    packets = [asks(n, "OPTIONS", f"o{n}", source=s.address) for n, s in enumerate(many)]
    assert list(decisive(incident(*many), *packets)) == [s.address for s in many[:MAX_SUSPECTS]]


def test_two_suspects_do_not_mix() -> None:
    other = replace(SUSPECT, address="203.0.113.8")
    packets = [asks(0, "OPTIONS", "a"), asks(1, "OPTIONS", "b", source="203.0.113.8")]
    found = decisive(incident(SUSPECT, other), *packets)
    assert [say(e) for e in found.values()] == [[("OPTIONS", 0, "a")], [("OPTIONS", 0, "b")]]


def test_the_second_reading_ends_where_the_exchange_does() -> None:
    """And an exchange over many tables is whole."""
    suspect = replace(SUSPECT, calls_answered=[answered(1)])
    packets = [
        asks(0, "INVITE", "c"), answers(1, 200, "INVITE", "c"),
        *(asks(2 + n / 1000, "OPTIONS", f"o{n}") for n in range(2000)),
        asks(9, "BYE", "c", 2),
        *(asks(10 + n / 1000, "OPTIONS", f"p{n}") for n in range(2000)),
    ]  # fmt: skip
    found = Decisive(incident(suspect))
    for _ in found.watch(tables(*packets)):
        pass
    counted = [0]

    def again() -> Iterator[tuple[int, Decoder, MessageTable]]:
        for number, decoder, table in tables(*packets):
            yield number, decoder, table
            counted[0] += len(table)

    exchange = found.read(again())[ATTACKER]
    assert [e.method for e in exchange.events] == ["INVITE", "INVITE", "BYE"]
    assert counted[0] < 3500
