"""The filter language: precedence, quoting, mistakes; and no text that breaks the parser."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.question import QuestionError
from ringfence.search.tree import And, Comparison, Not, Or, Present, Tree, Value
from ringfence.search.where import KEYWORDS, MAX_DEPTH, MAX_TEXT, OPERATORS, parse_where


def bare(tree: Tree) -> Tree:
    """The tree without columns."""
    if isinstance(tree, And | Or):
        return type(tree)(tuple(bare(part) for part in tree.parts))
    if isinstance(tree, Not):
        return Not(bare(tree.part))
    if isinstance(tree, Present):
        return Present(tree.field)
    values = tuple(Value(value.text) for value in tree.values)
    return Comparison(tree.field, tree.operator, values)


def is_(field: str, value: str, operator: str = "==") -> Comparison:
    return Comparison(field, operator, (Value(value),))


@pytest.mark.parametrize(("text", "tree"), [
    ("a == 1", is_("a", "1")),
    ("a=1", is_("a", "1")),
    ("A==1", is_("a", "1")),
    ("a!~x*y", is_("a", "x*y", "!~")),
    ("a", Present("a")),
    ("not a", Not(Present("a"))),
    ("a and b or c", Or((And((Present("a"), Present("b"))), Present("c")))),
    ("a AND (b Or c)", And((Present("a"), Or((Present("b"), Present("c")))))),
    ("not a and b", And((Not(Present("a")), Present("b")))),
    ("a in (1,2)", Comparison("a", "==", (Value("1"), Value("2")))),
    ("a not in (1)", Not(is_("a", "1"))),
    ("a == 'x \"y\"'", is_("a", 'x "y"')),
    ('a == "x\\"\\\\"', is_("a", 'x"\\')),
    (r'a == "\x1b\u00e9\n"', is_("a", "\x1bé\n")),
    (r'a == "\xff"', is_("a", "\udcff")),
    ("a == 2001:db8::/32", is_("a", "2001:db8::/32")),
    ('a == "not"', is_("a", "not")),
])  # fmt: skip
def test_text_is_read(text: str, tree: Tree) -> None:
    assert bare(parse_where(text)) == tree


@pytest.mark.parametrize(("text", "column", "says"), [
    ("", 1, "name of a field"),
    ("a ==", 5, "expected a value"),
    ("a == and", None, None),
    ("a == 1 b == 2", 8, '"and" or "or"'),
    ("(a == 1", 1, "never closed"),
    ("a == 1)", 7, "nothing opened"),
    ("a == 'x", 6, "quote is never closed"),
    ("a && b", 3, 'write "and"'),
    ("a || b", 3, 'write "or"'),
    ("!a", 1, 'write "not"'),
    ("a in 1", 6, 'after "in"'),
    ("a in (1 2)", 6, '"," or ")"'),
    ("and", 1, "name of a field"),
    ("== 1", 1, "name of a field"),
])  # fmt: skip
def test_mistake_has_a_column(text: str, column: int | None, says: str | None) -> None:
    if column is None:
        parse_where(text)  # a value may be spelled like a keyword
        return
    with pytest.raises(QuestionError) as caught:
        parse_where(text)
    assert caught.value.column == column
    assert says is not None
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["(" * 5000, "not " * 4000 + "a", "(" * 60 + "a" + ")" * 60])
def test_deep_nesting_is_refused_not_crashed(text: str) -> None:
    with pytest.raises(QuestionError, match=f"more than {MAX_DEPTH} levels"):
        parse_where(text)


def test_endless_text_is_refused() -> None:
    with pytest.raises(QuestionError, match="longer than"):
        parse_where("a or " * MAX_TEXT)


fields = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(
    lambda name: name not in KEYWORDS
)
values = st.text(st.characters(codec="utf-8"), max_size=8)
comparisons = st.builds(
    lambda field, operator, value: is_(field, value, operator),
    fields,
    st.sampled_from([operator for operator in OPERATORS if operator != "="]),
    values,
)
lists = st.builds(
    lambda field, found: Comparison(field, "==", tuple(Value(value) for value in found)),
    fields,
    st.lists(values, min_size=2, max_size=3),
)
trees: st.SearchStrategy[Tree] = st.recursive(
    comparisons | lists | st.builds(Present, fields),
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(lambda found: And(tuple(found)), st.lists(parts, min_size=2, max_size=3)),
        st.builds(lambda found: Or(tuple(found)), st.lists(parts, min_size=2, max_size=3)),
    ),
    max_leaves=8,
)


def written(tree: Tree) -> str:
    """The tree as somebody would write it."""
    if isinstance(tree, And | Or):
        word = " and " if isinstance(tree, And) else " or "
        return word.join(f"({written(part)})" for part in tree.parts)
    if isinstance(tree, Not):
        return f"not ({written(tree.part)})"
    if isinstance(tree, Present):
        return tree.field
    texts = [_quoted(value.text) for value in tree.values]
    if len(texts) > 1:
        return f"{tree.field} in ({', '.join(texts)})"
    return f"{tree.field} {tree.operator} {texts[0]}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(trees)
def test_what_was_written_is_read_back(tree: Tree) -> None:
    assert bare(parse_where(written(tree))) == tree


@given(st.text(max_size=60) | st.text("ab()=<>!~,'\"\\ andornti&|", max_size=40))
def test_any_text_is_read_or_refused_with_a_column_inside_it(text: str) -> None:
    with suppress(QuestionError):
        parse_where(text)
        return
    with pytest.raises(QuestionError) as caught:
        parse_where(text)
    assert 1 <= caught.value.column <= len(text) + 1
