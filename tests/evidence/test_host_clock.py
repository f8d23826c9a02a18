"""What the kernel says of the clock."""

from __future__ import annotations

import sys

import pytest

from ringfence.evidence.host_clock import host_clock, read_host_clock
from ringfence.model.evidence import HostClock


@pytest.mark.parametrize(("state", "status"), [(5, 0), (0, 0x40), (5, 0x2040)])
def test_a_clock_that_nobody_holds_to_the_time_has_no_offset(state: int, status: int) -> None:
    assert host_clock(state, status, 123, 456) == HostClock(synchronised=False)


def test_offsets_are_seconds_whatever_unit_the_kernel_uses() -> None:
    assert host_clock(0, 0x2001, -1_500_000, 2_000) == HostClock(True, -0.0015, 0.002)
    assert host_clock(0, 0x0001, -1_500, 2_000) == HostClock(True, -0.0015, 0.002)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux")
def test_this_host_answers() -> None:
    assert read_host_clock().synchronised in (True, False)


def test_elsewhere_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    assert read_host_clock() == HostClock()
