"""Verification: what differs is named, whatever it is; nothing outside of the bag is opened."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.evidence import manifest
from ringfence.evidence.bag import SEALED, SIGNATURE, STAMP, STAMP_SIGNATURE
from ringfence.evidence.key import known_key, load_key
from ringfence.evidence.seal import stamp_bag
from ringfence.evidence.timestamp import read_roots
from ringfence.evidence.verify import verify
from ringfence.model.evidence import EvidenceError, Fault
from tests.evidence.conftest import ATTACK, Case, add_messages
from tests.evidence.tsa import Authority

Tamper = Callable[[Path], object]


def faults(case: Case) -> list[Fault]:
    """All that is wrong with the case's evidence."""
    found = verify(case.folder)
    return [*found.faults, *(fault for bag in found.bags for fault in bag.faults)]


def named(case: Case) -> set[str]:
    return {fault.path for fault in faults(case)}


KINDS = (
    "README.md", "bag-info.txt", "bagit.txt", "data/attackers.pcapng", "data/case.jsonld",
    "data/custody.jsonl", "data/incident.json", "data/messages.csv", "keys/allowed_signers",
    "keys/evidence-key.pub", "manifest-sha256.txt", "manifest-sha512.txt",
    SEALED, "tagmanifest-sha512.txt", SIGNATURE, STAMP, STAMP_SIGNATURE,
    "data/originals/001-attack.pcap", "data/originals/CONTAINS-REAL-USERS-DATA.txt",
)  # fmt: skip


@pytest.fixture
def stamped(case: Case, authority: Authority) -> Case:
    """A bag with everything that a bag can hold."""

    def add(data: Path) -> None:
        (data / "messages.csv").write_text("input\n0\n")

    with authority.serving() as url:
        case.seal(add=add, originals=(str(ATTACK),), timestamp_url=url)
    return case


def test_the_kinds_of_files_are_all_there(stamped: Case) -> None:
    there = {str(p.relative_to(stamped.bag)) for p in stamped.bag.rglob("*") if p.is_file()}
    assert there == set(KINDS)
    assert faults(stamped) == []


def test_one_flipped_bit_in_any_file_is_named(stamped: Case) -> None:
    for kind in KINDS:
        path = stamped.bag / kind
        octets = path.read_bytes()
        # First, middle, last octet; each with another bit, among them the one of upper case.
        for at, bit in ((0, 0), (len(octets) // 2, 5), (len(octets) - 1, 1), (len(octets) // 3, 7)):
            changed = bytearray(octets)
            changed[at] ^= 1 << bit
            path.write_bytes(changed)
            found = named(stamped)
            blamed = kind in found or (f"{kind}.sig" in found and kind in (SEALED, STAMP))
            assert blamed, f"{kind}, octet {at}, bit {bit}: {found}"
        path.write_bytes(octets)
    assert faults(stamped) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_taken_away_is_named(stamped: Case, kind: str) -> None:
    (stamped.bag / kind).unlink()
    if kind == STAMP:  # a bag without one is a bag; that it had one, nobody can see
        assert any("not finished" in r for r in verify(stamped.folder).bags[0].remarks)
    else:
        assert kind in named(stamped)


@pytest.mark.parametrize("name", [
    "data/more.txt", "data/originals/.hidden", "more.txt", "keys/another.pub", "data/a b",
    "manifest-md5.txt", "fetch.txt", "tagmanifest-md5.txt", ".git",
])  # fmt: skip
def test_a_file_that_was_added_is_named(stamped: Case, name: str) -> None:
    (stamped.bag / name).write_text("x")
    assert named(stamped) >= {name}


def changed_with_its_manifests(bag: Path) -> None:
    """Who changes a file may write all four manifests again, but cannot sign."""
    (bag / "data/incident.json").write_text("{}")
    for kind, prefix in (("manifest", "data/"), ("tagmanifest", "")):
        for n, algorithm in enumerate(manifest.ALGORITHMS):
            path = bag / f"{kind}-{algorithm}.txt"
            listed, _ = manifest.read_manifest(path.name, path.read_bytes())
            again = {name: manifest.hash_file(bag / name)[n] for name in listed}
            assert all(name.startswith(prefix) for name in again)
            path.write_bytes(manifest.write_manifest(again))


def test_manifests_written_again_do_not_help_without_the_key(stamped: Case) -> None:
    changed_with_its_manifests(stamped.bag)
    assert SIGNATURE in named(stamped)


def test_signed_again_with_another_key_it_is_no_longer_by_the_known_one(
    stamped: Case, tmp_path: Path
) -> None:
    known = known_key(Path(stamped.options.key_file or ""))
    assert known is not None
    changed_with_its_manifests(stamped.bag)
    forger = load_key(tmp_path / "forger")
    (stamped.bag / SIGNATURE).write_bytes(forger.sign((stamped.bag / SEALED).read_bytes()))
    for name in (STAMP, STAMP_SIGNATURE):
        (stamped.bag / name).unlink()
    found = verify(stamped.folder, (known,))
    assert [bag.key_is_known for bag in found.bags] == [False]
    assert any("anybody can make a key" in remark for remark in found.bags[0].remarks)
    pinned = verify(stamped.folder, (known,), only_known=True)
    assert [fault.path for fault in pinned.bags[0].faults if "another key" in fault.says] == [
        SIGNATURE
    ]


def test_the_key_of_the_owner_is_known_again(sealed: Case) -> None:
    known = known_key(Path(sealed.options.key_file or ""))
    assert known is not None
    (bag,) = verify(sealed.folder, (known,), only_known=True).bags
    assert (bag.key_is_known, bag.faults, bag.remarks) == (True, (), ())


def test_the_signature_of_another_bag_is_none_of_this(sealed: Case) -> None:
    sealed.seal()
    shutil.copy(sealed.folder / "bag-0002" / SIGNATURE, sealed.bag / SIGNATURE)
    assert SIGNATURE in named(sealed)


# ---- links, pipes and paths ----------------------------------------------


def link(name: str, target: str) -> Tamper:
    def plant(bag: Path) -> None:
        path = bag / name
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return plant


def pipe(bag: Path) -> None:
    (bag / "data/messages.csv").unlink()
    os.mkfifo(bag / "data/messages.csv")


def linked_folder(bag: Path) -> None:
    (bag / "keys").rename(bag.parent / "elsewhere")
    (bag / "keys").symlink_to(bag.parent / "elsewhere")


@pytest.mark.parametrize(("plant", "name"), [
    (link("data/more", "/etc/passwd"), "data/more"),
    (link("data/incident.json", "/etc/passwd"), "data/incident.json"),
    (link(SEALED, "/dev/zero"), SEALED),
    (link(SIGNATURE, "/dev/stdin"), SIGNATURE),
    (link("loop", "."), "loop"),
    (link("manifest-sha256.txt", "manifest-sha512.txt"), "manifest-sha256.txt"),
    (pipe, "data/messages.csv"),
    (linked_folder, "keys"),
])  # fmt: skip
def test_links_and_pipes_are_named_and_not_followed(sealed: Case, plant: Tamper, name: str) -> None:
    plant(sealed.bag)
    assert name in named(sealed)


def test_a_link_to_an_identical_copy_is_no_file_of_the_bag(sealed: Case, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (sealed.bag / "data/incident.json").rename(copy)
    (sealed.bag / "data/incident.json").symlink_to(copy)
    assert "data/incident.json" in named(sealed)


@pytest.mark.parametrize("path", [
    "../../key", "/etc/passwd", "data/../../../key", "data/\x1b[2J", "data/./incident.json",
])  # fmt: skip
@pytest.mark.parametrize("name", ["manifest-sha256.txt", SEALED])
def test_no_path_in_a_manifest_is_ever_opened(
    sealed: Case, monkeypatch: pytest.MonkeyPatch, name: str, path: str
) -> None:
    opened: list[str] = []
    before = os.open

    def watching(place: str | Path, *arguments: int) -> int:
        opened.append(os.path.realpath(place))
        return before(place, *arguments)

    with (sealed.bag / name).open("a") as stream:
        stream.write(f"{'0' * 64}  {path}\n")
    monkeypatch.setattr(os, "open", watching)
    assert name in named(sealed)
    assert opened
    assert all(Path(place).is_relative_to(sealed.bag.resolve()) for place in opened)


def test_huge_lines_are_not_taken_in(sealed: Case) -> None:
    (sealed.bag / "manifest-sha256.txt").write_bytes(b"0" * (manifest.MAX_MANIFEST + 1))
    (sealed.bag / "data/custody.jsonl").write_bytes(b"{" * 40_000_000)
    found = faults(sealed)
    assert {"manifest-sha256.txt", "data/custody.jsonl"} <= {fault.path for fault in found}
    assert max(len(fault.says) for fault in found) < 400


def test_ten_thousand_added_files_stay_readable(
    sealed: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.evidence.verify.MAX_FAULTS", 10)
    for n in range(100):
        (sealed.bag / f"data/x{n}").touch()
    assert len(faults(sealed)) <= 10
    monkeypatch.setattr(manifest, "MAX_FILES", 50)
    assert any("more than 50 files" in fault.says for fault in faults(sealed))


def test_names_of_added_files_are_harmless_to_a_terminal(sealed: Case) -> None:
    (sealed.bag / "data" / "\x1b[2J\u202e").touch()
    assert all((fault.path + fault.says).isprintable() for fault in faults(sealed))


# ---- bag to bag ------------------------------------------------------------


@pytest.fixture
def three(sealed: Case) -> Case:
    sealed.seal()
    sealed.seal()
    return sealed


def test_a_bag_taken_out_of_the_middle_is_missed(three: Case) -> None:
    shutil.rmtree(three.folder / "bag-0002")
    assert {"bag-0002", "data/custody.jsonl", "bag-info.txt"} <= named(three)


def test_the_first_bag_taken_away_is_missed(three: Case) -> None:
    shutil.rmtree(three.folder / "bag-0001")
    assert "bag-0001" in named(three)


def test_a_bag_put_in_anothers_place_is_noticed(three: Case) -> None:
    shutil.rmtree(three.folder / "bag-0002")
    shutil.copytree(three.folder / "bag-0003", three.folder / "bag-0002")
    assert "data/custody.jsonl" in named(three)


def test_a_first_bag_made_again_is_not_what_the_second_followed_on(three: Case) -> None:
    """Also when its custody log is the same, octet for octet."""
    shutil.rmtree(three.bag)

    made = three.folder.with_name("made")
    three.seal(folder=made, add=add_messages, case_id="RF-2")
    (made / "bag-0001").rename(three.bag)
    assert {fault.path for fault in faults(three)} == {"bag-info.txt"}
    assert "not sealed after bag-0001" in faults(three)[0].says


def test_one_bag_alone_is_checked_and_says_that_others_were_not(three: Case) -> None:
    found = verify(three.folder / "bag-0002")
    assert found.is_sound
    assert any("follows on other bags" in remark for remark in found.bags[0].remarks)
    first = verify(three.bag)
    assert first.is_sound
    assert not any("other bags" in remark for remark in first.bags[0].remarks)


def test_a_bag_that_is_a_link_is_not_followed(three: Case, tmp_path: Path) -> None:
    (three.folder / "bag-0003").rename(tmp_path / "moved")
    (three.folder / "bag-0003").symlink_to(tmp_path / "moved")
    assert any("symbolic link" in fault.says for fault in faults(three))


def test_what_stands_beside_the_bags_is_told_but_no_fault(sealed: Case) -> None:
    (sealed.folder / "notes.txt").write_text("x")
    found = verify(sealed.folder)
    assert found.is_sound
    assert found.remarks == ("notes.txt stands beside the bags: nothing seals it",)


def test_other_keys_in_one_case_are_told(sealed: Case, tmp_path: Path) -> None:
    sealed.seal(key_file=str(tmp_path / "other"))
    assert "the bags were signed with different keys" in verify(sealed.folder).remarks


def test_a_case_folder_is_checked_by_its_evidence(sealed: Case) -> None:
    found = verify(sealed.folder.parent)
    assert [bag.name for bag in found.bags] == ["bag-0001"]


@pytest.mark.parametrize("what", ["nothing", "file", "link"])
def test_where_there_is_no_evidence_it_says_so(tmp_path: Path, what: str) -> None:
    place = tmp_path / "place"
    if what == "file":
        place.write_text("x")
    elif what == "link":
        place.mkdir()
        (tmp_path / "bag-0001").mkdir()
        (place / "evidence").symlink_to(tmp_path)
    with pytest.raises(EvidenceError, match="place"):
        verify(place)


def test_a_bag_that_cannot_be_read_is_told(sealed: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "data/incident.json")

    monkeypatch.setattr("ringfence.evidence.verify.hash_file", fails)
    assert any("cannot be read to the end" in fault.says for fault in faults(sealed))


# ---- time stamps -------------------------------------------------------------


def test_a_stamp_counts_for_who_trusts_its_authority(stamped: Case, authority: Authority) -> None:
    (bag,) = verify(stamped.folder, roots=read_roots(str(authority.root))).bags
    assert bag.faults == ()
    assert not any("--authority" in remark for remark in bag.remarks)
    (bag,) = verify(stamped.folder).bags
    assert any("--authority" in remark for remark in bag.remarks)


def test_a_stamp_by_an_authority_that_is_not_trusted_is_a_fault(
    stamped: Case, tmp_path: Path
) -> None:
    (tmp_path / "tsa").mkdir()
    other = Authority(tmp_path / "tsa")
    (bag,) = verify(stamped.folder, roots=read_roots(str(other.root))).bags
    assert [fault.path for fault in bag.faults] == [STAMP]


def test_a_stamp_of_another_bag_is_none_of_this(stamped: Case, authority: Authority) -> None:
    stamped.seal()
    second = stamped.folder / "bag-0002"
    with authority.serving() as url:
        stamp_bag(second, url, stamped.options.key_file, None)
    for name in (STAMP, STAMP_SIGNATURE):
        shutil.copy(second / name, stamped.bag / name)
    assert STAMP in named(stamped)


def test_a_stamp_laid_by_somebody_else_is_told(stamped: Case, tmp_path: Path) -> None:
    other = load_key(tmp_path / "other")
    answer = (stamped.bag / STAMP).read_bytes()
    (stamped.bag / STAMP_SIGNATURE).write_bytes(other.sign(answer))
    assert STAMP_SIGNATURE in named(stamped)


def test_without_the_library_the_stamp_is_not_looked_at_and_that_is_said(
    stamped: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ringfence.evidence import timestamp

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(timestamp, "import_module", missing)
    (bag,) = verify(stamped.folder).bags
    assert bag.faults == ()
    assert any("not looked at" in remark for remark in bag.remarks)
