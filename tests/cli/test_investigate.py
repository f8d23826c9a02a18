"""`ringfence investigate`: exit statuses, the document, the case folder, strangers' text."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ringfence.flow.casebook import Casebook
from ringfence.model.schema import incident_schema
from tests.cases.incidents import incident, suspect
from tests.cli.errors import said

if TYPE_CHECKING:
    from tests.cli.conftest import Run

RINGFENCE = (sys.executable, "-m", "ringfence")
# Octets that a terminal obeys; what is left are line ends and text.
OBEYED = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]")


# ---- exit statuses ------------------------------------------------------------


def test_nothing_found_is_0(run: Run, quiet: Path) -> None:
    result = run("investigate", quiet)
    assert result.exit_code == 0
    assert "Nobody attacks" in result.stdout


def test_attackers_found_is_1(run: Run, attack: Path) -> None:
    assert run("investigate", attack).exit_code == 1


def test_an_error_is_2_and_one_line_that_names_the_file(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "gone.pcap"
    result = run("investigate", missing)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said(result.stderr) == [f"ringfence: {missing}: No such file or directory"]


def test_a_refused_format_says_what_to_do(run: Run, tmp_path: Path) -> None:
    given = tmp_path / "old.cap"
    given.write_bytes(b"GMBU" + bytes(100))
    result = run("investigate", given)
    assert result.exit_code == 2
    (line,) = said(result.stderr)
    assert line.startswith(f"ringfence: {given}: this is a Microsoft Network Monitor capture;")
    assert "editcap" in line


def test_a_file_that_cannot_be_written_is_an_error(run: Run, attack: Path, tmp_path: Path) -> None:
    result = run("investigate", attack, "--json", tmp_path / "no/such/folder.json")
    assert result.exit_code == 2
    assert len(said(result.stderr)) == 1


# ---- the document ---------------------------------------------------------------


def test_json_to_standard_output_is_one_document_and_nothing_else(run: Run, attack: Path) -> None:
    result = run("investigate", attack, "--json", "-")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["schema"] == "ringfence.incident/1"
    assert set(document) == set(incident_schema()["$defs"]["Incident"]["properties"])
    assert result.stdout.endswith("}\n")
    assert said(result.stderr) == []


def test_json_to_a_file_leaves_the_screen(run: Run, attack: Path, tmp_path: Path) -> None:
    written = tmp_path / "incident.json"
    result = run("investigate", attack, "--json", written)
    assert json.loads(written.read_text())["suspects"]
    assert "THEY GOT IN" in result.stdout


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet_answers_by_its_status_alone(run: Run, attack: Path, option: str) -> None:
    result = run("investigate", attack, option)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "")


def test_quiet_writes_the_file_all_the_same(run: Run, attack: Path, tmp_path: Path) -> None:
    written = tmp_path / "incident.json"
    assert run("investigate", "-q", attack, "--json", written).stdout == ""
    assert written.stat().st_size > 0


def test_friends_are_passed_on(run: Run, attack: Path) -> None:
    options = ("--pbx", "192.0.2.10", "--pbx", "192.0.2.11", "--trunk", "198.51.100.30")
    result = run("investigate", attack, "--json", "-", *options)
    assert json.loads(result.stdout)["defended"] == ["192.0.2.10", "192.0.2.11"]


def test_a_known_address_weighs_less(run: Run, attack: Path) -> None:
    result = run("investigate", attack, "--json", "-", "--known", "203.0.113.91")
    rules = {
        suspect["address"]: [clue["rule"] for clue in suspect["clues"]]
        for suspect in json.loads(result.stdout)["suspects"]
    }
    assert "known" in rules.get("203.0.113.91", ["known"])
    assert "known" not in rules["203.0.113.66"]


def test_standard_input_is_read(attack: Path) -> None:
    command = [*RINGFENCE, "investigate", "-", "--json", "-"]
    with attack.open("rb") as stream:
        piped = subprocess.run(command, stdin=stream, capture_output=True, check=False)
    assert piped.returncode == 1
    (given,) = json.loads(piped.stdout)["inputs"]
    assert (given["path"], given["bytes"]) == ("-", attack.stat().st_size)


# ---- the case folder -------------------------------------------------------------


def test_a_folder_is_left_where_there_are_attackers(run: Run, attack: Path) -> None:
    result = run("investigate", attack)
    (folder,) = Path.cwd().iterdir()
    assert re.fullmatch(r"ringfence-RF-20261002-[0-9a-f]{6}", folder.name)
    assert f"Case {folder.name[10:]}: open {folder.name}/report.html" in result.stdout
    assert (folder / "report.html").exists()
    assert folder.name[10:] in run("case", "list").stdout


def test_no_folder_is_left_where_nobody_attacks(run: Run, quiet: Path) -> None:
    run("investigate", quiet)
    assert list(Path.cwd().iterdir()) == []


def test_a_folder_asked_for_by_name_says_why_it_is_not_written(run: Run, quiet: Path) -> None:
    result = run("investigate", quiet, "--out", "case")
    assert result.exit_code == 0
    assert said(result.stderr) == ["ringfence: nobody is accused, so case is not written"]


def test_a_mere_suspect_leaves_a_folder_when_one_is_asked_for(run: Run, doubtful: Path) -> None:
    assert run("investigate", doubtful).exit_code == 1
    assert list(Path.cwd().iterdir()) == []
    assert run("investigate", doubtful, "--out", "case").exit_code == 1
    assert Path("case/report.html").exists()
    assert run("verify", "case").exit_code == 0


@pytest.mark.parametrize("option", [("--no-folder",), ("--json", "-")])
def test_no_folder_is_left_when_none_is_wanted(
    run: Run, attack: Path, option: tuple[str, ...]
) -> None:
    assert run("investigate", attack, *option).exit_code == 1
    assert list(Path.cwd().iterdir()) == []


def test_the_folder_of_the_same_captures_stays_as_it_is(run: Run, attack: Path) -> None:
    run("investigate", attack)
    (folder,) = Path.cwd().iterdir()
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    again = run("investigate", attack)
    assert again.exit_code == 1
    assert "is there already and stays as it is" in again.stdout
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before


def test_the_same_hand_is_named_on_the_first_screen(run: Run, attack: Path, tmp_path: Path) -> None:
    run("investigate", attack)
    later = tmp_path / "later.pcap"
    later.write_bytes(attack.read_bytes() + bytes(8))  # other octets, the same hand
    result = run("investigate", later)
    assert "The same hand as in RF-20261002-" in result.stdout
    assert len(result.stdout.split("Written")[0].splitlines()) <= 24


def test_a_place_that_cannot_be_written_loses_nothing(run: Run, attack: Path) -> None:
    Path("taken").write_text("a file")
    result = run("investigate", attack, "--out", "taken")
    assert result.exit_code == 2
    assert "THEY GOT IN" in result.stdout
    assert "taken: there is something of this name already" in result.stderr
    assert run("case", "list").stdout.startswith("RF-20261002-")


def test_a_store_that_cannot_be_opened_loses_nothing(run: Run, attack: Path) -> None:
    Path("cases.db").write_bytes(b"no database" * 1000)
    result = run("investigate", attack, "--store", "cases.db", "--out", "case")
    assert result.exit_code == 2
    assert "THEY GOT IN" in result.stdout
    assert "it is no store of ringfence" in result.stderr
    assert Path("case/report.html").exists()


def test_standard_input_has_no_folder(run: Run, attack: Path) -> None:
    result = run("investigate", "-", "--out", "case")
    assert result.exit_code == 2
    assert "save it to a file first" in result.stderr


# ---- what strangers wrote --------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("investigate",),
        ("investigate", "--json", "-"),
        ("explain", "--address", "203.0.113.66"),
        ("explain", "--address", "198.51.100.9"),
    ],
    ids=["screen", "document", "scanner", "user"],
)
def test_escapes_of_a_stranger_never_reach_the_terminal(
    hostile: Path, arguments: tuple[str, ...]
) -> None:
    command = [*RINGFENCE, arguments[0], str(hostile), *arguments[1:]]
    environment = os.environ | {"COLUMNS": "200"}
    ran = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    assert OBEYED.findall(ran.stdout) == []
    assert OBEYED.findall(ran.stderr) == []
    assert rb"\x1b[2J" in ran.stdout or arguments[-1] == "198.51.100.9"


def test_escapes_are_in_the_capture(hostile: Path) -> None:
    """Else the test before would prove nothing."""
    assert OBEYED.search(hostile.read_bytes())
    assert b"\x1b[2J\x1b]0;gone\x07" in hostile.read_bytes()


def test_escapes_in_the_name_of_a_file_are_written_out(run: Run, tmp_path: Path) -> None:
    result = run("investigate", tmp_path / "\x1b[2Jgone.pcap")
    assert "\x1b" not in result.output
    assert r"\x1b[2Jgone.pcap" in result.stderr


def test_a_terminal_without_utf8_gets_escapes_not_an_error(attack: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "COLUMNS": "80"}
    command = [*RINGFENCE, "investigate", str(attack)]
    ran = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert ran.returncode == 1
    assert ran.stdout.isascii()


# ---- who answers ----------------------------------------------------------------


def test_who_answers_is_on_the_screen_and_in_every_document(
    run: Run, attack: Path, root: Path, tmp_path: Path
) -> None:
    registry = root / "examples" / "registry"
    result = run("investigate", attack, "--who", "--registry", registry, "--out", tmp_path / "c")
    assert "who answers (exercise): abuse@hosting.example" in result.stdout
    own = json.loads((tmp_path / "c/incident.json").read_bytes())
    assert own["attribution"][0]["holder"] == "Example Hosting (not a real company)"
    assert own["attribution"][0]["exercise"] is True
    for other in ("for-others/incident.json", "evidence/bag-0001/data/incident.json"):
        document = json.loads((tmp_path / "c" / other).read_bytes())
        assert document["attribution"] == own["attribution"]


def test_who_answers_is_kept_in_the_case(run: Run, attack: Path, root: Path) -> None:
    run("investigate", attack, "--who", "--registry", root / "examples/registry")
    with Casebook() as book:
        (case,) = book.cases()
        assert {one.address for one in book.attribution(case)} == {"203.0.113.66", "203.0.113.91"}
        assert all(one.exercise for one in book.attribution(case))
        assert [e.kind for e in book.journal(case)] == ["opened", "investigated", "attributed"]
        assert "(an exercise)" in book.journal(case)[-1].text


def test_captures_of_a_merged_case_tell_the_one_that_holds_it_who_answers(
    run: Run, attack: Path, root: Path
) -> None:
    run("investigate", attack)
    with Casebook() as book:
        (one,) = book.cases()
        two = book.file(incident(suspect("198.51.100.7")), None).case
        book.merge(one.id, two.id)
    result = run(
        "investigate", attack, "--quiet", "--who", "--registry", root / "examples/registry"
    )
    assert (result.exit_code, result.stderr) == (1, "")
    with Casebook() as book:
        assert {one.address for one in book.attribution(two)} == {"203.0.113.66", "203.0.113.91"}


def test_a_case_that_cannot_keep_who_answers_loses_nothing(
    run: Run, attack: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.store.attributions.MAX_ATTRIBUTIONS", 0)
    result = run("investigate", attack, "--who", "--registry", root / "examples/registry")
    assert result.exit_code == 1
    assert "who answers (exercise): abuse@hosting.example" in result.stdout
    assert "more than 0 addresses looked up" in result.stderr


def test_a_registry_that_fails_spoils_nothing(run: Run, attack: Path, tmp_path: Path) -> None:
    result = run("investigate", attack, "--who", "--registry", tmp_path, "--out", tmp_path / "c")
    assert result.exit_code == 1
    assert "who answers for the addresses is not known" in result.stderr
    assert json.loads((tmp_path / "c/incident.json").read_bytes())["attribution"] == []


def test_nobody_is_asked_unless_told(
    run: Run, attack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.flow.attribution.look_up", lambda *_: pytest.fail("asked"))
    assert run("investigate", attack).exit_code == 1
    assert run("investigate", attack, "--offline").exit_code == 2


# ---- the interpreted twin ----------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("--json", "-")])
def test_the_interpreted_twin_says_that_it_is_slower(
    quiet: Path, arguments: tuple[str, ...]
) -> None:
    command = [*RINGFENCE, "investigate", str(quiet), *arguments]
    environment = os.environ | {"RINGFENCE_PURE": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0
    assert ran.stderr == "ringfence: runs interpreted, and slower: its kernels are not compiled\n"
