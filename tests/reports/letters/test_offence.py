"""What was done, told for investigators: sums are right, lists are bounded."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.incident import Suspect, UnlistedCalls
from ringfence.reports.letters import offence
from tests.reports.letters.police_scene import FORGED, GUESSER, THIEF, hostile, night


def told(*suspects: Suspect, **changes: object) -> str:
    return " ".join(s for p in offence.story(night(*suspects, **changes)) for s in p)


def test_losses_are_summed_by_day() -> None:
    assert [(x.day, x.currency, round(x.amount, 2), x.calls) for x in offence.losses([THIEF])] == [
        ("2026-01-01", "USD", 64.13, 1),
        ("2026-01-02", "USD", 90.43, 2),
    ]


def test_calls_beyond_the_list_are_in_the_sum() -> None:
    more = replace(THIEF, calls_unlisted=UnlistedCalls(10, 100.0, 45.44, 2))
    assert offence.total(offence.losses([more])) == "200 USD"
    assert offence.unpriced([more]) == 2


def test_two_currencies_are_never_added() -> None:
    other = replace(THIEF, address="203.0.113.8", currency="EUR")
    assert offence.total(offence.losses([THIEF, other])) == "155 EUR and 155 USD"


def test_who_took_something_stands_first() -> None:
    assert [s.address for s in offence.ranked(night(FORGED, GUESSER, THIEF))] == [
        THIEF.address, GUESSER.address, FORGED.address,
    ]  # fmt: skip


def test_the_story_begins_with_what_was_taken() -> None:
    assert told().startswith("Between 2026-01-01 21:02:11 and 2026-01-02 04:41:37 UTC somebody")
    assert "3 telephone calls at our cost: 90.2 minutes in all, about 155 USD" in told()


def test_who_did_not_get_in_is_not_said_to_have_done() -> None:
    assert "they did not get in" in told(GUESSER)
    assert "extension" not in told(GUESSER).partition("SIP:")[0]


def test_a_forged_address_is_said_to_be_perhaps_forged() -> None:
    assert "198.51.100.20 is not proven and may be forged" in told()
    assert "203.0.113.7 is proven" in told(THIEF)


def test_nothing_is_said_to_be_sealed_or_blocked_that_is_not() -> None:
    words = told(evidence=None, blocked=False)
    assert "sealed" not in words
    assert "blocked" not in words


def test_tables_are_bounded_whatever_an_attacker_does() -> None:
    brief = hostile("x")
    sources = offence.ranked(brief)
    assert len(offence.source_entries(brief)) == offence.MAX_SOURCES
    assert len(offence.call_lines(sources)) == offence.MAX_CALLS + 2
    assert offence.calls_beyond(sources) == sum(s.calls_total for s in sources) - offence.MAX_CALLS
    assert len(offence.account_lines(sources)) <= offence.MAX_ACCOUNTS + 3
    assert len(offence.evidence_lines_of(brief.evidence)) < 40


def test_a_hash_stands_whole_in_one_line() -> None:
    assert f"    {'ab' * 32}" in offence.evidence_lines_of(night().evidence)


def test_a_network_is_a_host_and_unknown_where_nobody_answers() -> None:
    of = offence.network_of(night(), "203.0.113.91")
    assert (of.holder, of.desk) == ("Example Hosting LLC", "abuse@hosting.example")
    assert offence.whose(offence.network_of(night(), "192.0.2.1")) == "holder not known"
