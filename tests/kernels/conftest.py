"""The kernels as files: each .py with the .pxd that gives it C types."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from ringfence._twin import KERNELS

SRC = Path(__file__).resolve().parents[2] / "src"

_COMMENT = re.compile(r"#[^\n]*")
_CONTINUED = re.compile(r"\([^()]*\)", re.DOTALL)


@dataclass(frozen=True)
class Declared:
    """One function of a .pxd: its locals named by @cython.locals, its parameters."""

    name: str
    parameters: tuple[str, ...]
    local: tuple[str, ...]
    nogil: bool
    owner: str = ""  # class that holds it


@dataclass(frozen=True)
class Kernel:
    """A .py and its .pxd, read as text: nothing is imported."""

    name: str

    @property
    def py(self) -> Path:
        return SRC / (self.name.replace(".", "/") + ".py")

    @property
    def pxd(self) -> Path:
        return self.py.with_suffix(".pxd")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.py.read_text())

    @cached_property
    def declarations(self) -> str:
        """The .pxd without comments, each bracket on one line."""
        text = _COMMENT.sub("", self.pxd.read_text())
        return _CONTINUED.sub(lambda found: " ".join(found[0].split()), text)

    def functions(self) -> list[Declared]:
        """What the .pxd declares to be a C function."""
        found, local, owner = [], (), ""
        for line in self.declarations.splitlines():
            if line and not line[0].isspace():
                owner = ""
            if opened := re.match(r"cdef class (\w+)", line):
                owner = opened[1]
            elif named := re.match(r"\s*@cython\.locals\((.*)\)", line):
                local = tuple(re.findall(r"(\w+)\s*=", named[1]))
            elif declared := re.match(r"\s*c(?:p?)def [^=(]*?(\w+)\(([^)]*)\)(.*)", line):
                found.append(_function(declared, local, owner))
                local = ()
        return found

    def constants(self) -> list[str]:
        """Module-level C variables: left unassigned they would be 0, without a word."""
        return re.findall(
            r"^cdef (?!class|enum|extern|inline)[^(:\n]*?(\w+)$", self.declarations, re.MULTILINE
        )

    def attributes(self) -> dict[str, list[str]]:
        """C attributes of each class."""
        found: dict[str, list[str]] = {}
        for line in self.declarations.splitlines():
            if opened := re.match(r"cdef class (\w+)", line):
                fields = found.setdefault(opened[1], [])
            elif line and not line[0].isspace():
                fields = []
            elif field := re.match(r"\s+cdef [^(]*?(\w+)$", line):
                fields.append(field[1])
        return found


def _function(declared: re.Match[str], local: tuple[str, ...], owner: str) -> Declared:
    parameters = tuple(part.split("=")[0].split()[-1] for part in declared[2].split(",") if part)
    return Declared(declared[1], parameters, local, "nogil" in declared[3], owner)


@pytest.fixture(params=KERNELS, ids=lambda name: name.removeprefix("ringfence."))
def kernel(request: pytest.FixtureRequest) -> Kernel:
    """Each compiled kernel in turn."""
    return Kernel(request.param)


@pytest.fixture(scope="session")
def all_kernels() -> list[Kernel]:
    """All compiled kernels."""
    return [Kernel(name) for name in KERNELS]


@pytest.fixture(scope="session")
def inlined() -> list[Kernel]:
    """Files with a .pxd that are no kernels: C constants and functions inlined into kernels."""
    names = (".".join(path.relative_to(SRC).with_suffix("").parts) for path in SRC.rglob("*.pxd"))
    return [Kernel(name) for name in sorted(set(names) - set(KERNELS))]
