"""Who sees every packet of an interface, and at what cost: `python -m benchmarks.live`.

Two namespaces and a wire between them. One process sends SIP at several rates, and as
fast as this machine can, on one core; each reader in turn listens on the other core.
"""

import argparse
import contextlib
import ctypes.util
import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.live_read import FILTER
from benchmarks.live_send import NETWORK, PBX
from lab.namespaces import ip, remove_leftovers

# Messages a second; 0 is as fast as it goes.
RATES = (20_000, 100_000, 200_000, 300_000, 0)
SECONDS = 3.0
# Of the run that is as fast as it goes.
MOST = 1_000_000
_MEMORY = "/dev/shm"  # noqa: S108  a folder of its own is made there
_HARDWARE = "02:00:00:00:00:01"  # of the interface that is listened to
_START_S, _SETTLE_S, _DRAIN_S, _END_S = 15.0, 1.2, 60.0, 10.0


@dataclass(frozen=True, slots=True)
class Reader:
    """One program that listens: its command, when it listens, what it says of its packets."""

    name: str
    does: str
    program: str
    package: str
    command: Callable[[Path], list[str]]  # of a folder that it may write in
    listens: re.Pattern[str]
    seen: Callable[[str], int | None]  # what it wrote to standard output and error
    is_slow: bool = False  # a minute for a million messages: at the first rate only

    def is_installed(self) -> bool:
        """Whether it can be run here."""
        return shutil.which(self.program) is not None


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One reader at one rate. `seen` is None where the program did not say."""

    reader: str
    does: str
    rate: int  # wanted; 0: as fast as it goes
    sent: int
    sent_per_s: int
    seen: int | None
    cpu_s: float
    cpu_ratio: float | None  # over ringfence, at the same rate


def _python(way: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.live_read", "eth0", "--way", way]


def _json_packets(said: str) -> int | None:
    lines = [line for line in said.splitlines() if line.startswith("{")]
    return int(json.loads(lines[-1])["packets"]) if lines else None


def _number(pattern: str) -> Callable[[str], int | None]:
    def seen(said: str) -> int | None:
        found = re.findall(pattern, said)
        return int(found[-1]) if found else None

    return seen


def _lines(said: str) -> int:
    return said.count("REGISTER\t")


_LISTENING = re.compile("listening")
RINGFENCE = Reader(
    "ringfence", "decodes every message", sys.executable, "this project", lambda _: _python("ring"),
    _LISTENING, _json_packets,
)  # fmt: skip
READERS = (
    RINGFENCE,
    Reader(
        "ringfence, detection", "decodes, charges every message to its source", sys.executable,
        "this project", lambda _: _python("tally"), _LISTENING, _json_packets,
    ),
    Reader(
        "libpcap from Python", "each packet as bytes, no SIP", sys.executable, "libpcap0.8",
        lambda _: _python("libpcap"), _LISTENING, _json_packets,
    ),
    Reader(
        "dumpcap -w", "writes each packet, no SIP", "dumpcap", "tshark",
        lambda folder: [
            "dumpcap", "-q", "-B", "32", "-i", "eth0", "-f", FILTER, "-w", str(folder / "packets")
        ],
        re.compile("File: "), _number(r"received/dropped on interface .*?: (\d+)/"),
    ),
    Reader(
        "tcpdump -w", "writes each packet, no SIP", "tcpdump", "tcpdump",
        lambda folder: [
            "tcpdump", "-B", "32768", "-n", "-i", "eth0", "-Z", "root", "-w",
            str(folder / "packets"), FILTER,
        ],
        _LISTENING, _number(r"(\d+) packets captured"),
    ),
    Reader(
        "tshark fields", "dissects, prints 3 fields of each message", "tshark", "tshark",
        lambda _: [
            "tshark", "-n", "-B", "32", "-i", "eth0", "-f", FILTER, "-l", "-T", "fields",
            "-e", "sip.Method", "-e", "sip.Call-ID", "-e", "ip.src",
        ],
        re.compile("Capturing on"), _lines, is_slow=True,
    ),
)  # fmt: skip


def is_possible() -> str:
    """Why this cannot run here; empty when it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "iproute2 is missing"
    return "" if len(os.sched_getaffinity(0)) > 1 else "it takes two cores"


def bench(
    readers: Sequence[Reader],
    rates: Sequence[int] = RATES,
    *,
    seconds: float = SECONDS,
    most: int = MOST,
    say: Callable[[str], None],
) -> list[LiveRow]:
    """Every reader at every rate."""
    rows: list[LiveRow] = []
    there = [reader for reader in readers if reader.is_installed()]
    if ctypes.util.find_library("pcap") is None:
        there = [reader for reader in there if reader.name != "libpcap from Python"]
    with _wire() as (inside, outside):
        for rate in rates:
            count = int(rate * seconds) if rate else most
            own: float | None = None
            for reader in [one for one in there if rate == rates[0] or not one.is_slow]:
                row = _run(reader, (inside, outside), rate, count, own)
                own = row.cpu_s if reader is RINGFENCE else own
                rows.append(row)
                say(
                    f"  {row.sent_per_s:8,}/s {reader.name:22} {row.seen or 0:9,} of {row.sent:9,}"
                    f" {row.cpu_s:8.3f} s cpu"
                )
    return rows


def _run(
    reader: Reader, sides: tuple[str, str], rate: int, count: int, own: float | None
) -> LiveRow:
    inside, outside = sides
    cores = sorted(os.sched_getaffinity(0))
    memory = Path(_MEMORY)  # a disk is not what is measured
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as at:
        out = Path(at, "said")
        command = ["ip", "netns", "exec", inside, *reader.command(Path(at))]
        with out.open("wb") as file:
            child = subprocess.Popen(
                ["taskset", "-c", str(cores[0]), *command], stdin=subprocess.DEVNULL, stdout=file,
                stderr=file, env=_environment(), start_new_session=True,
            )  # fmt: skip
        try:
            _wait_until(lambda: bool(reader.listens.search(_said(out))), _START_S)
            _pause(_SETTLE_S)
            sent = _send(outside, cores[-1], rate, count)
            _wait_until_silent(child.pid, _DRAIN_S)
        finally:
            used = _end(child)
        said = _said(out)
    cpu_s = used.ru_utime + used.ru_stime
    return LiveRow(
        reader=reader.name,
        does=reader.does,
        rate=rate,
        sent=int(sent["sent"]),
        sent_per_s=round(sent["sent"] / sent["seconds"]),
        seen=reader.seen(said),
        cpu_s=round(cpu_s, 3),
        cpu_ratio=1.0 if reader is RINGFENCE else round(cpu_s / own, 2) if own else None,
    )


def _end(child: subprocess.Popen[bytes]) -> resource.struct_rusage:
    """As Ctrl-C ends it, or for good; what it and its children took."""
    watch = os.pidfd_open(child.pid)
    try:
        for sign in (signal.SIGINT, signal.SIGKILL):
            os.killpg(child.pid, sign)
            if select.select([watch], [], [], _END_S)[0]:
                break
        _, _, used = os.wait4(child.pid, 0)
    finally:
        os.close(watch)
    child.returncode = 0
    return used


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONUNBUFFERED": "1"}


def _send(outside: str, core: int, rate: int, count: int) -> dict[str, float]:
    run = subprocess.run(
        ["taskset", "-c", str(core), "ip", "netns", "exec", outside, sys.executable, "-m",
         "benchmarks.live_send", "--count", str(count), "--rate", str(rate)],
        capture_output=True, text=True, check=True, env=_environment(),
    )  # fmt: skip
    found: dict[str, float] = json.loads(run.stdout)
    return found


def _said(out: Path) -> str:
    return out.read_text(errors="replace")


def _pause(seconds: float) -> None:
    select.select([], [], [], seconds)


def _wait_until(holds: Callable[[], bool], most_s: float) -> None:
    for _ in range(int(most_s / 0.05)):
        if holds():
            return
        _pause(0.05)
    raise RuntimeError("a reader does not listen")


def _wait_until_silent(process: int, most_s: float) -> None:
    """Until it and its children have had nothing to do for a while."""
    before, waited = -1, 0.0
    while waited < most_s:
        _pause(_SETTLE_S)
        waited += _SETTLE_S
        ticks = _ticks(process)
        if ticks - before <= 3:
            return
        before = ticks


def _ticks(process: int) -> int:
    """CPU time of the process group, in ticks."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == process:  # the process group
                total += int(fields[11]) + int(fields[12])
    return total


@contextlib.contextmanager
def _wire() -> Iterator[tuple[str, str]]:
    prefix = f"rfbench{os.getpid()}-"
    inside, outside = f"{prefix}in", f"{prefix}out"
    try:
        for name in (inside, outside):
            ip("netns", "add", name)
        ip("link", "add", "eth0", "address", _HARDWARE, "netns", inside, "type", "veth",
           "peer", "name", "eth0", "netns", outside)  # fmt: skip
        for name in (inside, outside):
            ip("-n", name, "link", "set", "eth0", "up")
        _give_addresses(outside)
        yield inside, outside
    finally:
        remove_leftovers(prefix)


def _give_addresses(outside: str) -> None:
    """Senders have their addresses; nobody is the phone system, so nobody answers."""
    ip("-n", outside, "link", "set", "eth0", "gso_max_segs", "1")
    ip("-n", outside, "link", "set", "lo", "up")
    ip("-n", outside, "route", "add", "local", NETWORK, "dev", "lo")
    ip("-n", outside, "route", "add", f"{PBX}/32", "dev", "eth0", "src", "198.18.0.1")
    ip("-n", outside, "neigh", "add", PBX, "lladdr", _HARDWARE, "dev", "eth0")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--rates", default=",".join(map(str, RATES)))
    parser.add_argument("--readers", default="", help="names begin so, with commas")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--most", type=int, default=MOST)
    given = parser.parse_args()
    if why := is_possible():
        raise SystemExit(why)
    names = tuple(given.readers.split(","))
    readers = [reader for reader in READERS if reader.name.startswith(names)]
    rates = [int(rate) for rate in given.rates.split(",")]
    rows = bench(
        readers, rates, seconds=given.seconds, most=given.most,
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    print(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
