"""The whole engine: who is met how soon, and that nobody ordinary is."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.flow.investigation import CaptureError, Owner
from ringfence.flow.rehearsal import SLICE_NS, Rehearsal, rehearse, slices
from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, Decision
from ringfence.wire.decoder import Decoder
from tests.blind.roster import build
from tests.conversations.script import FOLDER, Scene, capture_of, read_scene
from tests.wire_cases.files import Pcap
from tests.wire_cases.reading import tables

MEASURES = (BLOCK, NARROW, LIMIT)
CAST = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" call=new
ann 198.51.100.9:30001 agent="Yealink SIP-T46S 66.86.0.15"
trunk 203.0.113.129 agent="Carrier SBC 7.2"
"""


def play(scene: Scene | str, folder: Path, owner: Owner = Owner()) -> Rehearsal:  # noqa: B008
    if isinstance(scene, str):
        scene = read_scene(CAST + scene)
    path = folder / "scene.pcap"
    path.write_bytes(scene.capture())
    return rehearse([str(path)], owner)


def about(found: Rehearsal, address: str, *actions: str) -> list[Decision]:
    return [
        r.decision
        for r in found.decisions
        if r.decision.address == address and r.decision.action in (actions or MEASURES)
    ]


EVE, ANN, TRUNK = "203.0.113.66", "198.51.100.9", "203.0.113.129"

# ------------------------------------------------------------ nobody ordinary

# Strangers who test a server at full speed, and calls that go round in a circle, are slowed
# down for a minute: this list may only shrink.
SLOWED_DOWN = {
    "call_in_a_loop",
    "csv_load_test_that_forgets_to_answer",
    "csv_load_test_with_wrong_passwords",
    "sipp_as_it_comes",
}


@pytest.mark.parametrize("path", sorted((FOLDER / "innocents").glob("*.txt")), ids=lambda p: p.stem)
def test_innocent_is_not_hit(path: Path, tmp_path: Path) -> None:
    found = play(read_scene(path.read_text()), tmp_path)
    measures = [r.decision for r in found.decisions if r.decision.action in MEASURES]
    if path.stem in SLOWED_DOWN:
        assert {(d.action, d.lasts_s) for d in measures} == {(LIMIT, 60)}
    else:
        assert [(d.address, d.action, d.reason) for d in measures] == []


@pytest.mark.parametrize(
    "name", ["bad_pin", "forged_trunk", "nat_office", "reboot_storm", "trunk_options", "wrong_user"]
)
def test_innocents_of_the_examples_are_not_hit(name: str, root: Path) -> None:
    found = rehearse([str(root / f"examples/{name}.pcap")])
    assert [r.decision for r in found.decisions if r.decision.action in MEASURES] == []


@pytest.mark.parametrize(
    "name", ["office_answers_only", "pbx_with_thirty_lines_at_a_closed_provider"]
)
def test_office_that_looks_guilty_at_first_is_not_hit(name: str, tmp_path: Path) -> None:
    """Verdicts of a capture's beginning, which its end takes back."""
    path = tmp_path / "blind.pcap"
    path.write_bytes(Pcap().file(build(name).packets))
    assert [(r.decision.address, r.decision.reason) for r in rehearse([str(path)]).hit] == []


def test_ten_thousand_forged_packets_do_not_block_the_trunk(tmp_path: Path) -> None:
    """Nobody named the trunk: that it is called, and answers, is enough."""
    calls = "trunk INVITE 4930123 user=+12125550147 every=20 times=4 > 100 180 200 bye=9\n"
    calls += "pbx INVITE +12125550147 to=trunk every=20 times=4 > 100 180 200 bye=9\n"
    forger = "forger 203.0.113.129 agent=friendly-scanner tag=svcrack call=new\n"
    found = play(f"{forger}{calls}forger REGISTER {{1..10000}} every=0.005 > 401", tmp_path)
    assert about(found, TRUNK) == []


def test_named_trunk_is_not_blocked_though_it_never_did_anything_else(tmp_path: Path) -> None:
    owner = Owner(known=(ip_address(TRUNK),))
    forged = "trunk REGISTER {1..400} every=0.005 agent=friendly-scanner > 401"
    found = play(forged, tmp_path, owner)
    assert about(found, TRUNK) == []
    assert len(about(found, TRUNK, ALARM)) == 1


def test_attacker_behind_the_office_loses_his_port_and_the_office_nothing(tmp_path: Path) -> None:
    scene = read_scene((FOLDER / "attacks/attacker_behind_the_office.txt").read_text())
    decisions = about(play(scene, tmp_path), ANN)
    assert {(d.action, d.ports) for d in decisions} == {(NARROW, (40000,))}


def test_wrong_pin_is_let_try_again(tmp_path: Path) -> None:
    """Sixteen registrations within 8 ms, again after 43 s and 131 s, as baresip does."""
    rounds = "at {}\nann REGISTER 201 every=0.0005 times=16 > 401 auth=4711 401\n"
    found = play("".join(rounds.format(at) for at in ("1:00", "1:00:43", "1:02:11")), tmp_path)
    assert found.decisions == ()


# ------------------------------------------------------------ attacks

# Attacks of which each address is seen too seldom for a measure to be felt, or whose address
# nobody proved: alarms, or nothing. This list may only shrink.
NOT_MET: set[str] = set()


@pytest.mark.parametrize("path", sorted((FOLDER / "attacks").glob("*.txt")), ids=lambda p: p.stem)
def test_attack_is_met(path: Path, tmp_path: Path) -> None:
    scene = read_scene(path.read_text())
    found = play(scene, tmp_path)
    met = {r.decision.address for r in found.decisions}
    attackers = {
        str(scene.parties[e.party].address) for e in scene.expected if e.verdict == "attacker"
    }
    if attackers and path.stem not in NOT_MET:
        assert attackers & met
    hands = attackers | {
        str(scene.parties[e.party].address) for e in scene.expected if e.verdict == "*"
    }
    assert {r.decision.address for r in found.hit} <= hands or path.stem in NOT_MET


FAST = [
    "eve REGISTER 201 every=0.0067 call=new times=10 > 401 auth={1,2,3,4,5,6,7} 401",
    "eve REGISTER {201..400} every=0.0067 > 401 auth=1234 401",
    "eve INVITE 0044207 user=201 every=0.0067 call=new times=10 > 407 auth={1,2,3,4,5,6,7} 407",
]


@pytest.mark.parametrize("scene", FAST)
def test_stranger_at_150_guesses_a_second_gets_six_passwords(scene: str, tmp_path: Path) -> None:
    """Without any mark of a tool."""
    first = about(play(scene, tmp_path), EVE)[0]
    assert first.refused <= 6
    assert first.messages <= 200


@pytest.mark.parametrize(
    "scene",
    [
        "eve REGISTER {100..600} every=0.0067 > 404",
        "eve REGISTER {100..600} every=0.0067 > 401",
        "eve INVITE {100..600} every=0.0067 > 404",
        "eve INVITE {100..600} every=0.0067 > 407",
        "eve OPTIONS {100..600} every=0.0067 > 404",
        "eve INVITE 100 every=0.0067 times=500 > 503",
    ],
)
def test_stranger_at_150_requests_a_second_gets_two_hundred(scene: str, tmp_path: Path) -> None:
    assert about(play(scene, tmp_path), EVE)[0].messages <= 200


@pytest.mark.parametrize("tag", ["svmap", "svwar", "svcrack"])
def test_known_tool_is_dropped_at_its_first_message(tag: str, tmp_path: Path) -> None:
    scene = f"eve REGISTER {{100..200}} tag={tag} every=0.0067 > 401"
    first = about(play(scene, tmp_path), EVE)[0]
    assert (first.action, first.messages) == (BLOCK, 1) or first.messages <= 2


def test_guesses_from_ever_new_addresses_use_up_the_account(tmp_path: Path) -> None:
    """A hundred and twenty addresses guess once an hour or less, and look like anybody."""
    cast = "".join(f'g{n} 203.0.113.{n} agent="Z {n}.15" order=o{n}\n' for n in range(1, 121))
    scene = cast + "g{1..120} REGISTER 201 every=300 > 401 auth=1234 401"
    alarms = [r.decision for r in play(scene, tmp_path).decisions if r.decision.account]
    (alarm,) = (d for d in alarms if "guessed at account 201" in d.reason)
    assert alarm.action == ALARM


def test_who_comes_back_after_his_block_is_blocked_longer(tmp_path: Path) -> None:
    attack = "eve REGISTER 201 every=0.1 times=5 > 401 auth={1,2,3,4,5,6,7} 401\n"
    found = play(f"at 1:00\n{attack}at 3:00\n{attack}at 11:00\n{attack}", tmp_path)
    assert [d.lasts_s for d in about(found, EVE, BLOCK)] == [60, 3600, 60, 21600, 60, 86400]


def test_new_owner_of_a_blocked_address_begins_anew(tmp_path: Path) -> None:
    attack = "eve REGISTER 201 every=0.1 times=5 > 401 auth={1,2,3,4,5,6,7} 401\n"
    phone = (
        'bob 203.0.113.66 agent="Fanvil X4U"\nat 5:00\nbob REGISTER 202 times=9 > 401 auth 200\n'
    )
    found = play(f"at 1:00\n{attack}{phone}", tmp_path)
    blocks = about(found, EVE, BLOCK)
    assert [d.lasts_s for d in blocks] == [60, 3600]
    assert all(d.refused for d in blocks), "the phone is not blocked"


# ------------------------------------------------------------ how it is played


def test_pieces_are_no_longer_than_a_guard_waits() -> None:
    scene = read_scene(CAST + "eve REGISTER {100..120} every=0.003 > 404")
    for table in tables(Decoder(64), scene.capture()):
        cut = list(slices(table))
        assert [first for first, _ in cut] == [0, *(end for _, end in cut[:-1])]
        assert cut[-1][1] == len(table)
        for first, end in cut:
            times = [table.number(row, "time") for row in range(first, end)]
            assert times[-1] - times[0] < SLICE_NS


def test_later_requests_and_the_verdict_of_the_end_are_told(tmp_path: Path) -> None:
    found = play("eve REGISTER {100..199} tag=svwar every=0.01 > 404", tmp_path)
    first = found.decisions[0]
    assert first.decision.messages + first.messages_after == 100
    assert first.verdict == "attacker"
    assert (found.messages, found.sources) == (200, 2)


def test_decisions_are_told_as_they_are_made(tmp_path: Path) -> None:
    path = tmp_path / "scene.pcap"
    scene = read_scene(CAST + "eve REGISTER {100..199} tag=svwar every=0.01 > 404")
    path.write_bytes(capture_of(scene.packets))
    told: list[Decision] = []
    found = rehearse([str(path)], on_decision=told.append)
    assert told == [r.decision for r in found.decisions]


def test_a_file_that_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("hello")
    with pytest.raises(CaptureError):
        rehearse([str(path)])
