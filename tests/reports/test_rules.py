"""Rules of pictures, kept to their pictures."""

from __future__ import annotations

from ringfence.reports.rules import coloured, scoped

RULES = """
text, .a b { fill: red } .c { fill: VAR(ink) }
@media (prefers-color-scheme: dark) {
.a { fill: VAR(alarm-ground) }
}
"""


def test_each_selector_gets_the_class() -> None:
    assert scoped(RULES, "x").split("\n") == [
        "",
        ".x text, .x .a b { fill: red }",
        ".x .c { fill: VAR(ink) }",
        "@media screen and (prefers-color-scheme: dark) {",
        ".x .a { fill: VAR(alarm-ground) }",
        "}",
        "",
    ]


def test_colours_are_variables_of_the_page_or_values() -> None:
    assert "var(--alarm-ground)" in coloured(RULES)
    assert "fill: #123456" in coloured(RULES, {"ink": "#123456", "alarm-ground": "#000000"})
