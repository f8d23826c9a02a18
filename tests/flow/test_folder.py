"""The case folder: whole or not at all, right for each of its readers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence import flow
from ringfence.flow import CaseFolder, FolderError, FolderOptions, Investigation, Owner
from tests.evidence.redaction import scene
from tests.evidence.redaction.planted import Planter, leaks
from tests.evidence.redaction.test_slice import attack as planted_attack

CASE = "RF-20261002-90cace"


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keys of this test's own."""
    place = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(place))
        yield place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("case") / "case"


@pytest.fixture(scope="module")
def made(found: Investigation, capture: Path, place: Path) -> CaseFolder:
    return flow.write_folder(found, [str(capture)], Owner(), CASE, place)


def test_five_readers_find_theirs(made: CaseFolder, place: Path) -> None:
    assert made.problems == ()
    for name in (
        "report.html", "report.pdf", "incident.json", "block/nftables.nft", "block/README.md",
        "evidence/bag-0001/data/attackers.pcapng", "evidence/bag-0001/data/messages.csv",
        "for-others/report.html", "for-others/attackers.pcapng", "for-others/messages.csv",
    ):  # fmt: skip
        assert (place / name).stat().st_size > 100, name
    assert made.blocks == 2


def test_every_file_that_the_report_names_is_there(made: CaseFolder, place: Path) -> None:
    for folder in (place, place / "for-others"):
        page = (folder / "report.html").read_text()
        listed = page[page.index('<section id="folder"') : page.index('<section id="glossary"')]
        named = re.findall(r'class="mono">([^<]+)</th>', listed)
        assert len(named) >= 4
        assert [name for name in named if not (folder / name).exists()] == []


def test_folder_is_for_its_owner_alone(made: CaseFolder, place: Path) -> None:
    assert place.stat().st_mode & 0o077 == 0
    assert made.path == str(place)


def test_evidence_is_sound(made: CaseFolder, place: Path) -> None:
    checked = flow.verify_evidence(str(place))
    assert checked.is_sound
    assert checked.bags[0].seal == made.sealed.seal


def test_what_is_for_others_names_no_user_of_ours(made: CaseFolder, place: Path) -> None:
    there = [p for p in (place / "for-others").iterdir() if p.suffix != ".pdf"]
    text = b"\n".join(path.read_bytes() for path in there)
    assert b"203.0.113.66" in text
    for secret in (b"account 240", b"sip:240@", b'"240"', b'username="240"', b"192.0.2.50"):
        assert secret not in text
    assert not re.search(rb"(?<![\w.:-])231(?![\w.:,-])", text)


def test_attackers_are_still_attackers_in_what_others_get(made: CaseFolder, place: Path) -> None:
    again = flow.investigate([str(place / "for-others/attackers.pcapng")]).incident
    accused = {s.address for s in again.suspects if s.verdict == "attacker"}
    assert {"203.0.113.66"} <= accused <= {"203.0.113.66", "203.0.113.91"}


def test_documents_agree(made: CaseFolder, place: Path) -> None:
    own = json.loads((place / "incident.json").read_bytes())
    sealed = json.loads((place / "evidence/bag-0001/data/incident.json").read_bytes())
    fit = json.loads((place / "for-others/incident.json").read_bytes())
    assert own == sealed
    assert [s["weight_db"] for s in own["suspects"]] == [s["weight_db"] for s in fit["suspects"]]
    assert fit["in_trouble"] == []


def test_nothing_is_rewritten_what_is_new_is_added(
    found: Investigation, capture: Path, tmp_path: Path, made: CaseFolder, place: Path
) -> None:
    copy = tmp_path / "case"
    shutil.copytree(place, copy)
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    added = flow.write_folder(found, [str(capture)], Owner(), CASE, copy)
    assert added.path == str(copy / "addition-0002")
    assert {p: p.read_bytes() for p in before} == before
    assert "../evidence/bag-0002/" in (copy / "addition-0002/report.html").read_text()
    checked = flow.verify_evidence(str(copy))
    assert checked.is_sound
    assert [bag.name for bag in checked.bags] == ["bag-0001", "bag-0002"]


def test_a_place_that_is_taken_is_left_alone(
    found: Investigation, capture: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "letters"
    taken.mkdir()
    (taken / "love.txt").write_text("dear")
    with pytest.raises(FolderError, match="nothing is ever overwritten"):
        flow.write_folder(found, [str(capture)], Owner(), CASE, taken)
    assert [p.name for p in taken.iterdir()] == ["love.txt"]


def test_standard_input_cannot_be_read_again(found: Investigation, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="save standard input first"):
        flow.write_folder(found, ["-"], Owner(), CASE, tmp_path / "case")


def test_a_capture_that_is_gone_leaves_no_folder(found: Investigation, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"gone\.pcap"):
        flow.write_folder(found, [str(tmp_path / "gone.pcap")], Owner(), CASE, tmp_path / "case")
    assert list(tmp_path.iterdir()) == []


def test_known_addresses_are_in_no_list(
    found: Investigation, capture: Path, tmp_path: Path
) -> None:
    owner = Owner(known=(found.verdicts[0].deeds.address.__class__("203.0.113.66"),))
    made = flow.write_folder(found, [str(capture)], owner, CASE, tmp_path / "case")
    assert made.blocks == 1
    for path in (tmp_path / "case/block").iterdir():
        commands = [
            line for line in path.read_text().splitlines() if not line.startswith(("#", "!"))
        ]
        if path.suffix not in (".md", ".txt"):
            assert not any("203.0.113.66" in line for line in commands), path.name
    assert "Not in the lists: 203.0.113.66" in (tmp_path / "case/report.html").read_text()


def test_originals_are_copied_on_request(
    found: Investigation, capture: Path, tmp_path: Path
) -> None:
    options = FolderOptions(include_original=True)
    flow.write_folder(found, [str(capture)], Owner(), CASE, tmp_path / "case", (), options)
    copies = (tmp_path / "case/evidence/bag-0001/data/originals").iterdir()
    assert capture.read_bytes() in [copy.read_bytes() for copy in copies]


@pytest.mark.parametrize("after_s", [0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 2.6, 3.2])
def test_killed_at_any_moment_the_folder_is_absent_or_whole(
    capture: Path, tmp_path: Path, after_s: float
) -> None:
    """SIGKILL after some time; what appears is watched, so slow machines only see less of it."""
    command = [sys.executable, "-m", "ringfence", "investigate", str(capture), "--out", "case"]
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path / "home")}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        until = time.monotonic() + after_s
        while run.poll() is None and time.monotonic() < until:
            os.sched_yield()
        run.send_signal(signal.SIGKILL)
    case = tmp_path / "case"
    if case.exists():
        assert (case / "report.html").exists()
        assert (case / "for-others/report.html").exists()
        assert flow.verify_evidence(str(case)).is_sound
    listed = subprocess.run(
        [sys.executable, "-m", "ringfence", "case", "list"], env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert listed.returncode == 0, listed.stderr


def test_planted_secrets_are_in_nothing_that_leaves_the_house(tmp_path: Path) -> None:
    """The whole command on a capture with a secret in every place that can hold one."""
    planter = Planter()
    capture = tmp_path / planter.fill("{word:file-name}.pcapng").decode()
    capture.write_bytes(scene.capture_of(planted_attack(planter) * 3))
    ran = subprocess.run(
        [sys.executable, "-m", "ringfence", "investigate", capture.name, "--pbx", scene.SERVER,
         "--out", "case"],
        cwd=tmp_path, env=os.environ | {"XDG_DATA_HOME": str(tmp_path / "home")},
        capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    case = tmp_path / "case"
    outside = [p.read_bytes() for p in (case / "for-others").iterdir() if p.suffix != ".pdf"]
    outside += [p.read_bytes() for p in (case / "block").iterdir()]
    slice_ = (case / "for-others/attackers.pcapng").read_bytes()
    assert leaks(planter, [*outside, *scene.texts(slice_), ran.stderr]) == []
    assert any(scene.ATTACKER.encode() in text for text in outside)


def test_credentials_and_bodies_are_in_no_page_of_the_owner_either(tmp_path: Path) -> None:
    planter = Planter()
    capture = tmp_path / "attack.pcapng"
    capture.write_bytes(scene.capture_of(planted_attack(planter) * 3))
    found = flow.investigate([str(capture)], Owner(servers=(ip_address(scene.SERVER),)))
    flow.write_folder(found, [str(capture)], Owner(), "RF-1", tmp_path / "case")
    pages = [(tmp_path / "case" / name).read_bytes() for name in ("report.html", "incident.json")]
    names = [label for label in planter.secrets if not label.startswith("hex:")]
    assert len(planter.secrets) - len(names) >= 5
    assert leaks(planter, pages, names) == []
