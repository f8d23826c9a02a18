"""What the figures were measured on, without saying whose machine it is."""

import os
import platform
import re
from pathlib import Path


def describe() -> dict[str, object]:
    """Processor, cores, memory, kernel and Python; no host name."""
    return {
        "cpu": _first("/proc/cpuinfo", r"model name\s*:\s*(.+)") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(_first("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0) / 2**20, 1),
        "kernel": ".".join(platform.release().split("-")[0].split(".")[:3]),
        "python": platform.python_version(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def short_name() -> str:
    """A name for result files, as "amd-epyc-2-cores"."""
    about = describe()
    words = re.findall(
        r"[a-z0-9]+", re.sub(r"\(.*?\)|@.*|processor", " ", str(about["cpu"]).lower())
    )
    return "-".join([*words[:4], f"{about['cores']}-cores"])


def available_octets() -> int:
    """How much a page cache may still take."""
    return int(_first("/proc/meminfo", r"MemAvailable:\s*(\d+)") or 0) * 1024


def _first(path: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    except OSError:
        return None
    return found[1].strip() if found else None
