"""Inner lines of kernels must not talk to Python: Cython's yellow pages, as a test."""

from __future__ import annotations

import ast
import os
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernels.conftest import Kernel

# Cython counts 2 for each call that can raise (a bounds check, a checked call),
# 5 for each call into Python. Four checked reads in a line are fine; one list is not.
MAX_SCORE = 8

# Lines that may score more: (kernel, source line) -> why.
EXCEPTIONS: dict[tuple[str, str], str] = {}

_LINE = re.compile(r'<pre class="cython line score-(\d+)".*?<span class="">(\d+)</span>: ')


@pytest.fixture(scope="module")
def pages(root: Path, all_kernels: list[Kernel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of annotated pages of all kernels."""
    if os.environ.get("RINGFENCE_PURE") == "1":
        pytest.skip("interpreted on purpose")
    build = pytest.importorskip("Cython.Build", reason="no Cython to annotate with")
    folder = tmp_path_factory.mktemp("yellow")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        build.cythonize(
            [str(kernel.py.relative_to(root)) for kernel in all_kernels],
            build_dir=str(folder),
            include_path=["src"],
            compiler_directives=_directives(root),
            annotate=True,
            force=True,
            quiet=True,
        )
    return folder


def test_inner_lines_stay_in_c(kernel: Kernel, pages: Path) -> None:
    scores = _scores(kernel, pages)
    source = kernel.py.read_text().splitlines()
    yellow = {
        (line, source[line - 1].strip()): scores[line]
        for line in _inner_lines(kernel)
        if scores.get(line, 0) > MAX_SCORE
    }
    assert {
        key: score for key, score in yellow.items() if (kernel.py.stem, key[1]) not in EXCEPTIONS
    } == {}


def test_exceptions_are_still_needed(all_kernels: list[Kernel]) -> None:
    lines = {
        (k.py.stem, line.strip()) for k in all_kernels for line in k.py.read_text().splitlines()
    }
    assert [key for key in EXCEPTIONS if key not in lines] == []


def _scores(kernel: Kernel, pages: Path) -> dict[int, int]:
    page = next(pages.rglob(f"{kernel.py.stem}.html")).read_text()
    scores = {int(line): int(score) for score, line in _LINE.findall(page)}
    assert len(scores) >= len(kernel.py.read_text().splitlines()) - 1, (
        "Cython's page reads otherwise now"
    )
    return scores


def _inner_lines(kernel: Kernel) -> list[int]:
    """Lines inside functions that are declared nogil, without their `def`."""
    inner = {(declared.owner, declared.name) for declared in kernel.functions() if declared.nogil}
    return [
        line
        for node in kernel.tree.body
        if isinstance(node, ast.FunctionDef) and ("", node.name) in inner
        for line in range(node.body[0].lineno, (node.end_lineno or 0) + 1)
    ]


def _directives(root: Path) -> dict[str, object]:
    """DIRECTIVES of setup.py, read without running it."""
    for node in ast.parse((root / "setup.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DIRECTIVES":
            found: dict[str, object] = ast.literal_eval(node.value)
            return found
    raise AssertionError("setup.py has no DIRECTIVES")
