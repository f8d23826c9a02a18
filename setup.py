"""Build of the compiled kernels; everything else stands in pyproject.toml.

RINGFENCE_PURE=1              no kernels: the interpreted twin alone
RINGFENCE_REQUIRE_COMPILED=1  a build without kernels fails
RINGFENCE_ANNOTATE=1          Cython's yellow pages, below build/
Otherwise kernels are built where a C compiler is at hand.
"""

from __future__ import annotations

import os
import runpy
import sys
import warnings
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
KERNELS: tuple[str, ...] = runpy.run_path(str(ROOT / "src/ringfence/_twin.py"))["KERNELS"]

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": True,  # the octets are hostile
    "wraparound": False,
    "initializedcheck": False,
    "cdivision": True,
    "annotation_typing": False,  # C types come from the .pxd alone; annotations are for mypy
    "show_performance_hints": False,
}
FLAGS = ["-O3", "-finline-limit=2000", "-g0", "-Wall", "-Wextra", "-Wsign-compare"]
# Each packet passes some thirty small functions of these two. GCC stops inlining when a file
# has grown by two fifths; let it go on (6 % of decoding, for 20 s of a build).
INLINED = ("ringfence.wire._packet", "ringfence.wire._pcap")
INLINE = ["--param=inline-unit-growth=300", "--param=large-function-growth=1000"]

PURE = os.environ.get("RINGFENCE_PURE") == "1"
REQUIRED = os.environ.get("RINGFENCE_REQUIRE_COMPILED") == "1"
if PURE and REQUIRED:
    sys.exit("RINGFENCE_PURE=1 and RINGFENCE_REQUIRE_COMPILED=1 contradict each other: unset one")


class BuildKernels(build_ext):
    """All kernels or none: they call each other in C, so half of them would not load."""

    def run(self) -> None:
        try:
            super().run()
        except Exception as error:  # a compiler fails in many types
            if REQUIRED:
                raise
            _warn(error)
            self._take_back()

    def _take_back(self) -> None:
        for extension in self.extensions:
            built = self.get_ext_filename(extension.name)
            for base in (Path(self.build_lib), ROOT / "src"):
                (base / built).unlink(missing_ok=True)
        self.extensions = []


def kernels() -> list[Extension]:
    """The extensions to build; none in pure mode or without a Cython that can translate them."""
    if PURE:
        return []
    try:
        return _translated()
    except Exception as error:  # Cython missing, too old or too new
        if REQUIRED:
            raise
        _warn(error)
        return []


def _translated() -> list[Extension]:
    from Cython.Build import cythonize  # pure builds do without

    extensions = [
        Extension(
            name,
            [f"src/{name.replace('.', '/')}.py"],
            extra_compile_args=FLAGS + INLINE * (name in INLINED),
        )
        for name in KERNELS
    ]
    annotate = os.environ.get("RINGFENCE_ANNOTATE") == "1"
    made: list[Extension] = cythonize(
        extensions,
        build_dir="build",
        include_path=["src"],
        compiler_directives=DIRECTIVES,
        annotate=annotate,
        force=annotate,
        quiet=True,
    )
    return made


def _warn(error: BaseException) -> None:
    warnings.warn(f"ringfence runs interpreted, and slower: {error}", stacklevel=2)


setup(ext_modules=kernels(), cmdclass={"build_ext": BuildKernels})
