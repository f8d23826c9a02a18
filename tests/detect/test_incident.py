"""The incident document: what it says of suspects, users in trouble, and whom it leaves out."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from ringfence.model.incident import KINDS, Incident, Suspect, UnlistedCalls
from tests.conversations.script import FOLDER, read_scene
from tests.conversations.trial import try_scene


def incident(name: str, folder: Path) -> Incident:
    scene = read_scene((FOLDER / f"{name}.txt").read_text())
    return try_scene(scene, folder).incident


@pytest.fixture
def thief(tmp_path: Path) -> Suspect:
    (suspect,) = incident("attacks/toll_after_guessing", tmp_path).suspects
    return suspect


def test_what_the_thief_took_is_told(thief: Suspect) -> None:
    assert (thief.address, thief.verdict, thief.proven) == ("203.0.113.66", "attacker", "dialog")
    assert thief.kinds == ["password_guessing", "toll_fraud"]
    assert thief.accounts_taken == ["240"]
    assert [call.dialled for call in thief.calls_answered] == [
        "9011449098790115", "9011449098790162", "9011449098790199",
    ]  # fmt: skip
    assert thief.minutes == pytest.approx(20, abs=0.1)


def test_what_the_thief_tried_is_counted(thief: Suspect) -> None:
    assert thief.accounts_tried == 1
    assert thief.guesses == 60
    assert [shape.looks_like for shape in thief.guesses_masked] == ["4 digits"]
    assert thief.messages == sum(thief.methods.values()) == 60 * 2 + 2 + 3 * 5
    assert thief.methods["REGISTER"] == 60 * 2 + 2
    assert thief.claimed_user_agents == ["friendly-scanner"]


def test_account_that_only_called_is_taken_as_well(tmp_path: Path) -> None:
    suspects = incident("attacks/toll_from_another_address", tmp_path).suspects
    assert {s.address: s.accounts_taken for s in suspects} == {
        "203.0.113.66": ["240"],
        "198.51.100.201": ["240"],
    }


def test_clues_name_their_messages(thief: Suspect) -> None:
    clue = next(clue for clue in thief.clues if clue.rule == "sipvicious_tag")
    assert 1 <= len(clue.messages) <= 5
    first = clue.messages[0]
    assert (first.input, first.packet) == (0, 1)
    assert first.time == "2026-10-05T02:00:00.000000Z"
    assert sum(clue.weight_db for clue in thief.clues) - 10.0 == pytest.approx(thief.weight_db)


def test_surest_suspect_stands_first(tmp_path: Path) -> None:
    suspects = incident("attacks/toll_from_another_address", tmp_path).suspects
    assert [s.weight_db for s in suspects] == sorted((s.weight_db for s in suspects), reverse=True)


def test_everybody_is_counted_once(tmp_path: Path) -> None:
    told = incident("innocents/busy_office", tmp_path)
    assert told.suspects == []
    assert told.ordinary + len({entry.address for entry in told.in_trouble}) == 15
    assert told.defended == ["192.0.2.10"]


def test_user_in_trouble_is_told_with_what_to_say(tmp_path: Path) -> None:
    (entry,) = incident("innocents/bad_pin_all_night", tmp_path).in_trouble
    assert (entry.address, entry.account) == ("198.51.100.140", "232")
    assert entry.looks_like == "bad_pin"
    assert entry.since == "2026-10-04T22:00:00.030000Z" or entry.since.endswith("Z")
    assert "232" in entry.say


def test_campaign_of_a_suspect_is_one_of_those_listed(tmp_path: Path) -> None:
    told = incident("attacks/guessing_spread", tmp_path)
    assert {s.campaign for s in told.suspects} == {c.id for c in told.campaigns}
    assert sorted(a for c in told.campaigns for a in c.sources) == sorted(
        s.address for s in told.suspects
    )


def test_what_strangers_wrote_cannot_steer_a_screen(tmp_path: Path) -> None:
    text = (
        "pbx 192.0.2.10\n"
        'eve 203.0.113.66 agent="friendly-scanner\x1b[2J\x07" tag=svwar\n'
        'eve REGISTER "a\x1b]0;x\x07{1..30}" > 404\n'
        'eve INVITE "00\x1b[31m442079460123" > 404\n'
    )
    told = msgspec.json.encode(try_scene(read_scene(text), tmp_path).incident)
    assert b"friendly-scanner" in told
    raw = json.loads(told)
    assert [one for one in _texts(raw) if any(ord(c) < 32 for c in one)] == []


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    "name", [f"attacks/{path.stem}" for path in sorted((FOLDER / "attacks").glob("*.txt"))]
)
def test_document_keeps_its_promises(name: str, tmp_path: Path) -> None:
    told = incident(name, tmp_path)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Incident) == told
    for suspect in told.suspects:
        assert set(suspect.kinds) <= set(KINDS)
        assert suspect.kinds
        assert suspect.proven in {"tcp", "dialog", "nonce", "none"}
        assert suspect.first_seen <= suspect.last_seen
        assert len(suspect.ports) <= 16
        assert len(suspect.accounts_tried_sample) <= suspect.accounts_tried
        assert suspect.address not in told.defended


def test_a_long_night_is_counted_to_the_last_minute(tmp_path: Path) -> None:
    """Three hundred calls of one phished account, both ends hang up, the ports come back."""
    (eve,) = incident("attacks/a_long_night_on_reused_ports", tmp_path).suspects
    assert eve.calls_total == len(eve.calls_answered) == 300
    assert eve.minutes == pytest.approx((180 * 55 + 120 * 57) / 60, abs=1)
    assert {round(call.seconds or 0) for call in eve.calls_answered} == {55, 57}
    assert eve.estimated_cost == pytest.approx(sum(call.cost or 0 for call in eve.calls_answered))
    assert eve.calls_unlisted == UnlistedCalls()
