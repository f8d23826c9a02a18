"""One suspect in full."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.exchange import Exchange
from ringfence.model.incident import Clue, MessageReference, UnlistedCalls
from ringfence.reports.portrait import MAX_CALLS, MAX_CLUES, MAX_NUMBERS, line_of, portray
from tests.reports.dossiers import ANSWERED, ATTACKER, FORGED, NIGHT, READ, dossier


def test_clues_add_up_to_the_sum() -> None:
    portrait = portray(NIGHT, 0)
    assert portrait.clues[0].rule == "prior"
    assert sum(c.weight_db for c in portrait.clues) == pytest.approx(portrait.weight_db)
    assert [c.rule for c in portrait.clues[1:]] == ["tool_agent", "guessing_one", "registered"]
    assert portrait.clues[2].packets == "3, 5"


def test_packets_of_several_captures_name_theirs() -> None:
    places = [MessageReference(0, 3, ""), MessageReference(1, 9, "")]
    suspect = replace(ATTACKER, clues=[Clue("x", 1.0, "x", places)])
    clues = portray(dossier(suspect, inputs=[READ, READ]), 0).clues
    assert clues[1].packets == "3 of capture 1; 9 of capture 2"


def test_what_it_got() -> None:
    portrait = portray(NIGHT, 0)
    assert portrait.taken == ("240",)
    (call,) = portrait.calls
    assert (call.number, call.country, call.line, call.lasted, call.cost) == (
        "+449098790115", "United Kingdom", "premium rate", "8:00", "27 USD",
    )  # fmt: skip
    assert portrait.more_accounts == 30
    assert portrait.hand == ("The same hand moves 203.0.113.91. What they share: uses account 240.")
    assert portrait.exchange is not None
    assert ("Requests", "91 (64 REGISTER, 12 INVITE, 12 ACK, 3 other)") in portrait.details


def test_words_tried_are_told_by_their_shape() -> None:
    told = "240: 4 digits (12 words); 240: the account itself (1 word)"
    assert ("Words tried, masked", told) in portray(NIGHT, 0).details


def test_proof_is_explained() -> None:
    assert portray(NIGHT, 0).proven
    forged = portray(NIGHT, 1)
    assert not forged.proven
    assert "Anybody can write any source address" in forged.proof_means


def test_a_proof_that_nobody_knows_is_none() -> None:
    assert portray(dossier(replace(ATTACKER, proven="oracle")), 0).proof.startswith("Not proven")


def test_a_command_explains_it_at_home_only() -> None:
    odd = dossier(ATTACKER, inputs=[replace(READ, path="my night.pcap")])
    assert portray(odd, 0).explain == "ringfence explain 'my night.pcap' --address 203.0.113.7"
    assert portray(replace(odd, redacted=True), 0).explain == ""


def test_an_exchange_without_events_is_not_drawn() -> None:
    empty = replace(NIGHT, exchanges={ATTACKER.address: Exchange("x", ())})
    assert portray(empty, 0).exchange is None


def test_a_hunter_of_ten_thousand_numbers_fits() -> None:
    suspect = replace(
        ATTACKER, numbers_dialled=[str(n) for n in range(10_000)], calls_answered=[ANSWERED] * 500,
        clues=[Clue("x", 0.1, "x", [])] * 500,
    )  # fmt: skip
    portrait = portray(dossier(suspect), 0)
    assert (len(portrait.numbers), portrait.more_numbers) == (MAX_NUMBERS, 10_000 - MAX_NUMBERS)
    assert (len(portrait.calls), portrait.more_calls) == (MAX_CALLS, 500 - MAX_CALLS)
    assert len(portrait.clues) == MAX_CLUES + 1


def test_one_line() -> None:
    line = line_of(ATTACKER)
    assert (line.kinds, line.proof, line.success) == (
        "password guessing and toll fraud", "proven", "took 240, 1 call answered",
    )  # fmt: skip
    assert (line_of(FORGED).proof, line_of(FORGED).success) == ("not proven", "none seen")


def test_calls_beyond_the_document_are_summed_up() -> None:
    unlisted = UnlistedCalls(976, 1952.0, 390.4, 12)
    many = replace(ATTACKER, calls_answered=[ANSWERED] * 1024, calls_unlisted=unlisted)
    details = dict(portray(dossier(many), 0).details)
    assert "976 calls" in details["Of these not listed"]
    assert "without the 12 whose number was not read" in details["Of these not listed"]


def test_a_night_that_is_listed_has_no_rest() -> None:
    assert "Of these not listed" not in dict(portray(dossier(ATTACKER), 0).details)
