"""All lists together: as they were agreed on, with hostile plans, with none and very many."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ringfence.model.measure import Withheld
from ringfence.respond.block.folder import block_files, write_blocks
from ringfence.respond.block.sheet import PlanError
from tests.respond.accused import EMPTY, EXAMPLE, MANY, block, plan

GOLDEN = Path(__file__).parent / "golden"
# Files for machines that know no comments; README.md and a page beside them explain.
WITHOUT_HEADING = {
    "README.md", "3cx-blocklist.json", "crowdsec.json", "unifi-groups.json", "fortigate-feed.txt",
}  # fmt: skip


def test_the_files_are_those_that_were_agreed_on() -> None:
    """RINGFENCE_GOLDEN=1 writes them anew: look at the difference before you commit it."""
    made = {file.name: file.text for file in block_files(EXAMPLE)}
    if os.environ.get("RINGFENCE_GOLDEN"):
        for name, text in made.items():
            (GOLDEN / name).write_text(text)
    assert made == {path.name: path.read_text() for path in GOLDEN.iterdir()}


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_every_heading_has_case_time_reason_end_and_undo(made: object) -> None:
    for file in block_files(made):  # type: ignore[arg-type]
        if file.name in WITHOUT_HEADING:
            continue
        head = [n for n in file.text.splitlines() if n.startswith(("#", "!"))]
        text = "\n".join(head)
        for wanted in ("Case:    RF-20261125-7f3a2c", "Made:    2026-11-25T03:12:00Z", "Why: ",
                       "Expires: ", "Apply: ", "Undo: "):  # fmt: skip
            assert wanted in text, file.name
        if made is EMPTY:
            assert "Nothing to block" in text, file.name


def test_folder_is_written_and_each_file_described(tmp_path: Path) -> None:
    folder = tmp_path / "case" / "block"
    written = write_blocks(EXAMPLE, folder)
    write_blocks(EXAMPLE, folder)
    assert written[0].path == "block/README.md"
    assert {f.path.removeprefix("block/") for f in written} == {p.name for p in folder.iterdir()}
    assert all(f.what and f.readers == "you" for f in written)
    assert len({f.path for f in written}) == len(written)
    modes = {stat.S_IMODE(p.stat().st_mode) & 0o111 for p in folder.iterdir()}
    assert modes == {0}, "nothing here runs by a double click"


def test_a_wrong_plan_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(PlanError):
        write_blocks(plan(block("203.0.113.66"), block("all")), tmp_path / "block")
    assert not (tmp_path / "block").exists()


@given(
    reason=some.text(min_size=1, max_size=80),
    left=some.text(max_size=40),
    why=some.text(max_size=80),
)
def test_words_of_strangers_change_no_line_that_is_obeyed(reason: str, left: str, why: str) -> None:
    """Whatever a reason says, every file has the lines it has with a plain one."""
    tame = plan(block("203.0.113.66", reason="x"), withheld=(Withheld("198.51.100.1", "y"),))
    wild = plan(block("203.0.113.66", reason=reason), withheld=(Withheld(left, why),))
    for before, after in zip(block_files(tame), block_files(wild), strict=True):
        assert len(before.text.splitlines()) == len(after.text.splitlines())
        assert after.text.isascii()
        if before.name not in ("README.md", "nftables.nft"):
            assert before == after
        assert not set("$`\\;") & set(after.text) - set(before.text)


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_the_same_plan_gives_the_same_octets(made: object) -> None:
    assert block_files(made) == block_files(made)  # type: ignore[arg-type]
