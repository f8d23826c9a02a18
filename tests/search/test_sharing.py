"""An office and a guesser behind one address; a thief who looks like a user."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ringfence.flow import Owner, look_at_sharing, plan_blocks
from ringfence.model.measure import BlockPlan, Sharing
from ringfence.search import sharing as module
from ringfence.search.sharing import MAX_PORTS
from tests.conversations.script import FOLDER, read_scene
from tests.conversations.trial import try_scene

OFFICE = "198.51.100.9"
PHONES = """
pbx 192.0.2.10
x{1..12} 198.51.100.9:{30001..30012} agent="Yealink SIP-T46S 66.86.0.15"
"""
AT_WORK = """
at 9:00
x{1..12} REGISTER {301..312} every=0.5 > 401 auth 200
"""
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def looked_at(text: str, folder: Path) -> tuple[tuple[Sharing, ...], BlockPlan]:
    """What is seen of the sharing, and what is planned with it."""
    found = try_scene(read_scene(text), folder)
    seen = look_at_sharing([str(folder / "scene.pcap")], found.incident)
    return seen, plan_blocks(found, Owner(), "RF-1", NOW, timedelta(days=7), seen)


def test_a_guesser_behind_the_office_loses_his_port_and_the_office_nothing(tmp_path: Path) -> None:
    text = (FOLDER / "attacks/attacker_behind_the_office.txt").read_text()
    seen, plan = looked_at(text, tmp_path)
    assert seen == (Sharing(OFFICE, users=24, attack_ports=(40000,)),)
    assert [(b.address, b.ports) for b in plan.blocks] == [(OFFICE, (40000,))]


def test_phones_that_register_only_after_the_attack_are_users_when_they_stay(
    tmp_path: Path,
) -> None:
    text = f"""# The attack comes first.{PHONES}
eve {OFFICE}:40000 agent=friendly-scanner tag=svcrack call=new
at 8:00
eve REGISTER 210 every=0.05 times=150 > 401 auth={{1,2,3,4,5,6,7}} 401
{AT_WORK}
at 10:00
x{{1..12}} REGISTER {{301..312}} every=0.5 > 401 auth 200
"""
    (seen,), _ = looked_at(text, tmp_path)
    assert (seen.users, seen.attack_ports) == (12, (40000,))


# A server that lets everybody in: whoever it let in cannot be told from its users.
LETS_EVERYBODY_IN = {"honeypot_says_yes"}
ATTACKS = [p for p in sorted((FOLDER / "attacks").glob("*.txt")) if p.stem not in LETS_EVERYBODY_IN]


@pytest.mark.parametrize("path", ATTACKS, ids=lambda p: p.stem)
def test_no_attacker_of_ours_hides_behind_users_who_are_not_there(
    path: Path, tmp_path: Path
) -> None:
    """Who is alone at his address is blocked, although he was let in and called."""
    scene = read_scene(path.read_text())
    found = try_scene(scene, tmp_path)
    seen = look_at_sharing([str(tmp_path / "scene.pcap")], found.incident)
    plan = plan_blocks(found, Owner(), "RF-1", NOW, timedelta(days=7), seen)
    proven = {
        s.address for s in found.incident.suspects if s.verdict == "attacker" and s.proven != "none"
    }
    assert {block.address for block in plan.blocks} == proven


def test_a_sprayer_with_a_port_for_each_try_is_no_office(tmp_path: Path) -> None:
    """A hundred accounts with one password each; three of them have it."""
    text = """# One try an account, from a port of its own.
pbx 192.0.2.10
e{1..60} 203.0.113.66:{20001..20060} agent=Softphone call=new
at 3:00
e{1..20} REGISTER {100..119} every=0.2 > 401 auth={1} 401
e{21..23} REGISTER {120..122} every=0.2 > 401 auth 200
e{24..60} REGISTER {123..159} every=0.2 > 401 auth={1} 401
"""
    (seen,), plan = looked_at(text, tmp_path)
    assert seen.users == 0
    assert [(b.address, b.ports) for b in plan.blocks] == [("203.0.113.66", ())]


def test_an_account_that_was_guessed_here_makes_no_user(tmp_path: Path) -> None:
    """Another port, another phone, for hours: the password is the guesser's all the same."""
    text = """# The thief uses what he guessed with a softphone.
pbx 192.0.2.10
eve 203.0.113.66:5060 agent=friendly-scanner tag=svcrack call=new
zoe 203.0.113.66:40000 agent="Z 5.5.14 v2.10.19.9"
at 2:00
eve REGISTER 240 every=0.1 times=60 > 401 auth={1,2,3} 401
eve REGISTER 240 > 401 auth 200
at 3:00
zoe REGISTER 240 every=600 times=6 > 401 auth 200
"""
    (seen,), plan = looked_at(text, tmp_path)
    assert seen.users == 0
    assert [(b.address, b.ports) for b in plan.blocks] == [("203.0.113.66", ())]


def test_more_ports_than_are_told_apart_narrow_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_PORTS > 100
    monkeypatch.setattr(module, "MAX_PORTS", 12)
    text = (FOLDER / "attacks/attacker_behind_the_office.txt").read_text()
    (seen,), plan = looked_at(text, tmp_path)
    assert seen == Sharing(OFFICE, users=12, attack_ports=())
    assert plan.blocks == ()


def test_open_requests_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OPEN", 4)
    text = (FOLDER / "attacks/attacker_behind_the_office.txt").read_text()
    (seen,), _ = looked_at(text, tmp_path)
    assert seen == Sharing(OFFICE, users=24, attack_ports=(40000,))


def test_standard_input_is_gone_and_nobody_is_looked_at_without_need(tmp_path: Path) -> None:
    found = try_scene(
        read_scene((FOLDER / "attacks/toll_after_guessing.txt").read_text()), tmp_path
    )
    assert look_at_sharing(["-"], found.incident) == ()
    quiet = try_scene(read_scene((FOLDER / "innocents/busy_office.txt").read_text()), tmp_path)
    assert look_at_sharing(["no such file"], quiet.incident) == ()
