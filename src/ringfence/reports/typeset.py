"""Templates to PDF, by typst: what a stranger wrote reaches them as JSON, never as markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Literal

# Conformance with tags: archives take it, screen readers can read it.
STANDARD: Literal["a-2a"] = "a-2a"


class PdfError(RuntimeError):
    """The PDF cannot be made, and what to do."""


def typeset(package: str, template: str, values: Mapping[str, object], what: str) -> bytes:
    """The template of a package as PDF/A; it reads the values under its own name.

    `what` it is stands in the messages. Raises PdfError where typst is missing or refuses.
    """
    try:
        import typst
    except ModuleNotFoundError as error:
        raise PdfError(
            f"{what} as PDF needs typst, which is not installed: pip install 'ringfence[pdf]'"
        ) from error
    name = template.partition(".")[0]
    with as_file(files(package) / template) as path:
        try:
            made = typst.compile(
                str(path),
                root=str(path.parent),
                format="pdf",
                sys_inputs={name: json.dumps(values)},
                ignore_system_fonts=True,
                pdf_standards=STANDARD,
            )
        except typst.TypstError as error:
            raise PdfError(f"typst made no PDF of {what}: {error}") from error
    if not isinstance(made, bytes):  # a list, were there several files
        raise PdfError(f"typst made no PDF of {what}")
    return made
