"""What is built is what stands in the source."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ringfence

if TYPE_CHECKING:
    from tests.kernels.conftest import Kernel

PURE = os.environ.get("RINGFENCE_PURE") == "1"


def test_no_kernel_is_older_than_its_source(
    kernel: Kernel, all_kernels: list[Kernel], inlined: list[Kernel]
) -> None:
    """After an edit, import goes on giving the old code."""
    built = _built(kernel)
    sources = [kernel.py, *(other.pxd for other in all_kernels + inlined if _uses(kernel, other))]
    newer = [path.name for path in sources if path.stat().st_mtime > built.stat().st_mtime]
    assert newer == [], "compile again: make install"


def test_kernels_are_compiled_where_that_is_required() -> None:
    if os.environ.get("RINGFENCE_REQUIRE_COMPILED") != "1":
        pytest.skip("RINGFENCE_REQUIRE_COMPILED is not set")
    assert ringfence.interpreted() == ()


def test_list_and_files_agree(all_kernels: list[Kernel]) -> None:
    """A kernel compares `cython.compiled`; what has only a .pxd is inlined into kernels."""
    src = Path(ringfence.__file__).parent
    claim = {path for path in src.rglob("_*.py") if "cython.compiled" in path.read_text()}
    assert claim == {kernel.py for kernel in all_kernels}
    assert [kernel.name for kernel in all_kernels if not kernel.pxd.is_file()] == []


def test_every_declaration_has_its_source(all_kernels: list[Kernel], inlined: list[Kernel]) -> None:
    assert [kernel.name for kernel in all_kernels + inlined if not kernel.py.is_file()] == []


def test_no_kernel_is_left_from_a_source_that_is_gone(all_kernels: list[Kernel]) -> None:
    known = {kernel.py.stem for kernel in all_kernels}
    built = Path(ringfence.__file__).parent.rglob("*.so")
    assert [path.name for path in built if path.name.split(".")[0] not in known] == []


def _built(kernel: Kernel) -> Path:
    if PURE:
        pytest.skip("interpreted on purpose")
    spec = importlib.util.find_spec(kernel.name)
    assert spec is not None
    assert spec.origin is not None
    if spec.origin.endswith(".py"):
        pytest.skip("kernels are not compiled here")
    return Path(spec.origin)


def _uses(kernel: Kernel, other: Kernel) -> bool:
    return kernel == other or f"from {other.name} cimport" in kernel.declarations
