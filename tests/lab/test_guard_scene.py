"""How scenes are judged; and one small attack for real, with and without a guard."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lab.__main__ import _NEEDED
from lab.addresses import ATTACKER, NAT_OFFICE, TRUNK
from lab.guard.__main__ import SCENES, _chosen
from lab.guard.attacks import guess
from lab.guard.protectors import Measure, Nobody, Protector, Ringfence, _address
from lab.guard.scene import Goal, Met, Outcome, Scene, _is_right, _meet, _missed, _Watch, play
from lab.guard.scribe import Arrived
from lab.guard.show import rows, seconds
from lab.guard.users import Hurt, Users
from lab.namespaces import World
from lab.stage import Stage

MISSING = [tool for tool in _NEEDED if shutil.which(tool) is None]


async def _nothing(_stage: Stage, _users: Users) -> None:
    pass


SCENE = Scene("s", "a scene", _nothing, (ATTACKER,))
ARRIVED = Arrived(requests=10, credentials=5, first=100.0, last=100.5)


def watch(last_sent: float) -> _Watch:
    made = _Watch(World("never"))
    made.sent, made.last = {ATTACKER: 500}, {ATTACKER: last_sent}
    return made


def users(*hurts: Hurt) -> Users:
    made = Users.__new__(Users)
    made.hurts, made.done = list(hurts), 10
    return made


def test_dropped_is_who_went_on_sending_in_vain() -> None:
    assert _meet(ATTACKER, watch(109.0), ARRIVED, []).dropped_after_s == 0.5


def test_who_stopped_by_himself_was_not_dropped() -> None:
    assert _meet(ATTACKER, watch(101.0), ARRIVED, []).dropped_after_s is None


def test_who_never_arrived_was_not_dropped_after_a_time() -> None:
    assert _meet(ATTACKER, watch(109.0), Arrived(), []).dropped_after_s is None


def test_seven_refused_passwords_are_one_too_many() -> None:
    def missed(credentials: int, accepted: int) -> tuple[str, ...]:
        arrived = replace(ARRIVED, credentials=credentials, accepted=accepted)
        met = [_meet(ATTACKER, watch(109.0), arrived, [])]
        return _missed(SCENE, met, users(), ())

    assert missed(6, 0) == ()
    assert missed(7, 1) == ()
    assert missed(7, 0) == (f"7 passwords of {ATTACKER} were refused by the PBX",)


def test_messages_beyond_the_bound_are_a_goal_missed() -> None:
    met = [_meet(ATTACKER, watch(109.0), replace(ARRIVED, requests=201), [])]
    assert _missed(SCENE, met, users(), ()) == (f"201 messages of {ATTACKER} arrived",)
    assert _missed(replace(SCENE, goal=Goal(admitted=None)), met, users(), ()) == ()


def test_a_user_who_was_hurt_is_a_goal_missed() -> None:
    hurt = users(Hurt("201", "to register", 0))
    assert _missed(SCENE, [], hurt, ()) == ("201 wanted to register: no answer",)


@pytest.mark.parametrize(
    ("measure", "right"),
    [
        (Measure(ATTACKER, "block"), True),
        (Measure(TRUNK, "limit"), False),
        (Measure(NAT_OFFICE, "port"), True),
        (Measure(NAT_OFFICE, "block"), False),
    ],
)
def test_innocents_are_kept_out_by_nothing_but_a_port_they_share(
    measure: Measure, *, right: bool
) -> None:
    assert _is_right(replace(SCENE, may_narrow=(NAT_OFFICE,)), measure) == right


def test_invented_senders_of_a_network_are_attackers() -> None:
    scene = replace(SCENE, attackers=("198.18.0.0/15",))
    assert _is_right(scene, Measure("198.19.3.4", "limit"))


@pytest.mark.parametrize(
    ("element", "address"),
    [
        ("203.0.113.66", "203.0.113.66"),
        ({"elem": {"val": "203.0.113.66", "counter": {"packets": 3}}}, "203.0.113.66"),
        ({"elem": {"val": {"prefix": {"addr": "203.0.113.0", "len": 24}}}}, "203.0.113.0"),
        ({"elem": {"val": {"concat": ["203.0.113.66", 5071]}, "timeout": 9}}, "203.0.113.66"),
    ],
)
def test_addresses_of_a_set_are_read(element: object, address: str) -> None:
    assert _address(element) == address


def test_table_says_slowed_down_of_whom_a_rate_still_lets_through() -> None:
    met = Met(ATTACKER, 500, ARRIVED, None, ("limit",))
    assert seconds(met) == "slowed down"
    outcome = Outcome("s", "ringfence", (met,), 10, (), (), ("a goal",))
    row, missed = rows(outcome)
    assert "slowed down" in row
    assert missed == "    MISSED: a goal"


def test_a_name_stands_for_its_scene_and_a_part_for_all_that_have_it() -> None:
    assert [scene.name for scene in _chosen(["guessing"])] == ["guessing"]
    assert {scene.name for scene in _chosen(["guessing_"])} == {
        "guessing_tcp", "guessing_hep", "guessing_logs",
    }  # fmt: skip
    assert _chosen([]) == list(SCENES)


async def _fifteen_guesses(stage: Stage, _users: Users) -> None:
    await guess(stage, "u1", 30, 15)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
@pytest.mark.skipif(bool(MISSING), reason=f"{MISSING} missing: install lab/packages.txt")
@pytest.mark.parametrize(
    ("protector", "refused"), [(Nobody, lambda n: n == 15), (Ringfence, lambda n: n <= 6)]
)
def test_what_reaches_the_phone_system_is_counted_behind_the_guard(
    tmp_path: Path, protector: type[Protector], refused: Callable[[int], bool]
) -> None:
    scene = replace(SCENE, play=_fifteen_guesses)
    with World(f"g{os.getpid()}") as world:
        outcome = asyncio.run(play(world, scene, protector(), tmp_path))
    assert refused(outcome.met[0].arrived.credentials)
    assert outcome.hurts == ()
    assert outcome.innocents_met == ()
