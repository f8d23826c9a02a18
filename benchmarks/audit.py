"""How long an audit takes: phone systems of 5,000 extensions, in each format.

    python -m benchmarks.audit [--extensions 5000]

Reading is timed alone; the whole audit where it is there.
"""

import argparse
import importlib
import importlib.util
import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe
from ringfence.audit.reading import read
from ringfence.model.pbx import System
from tests.audit.pbxs import generated

WHOLE = "ringfence.flow.auditing"


def figures(extensions: int) -> dict[str, tuple[float, float | None]]:
    """Seconds of reading and of the whole audit, by format."""
    whole = importlib.import_module(WHOLE).audit if importlib.util.find_spec(WHOLE) else None
    found: dict[str, tuple[float, float | None]] = {}
    for system in System:
        with tempfile.TemporaryDirectory() as folder:
            path = generated(system, extensions, Path(folder)).path
            began = time.perf_counter()
            (pbx,) = read([path])
            reading_s = time.perf_counter() - began
            assert len(pbx.extensions) == extensions, system
            audit_s = None
            if whole is not None:
                began = time.perf_counter()
                whole([path])
                audit_s = time.perf_counter() - began
            found[system.value] = (reading_s, audit_s)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extensions", type=int, default=5000)
    extensions = parser.parse_args().extensions
    print(describe()["cpu"])
    for name, (reading_s, audit_s) in figures(extensions).items():
        whole = "" if audit_s is None else f", whole audit {audit_s:.2f} s"
        print(f"{name}: {extensions:,} extensions read in {reading_s:.2f} s{whole}")


if __name__ == "__main__":
    main()
