"""Records of answered calls: who ends them, who gives way, what moves and merges."""

from __future__ import annotations

import array
from dataclasses import replace

import pytest

import ringfence
from ringfence.detect import _fields as f
from ringfence.detect._calls import CALL_SLOTS, END_SLOTS, MAX_NAME, follow_calls
from ringfence.detect.deeds import Deeds
from ringfence.detect.profile import Call
from ringfence.detect.watch import Watch
from ringfence.wire.decoder import Decoder
from tests.conversations.script import Scene, capture_of, read_scene
from tests.conversations.trial import deeds_of, watch_packets
from tests.wire_cases.compile import Packet
from tests.wire_cases.reading import tables

PARTIES = """
pbx 192.0.2.10
thief 203.0.113.66 agent="Z 3.15" user=240
office 198.51.100.7 agent="Asterisk" user=300
"""
NIGHT = "thief INVITE 0037181{10000..10059} every=30 rtp=4000 > 407 auth 180 200 hangup=20"


def scene_of(text: str) -> Scene:
    return read_scene(PARTIES + text)


def watched(text: str, party: str = "thief") -> tuple[Deeds, Watch]:
    scene = scene_of(text)
    watch = watch_packets(scene.packets)
    return deeds_of(scene, watch)[party], watch


def lengths(calls: tuple[Call, ...]) -> list[int | None]:
    return [None if call.seconds is None else round(call.seconds) for call in calls]


# ------------------------------------------------------------ all of a night


@pytest.mark.parametrize("calls", [36, 60, 200])
def test_every_call_of_a_night_is_kept_with_its_number_and_length(calls: int) -> None:
    """Let in at the first try, and nothing ever refused: no reason to look at him so far."""
    last = 9999 + calls
    d, _ = watched(f"thief INVITE 0037181{{10000..{last}}} every=7 > 407 auth 200 bye=61")
    assert [c.number for c in d.calls_charged] == [f"0037181{n}" for n in range(10000, last + 1)]
    assert lengths(d.calls_charged) == [61] * calls
    assert {c.account for c in d.calls_charged} == {"240"}
    assert (d.counts.calls_kept, d.calls_left_out) == (calls, 0)


def test_retransmitted_answer_is_one_call_and_the_first_counts() -> None:
    d, _ = watched("thief INVITE 0037181100{10..49} > 407 auth 200 wait=2 echo echo bye=8")
    assert lengths(d.calls_charged) == [10] * 40


def test_answer_within_a_call_is_no_further_call() -> None:
    """A re-INVITE bears the To tag of its dialog, and is asked by either side."""
    d, watch = watched("thief INVITE 003718110000 totag=abc call=one times=3 > 200 bye=5")
    assert watch._tally.calls.count == 0
    assert d.counts.calls_kept == 0


def test_extension_of_somebody_ordinary_is_not_kept() -> None:
    d, _ = watched("office INVITE 20{1..9} times=5 > 407 auth 200 bye=9", "office")
    assert (d.counts.answered, d.counts.calls_kept) == (45, 0)


def test_call_that_nobody_answers_is_not_kept() -> None:
    d, _ = watched("thief INVITE 00371811{1000..1099} > 407 auth 180 486")
    assert d.calls_charged == ()
    assert d.counts.calls_kept == 0


def test_number_longer_than_any_is_cut() -> None:
    d, _ = watched("thief INVITE 00" + "3" * 80 + " times=40 > 407 auth 200 bye=9")
    assert {len(call.number) for call in d.further_calls()} == {MAX_NAME}


# ------------------------------------------------------------ the end of a call


@pytest.mark.parametrize("who", ["bye", "hangup"])
def test_either_side_ends_a_call(who: str) -> None:
    d, _ = watched(f"thief INVITE 00371811{{1000..1029}} > 407 auth 200 {who}=77")
    assert lengths(d.calls_charged) == [77] * 30


def test_bye_that_is_read_before_its_call_ends_it() -> None:
    scene = scene_of(NIGHT)
    d = deeds_of(scene, watch_packets(scene.packets[::-1]))["thief"]
    assert lengths(d.calls_charged) == [20] * 60


def test_bye_with_the_tags_of_another_dialog_ends_nothing() -> None:
    """Call-IDs can be guessed or reused; a dialog is known by its tags as well."""
    scene = scene_of("thief INVITE 0037181100{10..49} > 407 auth 200 wait=1 bye=60")
    forged = [_with_another_tag(p) for p in scene.packets if b"BYE sip:" in p.octets]
    packets = sorted([*scene.packets, *forged], key=lambda p: p.time_ns)
    d = deeds_of(scene, watch_packets(packets))["thief"]
    assert len(forged) == 40
    assert lengths(d.calls_charged) == [61] * 40


def _with_another_tag(bye: Packet) -> Packet:
    """Fifty seconds earlier."""
    at = bye.octets.index(b";tag=") + len(b";tag=")
    octets = bye.octets[:at] + b"x" + bye.octets[at + 1 :]
    return replace(bye, octets=octets, time_ns=bye.time_ns - 50 * 10**9)


# ------------------------------------------------------------ answers before their request


def test_answer_before_its_request_is_a_call_once_the_request_comes() -> None:
    scene = scene_of(NIGHT)
    answers = [p for p in scene.packets if b"SIP/2.0 " in p.octets[:60]]
    requests = [p for p in scene.packets if b"SIP/2.0 " not in p.octets[:60]]
    d = deeds_of(scene, watch_packets(answers + requests))["thief"]
    assert lengths(d.calls_charged) == [20] * 60


def test_answers_that_nobody_asked_for_are_no_calls() -> None:
    """Whoever forges 200s makes nobody a thief."""
    scene = scene_of(NIGHT)
    answers = [p for p in scene.packets if b"SIP/2.0 200" in p.octets[:60]]
    d = deeds_of(scene, watch_packets(answers))["thief"]
    assert d.calls_charged == ()


# ------------------------------------------------------------ when there are too many


@pytest.fixture(scope="module")
def crowded() -> tuple[Scene, Watch, int]:
    """An office with more calls than there are places, and then a thief's night."""
    if not ringfence.compiled():
        pytest.skip("takes minutes as the twin, which agrees on every message (tests/kernels)")
    scene = scene_of("office INVITE 0301234567 > 407 auth 200 bye=30\n" + NIGHT)
    office = [p for p in scene.packets if _is_of(p, 198, 51, 100, 7)]
    watch = Watch(1024)
    calls = CALL_SLOTS + CALL_SLOTS // 2
    _take(watch, _again(office, calls))
    _take(watch, [p for p in scene.packets if not _is_of(p, 198, 51, 100, 7)])
    return scene, watch, calls


def _is_of(p: Packet, *address: int) -> bool:
    return bytes(address) in (p.octets[26:30], p.octets[30:34])


def _again(packets: list[Packet], times: int) -> list[Packet]:
    """The answer and the BYE of a call and its INVITE, with as many Call-IDs."""
    told = [p for p in packets if b"INVITE sip:" in p.octets and b"Digest" in p.octets]
    told += [p for p in packets if b"SIP/2.0 200" in p.octets and b" INVITE" in p.octets]
    told += [p for p in packets if b"BYE sip:" in p.octets]
    marks = [(p, p.octets.index(b"Call-ID: ") + 9) for p in told]
    return [
        replace(
            p,
            octets=p.octets[:at] + b"%08x" % n + p.octets[at + 8 :],
            time_ns=p.time_ns + n * 10**6,
        )
        for n in range(times)
        for p, at in marks
    ]


def _take(watch: Watch, packets: list[Packet]) -> None:
    for table in tables(Decoder(1024), capture_of(packets)):
        watch.take(table, 0)


def test_office_with_more_calls_than_places_pushes_out_its_own(
    crowded: tuple[Scene, Watch, int],
) -> None:
    scene, watch, _ = crowded
    thief = deeds_of(scene, watch)["thief"]
    assert lengths(thief.calls_charged) == [20] * 60
    assert thief.calls_left_out == 0


def test_sums_go_on_where_records_end(crowded: tuple[Scene, Watch, int]) -> None:
    scene, watch, calls = crowded
    office = deeds_of(scene, watch)["office"]
    assert office.counts.calls_kept <= CALL_SLOTS - 60
    assert office.counts.calls_kept + office.calls_left_out == calls
    kept = sum(call.seconds or 0.0 for call in office.calls_charged)
    assert kept + office.seconds_left_out == pytest.approx(30 * calls, rel=0.01)


def test_tables_are_bounded() -> None:
    _, watch = watched(NIGHT)
    calls = watch._tally.calls
    assert (len(calls.keys), len(calls.records)) == (CALL_SLOTS, CALL_SLOTS * f.CALL_WIDTH)
    assert len(calls.ends) == 2 * END_SLOTS


# ------------------------------------------------------------ rows that move, watches that merge


def test_calls_follow_their_source_and_leave_with_it() -> None:
    _, watch = watched(NIGHT + "\noffice INVITE 0301234567 times=3 > 407 auth 200 bye=9")
    calls = watch._tally.calls
    before = [watch._address(i) for i in range(watch._tally.n)]
    office, thief = (
        next(i for i, address in enumerate(before) if str(address) == wanted)
        for wanted in ("198.51.100.7", "203.0.113.66")
    )
    moved = [-1] * watch._tally.sources
    moved[office] = 40
    follow_calls(calls, array.array("q", moved))
    states = [calls.records[n * f.CALL_WIDTH] >> 4 for n, key in enumerate(calls.keys) if key]
    assert thief != office
    assert states == [40] * 3
    assert calls.count == 3


@pytest.mark.parametrize("step", [2, 3, 5])
@pytest.mark.parametrize("late", [False, True])
def test_shares_of_a_night_are_the_whole_night(step: int, *, late: bool) -> None:
    scene = scene_of(NIGHT)
    order = range(step)[::-1] if late else range(step)
    shares = [scene.packets[n::step] for n in order]
    watch, *others = [watch_packets(share) for share in shares]
    for other in others:
        watch.merge(other)
    d = deeds_of(scene, watch)["thief"]
    assert lengths(d.calls_charged) == [20] * 60
    assert d.counts.calls_kept == 60


def test_what_both_saw_is_one_call() -> None:
    scene = scene_of(NIGHT)
    watch = watch_packets(scene.packets)
    watch.merge(watch_packets(scene.packets))
    d = deeds_of(scene, watch)["thief"]
    assert (len(d.calls_charged), d.counts.calls_kept) == (60, 60)
