"""XML that strangers may have written."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from ringfence.audit import xml_tree
from ringfence.model.auditing import AuditError


def test_fragments_lines_and_comments() -> None:
    top = xml_tree.tree('<?xml version="1.0"?>\n<a x="1">\n<b/></a><!-- c --><a/>', "x")
    first, comment, _ = top.children
    assert (first.name, first.line, first.attributes["x"], first.children[0].line) == (
        "a",
        2,
        "1",
        3,
    )
    assert (comment.name, comment.text) == (xml_tree.COMMENT, " c ")
    assert len(list(top.every("a"))) == 2


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize("text", [
    BOMB, f'<?xml version="1.0"?>\n{BOMB}', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "<a>&b;</a>", "<a>", "</a>", "<a></b>", "</ringfence-fragment><a>", "<a\x00/>", "<a>\ud800</a>",
    "<a>" * 100 + "</a>" * 100,
])  # fmt: skip
def test_entities_types_and_broken_xml_are_refused(text: str) -> None:
    with pytest.raises(AuditError, match="x line"):
        xml_tree.tree(text, "x")


def test_an_entity_of_a_file_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("s3cret")
    text = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{tmp_path}/s">]><a>&e;</a>'
    with pytest.raises(AuditError) as caught:
        xml_tree.tree(text, "x")
    assert "s3cret" not in str(caught.value)


def test_elements_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_tree, "MAX_ELEMENTS", 5)
    with pytest.raises(AuditError, match="too large"):
        xml_tree.tree("<a/>" * 6, "x")


def test_an_element_shows_no_values() -> None:
    assert "s3cret" not in repr(xml_tree.tree('<a b="s3cret"/>', "x").children[0])


@given(st.text(alphabet="<>/a=\"'!-&;? []", max_size=80))
@bounded(max_examples=200)
def test_any_text_is_a_tree_or_one_error(text: str) -> None:
    with contextlib.suppress(AuditError):
        xml_tree.tree(text, "x")
