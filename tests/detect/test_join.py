"""Two tallies into one: sums, distinct things, open transactions, proofs, repetitions."""

from __future__ import annotations

import pytest

from ringfence.detect import _fields as f
from ringfence.detect._join import HOW
from ringfence.detect.counts import Counts
from ringfence.detect.profile import MAX_PLACES, MAX_SAMPLES, Call, Profile
from ringfence.detect.watch import Watch
from tests.conversations.script import read_scene
from tests.conversations.trial import deeds_of, watch_packets

PARTIES = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" user=100
"""


def merged(text: str, *shares: slice, max_sources: int = 64) -> tuple[Counts, Profile, Watch]:
    """What is known of eve when each share of the packets went to a watch of its own."""
    scene = read_scene(PARTIES + text)
    watch, *others = [watch_packets(scene.packets[share], max_sources) for share in shares]
    for other in others:
        watch.merge(other)
    deeds = deeds_of(scene, watch)["eve"]
    return deeds.counts, deeds.profile, watch


HALVES = (slice(0, None, 2), slice(1, None, 2))


def test_every_number_of_a_row_says_how_it_merges() -> None:
    assert sorted(HOW) == list(range(f.ROW_WIDTH))


# ------------------------------------------------------------ distinct things


def test_accounts_that_both_saw_are_counted_once() -> None:
    counts, _, _ = merged("eve REGISTER {100..109} times=2 > 404", slice(0, 30), slice(10, None))
    assert counts.accounts == 10


def test_hosts_and_clients_are_counted_once() -> None:
    scene = read_scene(PARTIES + "ann 198.51.100.9\nann REGISTER 201 times=4 > 404\n")
    watch = watch_packets(scene.packets[::2])
    watch.merge(watch_packets(scene.packets))
    deeds = deeds_of(scene, watch)
    assert (deeds["ann"].counts.hosts, deeds["pbx"].counts.clients) == (1, 1)


def test_what_only_both_together_have_is_worth_a_look() -> None:
    """One account in each part is a phone; two are the beginning of a list."""
    counts, _, _ = merged("eve REGISTER {101,102} > 404", slice(0, 2), slice(2, 4))
    assert (counts.accounts, counts.worth & 2) == (2, 2)


# ------------------------------------------------------------ transactions that were cut


@pytest.mark.parametrize("swapped", [False, True])
def test_refusal_is_joined_with_the_guess_that_another_saw(*, swapped: bool) -> None:
    shares = HALVES[::-1] if swapped else HALVES
    text = "eve REGISTER 201 nonce=n1 auth={1,2,3} > 401"
    counts, profile, watch = merged(text, *shares)
    assert (counts.refused, counts.challenged) == (3, 0)
    assert profile.texts("refused_accounts") == ("201",)
    assert watch._tally.unmatched == 0
    assert watch._early == {}


def test_missing_users_are_named_by_answers_that_another_saw() -> None:
    counts, profile, _ = merged("eve REGISTER {100..104} > 404", *HALVES)
    assert counts.not_found == 5
    assert set(profile.texts("missing_accounts")) == {"100", "101", "102", "103", "104"}


def test_repetition_that_another_saw_is_a_repetition() -> None:
    counts, _, _ = merged("eve REGISTER 201 nonce=n1 auth=1 > again 401", slice(0, 1), slice(1, 3))
    assert (counts.registers, counts.repeated) == (1, 1)
    assert (counts.credentials, counts.refused) == (1, 1)


def test_exchange_that_both_saw_counts_once() -> None:
    """Two taps on one line."""
    text = "eve REGISTER 201 nonce=n1 auth={1,2,3} > 401\neve INVITE 202 > 404\neve OPTIONS 1 > 200"
    once, _, _ = merged(text, slice(None))
    twice, _, _ = merged(text, slice(None), slice(None))
    for name in (
        "registers",
        "refused",
        "invites",
        "options",
        "not_found",
        "succeeded",
        "accounts",
    ):
        assert getattr(twice, name) == getattr(once, name), name
    assert twice.repeated == 5


def test_success_before_the_misdeeds_is_no_taking() -> None:
    """He was let in as a user long before somebody guessed from there."""
    text = "eve REGISTER 100 > 401 auth 200\nat 3:00\neve REGISTER {1..9} > 404"
    for shares in (HALVES, HALVES[::-1], (slice(0, 4), slice(4, None))):
        _, profile, _ = merged(text, *shares)
        assert profile.texts("accepted_accounts") == ()


def test_success_after_misdeeds_that_another_saw_is_a_taking() -> None:
    text = "eve REGISTER {1..9} > 404\nat 3:00\neve REGISTER 100 > 401 auth 200"
    for shares in (HALVES, HALVES[::-1], (slice(0, 18), slice(18, None))):
        _, profile, _ = merged(text, *shares)
        assert profile.texts("accepted_accounts") == ("100",)


def test_call_is_one_call_whoever_saw_its_parts() -> None:
    text = "eve INVITE 009011442079460123 > 407 auth 100 183 200 bye=60"
    _, profile, _ = merged(text, *(slice(i, None, 3) for i in range(3)))
    (call,) = profile.calls.values()
    assert (call.number, call.status) == ("009011442079460123", 200)
    assert call.seconds == pytest.approx(60, abs=1)


# ------------------------------------------------------------ proof


def test_nonce_that_one_saw_given_and_another_echoed_is_proof() -> None:
    counts, _, _ = merged("eve REGISTER 201 > 401:n1 auth=1 401", *HALVES)
    assert (counts.echoed, counts.invented) == (1, 0)


def test_tag_that_one_saw_given_and_another_echoed_is_proof() -> None:
    counts, _, _ = merged("eve INVITE 202 > 404", *HALVES)
    assert counts.dialogs > 0


@pytest.mark.parametrize("swapped", [False, True])
def test_tag_that_the_request_brought_along_is_no_proof(*, swapped: bool) -> None:
    """Although the answer, for whom sees it alone, seems to give it."""
    text = "eve INVITE 202 totag=made-up ack=none > 481"
    scene = read_scene(PARTIES + text)
    request, answer = (watch_packets(scene.packets[share]) for share in HALVES)
    one, other = (answer, request) if swapped else (request, answer)
    one.merge(other)
    assert deeds_of(scene, one)["eve"].counts.dialogs == 0
    assert deeds_of(scene, watch_packets(scene.packets[::-1]))["eve"].counts.dialogs == 0


# ------------------------------------------------------------ bounds


def test_watches_of_different_seeds_are_not_merged() -> None:
    with pytest.raises(ValueError, match="seeds"):
        Watch(8, seed=1).merge(Watch(8, seed=2))


def test_merged_watch_keeps_its_bounds() -> None:
    text = "\n".join(f"p{i} 198.51.100.{i}\np{i} REGISTER {i} > 404" for i in range(1, 120))
    scene = read_scene("pbx 192.0.2.10\n" + text)
    watch, other = (watch_packets(scene.packets[share], 100) for share in HALVES)
    watch.merge(other)
    assert watch._tally.n <= watch._tally.sources <= 100
    sources = watch.sources()
    assert len(sources.remarkable) + sources.unremarkable >= watch._tally.n
    assert len(watch._early) <= 238


def test_samples_of_two_keep_the_bound_of_one() -> None:
    one, other = Profile(), Profile()
    for n in range(MAX_SAMPLES):
        one.add("accounts", f"a{n}")
        other.add("accounts", f"b{n}")
        other.note("refused", (1, n, 1_000 + n))
        one.note("refused", (0, n, 2_000 + n))
    one.merge(other)
    assert len(one.texts("accounts")) == MAX_SAMPLES
    assert [place[2] for place in one.seen["refused"]] == list(range(1_000, 1_000 + MAX_PLACES))
    assert one.latest["refused"] == 2_000 + MAX_SAMPLES - 1


def test_call_is_what_was_dialled_not_what_was_answered() -> None:
    answered = Call("202", "eve", 9, 200, 9, is_asked=False)
    answered.merge(Call("00442079460123", "eve", 5, ended_ns=20))
    assert (answered.number, answered.asked_ns) == ("00442079460123", 5)
    assert (answered.status, answered.answered_ns, answered.ended_ns) == (200, 9, 20)
