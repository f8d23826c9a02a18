"""A case as it stands: told from what is left, replaced each time, evidence untouched."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from ringfence import flow
from ringfence.flow import FolderError, Investigation, Owner
from ringfence.flow.casebook import Casebook
from ringfence.flow.status import (
    folder_of,
    plan_of,
    report_case,
    standing,
    whole_folder_of,
    write_status,
)
from ringfence.model.case import CaseError
from ringfence.model.follow_up import DONE, STEPS
from ringfence.model.incident import FollowUpStep, Incident
from ringfence.model.settings import Settings, Victim
from tests.cases.incidents import incident, suspect
from tests.cases.standings import THIEF, contact, who

CASE, MADE_AT = "RF-20261002-90cace", "2026-10-04T08:00:00Z"
STEP = FollowUpStep(
    "abuse_mailed", "Abuse desk told by mail", "203.0.113.64/28", "to_do", "write", "2026-10-03",
    None,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keys and cases of this test's own."""
    place = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(place))
        yield place


@pytest.fixture(scope="module")
def original(found: Investigation, capture: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made") / "case"
    flow.write_folder(found, [str(capture)], Owner(), CASE, place)
    return place


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "case")
    return tmp_path / "case"


@pytest.fixture
def gone(found: Investigation) -> Incident:
    """The incident of a capture that is not there any more."""
    return with_path(found.incident, "gone.pcap")


def with_path(given: Incident, path: str) -> Incident:
    return replace(given, inputs=[replace(one, path=path) for one in given.inputs])


def page(folder: Path) -> str:
    return (folder / "status/report.html").read_text()


def test_what_is_known_by_now_is_told(found: Investigation, folder: Path) -> None:
    known = replace(found.incident, follow_up=[STEP])
    made = write_status(known, CASE, MADE_AT, folder)
    assert (made.path, made.problems) == (str(folder / "status"), ())
    assert sorted(p.name for p in (folder / "status").iterdir()) == [
        "incident.json", "report.html", "report.pdf",
    ]  # fmt: skip
    assert "overdue" in page(folder)
    document = json.loads((folder / "status/incident.json").read_bytes())
    assert document == json.loads(msgspec.json.encode(known))


def test_it_is_told_from_sealed_packets_when_the_capture_is_gone(
    found: Investigation, gone: Incident, folder: Path
) -> None:
    write_status(found.incident, CASE, MADE_AT, folder)
    before = page(folder)
    made = write_status(gone, CASE, MADE_AT, folder)
    assert "told from the sealed packets" in made.problems[0]
    for part in ('class="ladder"', 'class="timeline"'):
        assert page(folder).count(part) == before.count(part) > 0


def test_a_capture_that_changed_is_not_read_again(
    found: Investigation, capture: Path, folder: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.pcap"
    changed.write_bytes(capture.read_bytes()[:-1])
    made = write_status(with_path(found.incident, str(changed)), CASE, MADE_AT, folder)
    assert "gone or changed: told from the sealed" in made.problems[0]


def test_without_capture_and_evidence_the_words_remain(
    gone: Incident, folder: Path, tmp_path: Path
) -> None:
    shutil.rmtree(folder / "evidence")
    made = write_status(gone, CASE, MADE_AT, folder)
    assert "no sealed packets" in made.problems[0]
    assert "They got in." in page(folder)
    assert 'class="timeline"' not in page(folder)
    alone = write_status(gone, CASE, MADE_AT, None, tmp_path / "alone")
    assert "no sealed packets" in alone.problems[0]


def test_packets_of_another_capture_are_not_taken_for_these(gone: Incident, folder: Path) -> None:
    other = replace(gone, inputs=[replace(one, sha256="0" * 64) for one in gone.inputs])
    assert "no sealed packets" in write_status(other, CASE, MADE_AT, folder).problems[0]


def test_a_broken_bag_is_passed_over(gone: Incident, folder: Path) -> None:
    (folder / "evidence/bag-0002/data").mkdir(parents=True)
    (folder / "evidence/bag-0002/data/incident.json").write_text("{")
    made = write_status(gone, CASE, MADE_AT, folder)
    assert "bag-0001" in made.problems[0]


def test_nothing_but_the_status_is_touched(found: Investigation, folder: Path) -> None:
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    write_status(found.incident, CASE, MADE_AT, folder)
    assert {p: p.read_bytes() for p in before} == before
    assert flow.verify_evidence(str(folder)).is_sound


def test_each_writing_replaces_the_one_before(
    found: Investigation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_status(found.incident, CASE, MADE_AT, folder)
    monkeypatch.setattr("ringfence.flow.status.write_reports", _without_paper)
    made = write_status(found.incident, CASE, "2026-10-09T08:00:00Z", folder)
    assert made.problems == ("no typst",)
    assert page(folder) == "later"
    assert not (folder / "status/report.pdf").exists(), "no paper of last week beside it"


def _without_paper(part: Path, _: object) -> list[str]:
    (part / "report.html").write_text("later")
    return ["no typst"]


def test_a_writing_that_fails_leaves_the_one_before(
    found: Investigation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_status(found.incident, CASE, MADE_AT, folder)
    before = page(folder)

    def full(*_: object) -> list[str]:
        raise OSError("the disk is full")

    monkeypatch.setattr("ringfence.flow.status.write_reports", full)
    with pytest.raises(FolderError, match="the disk is full"):
        write_status(found.incident, CASE, "2026-10-09T08:00:00Z", folder)
    assert page(folder) == before
    assert len(list((folder / "status").iterdir())) == 3


def test_every_file_that_it_names_is_there(found: Investigation, folder: Path) -> None:
    (folder / "letters").mkdir()
    (folder / "letters/abuse-203.0.113.64-28.txt").write_text("Dear desk")
    write_status(found.incident, CASE, MADE_AT, folder)
    text = page(folder)
    listed = text[text.index('<section id="folder"') : text.index('<section id="glossary"')]
    named = re.findall(r'class="mono">([^<]+)</th>', listed)
    assert {"../letters/abuse-203.0.113.64-28.txt", "../block/nftables.nft"} <= set(named)
    assert [name for name in named if not (folder / "status" / name).exists()] == []
    for command in ("sudo nft -f ../block/nftables.nft", "ringfence verify .."):
        assert command in text, command


def test_whom_the_lists_leave_alone_is_not_to_be_blocked(
    found: Investigation, folder: Path
) -> None:
    list_ = folder / "block/addresses.txt"
    list_.write_text(list_.read_text().replace("203.0.113.91\n", ""))
    write_status(found.incident, CASE, MADE_AT, folder)
    assert "Block 203.0.113.66 at the firewall" in page(folder)
    assert "Not in the lists: 203.0.113.91 (see block/README.md)." in page(folder)
    shutil.rmtree(folder / "block")
    write_status(found.incident, CASE, MADE_AT, folder)
    assert "Block nobody at the firewall yet" in page(folder)


def test_the_last_incident_of_a_case_counts(tmp_path: Path) -> None:
    with Casebook(str(tmp_path / "cases.db")) as book:
        case = book.file(incident(suspect("203.0.113.5")), None).case
        later = incident(suspect("203.0.113.5"), suspect("203.0.113.6"))
        book.file(later, None)
        now = standing(book, case, Settings(), MADE_AT)
        assert now.suspects == later.suspects
        assert now.attribution == [], "nobody was asked"
        assert folder_of(book, case) is None
        with pytest.raises(CaseError, match="name one with --out"):
            report_case(book, case.id, Settings(), MADE_AT)
        made = report_case(book, case.id, Settings(), MADE_AT, str(tmp_path / "out"))
    assert (Path(made.path) / "report.html").is_file()


def test_who_answers_is_told_as_registries_said_since(tmp_path: Path) -> None:
    desk = who("203.0.113.5", "203.0.113.0/24", contact("abuse@hosting.example"))
    with Casebook(str(tmp_path / "cases.db")) as book:
        case = book.file(incident(suspect("203.0.113.5"), suspect("203.0.113.6")), None).case
        book.record_attribution(case, [replace(desk, exercise=True)])
        assert standing(book, case, Settings(), MADE_AT).attribution[0].exercise
        book.record_attribution(case, [desk])
        known, left = standing(book, case, Settings(), MADE_AT).attribution
        made = report_case(book, case.id, Settings(), MADE_AT, str(tmp_path / "out"))
    assert (known.addresses, known.prefixes) == (["203.0.113.5"], ["203.0.113.0/24"])
    assert known.best is not None
    assert (known.best.email, known.exercise) == ("abuse@hosting.example", False)
    assert left.addresses == ["203.0.113.6"]
    assert "abuse@hosting.example" in (Path(made.path) / "report.html").read_text()


def test_what_is_to_do_depends_on_the_day_and_the_country(tmp_path: Path) -> None:
    with Casebook(str(tmp_path / "cases.db")) as book:
        case = book.file(incident(THIEF), None).case
        book.mark(case.id, "blocked", DONE, "at the router")
        now = standing(book, case, Settings(Victim(country="US")), MADE_AT)
        asked = book.follow_up(book.find(case.id), Settings(Victim(country="US")), MADE_AT[:10])
        abroad = standing(book, case, Settings(Victim(country="DE")), MADE_AT)
        made = report_case(book, case.id, Settings(), MADE_AT, str(tmp_path / "out"))
    steps = {one.step: one for one in now.follow_up}
    assert [(one.step, one.state, one.due) for one in now.follow_up] == [
        (one.step, one.state, one.due) for one in asked
    ]
    assert (steps["blocked"].state, steps["blocked"].title) == ("done", STEPS["blocked"])
    assert steps["contact_found"].network is None, "nobody was asked: it is of no network yet"
    assert steps["ic3_filed"].state == "to_do"
    assert {one.step: one.state for one in abroad.follow_up}["ic3_filed"] == "not_needed"
    document = json.loads((Path(made.path) / "incident.json").read_bytes())
    assert {one["step"] for one in document["follow_up"]} == set(steps)


def test_a_merged_case_is_told_with_the_networks_of_both(tmp_path: Path) -> None:
    with Casebook(str(tmp_path / "cases.db")) as book:
        one = book.file(incident(suspect("203.0.113.5")), None).case
        two = book.file(incident(suspect("198.51.100.7"), capture="b" * 64), None).case
        book.record_attribution(one, [who("203.0.113.5", "203.0.113.0/24", contact("a@b.example"))])
        book.merge(one.id, two.id)
        told = standing(book, two, Settings(), MADE_AT)
    assert {s.network for s in told.follow_up if s.step == "abuse_mailed"} == {
        "203.0.113.0/24", None,
    }  # fmt: skip


def test_lists_of_all_folders_of_a_case_count(tmp_path: Path) -> None:
    accused = incident(*(suspect(f"203.0.113.{n}") for n in (5, 6, 7)))
    for n in (5, 6):
        (tmp_path / f"{n}/addition-0002/block").mkdir(parents=True)
        (tmp_path / f"{n}/addition-0002/block/addresses.txt").write_text(f"203.0.113.{n}\n")
    plan = plan_of(accused, CASE, MADE_AT, tmp_path / "5", tmp_path / "6")
    assert [one.address for one in plan.blocks] == ["203.0.113.5", "203.0.113.6"]
    assert [one.address for one in plan.withheld] == ["203.0.113.7"]


def test_a_folder_that_was_added_to_is_the_whole_one(folder: Path, tmp_path: Path) -> None:
    addition = folder / "addition-0002"
    addition.mkdir()
    with Casebook(str(tmp_path / "cases.db")) as book:
        case = book.file(incident(suspect("203.0.113.5")), str(addition)).case
        assert folder_of(book, case) == folder
    assert whole_folder_of(folder) == folder
