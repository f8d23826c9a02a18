"""Made-up machines: files below a folder, and programs that answer what they are told to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ringfence.flow.machine import Machine, Ran
from ringfence.model.finding import Finding

MISSING = Ran(127, error="missing")
_ROUTE = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
_PORTS = "  sl  local_address rem_address   st\n"
# All of CAP_NET_ADMIN and CAP_NET_RAW, and none of both.
ROOT, NOBODY = "CapEff:\t0000000000003000\n", "CapEff:\t0000000000000000\n"


class Programs:
    """What programs answer, by the first words of their command; the longest match counts."""

    def __init__(self, answers: Mapping[str, Ran | str] | None = None) -> None:
        self.answers = dict(answers or {})
        self.calls: list[tuple[str, str]] = []

    def __call__(self, command: Sequence[str], given: str = "") -> Ran:
        words = " ".join(command)
        self.calls.append((words, given))
        matching = [key for key in self.answers if words.startswith(key)]
        if not matching:
            return MISSING
        answer = self.answers[max(matching, key=len)]
        return Ran(0, answer) if isinstance(answer, str) else answer


def machine(
    root: Path,
    files: Mapping[str, str] | None = None,
    answers: Mapping[str, Ran | str] | None = None,
    ring: str = "",
    environment: Mapping[str, str] | None = None,
) -> Machine:
    """One with these files, whose programs answer so."""
    for name, text in (files or {}).items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Machine(root, Programs(answers), lambda: ring, environment or {})


def processes(*names: str) -> dict[str, str]:
    """Files of /proc of programs that run."""
    return {
        f"/proc/{number}/{file}": text
        for number, name in enumerate(names, 100)
        for file, text in (("comm", f"{name}\n"), ("cmdline", f"/usr/sbin/{name}\0-f\0"))
    }


def listening(*ports: int, table: str = "udp") -> dict[str, str]:
    """The kernel's table of them."""
    state = "07" if table.startswith("udp") else "0A"
    rows = "".join(f"  1: 00000000:{port:04X} 00000000:0000 {state} 0\n" for port in ports)
    return {f"/proc/net/{table}": _PORTS + rows}


def network(default: str = "eth0", state: str = "up", *more: str) -> dict[str, str]:
    """Interfaces, and the route by the first of them."""
    return {
        "/proc/net/route": f"{_ROUTE}{default}\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\n",
        "/sys/class/net/lo/operstate": "unknown\n",
        f"/sys/class/net/{default}/operstate": f"{state}\n",
        **{f"/sys/class/net/{name}/operstate": "up\n" for name in more},
    }


def said(findings: Iterable[Finding]) -> list[str]:
    """Each in one line: `warn logs: Asterisk does not …`."""
    return [f"{one.state} {one.check}: {one.says}" for one in findings]
