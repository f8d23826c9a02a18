"""Verdicts while messages come: those of `investigate` at the end, and weeks add up to nothing."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from ringfence.detect import _fields as f
from ringfence.detect import live as live_module
from ringfence.detect import watch as watch_module
from ringfence.detect.callbook import CallBook
from ringfence.detect.deeds import Address
from ringfence.detect.live import FORGET_NS, LOOKS_A_SECOND, MAX_ALLOWANCE, Live, Step
from ringfence.detect.verdict import ATTACKER, SUSPECT, Verdict
from ringfence.detect.watch import ENOUGH_SAMPLES, Watch
from ringfence.flow import investigate
from ringfence.model.standing import KNOWN, OURS, PEER, REGULAR, Standing
from ringfence.wire.decoder import Decoder
from ringfence.wire.table import MessageTable
from tests.conversations.script import FOLDER, Scene, capture_of, read_scene
from tests.wire_cases.reading import tables

EXAMPLES = Path(__file__).parents[2] / "examples"
LAB = Path(__file__).parents[2] / "build/lab"
SHARED = Path(os.environ.get("RINGFENCE_SHARED_DATA", "../shared/data")) / "captures"

CAST = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" call=new
mal 203.0.113.99 agent="Z 3.15" call=new
ann 198.51.100.9:30001 agent="Yealink SIP-T46S 66.86.0.15"
"""


def pieces(table: MessageTable, size: int) -> Iterator[tuple[int, int]]:
    n = len(table)
    for first in range(0, n, size):
        yield first, min(n, first + size)


def watched(
    octets: bytes,
    size: int = 8,
    servers: tuple[Address, ...] = (),
    known: tuple[Address, ...] = (),
) -> tuple[Live, list[Step]]:
    """A live watch after all messages of a capture, in pieces of so many."""
    live, decoder, steps = Live(64, servers, known), Decoder(64), []
    for table in tables(decoder, octets):
        steps += [live.take(table, 0, first, end) for first, end in pieces(table, size)]
    live.watch.measure_media(decoder.batch)
    return live, steps


def played(text: str, size: int = 2) -> tuple[Live, list[Step]]:
    return watched(read_scene(CAST + text).capture(), size)


def told(steps: list[Step], address: str) -> list[Standing]:
    return [s for step in steps for s in step.standings if s.address == address]


def essence(verdicts: tuple[Verdict, ...]) -> dict[str, object]:
    return {
        str(v.deeds.address): (v.verdict, v.weight_db, v.kinds, v.clues, v.deeds.proven)
        for v in verdicts
    }


# ------------------------------------------------------------ the same as over a capture


def _captures() -> list[object]:
    paths = sorted(EXAMPLES.glob("*.pcap")) + sorted(LAB.glob("*.pcap"))
    paths += sorted(path for path in SHARED.rglob("*.pcap") if path.stat().st_size < 500_000)
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]


@pytest.mark.parametrize("path", _captures())
def test_verdicts_of_the_end_are_those_of_investigate(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked after every few messages, with a beat at each of them."""
    from ringfence.sources.capture_file import CaptureFile

    monkeypatch.setattr("ringfence.detect.live.BEAT_NS", 20_000_000)
    monkeypatch.setattr("ringfence.detect.live.FORGET_NS", 1 << 62)
    live, capture = Live(), CaptureFile(str(path))
    for table in capture.tables():
        for first, end in pieces(table, 50):
            live.take(table, 0, first, end)
    live.watch.measure_media(capture.decoder.batch)
    expected = essence(investigate([str(path)]).verdicts)
    assert essence(live.verdicts()) == expected
    assert essence(live.verdicts()) == expected  # asked twice


@pytest.mark.parametrize(
    "name", ["guessing_succeeds", "attacker_behind_the_office", "prefix_hunting_account"]
)
def test_successes_that_were_put_by_are_read_as_often_as_asked(name: str) -> None:
    scene = read_scene((FOLDER / f"attacks/{name}.txt").read_text())
    asked, _ = watched(scene.capture(), 1)
    alone, _ = watched(scene.capture(), 10**6)
    assert essence(asked.verdicts()) == essence(alone.verdicts())


def test_what_is_told_between_beats_is_what_a_beat_would_say() -> None:
    live, steps = played("eve REGISTER {100..140} every=0.05 > 404")
    last = told(steps, "203.0.113.66")[-1]
    (now,) = (v for v in live.verdicts() if str(v.deeds.address) == last.address)
    assert (last.verdict, last.kinds) == (now.verdict, now.kinds)


# ------------------------------------------------------------ soon, and no more than needed


def test_ordinary_phones_are_told_of_to_nobody() -> None:
    _, steps = played("ann REGISTER 201 every=60 times=50 > 401 auth 200")
    assert told(steps, "198.51.100.9") == []


def test_tool_is_told_of_at_its_first_message() -> None:
    _, steps = played("svc 203.0.113.7 agent=friendly-scanner\nsvc OPTIONS 100 > 200", 1)
    first = told(steps, "203.0.113.7")[0]
    assert (first.verdict, first.is_tool, first.messages) == (ATTACKER, True, 1)


def test_guesser_is_told_of_at_each_of_his_first_failures() -> None:
    _, steps = played("eve REGISTER 201 every=0.05 times=12 > 401 auth={1,2,3,4,5,6,7} 401", 1)
    assert {1, 2, 3, 4, 5, 6} <= {s.refused for s in told(steps, "203.0.113.66")}


def test_verdict_of_a_long_attack_is_not_weighed_at_every_message() -> None:
    _, steps = played("eve REGISTER {1..2000} every=0.01 > 404", 1)
    assert len(told(steps, "203.0.113.66")) < 700


def test_challenges_under_way_are_no_failures() -> None:
    """Twenty phones of an office start at once: nobody has answered yet."""
    office = 'p{1..20} 198.51.100.7:{2001..2020} agent="Fanvil X4U"\n'
    _, steps = played(office + "p{1..20} REGISTER {201..220} every=0.02 > 401 wait=0.4 auth 200", 1)
    said = told(steps, "198.51.100.7")
    assert {s.verdict for s in said} <= {"ordinary"}
    assert max((s.failures for s in said), default=0) == 0


def test_challenges_that_nobody_answers_are() -> None:
    _, steps = played("eve REGISTER {100..160} every=0.1 > 401", 1)
    assert told(steps, "203.0.113.66")[-1].verdict in (ATTACKER, SUSPECT)


# ------------------------------------------------------------ who it is, who else is there


def test_owners_word_decides_who_somebody_is() -> None:
    scene = read_scene(CAST + "eve REGISTER {100..140} > 404")
    eve = scene.parties["eve"].address
    for servers, known, role in (((eve,), (), OURS), ((), (eve,), KNOWN)):
        _, steps = watched(scene.capture(), 8, servers, known)
        assert {s.role for s in told(steps, str(eve))} <= {role}


def test_trunk_that_nobody_named_is_a_peer() -> None:
    calls = "trunk 203.0.113.129\ntrunk INVITE 4930123 times=3 > 100 200 bye=9\n"
    calls += "pbx INVITE 4930124 to=trunk times=3 > 100 200 bye=9\n"
    _, steps = played(calls + "trunk REGISTER {100..140} > 404")
    assert told(steps, "203.0.113.129")[-1].role == PEER


def test_users_and_ports_of_an_attacker_behind_the_same_address_are_told() -> None:
    text = "bad 198.51.100.9:40000 agent=friendly-scanner tag=svcrack call=new\n"
    text += "ann REGISTER 201 > 401 auth 200\n"
    text += "bad REGISTER 210 every=0.1 times=20 > 401 auth={1,2,3} 401"
    _, steps = played(text)
    last = told(steps, "198.51.100.9")[-1]
    assert (last.verdict, last.users, last.attack_ports) == (ATTACKER, 1, (40000,))


def test_each_guess_is_heard_once() -> None:
    """A phone that repeats its wrong password in one call guesses once."""
    _, steps = played(
        "eve REGISTER 201 every=0.5 > 401 auth={1,2,3,4,5,6,7} 401\n"
        "ann REGISTER 202 every=0.5 times=7 > 401 auth=old 401"
    )
    heard = [(g.account, g.address) for step in steps for g in step.guesses]
    assert heard == [("201", "203.0.113.66")] * 7 + [("202", "198.51.100.9")]


MOVING = """
x{1..6} 203.0.113.{1..6} agent="Z 3.15" order=q call=new
p{1..9} 198.51.100.{11..19} agent="Yealink SIP-T46S 66.86.0.15"
late 203.0.113.200 agent="{agent}" {order}
at 1:00
p{1..9} REGISTER {301..309} every=0.1 > 401 auth 200
x{1..6} REGISTER {201..230} every=0.1 times=4 > 401 auth={1,2,3,4,5,6,7} 401
at +3
late REGISTER 240 > 401
"""


def newcomer(agent: str, order: str, more: str = "") -> list[Standing]:
    scene = MOVING.replace("{agent}", agent).replace("{order}", order)
    _, steps = played(scene.replace("at +3", more + "\nat +3"), 1)
    return [s for s in told(steps, "203.0.113.200") if s.moved]


def test_new_address_of_a_running_campaign_is_known_at_its_first_message() -> None:
    (first,) = newcomer("Z 3.15", "order=q")
    assert (first.messages, first.moved) == (1, 6)
    assert first.campaign.startswith("C-")
    assert first.moved_db > 20.0


def test_phone_that_looks_like_other_users_is_no_newcomer_of_a_campaign() -> None:
    assert newcomer("Yealink SIP-T46S 66.86.0.15", "") == []


def test_shape_that_a_user_has_as_well_counts_for_nothing() -> None:
    user = 'p10 198.51.100.40 agent="Z 3.15" order=q\np10 REGISTER 310 > 401 auth 200'
    assert newcomer("Z 3.15", "order=q", user) == []


def test_campaign_that_is_over_meets_nobody() -> None:
    assert newcomer("Z 3.15", "order=q", "at +700") == []


# ------------------------------------------------------------ for ever


def weeks(days: int) -> Scene:
    """An office behind one address: each day it registers, and somebody mistypes twice."""
    lines = [
        "pbx 192.0.2.10",
        'd{1..6} 198.51.100.9:{30001..30006} agent="Yealink SIP-T46S 66.86.0.15"',
        'soft 198.51.100.9:31000 agent="Z 5.5.14" call=new',
    ]
    for day in range(days):
        lines += [
            "d{1..6} REGISTER {201..206} every=1 > 401 auth 200",
            f"soft REGISTER 20{day % 6 + 1} > 401 auth=x{day} 401",
            "at +20",
            f"soft REGISTER 20{day % 6 + 1} > 401 auth=y{day} 401",
            "soft REGISTER 207 > 401 auth 200",
            f"at +{86_400 - 60}",
        ]
    return read_scene("\n".join(lines))


def test_weeks_of_a_busy_office_add_up_to_nothing() -> None:
    scene = weeks(28)
    live, steps = watched(scene.capture(), 4)
    said = told(steps, "198.51.100.9")
    assert {s.verdict for s in said} <= {"ordinary", "user_in_trouble"}
    assert max(s.refused for s in said) <= 6  # of a day or two, not the 56 of all
    assert live.watch.n <= 2


def test_without_forgetting_they_would_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringfence.detect.live.FORGET_NS", 1 << 62)
    _, steps = watched(weeks(28).capture(), 4)
    assert max(s.refused for s in told(steps, "198.51.100.9")) == 56


def test_office_is_remembered_as_a_regular() -> None:
    live, _ = watched(weeks(3).capture(), 4)
    assert IPv4Address("198.51.100.9") in live.regulars
    _, steps = watched(weeks(3).capture(), 4)
    assert told(steps, "198.51.100.9")[-1].role == REGULAR


def test_attacker_is_no_regular() -> None:
    text = "eve REGISTER 201 every=0.1 times=40 > 401 auth={1,2,3,4,5,6,7} 401\n"
    text += "eve REGISTER 201 > 401 auth 200\nat +100000\nann REGISTER 202 > 401 auth 200"
    live, _ = played(text)
    assert live.regulars == {}


def test_who_is_let_in_is_told_with_his_account_and_attackers_are_not() -> None:
    scene = "ann REGISTER 202 > 401 auth 200\neve REGISTER {100..140} every=0.01 > 404\n"
    scene += "eve REGISTER 201 > 401 auth 200\nmal OPTIONS 1 > 200\n"
    live, _ = played(scene)
    assert "203.0.113.66" in {str(one) for one in live.accused}
    (ann,) = live.let_in()
    assert (str(ann.address), ann.accounts, ann.is_peer) == ("198.51.100.9", ("202",), False)
    assert live.let_in(is_wanted=lambda address: address != ann.address) == []
    assert live.let_in(live.now_ns) == []


def test_forgotten_source_begins_anew() -> None:
    live, _ = played("eve REGISTER {100..140} > 404\nmal REGISTER {100..103} > 404")
    live.forget(["203.0.113.66"])
    assert {str(v.deeds.address) for v in live.verdicts() if v.verdict == ATTACKER} == set()
    rows = [str(live.watch.address(i)) for i in range(live.watch.n)]
    assert "203.0.113.66" not in rows
    assert "203.0.113.99" in rows


def test_user_agents_of_the_forgotten_make_room() -> None:
    live, _ = played("eve OPTIONS 1 > 200\nann REGISTER 202 > 401 auth 200")
    live.forget(["203.0.113.66"])
    assert set(live.watch._agents.values()) == {"Yealink SIP-T46S 66.86.0.15"}
    assert live.watch._tally.agent_count == 1


def test_clock_that_steps_back_stops_nothing() -> None:
    scene = read_scene(CAST + "at 9:00\nann REGISTER 202 > 401 auth 200")
    early = read_scene(CAST + "at 1:00\neve REGISTER {100..140} every=0.05 > 404")
    live, steps = watched(capture_of([*scene.packets, *early.packets]), 2)
    assert told(steps, "203.0.113.66")[-1].verdict == ATTACKER
    assert live.now_ns < scene.packets[0].time_ns


def test_day_is_a_day() -> None:
    assert FORGET_NS == 24 * 3600 * 10**9


def test_flood_of_invented_addresses_sheds_them_and_goes_on() -> None:
    """Rows move as the least telling are shed; what is known by row goes with them."""
    scene = read_scene(
        CAST + "eve REGISTER {100..120} every=0.01 > 404\n"
        "s{1..200} 198.18.0.{1..200} agent=none\ns{1..200} REGISTER 1 every=0.01\n"
        "eve REGISTER {121..140} every=0.01 > 404"
    )
    live, decoder, steps = Live(64, max_sources=64), Decoder(64), []
    for table in tables(decoder, scene.capture()):
        steps += [live.take(table, 0, first, end) for first, end in pieces(table, 8)]
    assert live.watch.shed > 0
    last = told(steps, "203.0.113.66")[-1]
    assert last.verdict == ATTACKER
    (i,) = (i for i in range(live.watch.n) if str(live.watch.address(i)) == last.address)
    assert live.watch.row(i)[f.NOT_FOUND] == 41


def test_flood_under_ever_new_names_is_not_looked_at_name_by_name() -> None:
    """Each with the mark of a tool, five thousand within a second; who guesses is still met."""
    names = "".join(f"x{n} 198.18.{n // 200}.{n % 200 + 1} tag=svwar\n" for n in range(5000))
    flood = names + "x{0..4999} REGISTER 100 every=0.0002 > 401\n"
    _, steps = played(flood, 16)
    met = {s.address for step in steps for s in step.standings}
    assert len(met) <= MAX_ALLOWANCE + 2 * LOOKS_A_SECOND + 100
    guesser = "at 0:00\neve REGISTER 201 every=0.05 times=3 > 401 auth={1,2,3,4,5,6} 401\n"
    _, steps = played(names + "at 0:00\nx{0..4999} REGISTER 100 every=0.0002 > 401\n" + guesser, 16)
    assert max(s.refused for s in told(steps, "203.0.113.66")) >= 10


def test_samples_of_senders_that_come_again_and_again_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each new account and port of two hundred senders is kept, but not of all for ever."""
    monkeypatch.setattr(live_module, "MAX_SAMPLES_IN_ALL", 2000)
    names = "".join(f"x{n} 198.18.0.{n + 1} tag=svwar\n" for n in range(200))
    rounds = "".join(f"x{{0..199}} REGISTER {n} every=0.02 > 404\n" for n in range(100, 130))
    eve = "eve REGISTER {100..120} every=0.01 > 404\n"
    live, steps = played(names + eve + rounds + eve, 16)
    assert live.watch.shed > 0
    assert live.watch.samples() <= 4000
    assert told(steps, "203.0.113.66")[-1].verdict == ATTACKER


def test_invented_senders_are_known_by_a_few_samples_and_proven_ones_by_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two hundred come again thirty times; who guesses among them is known by all that he did."""
    monkeypatch.setattr(watch_module, "CLOSELY", 20)
    names = "".join(f"x{n} 198.18.0.{n + 1} tag=svwar\n" for n in range(200))
    rounds = "".join(f"x{{0..199}} REGISTER {n} every=0.02 > 404\n" for n in range(100, 130))
    guesses = "eve REGISTER {300..340} every=0.01 > 401 auth=1 401\n"
    text = CAST + names + "x{0..199} REGISTER 99 every=0.02 > 404\n" + guesses + rounds
    live, steps = watched(read_scene(text).capture(), 16)
    assert live.watch.samples() < 200 * (ENOUGH_SAMPLES + 8) + 1000
    assert len(told(steps, "198.18.0.7")) > 0
    verdicts = {str(v.deeds.address): v for v in live.verdicts()}
    assert verdicts["198.18.0.7"].verdict == ATTACKER
    assert verdicts["198.18.0.7"].deeds.counts.messages == 31
    # A capture ends, so nothing of it is left out.
    watch, decoder = Watch(64), Decoder(64)
    for table in tables(decoder, read_scene(text).capture()):
        watch.take(table, 0)
    assert watch.samples() > 200 * 60
    (eve,) = (d for d in watch.sources().remarkable if str(d.address) == "203.0.113.66")
    assert verdicts["203.0.113.66"].deeds.profile.samples == eve.profile.samples > ENOUGH_SAMPLES


def test_what_is_kept_of_a_verdict_keeps_nothing_of_its_time() -> None:
    """Each look at all sources reads the calls of all: the ones before are gone."""
    names = "".join(f"x{n} 198.18.0.{n + 1} agent=a{n} tag=svwar\n" for n in range(20))
    rounds = "".join(f"x{n} REGISTER {n} times=2 every=1 > 404\n" for n in range(20))
    live, _ = played(names + rounds, 8)
    gc.collect()
    books = [one for one in gc.get_objects() if isinstance(one, CallBook)]
    ours = [one for one in books if one._calls is live.watch._tally.calls]
    assert len(live._weighed) == 20
    assert len(ours) <= 2  # of the last look, and of the one that begins


def test_sources_that_stand_as_they_stood_are_weighed_when_they_act() -> None:
    """Of many sources a share has its turn at a beat; who becomes an attacker waits for none."""
    names = "".join(f"x{n} 198.18.{n // 200}.{n % 200 + 1} tag=svwar\n" for n in range(900))
    scene = "x{0..899} REGISTER 100 every=0.005 > 404\n" * 3
    _, steps = played(names + scene + "at 0:12\neve REGISTER {100..120} every=0.01 > 404\n", 16)
    met = {s.address for step in steps for s in step.standings if s.verdict == ATTACKER}
    assert len(met) == 901
