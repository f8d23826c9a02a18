"""No input costs more than in proportion to its size: work is counted, never timed."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Twice the input may cost twice the work and a little; what is smaller is fixed cost.
MOST = 2.2
FIXED = 400


@pytest.fixture(scope="module")
def measured(root: Path) -> dict[str, list[int]]:
    """Work of every attack at n, 2n and 4n; the interpreted twins have lines to count."""
    run = subprocess.run(
        [sys.executable, "-m", "fuzz.work"],
        cwd=root, env=os.environ | {"RINGFENCE_PURE": "1"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found: dict[str, list[int]] = json.loads(run.stdout)
    return found


def test_twice_the_input_costs_twice_the_work(measured: dict[str, list[int]]) -> None:
    steep = {
        name: work
        for name, work in measured.items()
        for less, more in itertools.pairwise(work)
        if more > MOST * less + FIXED
    }
    assert steep == {}


def test_every_decoder_is_attacked(measured: dict[str, list[int]]) -> None:
    attacked = {name.partition(":")[0] for name in measured}
    assert attacked >= {
        "asterisk_events", "asterisk_log", "capture", "capture in pieces", "connections", "esl",
        "fragments", "freeswitch_log", "hep", "kamailio_log", "mail", "message", "packed",
        "packet", "redaction", "sip", "sipvicious", "stream", "tcp", "text", "threecx_events",
        "watch",
    }  # fmt: skip


def test_quadratic_work_would_be_seen() -> None:
    """The counter itself: a loop in a loop must stand out."""
    from fuzz.work import Count

    def square(n: int) -> int:
        total = 0
        for _ in range(n):
            for _ in range(n):
                total += 1
        return total

    def lines(n: int) -> int:
        count = Count(everywhere=True)
        with count:
            square(n)
        return count.total

    assert lines(40) > 3 * lines(20)
