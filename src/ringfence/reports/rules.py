"""Rules of style for pictures: coloured, and kept to pictures of one class."""

from __future__ import annotations

import re


def coloured(rules: str, colours: dict[str, str] | None = None) -> str:
    """VAR(ink) as one of these colours, or as a variable of the page."""
    return re.sub(
        r"VAR\(([\w-]+)\)",
        lambda found: colours[found[1]] if colours else f"var(--{found[1]})",
        rules,
    )


def scoped(rules: str, of_class: str) -> str:
    """The same for pictures of this class alone; what is for dark screens is not for paper."""
    return re.sub(
        r"^([^@}\n][^{\n]*)\{",
        lambda rule: ", ".join(f".{of_class} {s.strip()}" for s in rule[1].split(",")) + " {",
        rules.replace("} .", "}\n."),
        flags=re.MULTILINE,
    ).replace("@media (", "@media screen and (")
