"""Records of calls, read into what a suspect is charged with."""

from __future__ import annotations

from ringfence.detect.callbook import CallBook
from ringfence.detect.profile import Profile
from ringfence.detect.watch import Watch
from tests.conversations.script import read_scene
from tests.conversations.trial import watch_packets

PARTIES = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" user=24\u00fc
"""


def watch_of(text: str) -> tuple[Watch, int]:
    watch = watch_packets(read_scene(PARTIES + text).packets)
    eve = next(i for i in range(watch._tally.n) if str(watch._address(i)) == "203.0.113.66")
    return watch, eve


def test_record_gives_number_account_answer_and_end() -> None:
    watch, eve = watch_of("eve INVITE +371811{1000..1029} > 407 auth 200 hangup=61")
    further = CallBook(watch._tally.calls).further(eve, Profile())
    assert {call.number for call in further} == {f"+371811{n}" for n in range(1000, 1030)}
    assert {call.account for call in further} == {"24\u00fc"}
    assert {round(call.seconds or 0) for call in further} == {61}


def test_calls_of_the_profile_are_not_told_twice() -> None:
    watch, eve = watch_of("eve INVITE +371811{1000..1029} > 407 auth 200 hangup=61")
    profile = watch._profiles[eve]
    known = {call.number for call in profile.calls.values() if call.answered_ns}
    further = {call.number for call in CallBook(watch._tally.calls).further(eve, profile)}
    assert known
    assert further
    assert not known & further
    assert len(known | further) == 30


def test_calls_of_the_profile_get_their_end() -> None:
    watch, eve = watch_of("eve INVITE +3718111000 > 407 auth 200 hangup=61")
    (call,) = watch._profiles[eve].calls.values()
    call.ended_ns = 0
    CallBook(watch._tally.calls).complete(eve, watch._profiles[eve])
    assert round(call.seconds or 0) == 61


def test_who_hangs_up_ends_a_call_whose_answer_was_not_captured() -> None:
    packets = read_scene(PARTIES + "eve INVITE +3718111000 > 407 auth 200 bye=61").packets
    eve = bytes((203, 0, 113, 66))
    watch = watch_packets([p for p in packets if p.octets[26:30] == eve])  # behind Ethernet
    (profile,) = watch._profiles.values()
    (call,) = profile.calls.values()
    CallBook(watch._tally.calls).complete(0, profile)
    assert not call.answered_ns
    assert round((call.ended_ns - call.asked_ns) / 1e9) >= 61


def test_source_without_calls_has_none() -> None:
    watch, eve = watch_of("eve OPTIONS 100 > 200")
    assert CallBook(watch._tally.calls).further(eve, Profile()) == ()


def test_octets_that_are_no_text_are_escaped() -> None:
    packets = read_scene(PARTIES + "eve INVITE +3718111{000..029} > 407 auth 200 bye=9").packets
    for p in packets:
        object.__setattr__(p, "octets", p.octets.replace(b"+3718111", b"+3718\xff1"))
    watch = watch_packets(packets)
    eve = next(i for i in range(watch._tally.n) if str(watch._address(i)) == "203.0.113.66")
    further = CallBook(watch._tally.calls).further(eve, Profile())
    assert further == () or all("\\xff" in call.number for call in further)
