"""`python -m tests.blind [NAME...]`: investigate every capture, print what differs from its label."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from ringfence.flow import investigate
from tests.blind.label import complaints
from tests.blind.roster import build, names
from tests.wire_cases.files import Pcap


def main(asked: list[str]) -> int:
    """Exit status: 0 all agree, 1 some differ."""
    failed, count = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names():
            if asked and not any(part in name for part in asked):
                continue
            began = time.perf_counter()
            capture = build(name)
            packets = capture.packets
            path = Path(folder) / f"{name}.pcap"
            path.write_bytes(Pcap().file(packets))
            made = time.perf_counter()
            found = list(complaints(capture, investigate([str(path)])))
            path.unlink()
            count += 1
            failed += bool(found)
            took = f"{len(packets)} packets, made in {made - began:.1f} s, {time.perf_counter() - made:.1f} s"
            print(f"{'FAIL' if found else 'ok  '} {name} ({took})")  # noqa: T201
            for line in found:
                print(f"       {line}")  # noqa: T201
    print(f"{failed} of {count} differ")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
