"""Sealing: what is in a bag, what follows on it, and what can go wrong."""

from __future__ import annotations

import hashlib
import json
import re
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from ringfence.evidence import seal as sealing
from ringfence.evidence.seal import bag_name, bags_of, seal, seal_note, stamp_bag
from ringfence.evidence.verify import verify
from ringfence.model.evidence import EvidenceError
from ringfence.model.incident import Incident
from tests.evidence.conftest import ATTACK, Case, now
from tests.evidence.tsa import Authority


def files(folder: Path) -> dict[str, bytes]:
    """Every file below, with its octets."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_bag_holds_what_an_investigator_needs(sealed: Case) -> None:
    assert sorted(files(sealed.bag)) == [
        "README.md", "bag-info.txt", "bagit.txt", "data/attackers.pcapng", "data/case.jsonld",
        "data/custody.jsonl", "data/incident.json", "data/messages.csv", "keys/allowed_signers",
        "keys/evidence-key.pub", "manifest-sha256.txt", "manifest-sha512.txt",
        "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig", "tagmanifest-sha512.txt",
    ]  # fmt: skip
    assert verify(sealed.folder).is_sound


def test_what_comes_back_stands_for_what_was_written(case: Case) -> None:
    made = case.seal()
    (bag,) = verify(case.folder).bags
    assert made.path == str(case.bag)
    assert (made.seal, made.key, made.files) == (bag.seal, bag.key, bag.files)
    assert made.key_is_new
    assert made.problems == ()


def test_the_incident_is_read_back_as_it_was(sealed: Case) -> None:
    octets = (sealed.bag / "data/incident.json").read_bytes()
    assert msgspec.json.decode(octets, type=Incident) == sealed.incident


def test_the_log_tells_of_every_capture_and_of_the_seal(sealed: Case) -> None:
    lines = (sealed.bag / "data/custody.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    assert entries[0]["sha256"] == sealed.incident.inputs[0].sha256
    assert entries[-1]["key"] == verify(sealed.folder).bags[0].key
    assert {entry["who"] for entry in entries} == {"anna on pbx"}


def test_originals_come_along_when_asked_for_and_are_marked(case: Case) -> None:
    case.seal(originals=(str(ATTACK),))
    copy = case.bag / "data/originals/001-attack.pcap"
    assert copy.read_bytes() == ATTACK.read_bytes()
    assert "real users' data" in (case.bag / "bag-info.txt").read_text()
    assert "real users' data" in (case.bag / "README.md").read_text()
    assert "real users' data" in (case.bag / "data/custody.jsonl").read_text()
    assert verify(case.folder).is_sound


def test_an_original_that_was_replaced_meanwhile_seals_nothing(case: Case, tmp_path: Path) -> None:
    other = tmp_path / "other.pcap"
    other.write_bytes(ATTACK.read_bytes()[:-1])
    with pytest.raises(EvidenceError, match="not what was investigated"):
        case.seal(originals=(str(other),))
    assert not case.folder.exists()
    with pytest.raises(EvidenceError, match="not those that were investigated"):
        case.seal(originals=(str(ATTACK), str(ATTACK)))


def test_what_comes_later_is_a_bag_of_its_own_and_rewrites_nothing(sealed: Case) -> None:
    before = files(sealed.folder)
    second = sealed.seal()
    third = sealed.seal()
    after = files(sealed.folder)
    assert {name: after[name] for name in before} == before
    assert [Path(made.path).name for made in (second, third)] == ["bag-0002", "bag-0003"]
    found = verify(sealed.folder)
    assert found.is_sound
    assert [bag.name for bag in found.bags] == ["bag-0001", "bag-0002", "bag-0003"]
    info = (sealed.folder / "bag-0002/bag-info.txt").read_text()
    assert f"Ringfence-Follows: bag-0001 sha256:{found.bags[0].seal}" in info


def test_a_note_with_a_file_is_sealed_later(sealed: Case) -> None:
    def add(data: Path) -> None:
        (data / "answer.eml").write_text("we looked into it\n")

    made = seal_note(sealed.folder, "the provider answered", sealed.options, now, add)
    assert sorted(files(Path(made.path) / "data")) == ["answer.eml", "custody.jsonl"]
    lines = (Path(made.path) / "data/custody.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert [entry["what"] for entry in told] == [
        "the provider answered", "added a file", "sealed what is in this bag",
    ]  # fmt: skip
    assert told[1]["sha256"] == hashlib.sha256(b"we looked into it\n").hexdigest()
    assert verify(sealed.folder).is_sound


def test_a_note_needs_something_to_be_added_to(case: Case) -> None:
    with pytest.raises(EvidenceError, match="no evidence yet"):
        seal_note(case.folder, "note", case.options, now)
    assert not case.folder.exists()


def test_a_case_whose_log_was_broken_is_not_gone_on_with(sealed: Case) -> None:
    (sealed.bag / "data/custody.jsonl").write_text("{}\n")
    with pytest.raises(EvidenceError, match="ringfence verify"):
        sealed.seal()
    assert [number for number, _ in bags_of(sealed.folder)] == [1]


def test_two_at_once_do_not_seal_the_same_bag(sealed: Case) -> None:
    def another(_: Path) -> None:
        sealed.seal()

    with pytest.raises(EvidenceError, match="bag-0002: there is something of this name"):
        sealed.seal(add=another)
    assert verify(sealed.folder).is_sound
    assert len(bags_of(sealed.folder)) == 2


def test_the_same_case_gives_the_same_bag(case: Case) -> None:
    first = case.seal()
    again = case.seal(folder=case.folder.with_name("again"))
    assert first.seal == again.seal


def test_without_a_usable_key_nothing_is_written(case: Case, tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("hello")
    with pytest.raises(EvidenceError, match="bad"):
        case.seal(key_file=str(tmp_path / "bad"))
    assert not case.folder.exists()


def test_a_file_with_a_name_that_tools_would_quote_is_refused(case: Case) -> None:
    with pytest.raises(EvidenceError, match="plain names"):
        case.seal(add=lambda data: (data / "a b").touch())
    assert not case.folder.exists()


def test_packets_that_are_not_there_are_told_not_hidden(case: Case) -> None:
    """The captures of another incident: no packet of the accused is in them."""
    made = seal(case.folder, case.incident, iter(()), case.options, now)
    assert re.fullmatch(
        r"attackers.pcapng: \d+ packets that clues name were not found", made.problems[0]
    )
    assert made.problems[0] in (case.bag / "data/custody.jsonl").read_text()


def test_hostile_text_goes_through_every_document_and_all_holds(
    case: Case,
) -> None:
    nasty = '\\"},\n{"n":1} \u202e\x1b[2J ```sh\nreboot\n``` $(reboot) {0} %s </script>'
    incident = replace(
        case.incident,
        inputs=[replace(case.incident.inputs[0], path=nasty)],
        suspects=[replace(s, accounts_taken=[nasty]) for s in case.incident.suspects],
    )
    hostile = replace(case, incident=incident)
    hostile.seal(who=nasty, case_id=nasty)
    assert verify(case.folder).is_sound
    assert "reboot\n" not in (case.bag / "README.md").read_text()
    assert len((case.bag / "bag-info.txt").read_text().splitlines()) == 6


# ---- time stamps ---------------------------------------------------------


def test_a_time_stamp_is_laid_beside_the_seal(case: Case, authority: Authority) -> None:
    with authority.serving() as url:
        made = case.seal(timestamp_url=url, authority_file=str(authority.root))
    assert made.stamped_at is not None
    assert made.problems == ()
    (bag,) = verify(case.folder).bags
    assert bag.faults == ()
    assert (bag.stamped_at, bag.stamped_by) == (made.stamped_at, "CN=Authority of a test")


def test_an_authority_that_fails_does_not_cost_the_bag(case: Case, authority: Authority) -> None:
    authority.status = 500
    with authority.serving() as url:
        made = case.seal(timestamp_url=url)
    assert made.stamped_at is None
    assert "without a time stamp" in made.problems[0]
    assert verify(case.folder).is_sound


def test_a_bag_is_stamped_later_and_only_once(sealed: Case, authority: Authority) -> None:
    before = files(sealed.folder)
    key = sealed.options.key_file
    with authority.serving() as url:
        at = stamp_bag(sealed.bag, url, key, str(authority.root))
        with pytest.raises(EvidenceError, match="has its time stamp already"):
            stamp_bag(sealed.bag, url, key, None)
    after = files(sealed.folder)
    assert {name: after[name] for name in before} == before
    assert sorted(after.keys() - before.keys()) == [
        "bag-0001/tagmanifest-sha256.txt.tsr", "bag-0001/tagmanifest-sha256.txt.tsr.sig",
    ]  # fmt: skip
    assert verify(sealed.folder).bags[0].stamped_at == at
    assert verify(sealed.folder).is_sound


def test_killed_between_stamp_and_signature_it_can_be_asked_again(
    sealed: Case, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, octets: bytes) -> None:
        if path.name.endswith(".tsr"):
            raise KeyboardInterrupt
        lay(path, octets)

    lay = sealing._lay
    monkeypatch.setattr(sealing, "_lay", killed)
    key = sealed.options.key_file
    with authority.serving() as url:
        with pytest.raises(KeyboardInterrupt):
            stamp_bag(sealed.bag, url, key, None)
        monkeypatch.undo()
        found = verify(sealed.folder)
        assert found.is_sound
        assert any("not finished" in remark for remark in found.bags[0].remarks)
        stamp_bag(sealed.bag, url, key, None)
    assert verify(sealed.folder).is_sound


def test_a_place_that_is_no_web_address_is_refused_before_anything(case: Case) -> None:
    with pytest.raises(EvidenceError, match="--timestamp"):
        case.seal(timestamp_url="file:///etc/passwd")
    assert not case.folder.exists()


def test_bags_are_counted_in_order(tmp_path: Path) -> None:
    for name in ("bag-0010", "bag-0002", "bag-x", "bag-10000", "other"):
        (tmp_path / name).mkdir()
    assert [number for number, _ in bags_of(tmp_path)] == [2, 10, 10000]
    assert bag_name(2) == "bag-0002"


# ---- killed, or out of room ------------------------------------------------

_SEAL = """
import os, signal, sys
import msgspec
from pathlib import Path
from ringfence import flow
from ringfence.evidence.seal import seal
from ringfence.model.evidence import EvidenceError, SealOptions
from ringfence.model.incident import Incident
capture, folder, key, document, delay_us = sys.argv[1:]
incident = msgspec.json.decode(Path(document).read_bytes(), type=Incident)
options = SealOptions("ringfence 1", "anna", key_file=key, originals=(capture,))
tables = flow.read_messages([capture], keep_packets=True)
if int(delay_us):
    signal.setitimer(signal.ITIMER_REAL, int(delay_us) / 1e6)  # SIGALRM: as little asked as -9
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
else:
    import time
    begin = time.monotonic()
try:
    seal(Path(folder), incident, tables, options, lambda: "2026-11-25T20:00:00Z")
except EvidenceError as error:
    sys.exit(str(error))
if not int(delay_us):
    print(int((time.monotonic() - begin) * 1e6))
"""


def run_seal(
    case: Case, folder: Path, tmp_path: Path, delay_us: int = 0, limit: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Seal in a process of its own, which dies after so long or may write no larger files."""

    def less_room() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    document = tmp_path / "incident.json"
    document.write_bytes(msgspec.json.encode(case.incident))
    arguments = [str(ATTACK), str(folder), str(case.options.key_file), str(document), str(delay_us)]
    return subprocess.run(
        [sys.executable, "-c", _SEAL, *arguments],
        capture_output=True, text=True, check=False, preexec_fn=less_room,
    )  # fmt: skip


def test_killed_at_any_moment_a_bag_is_whole_or_absent(sealed: Case, tmp_path: Path) -> None:
    whole = int(run_seal(sealed, tmp_path / "timed", tmp_path).stdout)
    killed = 0
    for n in range(1, 17):
        run = run_seal(sealed, sealed.folder, tmp_path, delay_us=max(1, whole * n // 16))
        killed += run.returncode == -signal.SIGALRM
        found = verify(sealed.folder)
        assert found.is_sound
    assert killed > 0
    number = bags_of(sealed.folder)[-1][0]
    sealed.seal()
    assert len(verify(sealed.folder).bags) == number + 1
    assert list(sealed.folder.glob(".*")) == []


def test_no_room_for_a_file_is_told_and_leaves_nothing(case: Case, tmp_path: Path) -> None:
    case.seal(folder=tmp_path / "first")  # makes the key
    run = run_seal(case, case.folder, tmp_path, limit=100_000)
    assert run.returncode == 1
    assert f"{case.folder}: a file may not become that large here" in run.stderr
    assert not case.folder.exists()
    assert list(tmp_path.glob("*.part")) == []
