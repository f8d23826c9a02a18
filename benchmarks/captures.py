"""The captures of a run: ordered from the generator in a process of its own, warmed, cut."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import warm

ROOT = Path(__file__).resolve().parent.parent
SLICE_PACKETS = 20_000


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture file and what is in it."""

    name: str
    path: Path
    truth: dict[str, Any]

    @property
    def messages(self) -> int:
        """SIP messages in it."""
        return int(self.truth["sip_messages"])


def ordered(size: str, **options: object) -> Capture:
    """The capture of this size (and seed, format, shape, sources), from the cache or made now."""
    # In a process of its own: NumPy in this one would count into each child's peak memory.
    arguments = [f"--{name}={value}" for name, value in options.items()]
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.generate", f"--size={size}", *arguments],
        cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    path = Path(made.stdout.strip())
    warm(path)
    return Capture(size, path, json.loads(truth_path(path).read_text()))


def truth_path(capture: Path) -> Path:
    """Where the truth of a capture lies."""
    return capture.with_name(capture.name + ".json")


def first_packets(capture: Capture, number: int = SLICE_PACKETS) -> Capture:
    """The first packets of a capture, cut with tcpdump; CalledProcessError without it."""
    path = capture.path.with_name(f"{capture.path.stem}-first-{number}.pcap")
    subprocess.run(
        ["tcpdump", "-r", str(capture.path), "-c", str(number), "-w", str(path)],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    # Only the calls are answered on media ports: all that has port 5060 is SIP.
    listed = subprocess.run(
        ["tcpdump", "-nn", "-q", "-r", str(path), "port 5060 or (vlan and port 5060)"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    messages = listed.stdout.count(b"\n")
    return Capture(f"{number} packets", path, {"sip_messages": messages, "packets": number})
