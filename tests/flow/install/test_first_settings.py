"""The settings that a machine begins with."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ringfence.flow.install.first_settings import first_settings, found_here
from ringfence.flow.settings_template import TEMPLATE
from tests.flow.machines import machine, network

OUR_LINE = 'xlog("L_WARN", "ringfence/%s kind=$var(kind)\\n");\n'


def test_nothing_found_is_the_template(tmp_path: Path) -> None:
    assert found_here(machine(tmp_path)) == {}
    assert first_settings({}) == TEMPLATE


def test_what_was_found_stands_in_its_place_with_its_remark() -> None:
    text = first_settings({"interfaces": ["eth0"], "logs": ['asterisk:/var/log/"x"']})
    guard = tomllib.loads(text)["guard"]
    assert guard == {"interfaces": ["eth0"], "logs": ['asterisk:/var/log/"x"']}
    assert len(text.splitlines()) == len(TEMPLATE.splitlines())
    line = next(one for one in text.splitlines() if one.startswith("interfaces"))
    assert "# that of the default route" in line


def test_field_that_the_template_does_not_have() -> None:
    with pytest.raises(KeyError, match="colour"):
        first_settings({"colour": "red"})


def test_word_of_kamailios_line_but_not_that_of_the_example(tmp_path: Path) -> None:
    files = {**network(), "/etc/kamailio/kamailio.cfg": OUR_LINE % "Tulip7", "/var/log/syslog": ""}
    assert found_here(machine(tmp_path, files)) == {
        "interfaces": ["eth0"], "logs": ["kamailio:/var/log/syslog"], "mark": "Tulip7",
    }  # fmt: skip
    files = {"/etc/kamailio/kamailio.cfg": OUR_LINE % "YOURWORD"}
    assert "mark" not in found_here(machine(tmp_path, files))


def test_mark_with_what_looks_like_a_group_of_a_pattern() -> None:
    text = first_settings({"mark": r"a\1\g<0>"})
    assert tomllib.loads(text)["guard"]["mark"] == r"a\1\g<0>"
