"""The judge: what counts as accused, lost, wrong; and the sentence on what the project ships."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.beginnings import read_capture
from lab.judge import covers, judge, main
from lab.judgement import Attack, Outcome, changes, knows_more, read_outcome, report
from lab.labelled import Labelled, labelled_set
from lab.labels import Call, Source
from tests.conversations.script import FOLDER, Scene, read_scene
from tests.wire_cases.files import PCAPNGS, PCAPS

TOLL = FOLDER / "attacks/toll_after_guessing.txt"
EVE = "203.0.113.66"


def labelled(folder: Path, scene: Scene, *sources: Source, is_ours: bool = True) -> Labelled:
    capture = folder / "scene.pcap"
    capture.write_bytes(scene.capture())
    return Labelled("scene", capture, sources, is_ours=is_ours)


def toll_thief(**facts: object) -> Source:
    numbers = [f"90114490987901{n}" for n in (15, 62, 99)]
    known: dict[str, object] = {
        "kinds": ("password_guessing", "toll_fraud"),
        "accounts_taken": ("240",),
        "calls_answered": tuple(Call(number, 400.0) for number in numbers),
        "proof": "dialog",
    }
    return Source(EVE, "attacker", "thief", **(known | facts))  # type: ignore[arg-type]


@pytest.fixture
def toll() -> Scene:
    return read_scene(TOLL.read_text())


# ------------------------------------------------------------ the sentence


def test_attacker_is_found_with_kinds_success_and_proof(toll: Scene, tmp_path: Path) -> None:
    outcome = judge([labelled(tmp_path, toll, toll_thief())])
    (attack,) = outcome.attacks
    assert (attack.verdict, attack.wrong) == ("attacker", [])
    assert attack.kinds_said == attack.kinds_wanted
    assert attack.messages_needed == 1, "its first From tag gives svcrack away"
    assert (outcome.accused, outcome.lost) == ([], [])


@pytest.mark.parametrize(
    ("lie", "fault"),
    [
        ({"accounts_taken": ("241",)}, "accounts taken"),
        ({"calls_answered": ()}, "answered"),
        ({"calls_answered": (Call("901144909879015", 9.0),)}, "answered"),
        ({"proof": "tcp"}, "proof dialog, labelled tcp"),
    ],
)
def test_wrong_success_and_proof_are_told(
    toll: Scene, tmp_path: Path, lie: dict[str, object], fault: str
) -> None:
    outcome = judge([labelled(tmp_path, toll, toll_thief(**lie))], count_messages=False)
    assert any(wrong.startswith(fault) for wrong in outcome.attacks[0].wrong)


def test_missed_kind_and_kind_said_too_are_counted(toll: Scene, tmp_path: Path) -> None:
    thief = toll_thief(kinds=("password_guessing", "exploit"))
    outcome = judge([labelled(tmp_path, toll, thief)], count_messages=False)
    assert outcome.kinds["password_guessing"] == [1, 0, 0, 0]
    assert outcome.kinds["exploit"] == [0, 1, 0, 0]
    assert outcome.kinds["toll_fraud"] == [0, 0, 1, 0]


def test_whoever_is_not_labelled_is_innocent(toll: Scene, tmp_path: Path) -> None:
    outcome = judge([labelled(tmp_path, toll)], count_messages=False)
    assert [one.address for one in outcome.accused] == [EVE]
    assert outcome.kinds["toll_fraud"] == [0, 0, 0, 1]


def test_attacker_who_looks_like_a_phone_is_lost(tmp_path: Path) -> None:
    scene = read_scene((FOLDER / "innocents/bad_pin_all_night.txt").read_text())
    source = Source("198.51.100.140", "attacker", "mislabelled", ("password_guessing",))
    outcome = judge([labelled(tmp_path, scene, source)])
    assert [one.address for one in outcome.lost] == ["198.51.100.140"]
    assert outcome.attacks[0].messages_needed is None
    assert any(line.startswith("LOST") for line in report(outcome))


def test_user_in_trouble_is_told_or_missed(tmp_path: Path) -> None:
    scene = read_scene((FOLDER / "innocents/bad_pin_all_night.txt").read_text())
    told = Source("198.51.100.140", "innocent", "phone", in_trouble="bad PIN")
    well = Source("198.51.100.140", "innocent", "phone")
    assert judge([labelled(tmp_path, scene, told)], count_messages=False).trouble_missed == []
    invented = judge([labelled(tmp_path, scene, well)], count_messages=False).trouble_invented
    assert len(invented) == 1


def test_verdict_needs_as_many_messages_as_it_needs(tmp_path: Path) -> None:
    """Nothing but a number speaks against this one: the count is where the sum passes."""
    text = (FOLDER / "attacks/enumeration_disguised.txt").read_text()
    source = Source(EVE, "attacker", "enumerator", ("enumeration",))
    (attack,) = judge([labelled(tmp_path, read_scene(text), source)]).attacks
    assert attack.messages_needed is not None
    assert 4 <= attack.messages_needed < attack.messages


def test_network_of_invented_senders_is_one_attacker(tmp_path: Path) -> None:
    scene = read_scene((FOLDER / "attacks/spoofed_flood.txt").read_text())
    source = Source("198.18.0.0/15", "attacker", "invented", ("flood",), forged=True)
    outcome = judge([labelled(tmp_path, scene, source)], count_messages=False)
    assert len(outcome.attacks) == 1
    assert outcome.accused == []


def test_label_covers_its_address_or_its_network() -> None:
    assert covers(Source("198.18.0.0/15", "attacker", ""), "198.19.255.1")
    assert not covers(Source("198.18.0.0/15", "attacker", ""), "198.20.0.1")
    assert not covers(Source("198.18.0.0/15", "attacker", ""), "2001:db8::1")
    assert covers(Source("2001:db8::1", "attacker", ""), "2001:db8:0::1")


# ------------------------------------------------------------ beginnings


@pytest.mark.parametrize("name", [*PCAPS, *PCAPNGS])
def test_beginning_of_a_capture_is_a_capture(name: str, toll: Scene, tmp_path: Path) -> None:
    packets = toll.packets[:7]
    kind = PCAPS.get(name) or PCAPNGS[name]
    path = tmp_path / "capture"
    path.write_bytes(kind.file(packets))
    capture = read_capture(path)
    assert len(capture.ends) == 7
    for n in (1, 3, 7):
        assert capture.first(n) == kind.file(packets[:n])


def test_cut_capture_ends_with_its_last_whole_packet(toll: Scene, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(toll.capture()[:-5])
    assert len(read_capture(path).ends) == len(toll.packets) - 1


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(b"GMBU" * 10)
    with pytest.raises(ValueError, match="neither pcap nor pcapng"):
        read_capture(path)


# ------------------------------------------------------------ labels


def test_manifest_names_attackers_in_words(toll: Scene, tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(toll.capture())
    (tmp_path / "b.pcap").write_bytes(toll.capture() + bytes(4))
    (tmp_path / "MANIFEST.tsv").write_text(
        "file\tlabel\tground_truth\n"
        f"a.pcap\tATTACK: toll-fraud INVITE prefix probing\tone source {EVE}, UA sipcli\n"
        f'b.pcap\tBENIGN\tone call from {EVE}, "quoted\n'
        "gone.pcap\tATTACK: flood\t203.0.113.9\n"
    )
    attack, benign = labelled_set([], tmp_path)
    assert [(s.address, s.kinds) for s in attack.attackers] == [(EVE, ("toll_fraud",))]
    assert benign.sources == ()


def test_readme_names_sources_by_line(toll: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "x.pcap").write_bytes(toll.capture())
    (folder / "README.md").write_text(
        "198.51.100.20:5060 GOOD user 100\n"
        "198.51.100.21:5060 BENIGN-WRONG user 101: wrong password\n"
        f"{EVE} ATTACKER: svmap OPTIONS, svcrack (user 200),\n  and a flood of INVITE.\n"
        "198.51.100.30 TRUNK: answers\n"
    )
    (one,) = labelled_set([], tmp_path)
    assert [s.role for s in one.sources] == ["innocent", "innocent", "attacker", "trunk"]
    assert one.sources[1].in_trouble
    assert one.sources[2].kinds == ("scan", "password_guessing", "flood")


def test_same_capture_under_two_names_is_judged_once(root: Path) -> None:
    folder = root / "examples"
    assert len(labelled_set([folder, folder], None)) == len(labelled_set([folder], None))


# ------------------------------------------------------------ last time


def _outcome(verdict: str = "attacker", **other: object) -> Outcome:
    facts: dict[str, object] = {"kinds_said": ["scan"], "messages_needed": 5} | other
    attack = Attack("c", EVE, "eve", verdict, 40.0, ["scan"], wrong=[], messages=9, **facts)  # type: ignore[arg-type]
    return Outcome(attacks=[attack])


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (_outcome("suspect"), f"newly lost: c {EVE}"),
        (_outcome(kinds_said=["scan", "flood"]), f"other kinds: c {EVE} scan -> scan flood"),
        (_outcome(messages_needed=7), f"messages needed: c {EVE} 5 -> 7"),
    ],
)
def test_what_changed_since_the_last_run_is_said(now: Outcome, line: str) -> None:
    assert list(changes(_outcome(), now)) == [line]


def test_no_change_is_no_line() -> None:
    assert list(changes(_outcome(), _outcome())) == []
    assert list(changes(None, _outcome())) == ["no earlier run to compare with"]


def test_smaller_set_does_not_replace_the_result_of_a_larger_one() -> None:
    assert knows_more(_outcome(), Outcome())
    assert not knows_more(Outcome(), _outcome())


def test_result_of_another_version_is_no_result(tmp_path: Path) -> None:
    path = tmp_path / "judge.json"
    assert read_outcome(path) is None
    path.write_text(json.dumps({"schema": "ringfence.judge/0"}))
    assert read_outcome(path) is None


# ------------------------------------------------------------ what the project ships


def test_examples_are_judged_right(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "judge.json"
    nowhere = str(tmp_path / "nowhere")
    folders = ["--ours", str(root / "examples"), "--elsewhere", nowhere]
    assert main([*folders, "--out", str(out), "--quick"]) == 0, capsys.readouterr().out
    assert not out.exists(), "a quick look leaves the result of the last run alone"
    assert "attackers found" in capsys.readouterr().out


def test_first_example_is_judged_and_written_down(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "judge.json"
    one = [
        label for label in labelled_set([root / "examples"], None) if label.name.endswith("/attack")
    ]
    outcome = judge(one)
    assert [a.wrong for a in outcome.attacks] == [[], []]
    assert all(a.messages_needed is not None for a in outcome.attacks)
    assert main([str(tmp_path), "--ours", str(tmp_path), "--elsewhere", str(tmp_path),
                 "--out", str(out)]) == 2  # fmt: skip


def test_real_captures_are_judged_right(shared_data: Path) -> None:
    outcome = judge(labelled_set([], shared_data / "captures"), count_messages=False)
    assert [f"{one.capture} {one.address} {one.clues}" for one in outcome.accused] == []
    assert [f"{one.capture} {one.address}" for one in outcome.lost] == []
    missed = [a for a in outcome.attacks if set(a.kinds_wanted) - set(a.kinds_said)]
    assert missed == []
    assert outcome.trouble_missed == []
    assert len(outcome.attacks) >= 5
