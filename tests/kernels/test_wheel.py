"""What is shipped: compiled kernels and their sources, never the C between them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import ringfence
from ringfence._twin import KERNELS

pytest.importorskip("setuptools", reason="the build needs it")
pytest.importorskip("Cython", reason="the build needs it")
SWITCHES = ("RINGFENCE_PURE", "RINGFENCE_REQUIRE_COMPILED", "CC")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("RINGFENCE_PURE") == "1", reason="once is enough"),
]


@pytest.fixture
def tree(root: Path, tmp_path: Path) -> Path:
    """A copy of what a release holds, nothing built."""
    copy = tmp_path / "ringfence"
    leave = shutil.ignore_patterns("*.so", "*.egg-info", "__pycache__", "build")
    shutil.copytree(root / "src", copy / "src", ignore=leave)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(root / name, copy)
    return copy


def test_pure_wheel_fits_every_machine(tree: Path) -> None:
    (tree / "src/ringfence/wire/_left.so").touch()  # from an earlier build
    wheel = _wheel(tree, RINGFENCE_PURE="1")
    assert wheel.name == f"ringfence-{ringfence.__version__}-py3-none-any.whl"
    assert _suffixes(wheel) >= {".py", ".pxd", ".typed"}
    assert not _suffixes(wheel) & {".so", ".c", ".html"}
    assert "ringfence/flow/install/systemd/ringfence-guard.service" in _names(wheel)


def test_compiled_wheel_holds_every_kernel(tree: Path) -> None:
    if not ringfence.compiled():
        pytest.skip("no compiled kernels here")
    wheel = _wheel(tree, RINGFENCE_REQUIRE_COMPILED="1")
    built = {name.split(".")[0] for name in _names(wheel) if name.endswith(".so")}
    assert built == {name.replace(".", "/") for name in KERNELS}
    assert not _suffixes(wheel) & {".c", ".html"}


def test_broken_compiler_ships_the_twin_alone(tree: Path) -> None:
    """Kernels call each other in C: some of them would be worse than none."""
    assert not _suffixes(_wheel(tree, CC="/bin/false")) & {".so"}


def test_broken_compiler_fails_where_kernels_are_required(tree: Path) -> None:
    run = _build(tree, CC="/bin/false", RINGFENCE_REQUIRE_COMPILED="1")
    assert run.returncode != 0


def test_contradicting_switches_are_refused(tree: Path) -> None:
    run = _build(tree, RINGFENCE_PURE="1", RINGFENCE_REQUIRE_COMPILED="1")
    assert run.returncode != 0
    assert "contradict each other" in run.stderr


def _wheel(tree: Path, **switches: str) -> Path:
    run = _build(tree, **switches)
    assert run.returncode == 0, run.stderr
    (wheel,) = tree.glob("*.whl")
    return wheel


def _build(tree: Path, **switches: str) -> subprocess.CompletedProcess[str]:
    """`pip wheel` with the build requirements of this environment: no network."""
    environment = {key: value for key, value in os.environ.items() if key not in SWITCHES}
    command = "wheel --no-build-isolation --no-deps --no-index --quiet --wheel-dir . ."
    return subprocess.run(
        [sys.executable, "-m", "pip", *command.split()],
        cwd=tree,
        env=environment | switches,
        capture_output=True,
        text=True,
        check=False,
    )


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def _suffixes(wheel: Path) -> set[str]:
    return {Path(name).suffix for name in _names(wheel)}
