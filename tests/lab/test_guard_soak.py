"""What a soak's samples say."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from lab.guard.soak import FLAT_OCTETS, Sample, Verdict, judge, told, used

MIB = 1 << 20
FIRST = Sample(0.0, 100 * MIB, 0, 1.0, 1000, 1000, 0, 0, {}, 0.0, 0.0, "")


def samples(grown: float = 0.0, **last: object) -> list[Sample]:
    """A hundred seconds; memory rises for the first half, and by `grown` MiB in the second."""
    made = [
        replace(
            FIRST, at_s=float(n), rss=round((min(n, 50) + max(0, n - 50) * grown / 50) * MIB),
                messages=1000 + 5000 * n, counted=1000 + 5000 * n, cpu_s=1 + n / 4)
        for n in range(101)
    ]  # fmt: skip
    return [*made[:-1], replace(made[-1], **last)]  # type: ignore[arg-type]


def verdict(made: list[Sample], hurts: int = 0) -> Verdict:
    return judge(made, 9, 300, hurts)


def test_memory_that_rises_and_then_stays_is_flat() -> None:
    found = verdict(samples())
    assert found.is_flat
    assert found.is_well
    assert (found.a_second, found.cpu_share, found.lost, found.unseen) == (5000.0, 0.25, 0, 0)


def test_memory_that_goes_on_rising_is_not() -> None:
    found = verdict(samples(grown=2.5 * FLAT_OCTETS / MIB))
    assert not found.is_flat
    assert "NOT FLAT" in told(found)


@pytest.mark.parametrize("last", [{"lost": 1}, {"counted": 1000 + 5000 * 100 + 1}])
def test_one_packet_that_was_lost_is_not_well(last: dict[str, int]) -> None:
    assert not verdict(samples(**last)).is_well


def test_one_user_who_was_hurt_is_not_well() -> None:
    assert not verdict(samples(), hurts=1).is_well


def test_memory_and_time_of_a_group_are_those_of_its_processes() -> None:
    rss, children, cpu_s = used(os.getpgrp())
    assert rss + children > MIB
    assert cpu_s > 0
