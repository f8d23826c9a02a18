"""Names of files out of strangers' text."""

from __future__ import annotations

import pytest

from ringfence.audit.fix.naming import file_name


@pytest.mark.parametrize(("text", "name"), [
    ("201", "201.xml"),
    ("../../etc/passwd", "_.._etc_passwd.xml"),
    ("-rf", "rf.xml"),
    (".hidden", "hidden.xml"),
    ("a b\x1b\u202e", "a_b_.xml"),
    ("", "changed.xml"),
    ("...", "changed.xml"),
    ("x" * 500, "x" * 80 + ".xml"),
])  # fmt: skip
def test_a_name_is_no_path_and_no_option(text: str, name: str) -> None:
    assert file_name(text, ".xml") == name
