"""The interpreted twin runs where it must, and needs nothing that compiled kernels brought."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import ringfence
from ringfence._twin import KERNELS

IMPORT_ALL = f"import importlib; modules = [importlib.import_module(n) for n in {KERNELS!r}]"


def test_pure_at_run_time_hides_the_compiled_kernels() -> None:
    code = f"{IMPORT_ALL}; print({{m.__file__[-3:] for m in modules}})"
    assert _python(code, RINGFENCE_PURE="1") == "{'.py'}"


def test_pure_is_told_before_a_kernel_loads() -> None:
    code = "import ringfence; print(*ringfence.interpreted())"
    assert _python(code, RINGFENCE_PURE="1") == " ".join(KERNELS)


def test_twin_runs_without_cython() -> None:
    code = f"import sys; sys.modules['cython'] = None; {IMPORT_ALL}; print('Cython' in sys.modules)"
    assert _python(code, RINGFENCE_PURE="1") == "False"


def test_compiled_kernels_do_not_load_cython() -> None:
    """Cython at run time would be dragged into every frozen build."""
    code = f"{IMPORT_ALL}; import sys; print('Cython' in sys.modules)"
    if not ringfence.compiled():
        pytest.skip("no compiled kernels here, or interpreted on purpose")
    assert _python(code) == "False"


def test_asking_what_is_compiled_loads_no_kernel() -> None:
    code = (
        "import sys, ringfence; ringfence.compiled();"
        " print([n for n in ringfence._twin.KERNELS if n in sys.modules])"
    )
    assert _python(code) == "[]"


def _python(code: str, **more: str) -> str:
    """Standard output of a fresh interpreter."""
    environment = {key: value for key, value in os.environ.items() if key != "RINGFENCE_PURE"}
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()
