"""The language of Asterisk's settings, and what it must not be made to read or run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from ringfence.audit import asterisk_conf
from ringfence.audit.asterisk_conf import Conf


def _read(folder: Path, text: str) -> Conf:
    path = folder / "pjsip.conf"
    path.write_text(text)
    return asterisk_conf.read(path)


def test_templates_give_and_are_nothing_themselves(tmp_path: Path) -> None:
    conf = _read(tmp_path, "[a](!)\nx=1\ny=1\n[b](!,a)\ny=2\n[200](b)\nz = 3\n")
    one = conf.sections[2]
    assert [section.template for section in conf.sections] == [True, True, False]
    assert (one.get("x"), one.get("y"), one.get("z")) == ("1", "2", "3")


def test_a_section_goes_on(tmp_path: Path) -> None:
    conf = _read(
        tmp_path,
        "[200]\ntype=endpoint\n[200]\ntype=auth\n[200](+)\na=1\n[200](+type=endpoint)\nb=2\n",
    )
    endpoint, auth = conf.sections
    assert (auth.get("a"), endpoint.get("b"), endpoint.get("a")) == ("1", "2", "")


def test_comments_are_left_out_and_semicolons_kept(tmp_path: Path) -> None:
    conf = _read(tmp_path, "[a] ; x\ns = p\\;q ; no\n;-- w=1\n[b]\n--; t => 2\nu=1;--x--;2\n")
    assert [(o.name, o.value, o.line) for o in conf.sections[0].options] == [
        ("s", "p;q", 2), ("t", "2", 5), ("u", "12", 6),
    ]  # fmt: skip


def test_a_value_goes_on(tmp_path: Path) -> None:
    assert _read(tmp_path, "[a]\nx=1\nx+=2\n").sections[0].get("x") == "12"


def test_files_are_included_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/1.conf").write_text("s=1\n#tryinclude gone.conf\n")
    (tmp_path / "more/2.conf").write_text("[b]\ns=2\n")
    conf = _read(
        tmp_path, '[a]\n#include "more/*.conf"\nt=3\n#include </etc/asterisk/more/2.conf>\n'
    )
    assert [(s.name, s.get("s"), s.get("t")) for s in conf.sections] == [
        ("a", "1", ""), ("b", "2", "3"), ("b", "2", ""),
    ]  # fmt: skip
    assert conf.sections[0].place("s").source == str(tmp_path / "more/1.conf")
    assert conf.troubles == ()


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    assert "there is no such file" in _read(tmp_path, "#include gone.conf\n").troubles[0]


@pytest.mark.parametrize(
    "name", ["../secret.conf", "/etc/passwd", "link.conf", "/etc/asterisk/../passwd"]
)
def test_no_file_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.conf").write_text("[stolen]\npassword=1\n")
    folder = tmp_path / "asterisk"
    folder.mkdir()
    (folder / "link.conf").symlink_to(tmp_path / "secret.conf")
    conf = _read(folder, f"[a]\n#include {name}\nx=1\n")
    assert [section.name for section in conf.sections] == ["a"]
    assert "leads out of" in conf.troubles[0]
    assert conf.sources == (str(folder / "pjsip.conf"),)


def test_exec_is_named_and_never_run(tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    conf = _read(tmp_path, f'[a]\n#exec "/usr/bin/touch {proof}"\nx=1\n')
    assert not proof.exists()
    assert "#exec /usr/bin/touch was not run" in conf.troubles[0]
    assert "ran;" not in conf.troubles[0]
    assert conf.sections[0].get("x") == "1"


def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    conf = _read(tmp_path, "[a]\n#include pjsip.conf\nx=1\n")
    assert "includes itself" in conf.troubles[0]
    assert conf.sections[0].get("x") == "1"


def test_includes_are_bounded(tmp_path: Path) -> None:
    for at in range(asterisk_conf.MAX_DEPTH + 5):
        (tmp_path / f"{at}.conf").write_text(f"#include {at + 1}.conf\n")
    assert "deeper than" in _read(tmp_path, "#include 0.conf\n").troubles[0]
    (tmp_path / "many").mkdir()
    for at in range(asterisk_conf.MAX_FILES + 5):
        (tmp_path / f"many/{at:03}.conf").write_text("[x]\n")
    conf = _read(tmp_path, "#include many/*.conf\n")
    assert len(conf.sources) == asterisk_conf.MAX_FILES + 1


def test_templates_cannot_grow_without_end(tmp_path: Path) -> None:
    text = "[t0](!)\n" + "x=1\n" * 100
    text += "".join(f"[t{n}](!,t{n - 1},t{n - 1})\n" for n in range(1, 60))
    conf = _read(tmp_path, text)
    assert max(len(section.options) for section in conf.sections) <= 2_100


def test_a_bad_line_costs_itself_only(tmp_path: Path) -> None:
    conf = _read(tmp_path, "x=1\n[a\n[a]\nnonsense hidden7\ny=2\n[c](none)\n[d](+)\n")
    assert conf.sections[0].get("y") == "2"
    assert len(conf.troubles) == 5
    assert "hidden7" not in " ".join(conf.troubles)


def test_the_first_section_of_a_name_that_is_no_template(tmp_path: Path) -> None:
    conf = _read(tmp_path, "[general](!)\na=1\n[general]\na=2\n")
    found = conf.section("general")
    assert found is not None
    assert found.every("a") == ["2"]
    assert conf.section("none") is None


def test_an_option_shows_no_value(tmp_path: Path) -> None:
    assert "s3cret" not in repr(_read(tmp_path, "[a]\npassword=s3cret\n"))


@given(st.text(alphabet="[]()!+=>;-\\#a\n ", max_size=200))
@bounded(max_examples=200)
def test_any_text_is_read(text: str) -> None:
    conf = asterisk_conf.read(Path("fuzz.conf"), text)
    assert all(option.line <= text.count("\n") + 1 for s in conf.sections for option in s.options)
