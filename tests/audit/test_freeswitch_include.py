"""FreeSWITCH's pre-processor, and what it must not be made to read or run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.audit.freeswitch_include import Files


def _names(files: Files, path: Path) -> list[str]:
    return [element.attributes.get("n", element.name) for element, _ in files.elements(path)]


def test_includes_stand_in_their_place_and_variables_are_set(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.xml").write_text('<include><x n="1"/></include>')
    (tmp_path / "b.xml").write_text('<x n="b"/>')
    (tmp_path / "a/2.xml").write_text('<X-PRE-PROCESS cmd="include" data="../b.xml"/><x n="2"/>')
    top = tmp_path / "top.xml"
    top.write_text(
        '<include><X-PRE-PROCESS cmd="set" data="dir=a"/><x n="0"/>'
        '<X-PRE-PROCESS cmd="include" data="$${dir}/*.xml"/>'
        '<!-- <X-PRE-PROCESS cmd="set" data="hidden=yes"/> --></include>'
    )
    files = Files(tmp_path)
    assert _names(files, top) == ["0", "1", "b", "2"]
    assert files.expanded("$${hidden}-$${dir}") == "yes-a"
    assert files.expanded("$${none}") is None
    assert files.missing("$${dir}$${none}") == "none"
    assert len(files.sources) == 4


@pytest.mark.parametrize("data", ["../out.xml", "/etc/passwd", "link.xml", "$${up}/out.xml"])
def test_no_file_outside_the_folder_is_read(tmp_path: Path, data: str) -> None:
    (tmp_path / "out.xml").write_text('<x n="stolen"/>')
    root = tmp_path / "conf"
    root.mkdir()
    (root / "link.xml").symlink_to(tmp_path / "out.xml")
    (root / "top.xml").write_text(
        f'<X-PRE-PROCESS cmd="set" data="up=.."/><X-PRE-PROCESS cmd="include" data="{data}"/>'
    )
    files = Files(root)
    assert _names(files, root / "top.xml") == []
    assert "leads out of" in files.troubles.all()[0]


def test_exec_is_named_and_never_run(tmp_path: Path) -> None:
    top, proof = tmp_path / "top.xml", tmp_path / "ran"
    top.write_text(f'<X-PRE-PROCESS cmd="exec" data="touch {proof}"/>')
    files = Files(tmp_path)
    assert _names(files, top) == []
    assert not proof.exists()
    assert "exec touch was not run" in files.troubles.all()[0]


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    top = tmp_path / "top.xml"
    top.write_text('<X-PRE-PROCESS cmd="include" data="*.xml"/><x n="1"/>')
    files = Files(tmp_path)
    assert _names(files, top) == ["1"]


def test_an_included_file_that_is_broken_is_told(tmp_path: Path) -> None:
    (tmp_path / "b.xml").write_text("<a>")
    top = tmp_path / "top.xml"
    top.write_text('<X-PRE-PROCESS cmd="include" data="b.xml"/><x n="1"/>')
    files = Files(tmp_path)
    assert _names(files, top) == ["1"]
    assert "not XML" in files.troubles.all()[0]
