"""`--fix`: a folder of its own for the owner alone, whole or not at all."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.flow.remedy import Remedy, how_to, write_remedy
from ringfence.model.new_secret import FixError
from ringfence.model.pbx import Pbx, System
from ringfence.model.secret import Kind
from ringfence.model.weakness import Audit
from tests.pbxs_by_hand import OLD, KnownMaker, extension, pbx, secret, weak

NOW = datetime(2026, 11, 26, 18, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "extensions.csv"
    path.write_text(f"Number,AuthPassword,PIN\n201,{OLD},0000\n202,keep-this,1111\n")
    return path


def found(source: Path) -> tuple[Audit, Pbx]:
    one = extension(
        "201", secret(column="AuthPassword"), secret(Kind.PIN, "0000", "PIN"), source=str(source)
    )
    weaknesses = weak(one, column="AuthPassword"), weak(one, Kind.PIN, "PIN")
    return Audit(weaknesses, (str(source),), 2, 4, 0), pbx(System.THREECX, one)


def remedy(source: Path, folder: Path) -> Remedy:
    audit, phones = found(source)
    return write_remedy(audit, [phones], KnownMaker(), [source], folder, NOW)


def test_the_folder_has_the_change_the_sheet_and_what_to_do(source: Path, tmp_path: Path) -> None:
    made = remedy(source, tmp_path / "new")
    files = {path.name: path.read_text() for path in (tmp_path / "new").iterdir()}
    assert set(files) == {"extensions.csv", "users.html", "READ-ME-FIRST.txt"}
    assert files["extensions.csv"] == source.read_text().replace(OLD, "NewSecret1").replace(
        ",0000", ",10000002"
    )
    assert "NewSecret1" in files["users.html"]
    assert "PHONES HAVE TO BE PROVISIONED" in files["READ-ME-FIRST.txt"]
    assert (made.extensions, made.secrets) == (1, 2)


def test_only_the_owner_may_look(source: Path, tmp_path: Path) -> None:
    remedy(source, tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes == {0o600}


def test_the_source_stays_as_it_is(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    remedy(source, tmp_path / "new")
    assert source.read_bytes() == before


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_nothing_is_overwritten(source: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "new"
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.write_text("mine")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FixError, match="nothing is overwritten"):
        remedy(source, target)
    assert kind != "file" or target.read_text() == "mine"


def test_where_nothing_can_be_changed_there_is_no_folder(source: Path, tmp_path: Path) -> None:
    source.write_text("Number,AuthPassword,PIN\n201,moved,moved\n")
    with pytest.raises(FixError, match="nothing to write"):
        remedy(source, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_to_is_named(source: Path, tmp_path: Path) -> None:
    with pytest.raises(FixError, match="missing"):
        remedy(source, tmp_path / "missing/new")


def test_two_sources_of_one_name_are_two_files(source: Path, tmp_path: Path) -> None:
    other = tmp_path / "b" / source.name
    other.parent.mkdir()
    other.write_bytes(source.read_bytes())
    first, second = found(source), found(other)
    audit = Audit((*first[0].weaknesses, *second[0].weaknesses), (), 4, 8, 0)
    made = write_remedy(
        audit, [first[1], second[1]], KnownMaker(), [source, other], tmp_path / "new", NOW
    )
    assert [name for name, _ in made.files] == ["extensions.csv", "2-extensions.csv"]


def test_neither_the_remedy_nor_its_page_holds_a_secret(source: Path, tmp_path: Path) -> None:
    made = remedy(source, tmp_path / "new")
    for text in (repr(made), how_to(made)):
        for planted in (OLD, "0000", "NewSecret1", "10000002"):
            assert planted not in text


def test_what_is_left_is_said() -> None:
    told = how_to(Remedy("f", (("a.csv", "Load it."),), 1, 1, ("trunk \x1b: by hand",)))
    assert "NOT CHANGED, do it by hand:\n- trunk \\x1b: by hand" in told
    assert "1. a.csv: Load it." in told
