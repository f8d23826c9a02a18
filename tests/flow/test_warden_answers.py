"""What a guard that a stranger took over can have done: nothing that is not checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import msgspec
import pytest

from ringfence.flow import warden_frames as frames
from ringfence.flow.firewall import InForce
from ringfence.flow.moment import host
from ringfence.flow.warden_answers import LONGEST, answers, checked
from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, RELEASE
from ringfence.model.measure import Measure, MeasureError
from tests.flow.walls import Recorder, in_force

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
UNTIL = "2026-11-26T13:00:00Z"


def measure(**facts: object) -> Measure:
    made = Measure("0000000a", BLOCK, "203.0.113.66", "guessing", "guard", "", UNTIL)
    return replace(made, **facts)  # type: ignore[arg-type]


def ask(wall: Recorder, question: frames.Question) -> list[frames.Answer]:
    return list(answers(wall, question, NOW))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"address": "203.0.113.66; flush ruleset"}, "no address"),
        ({"address": "fe80::1%$(reboot)"}, "with a zone"),
        ({"address": "0.0.0.0/0"}, "blocked are addresses"),
        ({"address": "203.0.0.0/16"}, "blocked are addresses"),
        ({"id": 'x" }; flush ruleset'}, "no identifier"),
        ({"id": ""}, "no identifier"),
        ({"action": ALARM}, "nothing for the firewall"),
        ({"action": RELEASE}, "nothing for the firewall"),
        ({"action": "accept"}, "nothing for the firewall"),
        ({"action": NARROW}, "ports of one address"),
        ({"action": NARROW, "ports": (0,)}, "ports of one address"),
        ({"action": NARROW, "ports": tuple(range(1, 100))}, "ports of one address"),
        ({"action": BLOCK, "ports": (5060,)}, "nothing for the firewall"),
        ({"action": LIMIT, "address": "203.0.113.0/24"}, "limits are for single addresses"),
        ({"until": "2027-11-26T12:00:00Z"}, "31 days, 0:00:00 is the longest"),
        ({"until": "2026-11-28T12:00:00Z", "action": LIMIT}, "1 day, 0:00:00 is the longest"),
        ({"until": "2026-11-26T12:00:00Z"}, "is over"),
        ({"until": "2026-11-26T13:00:00"}, "needs its end"),
        ({"until": "never"}, "needs its end"),
        ({"case_id": "RF-\x1b[2J"}, None),
        ({"case_id": "R" * 65}, "no number of a case"),
        ({"case_id": "Ü"}, "no number of a case"),
    ],
)
def test_measure_that_makes_no_sense_is_refused(wrong: dict[str, object], why: str | None) -> None:
    if why is None:  # it is made plain, and no case has such a number
        assert checked(measure(**wrong), NOW).case_id == "RF-\\x1b[2J"
        return
    with pytest.raises(MeasureError, match=why):
        checked(measure(**wrong), NOW)


def test_measure_is_made_anew() -> None:
    asked = measure(
        address="::ffff:203.0.113.66", reason="tool\x1b[2J" + "x" * 999, by="anna@pbx",
        since="1999-01-01T00:00:00Z", until="2026-11-26T14:00:00+01:00", action=NARROW,
        ports=(5062, 5060, 5060), ended_at="x", ended_why="y", host="elsewhere",
    )  # fmt: skip
    made = checked(asked, NOW)
    assert made.reason.startswith("tool\\x1b[2Jxxx")
    assert len(made.reason) == frames.MAX_TEXT
    assert made == Measure(
        "0000000a", NARROW, "203.0.113.66", made.reason, "guard", "2026-11-26T12:00:00Z", UNTIL,
        (5060, 5062), host=host(),
    )  # fmt: skip


@pytest.mark.parametrize("action", LONGEST)
def test_longest_is_allowed(action: str) -> None:
    until = f"{NOW + LONGEST[action]:%Y-%m-%dT%H:%M:%SZ}"
    ports = (5060,) if action == NARROW else ()
    assert checked(measure(action=action, until=until, ports=ports), NOW).until == until


def test_one_that_makes_no_sense_holds_up_no_other() -> None:
    wall = Recorder()
    over = measure(id="0000000b", address="203.0.113.7", until="2026-11-26T11:59:59Z")
    odd = measure(id="0000000c", address="x\x1b[2J")
    first, second = measure(), measure(id="0000000d", address="203.0.113.67")
    (answer,) = ask(wall, frames.Apply([over, first, odd, second]))
    applied = msgspec.json.decode(answer.value, type=frames.Applied)
    assert [one.address for one in applied.done] == ["203.0.113.67"]
    assert [one.address for one in applied.withheld] == ["203.0.113.66", "203.0.113.7", "x\\x1b[2J"]
    assert [len(one) for one in wall.asked] == [3]


def test_nothing_is_asked_of_the_firewall_where_all_make_no_sense() -> None:
    wall = Recorder()
    ask(wall, frames.Apply([measure(id="")]))
    ask(wall, frames.Apply([]))
    assert wall.asked == []


@pytest.mark.parametrize(
    "question",
    [
        frames.Apply([measure()] * (frames.MAX_MEASURES + 1)),
        frames.Know(["192.0.2.1"] * (frames.MAX_KNOWN + 1), 60),
        frames.Know(["192.0.2.1"], 0),
        frames.Know(["192.0.2.1"], 90 * 86_400 + 1),
        frames.Know(["192.0.2.1"], 1 << 62),
        frames.Know(["0.0.0.0/0"], 60),
        frames.Know(["203.0.113.0/24"], 60),
        frames.Know(["everybody"], 60),
        frames.LookAgain({str(n): 1 for n in range(frames.MAX_TOLD + 1)}),
        frames.LookAgain({}, {str(n): "" for n in range(frames.MAX_TOLD + 1)}),
    ],
)
def test_too_much_or_too_wide_is_refused(question: frames.Question) -> None:
    wall = Recorder()
    with pytest.raises(MeasureError):
        ask(wall, question)
    assert wall.asked == []


def test_texts_are_plain_before_the_firewall_has_them() -> None:
    wall = Recorder()
    ask(wall, frames.Release("203.0.113.66", "\x1b[2J"))
    ask(wall, frames.LookAgain({}, {"203.0.113.66": "\u202e"}))
    assert wall.asked == [
        ("release", "203.0.113.66", "\\x1b[2J"),
        ("look", {}, {"203.0.113.66": "\\u202e"}),
    ]


def test_users_are_known_for_a_time() -> None:
    wall = Recorder()
    ask(wall, frames.Know(["192.0.2.1", "::ffff:192.0.2.2", "2001:db8::1"], 60))
    addresses = tuple(map(ip_address, ("192.0.2.1", "192.0.2.2", "2001:db8::1")))
    assert wall.asked == [("know", addresses, timedelta(minutes=1))]


def test_what_both_lists_hold_is_told_apart() -> None:
    wall = Recorder()
    wall.in_force = in_force(2)
    (answer,) = ask(wall, frames.Release("2001:db8::1", "x"))
    released = msgspec.json.decode(answer.value, type=frames.Released)
    assert (len(released.measures), len(released.held)) == (2, 2)


@pytest.mark.parametrize(("number", "reason"), [(0, ""), (65_536, "x"), (3, "x" * 900_000)])
def test_long_list_goes_in_frames_that_are_never_too_long(number: int, reason: str) -> None:
    wall = Recorder()
    wall.in_force = in_force(number, reason)
    found = ask(wall, frames.LookAgain())
    assert all(len(frames.frame(one)) <= frames.MAX_OCTETS + 4 for one in found)
    assert len(found) <= frames.MAX_FRAMES
    assert [one.more for one in found] == [True] * (len(found) - 1) + [False]
    back = [x for one in found for x in msgspec.json.decode(one.value, type=list[InForce])]
    assert back == wall.in_force
