"""The compiled kernels and their interpreted twins: which there are, which one loads.

An extension module hides the .py beside it. RINGFENCE_PURE=1 at run time puts a
path hook first that knows .py files only, for folders of this package: the twin
runs although the extension is there. `setup.py` reads KERNELS from this file
without importing the package, so nothing here may import a part of it.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, FileFinder, SourceFileLoader

KERNELS = (
    "ringfence.detect._calls",
    "ringfence.detect._join",
    "ringfence.detect._tally",
    "ringfence.detect._touched",
    "ringfence.wire._batch",
    "ringfence.wire._pcap",
    "ringfence.wire._packet",
    "ringfence.wire._sip",
    "ringfence.wire._parts",
    "ringfence.wire._ring",
)

_PACKAGE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  pathlib costs 5 ms of start-up


def force() -> None:
    """Let every kernel load as its interpreted twin, if RINGFENCE_PURE=1."""
    if os.environ.get("RINGFENCE_PURE") != "1" or _sources_only in sys.path_hooks:
        return
    sys.path_hooks.insert(0, _sources_only)
    for path in [path for path in sys.path_importer_cache if path.startswith(_PACKAGE)]:
        del sys.path_importer_cache[path]


def interpreted() -> tuple[str, ...]:
    """Names of the kernels that load as plain Python."""
    return tuple(name for name in KERNELS if not _is_extension(name))


def _is_extension(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and (spec.origin or "").endswith(tuple(EXTENSION_SUFFIXES))


def _sources_only(path: str) -> FileFinder:
    if not os.path.abspath(path).startswith(_PACKAGE):  # noqa: PTH100
        raise ImportError(path)
    return FileFinder(path, (SourceFileLoader, [".py"]))
